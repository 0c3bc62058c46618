"""Which letters there are, to whom, not before when and what for; and what a letter is."""

# ruff: noqa: E501 - a table reads best as one line a row

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


@dataclass(frozen=True)
class Row:
    """One row of the table: whom such a letter can go to, not before when, and what it says."""

    to: tuple[str, ...]
    when: When
    says: str


REFERRER, PROVIDER, DESK, SENDER, CLB = ("referrer",), ("provider",), ("desk",), ("sender",), ("clb",)
EITHER = (*REFERRER, *PROVIDER)
A_PARTY = (*EITHER, *CLB, *SENDER)
ANYBODY = (*A_PARTY, *DESK)

# fmt: off
LETTERS: dict[Kind, Row] = {
    Kind.RECEIVED:          Row(REFERRER, When.AT_ONCE,     "her referral came in: what was understood, to whom it goes, and when"),
    Kind.MISSING:           Row(REFERRER, When.AT_ONCE,     "what is missing or odd in her form"),
    Kind.CHOOSE_PROVIDER:   Row(REFERRER, When.AT_ONCE,     "which provider? Several fit, or the one she wished is full"),
    Kind.ELSEWHERE:         Row(REFERRER, When.AT_ONCE,     "which other provider could have it, now that she cannot wait"),
    Kind.FOLLOW_ON:         Row(REFERRER, When.AT_ONCE,     "she made a linked referral: does the first one stay?"),
    Kind.CONFIRM:           Row(REFERRER, When.AT_ONCE,     "was this you? Nothing proved it"),
    Kind.NEUTRAL:           Row(SENDER,   When.AT_ONCE,     "we have your message: one line, for it may be anybody"),
    Kind.FAMILY:            Row(SENDER,   When.AT_ONCE,     "the kind answer to a parent, a facility or a school"),
    Kind.WHICH_CLB:         Row(DESK,     When.AT_ONCE,     "which CLB takes it over? The likely ones, with a tap each"),
    Kind.TAKE_OVER:         Row(CLB,      When.AT_ONCE,     "does your CLB take this referral over?"),
    Kind.TAKE_OVER_BY_HAND: Row(DESK,     When.AT_ONCE,     "the same question, for a CLB without an address: to forward"),
    Kind.CHOOSE_CLB:        Row(SENDER,   When.AT_ONCE,     "which CLB do you choose? The nearest one of each network"),
    Kind.SCHOOL_TEXT:       Row(REFERRER, When.AT_ONCE,     "a text for the school, to forward"),
    Kind.NO_FORM:           Row(SENDER,   When.AT_ONCE,     "we found no referral in your mail; a person reads it"),
    Kind.BLANK_FORM:        Row(SENDER,   When.AT_ONCE,     "the blank form"),
    Kind.OFFER:             Row(SENDER,   When.AT_ONCE,     "what the providers offer"),
    Kind.REFERRAL:          Row(PROVIDER, When.AT_OPENING,  "the referral: what a provider sees before it accepts"),
    Kind.SUPPLEMENTED:      Row(REFERRER, When.AT_ONCE,     "what she added or corrected is noted"),
    Kind.SUPPLEMENT:        Row(PROVIDER, When.AFTER_PAUSE, "what was added to a referral that it has, or corrected"),
    Kind.WAITLIST_OFFERED:  Row(REFERRER, When.AFTER_PAUSE, "the provider offers its waitlist: does she keep the referral there?"),
    Kind.WAITLIST_KEPT:     Row(PROVIDER, When.AFTER_PAUSE, "she keeps it on the waitlist"),
    Kind.WAITLIST_AGREED:   Row(REFERRER, When.AFTER_PAUSE, "it stands on the waitlist, as was agreed by phone"),
    Kind.ACCEPTED:          Row(REFERRER, When.AFTER_PAUSE, "the provider takes the pupil"),
    Kind.AFTER_ACCEPT:      Row(PROVIDER, When.AFTER_PAUSE, "what a provider sees once it accepted"),
    Kind.FULL:              Row(REFERRER, When.AFTER_PAUSE, "the provider is full: what next?"),
    Kind.NO_MATCH:          Row(REFERRER, When.AFTER_PAUSE, "the provider is no match: what next?"),
    Kind.CALLED:            Row(PROVIDER, When.AT_ONCE,     "no match: was it spoken of by phone?"),
    Kind.ROUND_TABLE:       Row(EITHER,   When.AFTER_PAUSE, "a round table is asked, moved or called off; an invitation comes along"),
    Kind.CANNOT_COME:       Row(EITHER,   When.AFTER_PAUSE, "the other side cannot come then, can come after all, or proposes another moment"),
    Kind.STARTED:           Row(REFERRER, When.AFTER_PAUSE, "the trajectory has begun"),
    Kind.ENDED:             Row(REFERRER, When.AFTER_PAUSE, "the trajectory has ended, and how"),
    Kind.WITHDRAWN:         Row(EITHER,   When.AT_ONCE,     "it ends here: whoever had it hears so"),
    Kind.STATUS:            Row(ANYBODY,  When.AT_ONCE,     "where the case stands"),
    Kind.PASSED_ON:         Row(EITHER,   When.AFTER_PAUSE, "a question or remark of the other side, in its own words"),
    Kind.REPORTED:          Row(EITHER,   When.AFTER_PAUSE, "what was noted about the case in their name"),
    Kind.ECHO:              Row(ANYBODY,  When.AT_ONCE,     "this is how we read your answer"),
    Kind.UNCLEAR:           Row(ANYBODY,  When.AT_ONCE,     "we could not read your answer: what did you mean?"),
    Kind.WAS_IT_YOU:        Row(A_PARTY,  When.AT_ONCE,     "a mail came from an address that we do not know: was it yours?"),
    Kind.HAND_OVER:         Row(REFERRER, When.AT_ONCE,     "a colleague hands her cases over: do you take them? And what she said"),
    Kind.REMINDER_CONTACT:  Row(PROVIDER, When.AT_OPENING,  "has anybody phoned the referrer yet?"),
    Kind.WAITLIST:          Row(PROVIDER, When.AT_ONCE,     "who waits for this provider"),
    Kind.PROVIDER_STATE:    Row(PROVIDER, When.AT_ONCE,     "full for everybody, or places again: noted"),
    Kind.OVERVIEW:          Row(EITHER,   When.AT_ONCE,     "once a week: what we still want to know of you"),
    Kind.DIGEST:            Row(DESK,     When.AT_ONCE,     "once a day: what there is to do"),
    Kind.DESK_HELP:         Row(DESK,     When.AT_ONCE,     "what can be typed"),
    Kind.STUCK:             Row(DESK,     When.AT_ONCE,     "work that failed three times"),
    Kind.TIMELINE:          Row(DESK,     When.AT_ONCE,     "all that happened to a case"),
    Kind.OTHER_MAIL:        Row(DESK,     When.AT_ONCE,     "a mail that no rule can answer"),
    Kind.HELD:              Row(DESK,     When.AT_ONCE,     "a mail that only a person can judge"),
    Kind.DANGER:            Row(DESK,     When.AT_ONCE,     "words that point to danger"),
    Kind.UNDELIVERABLE:     Row(DESK,     When.AT_ONCE,     "a letter of ours did not arrive"),
    Kind.ERASED:            Row(ANYBODY,  When.AT_ONCE,     "what people wrote on that case is erased"),
    Kind.SAME_PUPIL:        Row(DESK,     When.AT_ONCE,     "there is another case of this pupil"),
    Kind.AGAIN:             Row(REFERRER, When.AT_ONCE,     "this referral is here already"),
    Kind.SIGNAL_KEPT:       Row(SENDER,   When.AT_ONCE,     "a signal for the working group is noted"),
    Kind.SIGNAL:            Row(DESK,     When.AT_ONCE,     "a signal for the working group came in"),
    Kind.SURVEY:            Row(CLB,      When.AT_OPENING,  "once a year: the needs of the under-12s"),
    Kind.SURVEY_KEPT:       Row(CLB,      When.AT_ONCE,     "the answer to that is noted"),
    Kind.FIGURES:           Row(DESK,     When.AT_ONCE,     "the figures of a period"),
    Kind.CAME_OF_AGE:       Row(REFERRER, When.AT_ONCE,     "the pupil turned 12 or 18: its own agreement"),
    Kind.LEAVES_LATER:      Row(REFERRER, When.AT_ONCE,     "it leaves later than we told you, or did"),
    Kind.MOVED:             Row(REFERRER, When.AT_ONCE,     "the desk sent it on to another provider"),
    Kind.TAKEN_OVER:        Row(REFERRER, When.AT_ONCE,     "this case is yours from now on: where it stands, and the form"),
    Kind.COPY:              Row(REFERRER, When.AT_ONCE,     "a copy of the case for your own dossier"),
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
    """A letter that was decided upon, not yet rendered; *values* are what its template knows beside those of its header."""

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
