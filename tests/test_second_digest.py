"""A second digest of the day leaves only when something that only the desk can decide came in since the first."""

from datetime import datetime

from house import BRUSSELS, FORM, WORKER, House

UNDECIDED = FORM.replace("Gewenste aanbieder: NAFT VBO", "Gewenste aanbieder: geen voorkeur")


def digests(house: House) -> list[str]:
    """The subjects of the digests that left so far."""
    return [one.subject for one in house.courier.sent if one.recipient == WORKER and "Overzicht van" in one.subject]


def at(house: House, hour: int, minute: int = 0) -> None:
    """It becomes that hour of Monday 5 October, and what is due happens."""
    house.clock.at = datetime(2026, 10, 5, hour, minute, tzinfo=BRUSSELS)
    house.drain()


def test_at_one_o_clock_the_desk_hears_what_only_it_can_decide(house: House):
    """Once, however long it waits."""
    at(house, 8, 30)
    house.mail(UNDECIDED)
    at(house, 11)
    assert len(digests(house)) == 1

    at(house, 13)
    at(house, 15)

    assert len(digests(house)) == 2


def test_nothing_leaves_when_nothing_waits_for_the_desk(house: House):
    """A referral that finds its way by itself is no reason, nor what the first digest told."""
    house.mail(UNDECIDED)
    at(house, 8, 30)
    house.mail(FORM)

    at(house, 13)

    assert len(digests(house)) == 1


def test_a_mail_that_only_a_person_can_judge_is_a_reason(house: House):
    """Here one that looks like a CLB's and is not."""
    at(house, 8, 30)
    at(house, 11)
    house.mail(sender="an.peeters@vclbleuvem.be")

    at(house, 13)

    assert len(digests(house)) == 2


def test_a_service_that_starts_in_the_afternoon_writes_one(house: House):
    """The first one tells it all."""
    house.mail(UNDECIDED)

    at(house, 14)

    assert len(digests(house)) == 1


def test_the_first_digest_of_a_week_tells_the_week_before(house: House):
    """On Monday what came in on Sunday; on Tuesday, and in the second one of Monday, nothing of it."""
    house.mail()
    house.drain()
    at(house, 8, 30)
    house.mail(UNDECIDED, message_id="<2@vclbleuven.be>")
    at(house, 13)
    house.clock.at = datetime(2026, 10, 6, 8, 30, tzinfo=BRUSSELS)
    house.drain()

    first, second, tuesday = (one for one in house.courier.sent if "Overzicht van" in one.subject)
    words = " ".join(first.text.split())
    assert "Binnengekomen: 1 (de week ervoor 0)" in words
    assert "0 · 0 · 0 · 0 · 0 · 0 · 0 · 1" in words
    assert "De voorbije week" not in second.text + tuesday.text
