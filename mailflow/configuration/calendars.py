"""calendar.toml, and the calendar of one provider: tables -> Calendar."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from mailflow.configuration.config_files import CALENDAR as FILE
from mailflow.configuration.kinds import Required, Text, one_of, wrong
from mailflow.configuration.mistakes import Table, checked, place
from mailflow.configuration.problems import Problem
from mailflow.core.school_year import HOLIDAY_NAMES, Closure, Holiday, school_year_label, school_year_of
from mailflow.core.workdays import FREE_DAYS, Calendar, Hours, NeverOpen, YearlyClosure, hours_from

KEYS = ("public_holidays_off", "closed_in", "open_days", "hours", "closed", "closed_yearly")
"""The keys that make a calendar, the same for the meldpunt, the CLBs and a provider."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)  # next_open leaps over dated closures, so any day will do


def _in_order(texts: list[str]) -> list[str]:
    Calendar(week=(tuple(hours_from(text) for text in texts), *((),) * 6))
    return texts


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # ZoneInfoNotFoundError is a KeyError; a folder name is an OSError
        raise wrong(f"{name!r} is no time zone", "Write a name of the IANA list, such as Europe/Brussels.") from None
    return name


def _given(day: date) -> date:
    if day == date.min:
        raise wrong("is missing", "Add the day, such as 2026-12-24.")
    return day


Day = Annotated[date, AfterValidator(_given)]
OneDay = Annotated[list[str], AfterValidator(_in_order)]
_OFFICE_HOURS = ["09:00-16:30"]


class HoursTable(Table):
    """Opening hours per weekday."""

    mon: OneDay = Field(default_factory=_OFFICE_HOURS.copy)
    tue: OneDay = Field(default_factory=_OFFICE_HOURS.copy)
    wed: OneDay = Field(default_factory=_OFFICE_HOURS.copy)
    thu: OneDay = Field(default_factory=_OFFICE_HOURS.copy)
    fri: OneDay = Field(default_factory=_OFFICE_HOURS.copy)
    sat: OneDay = Field(default_factory=list)
    sun: OneDay = Field(default_factory=list)


class ClosedTable(Table):
    """A period without work."""

    first: Day = date.min
    last: Day = date.min
    why: Text = ""


class YearlyTable(Table):
    """A period without work that comes each year."""

    first: Required = ""
    last: Required = ""
    why: Text = ""


class HolidayTable(Table):
    """A school holiday that differs from the rule."""

    name: Annotated[Required, one_of(*HOLIDAY_NAMES)] = ""
    first: Day = date.min
    last: Day = date.min


def _in_turn(table: ClosedTable) -> ClosedTable:
    Closure(table.first, table.last)
    return table


def _as_holiday(table: HolidayTable) -> HolidayTable:
    Holiday(table.name, table.first, table.last)
    return table


def _yearly(table: YearlyTable) -> YearlyTable:
    YearlyClosure(table.first, table.last)
    return table


class OpeningTable(Table):
    """The calendar keys of one party."""

    public_holidays_off: bool = True
    closed_in: list[Annotated[str, one_of(*HOLIDAY_NAMES, FREE_DAYS)]] = Field(default_factory=list)
    open_days: list[date] = Field(default_factory=list)
    hours: HoursTable = HoursTable()
    closed: list[Annotated[ClosedTable, AfterValidator(_in_turn)]] = Field(default_factory=list)
    closed_yearly: list[Annotated[YearlyTable, AfterValidator(_yearly)]] = Field(default_factory=list)


class SharedTable(Table):
    """What holds for every party of calendar.toml."""

    zone: Annotated[str, AfterValidator(_zone)] = "Europe/Brussels"
    school_holiday: list[Annotated[HolidayTable, AfterValidator(_as_holiday)]] = Field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Calendars:
    """The calendars of calendar.toml."""

    desk: Calendar
    clb: Calendar
    provider: Calendar


CLB_DEFAULT = Calendar(
    closed_in=frozenset({"kerst", "paas"}), yearly_closures=(YearlyClosure("07-15", "08-15", "zomersluiting"),)
)
"""As most CLBs close; their days in the Christmas holiday differ, so none are assumed."""


def read_calendars(table: Mapping[str, Any]) -> tuple[Calendars, list[Problem]]:
    """The three calendars, and what is wrong with them; where something is wrong, the default stands."""
    rest = {key: value for key, value in table.items() if key not in (*KEYS, "clb", "provider")}
    shared, problems = checked(SharedTable, rest, file=FILE, also=(*KEYS, "clb", "provider"))
    if not problems:
        problems += _given_twice(shared)
    zone = ZoneInfo(shared.zone)
    overrides = () if problems else tuple(Holiday(one.name, one.first, one.last) for one in shared.school_holiday)

    def party(base: Calendar, part: object, where: str) -> Calendar:
        base = replace(base, zone=zone, overrides=overrides)
        calendar, wrong_here = read_calendar(part, base, file=FILE, where=where)
        problems.extend(wrong_here)
        return calendar

    own = {key: value for key, value in table.items() if key in KEYS}
    return Calendars(
        desk=party(Calendar(), own, ""),
        clb=party(CLB_DEFAULT, table.get("clb", {}), "clb"),
        provider=party(Calendar(), table.get("provider", {}), "provider"),
    ), problems


def read_calendar(table: object, base: Calendar, *, file: str, where: str) -> tuple[Calendar, list[Problem]]:
    """*base* with what *table* says instead, and what is wrong with that table."""
    opening, problems = checked(OpeningTable, table, file=file, where=where)
    if problems:
        return base, problems
    calendar = replace(base, **_changes(opening, base))
    try:
        calendar.next_open(_SOME_DAY)
    except NeverOpen:
        remedy = "Give at least one weekday hours, and look at the closures."
        return base, [Problem(file, place(where, "hours"), "this calendar never opens", remedy)]
    return calendar, [
        Problem(file, place(where, "open_days"), f"{day} stays closed all the same", _STAYS_CLOSED)
        for day in calendar.contradictions()
        if "open_days" in opening.model_fields_set
    ]


_STAYS_CLOSED = "Give that weekday hours, take the day out of [[closed]], or take it out here."


def _changes(opening: OpeningTable, base: Calendar) -> dict[str, Any]:
    given = opening.model_fields_set
    everything = {
        "public_holidays_off": ("public_holidays_off", opening.public_holidays_off),
        "closed_in": ("closed_in", frozenset(opening.closed_in)),
        "open_days": ("open_days", frozenset(opening.open_days)),
        "hours": ("week", _week(opening.hours, base)),
        "closed": ("closures", tuple(Closure(one.first, one.last, one.why) for one in opening.closed)),
        "closed_yearly": (
            "yearly_closures",
            tuple(YearlyClosure(one.first, one.last, one.why) for one in opening.closed_yearly),
        ),
    }
    return dict(value for key, value in everything.items() if key in given)


def _week(hours: HoursTable, base: Calendar) -> tuple[tuple[Hours, ...], ...]:
    return tuple(
        tuple(hours_from(text) for text in getattr(hours, day)) if day in hours.model_fields_set else usual
        for day, usual in zip(DAYS, base.week, strict=True)
    )


def _given_twice(shared: SharedTable) -> list[Problem]:
    named = [(one.name, school_year_of(one.first)) for one in shared.school_holiday]
    return [
        Problem(FILE, "school_holiday", f"{name} {school_year_label(year)} is given more than once", "Keep one.")
        for name, year in sorted({key for key in named if named.count(key) > 1})
    ]
