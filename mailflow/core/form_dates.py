"""What day does a date on a form mean? Only a full date counts, and an impossible one is never guessed. (datum)"""

import re
from datetime import date, timedelta

from mailflow.core.form_fields import MAX_LINE, Value

PUPIL_DAYS = (913, 9131)
"""The youngest and oldest pupil that we believe, 2.5 and 25 years in days: kindergarten starts at 2.5."""

# fmt: off
MONTHS = {
    "januari": 1, "jan": 1, "februari": 2, "feb": 2, "febr": 2, "maart": 3, "mrt": 3, "mar": 3, "april": 4, "apr": 4,
    "mei": 5, "juni": 6, "jun": 6,
    "juli": 7, "jul": 7, "augustus": 8, "aug": 8, "september": 9, "sep": 9, "sept": 9, "oktober": 10, "okt": 10,
    "oct": 10, "november": 11, "nov": 11,
    "december": 12, "dec": 12,
}
# fmt: on
AROUND = re.compile(r"\([^()]{0,80}\)")
INSIDE_DATE = re.compile(r"\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b")
_NUMBER_DATE = re.compile(
    r"(\d{1,2}) ?[./\- ] ?(\d{1,2}) ?[./\- ] ?(?:['’‘`] ?)?(\d{4}|\d{2})(?:,? \d{1,2}:\d{2}(?::\d{2})?)?"
)
_ISO_DATE = re.compile(r"(\d{4}) ?[./-] ?(\d{1,2}) ?[./-] ?(\d{1,2})(?:[t ][\d:.]{4,15}z?)?")
_WORD_DATE = re.compile(
    r"(?:[a-z]{2,9},? )?(\d{1,2}) ?(?:(?:e|de|ste)\b)?[ .-]{0,2}([a-z]{3,9})[ .-]{1,3}(?:['’‘`] ?)?(\d{4}|\d{2})"
)


def read_birth_date(line: str, today: date) -> Value:
    """The ISO birth date of a pupil; two-digit years are resolved by the ages that pupils have."""
    read = read_date(line, today, future=False)
    if not read.text:
        return read
    days = (today - date.fromisoformat(read.text)).days
    if not PUPIL_DAYS[0] <= days <= PUPIL_DAYS[1]:
        return Value(why="Met deze geboortedatum is dit geen leerling. Kijk het jaar na.")
    return read


def read_date(line: str, today: date, *, future: bool) -> Value:
    """An ISO date, day before month as we write it here; *future* says whether it may be to come."""
    text = " ".join(AROUND.sub(" ", line).casefold().split()).strip(" .,;°*")
    text = re.sub(r"^(?:op|geb\.?|geboren(?: op)?|sinds|vanaf)\s", "", text).strip(" °.")
    if found := _ISO_DATE.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _NUMBER_DATE.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
    elif (found := _WORD_DATE.fullmatch(text)) and found[2] in MONTHS:
        day, month, year = int(found[1]), MONTHS[found[2]], int(found[3])
    else:
        return Value(why="Dit is geen volledige datum. Schrijf dag/maand/jaar, zoals 31/12/2012.")
    if year < 100:
        year += 2000 if year <= (today.year + (5 if future else 0)) % 100 else 1900
    try:
        read = date(year, month, day)
    except ValueError:
        return Value(why="Deze datum bestaat niet. Schrijf dag/maand/jaar, zoals 31/12/2012.")
    if not future and read > today:
        return Value(why="Deze datum ligt in de toekomst.")
    if abs(read - today) > timedelta(days=36525):
        return Value(why="Kijk het jaar van deze datum na.")
    return Value(read.isoformat())


def date_inside(raw: str, today: date) -> str:
    """The ISO date within a yes, "" when there is none that has been."""
    found = INSIDE_DATE.search(raw[:MAX_LINE])
    return read_date(found[0], today, future=False).text if found else ""
