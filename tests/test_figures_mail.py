"""The figures are mailed to the desk on the days of the configuration, once."""

from datetime import date

import pytest
from house import WORKER, House, Sent

from mailflow.core.figure_tables import Period
from mailflow.core.figures_due import due_on, period_of
from mailflow.settings import load

RULES = load(None).rules


@pytest.mark.parametrize(
    ("today", "due"),
    [
        (date(2027, 1, 14), None),
        (date(2027, 1, 15), date(2027, 1, 15)),
        (date(2027, 1, 22), date(2027, 1, 15)),
        (date(2027, 1, 23), None),
        (date(2027, 9, 20), date(2027, 9, 15)),
    ],
)
def test_which_day_is_due(today, due):
    """For a week; after that it is too late."""
    assert due_on(today, RULES) == due


@pytest.mark.parametrize(
    ("day", "period"),
    [
        (date(2027, 1, 15), Period(date(2026, 9, 1), date(2027, 1, 14))),
        (date(2027, 9, 15), Period(date(2026, 9, 1), date(2027, 8, 31))),
    ],
)
def test_what_they_are_about(day, period):
    """The school year so far; in September the whole one that ended."""
    assert period_of(day) == period


def mailed(house: House) -> list[Sent]:
    return [one for one in house.letters(WORKER) if one.subject.startswith("Cijfers")]


def test_they_come_once_on_an_opening_day(house: House):
    """With the page and the workbook, and no exact number in either; each provider's stands in the letter alone."""
    house.mail()
    house.drain()
    house.at(2026, 10, 5, 9, 30)
    house.at(2027, 1, 15, 8, 0)
    assert mailed(house) == []
    house.at(2027, 1, 15, 8, 31)
    house.at(2027, 1, 18, 9, 0)

    [letter] = mailed(house)
    assert letter.subject == "Cijfers van 1 september 2026 tot en met 14 januari 2027"
    assert "NAFT VBO: 1 bezorgd, 0 aanvaard" in " ".join(letter.text.split())
    page, sheet = letter.message.iter_attachments()
    assert [page.get_filename(), sheet.get_filename()] == ["cijfers.html", "cijfers.xlsx"]
    assert "&lt;5" in page.get_content()
    assert "per aanbieder van kwam" not in page.get_content()
    assert sheet.get_content().startswith(b"PK")


def test_none_are_mailed_where_no_day_is_named(house: House):
    """on = []."""
    main = house.config / "mailflow.toml"
    main.write_text(main.read_text().replace('on = ["01-15", "05-15", "09-15"]', "on = []"))
    house.restart()
    house.at(2027, 1, 15, 9, 0)

    assert mailed(house) == []
