"""How it stands, counted in the database: only what is open."""

from house import FORM, House

from mailflow.storage.measures import measures


def test_what_ended_is_counted_no_more(house: House):
    """One case is open, one was withdrawn; one mail waits for the desk, one is not read yet."""
    house.mail()
    house.mail(FORM.replace("Noor", "Lotte"), sender="lotte@vclbleuven.be")
    house.mail("Betaal hier.", sender="x@vclbleuven.be", proof="fail")
    house.drain()
    house.at(2026, 10, 5, 9, 0)
    house.reply(house.letters("lotte@vclbleuven.be")[-1], "Ik trek de aanmelding in.")
    house.drain()
    house.later(minutes=20)
    house.mail("Dag, een vraagje.", sender="iemand@elders.example")

    now = measures(house.app.database, house.clock.now())

    assert now.mails == {"unread": 1, "held": 0, "quarantined": 1}
    assert now.cases == {"dispatched": 1}
    assert now.letters == {"waiting": 0}
    assert (now.queue, now.stuck) == ({"read": 1}, 0)
    assert now.last_sent_at is not None
