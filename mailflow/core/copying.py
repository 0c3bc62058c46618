"""A copy of a case for the CLB dossier (kopie): who may have it, and what stands in it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mailflow.core.case import Case
from mailflow.core.lifecycle import Party, State
from mailflow.core.rules import Rules
from mailflow.core.shown import Row

AFTER_ALL_LEFT = timedelta(minutes=1)
"""The copy of a case that ends is made so long after the pause: the last letters have left, and an "oeps" has come."""


@dataclass(frozen=True, kw_only=True)
class SentLetter:
    """A letter of ours about the case that left."""

    to: str
    """referrer, provider, desk, sender or clb."""
    address: str
    at: datetime
    subject: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Copied:
    """One letter as it stands in the copy."""

    day: str
    subject: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Copy:
    """All that the copy says, worded for people (Dutch)."""

    reference: str
    desk: str
    made: str
    facts: tuple[Row, ...]
    form: tuple[Row, ...]
    timeline: tuple[Row, ...]
    letters: tuple[Copied, ...]


def may_have(case: Case) -> bool:
    """Whether there is anybody to have it: the CLB worker behind the referral, and nobody else."""
    return case.has_referrer and not case.erased and case.state is not State.UNCONFIRMED


def comes_at_its_end(case: Case, rules: Rules) -> bool:
    """Whether a copy goes out now that it ended: where its provider answered, and no follow-on goes on with it."""
    ended = case.state in (State.CLOSED, State.WITHDRAWN) and any(h.by is Party.PROVIDER for h in case.history)
    return rules.desk.copy_at_end and ended and may_have(case)
