"""Several workers on one queue: lanes keep their order, a stolen lease cannot act twice, and a lost database is outlived."""

from datetime import UTC, datetime, timedelta

import pytest
from house import CLB, House
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from mailflow.app import App
from mailflow.clock import real_now
from mailflow.storage import tasks as work
from mailflow.storage.claims import Task
from mailflow.storage.engine import Database
from mailflow.storage.tables import TASK
from mailflow.storage.tasks import Tasks
from mailflow.worker import DECIDING, SENDING

NOW = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
GONE = OperationalError("COMMIT", (), Exception("server closed the connection unexpectedly"))


def claim(tasks: Tasks, holder: str, now: datetime = NOW) -> Task | None:
    return tasks.claim(("release",), now=now, real_now=NOW, holder=holder)


@pytest.fixture
def lanes(database: Database, tasks: Tasks) -> Tasks:
    """Three releases to one provider, then one to another."""
    with database.write() as tx:
        for lane in ("a", "a", "a", "b"):
            work.add(tx, "release", NOW, lane=lane)
    return tasks


def taken(lanes: Tasks, holder: str, now: datetime = NOW) -> Task:
    task = claim(lanes, holder, now)
    assert task is not None
    return task


def test_work_of_a_lane_is_done_one_after_the_other(lanes: Tasks):
    """While the first is under way, a second worker gets the work of another lane, and a third one nothing."""
    first, other, none = taken(lanes, "one"), taken(lanes, "two"), claim(lanes, "three")

    lanes.finish(first)
    second = taken(lanes, "three")

    assert (first.id, other.id, none, second.id) == (1, 4, None, 2)


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
    known, other = taken(lanes, "one"), taken(lanes, "two")
    lanes.finish(known)
    lost = taken(lanes, "one")

    lanes.let_go("one", ("release",), besides=other, why="gone")
    again = taken(lanes, "three")

    assert (lost.id, again.id, again.attempts) == (2, 2, 0)
    assert lanes.is_held(other)
    assert not lanes.is_held(lost)


def sleeps_over_its_lease(app: App) -> None:
    """Claim the next letter, and hear nothing of the world until the lease has run out."""
    task = app.tasks.claim(SENDING, now=app.clock.now(), real_now=real_now(), holder=app.worker.holder)
    assert task is not None
    app.worker.claimed[SENDING] = task
    with app.database.write() as tx:
        tx.execute(update(TASK).where(TASK.c.id == task.id).values(lease_until=real_now() - timedelta(seconds=1)))


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
    other.worker.claimed[SENDING] = stolen
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
    with house.app.database.read() as tx:
        assert tx.execute(select(TASK.c.id).where(TASK.c.state == "running")).all() == []
