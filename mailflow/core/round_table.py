"""When is the round table? Told by one side, noted, and passed to the other. (rondetafelmoment)"""

import re
from datetime import date

from mailflow.core import letters
from mailflow.core.answer import Understood
from mailflow.core.case import Case
from mailflow.core.decision import Draft
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event, Party
from mailflow.core.wording import day_text

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
    draft.void_waiting(Kind.ROUND_TABLE)
    when, moved = when_text(draft.case), bool(before and before.codes.get("day"))
    if by is not Party.REFERRER and read.action != "accept":  # which tells it in its own letter
        draft.write(letters.to_referrer(Kind.ROUND_TABLE, draft.case, when=when, moved=moved))
    if by is not Party.PROVIDER and draft.case.provider in draft.rules.providers:
        draft.write(letters.to_provider(Kind.ROUND_TABLE, draft.case, draft.rules, when=when, moved=moved))


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
    day = day_text(date.fromisoformat(noted.codes["day"]))
    return f"{day} om {noted.codes['time']}" if "time" in noted.codes else day
