"""Which letters there are, not before when each may leave, and what a letter is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from mailflow.core.case import Case
from mailflow.core.copying import Copy
from mailflow.core.rules import Rules
from mailflow.core.taps import Tap


class When(StrEnum):
    """Not before when a letter may leave."""

    AT_ONCE = "at once"
    AFTER_PAUSE = "after the pause"
    """What was understood from free text reaches the other party only then."""
    AT_OPENING = "at opening"


class Kind(StrEnum):
    """Each letter is templates/KIND.md.j2."""

    RECEIVED = "received"
    MISSING = "missing"
    CHOOSE_PROVIDER = "choose_provider"
    ELSEWHERE = "elsewhere"
    FOLLOW_ON = "follow_on"
    CONFIRM = "confirm"
    NEUTRAL = "neutral"
    FAMILY = "family"
    WHICH_CLB = "which_clb"
    TAKE_OVER = "take_over"
    TAKE_OVER_BY_HAND = "take_over_by_hand"
    CHOOSE_CLB = "choose_clb"
    SCHOOL_TEXT = "school_text"
    NO_FORM = "no_form"
    BLANK_FORM = "blank_form"
    OFFER = "offer"
    REFERRAL = "referral"
    SUPPLEMENTED = "supplemented"
    SUPPLEMENT = "supplement"
    WAITLIST_OFFERED = "waitlist_offered"
    WAITLIST_KEPT = "waitlist_kept"
    WAITLIST_AGREED = "waitlist_agreed"
    ACCEPTED = "accepted"
    AFTER_ACCEPT = "after_accept"
    FULL = "full"
    NO_MATCH = "no_match"
    CALLED = "called"
    ROUND_TABLE = "round_table"
    CANNOT_COME = "cannot_come"
    STARTED = "started"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"
    STATUS = "status"
    PASSED_ON = "passed_on"
    REPORTED = "reported"
    ECHO = "echo"
    UNCLEAR = "unclear"
    WAS_IT_YOU = "was_it_you"
    HAND_OVER = "hand_over"
    REMINDER_CONTACT = "reminder_contact"
    WAITLIST = "waitlist"
    PROVIDER_STATE = "provider_state"
    OVERVIEW = "overview"
    DIGEST = "digest"
    DESK_HELP = "desk_help"
    STUCK = "stuck"
    TIMELINE = "timeline"
    OTHER_MAIL = "other_mail"
    HELD = "held"
    DANGER = "danger"
    UNDELIVERABLE = "undeliverable"
    ERASED = "erased"
    SAME_PUPIL = "same_pupil"
    AGAIN = "again"
    SIGNAL_KEPT = "signal_kept"
    SIGNAL = "signal"
    SURVEY = "survey"
    SURVEY_KEPT = "survey_kept"
    FIGURES = "figures"
    CAME_OF_AGE = "came_of_age"
    LEAVES_LATER = "leaves_later"
    MOVED = "moved"
    TAKEN_OVER = "taken_over"
    COPY = "copy"


# Kind -> not before when. To whom a letter goes stands with each letter below, since some go to either side.
# fmt: off
LETTERS: dict[Kind, When] = {
    Kind.RECEIVED:         When.AT_ONCE,
    Kind.MISSING:          When.AT_ONCE,
    Kind.CHOOSE_PROVIDER:  When.AT_ONCE,
    Kind.ELSEWHERE:        When.AT_ONCE,
    Kind.FOLLOW_ON:        When.AT_ONCE,
    Kind.CONFIRM:          When.AT_ONCE,
    Kind.NEUTRAL:          When.AT_ONCE,
    Kind.FAMILY:           When.AT_ONCE,
    Kind.WHICH_CLB:        When.AT_ONCE,
    Kind.TAKE_OVER:        When.AT_ONCE,
    Kind.TAKE_OVER_BY_HAND: When.AT_ONCE,
    Kind.CHOOSE_CLB:       When.AT_ONCE,
    Kind.SCHOOL_TEXT:      When.AT_ONCE,
    Kind.NO_FORM:          When.AT_ONCE,
    Kind.BLANK_FORM:       When.AT_ONCE,
    Kind.OFFER:            When.AT_ONCE,
    Kind.REFERRAL:         When.AT_OPENING,
    Kind.SUPPLEMENTED:     When.AT_ONCE,
    Kind.SUPPLEMENT:       When.AFTER_PAUSE,
    Kind.WAITLIST_OFFERED: When.AFTER_PAUSE,
    Kind.WAITLIST_KEPT:    When.AFTER_PAUSE,
    Kind.WAITLIST_AGREED:  When.AFTER_PAUSE,
    Kind.ACCEPTED:         When.AFTER_PAUSE,
    Kind.AFTER_ACCEPT:     When.AFTER_PAUSE,
    Kind.FULL:             When.AFTER_PAUSE,
    Kind.NO_MATCH:         When.AFTER_PAUSE,
    Kind.CALLED:           When.AT_ONCE,
    Kind.ROUND_TABLE:      When.AFTER_PAUSE,
    Kind.CANNOT_COME:      When.AFTER_PAUSE,
    Kind.STARTED:          When.AFTER_PAUSE,
    Kind.ENDED:            When.AFTER_PAUSE,
    Kind.WITHDRAWN:        When.AT_ONCE,
    Kind.STATUS:           When.AT_ONCE,
    Kind.PASSED_ON:        When.AFTER_PAUSE,
    Kind.REPORTED:         When.AFTER_PAUSE,
    Kind.ECHO:             When.AT_ONCE,
    Kind.UNCLEAR:          When.AT_ONCE,
    Kind.WAS_IT_YOU:       When.AT_ONCE,
    Kind.HAND_OVER:        When.AT_ONCE,
    Kind.REMINDER_CONTACT: When.AT_OPENING,
    Kind.WAITLIST:         When.AT_ONCE,
    Kind.PROVIDER_STATE:   When.AT_ONCE,
    Kind.OVERVIEW:         When.AT_ONCE,
    Kind.DIGEST:           When.AT_ONCE,
    Kind.DESK_HELP:        When.AT_ONCE,
    Kind.STUCK:            When.AT_ONCE,
    Kind.TIMELINE:         When.AT_ONCE,
    Kind.OTHER_MAIL:       When.AT_ONCE,
    Kind.HELD:             When.AT_ONCE,
    Kind.DANGER:           When.AT_ONCE,
    Kind.UNDELIVERABLE:    When.AT_ONCE,
    Kind.ERASED:           When.AT_ONCE,
    Kind.SAME_PUPIL:       When.AT_ONCE,
    Kind.AGAIN:            When.AT_ONCE,
    Kind.SIGNAL_KEPT:      When.AT_ONCE,
    Kind.SIGNAL:           When.AT_ONCE,
    Kind.SURVEY:           When.AT_OPENING,
    Kind.SURVEY_KEPT:      When.AT_ONCE,
    Kind.FIGURES:          When.AT_ONCE,
    Kind.CAME_OF_AGE:      When.AT_ONCE,
    Kind.LEAVES_LATER:     When.AT_ONCE,
    Kind.MOVED:            When.AT_ONCE,
    Kind.TAKEN_OVER:       When.AT_ONCE,
    Kind.COPY:             When.AT_ONCE,
}
# fmt: on
TO_FILL_IN = ("docx", "pdf")
"""The blank forms that come along where a form could not be read."""


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """A round table for a calendar (RFC 5546): it says no name of the pupil."""

    reference: str
    day: date
    at: time | None
    """None: the hour is not known, so that the day is named."""
    minutes: int
    sequence: int
    """Rises with every change."""
    cancelled: bool = False


@dataclass(frozen=True)
class Enclosed:
    """A file that comes along with a letter: an ASCII name and type (RFC 2045)."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A letter that was decided upon, not yet rendered; *values* are what its template knows beside the frame's."""

    kind: Kind
    to: str
    """referrer, provider, desk, sender or clb."""
    address: str
    values: Mapping[str, object] = field(default_factory=dict)
    not_before: datetime | None = None
    taps: tuple[Tap, ...] = ()
    answers_mail: bool = False
    """Whether it answers the mail that came just now (Auto-Submitted: auto-replied)."""
    about_mail: int = 0
    """Of no case: the number of the mail that an answer to it decides on."""
    invitation: Invitation | None = None
    """What a calendar makes of it."""
    documents: tuple[str, ...] = ()
    """The kinds of blank form that come along: docx, odt, pdf."""
    survey: tuple[int, str] | None = None
    """The survey and CLB that an answer to it is about."""
    files: tuple[Enclosed, ...] = ()
    """What comes along, made for this letter."""
    chart: tuple[int, ...] = ()
    """The numbers of the picture that its template names as `(#chart)`."""
    copy: Copy | None = None
    """What the PDF says that comes along."""


def to_referrer(kind: Kind, case: Case, *, taps: tuple[Tap, ...] = (), **values: object) -> Letter:
    """A letter to the referrer of the case; to no address, so that it is not written, while there is none."""
    return Letter(kind=kind, to="referrer", address=case.parties.get("referrer", ""), values=values, taps=taps)


def to_provider(kind: Kind, case: Case, rules: Rules, *, taps: tuple[Tap, ...] = (), **values: object) -> Letter:
    """A letter to the provider of the case, at the address that its configuration names."""
    address = rules.providers[case.provider].address
    return Letter(kind=kind, to="provider", address=address, values=values, taps=taps)
