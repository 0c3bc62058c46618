"""What did this person answer? Certain, or asked back: a wrong state is worse than a question."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """Words that mean an action when *roles* write them; answers.toml holds them with examples."""

    action: str
    roles: frozenset[str]
    """provider, referrer, desk."""
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Words:
    """Everything answers.toml says."""

    phrases: tuple[Phrase, ...] = ()
    negations: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Understood:
    """*action* is the one that moves the state, *also* the other facts of the same mail."""

    action: str
    evidence: str
    """The words of the mail that say so."""
    day: date | None = None
    also: tuple[str, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Unclear:
    """Nobody may guess here; *why* is for people."""

    why: str


def read_answer(written: str, role: str, words: Words, *, today: date) -> Understood | Unclear: ...
