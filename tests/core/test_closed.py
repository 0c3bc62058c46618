"""A provider that is closed for long: the referrer knows before she waits."""

from datetime import date, datetime

from mailbag import RULES
from rows import each_row

from mailflow.core.closed import closed_meanwhile
from mailflow.core.workdays import BRUSSELS

FARM, NAFT = RULES.providers["zorgboerderij"], RULES.providers["naft-vbo"]
SUMMER = (
    "Zorgboerderij De Linde is gesloten van donderdag 15 juli 2027 tot en met maandag 16 augustus 2027: "
    "een eerste telefoon komt ten laatste op donderdag 2 september 2027."
)


def on(*day):
    return datetime(*day, 11, 0, tzinfo=BRUSSELS)


@each_row(
    ("provider", "leaves", "told"),
    [
        (FARM, on(2027, 7, 13), (SUMMER,)),
        (FARM, on(2027, 5, 11), ()),
        (FARM, on(2027, 10, 29), ()),  # a holiday of schools, not of the farm
        (NAFT, on(2026, 12, 18), ("kerst",)),
        (NAFT, on(2026, 12, 23), ("kerst",)),
        (NAFT, on(2026, 10, 30), ()),
    ],
)
def test_a_week_or_more_is_told(provider, leaves, told):
    """Also when it is closed already; a weekend is not worth a word, nor what comes after the first contact."""
    found = closed_meanwhile(provider, leaves)

    assert len(found) == len(told)
    assert all(one == SUMMER or "tot en met zondag 3 januari 2027" in one for one in found)


def test_the_last_day_is_that_of_the_first_contact():
    """What she reads is what the provider is asked."""
    due = FARM.calendar.add_working_days(on(2027, 7, 13), FARM.contact_days)

    assert due.date() == date(2027, 9, 2)
