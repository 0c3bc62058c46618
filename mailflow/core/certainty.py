"""How sure must the second reader be? The thresholds of [second_reader] in answers.toml."""

from collections.abc import Mapping

CERTAIN, DOUBTFUL = 0.92, 0.3
"""From which likelihood on it may tell what no wording knows; below which it doubts what a wording says.

No labelled mail counts as wholly sure where it learns, so that it says more than 0.98 of one in twenty.
"""
LESS, MORE = 0.1, 0.03
"""So much less is enough for what decides nothing; so much more is needed where something is against it.

Twice as much more where it sends a referral on its way.
"""


def thresholds_in(table: object, problems: list[str]) -> tuple[float, float]:
    """*certain* and *doubtful* of [second_reader] in answers.toml; what is wrong with it is added to *problems*."""
    given = table if isinstance(table, Mapping) else {}
    if given is not table:
        problems.append("second_reader: must be a table")
    problems += [f"second_reader.{key}: unknown key" for key in given if key not in ("certain", "doubtful")]
    return _share(given, "certain", CERTAIN, problems), _share(given, "doubtful", DOUBTFUL, problems)


def _share(given: Mapping[str, object], key: str, otherwise: float, problems: list[str]) -> float:
    value = given.get(key, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        problems.append(f"second_reader.{key}: must be a number from 0 to 1")
        return otherwise
    return float(value)


CODED = ":"
"""Between an action and its code, where the weights know both: "outcome:goal_reached"."""
