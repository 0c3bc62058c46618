"""Who comes to the round table? What a calendar answered to its invitation, and who must know that."""

from datetime import datetime, tzinfo

from mailflow.core import letters
from mailflow.core.case import Case, Happened
from mailflow.core.draft import Draft
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event, Party
from mailflow.core.mail import PROPOSED, CalendarAnswer, Machine
from mailflow.core.occasions import MailCame
from mailflow.core.round_table import GOES_ON, when_text
from mailflow.core.taps import Tap
from mailflow.core.thread import REPLY
from mailflow.core.wording import day_text, moment_text, phone_text, short_day

CANNOT = ("declined", PROPOSED)
"""Answers after which somebody must act."""
OTHER = {Party.REFERRER: Party.PROVIDER, Party.PROVIDER: Party.REFERRER}


def cannot_come(case: Case) -> tuple[tuple[Party, datetime], ...]:
    """Which of the two cannot come to the round table as it was told last, and since when we know."""
    newest: dict[Party, Happened] = {}
    for happened in reversed(case.history):
        if happened.kind is Event.ROUND_TABLE_NOTED:
            break
        if "answer" in happened.codes and "stale" not in happened.codes and (by := happened.codes["party"]) in OTHER:
            newest.setdefault(Party(by), happened)
    return tuple((party, h.at) for party, h in newest.items() if h.codes["answer"] in CANNOT)


def calendar_answered(draft: Draft, came: MailCame, party: str, *, own: bool) -> None:
    """Write down what the calendar of that party answered; the other side hears of it when it must act.

    *own*: it came from an address of that party. If not, only the digest says it.
    """
    case, answer = draft.case, came.reading.notice.answer
    if answer is None:
        draft.happen(Event.NOTE, why=Machine.CALENDAR_REPLY, mail=str(came.mail_id))
        return
    could_not = {who for who, _ in cannot_come(case)}
    stands = case.state in GOES_ON and bool(when_text(case)) and answer.sequence in (None, _sequence(case))
    codes = {"answer": answer.answer, "party": party} | ({} if stands else {"stale": "yes"})
    draft.happen(Event.NOTE, why=Machine.CALENDAR_REPLY, mail=str(came.mail_id), **codes)
    if stands and own and party in OTHER:
        _tell(draft, answer, Party(party), came.reading.written.strip(), could_not=party in could_not)


def _tell(draft: Draft, answer: CalendarAnswer, party: Party, words: str, *, could_not: bool) -> None:
    """After the pause, in which an answer takes the place of the one before."""
    case, rules = draft.case, draft.rules
    comes, unheard = answer.answer not in CANNOT, _waits(case)
    provider = rules.providers.get(case.provider)
    known = could_not and not unheard and not words and answer.proposed is None
    if provider is None or (known if not comes else not could_not):
        return
    draft.void_waiting(Kind.CANNOT_COME)
    if comes and unheard:
        return
    proposed, tap = _proposed(answer, rules.calendar.zone)
    values: dict[str, object] = {
        "name": provider.name if party is Party.PROVIDER else "De aanmelder",
        "when": when_text(case),
        "comes": comes,
        "asks": answer.answer == PROPOSED,
        "proposed": proposed,
        "words": words,
        "phone": provider.phone if party is Party.PROVIDER else phone_text(case.values.get("referrer_phone", "")),
    }
    if party is Party.PROVIDER:
        draft.write(letters.to_referrer(Kind.CANNOT_COME, case, taps=tap, **values))
    else:
        draft.write(letters.to_provider(Kind.CANNOT_COME, case, rules, taps=tap, **values))


def _waits(case: Case) -> bool:
    return any(codes["letter"] == Kind.CANNOT_COME for codes in case.waiting_letters().values())


def _sequence(case: Case) -> int:
    """The sequence of the invitation that is in the calendars: what was noted again without a change does not count."""
    told = [h for h in case.history if h.kind is Event.ROUND_TABLE_NOTED]
    last = len(told) - 1
    while last > 0 and dict(told[last - 1].codes) == dict(told[last].codes):
        last -= 1
    return last


def _proposed(answer: CalendarAnswer, zone: tzinfo) -> tuple[str, tuple[Tap, ...]]:
    """How the other moment reads, and the tap that agrees with it; "" and none where there is no such moment."""
    match answer.proposed:
        case datetime() as at:
            text, day = moment_text(at, zone), at.astimezone(zone)
            said = f"rondetafel op {short_day(day.date())} om {day:%H:%M}"
        case None:
            return "", ()
        case day:
            text, said = day_text(day), f"rondetafel op {short_day(day)}"
    return text, (Tap("Dat moment is goed", REPLY, said),)
