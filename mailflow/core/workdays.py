"""When is a party at work? (openingsmomenten, werkdagen) Years 2 to 9998; outside them ValueError or OverflowError."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from mailflow.core.school_year import (
    HOLIDAY_NAMES,
    ONE_DAY,
    Closure,
    Holiday,
    free_days,
    public_holidays,
    school_holidays,
    school_year_label,
    school_year_of,
)

BRUSSELS = ZoneInfo("Europe/Brussels")

FREE_DAYS = "vrij"
"""In `closed_in`: the single days on which every Flemish school is closed, see `free_days`."""

MIDNIGHT = time(0)
LAST_DAY = date(9998, 12, 31)
PATIENCE = 3653
"""Days without work, dated closures not counted, after which a party counts as never open: ten years."""

_TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_HOURS = re.compile(f"({_TIME})-({_TIME}|24:00)")


class NeverOpen(Exception):
    """This party has no working day in the ten years after the one asked for: its configuration is wrong."""


@dataclass(frozen=True)
class Hours:
    """Open from *opens* up to, not including, *closes*, local time of the same day; closing at 00:00 ends the day."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if MIDNIGHT < self.closes <= self.opens:
            raise ValueError(f"closes at {self.closes:%H:%M}, which is not after {self.opens:%H:%M} when it opens")


@dataclass(frozen=True)
class YearlyClosure:
    """The same days each year, "MM-DD", both ends included; a *last* before *first* lies in the next year."""

    first: str
    last: str
    why: str = ""

    def __post_init__(self) -> None:
        for text in (self.first, self.last):
            if not _is_day_of_the_year(text):
                raise ValueError(f"{text!r} is no day of the year: write MM-DD, for example 07-15")

    def covers(self, day: date) -> bool:
        """Whether *day* is one of these days, in whichever year."""
        that_day = day.isoformat()[5:]
        if self.first <= self.last:
            return self.first <= that_day <= self.last
        return that_day >= self.first or that_day <= self.last


def hours_from(text: str) -> Hours:
    """The hours that configuration writes as "09:00-16:30", "24:00" for the end of the day; else ValueError."""
    found = _HOURS.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no pair of hours: write HH:MM-HH:MM, for example 09:00-16:30")
    opens, closes = found.groups()
    return Hours(time.fromisoformat(opens), MIDNIGHT if closes == "24:00" else time.fromisoformat(closes))


def _utc(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise ValueError("a moment needs its time zone")
    return at.astimezone(UTC)


def _is_day_of_the_year(text: str) -> bool:
    try:  # 2000 is a leap year: 02-29 is a day
        return date.fromisoformat(f"2000-{text}").isoformat()[5:] == text
    except ValueError:
        return False


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The opening hours of one party: the meldpunt, a provider or a CLB.

    A moment may come in any zone but must be aware, else ValueError; moments that go out are in the calendar's zone.
    Days are local days. Hours on the night that the clock changes: a time that comes twice means the first one, a time
    that is skipped means as much later as the clock jumps.
    """

    zone: ZoneInfo = BRUSSELS
    week: tuple[tuple[Hours, ...], ...] = ((Hours(time(9), time(16, 30)),),) * 5 + ((), ())
    """Seven entries, Monday first; a day without hours is closed."""
    closures: tuple[Closure, ...] = ()
    """Closed for certain: these win from `open_days`."""
    yearly_closures: tuple[YearlyClosure, ...] = ()
    closed_in: frozenset[str] = frozenset()
    """The school holidays (by name) in which this party is closed; "vrij" for the free days of schools."""
    open_days: frozenset[date] = frozenset()
    """Open at the hours of that weekday, whatever a yearly closure, school holiday or public holiday says."""
    overrides: tuple[Holiday, ...] = ()
    """School holidays that differ from the rule: each replaces the computed one of that name and school year."""
    public_holidays_off: bool = True

    def __post_init__(self) -> None:
        """Refuse, by ValueError, what no party can mean."""
        if len(self.week) != 7:
            raise ValueError(f"a week has seven days, not {len(self.week)}")
        if unknown := self.closed_in - {*HOLIDAY_NAMES, FREE_DAYS}:
            names = ", ".join((*HOLIDAY_NAMES, FREE_DAYS))
            raise ValueError(f"{', '.join(sorted(unknown))}: no school holiday, write some of {names}")
        for earlier, later in (pair for hours in self.week for pair in pairwise(hours)):
            if earlier.closes == MIDNIGHT or later.opens < earlier.closes:
                raise ValueError(f"opens at {later.opens:%H:%M} before it has closed: write the hours in order")
        named = [(holiday.name, school_year_of(holiday.first)) for holiday in self.overrides]
        for name, year in {key for key in named if named.count(key) > 1}:
            raise ValueError(f"{name} {school_year_label(year)} is given more than once: keep one")

    def day_of(self, at: datetime) -> date:
        """The local day that *at* falls on."""
        return _utc(at).astimezone(self.zone).date()

    def hours_on(self, day: date) -> tuple[Hours, ...]:
        """When this party is open on a local day; empty when it is closed."""
        known = self._known_hours.get(day)
        if known is None:
            known = self._known_hours[day] = self._hours_on(day)
        return known

    def is_working_day(self, day: date) -> bool:
        """Whether this party is open at any time of a local day."""
        return bool(self.hours_on(day))

    def is_open(self, at: datetime) -> bool:
        """Whether this party is open at that moment."""
        moment = _utc(at)
        return any(opens <= moment < closes for opens, closes in self._openings(self.day_of(at)))

    def next_open(self, at: datetime) -> datetime:
        """The first moment at or after *at* that this party is open.

        NeverOpen when no working day comes in ten years; the days of dated closures are not part of those ten years.
        """
        moment = _utc(at)
        openings = (opening for day in self._working_days(self.day_of(at)) for opening in self._openings(day))
        return next(max(opens, moment).astimezone(self.zone) for opens, closes in openings if moment < closes)

    def add_working_days(self, at: datetime, days: int) -> datetime:
        """The moment at which *days* full working days have gone by; always an open moment.

        The count begins at the first open moment at or after *at* (for a mail of Sunday: Monday at opening) and ends
        that many working days later, at the same local time; where the party is closed at that time of that day
        (shorter hours, a break), at the first open moment after it. Nought days is `next_open`. A later *at* never ends
        earlier, except by hours in the night that the clock changes. ValueError below 0; NeverOpen as in `next_open`.
        """
        if days < 0:
            raise ValueError(f"cannot go back in time: {days} working days")
        start = self.next_open(at)
        if days == 0:
            return start
        day = next(islice(self._working_days(start.date() + ONE_DAY), days - 1, None))
        return self.next_open(self._moment(day, start.time()))

    def working_days_between(self, start: datetime, end: datetime) -> int:
        """How many full working days have gone by from *start* to *end*: the most that `add_working_days` fits in.

        So a term of five working days is over exactly when this says 5 or more. 0 when *end* is not after *start*, and
        for a party that never opens.
        """
        until = _utc(end)
        try:
            first = self.next_open(start)
        except NeverOpen:
            return 0
        span = range(first.toordinal() + 1, self.day_of(end).toordinal() + 1)
        days = [day for day in map(date.fromordinal, span) if self.is_working_day(day)]
        # On the last of these days it may still be too early; after shorter hours, so it may be for the one before.
        while days and not self._opened(self._moment(days[-1], first.time()), until):
            days.pop()
        return len(days)

    def contradictions(self) -> tuple[date, ...]:
        """The `open_days` that stay closed, by a dated closure or for want of hours that weekday: for the check."""
        return tuple(day for day in sorted(self.open_days) if not self.is_working_day(day))

    def _opened(self, at: datetime, until: datetime) -> bool:
        """Whether the first open moment at or after *at* has come by *until* (UTC)."""
        try:
            return _utc(self.next_open(at)) <= until
        except NeverOpen:
            return False

    def _openings(self, day: date) -> Sequence[tuple[datetime, datetime]]:
        """The moments (UTC) at which a local day's hours begin and end, in order."""
        known = self._known_openings.get(day)
        if known is None:
            moments = (
                (
                    self._moment(day, hours.opens),
                    self._moment(day if hours.closes > MIDNIGHT else day + ONE_DAY, hours.closes),
                )
                for hours in self.hours_on(day)
            )
            # The clock can jump over an opening: then it may be gone, or come after a later one.
            known = self._known_openings[day] = sorted((opens, closes) for opens, closes in moments if opens < closes)
        return known

    def _working_days(self, first: date) -> Iterator[date]:
        """The working days from *first* on; raises NeverOpen when there are no more."""
        day, idle = first, 0
        while idle < PATIENCE and day <= LAST_DAY:
            if self.is_working_day(day):
                yield day
                idle = 0
            elif closure := self._closure_on(day):
                day = min(closure.last, LAST_DAY) + ONE_DAY
                continue
            idle += 1
            day += ONE_DAY
        raise NeverOpen(f"no working day found from {first} to {day}: look at the hours and closures of this calendar")

    def _moment(self, day: date, at: time) -> datetime:
        """A local time as a moment (UTC), by fold=0 of PEP 495."""
        return datetime.combine(day, at.replace(fold=0), self.zone).astimezone(UTC)

    def _closure_on(self, day: date) -> Closure | None:
        return next((closure for closure in self.closures if closure.covers(day)), None)

    def _hours_on(self, day: date) -> tuple[Hours, ...]:
        hours = self.week[day.weekday()]
        if not hours or self._closure_on(day) or (day not in self.open_days and self._is_day_off(day)):
            return ()
        return hours

    @cached_property
    def _known_hours(self) -> dict[date, tuple[Hours, ...]]:
        """What was computed of each day: the same days are asked about time and again."""
        return {}

    @cached_property
    def _known_openings(self) -> dict[date, Sequence[tuple[datetime, datetime]]]:
        """The same of the moments at which each day's hours begin and end."""
        return {}

    def _is_day_off(self, day: date) -> bool:
        return (
            (self.public_holidays_off and any(holiday.covers(day) for holiday in public_holidays(day.year)))
            or any(closure.covers(day) for closure in self.yearly_closures)
            or (bool(self.closed_in) and self._is_school_holiday(day))
        )

    def _is_school_holiday(self, day: date) -> bool:
        """Whether *day* is in one of the school holidays of `closed_in`."""
        year = school_year_of(day)
        if FREE_DAYS in self.closed_in and any(free.covers(day) for free in free_days(year)):
            return True
        # Last year's as well: an override can let the summer run into September.
        near = (*school_holidays(year - 1, self.overrides), *school_holidays(year, self.overrides))
        return any(holiday.name in self.closed_in and holiday.covers(day) for holiday in near)
