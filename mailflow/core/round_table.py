"""When is the round table? Told by one side, noted, and passed to the other. (rondetafelmoment)"""

import re
from dataclasses import replace
from datetime import date, time

from mailflow.core import letters
from mailflow.core.answer import Understood
from mailflow.core.case import Case
from mailflow.core.draft import Draft
from mailflow.core.letters import Invitation, Kind
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.wording import day_text

GOES_ON = frozenset(
    {State.DISPATCHED, State.WAITLISTED, State.WAITLIST_OFFERED, State.ACCEPTED, State.STARTED, State.COMPLETED}
)
"""Where a round table can still be held."""
_TIME = re.compile(r"\b(?P<hour>[01]?\d|2[0-3])\s?(?:[:.u]\s?(?P<minutes>[0-5]\d)|\s?u(?:ur)?\b)", re.IGNORECASE)
_NAMED = re.compile(r"ronde\s?tafel|startoverleg|startgesprek", re.IGNORECASE)


def tell_round_table(draft: Draft, read: Understood, written: str, by: Party) -> None:
    """Note the day and hour that were said, and let the other side know; what was told before is not told again."""
    if "round_table" not in (read.action, *read.also):
        return
    day = read.day if read.action == "round_table" else None
    on = read.codes.get("round_table_on") or (day.isoformat() if day else "")
    at = time_in(written)
    said = {key: value for key, value in {"day": on, "time": at if on else ""}.items() if value}
    before = draft.case.last(Event.ROUND_TABLE_NOTED)
    draft.happen(Event.ROUND_TABLE_NOTED, by, **said)
    if not on or (before and dict(before.codes) == said):
        return
    when, moved = _when(on, at), bool(before and before.codes.get("day"))
    invites = _minutes(draft) > 0
    draft.void_waiting(Kind.ROUND_TABLE, Kind.CANNOT_COME)
    if invites or (by is not Party.REFERRER and read.action != "accept"):  # which tells it in its own letter
        _tell(draft, Party.REFERRER, when=when, moved=moved)
    if invites or by is not Party.PROVIDER:
        _tell(draft, Party.PROVIDER, when=when, moved=moved)


def call_off(draft: Draft) -> None:
    """A round table that is to come, of a case that goes on no longer: whoever has it in a calendar hears so."""
    noted = draft.case.last(Event.ROUND_TABLE_NOTED)
    if noted is None or "day" not in noted.codes or draft.case.state in GOES_ON or _minutes(draft) == 0:
        return
    if date.fromisoformat(noted.codes["day"]) < draft.today:
        return
    invited = [h for h in draft.case.history if h.codes.get("letter") == Kind.ROUND_TABLE]
    left = {h.codes["n"] for h in invited if h.kind is Event.LETTER_SENT}
    written = [h.codes for h in invited if h.kind is Event.LETTER_WRITTEN and h.codes["n"] in left]
    when = when_text(draft.case)
    draft.void_waiting(Kind.ROUND_TABLE, Kind.CANNOT_COME)
    for party in sorted({Party(codes["to"]) for codes in written}):
        _tell(draft, party, when=when, moved=False, cancelled=True)
    draft.happen(Event.ROUND_TABLE_NOTED, called_off="yes")


def _tell(draft: Draft, party: Party, *, when: str, moved: bool, cancelled: bool = False) -> None:
    case, rules = draft.case, draft.rules
    kind, invitation = Kind.ROUND_TABLE, _invitation(draft, cancelled=cancelled)
    values = {"when": when, "moved": moved, "cancelled": cancelled, "invited": invitation is not None}
    if party is Party.REFERRER:
        letter = letters.to_referrer(kind, case, taps=(), **values)
    elif case.provider in rules.providers:
        letter = letters.to_provider(kind, case, rules, taps=(), **values)
    else:
        return
    draft.write(replace(letter, invitation=invitation))


def _invitation(draft: Draft, *, cancelled: bool) -> Invitation | None:
    """What both sides put in their calendars, where the provider asks for it."""
    noted, minutes = draft.case.last(Event.ROUND_TABLE_NOTED), _minutes(draft)
    if noted is None or minutes == 0:
        return None
    told = [h for h in draft.case.history if h.kind is Event.ROUND_TABLE_NOTED]
    return Invitation(
        reference=draft.case.reference,
        day=date.fromisoformat(noted.codes["day"]),
        at=time.fromisoformat(noted.codes["time"]) if "time" in noted.codes else None,
        minutes=minutes,
        sequence=len(told) - 1 + cancelled,
        cancelled=cancelled,
    )


def _minutes(draft: Draft) -> int:
    provider = draft.rules.providers.get(draft.case.provider)
    return provider.invitation_minutes if provider else 0


def time_in(written: str) -> str:
    """`14:00`, when the lines about the round table name exactly one hour of the day, else ""."""
    lines = [line for line in written.splitlines() if _NAMED.search(line)]
    found = {f"{int(m['hour']):02}:{m['minutes'] or '00'}" for line in lines for m in _TIME.finditer(line)}
    return found.pop() if len(found) == 1 else ""


def when_text(case: Case) -> str:
    """`dinsdag 24 november 2026 om 14:00`, as it was told last; "" when no day is known."""
    noted = case.last(Event.ROUND_TABLE_NOTED)
    if noted is None or "day" not in noted.codes:
        return ""
    return _when(noted.codes["day"], noted.codes.get("time", ""))


def _when(day: str, at: str) -> str:
    text = day_text(date.fromisoformat(day))
    return f"{text} om {at}" if at else text
