"""The work: claimed in order by one at a time, given back, rescued, set aside, halted."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier, Lock

import pytest
from sqlalchemy import select

from mailflow.core.decision import Decision
from mailflow.core.mail import Envelope
from mailflow.storage import tasks as work
from mailflow.storage.claims import LEASE, Task
from mailflow.storage.mails import MailResult
from mailflow.storage.store import Store
from mailflow.storage.tables import MAIL, TASK
from mailflow.storage.tasks import LostLease, Tasks

NOW = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
LATER = NOW + LEASE + timedelta(seconds=1)
KINDS = ("read", "release", "look", "send", "digest")


def claim(tasks: Tasks, *, now: datetime = NOW, real_now: datetime = NOW, holder: str = "one") -> Task | None:
    return tasks.claim(KINDS, now=now, real_now=real_now, holder=holder)


def add(store: Store, kind: str = "release", due_at: datetime = NOW, unique_key: str | None = None) -> None:
    with store.database.write() as tx:
        work.add(tx, kind, due_at, unique_key=unique_key)


def states(store: Store) -> list[str]:
    with store.database.read() as tx:
        return list(tx.execute(select(TASK.c.state).order_by(TASK.c.id)).scalars())


def test_work_is_claimed_in_order_of_its_due_time(store: Store, tasks: Tasks):
    """The longest due comes first, and at the same moment the one that was added first."""
    for minutes in (2, 1, 1, 3):
        add(store, due_at=NOW + timedelta(minutes=minutes))

    taken = [claim(tasks, now=NOW + timedelta(hours=1)) for _ in range(5)]

    assert [one.id for one in taken if one] == [2, 3, 1, 4]
    assert taken[-1] is None


def test_work_of_the_future_and_of_another_kind_is_left(store: Store, tasks: Tasks):
    """Nothing starts a moment too early, and a sender does not read."""
    add(store, due_at=NOW + timedelta(seconds=1))
    add(store, "send")

    assert tasks.claim(["release"], now=NOW, real_now=NOW, holder="one") is None
    assert tasks.claim(["release"], now=NOW + timedelta(seconds=1), real_now=NOW, holder="one") is not None


def test_four_threads_claim_each_task_once(store: Store, tasks: Tasks):
    """No task is done twice and none is lost, however they race."""
    with store.database.write() as tx:
        for _ in range(60):
            work.add(tx, "release", NOW)
    at_once, taken, lock = Barrier(4), [], Lock()

    def worker(name: int) -> None:
        at_once.wait()
        while (task := claim(tasks, holder=str(name))) is not None:
            with lock:
                taken.append(task.id)
            tasks.finish(task)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(worker, range(4)))

    assert len(taken) == len(set(taken)) == 60
    assert states(store) == []


def test_a_lease_that_ran_out_is_taken_over(store: Store, tasks: Tasks):
    """A worker that hangs does not keep its work; that it hung is counted as a fault."""
    add(store)
    hung = claim(tasks)

    early = claim(tasks, real_now=NOW + LEASE - timedelta(seconds=1), holder="two")
    taken = claim(tasks, real_now=LATER, holder="two")

    assert early is None
    assert hung is not None
    assert taken is not None
    assert (taken.id, taken.fence, taken.faults) == (hung.id, hung.fence + 1, 1)


def test_a_worker_that_lost_its_lease_keeps_nothing(store: Store, tasks: Tasks):
    """Its commit is rolled back as a whole, and it can neither give the task back nor set it aside."""
    number = store.mails.keep(b"Subject: x\n\ny", Envelope(), NOW)
    lost = claim(tasks)
    assert claim(tasks, real_now=LATER, holder="two") is not None
    assert lost is not None
    result = MailResult(mail_id=number, outcome="other", trace=("read by the one that lost",))

    with pytest.raises(LostLease):
        store.commit(Decision(), (), NOW, finishing=lost, mail=result)
    tasks.again(lost, NOW)
    tasks.failed(lost, NOW, "why")
    tasks.stuck(lost, "why")

    line = store.mails.line(number)
    assert line is not None
    assert (line.state, line.outcome) == ("unread", "")
    assert states(store) == ["running"]


def test_a_task_given_back_is_tried_again_later(store: Store, tasks: Tasks):
    """Each try counts, but for those that were not the letter's fault."""
    add(store)
    first = claim(tasks)
    assert first is not None
    tasks.again(first, NOW + timedelta(minutes=1), why="451")
    assert claim(tasks) is None
    second = claim(tasks, now=NOW + timedelta(minutes=1))
    assert second is not None
    tasks.again(second, NOW, counts=False)
    third = claim(tasks)

    assert third is not None
    assert [one.attempts for one in (first, second, third)] == [0, 1, 1]


def test_the_work_of_a_dead_process_is_rescued_at_once(store: Store, tasks: Tasks):
    """The dead one's task is ready again without waiting for its lease; the living one's stays."""
    add(store)
    add(store)
    dead, alive = claim(tasks, holder="dead"), claim(tasks, holder="alive")
    assert dead
    assert alive

    rescued = tasks.rescue(lambda holder: holder == "alive")

    again = claim(tasks, holder="new")
    assert rescued == 1
    assert again is not None
    assert (again.id, again.attempts, again.faults) == (dead.id, 0, 1)
    with pytest.raises(LostLease):
        tasks.finish(dead)
    tasks.finish(alive)


def test_stuck_work_waits_for_a_person_and_comes_back(store: Store, tasks: Tasks):
    """The mail with it: it says stuck, and unread again once it is put back."""
    number = store.mails.keep(b"Subject: [MSI-2026-0001]\n\ny", Envelope(), NOW)
    task = claim(tasks)
    assert task is not None
    tasks.failed(task, NOW, "KeyError at x.py:1")
    task = claim(tasks)
    assert task is not None

    tasks.stuck(task, "KeyError at x.py:1")
    stuck = store.stuck_tasks(), store.mails.line(number), store.mails.waiting_for("MSI-2026-0001"), claim(tasks)
    back = tasks.retry(task.id, NOW)
    again = claim(tasks)

    assert [(one["mail_id"], one["why"]) for one in stuck[0]] == [(number, "KeyError at x.py:1")]
    assert stuck[1] is not None
    assert (stuck[1].state, stuck[2], stuck[3]) == ("stuck", True, None)
    assert back == 1
    assert again is not None
    assert (again.attempts, again.faults) == (0, 0)
    with store.database.read() as tx:
        assert tx.execute(select(MAIL.c.state)).scalar_one() == "unread"


def test_retry_takes_what_is_stuck_and_nothing_else(store: Store, tasks: Tasks):
    """One by its number, or all of them."""
    for _ in range(3):
        add(store)
        task = claim(tasks)
        assert task
        tasks.stuck(task, "why")
    add(store, due_at=NOW + timedelta(days=1))

    assert tasks.retry(99, NOW) == 0
    assert tasks.retry(1, NOW) == 1
    assert tasks.retry(None, NOW) == 2
    assert states(store) == ["ready"] * 4


def test_a_halt_of_sending_leaves_the_rest_to_go_on(store: Store, tasks: Tasks):
    """`pause send` stops letters only; `pause all` stops all work; `resume all` lifts every halt."""
    add(store, "send")
    add(store, "release")

    store.pause("send", NOW)
    store.pause("send", NOW)
    other = claim(tasks)
    nothing = claim(tasks)
    store.pause("all", NOW)
    add(store, "release")
    halted = claim(tasks)
    store.resume("all")
    letter = claim(tasks)

    assert other
    assert other.kind == "release"
    assert nothing is None is halted
    assert letter
    assert letter.kind == "send"
    assert store.paused() == frozenset()


def test_once_only_work_is_added_once(store: Store, tasks: Tasks):
    """The digest of a day: once waiting, under way or done, it is not added again."""
    key = "digest:2026-10-05"
    added = [tasks.once("digest", key, NOW), tasks.once("digest", key, NOW)]
    task = claim(tasks)
    assert task
    added.append(tasks.once("digest", key, NOW))
    store.commit(Decision(), (), NOW, finishing=task, once=True)
    added.append(tasks.once("digest", key, NOW))

    assert added == [True, False, False, False]
    assert claim(tasks) is None


def test_four_schedulers_that_beat_at_once_add_one_digest(store: Store, tasks: Tasks):
    """Exactly one of them adds it, and none fails."""
    at_once = Barrier(4)

    def beat(_: int) -> bool:
        at_once.wait()
        return tasks.once("digest", "digest:2026-10-05", NOW)

    with ThreadPoolExecutor(4) as pool:
        added = list(pool.map(beat, range(4)))

    assert sorted(added) == [False, False, False, True]


@pytest.mark.parametrize("state", ["ready", "running", "stuck"])
def test_new_work_under_a_key_replaces_the_old(store: Store, tasks: Tasks, state: str):
    """Also what is stuck or under way: it cannot finish any more, and the new one does what it would have done."""
    add(store, unique_key="release:1")
    old = claim(tasks) if state != "ready" else None
    if old and state == "stuck":
        tasks.stuck(old, "why")

    add(store, due_at=NOW + timedelta(hours=2), unique_key="release:1")

    assert states(store) == ["ready"]
    assert tasks.next_due() == NOW + timedelta(hours=2)
    if old:
        with pytest.raises(LostLease):
            tasks.finish(old)


def test_quiet_means_nothing_due_and_nothing_under_way(store: Store, tasks: Tasks):
    """Work of tomorrow does not disturb the quiet of today."""
    add(store, due_at=NOW + timedelta(days=1))
    quiet = tasks.is_quiet(NOW)
    due = tasks.is_quiet(NOW + timedelta(days=1))
    task = claim(tasks, now=NOW + timedelta(days=1))
    busy = tasks.is_quiet(NOW)

    assert task
    assert (quiet, due, busy) == (True, False, False)
