"""What is wrong with the configuration, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process

SEE_SHIPPED = "The comments in the shipped file say what may stand there."

_NEAR = 70.0  # of 100: one or two letters off, or one word of two


@dataclass(frozen=True)
class Problem:
    """One thing that keeps mailflow from starting: in which file, at which key, what is wrong and what to do."""

    file: str
    key: str
    """For example `provider[2].regions` (lists are counted from 1), `line 7`, or "" for the file as a whole."""
    what: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.key}" if self.key else self.file
        return f"{place}: {self.what}. {self.remedy}"


class ConfigError(Exception):
    """The configuration cannot be used; *problems* holds everything that is wrong with it, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(dict.fromkeys(problems))
        super().__init__(render_problems(self.problems))


def render_problems(problems: Iterable[Problem]) -> str:
    """The problems as one text for a person, a line each."""
    return "\n".join(("mailflow cannot start:", *(f"  {one}" for one in problems)))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that *word* is most likely a slip of, or None when nothing comes near."""
    found = process.extractOne(word[:100], list(known), scorer=fuzz.ratio, score_cutoff=_NEAR)
    return str(found[0]) if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The remedy for a word that is not one of *known*."""
    names = [name for name in known if name]
    if near := nearest(word, names):
        return f"Did you mean {near}?"
    return f"Write one of: {', '.join(names)}." if names else "Take it out."
