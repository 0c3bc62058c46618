"""Opening hours, working days and the Flemish school year."""

import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from rows import each_row

from mailflow.core.school_year import (
    HOLIDAY_NAMES,
    Closure,
    Holiday,
    easter,
    free_days,
    public_holidays,
    school_holidays,
    school_year_bounds,
    school_year_label,
    school_year_of,
)
from mailflow.core.workdays import BRUSSELS, Calendar, Hours, NeverOpen, YearlyClosure, hours_from

OFFICE = Calendar()
CLB = Calendar(closed_in=frozenset({"kerst", "paas"}), yearly_closures=(YearlyClosure("07-15", "08-15"),))
BROKEN_DAY = (hours_from("09:00-12:00"), hours_from("13:00-16:30"))
LUNCH = Calendar(week=(BROKEN_DAY,) * 5 + ((), ()))
SHORT_FRIDAY = Calendar(week=((hours_from("09:00-16:30"),),) * 4 + ((hours_from("09:00-12:00"),), (), ()))
ALWAYS = Calendar(week=((hours_from("00:00-24:00"),),) * 7, public_holidays_off=False)
NEVER = Calendar(week=((),) * 7)

# What the Flemish government published, as the school calendars of those years give it.
# fmt: off
PUBLISHED = {
    2018: ("29/10-04/11", "24/12-06/01", "04/03-10/03", "08/04-21/04"),
    2019: ("28/10-03/11", "23/12-05/01", "24/02-01/03", "06/04-19/04"),
    2022: ("31/10-06/11", "26/12-08/01", "20/02-26/02", "03/04-16/04"),
    2023: ("30/10-05/11", "25/12-07/01", "12/02-18/02", "01/04-14/04"),
    2024: ("28/10-03/11", "23/12-05/01", "03/03-09/03", "07/04-20/04"),
    2025: ("27/10-02/11", "22/12-04/01", "16/02-22/02", "06/04-19/04"),
    2026: ("02/11-08/11", "21/12-03/01", "08/02-14/02", "29/03-11/04"),
    2027: ("01/11-07/11", "27/12-09/01", "28/02-05/03", "03/04-16/04"),
    2028: ("30/10-05/11", "25/12-07/01", "12/02-18/02", "02/04-15/04"),
}
EASTERS = {
    2019: (4, 21), 2020: (4, 12), 2021: (4,  4), 2022: (4, 17), 2023: (4,  9), 2024: (3, 31), 2025: (4, 20),
    2026: (4,  5), 2027: (3, 28), 2028: (4, 16), 2029: (4,  1), 2030: (4, 21), 2031: (4, 13), 2032: (3, 28),
    2033: (4, 17), 2034: (4,  9), 2035: (3, 25), 2036: (4, 13),
    1818: (3, 22), 1954: (4, 18), 1981: (4, 19), 2038: (4, 25), 2049: (4, 18), 2076: (4, 19),
}
# fmt: on


def brussels(*parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=BRUSSELS, fold=fold)


def holiday(name: str, year: int) -> Holiday:
    return next(each for each in school_holidays(year) if each.name == name)


# Opening hours


def test_friday_evening_waits_until_monday():
    """A referral after closing time on Friday leaves on Monday morning."""
    friday = brussels(2026, 1, 9, 18, 0)

    leaves = OFFICE.next_open(friday)

    assert brussels(2026, 1, 12, 9, 0) == leaves


@each_row(
    ("at", "opened"),
    [
        ((2026, 1, 12, 8, 59, 59, 999999), False),
        ((2026, 1, 12, 9, 0), True),
        ((2026, 1, 12, 16, 29, 59, 999999), True),
        ((2026, 1, 12, 16, 30), False),
        ((2026, 1, 11, 10, 0), False),
    ],
)
def test_open_from_the_opening_up_to_the_closing(at, opened):
    """The opening minute is open and the closing minute is closed."""
    assert OFFICE.is_open(brussels(*at)) is opened


def test_an_open_moment_is_its_own_next_opening():
    """Whoever asks while it is open need not wait."""
    now = brussels(2026, 1, 12, 11, 17)

    assert OFFICE.next_open(now) == now


def test_the_break_waits_for_the_afternoon():
    """Two periods on one day: between them it is closed."""
    noon = brussels(2026, 1, 12, 12, 0)

    assert not LUNCH.is_open(noon)
    assert LUNCH.next_open(noon) == brussels(2026, 1, 12, 13, 0)


def test_any_zone_may_ask_and_the_answer_is_local():
    """A moment in UTC or elsewhere is judged and answered on the clock of Brussels."""
    in_tokyo = datetime(2026, 7, 13, 15, 59, tzinfo=ZoneInfo("Asia/Tokyo"))  # 08:59 in Brussels

    leaves = OFFICE.next_open(in_tokyo)

    assert leaves == brussels(2026, 7, 13, 9, 0)
    assert leaves.tzinfo is BRUSSELS
    assert OFFICE.is_open(datetime(2026, 7, 13, 7, 0, tzinfo=UTC))
    assert OFFICE.day_of(datetime(2026, 7, 12, 22, 30, tzinfo=UTC)) == date(2026, 7, 13)


@each_row(
    "ask",
    [
        OFFICE.is_open,
        OFFICE.next_open,
        OFFICE.day_of,
        lambda at: OFFICE.add_working_days(at, 1),
        lambda at: OFFICE.working_days_between(at, brussels(2026, 1, 12)),
        lambda at: OFFICE.working_days_between(brussels(2026, 1, 12), at),
    ],
)
def test_a_moment_without_a_zone_is_refused(ask):
    """We never guess which clock somebody meant."""
    with pytest.raises(ValueError, match="time zone"):
        ask(datetime(2026, 1, 12, 9, 0))


# The night that the clock changes


def test_monday_opens_at_nine_after_either_change_of_the_clock():
    """Opening is a time on the wall: 09:00 in winter is an hour later in UTC than 09:00 in summer."""
    autumn, spring = brussels(2026, 10, 24, 12, 0), brussels(2027, 3, 27, 12, 0)
    paas_does_not_close_us = Calendar(public_holidays_off=False)

    assert OFFICE.next_open(autumn).astimezone(UTC) == datetime(2026, 10, 26, 8, 0, tzinfo=UTC)
    assert paas_does_not_close_us.next_open(spring).astimezone(UTC) == datetime(2027, 3, 29, 7, 0, tzinfo=UTC)


def test_a_working_day_over_the_change_keeps_the_time_of_day():
    """Friday 10:00 and one working day is Monday 10:00, though 73 hours went by."""
    friday = brussels(2026, 10, 23, 10, 0)

    due = OFFICE.add_working_days(friday, 1)

    assert due == brussels(2026, 10, 26, 10, 0)
    assert due.astimezone(UTC) - friday.astimezone(UTC) == timedelta(hours=73)


def test_open_all_night_is_open_through_both_hours_that_come_twice():
    """On 25 October 2026 the hour from 02:00 to 03:00 comes twice."""
    for fold in (0, 1):
        assert ALWAYS.is_open(brussels(2026, 10, 25, 2, 30, fold=fold))


def test_a_term_that_ends_in_the_hour_that_comes_twice_ends_in_the_first():
    """Also when it began in the second one, a year before."""
    second = brussels(2025, 10, 26, 2, 30, fold=1)

    due = ALWAYS.add_working_days(second, 364)

    assert due.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_hours_within_the_hour_that_comes_twice_are_the_first():
    """Open 02:10-02:40 on the night of 25 October 2026: once, in summer time."""
    night = Calendar(week=((hours_from("02:10-02:40"),),) * 7)

    assert night.is_open(brussels(2026, 10, 25, 2, 20, fold=0))
    assert not night.is_open(brussels(2026, 10, 25, 2, 20, fold=1))
    assert night.next_open(brussels(2026, 10, 25, 2, 20, fold=1)) == brussels(2026, 10, 26, 2, 10)


def test_hours_that_the_clock_skips_come_as_much_later():
    """On 28 March 2027 02:00 is followed by 03:00: hours in between are an hour later, in order all the same."""
    week = ((hours_from("02:10-02:40"), hours_from("03:00-03:05")),) * 7
    night = Calendar(week=week)
    before = datetime(2027, 3, 28, 0, 0, tzinfo=UTC)

    assert night.next_open(before) == brussels(2027, 3, 28, 3, 0)
    assert night.next_open(brussels(2027, 3, 28, 3, 6)) == brussels(2027, 3, 28, 3, 10)
    assert not night.is_open(brussels(2027, 3, 28, 3, 40))


def test_hours_that_end_within_the_skipped_hour_never_run_backwards():
    """Open 02:30-03:15 on the night of 28 March 2027: the jump swallows it, the next night is the next opening."""
    night = Calendar(week=((hours_from("02:30-03:15"),),) * 7, public_holidays_off=False)
    before = datetime(2027, 3, 28, 0, 0, tzinfo=UTC)

    assert night.next_open(before) == brussels(2027, 3, 29, 2, 30)
    assert not night.is_open(brussels(2027, 3, 28, 3, 10))


def test_hours_that_the_jump_leaves_no_moment_of_are_no_opening():
    """Open 02:30-03:30 on the night of 28 March 2027: both are the same moment, so the next night is the next one."""
    night = Calendar(week=((hours_from("02:30-03:30"),),) * 7, public_holidays_off=False)

    assert night.next_open(datetime(2027, 3, 28, 0, 0, tzinfo=UTC)) == brussels(2027, 3, 29, 2, 30)


def test_hours_may_follow_each_other_at_once():
    """The afternoon begins when the morning ends."""
    whole = Calendar(week=((hours_from("09:00-12:00"), hours_from("12:00-16:30")),) * 7)

    assert whole.is_open(brussels(2026, 1, 12, 12, 0))


def test_open_until_midnight_ends_with_the_day():
    """24:00 is the end of the day, and two such days join."""
    friday_only = Calendar(week=((), (), (), (), (hours_from("20:00-24:00"),), (), ()))

    assert friday_only.is_open(brussels(2026, 1, 9, 23, 59, 59))
    assert not friday_only.is_open(brussels(2026, 1, 10, 0, 0))
    assert ALWAYS.is_open(brussels(2026, 1, 10, 0, 0))


# Days off


@each_row(
    ("year", "days"),
    [
        (2026, "01-01 04-06 05-01 05-14 05-25 07-21 08-15 11-01 11-11 12-25"),
        (2027, "01-01 03-29 05-01 05-06 05-17 07-21 08-15 11-01 11-11 12-25"),
        (2028, "01-01 04-17 05-01 05-25 06-05 07-21 08-15 11-01 11-11 12-25"),
    ],
)
def test_belgium_has_ten_public_holidays(year, days):
    """Four move with Easter; the Sundays themselves are no public holidays in law."""
    found = [each.first for each in public_holidays(year)]

    assert [f"{day:%m-%d}" for day in sorted(found)] == days.split()
    assert all(each.first == each.last and each.why for each in public_holidays(year))


def test_two_public_holidays_can_share_a_day():
    """In 2008 Ascension fell on 1 May: ten names, nine days."""
    days = [each.first for each in public_holidays(2008)]

    assert len(days) == 10
    assert days.count(date(2008, 5, 1)) == 2


@each_row("year", EASTERS)
def test_easter_is_where_the_church_has_it(year):
    """Also in the odd years of the computus, with a full moon at the very end of its range."""
    assert easter(year) == date(year, *EASTERS[year])


def test_a_party_may_work_on_public_holidays():
    """Public holidays close a party unless its configuration says that it works."""
    assert not OFFICE.is_working_day(date(2026, 7, 21))
    assert Calendar(public_holidays_off=False).is_working_day(date(2026, 7, 21))


def test_a_clb_is_closed_in_summer_at_christmas_and_at_easter():
    """The usual closing of a CLB, and the days on either side of it."""
    # fmt: off
    worked = {
        date(2026, 7, 14): True,  date(2026, 7, 15): False, date(2026, 8, 14): False, date(2026, 8, 17): True,
        date(2026, 12, 18): True, date(2026, 12, 21): False, date(2026, 12, 31): False, date(2027, 1, 4): True,
        date(2027, 3, 26): True,  date(2027, 3, 29): False, date(2027, 4, 9): False, date(2027, 4, 12): True,
        date(2026, 11, 3): True,  date(2027, 2, 9): True,
    }
    # fmt: on
    assert {day: CLB.is_working_day(day) for day in worked} == worked


def test_at_christmas_but_for_two_days():
    """A day named as open is worked at its usual hours, in the middle of a holiday."""
    clb = replace(CLB, open_days=frozenset({date(2026, 12, 21), date(2026, 12, 22)}))

    assert clb.next_open(brussels(2026, 12, 18, 20, 0)) == brussels(2026, 12, 21, 9, 0)
    assert clb.next_open(brussels(2026, 12, 22, 17, 0)) == brussels(2027, 1, 4, 9, 0)
    assert clb.contradictions() == ()


@each_row("day", [date(2026, 7, 21), date(2026, 8, 3)])
def test_an_open_day_wins_from_what_returns_every_year(day):
    """From a public holiday, and from a yearly closure."""
    assert not CLB.is_working_day(day)
    assert replace(CLB, open_days=frozenset({day})).is_working_day(day)


def test_a_dated_closure_wins_from_an_open_day():
    """The desk reports itself ill on a day that was promised: closed, and the check can tell; a Sunday has no hours."""
    promised, sunday = date(2026, 12, 28), date(2026, 12, 27)
    clb = replace(CLB, open_days=frozenset({promised, sunday}), closures=(Closure(promised, promised, "ziek"),))

    assert not clb.is_working_day(promised)
    assert clb.contradictions() == (sunday, promised)


def test_a_yearly_closure_may_run_over_new_year():
    """From 24 December to 2 January, whatever the year."""
    closed = YearlyClosure("12-24", "01-02")

    covered = [closed.covers(date(2027, *day)) for day in ((12, 23), (12, 24), (12, 31), (1, 1), (1, 2), (1, 3))]

    assert covered == [False, True, True, True, True, False]


def test_a_yearly_closure_of_leap_day_is_a_day_in_leap_years_only():
    """29 February can be named; in other years nothing is closed for it."""
    closed = Calendar(yearly_closures=(YearlyClosure("02-29", "02-29"),))

    assert not closed.is_working_day(date(2028, 2, 29))
    assert closed.is_working_day(date(2027, 3, 1))
    assert OFFICE.is_working_day(date(2028, 2, 29))


def test_schools_free_days_can_close_a_party():
    """The Friday after Ascension is no public holiday, but schools are closed; "vrij" closes a party with them."""
    friday = date(2027, 5, 7)
    with_schools = Calendar(closed_in=frozenset({"vrij"}), public_holidays_off=False)

    assert OFFICE.is_working_day(friday)
    assert CLB.is_working_day(friday)
    assert not with_schools.is_working_day(friday)
    assert not with_schools.is_working_day(date(2026, 11, 11))
    assert with_schools.is_working_day(date(2027, 7, 21))


# The school year


@each_row("year", PUBLISHED)
def test_the_rule_gives_the_published_holidays(year):
    """Every row of the table, and the years around it."""
    found = tuple(f"{each.first:%d/%m}-{each.last:%d/%m}" for each in school_holidays(year))

    assert found == (*PUBLISHED[year], "01/07-31/08")


@each_row("year", range(2019, 2036))
def test_holidays_are_whole_weeks_within_their_school_year(year):
    """Monday to Sunday, in order, without overlap, each around the feast that names it."""
    first, last = school_year_bounds(year)

    found = school_holidays(year)

    assert [each.name for each in found] == list(HOLIDAY_NAMES)
    assert [(each.last - each.first).days + 1 for each in found] == [7, 14, 7, 14, 62]
    assert [each.first.weekday() for each in found[:4]] == [0, 0, 0, 0]
    assert all(first <= each.first <= each.last <= last for each in found)
    assert all(one.last < other.first for one, other in pairwise(found))
    assert found[1].covers(date(year, 12, 31))


@each_row(
    ("name", "year", "first"),
    [
        ("herfst", 2020, date(2020, 11, 2)),  # 1 November a Sunday; Covid then made it two weeks
        ("kerst", 2021, date(2021, 12, 27)),  # Christmas a Saturday
        ("paas", 2029, date(2030, 4, 8)),  # Easter on 21 April
        ("paas", 2031, date(2032, 3, 29)),  # Easter in March
        ("paas", 2030, date(2031, 4, 7)),  # Easter on 13 April
        ("paas", 1959, date(1960, 4, 4)),  # Easter on 17 April: both rules agree
        ("paas", 2000, date(2001, 4, 2)),  # Easter on 15 April is not after it
    ],
)
def test_the_turns_of_the_rule(name, year, first):
    """Feasts in a weekend, and Easter early or late."""
    assert holiday(name, year).first == first


def test_the_free_days_of_a_school_year():
    """Five feasts, of which Ascension is two days; Easter Monday 2028 falls just outside the holiday."""
    found = [f"{each.first:%d/%m}-{each.last:%d/%m}" for each in free_days(2027)]

    assert found == ["11/11-11/11", "17/04-17/04", "01/05-01/05", "25/05-26/05", "05/06-05/06"]


def test_an_override_replaces_one_holiday_of_one_school_year():
    """An autumn of two weeks: that year's only, and the other holidays stay computed."""
    longer = Holiday("herfst", date(2026, 10, 26), date(2026, 11, 8))
    clb = replace(CLB, closed_in=frozenset({"herfst"}), overrides=(longer,))

    assert not clb.is_working_day(date(2026, 10, 26))
    assert clb.is_working_day(date(2027, 10, 29))
    assert not clb.is_working_day(date(2027, 11, 2))
    assert school_holidays(2026, (longer,)) == (longer, *school_holidays(2026)[1:])


def test_an_override_opens_the_days_that_it_leaves_out():
    """A shorter holiday is worked on the days that the rule would have given."""
    shorter = Holiday("kerst", date(2026, 12, 24), date(2027, 1, 3))

    assert replace(CLB, overrides=(shorter,)).is_working_day(date(2026, 12, 22))


def test_an_override_may_run_into_the_next_school_year():
    """A summer until 6 September still closes on 3 September."""
    summer = Holiday("zomer", date(2026, 7, 1), date(2026, 9, 6))
    party = Calendar(closed_in=frozenset({"zomer"}), overrides=(summer,))

    assert party.next_open(brussels(2026, 8, 20, 12, 0)) == brussels(2026, 9, 7, 9, 0)


def test_a_school_year_turns_on_the_first_of_september():
    """It is named by the year that it starts in."""
    assert school_year_of(date(2027, 8, 31)) == 2026
    assert school_year_of(date(2026, 9, 1)) == 2026
    assert school_year_bounds(2026) == (date(2026, 9, 1), date(2027, 8, 31))
    assert school_year_label(2026) == "2026-2027"
    assert school_year_label(1999) == "1999-2000"


# Working days


@each_row(
    ("calendar", "start", "days", "due"),
    [
        (OFFICE, (2026, 1, 12, 10, 0), 1, (2026, 1, 13, 10, 0)),
        (OFFICE, (2026, 1, 9, 10, 0), 1, (2026, 1, 12, 10, 0)),  # over the weekend
        (OFFICE, (2026, 1, 12, 10, 0), 5, (2026, 1, 19, 10, 0)),
        (OFFICE, (2026, 1, 11, 22, 14), 1, (2026, 1, 13, 9, 0)),  # Sunday counts from Monday's opening
        (OFFICE, (2026, 1, 11, 7, 0), 1, (2026, 1, 13, 9, 0)),
        (OFFICE, (2026, 1, 9, 18, 0), 1, (2026, 1, 13, 9, 0)),  # so does Friday evening
        (OFFICE, (2026, 1, 12, 7, 0), 1, (2026, 1, 13, 9, 0)),
        (OFFICE, (2026, 1, 11, 22, 14), 0, (2026, 1, 12, 9, 0)),
        (OFFICE, (2026, 1, 12, 10, 0), 0, (2026, 1, 12, 10, 0)),
        (OFFICE, (2026, 5, 13, 10, 0), 2, (2026, 5, 18, 10, 0)),  # over Ascension, Friday is worked
        (OFFICE, (2028, 2, 28, 10, 0), 1, (2028, 2, 29, 10, 0)),  # leap day
        (OFFICE, (2028, 2, 29, 10, 0), 1, (2028, 3, 1, 10, 0)),
        (SHORT_FRIDAY, (2026, 1, 8, 15, 0), 1, (2026, 1, 12, 9, 0)),  # Friday 15:00 is after closing
        (LUNCH, (2026, 1, 12, 11, 59), 1, (2026, 1, 13, 11, 59)),
        (CLB, (2026, 7, 14, 10, 0), 1, (2026, 8, 17, 10, 0)),  # over the summer closing
    ],
)
def test_working_days_later(calendar, start, days, due):
    """The same time of day, that many working days on; the count begins when the party opens."""
    assert calendar.add_working_days(brussels(*start), days) == brussels(*due)


def test_a_break_at_that_time_of_that_day_ends_after_the_break():
    """Thursday is worked at noon and Friday is not: the term ends when Friday opens again."""
    party = Calendar(week=((hours_from("09:00-16:30"),),) * 4 + (BROKEN_DAY, (), ()))

    assert party.add_working_days(brussels(2026, 1, 8, 12, 30), 1) == brussels(2026, 1, 9, 13, 0)


def test_no_term_runs_backwards():
    """Less than nought working days is a mistake of the caller."""
    with pytest.raises(ValueError, match="go back"):
        OFFICE.add_working_days(brussels(2026, 1, 12, 10, 0), -1)


@each_row(
    ("calendar", "start", "end", "days"),
    [
        (OFFICE, (2026, 1, 12, 10, 0), (2026, 1, 13, 10, 0), 1),
        (OFFICE, (2026, 1, 12, 10, 0), (2026, 1, 13, 9, 59), 0),
        (OFFICE, (2026, 1, 9, 10, 0), (2026, 1, 19, 10, 0), 6),
        (OFFICE, (2026, 1, 9, 18, 0), (2026, 1, 12, 12, 0), 0),
        (OFFICE, (2026, 1, 12, 10, 0), (2026, 1, 9, 10, 0), 0),  # turned round
        (OFFICE, (2026, 1, 10, 10, 0), (2026, 1, 11, 10, 0), 0),
        (SHORT_FRIDAY, (2026, 1, 8, 15, 0), (2026, 1, 9, 23, 0), 0),  # the term ends on Monday at opening
        (SHORT_FRIDAY, (2026, 1, 8, 15, 0), (2026, 1, 12, 9, 0), 1),
        (SHORT_FRIDAY, (2026, 1, 8, 15, 0), (2026, 1, 12, 8, 0), 0),
        (NEVER, (2026, 1, 12, 10, 0), (2036, 1, 12, 10, 0), 0),
    ],
)
def test_full_working_days_between(calendar, start, end, days):
    """Only what has wholly gone by counts."""
    assert calendar.working_days_between(brussels(*start), brussels(*end)) == days


def test_the_last_day_before_closing_for_good_is_not_full_after_hours():
    """No opening comes any more by which that working day would be over."""
    last_friday = replace(SHORT_FRIDAY, closures=(Closure(date(2026, 1, 10), date.max, "gestopt"),))

    assert last_friday.working_days_between(brussels(2026, 1, 8, 15, 0), brussels(2027, 1, 1)) == 0


# Parties that are never open


@each_row(
    "calendar",
    [
        NEVER,
        Calendar(closures=(Closure(date(2020, 1, 1), date.max),)),
        Calendar(yearly_closures=(YearlyClosure("01-01", "12-31"),)),
        Calendar(yearly_closures=(YearlyClosure("09-01", "06-30"),), closed_in=frozenset({"zomer"})),
    ],
)
def test_a_party_that_never_opens_is_told_so(calendar):
    """An error that says where to look, and no endless search."""
    with pytest.raises(NeverOpen, match="hours and closures"):
        calendar.next_open(brussels(2026, 1, 12, 10, 0))


def test_a_day_within_ten_years_is_still_found():
    """The last one that counts; a day later it never opens."""
    first = date(2026, 1, 12)
    last = first + timedelta(days=3652)
    closed = (YearlyClosure("01-01", "12-31"),)

    found, beyond = (
        Calendar(week=ALWAYS.week, yearly_closures=closed, public_holidays_off=False, open_days=frozenset({day}))
        for day in (last, last + timedelta(days=1))
    )

    assert found.next_open(brussels(2026, 1, 12, 10, 0)).date() == last
    with pytest.raises(NeverOpen):
        beyond.next_open(brussels(2026, 1, 12, 10, 0))


def test_the_ten_years_begin_anew_at_each_working_day():
    """Whoever opens once in ten years is open all the same."""
    first = date(2026, 1, 12)
    days = [first + timedelta(days=3652 * n) for n in range(3)]
    seldom = Calendar(
        week=ALWAYS.week,
        yearly_closures=(YearlyClosure("01-01", "12-31"),),
        public_holidays_off=False,
        open_days=frozenset(days),
    )

    assert seldom.add_working_days(brussels(2026, 1, 12, 10, 0), 2).date() == days[2]


def test_the_last_day_of_all_can_be_worked():
    """31 December 9998; later than that nothing is computed."""
    last = datetime(9998, 12, 31, 1, 0, tzinfo=BRUSSELS)

    assert ALWAYS.next_open(last) == last


def test_a_very_long_closure_is_no_obstacle():
    """Whoever closes for two thousand years opens on the first working day after them."""
    sleeper = Calendar(
        closures=(Closure(date(2020, 1, 1), date(2999, 12, 31)), Closure(date(3000, 1, 1), date(4000, 1, 2)))
    )

    assert sleeper.next_open(brussels(2026, 1, 12, 10, 0)) == brussels(4000, 1, 3, 9, 0)


# What no calendar can mean


@each_row(
    ("make", "words"),
    [
        (lambda: Hours(time(16), time(9)), "not after 16:00"),
        (lambda: Hours(time(9), time(9)), "not after 09:00"),
        (lambda: Closure(date(2026, 2, 1), date(2026, 1, 1)), "turn them round"),
        (lambda: Holiday("kerst", date(2026, 2, 1), date(2026, 1, 1)), "turn them round"),
        (lambda: Holiday("lente", date(2026, 2, 1), date(2026, 2, 2)), "no school holiday"),
        (lambda: YearlyClosure("02-30", "03-01"), "02-30.*MM-DD"),
        (lambda: YearlyClosure("03-01", "W01-1"), "W01-1.*MM-DD"),
        (lambda: YearlyClosure("3-1", "03-02"), "MM-DD"),
        (lambda: YearlyClosure("", "03-02"), "MM-DD"),
        (lambda: Calendar(week=((),) * 5), "seven days, not 5"),
        (lambda: Calendar(closed_in=frozenset({"paas", "lente"})), "^lente: no school holiday"),
        (lambda: Calendar(week=(BROKEN_DAY[::-1],) * 7), "in order"),
        (lambda: Calendar(week=((hours_from("09:00-24:00"), hours_from("10:00-11:00")),) * 7), "in order"),
        (
            lambda: Calendar(overrides=(Holiday("kerst", date(2026, 12, 1), date(2026, 12, 2)),) * 2),
            "kerst 2026-2027 is given more than once",
        ),
    ],
)
def test_nonsense_is_refused_with_a_remedy(make, words):
    """Configuration that means nothing never becomes a calendar."""
    with pytest.raises(ValueError, match=words):
        make()


def test_hours_are_read_as_configuration_writes_them():
    """Two times of four digits; 24:00 is the end of the day."""
    assert hours_from("09:00-16:30") == Hours(time(9), time(16, 30))
    assert hours_from("00:00-24:00") == Hours(time(0), time(0))


@each_row(
    "text",
    [
        "",
        "9:00-16:30",
        "09:00",
        "09:00-25:00",
        "24:00-24:00",
        "09:60-10:00",
        "09:00-24:30",
        "09:00-16:30\n",
        "٠٩:00-16:30",
    ],
)
def test_other_hours_are_refused(text):
    """Never guess what an hour meant."""
    with pytest.raises(ValueError, match="HH:MM-HH:MM"):
        hours_from(text)


def test_the_shipped_calendar_says_what_the_code_assumes():
    """config/calendar.toml spells out the defaults, so that nobody has to look for them."""
    shipped = tomllib.loads((Path(__file__).parents[2] / "config" / "calendar.toml").read_text(encoding="utf-8"))

    def party(table):
        return Calendar(
            zone=ZoneInfo(shipped["zone"]),
            week=tuple(tuple(map(hours_from, hours)) for hours in table["hours"].values()),
            closures=tuple(Closure(**row) for row in table.get("closed", ())),
            yearly_closures=tuple(YearlyClosure(**row) for row in table.get("closed_yearly", ())),
            closed_in=frozenset(table["closed_in"]),
            open_days=frozenset(table["open_days"]),
            overrides=tuple(Holiday(**row) for row in shipped.get("school_holiday", ())),
            public_holidays_off=table["public_holidays_off"],
        )

    assert party(shipped) == OFFICE
    assert party(shipped["provider"]) == OFFICE
    assert party(shipped["clb"]) == replace(CLB, yearly_closures=(YearlyClosure("07-15", "08-15", "zomersluiting"),))


# Whatever the calendar: invented ones, each time the same; hours from 06:00, since in the night of the change later
# starts may end earlier

CHANCE = Random(2026)
MANY = 100


def a_day():
    return date.fromordinal(CHANCE.randint(date(2019, 1, 1).toordinal(), date(2035, 12, 31).toordinal()))


def a_moment():
    """Often on the hour or just beside it, where a party opens and closes."""
    minute, second, microsecond = CHANCE.choice([
        (0, 0, 0),
        (30, 0, 0),
        (59, 59, 999_999),
        (CHANCE.randrange(60), CHANCE.randrange(60), CHANCE.randrange(1_000_000)),
    ])  # fmt: skip
    clock = time(CHANCE.randrange(24), minute, second, microsecond)
    return datetime.combine(a_day(), clock, CHANCE.choice([UTC, BRUSSELS]))


def hours_of_a_day():
    """None, once or twice."""
    quarters = sorted(CHANCE.sample(range(24, 96), CHANCE.choice([0, 2, 2, 4])))
    times = [time(quarter // 4, quarter % 4 * 15) for quarter in quarters]
    return tuple(Hours(*pair) for pair in zip(times[::2], times[1::2], strict=True))


def a_closure():
    first = a_day()
    return Closure(first, first + timedelta(days=CHANCE.randint(0, 900)))


def a_calendar():
    """Of a party that opens at least once a week, but for its closures and holidays."""
    week = [hours_of_a_day() for _ in range(7)]
    if not any(week):
        week[CHANCE.randrange(7)] = (hours_from("06:00-23:45"),)
    return Calendar(
        week=tuple(week),
        closures=tuple(a_closure() for _ in range(CHANCE.randint(0, 3))),
        yearly_closures=CHANCE.choice([(), (YearlyClosure("07-15", "08-15"),), (YearlyClosure("12-24", "01-02"),)]),
        closed_in=frozenset(name for name in (*HOLIDAY_NAMES, "vrij") if CHANCE.random() < 1 / 2),
        open_days=frozenset(a_day() for _ in range(CHANCE.randint(0, 3))),
        public_holidays_off=CHANCE.random() < 1 / 2,
    )


CALENDARS = [OFFICE, CLB, LUNCH, SHORT_FRIDAY, *(a_calendar() for _ in range(MANY))]
CLOSING = [
    brussels(2026, 1, 12, 16, 30),
    brussels(2026, 1, 13, 16, 30),
    brussels(2026, 1, 12, 12),
    brussels(2026, 1, 9, 12),
]
MOMENTS = [*CLOSING, *(a_moment() for _ in range(MANY))]
"""Of each calendar one; of the first four the moment at which they close."""
LATER = [a_moment() for _ in CALENDARS]


@each_row(("calendar", "at"), zip(CALENDARS, MOMENTS, strict=True))
def test_the_next_opening_is_open_and_not_before_its_question(calendar, at):
    """And asking again at that moment changes nothing."""
    opens = calendar.next_open(at)

    assert opens.astimezone(UTC) >= at.astimezone(UTC)
    assert calendar.is_open(opens)
    assert calendar.next_open(opens) == opens
    assert calendar.is_open(at) is (opens.astimezone(UTC) == at.astimezone(UTC))


@each_row("part", [0, 0.001, CHANCE.random(), CHANCE.random(), 0.999])
@each_row(("calendar", "at"), zip(CALENDARS, LATER, strict=True))
def test_nothing_is_open_before_the_next_opening(calendar, at, part):
    """No moment between the question and the answer would have done."""
    opens = calendar.next_open(at).astimezone(UTC)
    between = at.astimezone(UTC) + part * (opens - at.astimezone(UTC))

    assert between >= opens or not calendar.is_open(between)


@each_row(("few", "more"), [(0, 1), (2, 2), (CHANCE.randint(0, 12), CHANCE.randint(12, 25))])
@each_row(("calendar", "one", "other"), zip(CALENDARS, MOMENTS, LATER, strict=True))
def test_more_working_days_and_later_starts_never_end_earlier(calendar, one, other, few, more):
    """`add_working_days` is monotone in both, and always ends while open."""
    early, late = sorted((one.astimezone(UTC), other.astimezone(UTC)))

    ends = [calendar.add_working_days(at, days) for at, days in ((early, few), (late, few), (late, more))]

    assert ends == sorted(ends, key=lambda end: end.astimezone(UTC))
    assert all(calendar.is_open(end) for end in ends)


@each_row("days", [0, 1, 5, CHANCE.randint(6, 25)])
@each_row(("calendar", "at"), zip(CALENDARS, MOMENTS, strict=True))
def test_a_term_is_over_exactly_when_its_working_days_have_gone_by(calendar, at, days):
    """`working_days_between` and `add_working_days` tell the same story."""
    due = calendar.add_working_days(at, days).astimezone(UTC)

    assert calendar.working_days_between(at, due) >= days
    assert days == 0 or calendar.working_days_between(at, due - timedelta(microseconds=1)) < days


@each_row("day", [*(a_day() for _ in range(MANY)), date(2026, 8, 31), date(2026, 9, 1)])
def test_every_day_lies_in_its_school_year(day):
    """The bounds of a school year hold the days that belong to it."""
    first, last = school_year_bounds(school_year_of(day))

    assert first <= day <= last
