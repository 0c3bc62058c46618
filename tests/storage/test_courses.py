"""How each referral went, asked of the database."""

from datetime import UTC, date, datetime

from house import BRUSSELS, FORM, NAFT, House

from mailflow.core.course import Course
from mailflow.storage.measures import courses

LONG_AGO, LATER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2027, 9, 1, tzinfo=UTC)


def told(house: House) -> list[Course]:
    return [*courses(house.app.database, LONG_AGO, LATER, BRUSSELS)]


def test_a_referral_is_told_in_local_days(house: House):
    """It came on Sunday night, left on Monday and started two weeks later."""
    house.mail()
    house.drain()
    [referral] = [one for one in house.at(2026, 10, 5, 9, 30) if one.recipient == NAFT]
    house.clock.at = datetime(2026, 10, 20, 10, 0, tzinfo=BRUSSELS)
    house.reply(referral, "Aanvaard. Het traject is vandaag gestart.")
    house.drain()

    [one] = told(house)

    assert (one.came, one.sent, one.started) == (date(2026, 10, 4), date(2026, 10, 5), date(2026, 10, 20))
    assert (one.provider, one.outcome) == ("naft-vbo", "running")
    assert one.facts["age"] == "12_15"
    assert one.facts["region"] == "VBO"


def test_each_referral_is_told_once_and_in_its_order(house: House):
    """One that came later is not asked for."""
    house.mail()
    house.drain()
    house.at(2026, 10, 5, 9, 30)
    house.mail(FORM.replace("Noor", "Lotte"), sender="ouder@post.example")
    house.drain()

    assert [one.outcome for one in told(house)] == ["dispatched", "not_sent"]
    assert len([*courses(house.app.database, LONG_AGO, house.clock.at.replace(hour=0), BRUSSELS)]) == 1


def test_of_years_gone_by_only_what_still_counts_is_told(house: House):
    """One that ended is left out, one that moved since then is told, and so is one that still waits."""
    for name in ("Noor", "Lotte", "Mira"):
        house.mail(FORM.replace("Noor", name), sender=f"{name.lower()}@vclbleuven.be")
    house.drain()
    ended, moved, waits = [one for one in house.at(2026, 10, 5, 9, 30) if one.recipient == NAFT]
    house.reply(ended, "volzet")
    house.reply(waits, "Gebeld met de aanmelder, zij gaat akkoord met de wachtlijst.")
    house.drain()
    since = house.clock.at.replace(hour=23)
    house.at(2026, 10, 6, 9, 30)
    house.reply(moved, "Gesproken. We aanvaarden haar.")
    house.drain()

    recent = [*courses(house.app.database, since, LATER, BRUSSELS)]

    assert [one.outcome for one in told(house)] == ["full", "accepted", "waitlist"]
    assert [one.outcome for one in recent] == ["accepted", "waitlist"]
    assert [one.came for one in recent] == [date(2026, 10, 4)] * 2
