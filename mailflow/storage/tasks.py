"""The outbox and all other work: claim, finish, give back. Due times are domain time, leases are real time."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Update,
    and_,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from mailflow.storage import claims
from mailflow.storage.claims import Claim, Task
from mailflow.storage.engine import Database, insert_unless
from mailflow.storage.quick import prepared
from mailflow.storage.tables import MAIL, TASK


class LostLease(Exception):
    """Another worker holds this task now: whatever was done with it must not be kept."""


class Tasks:
    """Every question asked of the task table."""

    def __init__(self, database: Database) -> None:
        """*database* is open and migrated."""
        self._database = database

    def claim(self, kinds: Iterable[str], *, now: datetime, real_now: datetime, holder: str) -> Task | None:
        """The first due task of these kinds, now held by *holder*; skips what another holds; None when none is due."""
        return claims.first(self._database, Claim(kinds=tuple(kinds), now=now, real_now=real_now, holder=holder))

    def again(self, task: Task, at: datetime, *, why: str = "", counts: bool = True) -> None:
        """Give a claimed task back, due *at*; one that does not count leaves the number of attempts as it was."""
        attempts = TASK.c.attempts if counts else TASK.c.attempts - 1
        with self._database.write() as tx:
            tx.execute(
                _held(task).values(state="ready", due_at=at, holder="", lease_until=None, attempts=attempts, why=why)
            )

    def failed(self, task: Task, at: datetime, why: str) -> None:
        """Give back a claimed task that our own code failed at; *why* is an exception's type and code lines."""
        with self._database.write() as tx:
            tx.execute(
                _held(task).values(
                    state="ready", due_at=at, holder="", lease_until=None, faults=TASK.c.faults + 1, why=why
                )
            )

    def stuck(self, task: Task, why: str) -> None:
        """Set a task and its mail aside for a person; *why* is an exception's type and code lines, never its message.

        The mail is intact, shown in the digest, and blocks what it may concern.
        """
        with self._database.write() as tx:
            held = tx.execute(_held(task).values(state="stuck", holder="", lease_until=None, why=why)).rowcount
            if held and task.mail_id is not None:
                tx.execute(update(MAIL).where(MAIL.c.id == task.mail_id).values(state="stuck"))

    def finish(self, task: Task) -> None:
        """Done, without anything else to keep."""
        with self._database.write() as tx:
            finish(tx, task)

    def retry(self, task_id: int | None, now: datetime) -> int:
        """Put a stuck task back (None: all of them) with its attempts forgotten; how many there were."""
        with self._database.write() as tx:
            return retry(tx, task_id, now)

    def rescue(self, is_alive: Callable[[str], bool]) -> int:
        """Take back the tasks of holders that are no longer there; how many there were."""
        with self._database.write() as tx:
            holders = tx.execute(select(TASK.c.holder).where(TASK.c.state == "running").distinct()).scalars().all()
            dead = [holder for holder in holders if not is_alive(holder)]
            freed = update(TASK).where(TASK.c.state == "running", TASK.c.holder.in_(dead))
            # A kill is no try of the letter, but work that every process dies over must not be taken up for ever.
            return tx.execute(
                freed.values(
                    state="ready",
                    holder="",
                    lease_until=None,
                    attempts=TASK.c.attempts - 1,
                    faults=TASK.c.faults + 1,
                )
            ).rowcount

    def let_go(self, holder: str, kinds: Iterable[str], *, besides: Iterable[Task], why: str) -> None:
        """Put back all that *holder* holds of these kinds, where it was in the queue, and as if never claimed.

        For a holder that lost the database: it may hold work that it was never told of. *besides* stay its own.
        """
        held = and_(TASK.c.state == "running", TASK.c.holder == holder, TASK.c.kind.in_([*kinds]))
        back = update(TASK).where(held, TASK.c.id.not_in([task.id for task in besides]))
        with self._database.write() as tx:
            tx.execute(back.values(state="ready", holder="", lease_until=None, attempts=TASK.c.attempts - 1, why=why))

    def is_held(self, task: Task) -> bool:
        """Whether a claimed task is still its claimer's: nobody took it over when its lease ran out."""
        with self._database.read() as tx:
            return tx.execute(_HELD, {"the_id": task.id, "the_fence": task.fence}).first() is not None

    def next_due(self) -> datetime | None:
        """When the earliest ready task is due, or None."""
        with self._database.read() as tx:
            return tx.execute(
                select(TASK.c.due_at).where(TASK.c.state == "ready").order_by(TASK.c.due_at).limit(1)
            ).scalar()

    def is_quiet(self, now: datetime) -> bool:
        """Whether nothing is due or under way."""
        busy = or_(TASK.c.state == "running", and_(TASK.c.state == "ready", TASK.c.due_at <= now))
        with self._database.read() as tx:
            return tx.execute(select(TASK.c.id).where(busy).limit(1)).first() is None

    def any_due(self, kind: str, now: datetime) -> bool:
        """Whether work of that kind is due or under way."""
        with self._database.read() as tx:
            return tx.execute(_DUE, {"the_kind": kind, "now": now}).first() is not None

    def release_of(self, case_id: int) -> datetime | None:
        """When the referral of this case is to leave, UTC; None when no release of it is planned."""
        planned = (TASK.c.case_id == case_id, TASK.c.kind == "release", TASK.c.state != "done")
        with self._database.read() as tx:
            return tx.execute(select(TASK.c.due_at).where(*planned)).scalar()

    def once(self, kind: str, unique_key: str, due_at: datetime) -> bool:
        """Add once-only work such as digest:2026-11-23; False when it was there already, done or not."""
        with self._database.read() as tx:  # every beat asks this: almost always it is there
            if tx.execute(_OF_KEY, {"the_key": unique_key}).first():
                return False
        with self._database.write() as tx:
            return add_unless(tx, kind, due_at, unique_key=unique_key)


def add(
    tx: Connection,
    kind: str,
    due_at: datetime,
    *,
    mail_id: int | None = None,
    case_id: int | None = None,
    letter_id: int | None = None,
    unique_key: str | None = None,
    lane: str | None = None,
) -> None:
    """Add work within a transaction (of that *lane*); work under the same unique key that was not done yet is replaced.

    Also what is stuck, or under way elsewhere: the new task does it, and the other one cannot finish any more.
    """
    if unique_key is not None:
        tx.execute(_REPLACED, {"the_key": unique_key})
    about = {"mail_id": mail_id, "case_id": case_id, "letter_id": letter_id}
    tx.execute(_ADD, {**_new(kind, due_at, unique_key, **about), "lane": lane})


def retry(tx: Connection, task_id: int | None, now: datetime) -> int:
    """Put a stuck task back (None: all of them), within a transaction; how many there were."""
    chosen = TASK.c.state == "stuck" if task_id is None else and_(TASK.c.state == "stuck", TASK.c.id == task_id)
    mails = select(TASK.c.mail_id).where(chosen, TASK.c.mail_id.is_not(None))
    tx.execute(update(MAIL).where(MAIL.c.id.in_(mails)).values(state="unread"))
    back = update(TASK).where(chosen)
    return tx.execute(back.values(state="ready", due_at=now, attempts=0, faults=0, why="")).rowcount


def add_unless(
    tx: Connection,
    kind: str,
    due_at: datetime,
    *,
    unique_key: str,
) -> bool:
    """Add work within a transaction, unless work under that key is there in whatever state; whether it was added."""
    new = insert_unless(tx, TASK).on_conflict_do_nothing(index_elements=["unique_key"]).returning(TASK.c.id)
    return tx.execute(new, _new(kind, due_at, unique_key)).first() is not None


def add_looks(tx: Connection, case_ids: Sequence[int], now: datetime) -> int:
    """Add work "look" for each of these cases at which nobody is to look yet, within a transaction; how many."""
    new = insert_unless(tx, TASK).on_conflict_do_nothing(index_elements=["unique_key"]).returning(TASK.c.id)
    return len(tx.execute(new, [_new("look", now, f"look:{one}", case_id=one) for one in case_ids]).all())


def mark_done(tx: Connection, kind: str, now: datetime, *, unique_key: str) -> bool:
    """Note within a transaction that once-only work was done by the way; False when it was done before."""
    new = insert_unless(tx, TASK).on_conflict_do_nothing(index_elements=["unique_key"]).returning(TASK.c.id)
    return tx.execute(new, {**_new(kind, now, unique_key), "state": "done"}).first() is not None


def _new(kind: str, due_at: datetime, unique_key: str | None, **about: int | None) -> dict[str, Any]:
    new = {"kind": kind, "due_at": due_at, "unique_key": unique_key, "state": "ready", "holder": "", "why": ""}
    return {**new, "attempts": 0, "faults": 0, "fence": 0, **about}


def finish(tx: Connection, task: Task, *, once: bool = False) -> None:
    """Finish a claimed task within a transaction; LostLease when another holds it. Once-only work stays as done."""
    done = tx.execute(_DONE if once else _FINISHED, {"the_id": task.id, "the_fence": task.fence})
    if done.rowcount != 1:
        raise LostLease(f"task {task.id} is held by another worker")


def _held(task: Task) -> Update:
    return update(TASK).where(TASK.c.id == task.id, TASK.c.fence == task.fence)


# What every piece of work asks, put together once: building a statement costs more than running it.
_OF_KEY = prepared(select(TASK.c.id).where(TASK.c.unique_key == bindparam("the_key")))
_DUE = prepared(
    select(TASK.c.id)
    .where(or_(TASK.c.state == "ready", TASK.c.state == "running"), TASK.c.kind == bindparam("the_kind"))
    .where(TASK.c.due_at <= bindparam("now"))
    .limit(1)
)
_ADD = prepared(insert(TASK))
_REPLACED = prepared(delete(TASK).where(TASK.c.unique_key == bindparam("the_key"), TASK.c.state != "done"))
_MINE = and_(TASK.c.id == bindparam("the_id"), TASK.c.fence == bindparam("the_fence"), TASK.c.state == "running")
_HELD = prepared(select(TASK.c.id).where(_MINE))
_FINISHED = prepared(delete(TASK).where(_MINE))
_DONE = prepared(update(TASK).where(_MINE).values(state="done", holder="", lease_until=None))
