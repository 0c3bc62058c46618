"""One line of the table that chaos prints."""

from dataclasses import dataclass

SEED = 20261129
"""The same faults at every run."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A fault, and what came of it."""

    fault: str
    how: str
    times: int
    accepted: int = 0
    """Mails that got their 250, or were moved out of the inbox."""
    lost: int = 0
    doubled: int = 0
    """Two different letters, or two cases, where one was meant."""
    seen: str
    """What a person saw of it."""
    wrong: tuple[str, ...] = ()
    """Whatever else was not as it should be."""
