"""Several workers on one queue: lanes keep their order, a stolen lease cannot act twice, and a lost database is outlived."""

from datetime import UTC, datetime, timedelta

import pytest
from house import CLB, FORM, House
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from mailflow.app import App
from mailflow.clock import real_now
from mailflow.storage import tasks as work
from mailflow.storage.claims import Task
from mailflow.storage.engine import Database
from mailflow.storage.store import Store
from mailflow.storage.tables import TASK
from mailflow.storage.tasks import Tasks
from mailflow.worker import DECIDING, SENDING

NOW = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
GONE = OperationalError("COMMIT", (), Exception("server closed the connection unexpectedly"))


def claim(tasks: Tasks, holder: str, now: datetime = NOW) -> Task | None:
    return tasks.claim(("release",), now=now, real_now=NOW, holder=holder)


@pytest.fixture
def lanes(database: Database, tasks: Tasks) -> Tasks:
    """Three releases to one provider, then one to each of three others."""
    with database.write() as tx:
        for lane in ("a", "a", "a", "b", "c", "d"):
            work.add(tx, "release", NOW, lane=lane)
    return tasks


def taken(lanes: Tasks, holder: str, now: datetime = NOW) -> Task:
    task = claim(lanes, holder, now)
    assert task is not None
    return task


def test_work_of_a_lane_is_done_one_after_the_other(lanes: Tasks):
    """While the first is under way, a second worker gets the work of another lane, and a third one nothing."""
    first, others, none = taken(lanes, "one"), [taken(lanes, "two") for _ in range(3)], claim(lanes, "three")

    lanes.finish(first)
    second = taken(lanes, "three")

    assert (first.id, [one.id for one in others], none, second.id) == (1, [4, 5, 6], None, 2)


@pytest.mark.parametrize("leave", ["later", "stuck"])
def test_what_cannot_be_done_leaves_the_lane(lanes: Tasks, leave: str):
    """Tried again later, or set aside for a person: the next one goes on."""
    first = taken(lanes, "one")

    if leave == "later":
        lanes.again(first, NOW + timedelta(minutes=1))
    else:
        lanes.stuck(first, "why")
    second = taken(lanes, "two")

    assert second.id == 2


def test_a_holder_that_lost_the_database_puts_all_back_in_its_place(lanes: Tasks):
    """But for what it knows of, and what others hold; the order stays."""
    done, other = taken(lanes, "one"), taken(lanes, "two")
    lanes.finish(done)
    lost, known = taken(lanes, "one"), [taken(lanes, "one"), taken(lanes, "one")]

    lanes.let_go("one", ("release",), besides=known, why="gone")
    again = taken(lanes, "three")

    assert (lost.id, again.id, again.attempts) == (2, 2, 0)
    assert all(lanes.is_held(one) for one in (other, *known))
    assert not lanes.is_held(lost)


def sleeps_over_its_lease(app: App) -> None:
    """Claim the next letter, and hear nothing of the world until the lease has run out."""
    task = app.tasks.claim(SENDING, now=app.clock.now(), real_now=real_now(), holder=app.worker.holder)
    assert task is not None
    app.worker.upcoming.hand([task])
    with app.database.write() as tx:
        tx.execute(update(TASK).where(TASK.c.id == task.id).values(lease_until=real_now() - timedelta(seconds=1)))


def held(house: House) -> list[str]:
    """The kinds of all work that somebody holds."""
    with house.app.database.read() as tx:
        return [*tx.execute(select(TASK.c.kind).where(TASK.c.state == "running")).scalars()]


def decided(house: House) -> None:
    """A referral is read; its letter to the CLB worker waits to be sent."""
    house.mail()
    house.app.tick()
    while house.app.worker.work(DECIDING):
        pass


@pytest.mark.parametrize("sent", [True, False])
def test_a_stolen_lease_cannot_act_twice(house: House, sent: bool):
    """Another process took the letter over, and has sent it or is about to: whoever wakes up sends nothing."""
    decided(house)
    other = house.another()
    sleeps_over_its_lease(house.app)
    stolen = other.worker._claim(SENDING)
    assert stolen is not None
    other.worker.upcoming.hand([stolen])
    if sent:
        other.worker.work(SENDING)

    house.app.worker.work(SENDING)
    while other.worker.work(SENDING):
        pass
    other.close()

    assert len(house.letters(CLB)) == 1


def test_a_letter_that_left_is_noted_by_the_process_that_knows(house: House, monkeypatch: pytest.MonkeyPatch):
    """The database dies before it could note that a letter left: no other process sends it once more meanwhile."""
    decided(house)
    other = house.another()
    with monkeypatch.context() as away:
        away.setattr(house.app.store, "commit", lambda *_, **__: (_ for _ in ()).throw(GONE))
        assert not house.app.worker.work(SENDING)

    there = other.worker.work(SENDING)
    house.drain()
    other.close()

    assert there is False
    assert len(house.letters(CLB)) == 1
    assert house.case().history[-1].kind.value == "letter_sent"
    assert house.app.worker.left == set()


def test_work_that_was_claimed_without_an_answer_is_given_back(house: House, monkeypatch: pytest.MonkeyPatch):
    """A claim that was committed just before the database died: its holder asks what it holds, and nobody waits."""
    decided(house)
    claimed = house.app.tasks.claim

    def dies_after(*words: object, **asked: object) -> None:
        claimed(*words, **asked)
        raise GONE

    with monkeypatch.context() as away:
        away.setattr(house.app.tasks, "claim", dies_after)
        with pytest.raises(OperationalError):
            house.app.worker.work(SENDING)
    house.drain()

    assert len(house.letters(CLB)) == 1
    assert held(house) == []


def answer_lost(patch: pytest.MonkeyPatch, store: Store, what: str) -> None:
    """What the store keeps by *what* is kept, but the database dies before it could say so."""
    keeps = getattr(store, what)

    def dies_after(*words: object, **asked: object) -> None:
        keeps(*words, **asked)
        raise GONE

    patch.setattr(store, what, dies_after)


def test_a_letter_claimed_in_a_decision_without_an_answer_is_sent(house: House, monkeypatch: pytest.MonkeyPatch):
    """The thread that sends waited: its first letter is claimed with the decision, and it is never handed over."""
    worker = house.app.worker
    house.mail()

    with monkeypatch.context() as away:
        answer_lost(away, house.app.store, "commit")
        with worker.upcoming.waited_for(SENDING):
            decides = worker.work(DECIDING)
    lost = held(house)
    while worker.work(SENDING):
        pass
    house.drain()

    assert decides is False
    assert lost == ["send"]
    assert len(house.letters(CLB)) == 1
    assert held(house) == []


def test_a_reading_claimed_with_its_mail_without_an_answer_is_done(house: House, monkeypatch: pytest.MonkeyPatch):
    """The mail is kept and its reading claimed, nobody is told: who decides finds out; the sender tries again."""
    with monkeypatch.context() as away:
        answer_lost(away, house.app.store, "receive")
        with house.app.worker.upcoming.waited_for(DECIDING), pytest.raises(OperationalError):
            house.mail(message_id="<1@vclbleuven.be>")
    lost = held(house)
    house.mail(message_id="<1@vclbleuven.be>")
    house.drain()

    assert lost == ["read"]
    assert len(house.letters(CLB)) == 1
    assert held(house) == []


def test_a_letter_that_left_is_noted_before_the_next_one_is_sent(house: House, monkeypatch: pytest.MonkeyPatch):
    """It could not be noted, twice; in between a letter of another case is claimed for the thread: both stay its own."""
    decided(house)
    worker = house.app.worker

    def cannot_note() -> None:
        with monkeypatch.context() as away:
            away.setattr(house.app.store, "commit", lambda *_, **__: (_ for _ in ()).throw(GONE))
            assert not worker.work(SENDING)

    cannot_note()
    with worker.upcoming.waited_for(SENDING):
        house.mail(FORM.replace("Noor", "Mira"), sender="an.1@vclbleuven.be")
        worker.work(DECIDING)
    cannot_note()
    both = held(house)
    worker.work(SENDING)

    assert both == ["send", "send"]
    assert len(house.courier.sent) == 1
    assert house.case().history[-1].kind.value == "letter_sent"
    assert worker.left == set()


def test_no_letter_is_claimed_for_who_may_not_send(house: House):
    """The sending server cannot be used: a letter that is held can neither be voided nor sent by another process."""
    worker = house.app.worker
    worker.brake.pull(house.clock.now(), "refused")
    house.mail()

    with worker.upcoming.waited_for(SENDING):
        worker.work(DECIDING)

    assert held(house) == []
