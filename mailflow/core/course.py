"""How did a referral go? Of what happened to it, as much as figures count: days and codes, no person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from mailflow.core.lifecycle import LIFECYCLE, MOVES, Event, State

TOLD_BY = MOVES | {Event.CONTACT_MADE, Event.DAY_NOTED, Event.OUTCOME_NOTED, Event.NOTE}
"""The events that say how it went."""
FACTS = ("region", "age", "subject", "purpose", "network", "clb", "offer")
"""The codes of a referral: see placing.facts."""
DECISIONS = frozenset({
    Event.PROVIDER_ACCEPTED, Event.WAITLIST_OFFERED, Event.WAITLIST_AGREED,
    Event.PROVIDER_FULL, Event.PROVIDER_NO_MATCH,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, on a local day."""

    day: date
    kind: Event
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Course:
    """One referral; a day is None where it did not come so far."""

    came: date
    facts: Mapping[str, str] = field(default_factory=dict)
    provider: str = ""
    state: State = State.NEW
    sent: date | None = None
    """To the provider that has it, or had it last."""
    contact: date | None = None
    decided: date | None = None
    """Its first answer that was not taken back."""
    accepted: bool = False
    waited: bool = False
    started: date | None = None
    ended: bool = False
    result: str = ""
    """The code of what came of its trajectory, "" while nobody said so."""
    no_match: str = ""
    """The code of why there was no match, "unsaid" without one; "" when there was a match."""
    refused: str = ""
    """full or no_match, where that was the last answer."""
    lists: list[tuple[date, date | None]] = field(default_factory=list)
    """From which day to before which day it was on a waitlist; None: it still is."""
    imported: bool = False
    """It was taken over from a list: what happened before that is not known to the day."""
    dropped: bool = False
    """The desk said that it is no referral."""

    @property
    def no_offer(self) -> bool:
        """Whether nobody in the list worked for this pupil or school when it came."""
        return self.facts.get("offer") == "none"

    @property
    def outcome(self) -> str:
        """Where it stands or how it ended, a key of figures.OUTCOMES."""
        if self.ended:
            return self.result or "ended"
        match self.state:
            case State.CLOSED:
                return self.refused or "withdrawn"
            case State.NO_MATCH | State.FULL | State.WITHDRAWN | State.REPLACED | State.ACCEPTED | State.DISPATCHED:
                return str(self.state)
            case State.STARTED:
                return "running"
            case State.WAITLISTED | State.WAITLIST_OFFERED:
                return "waitlist"
            case _:
                return "not_sent"


def course_of(came: date, steps: Iterable[Step]) -> Course:
    """What these steps, in their order, come to."""
    course = Course(came)
    for step in steps:
        _take(course, step)
    return course


def _take(course: Course, step: Step) -> None:
    before, kind, codes = course.state, step.kind, step.codes
    course.state = LIFECYCLE.get((before, kind), before)
    _list(course, before, step.day)
    if kind in DECISIONS:
        course.decided = course.decided or step.day
        course.refused = ""
    match kind:
        case Event.NOTE:
            course.imported = course.imported or codes.get("why") == "imported"
        case Event.REFERRAL_COMPLETE | Event.DESK_NEEDED | Event.DESK_RELEASED:
            course.facts = _facts(codes) or course.facts
            course.provider = codes.get("provider", course.provider)
        case Event.REFERRAL_SENT:
            course.sent, course.contact, course.decided = step.day, None, None
            course.provider = codes.get("provider", course.provider)
        case Event.CONTACT_MADE:
            course.contact = course.contact or (step.day if course.sent else None)
        case Event.PROVIDER_ACCEPTED | Event.PLACE_FREE:
            course.accepted = True
        case Event.WAITLIST_OFFERED | Event.WAITLIST_AGREED:
            course.waited = True
        case Event.PROVIDER_FULL:
            course.refused = "full"
        case Event.PROVIDER_NO_MATCH:
            course.refused, course.no_match = "no_match", codes.get("reason") or "unsaid"
        case Event.BACK_TO_DISPATCHED:
            course.decided, course.refused, course.no_match = None, "", ""
            course.accepted = course.waited = False
        case Event.TRAJECTORY_STARTED:
            course.started, course.ended, course.result = _day(codes) or step.day, False, ""
            course.accepted = True
        case Event.DAY_NOTED if course.state is State.STARTED:
            course.started = _day(codes) or course.started
        case Event.TRAJECTORY_ENDED | Event.OUTCOME_NOTED:
            course.ended, course.result = True, codes.get("outcome") or course.result
        case Event.VOIDED:
            course.dropped = codes.get("why") != "erased"
        case Event.REOPENED:
            course.dropped = False


def _list(course: Course, before: State, day: date) -> None:
    """A waitlist that begins or ends here."""
    if course.state is State.WAITLISTED and before is not State.WAITLISTED:
        course.lists.append((day, None))
    elif before is State.WAITLISTED and course.state is not State.WAITLISTED:
        course.lists[-1] = (course.lists[-1][0], day)


def _facts(codes: Mapping[str, str]) -> dict[str, str]:
    return {key: codes[key] for key in FACTS if key in codes}


def _day(codes: Mapping[str, str]) -> date | None:
    return date.fromisoformat(codes["day"]) if codes.get("day") else None
