"""What can be decided upon, what a decision is, and how one is put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from mailflow.core.case import Case, Happened, filled_in, then
from mailflow.core.copying import AFTER_ALL_LEFT, SentLetter, comes_at_its_end, may_have
from mailflow.core.house import HouseDecision, LookedUp
from mailflow.core.kept_signal import Signal
from mailflow.core.known_senders import Remembered
from mailflow.core.letters import LETTERS, Kind, Letter, When
from mailflow.core.lifecycle import ENDS, Event, Party
from mailflow.core.mail import Reading
from mailflow.core.pupil import Earlier, Pupil
from mailflow.core.retention import What
from mailflow.core.rules import Rules
from mailflow.core.survey import SurveyAnswer
from mailflow.core.understand import Understanding


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


@dataclass(frozen=True, kw_only=True)
class MailCame:
    """A mail was read; *case* of the decision is the one that it names, if that exists."""

    mail_id: int
    """0 for a line that was typed on this machine."""
    reading: Reading
    understanding: Understanding
    full: frozenset[str] = frozenset()
    """Keys of the providers that reported full for the school year."""
    lately: int = 0
    """How many letters of ours the author's address got within the last day."""
    alarmed: int = 0
    """How many letters about words of danger the desk got within the last day."""
    answered: int = 0
    """How many of them answered a mail without form or case, or said that a person reads it."""
    held_lately: int = 0
    """How many mails of this author were held within the last day."""
    held_in_all: int = 0
    """How many letters the desk got within the last day about held mail of anybody."""
    waiting: tuple[Case, ...] = ()
    """When a provider asks for its waitlist: the cases on it."""
    others: Mapping[str, Case] = field(default_factory=dict)
    """The other cases that its words mention, by reference: nothing is known yet of who may speak on them."""
    maybe: tuple[Case, ...] = ()
    """When it looks like an answer and names no case: the open ones that its author may speak on."""
    hers: tuple[Case, ...] = ()
    """When a worker hands her cases over: the other open ones that this is about."""
    pupils: Mapping[Pupil, tuple[Earlier, ...]] = field(default_factory=dict)
    """The pupils that it may be about, each with the cases there are of that pupil, newest first."""
    held: "MailCame | None" = None
    """The mail that the desk decides on with this one, if that still waits for it."""
    attachments: tuple[str, ...] = ()
    """When it says that a letter bounced: names of the attachments of the mails that made the referral."""
    asked: "MailCame | None" = None
    """The mail of which a party of the case is asked whether it wrote it, as it is read now."""
    survey_asked: int = 0
    """How many letters about an answer to the survey the author's address got within the last day."""
    people: frozenset[str] = frozenset()
    """When it holds a signal: the names in the cases that its author may speak on, lower case."""
    looked_up: LookedUp = field(default_factory=LookedUp)
    """What orders of the desk about no single case are about."""


@dataclass(frozen=True, kw_only=True)
class ReleaseDue:
    """The moment of a held referral has come; *blocked*: mail on this case is still unread or stuck."""

    blocked: bool = False
    full: frozenset[str] = frozenset()
    attachments: tuple[str, ...] = ()
    """Names of the attachments of the mails that made the referral."""


@dataclass(frozen=True, kw_only=True)
class ReferralHeldUp:
    """The letter of a referral is written, and cannot leave before that moment: the meldpunt closed meanwhile."""

    leaves: datetime


@dataclass(frozen=True, kw_only=True)
class LookDue:
    """The moment has come to look at a case again."""

    asked: MailCame | None = None
    """The mail of which a party is asked whether it wrote it, as it is read now."""


@dataclass(frozen=True, kw_only=True)
class LetterLeft:
    """A letter of this case was delivered to the next host."""

    number: int


@dataclass(frozen=True, kw_only=True)
class LetterFailed:
    """A letter of this case cannot be delivered; *why* is a status and words without addresses."""

    number: int
    why: str
    attachments: tuple[str, ...] = ()
    """Names of the attachments of the mails that made the referral."""


@dataclass(frozen=True, kw_only=True)
class EraseDue:
    """What people wrote on a case has had its time, or somebody asked for it to be erased."""

    what: What


@dataclass(frozen=True, kw_only=True)
class CopyDue:
    """The CLB worker is to get a copy of a case."""

    letters: tuple[SentLetter, ...]
    """All that left about it, oldest first."""


@dataclass(frozen=True, kw_only=True)
class HoldAsked:
    """Whoever answers for the data wants that nothing of a case is erased, or that it may be again."""

    why: str
    """A reference of the order, without a name; "" lifts it."""


Occasion = MailCame | ReleaseDue | ReferralHeldUp | LookDue | LetterLeft | LetterFailed | EraseDue | HoldAsked | CopyDue


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


@dataclass
class Draft:
    """A decision being put together: each step goes through the lifecycle's table."""

    case: Case
    rules: Rules
    now: datetime
    opens: bool = False
    letters: list[Letter] = field(default_factory=list)
    voids: list[int] = field(default_factory=list)
    marks: list[ProviderMark] = field(default_factory=list)
    release_at: datetime | None = None
    copy_at: datetime | None = None
    hold: timedelta = timedelta()
    """How long a referral that may leave now waits all the same, so that "oeps" works for the desk as well."""
    trace: list[str] = field(default_factory=list)
    unread: tuple[tuple[str, str], ...] = ()
    """Attachments of the mail that came, that could not be read: name and why."""
    pupils: Mapping[Pupil, tuple[Earlier, ...]] = field(default_factory=dict)
    """The cases there are of each pupil that this occasion may be about."""
    others: list[Decision] = field(default_factory=list)
    """What else this occasion decides, on other cases."""
    echoes: list["Echo"] | None = None
    """Where one answer tells what was understood on several cases: the echoes are gathered here instead."""
    muted: frozenset[Kind] = frozenset()
    """Letters of these kinds are not written; *kept_back* says that there was one."""
    kept_back: bool = False
    before: Mapping[str, str] = field(init=False)  # the values before this decision
    _start: int = field(init=False)
    _had_ended: bool = field(init=False)

    def __post_init__(self) -> None:
        self._start, self.before, self._had_ended = self.case.seen, self.case.values, self.case.state in ENDS

    @property
    def today(self) -> date:
        """The local date of this decision."""
        return self.now.astimezone(self.rules.calendar.zone).date()

    def happen(self, kind: Event, by: Party = Party.MAILFLOW, /, **codes: str) -> None:
        """Add an event; raises Refused when the table has no such row."""
        self.case = then(self.case, Happened(at=self.now, kind=kind, by=by, codes=codes))

    def keep(self, values: Mapping[str, str]) -> None:
        """Replace the referral's values; what they were stays with the case, and by which mail they changed."""
        self.case = filled_in(self.case, values, self.now)

    def write(self, letter: Letter, *, when: When | None = None) -> None:
        """Add a letter, not before the moment that its row of LETTERS says (or *when*).

        One to nobody is left out: while the CLB question is open a case has no referrer.
        """
        if not letter.address:
            self.trace.append(f"no letter {letter.kind}: there is no {letter.to} yet")
            return
        if letter.kind in self.muted:
            self.kept_back = True
            self.trace.append(f"no letter {letter.kind}: there was too much talk on this case today")
            return
        if self.echoes is not None and (letter.kind is Kind.ECHO or (letter.kind, letter.to) == (Kind.UNCLEAR, "desk")):
            self.echoes.append(Echo(self.case.reference, letter))
            return
        match when or LETTERS[letter.kind]:
            case When.AFTER_PAUSE:
                letter = replace(letter, not_before=self.now + self.rules.terms.pause)
            case When.AT_OPENING:
                letter = replace(letter, not_before=self.rules.calendar.next_open(self.now))
        self.happen(Event.LETTER_WRITTEN, n=str(self.case.letters + 1), letter=letter.kind, to=letter.to)
        self.letters.append(letter)

    def void_waiting(self, *kinds: Kind) -> None:
        """Letters of these kinds that have not left will not leave."""
        for number, codes in self.case.waiting_letters().items():
            if codes["letter"] in kinds:
                self.happen(Event.LETTER_VOIDED, n=str(number), letter=codes["letter"])
                self.voids.append(number)

    def copy(self, by: Party, at: datetime | None = None) -> bool:
        """Its referrer gets a copy of the case, made at that moment or now; False when there is nobody to have it."""
        if by is Party.PROVIDER or not may_have(self.case):
            return False
        self.happen(Event.COPY_ASKED, by)
        self.copy_at = at or self.now
        return True

    def decided(self, outcome: Outcome | None = None) -> Decision:
        """The decision as it now stands."""
        if not self._had_ended and self.copy_at is None and comes_at_its_end(self.case, self.rules):
            self.copy(Party.MAILFLOW, self.now + self.rules.terms.pause + AFTER_ALL_LEFT)
        return Decision(
            case=self.case,
            opens=self.opens,
            seen=self._start,
            events=self.case.history[self._start :],
            letters=tuple(self.letters),
            voids=tuple(self.voids),
            release_at=self.release_at,
            copy_at=self.copy_at,
            marks=tuple(self.marks),
            outcome=outcome,
            trace=tuple(self.trace),
            others=tuple(self.others),
        )


@dataclass(frozen=True)
class Echo:
    """What was understood on one of several cases."""

    reference: str
    letter: Letter
