"""Which day does this Dutch text name? Strict: what reads two ways, or only roughly, is no day."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

# fmt: off
MONTHS: dict[str, int] = {
    "januari": 1, "jan": 1, "februari": 2, "feb": 2, "febr": 2, "maart": 3, "mrt": 3, "april": 4, "apr": 4,
    "mei": 5, "juni": 6, "jun": 6, "juli": 7, "jul": 7, "augustus": 8, "aug": 8, "september": 9, "sept": 9, "sep": 9,
    "oktober": 10, "okt": 10, "november": 11, "nov": 11, "december": 12, "dec": 12,
    "janvier": 1, "février": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6, "juillet": 7, "août": 8, "septembre": 9,
    "octobre": 10, "novembre": 11, "décembre": 12,
    "january": 1, "february": 2, "march": 3, "may": 5, "june": 6, "july": 7, "august": 8, "october": 10,
}
WEEKDAYS: dict[str, int] = {
    "maandag": 0, "dinsdag": 1, "woensdag": 2, "donderdag": 3, "vrijdag": 4, "zaterdag": 5, "zondag": 6,
}
SHORT_WEEKDAYS: dict[str, int] = {"ma": 0, "di": 1, "wo": 2, "woe": 2, "do": 3, "vr": 4, "vrij": 4, "za": 5, "zo": 6}
COUNTS: dict[str, int] = {
    "een": 1, "één": 1, "twee": 2, "drie": 3, "vier": 4, "vijf": 5, "zes": 6, "zeven": 7, "acht": 8, "negen": 9,
    "tien": 10, "veertien": 14,
}
RELATIVE: dict[str, int] = {
    "vandaag": 0, "morgen": 1, "overmorgen": 2, "eergisteren": -2,
    "morgenvroeg": 1, "morgenochtend": 1, "morgennamiddag": 1, "morgenavond": 1, "morgenvoormiddag": 1,
    "vanmorgen": 0, "vanochtend": 0, "vanmiddag": 0, "vannamiddag": 0, "vanavond": 0, "deze morgen": 0,
    "deze ochtend": 0, "deze voormiddag": 0, "deze namiddag": 0, "deze middag": 0, "deze avond": 0, "daarnet": 0,
    "gisterenavond": -1, "gisterennamiddag": -1, "gisterenmorgen": -1, "gisteravond": -1, "gisteren": -1,
}
# fmt: on


def _any(words: dict[str, int]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_DAY_MONTH = rf"(?P<d>\d{{1,2}})(?:e|ste|de|er|st|nd|rd|th)? (?P<m>{_any(MONTHS)})\b\.?(?:,? (?P<y>20\d\d)\b)?"
_NUMBERS = r"(?P<nd>\d{1,2})(?P<sep>[/.-])(?P<nm>\d{1,2})(?:(?P=sep)(?P<ny>20\d\d|\d\d))?(?![\d/])(?!-\d)(?!\.\d)"
_PATTERN = re.compile(
    r"(?<![\w/.,-])(?:"
    r"(?P<iso>20\d\d-\d\d-\d\d)(?![\d-])"
    rf"|(?:(?P<wd>{_any(WEEKDAYS)}|(?:{_any(SHORT_WEEKDAYS)})\.?),? ?)?(?:{_DAY_MONTH}|{_NUMBERS})"
    rf"|(?:(?P<which>deze|komende|aanstaande|volgende|vorige|afgelopen|laatste) )?"
    rf"(?P<week>(?:volgende|deze|vorige) week )?"
    rf"(?P<alone>{_any(WEEKDAYS)})(?:voormiddag|namiddag|middag|ochtend|avond)?(?! (?:over|na)\b)\b"
    rf"|(?P<ahead>over|binnen) (?P<n>\d{{1,2}}|{_any(COUNTS)}) (?P<unit>dag|dagen|week|weken|maand|maanden)\b"
    rf"|(?P<rel>{_any(RELATIVE)})\b"
    rf"|(?P<vague>(?:begin|midden|half|eind|einde|in|rond) (?:{_any(MONTHS)})\b"
    r"|in de week van|de week van|ergens in|(?:voor|na|tijdens) de (?:\w{1,10}vakantie|kerst|examens|feestdagen|zomer)"
    r"|(?:deze|volgende|vorige|komende) (?:week|maand)\b)"
    r")",
)
# "1/2" is a half, "24/7" always, unless words around it say that it is a day.
_FRACTIONS = frozenset({(1, 2), (1, 3), (1, 4), (3, 4), (2, 3), (24, 7), (7, 7)})
_SAYS_DAY = re.compile(r"(?:\b(?:op|vanaf|tot|sinds|per|dd|datum|t\.e\.m|van|na|voor|start)\.?:? ?)$")
_NOT_A_DAY = re.compile(r"\s?(?:dag|dagen|tijds|u\b|uur|h\b|jaar|lestijd|lesuur|\d)")
# "Voor 1 maart", "rond 1 maart": not on that day itself.
_ROUGHLY = re.compile(
    r"(?:\b(?:tegen|rond|omstreeks|ongeveer|ten laatste(?: op)?|ten vroegste(?: op)?|uiterlijk(?: op)?"
    r"|niet voor|nog voor|voor|vóór|na|ergens)) $"
)
# "Sinds maandag": one that was.
_SINCE = re.compile(r"\b(?:sinds|sedert) $")
_RANGE = re.compile(r"(?<![\d/.-])\d{1,2} ?(?:tot|t/m|en|à|-|–|of) ?$")
# "3/4 december": the third or the fourth.
_NAMED_MONTH = re.compile(rf" (?:{_any(MONTHS)})\b")
# A day is looked for in at most so much text.
LONGEST = 4_000


class Direction(Enum):
    """What a day without a year, or a weekday, is about: something to come, or something that was."""

    AHEAD = "ahead"
    BACK = "back"


@dataclass(frozen=True)
class DayRead:
    """The day that a text names; without one *why* says in Dutch what was odd, or is empty when it names none."""

    day: date | None = None
    why: str = ""


def day_in(text: str, today: date, direction: Direction = Direction.AHEAD) -> DayRead:
    """The one day that *text* names, seen from *today*, or why there is none for certain.

    A missing year is the nearest that fits; "maandag" on a Monday reads two ways.
    """
    flat = " ".join(text[:LONGEST].lower().split())
    found = list(_days(flat, today, direction))
    odd = next((read for read in found if read.day is None), None)
    if odd:
        return odd
    days = sorted({read.day for read in found if read.day})
    if len(days) > 1:
        return DayRead(why="er staan meerdere dagen in")
    return DayRead(days[0]) if days else DayRead()


def _days(flat: str, today: date, direction: Direction) -> Iterator[DayRead]:
    for match in _PATTERN.finditer(flat):
        if _is_no_day(flat, match):
            continue
        if _RANGE.search(flat[max(0, match.start() - 12) : match.start()]):
            yield DayRead(why="er staat een periode in plaats van één dag")
            continue
        if match["sep"] == "/" and match["ny"] is None and (more := _NAMED_MONTH.match(flat, match.end())):
            yield DayRead(why=f"“{match[0]}{more[0]}” kunnen twee dagen zijn")
            continue
        if roughly := _is_rough(flat, match):
            yield DayRead(why=f"“{roughly}{match[0]}” is geen precieze dag")
            continue
        yield _one(match, today, Direction.BACK if _is_since(flat, match) else direction)


def _is_rough(flat: str, match: re.Match[str]) -> str:
    """The "voor" or "rond" that stands before a day, "" when it is said to be that day."""
    if match["vague"] or match["ahead"]:
        return ""
    found = _ROUGHLY.search(flat[max(0, match.start() - 16) : match.start()])
    return found[0] if found else ""


def _is_since(flat: str, match: re.Match[str]) -> bool:
    return bool(_SINCE.search(flat[max(0, match.start() - 8) : match.start()]))


def _is_no_day(flat: str, match: re.Match[str]) -> bool:
    """Clock times, fractions, telephone numbers and "goede morgen" look like days."""
    before, after = flat[max(0, match.start() - 12) : match.start()], flat[match.end() : match.end() + 12]
    if match["rel"] == "morgen":
        return before.endswith(("goede ", "goeie ", "in de "))
    if match["nd"] is None:
        return False
    said = bool(match["wd"] or _SAYS_DAY.search(before))
    if match["ny"] is None and (match["sep"] != "/" or _NOT_A_DAY.match(after)):
        return True
    return match["ny"] is None and not said and (int(match["nd"]), int(match["nm"])) in _FRACTIONS


def _one(match: re.Match[str], today: date, direction: Direction) -> DayRead:
    if match["vague"]:
        return DayRead(why=f"“{match['vague']}” is geen precieze dag")
    if match["iso"]:
        year, month, day = map(int, match["iso"].split("-"))
        return _dated(year, month, day)
    if match["rel"]:
        return DayRead(today + timedelta(days=RELATIVE[match["rel"]]))
    if match["ahead"]:
        return _ahead(match, today)
    if match["alone"]:
        return _weekday(match, today, direction)
    month = MONTHS[match["m"]] if match["m"] else int(match["nm"])
    read = _dated_near(int(match["d"] or match["nd"]), month, match["y"] or match["ny"], today, direction)
    return _checked(read, match["wd"])


def _checked(read: DayRead, weekday: str | None) -> DayRead:
    """A weekday beside a date must agree with it."""
    if read.day is None or weekday is None:
        return read
    name = weekday.rstrip(".")
    if read.day.weekday() == {**WEEKDAYS, **SHORT_WEEKDAYS}[name]:
        return read
    return DayRead(why=f"{read.day.day}/{read.day.month}/{read.day.year} is geen {name}")


def _dated(year: int, month: int, day: int) -> DayRead:
    try:
        return DayRead(date(year, month, day))
    except ValueError:
        return DayRead(why=f"{day}/{month}/{year} bestaat niet")


def _dated_near(day: int, month: int, year: str | None, today: date, direction: Direction) -> DayRead:
    """Without a year: within the ten months ahead or two back, and the other way round for what was."""
    if year:
        return _dated(int(year) if len(year) == 4 else 2000 + int(year), month, day)
    first = today - timedelta(days=60 if direction is Direction.AHEAD else 300)
    for candidate in (first.year, first.year + 1):
        read = _dated(candidate, month, day)
        if read.day and first <= read.day < first + timedelta(days=365):
            return read
    return DayRead(why=f"{day}/{month} bestaat niet dit jaar")


def _ahead(match: re.Match[str], today: date) -> DayRead:
    """ "Over twee weken" is a day; Flemish "binnen twee weken" may mean at the latest, a month has no fixed length."""
    count = COUNTS.get(match["n"]) or int(match["n"])
    if match["ahead"] == "binnen" or match["unit"].startswith("maand"):
        return DayRead(why=f"“{match[0]}” is geen precieze dag")
    return DayRead(today + timedelta(days=count * (7 if match["unit"].startswith("we") else 1)))


def _weekday(match: re.Match[str], today: date, direction: Direction) -> DayRead:
    """The named weekday, when only one day can be meant."""
    wanted = WEEKDAYS[match["alone"]]
    monday = today - timedelta(days=today.weekday())
    if match["week"]:
        weeks = {"volgende week ": 1, "deze week ": 0, "vorige week ": -1}[match["week"]]
        return DayRead(monday + timedelta(days=7 * weeks + wanted))
    ahead = (wanted - today.weekday()) % 7
    if ahead == 0:
        return DayRead(why=f"“{match[0]}” kan vandaag zijn of een week verder")
    coming, past = today + timedelta(days=ahead), today + timedelta(days=ahead - 7)
    which = match["which"]
    if which in ("vorige", "afgelopen", "laatste"):
        return DayRead(past)
    if which == "volgende" and coming < monday + timedelta(days=7):
        return DayRead(why=f"“{match[0]}” kan deze of volgende week zijn")
    if which is None and direction is Direction.BACK:
        return DayRead(past)
    return DayRead(coming)
