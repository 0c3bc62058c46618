"""The Flemish school year: its bounds, its holidays, and the free days of every year. (schooljaar, schoolvakanties)

Years 2 to 9998; outside them ValueError or OverflowError. A *school year* is named by the calendar year it starts in:
2026 is 2026-2027.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

HOLIDAY_NAMES = ("herfst", "kerst", "krokus", "paas", "zomer")

ONE_DAY = timedelta(days=1)
SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True)
class Closure:
    """Days without work, both ends included; *why* is for people."""

    first: date
    last: date
    why: str = ""

    def __post_init__(self) -> None:
        _in_order(self.first, self.last)

    def covers(self, day: date) -> bool:
        """Whether *day* is one of these days."""
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Holiday:
    """A Flemish school holiday, both ends included: herfst, kerst, krokus, paas or zomer."""

    name: str
    first: date
    last: date

    def __post_init__(self) -> None:
        if self.name not in HOLIDAY_NAMES:
            raise ValueError(f"{self.name!r} is no school holiday: write one of {', '.join(HOLIDAY_NAMES)}")
        _in_order(self.first, self.last)

    def covers(self, day: date) -> bool:
        """Whether *day* is one of these days."""
        return self.first <= day <= self.last


def school_year_of(day: date) -> int:
    """The school year that *day* (local) is in: it turns on 1 September."""
    return day.year if day.month >= 9 else day.year - 1


def school_year_bounds(year: int) -> tuple[date, date]:
    """The first and the last day of a school year: 1 September and 31 August."""
    return date(year, 9, 1), date(year + 1, 8, 31)


def school_year_label(year: int) -> str:
    """A school year as people write it: "2026-2027"."""
    return f"{year}-{year + 1}"


def easter(year: int) -> date:
    """Easter Sunday of a calendar year, by the anonymous Gregorian computus (Meeus, Astronomical Algorithms, ch. 8)."""
    century, year_in_century = divmod(year, 100)
    golden = year % 19
    moon_shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - moon_shift + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (year_in_century // 4) - epact - year_in_century % 4) % 7
    late_moon = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late_moon + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=128)
def public_holidays(year: int) -> tuple[Closure, ...]:
    """The ten Belgian public holidays of a calendar year; two of them can fall on one day (1 May 2008)."""
    sunday = easter(year)
    # fmt: off
    named = (
        (date(year,  1,  1),            "nieuwjaar"),
        (sunday + timedelta(days=1),    "paasmaandag"),
        (date(year,  5,  1),            "Dag van de Arbeid"),
        (sunday + timedelta(days=39),   "Hemelvaart"),
        (sunday + timedelta(days=50),   "pinkstermaandag"),
        (date(year,  7, 21),            "nationale feestdag"),
        (date(year,  8, 15),            "O.L.V.-Hemelvaart"),
        (date(year, 11,  1),            "Allerheiligen"),
        (date(year, 11, 11),            "Wapenstilstand"),
        (date(year, 12, 25),            "Kerstmis"),
    )
    # fmt: on
    return tuple(Closure(day, day, why) for day, why in named)


@lru_cache(maxsize=128)
def free_days(year: int) -> tuple[Closure, ...]:
    """The single days on which every Flemish school is closed in a school year; facultative days differ per school."""
    sunday = easter(year + 1)
    # fmt: off
    named = (
        (date(year, 11, 11),          0, "Wapenstilstand"),
        (sunday + timedelta(days=1),  0, "paasmaandag"),
        (date(year + 1, 5, 1),        0, "Dag van de Arbeid"),
        (sunday + timedelta(days=39), 1, "Hemelvaart en de dag erna"),
        (sunday + timedelta(days=50), 0, "pinkstermaandag"),
    )
    # fmt: on
    return tuple(Closure(first, first + timedelta(days=more), why) for first, more, why in named)


@lru_cache(maxsize=128)
def school_holidays(year: int, overrides: tuple[Holiday, ...] = ()) -> tuple[Holiday, ...]:
    """The five Flemish school holidays of a school year, in order of the year.

    By the rule of the Flemish government (besluit of 17 April 1991). An override takes the place of the computed
    holiday of its name, in the school year of its first day.
    """
    sunday = easter(year + 1)
    # fmt: off
    by_rule = (
        _weeks("herfst", _monday_of_the_week(date(year, 11, 1), unless={SUNDAY}), 1),
        _weeks("kerst",  _monday_of_the_week(date(year, 12, 25), unless={SATURDAY, SUNDAY}), 2),
        _weeks("krokus", sunday - timedelta(days=48), 1),
        _weeks("paas",   _first_day_of_paas(sunday), 2),
        Holiday("zomer", date(year + 1, 7, 1), date(year + 1, 8, 31)),
    )
    # fmt: on
    instead = {holiday.name: holiday for holiday in overrides if school_year_of(holiday.first) == year}
    return tuple(instead.get(holiday.name, holiday) for holiday in by_rule)


def _first_day_of_paas(sunday: date) -> date:
    if sunday.month == 3:
        return sunday + ONE_DAY
    if sunday > date(sunday.year, 4, 15):
        return sunday - timedelta(days=13)
    april = date(sunday.year, 4, 1)
    return april + timedelta(days=-april.weekday() % 7)


def _monday_of_the_week(day: date, unless: set[int]) -> date:
    """The Monday of the week with *day*, or the next Monday when *day* falls on one of these weekdays."""
    monday = day - timedelta(days=day.weekday())
    return monday + timedelta(weeks=1) if day.weekday() in unless else monday


def _weeks(name: str, monday: date, weeks: int) -> Holiday:
    return Holiday(name, monday, monday + timedelta(days=7 * weeks - 1))


def _in_order(first: date, last: date) -> None:
    if last < first:
        raise ValueError(f"the last day {last} comes before the first day {first}: turn them round")
