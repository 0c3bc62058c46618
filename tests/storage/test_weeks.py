"""What happened in which week, counted in the database."""

from datetime import UTC, datetime, timedelta

from house import BRUSSELS, NAFT, House

from mailflow.core.week import bounds
from mailflow.storage.measures import weeks_of


def test_each_week_counts_what_happened_in_it(house: House):
    """Came in on Sunday, left on Monday, started two weeks later: three weeks."""
    house.mail()
    house.drain()
    [referral] = [one for one in house.at(2026, 10, 5, 9, 30) if one.recipient == NAFT]
    house.clock.at = datetime(2026, 10, 20, 10, 0, tzinfo=BRUSSELS)
    house.reply(referral, "Aanvaard. Het traject is gestart.")
    house.drain()

    found = weeks_of(house.app.database, bounds(datetime(2026, 10, 27, tzinfo=UTC).date(), BRUSSELS))

    assert found.came == [0, 0, 0, 0, 1, 0, 0, 0]
    assert found.sent == [0, 0, 0, 0, 0, 1, 0, 0]
    assert found.started == [0, 0, 0, 0, 0, 0, 0, 1]
    assert found.ended == [0] * 8


def test_a_moment_on_the_border_counts_once(house: House):
    """It belongs to the week that begins with it."""
    house.mail()
    house.drain()
    [came] = [line.opened_at for line in house.app.store.cases.lines()]
    week = timedelta(weeks=1)

    assert weeks_of(house.app.database, [came - week, came, came + week]).came == [0, 1]
    assert weeks_of(house.app.database, [came - 2 * week, came - week, came]).came == [0, 0]
