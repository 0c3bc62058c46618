"""Whose turn is it, until when, and when to look again? Computed from the events, never scheduled per case."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from mailflow.core.absence import absence_of
from mailflow.core.case import Case, Happened
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import ENDS, MOVES, WHOSE_TURN, Event, Party, State
from mailflow.core.mail import Machine
from mailflow.core.moments import NEXT_YEAR, asked_about_next_year, begins_again, next_moment
from mailflow.core.rules import Rules, Terms
from mailflow.core.unreached import UNREACHED, ordered_again, unreached
from mailflow.core.workdays import Calendar


@dataclass(frozen=True, kw_only=True)
class Watch:
    """A promise on an open case."""

    what: str
    """contact, decision, keep, start, ... : a row of WATCHES."""
    party: Party
    """Who owes it."""
    since: datetime
    due: datetime
    """When its term ends; later than that it is overdue."""
    look_at: datetime | None
    """When something must be done about it: a reminder, or telling the desk. None: all that was done."""
    reminds: bool
    """Whether what is to be done at *look_at* is a reminder to the party; else the desk is told."""


@dataclass(frozen=True)
class Promise:
    """One row of the table: what is waited for in a state, and for how long; without a term, as the provider says."""

    what: str
    days: Callable[[Terms], int] | None = None
    """Working days of the party."""
    span: Callable[[Terms], timedelta] | None = None
    """A span of the calendar instead."""
    reminder: bool = False
    """Whether the party gets one reminder mail of its own first (contact, and what blocks a referral)."""
    since: Callable[[Case], Happened | None] | None = None
    """What the term is counted from when that came later than the state: what was heard or asked last."""


NEWS = (Event.CALLBACK_PROMISED, Event.CONTACT_MADE, Event.NOTE, Event.WAITLIST_OFFERED)
"""What a provider tells while nothing moves: the weeks begin again. That it phoned in vain is none, however often."""


def referral_sent(case: Case) -> Happened | None:
    """The newest sending of the referral: a second one brings its own term."""
    sent = (h for h in reversed(case.history) if h.kind is Event.LETTER_SENT)
    return next((h for h in sent if h.codes["letter"] == Kind.REFERRAL), None)


def info_asked(case: Case) -> Happened | None:
    """The newest question for what is missing."""
    return case.last(Event.INFO_MISSING)


def time_asked(case: Case) -> Happened | None:
    """The referrer's newest word that it needs time, or looks at other providers."""
    thinking = (Event.ELSEWHERE_ASKED, Event.FOLLOW_ON_LINKED)
    return next((h for h in reversed(case.history) if h.codes.get("what") == "think" or h.kind in thinking), None)


def clb_asked(case: Case) -> Happened | None:
    """The newest question to a CLB or the family, or the CLB's refusal."""
    return case.last(Event.CLB_ASSIGNED, Event.FAMILY_ASKED, Event.CLB_DECLINED)


def provider_heard(case: Case) -> Happened | None:
    """The provider's newest sign of life, which an out-of-office notice is not; or the wish to stay for next year."""
    for happened in reversed(case.history):
        news = happened.kind in NEWS and happened.by is Party.PROVIDER
        if happened.kind is Event.NEXT_YEAR_KEPT or (news and happened.codes.get("why") != Machine.OUT_OF_OFFICE):
            return happened
    return None


def contact_made(case: Case) -> Happened | None:
    """The newest contact with the family."""
    return case.last(Event.CONTACT_MADE)


# fmt: off
WATCHES: dict[State, Promise] = {
    State.UNCONFIRMED:      Promise("confirmation", lambda t: t.confirmation, reminder=True),
    State.AWAITING_CLB:     Promise("clb",          lambda t: t.clb,                         since=clb_asked),
    State.NEEDS_INFO:       Promise("info",         lambda t: t.info,         reminder=True, since=info_asked),
    State.NEEDS_DESK:       Promise("desk",         lambda t: 0),
    State.QUEUED:           Promise("release",      lambda t: 1),
    State.DISPATCHED:       Promise("contact",                                reminder=True, since=referral_sent),
    State.WAITLIST_OFFERED: Promise("keep",         lambda t: t.keep,                        since=time_asked),
    State.WAITLISTED:       Promise("callback",     span=lambda t: t.waitlist_review,        since=provider_heard),
    State.ACCEPTED:         Promise("start",        lambda t: t.start),
    State.STARTED:          Promise("end",          span=lambda t: t.waitlist_review,        since=provider_heard),
    State.COMPLETED:        Promise("feedback",     lambda t: t.feedback),
    State.FULL:             Promise("choice",       lambda t: t.choice,                      since=time_asked),
    State.NO_MATCH:         Promise("choice",       lambda t: t.choice,                      since=time_asked),
}
# fmt: on
CLARITY = "clarity"
"""The watch on a writer who was asked back, and what the digest says of it."""
WHO = "who"
"""The watch on a party that is asked whether a mail from another address was its own."""
WAITS = "wait"
"""Stands with a pause that the desk ordered, until a day."""
CAME_BACK = Promise(UNREACHED, lambda t: 0)
DECISION = Promise("decision", lambda t: t.decision, since=contact_made)
TAKE_OVER = Promise("take_over", lambda t: t.clb, reminder=True, since=clb_asked)
FAMILY = Promise("family", lambda t: t.choice, since=clb_asked)


def watch(case: Case, rules: Rules) -> Watch | None:
    """The promise that is open on this case; None when it has ended, or is only passing (new)."""
    promise = WATCHES.get(case.state)
    party, since = WHOSE_TURN[case.state], case.since
    if promise is None or party is None or since is None:
        return None
    who = asked_who(case, rules)
    if party is not Party.DESK and not unreached(case) and (asked := who or _asked_back(case, rules)):
        return asked
    contact = case.last(Event.CONTACT_MADE, Event.REFERRAL_SENT)
    if case.state is State.DISPATCHED and contact and contact.kind is Event.CONTACT_MADE:
        promise = DECISION
    if case.state is State.AWAITING_CLB:
        promise, party = _awaited(case, promise)
    if back := unreached(case):
        again = ordered_again(case)
        promise, party = (WATCHES[State.QUEUED], Party.MAILFLOW) if again else (CAME_BACK, Party.DESK)
        since = (again or back).at
    if asked_at := asked_about_next_year(case):
        return _next_year(case, rules, asked_at)
    if promise.since and (newest := promise.since(case)):
        since = max(since, newest.at)
    due = _due(promise, case, rules, since, party)
    open_ = Watch(what=promise.what, party=party, since=since, due=due, look_at=due, reminds=False)
    open_ = _waiting(_with_next_step(open_, promise, case, rules), case, rules)
    if who is None:
        return open_
    # It is the desk's turn, and stays so; whether the mail was the party's own is looked at all the same.
    return replace(open_, look_at=min(filter(None, (open_.look_at, who.due))))


def waits_until(case: Case) -> date | None:
    """Until when the desk ordered to leave the case as it is; None when it did not, or the case moved since."""
    last = next((h for h in reversed(case.history) if h.kind in MOVES or h.codes.get("what") == WAITS), None)
    if last is None or last.kind in MOVES:
        return None
    return date.fromisoformat(last.codes["until"])


def _waiting(open_: Watch, case: Case, rules: Rules) -> Watch:
    """The same watch, not due before the day until which the desk lets it wait."""
    until = waits_until(case)
    if until is None:
        return open_
    calendar = calendar_of(open_.party, case, rules)
    back = calendar.next_open(datetime.combine(until, time.min, calendar.zone))
    return replace(open_, due=max(open_.due, back), look_at=max(open_.look_at, back) if open_.look_at else None)


def asked_who(case: Case, rules: Rules) -> Watch | None:
    """Until when a party says whether a mail was its own; meanwhile every other clock of the case stands still."""
    asked = case.asked_who
    if asked is None:
        return None
    days = 1 if case.state is State.QUEUED else rules.terms.confirmation
    due = calendar_of(asked.by, case, rules).add_working_days(asked.at, days)
    return Watch(what=WHO, party=asked.by, since=asked.at, due=due, look_at=due, reminds=False)


def _next_year(case: Case, rules: Rules, since: datetime) -> Watch:
    """She says before the new school year whether it stays on the waitlist; after that the desk hears of it."""
    due = calendar_of(Party.REFERRER, case, rules).next_open(begins_again(since, rules))
    open_ = Watch(what=NEXT_YEAR, party=Party.REFERRER, since=since, due=due, look_at=due, reminds=False)
    return replace(open_, look_at=None) if _since(case, Event.DESK_TOLD, open_) else open_


def next_look(case: Case, rules: Rules) -> datetime | None:
    """When the case must be looked at again: for what is waited for, or for a day of its own; None: not by itself."""
    return look_of(watch(case, rules), case, rules)


def look_of(open_: Watch | None, case: Case, rules: Rules) -> datetime | None:
    """The same for who has the watch of that case already."""
    moment = next_moment(case, rules)
    return min((at for at in (open_ and open_.look_at, moment and moment.at) if at), default=None)


def _asking(case: Case, since: datetime) -> timedelta:
    """How long after *since* the case waited for such an answer."""
    total, asked = timedelta(), since
    for happened in case.history:
        match happened.kind:
            case Event.ASKED_WHO:
                asked = max(happened.at, since)
            case Event.WHO_ANSWERED:
                total += max(happened.at - asked, timedelta())
    return total


def forgotten(case: Case, rules: Rules, now: datetime) -> bool:
    """Whether an open case waits for nobody, or its term passed and neither that party nor the desk was told so.

    What is due at *now* was to be done by then. The desk itself reads in each digest what it owes.
    """
    if case.state in ENDS:
        return False
    open_ = watch(case, rules)
    if (moment := next_moment(case, rules)) and moment.at <= now:
        return True
    return open_ is None or (open_.look_at is not None and open_.look_at <= now and open_.party is not Party.MAILFLOW)


def _awaited(case: Case, promise: Promise) -> tuple[Promise, Party]:
    """While no CLB has it: the CLB that was asked, the family that chooses, else the desk."""
    if case.assigned_clb:
        return TAKE_OVER, Party.CLB
    return (FAMILY, Party.SENDER) if case.family_chooses else (promise, Party.DESK)


def _asked_back(case: Case, rules: Rules) -> Watch | None:
    """Whoever was asked back comes first: until then nobody knows what the case is waiting for."""
    asked = min(case.unanswered.values(), key=lambda happened: happened.at, default=None)
    if asked is None:
        return None
    days = 1 if case.state is State.QUEUED else rules.terms.clarity
    due = calendar_of(asked.by, case, rules).add_working_days(asked.at, days)
    open_ = Watch(what=CLARITY, party=asked.by, since=asked.at, due=due, look_at=due, reminds=False)
    return replace(open_, look_at=None) if _since(case, Event.DESK_TOLD, open_) else open_


def calendar_of(party: Party, case: Case, rules: Rules) -> Calendar:
    """Timers run in the working days of the party that is waited for."""
    if party is Party.PROVIDER and case.provider in rules.providers:
        return rules.providers[case.provider].calendar
    return rules.clb_calendar if party in (Party.REFERRER, Party.CLB) else rules.calendar


def _due(promise: Promise, case: Case, rules: Rules, since: datetime, party: Party) -> datetime:
    calendar = calendar_of(party, case, rules)
    since += _asking(case, since)
    if promise.span:
        return calendar.next_open(since + promise.span(rules.terms))
    provider = rules.providers.get(case.provider)
    days = promise.days(rules.terms) if promise.days else provider.contact_days if provider else 0
    return _paused(calendar.add_working_days(since, days), case, party, calendar, since)


def _paused(due: datetime, case: Case, party: Party, calendar: Calendar, since: datetime) -> datetime:
    """The clock of whoever is away stands still: the working days of the absence within the term come on top."""
    absence = absence_of(case, party)
    if absence is None:
        return due
    known, last = absence
    back = datetime.combine(last + timedelta(days=1), time.min, calendar.zone)
    begins = max(known, since)
    if begins >= min(due, back):
        return due
    # The day on which it is told is a day of absence too.
    begins = datetime.combine(begins.astimezone(calendar.zone).date(), time.min, calendar.zone)
    return calendar.add_working_days(due, calendar.working_days_between(begins, calendar.next_open(back)))


def _with_next_step(open_: Watch, promise: Promise, case: Case, rules: Rules) -> Watch:
    """The same watch with what is to be done next: remind once, then tell the desk once."""
    told = _since(case, Event.DESK_TOLD, open_)
    reminded = _since(case, Event.REMINDER_SENT, open_)
    if told:
        return replace(open_, look_at=None)
    if not promise.reminder:
        return open_
    if reminded is None:
        return replace(open_, reminds=True)
    more = promise.days(rules.terms) if promise.days else rules.terms.contact_after_reminder
    calendar = calendar_of(open_.party, case, rules)
    late = calendar.add_working_days(reminded + _asking(case, reminded), max(more, 1))
    return replace(open_, look_at=_paused(late, case, open_.party, calendar, reminded))


def _since(case: Case, kind: Event, open_: Watch) -> datetime | None:
    happened = next((h for h in reversed(case.history) if h.kind is kind and h.codes.get("what") == open_.what), None)
    return happened.at if happened and happened.at >= open_.since else None
