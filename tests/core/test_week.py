"""The week in four numbers: which weeks, and when they are told."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from rows import each_row

from mailflow.core.week import WEEKS, Weeks, bounds, is_first_of_week

BRUSSELS = ZoneInfo("Europe/Brussels")
MONDAY = date(2026, 10, 26)
"""The clocks went back the day before."""


def test_weeks_begin_at_midnight_on_monday_local_time():
    """Also when the clock changed: that week has an hour more."""
    found = bounds(MONDAY + timedelta(days=2), BRUSSELS)

    assert len(found) == WEEKS + 1
    assert found[-1] == datetime(2026, 10, 26, tzinfo=BRUSSELS)
    assert found[-1].astimezone(UTC) - found[-2].astimezone(UTC) == timedelta(days=7, hours=1)
    assert {(one.weekday(), one.hour) for one in found} == {(0, 0)}


@each_row(
    ("since", "first"),
    [
        (datetime(2026, 10, 23, 8, 30, tzinfo=BRUSSELS), True),
        (datetime(2026, 10, 26, 8, 30, tzinfo=BRUSSELS), False),
    ],
)
def test_the_first_digest_of_a_week_tells_it(since, first):
    """On Tuesday too, when the meldpunt was closed on Monday."""
    assert is_first_of_week(MONDAY + timedelta(days=1), since, BRUSSELS) is first


def test_a_week_without_news_is_not_told():
    """However busy the weeks before it were."""
    nothing, busy = (0,) * WEEKS, (9,) * (WEEKS - 1) + (0,)

    assert Weeks(came=busy, sent=nothing, started=nothing, ended=nothing).is_empty
    assert not Weeks(came=nothing, sent=nothing, started=nothing, ended=(0,) * 7 + (1,)).is_empty


def test_each_number_stands_beside_that_of_the_week_before():
    """In the order in which a referral goes."""
    rows = Weeks(came=(0, 3, 4), sent=(0, 2, 3), started=(0, 0, 1), ended=(0, 1, 0)).rows()

    assert [one.value for one in rows] == [
        "4 (de week ervoor 3)",
        "3 (de week ervoor 2)",
        "1 (de week ervoor 0)",
        "0 (de week ervoor 1)",
    ]
