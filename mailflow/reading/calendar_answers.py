"""What does a calendar answer to an invitation of ours? (RFC 5546: REPLY, COUNTER)

Four lines of it count, so it is not parsed as a calendar: a stranger's time zone can hold a rule that never ends.
"""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from mailflow.core.mail import PROPOSED, CalendarAnswer, Mail

CALENDARS = ("text/calendar", "application/ics")
MOST = 100_000
"""Bytes of a part that are read."""
_FOLDED = re.compile(rb"\r?\n[ \t]")
"""Where iCalendar breaks a long line (RFC 5545 3.1)."""
_PARTSTAT = re.compile(r"\bPARTSTAT=(ACCEPTED|DECLINED|TENTATIVE)\b", re.IGNORECASE)
_COUNTER = re.compile(r"^METHOD:COUNTER[ \r]*$", re.IGNORECASE | re.MULTILINE)
_EVENT = re.compile(r"^BEGIN:VEVENT[ \r]*$", re.IGNORECASE | re.MULTILINE)
_SEQUENCE = re.compile(r"^SEQUENCE:(\d{1,6})[ \r]*$", re.IGNORECASE | re.MULTILINE)
_BEGINS = re.compile(
    r'^DTSTART(?:;VALUE=DATE(?:-TIME)?|;TZID="?(?P<zone>[^":;\r\n]{1,60})"?){0,2}'
    r":(?P<day>\d{8})(?:T(?P<time>\d{6})(?P<utc>Z?))?[ \r]*$",
    re.IGNORECASE | re.MULTILINE,
)


def calendar_answer(mail: Mail) -> CalendarAnswer | None:
    """The one answer in the calendar parts of *mail*; None for none or two. Never raises."""
    parts = [one.content[:MOST] for one in mail.attachments if one.type in CALENDARS]
    found = {answer for part in parts if (answer := _answer(_FOLDED.sub(b"", part).decode("utf-8", "replace")))}
    return found.pop() if len(found) == 1 else None


def _answer(text: str) -> CalendarAnswer | None:
    event = _EVENT.split(text, maxsplit=1)[-1]
    sequence = _SEQUENCE.search(event)
    number = int(sequence[1]) if sequence else None
    if _COUNTER.search(text):
        return CalendarAnswer(answer=PROPOSED, sequence=number, proposed=_begins(event))
    said = {one.lower() for one in _PARTSTAT.findall(event)}
    return CalendarAnswer(answer=said.pop(), sequence=number) if len(said) == 1 else None


def _begins(event: str) -> date | datetime | None:
    """When it begins: a day, an aware moment, or None where that cannot be read for sure."""
    found = _BEGINS.search(event)
    if found is None:
        return None
    zone = found["zone"] or ""
    try:
        if not found["time"]:
            return datetime.strptime(found["day"], "%Y%m%d").replace(tzinfo=UTC).date()
        at = datetime.strptime(found["day"] + found["time"], "%Y%m%d%H%M%S")  # noqa: DTZ007 - its zone is given below
        return at.replace(tzinfo=UTC if found["utc"] else ZoneInfo(_olson(zone)))
    except (ValueError, KeyError, OSError):  # no such day; no such zone
        return None


def _olson(zone: str) -> str:
    """The name that the world knows a zone of Windows by; any other as it is."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # noqa: PLC0415 - slow to load, and rarely needed

    return WINDOWS_TO_OLSON.get(zone, zone)
