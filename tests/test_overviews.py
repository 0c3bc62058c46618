"""The weekly overviews on the whole house: once a week, only to whoever owes something, and answered line by line."""

from dataclasses import replace
from datetime import datetime

from house import BRUSSELS, FORM, NAFT, House

from mailflow.core.lifecycle import State
from mailflow.overviews import write_overviews
from mailflow.schedule import overviews_are_due

TWO = FORM.replace("Noor", "Sam").replace("12/03/2011", "02/02/2010")


def accepted(house: House) -> None:
    """Two cases of one provider, both accepted."""
    house.mail()
    house.mail(TWO)
    house.at(2026, 10, 5, 9, 0)
    for letter in house.letters(NAFT):
        house.reply(letter, "aanvaard")
    house.later(minutes=30)


def overviews(house: House, address: str = NAFT) -> list[str]:
    """The texts of those that left for that address."""
    return [one.text for one in house.letters(address) if "weekoverzicht" in one.text]


def test_each_week_once_however_often_is_looked(house: House):
    """A restart, a second process, a beat more: the key of week and party is there."""
    accepted(house)
    house.at(2026, 10, 6, 8, 59)
    assert overviews(house) == []

    house.at(2026, 10, 6, 9, 0)
    house.later(hours=3)
    write_overviews(house.app.worker.means)
    house.drain()

    (text,) = overviews(house)
    assert "MSI-2026-0001 Noor" in text
    assert "MSI-2026-0002 Sam" in text
    house.at(2026, 10, 13, 9, 0)
    assert len(overviews(house)) == 2


def test_whoever_owes_nothing_gets_none(house: House):
    """The CLB worker waits for the provider: she has nothing to do, and no mail to read."""
    accepted(house)

    house.at(2026, 10, 6, 9, 0)

    assert overviews(house, "an.peeters@vclbleuven.be") == []


def test_it_is_answered_line_by_line(house: House):
    """Words below a quoted row are about that row's case."""
    accepted(house)
    house.at(2026, 10, 6, 9, 0)
    (letter,) = (one for one in house.letters(NAFT) if "weekoverzicht" in one.text)
    rows = [line for line in letter.text.splitlines() if line.startswith("- MSI")]

    house.mail(
        f"Dag\n\n> {rows[0]}\n\nGestart op 5 oktober\n\n> {rows[1]}\n\nniet komen opdagen\n",
        sender=NAFT,
        to=letter.reply_to,
        subject=f"Re: {letter.subject}",
    )
    house.drain()

    assert house.case("MSI-2026-0001").state is State.STARTED
    assert house.case("MSI-2026-0002").state is State.ACCEPTED
    assert any("no_show" in line for line in house.timeline("MSI-2026-0002"))


def test_on_a_closed_day_it_waits_for_the_next_opening_day(house: House):
    """Wednesday 11 November is a holiday: were it the day, Thursday would bring them."""
    accepted(house)
    rules = replace(house.app.settings.rules, overview_on=2)

    due = [overviews_are_due(datetime(2026, 11, day, 9, 30, tzinfo=BRUSSELS), rules) for day in (10, 11, 12)]

    assert due == [False, False, True]


def test_in_its_closed_weeks_a_party_gets_none(house: House):
    """NAFT VBO is closed at Christmas: what it owes waits, and stands in the first overview after."""
    accepted(house)
    house.at(2026, 12, 15, 10, 0)
    before = len(overviews(house))

    house.at(2026, 12, 22, 10, 0)

    assert len(overviews(house)) == before
    house.at(2027, 1, 5, 10, 0)
    assert len(overviews(house)) == before + 1
