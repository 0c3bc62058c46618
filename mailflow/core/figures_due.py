"""When are the figures mailed to the desk, and about which days?"""

from datetime import date, timedelta

from mailflow.core.figure_tables import Period
from mailflow.core.rules import Rules
from mailflow.core.school_year import school_year_bounds, school_year_of

LATE = timedelta(days=7)
"""A day of the configuration that went by longer ago is let go: who installs mailflow gets no old report."""
MONTH_BEFORE = timedelta(days=31)
"""The figures of a day are about the school year of a month before: in September about the one that ended."""


def due_on(today: date, rules: Rules) -> date | None:
    """The newest of the days in the configuration that came within the last week; None when none did."""
    days = [date(year, *on) for year in (today.year - 1, today.year) for on in rules.figures_on]
    return max((day for day in days if today - LATE <= day <= today), default=None)


def period_of(day: date) -> Period:
    """What the figures that are due on *day* are about: a school year, up to the day before."""
    first, last = school_year_bounds(school_year_of(day - MONTH_BEFORE))
    return Period(first, min(last, day - timedelta(days=1)))
