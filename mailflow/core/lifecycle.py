"""What can happen to a case, and what it then is: THE TABLE."""

from enum import StrEnum


class State(StrEnum):
    """Where a case stands; each open state has one party whose turn it is."""

    NEW = "new"
    UNCONFIRMED = "unconfirmed"
    AWAITING_CLB = "awaiting_clb"
    NEEDS_INFO = "needs_info"
    NEEDS_DESK = "needs_desk"
    QUEUED = "queued"
    DISPATCHED = "dispatched"
    WAITLIST_OFFERED = "waitlist_offered"
    WAITLISTED = "waitlisted"
    ACCEPTED = "accepted"
    STARTED = "started"
    COMPLETED = "completed"
    FULL = "full"
    NO_MATCH = "no_match"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


class Party(StrEnum):
    """Who can owe something, or write, on a case."""

    REFERRER = "referrer"
    PROVIDER = "provider"
    DESK = "desk"
    CLB = "clb"
    """A CLB that was asked to take a referral over."""
    SENDER = "sender"
    """The parent or facility that wrote first; owes at most the choice of a CLB."""
    MAILFLOW = "mailflow"


class Event(StrEnum):
    """What can happen to a case (wat een aanmelding overkomt); the first group moves it, the second is facts."""

    SENDER_UNPROVEN = "sender_unproven"
    CLB_MISSING = "clb_missing"
    INFO_MISSING = "info_missing"
    DESK_NEEDED = "desk_needed"
    REFERRAL_COMPLETE = "referral_complete"
    DESK_RELEASED = "desk_released"
    """A pupil who is not enrolled leaves on the desk's word; `clb_open` stays as an obligation."""
    REFERRAL_SENT = "referral_sent"
    PROVIDER_ACCEPTED = "provider_accepted"
    WAITLIST_OFFERED = "waitlist_offered"
    WAITLIST_AGREED = "waitlist_agreed"
    """Agreed by phone between provider and referrer."""
    PROVIDER_FULL = "provider_full"
    """No place for this pupil (volzet); until when is a code of the event."""
    PROVIDER_NO_MATCH = "provider_no_match"
    REFERRER_KEPT = "referrer_kept"
    PLACE_FREE = "place_free"
    TRAJECTORY_STARTED = "trajectory_started"
    TRAJECTORY_ENDED = "trajectory_ended"
    LOOP_SETTLED = "loop_settled"
    FOLLOW_ON_MADE = "follow_on_made"
    REFERRER_STOPPED = "referrer_stopped"
    WITHDRAWN = "withdrawn"
    VOIDED = "voided"
    REOPENED = "reopened"
    BACK_TO_DISPATCHED = "back_to_dispatched"
    """What was said was not so ("klopt niet", "oeps"): it stands again where it stood, at the provider."""
    BACK_TO_OFFERED = "back_to_offered"
    """The same, at an offer of the waitlist that is not answered."""

    MAIL_CAME = "mail_came"
    SENDER_CONFIRMED = "sender_confirmed"
    FAMILY_ASKED = "family_asked"
    """The family chooses among the nearest CLB of each network."""
    CLB_ASSIGNED = "clb_assigned"
    """A CLB is asked to take it over; which one is a code of the event."""
    CLB_DECLINED = "clb_declined"
    INFO_ADDED = "info_added"
    SAME_PUPIL = "same_pupil"
    """Another case is about the same pupil; which one, and how we know, are codes of the event."""
    CONTACT_MADE = "contact_made"
    CONTACT_ATTEMPTED = "contact_attempted"
    CALLBACK_PROMISED = "callback_promised"
    ROUND_TABLE_NOTED = "round_table_noted"
    NO_SHOW = "no_show"
    PAUSED = "paused"
    DAY_NOTED = "day_noted"
    """The day of a start or an end that was told before, said later or otherwise."""
    OUTCOME_NOTED = "outcome_noted"
    """What came of a trajectory that ended before; which is a code of the event."""
    HANDOVER_NOTED = "handover_noted"
    """To whom it goes on (warme overdracht); the name stands with the referral, whether confirmed is a code."""
    FEEDBACK_DONE = "feedback_done"
    ELSEWHERE_ASKED = "elsewhere_asked"
    """The referrer looks for a faster place, and was shown which other providers fit."""
    FOLLOW_ON_LINKED = "follow_on_linked"
    """She made a follow-on referral to one of them, and this one stays until she says otherwise; a code names it."""
    ASKED_BACK = "asked_back"
    """We did not understand and asked the writer once."""
    UNDERSTOOD = "understood"
    """What was asked back, or came in beside it, is settled."""
    ASKED_WHO = "asked_who"
    """A mail with the seal of a party came from an address that nobody knows: that party is asked if it was its own."""
    WHO_ANSWERED = "who_answered"
    """Yes, no, or nothing within the term; which is a code of the event."""
    LETTER_WRITTEN = "letter_written"
    LETTER_SENT = "letter_sent"
    LETTER_REFUSED = "letter_refused"
    LETTER_VOIDED = "letter_voided"
    CAME_OF_AGE = "came_of_age"
    """The pupil turned so old while the referral waited; the age is a code of the event."""
    NO_LONGER_FITS = "no_longer_fits"
    """Its provider works elsewhere, for another age or another subject; which is a code of the event."""
    NEXT_YEAR_ASKED = "next_year_asked"
    """The referrer is asked whether it stays on the waitlist in the next school year."""
    NEXT_YEAR_KEPT = "next_year_kept"
    REMINDER_SENT = "reminder_sent"
    DESK_TOLD = "desk_told"
    """A term passed and the digest says so."""
    BOUNCED = "bounced"
    ERASED = "erased"
    """What people wrote is gone (gewist); what of it is a code of the event."""
    LEGAL_HOLD = "legal_hold"
    """Nothing of it may be erased (bewaring op vraag van het gerecht); under which reference is a code of the event."""
    LEGAL_HOLD_LIFTED = "legal_hold_lifted"
    COPY_ASKED = "copy_asked"
    """The CLB worker gets a copy of the case for her own dossier: by her wish, or now that it ended (by mailflow)."""
    NOTE = "note"


ENDS = frozenset({State.CLOSED, State.WITHDRAWN, State.REPLACED})
OPEN = frozenset(State) - ENDS

WHOSE_TURN: dict[State, Party | None] = {
    State.NEW: Party.MAILFLOW,
    State.UNCONFIRMED: Party.REFERRER,
    State.AWAITING_CLB: Party.DESK,
    State.NEEDS_INFO: Party.REFERRER,
    State.NEEDS_DESK: Party.DESK,
    State.QUEUED: Party.MAILFLOW,
    State.DISPATCHED: Party.PROVIDER,
    State.WAITLIST_OFFERED: Party.REFERRER,
    State.WAITLISTED: Party.PROVIDER,
    State.ACCEPTED: Party.PROVIDER,
    State.STARTED: Party.PROVIDER,
    State.COMPLETED: Party.PROVIDER,
    State.FULL: Party.REFERRER,
    State.NO_MATCH: Party.REFERRER,
    State.CLOSED: None,
    State.WITHDRAWN: None,
    State.REPLACED: None,
}

_BEFORE = (State.NEW, State.UNCONFIRMED, State.AWAITING_CLB, State.NEEDS_INFO, State.NEEDS_DESK, State.QUEUED)
_ANSWERABLE = (
    State.DISPATCHED,
    State.WAITLIST_OFFERED,
    State.WAITLISTED,
    State.ACCEPTED,
    State.FULL,
    State.NO_MATCH,
)

_ON_ITS_WAY = (State.WAITLIST_OFFERED, State.WAITLISTED, State.DISPATCHED, State.ACCEPTED)

# One row: from any of these states, this event leads there.
# fmt: off
ROWS: tuple[tuple[tuple[State, ...], Event, State], ...] = (
    (_BEFORE,                                                 Event.SENDER_UNPROVEN,    State.UNCONFIRMED),
    (_BEFORE,                                                 Event.CLB_MISSING,        State.AWAITING_CLB),
    (_BEFORE,                                                 Event.INFO_MISSING,       State.NEEDS_INFO),
    (_BEFORE,                                                 Event.DESK_NEEDED,        State.NEEDS_DESK),
    (_BEFORE,                                                 Event.REFERRAL_COMPLETE,  State.QUEUED),
    ((State.AWAITING_CLB,),                                   Event.DESK_RELEASED,      State.QUEUED),
    ((State.QUEUED,),                                         Event.REFERRAL_SENT,      State.DISPATCHED),
    (_ANSWERABLE,                                             Event.PROVIDER_ACCEPTED,  State.ACCEPTED),
    (tuple(s for s in _ANSWERABLE if s != State.WAITLISTED),  Event.WAITLIST_OFFERED,   State.WAITLIST_OFFERED),
    ((State.WAITLISTED,),                                     Event.WAITLIST_OFFERED,   State.WAITLISTED),
    (_ANSWERABLE,                                             Event.WAITLIST_AGREED,    State.WAITLISTED),
    (_ANSWERABLE,                                             Event.PROVIDER_FULL,      State.FULL),
    (_ANSWERABLE,                                             Event.PROVIDER_NO_MATCH,  State.NO_MATCH),
    ((State.WAITLIST_OFFERED,),                               Event.REFERRER_KEPT,      State.WAITLISTED),
    ((State.WAITLISTED,),                                     Event.PLACE_FREE,         State.ACCEPTED),
    ((State.DISPATCHED, State.WAITLISTED, State.ACCEPTED),    Event.TRAJECTORY_STARTED, State.STARTED),
    ((State.STARTED,),                                        Event.TRAJECTORY_ENDED,   State.COMPLETED),
    ((State.COMPLETED,),                                      Event.LOOP_SETTLED,       State.CLOSED),
    ((State.COMPLETED,),                                      Event.TRAJECTORY_STARTED, State.STARTED),
    ((State.FULL, State.NO_MATCH),                            Event.FOLLOW_ON_MADE,     State.REPLACED),
    ((State.FULL, State.NO_MATCH),                            Event.REFERRER_STOPPED,   State.CLOSED),
    (_ON_ITS_WAY,                                             Event.FOLLOW_ON_MADE,     State.REPLACED),
    (tuple(s for s in _ANSWERABLE if s != State.DISPATCHED),  Event.BACK_TO_DISPATCHED, State.DISPATCHED),
    ((State.WAITLISTED,),                                     Event.BACK_TO_OFFERED,    State.WAITLIST_OFFERED),
    (tuple(s for s in State if s in OPEN),                    Event.WITHDRAWN,          State.WITHDRAWN),
    (tuple(s for s in State if s in OPEN),                    Event.VOIDED,             State.WITHDRAWN),
    (tuple(s for s in State if s in ENDS),                    Event.REOPENED,           State.NEEDS_DESK),
)
# fmt: on

LIFECYCLE: dict[tuple[State, Event], State] = {
    (before, event): then for befores, event, then in ROWS for before in befores
}
MOVES = frozenset(event for _, event, _ in ROWS)
FACTS = frozenset(Event) - MOVES


def after(state: State, event: Event) -> State | None:
    """The state after *event*; a fact leaves it as it is; None when the table refuses the event here."""
    return state if event in FACTS else LIFECYCLE.get((state, event))


def as_markdown() -> str:
    """The table for README: from which states, what happens, to which state, and whose turn it then is."""
    head = ("| from | event | to | whose turn |", "|---|---|---|---|")
    rows = (f"| {_named(befores)} | {event} | {then} | {WHOSE_TURN[then] or '-'} |" for befores, event, then in ROWS)
    return "\n".join((*head, *rows))


MOST_ARROWS = 3
"""A row from more states than this is drawn from its first one only, or nobody could read the drawing."""


def as_mermaid() -> str:
    """The way of a case as a Mermaid drawing; what can happen to every open case is left to the table."""
    labels: dict[tuple[State, State], list[str]] = {}
    for befores, event, then in ROWS:
        if set(befores) == OPEN:
            continue
        for before in befores if len(befores) <= MOST_ARROWS else befores[:1]:
            labels.setdefault((before, then), []).append(event)
    arrows = (f"    {before} --> {then}: {' or '.join(events)}" for (before, then), events in labels.items())
    ends = (f"    {end} --> [*]" for end in State if end in ENDS)
    return "\n".join(("stateDiagram-v2", f"    [*] --> {State.NEW}", *arrows, *ends))


def _named(states: tuple[State, ...]) -> str:
    return "any open" if set(states) == OPEN else ", ".join(states)
