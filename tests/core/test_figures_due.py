"""On which days the figures leave, and which school year they are about."""

from datetime import date

from mailbag import RULES
from rows import each_row

from mailflow.core.figures_due import due_on, period_of


@each_row(
    ("today", "due"),
    [
        (date(2026, 9, 14), None),
        (date(2026, 9, 15), date(2026, 9, 15)),
        (date(2026, 9, 22), date(2026, 9, 15)),
        (date(2026, 9, 23), None),
    ],
)
def test_a_day_that_went_by_more_than_a_week_ago_is_let_go(today, due):
    """Whoever installs mailflow gets no old report."""
    assert due_on(today, RULES) == due


def test_in_september_they_are_about_the_year_that_ended():
    """In January about the one that runs, up to the day before."""
    ended, runs = period_of(date(2026, 9, 15)), period_of(date(2027, 1, 15))

    assert (ended.first, ended.last) == (date(2025, 9, 1), date(2026, 8, 31))
    assert (runs.first, runs.last) == (date(2026, 9, 1), date(2027, 1, 14))
