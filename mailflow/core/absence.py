"""Until when is somebody away? Read from an out-of-office notice, and kept as a code of its note on the case."""

import re
from datetime import date, datetime, timedelta

from mailflow.core.case import Case
from mailflow.core.dutch_dates import day_in
from mailflow.core.lifecycle import Event, Party
from mailflow.core.mail import Machine

LONGEST = timedelta(days=200)
"""Nobody's notice is believed for longer than a maternity leave."""
READ = 2_000
"""So many characters of a notice are read."""

# "Afwezig tot en met 13 november" ends on that day; "terug op 16 november" the day before.
_LAST_DAY = re.compile(
    r"\b(?:tot en met|t/m|t\.e\.m\.?|tem|jusqu'au|up to and including|through|until|till|tot|jusque)(?=\s(.{4,40}))",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"\b(?:terug(?: (?:op (?:kantoor|het werk|post)|aanwezig|bereikbaar|aan het werk|beschikbaar))?(?: (?:op|vanaf))?"
    r"|(?:opnieuw|weer) (?:aanwezig|bereikbaar|op kantoor|beschikbaar|aan het werk)(?: (?:op|vanaf))?"
    r"|de retour(?: le| à partir du)?|back(?: in the office)?(?: on)?|return(?:ing)? on)(?=\s(.{4,40}))",
    re.IGNORECASE,
)


def away_until(text: str, today: date) -> date | None:
    """The last day of the absence that *text* tells, when it names one for certain and it is still to come.

    "Tot 16 november" may or may not hold the 16th: counted in, so that a reminder comes a day late rather than early.
    """
    flat = " ".join(text[:READ].split())
    backs = {day - timedelta(days=1) for day in _days(_BACK, flat, today)}
    found = backs or set(_days(_LAST_DAY, flat, today))
    if len(found) != 1:
        return None
    last = found.pop()
    return last if today <= last <= today + LONGEST else None


def _days(pattern: re.Pattern[str], flat: str, today: date) -> list[date]:
    """The day right behind each of these words."""
    found = []
    for match in pattern.finditer(flat):
        words = re.split(r"[.;!?(]\s|[,;]|\bom\b|\ben\b|\ber\b", match[1] + " ")[0]
        day = day_in(words, today).day
        if day is not None and _begins(words, today):
            found.append(day)
    return found


def _begins(words: str, today: date) -> bool:
    """Whether a day stands within the first words: "tot maandag 16 november", not "tot uw dienst vanaf 16 november"."""
    return day_in(" ".join(words.split()[:4]), today).day is not None


def absence_of(case: Case, party: Party) -> tuple[datetime, date] | None:
    """(since when we know it, the last day) of the newest absence of that party on the case, with a return date."""
    notes = (h for h in reversed(case.history) if h.kind is Event.NOTE and h.by is party and "until" in h.codes)
    told = next((h for h in notes if h.codes.get("why") == Machine.OUT_OF_OFFICE), None)
    return (told.at, date.fromisoformat(told.codes["until"])) if told else None
