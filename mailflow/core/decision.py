"""What a decision is: all that happens now, kept in one transaction or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from mailflow.core.case import Case, Happened
from mailflow.core.house import HouseDecision
from mailflow.core.kept_signal import Signal
from mailflow.core.known_senders import Remembered
from mailflow.core.letters import Letter
from mailflow.core.survey import SurveyAnswer


class Outcome(StrEnum):
    """What became of a mail."""

    REFERRAL = "referral"
    """It opened a case."""
    REPLY = "reply"
    """It came from a party of a case."""
    OTHER = "other"
    """No referral: passed on to the meldpunt worker."""
    ANSWERED = "answered"
    """It asked for the blank form or the offer."""
    HELD = "held"
    """Nobody but the desk can say what it is: the holding pen."""
    QUARANTINED = "quarantined"
    SETTLED = "settled"
    """It was held or in quarantine, and the desk has dealt with it."""
    MACHINE = "machine"


@dataclass(frozen=True)
class ProviderMark:
    """A provider reported that it is full until that day (included), or None: it has places again."""

    key: str
    full_until: date | None


@dataclass(frozen=True)
class Settled:
    """A mail that waited for the desk, and what became of it."""

    mail_id: int
    outcome: Outcome


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What happens now: all of it is kept in one transaction, or nothing."""

    case: Case | None = None
    """The case after the new events; None when the mail concerns no case."""
    opens: bool = False
    """Whether *case* is a new one, that still needs its reference."""
    seen: int = 0
    """The number of events that this was decided on."""
    events: tuple[Happened, ...] = ()
    letters: tuple[Letter, ...] = ()
    """In the order of their LETTER_WRITTEN events; for a mail without a case: letters of no case."""
    voids: tuple[int, ...] = ()
    """Numbers of letters that have not left and must not leave any more."""
    release_at: datetime | None = None
    """A `release` is due then."""
    copy_at: datetime | None = None
    """A `copy` is due then."""
    marks: tuple[ProviderMark, ...] = ()
    settles: tuple[Settled, ...] = ()
    """Mails that were held or in quarantine, beside the one that came."""
    remembers: Remembered | None = None
    """A sender of whom the desk said what its mails are from now on."""
    signals: tuple[Signal, ...] = ()
    """What the working group is to hear of."""
    survey: SurveyAnswer | None = None
    """What a CLB answered to the yearly survey."""
    house: HouseDecision = field(default_factory=HouseDecision)
    """What the desk ordered about no single case."""
    outcome: Outcome | None = None
    trace: tuple[str, ...] = ()
    others: tuple["Decision", ...] = ()
    """What the same occasion does to other cases, each at most once here: kept in the same transaction."""

    @property
    def whole(self) -> tuple["Decision", ...]:
        """This decision and what it does to other cases, in the order in which they are kept."""
        return (self, *self.others)

    def referenced(self, references: Sequence[str]) -> "Decision":
        """The same decision once its new cases have these references, one each in the order of *whole*.

        Events that name the next new case behind their own by OPENED name it by its reference.
        """
        given = iter(references)
        parts = [_named(one, next(given)) if one.opens else one for one in self.whole]
        opened = [one.case.reference if one.opens and one.case else "" for one in parts]
        main, *others = (_told(one, next(filter(None, opened[n:]), "")) for n, one in enumerate(parts, start=1))
        return replace(main, others=tuple(others))


OPENED = "opened"
"""Stands in the codes of an event for the reference of the case that the same decision opens."""


def _named(decision: Decision, reference: str) -> Decision:
    if decision.case is None:
        raise ValueError("a decision that opens a case has one")
    return replace(decision, case=replace(decision.case, reference=reference))


def _told(decision: Decision, opened: str) -> Decision:
    if decision.case is None or not any(OPENED in h.codes.values() for h in decision.events):
        return replace(decision, others=())
    events = tuple(
        replace(h, codes={k: opened if v == OPENED else v for k, v in h.codes.items()}) for h in decision.events
    )
    history = (*decision.case.history[: decision.seen], *events)
    return replace(decision, others=(), events=events, case=replace(decision.case, history=history))
