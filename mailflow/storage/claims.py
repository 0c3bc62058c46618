"""Which piece of work comes first, and who holds it: at most one worker at a time does a task."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    UpdateBase,
    and_,
    bindparam,
    case,
    exists,
    or_,
    select,
    union_all,
    update,
)

from mailflow.storage.engine import Database
from mailflow.storage.quick import prepared
from mailflow.storage.tables import PAUSE, TASK

LEASE = timedelta(minutes=10)
"""Longer than any handler may take; a dead process's tasks are rescued at start without waiting for it."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """A claimed piece of work."""

    id: int
    kind: str
    """What is to be done: a key of HANDLERS in worker.py."""
    fence: int
    attempts: int
    """How often it was claimed before this time."""
    faults: int = 0
    """How often our own code failed at it, or a process died over it."""
    due_at: datetime
    mail_id: int | None = None
    case_id: int | None = None
    letter_id: int | None = None
    unique_key: str | None = None


def given(number: int | None) -> int:
    """The id that a task of this kind always has; LookupError where it has none."""
    if number is None:
        raise LookupError("a task that does not say what it is about")
    return number


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Who takes up work, of which kinds, and when."""

    kinds: tuple[str, ...]
    now: datetime
    """Domain time: what is due."""
    real_now: datetime
    """Real time, for leases."""
    holder: str


Then = Callable[[], Sequence[Claim]]
"""Asked at the moment that a piece of work is kept: what is to be claimed in the same transaction."""


def first(database: Database, claim: Claim) -> Task | None:
    """The first due task that this claim is about, now held; skips what another holds; None when none is due."""
    asked = {"now": claim.now, "real_now": claim.real_now}
    with database.read() as look:  # an idle worker must not take the write lock to find nothing
        if look.execute(_claiming(claim.kinds, look.dialect.name)[0], asked).first() is None:
            return None
    with database.write() as tx:
        return take(tx, claim)


def take(tx: Connection, claim: Claim) -> Task | None:
    """The same within a transaction that writes anyway."""
    asked = {"now": claim.now, "real_now": claim.real_now, "by": claim.holder, "until": claim.real_now + LEASE}
    row = tx.execute(_claiming(claim.kinds, tx.dialect.name)[1], asked).mappings().first()
    if row is None:
        return None
    return Task(
        id=row["id"],
        kind=row["kind"],
        fence=row["fence"],
        attempts=row["attempts"] - 1,
        faults=row["faults"],
        due_at=row["due_at"],
        mail_id=row["mail_id"],
        case_id=row["case_id"],
        letter_id=row["letter_id"],
        unique_key=row["unique_key"],
    )


def _pauses() -> Select[tuple[str]]:
    paused_all = PAUSE.c.what == "all"
    paused_send = and_(PAUSE.c.what == "send", TASK.c.kind == "send")
    return select(PAUSE.c.what).where(or_(paused_all, paused_send)).correlate(TASK)


def _ahead() -> Select[tuple[int]]:
    """Work of the same lane that is due before it, waiting or under way; what is stuck has left the lane."""
    other = TASK.alias("other")
    sooner = or_(other.c.due_at < TASK.c.due_at, and_(other.c.due_at == TASK.c.due_at, other.c.id < TASK.c.id))
    open_ = or_(other.c.state == "ready", other.c.state == "running")
    return select(other.c.id).where(other.c.lane == TASK.c.lane, sooner, open_).correlate(TASK)


# What every piece of work asks, put together once: building a statement costs more than running it.
@cache
def _claiming(kinds: tuple[str, ...], dialect: str) -> tuple[Select[Any], UpdateBase]:
    """Which task of these kinds comes first, and to claim it."""
    free = TASK.c.state == "ready"
    left = and_(TASK.c.state == "running", TASK.c.lease_until < bindparam("real_now"))
    if dialect == "sqlite":
        # The first of each kind, by the index: to put in order all that is due costs more the longer the queue is.
        each = [_first(free, TASK.c.kind == kind) for kind in kinds]
        firsts = [select(one) for one in (query.subquery() for query in (*each, _first(left, _of(kinds))))]
        every = union_all(*firsts).subquery()
        first = select(every.c.id).order_by(every.c.due_at, every.c.id).limit(1)
    else:
        first = _first(or_(free, left), _of(kinds)).with_only_columns(TASK.c.id)
    taken = first if dialect == "sqlite" else first.with_for_update(skip_locked=True)
    claim = (
        update(TASK)
        .where(TASK.c.id == taken.scalar_subquery())
        .values(
            state="running",
            holder=bindparam("by"),
            lease_until=bindparam("until"),
            fence=TASK.c.fence + 1,
            attempts=TASK.c.attempts + 1,
            faults=TASK.c.faults
            + case((and_(TASK.c.state == "running", TASK.c.holder != bindparam("by")), 1), else_=0),
        )
        .returning(TASK)
    )
    return prepared(first), prepared(claim)


def _of(kinds: tuple[str, ...]) -> ColumnElement[bool]:
    return or_(*(TASK.c.kind == kind for kind in kinds))


def _first(*which: ColumnElement[bool]) -> Select[Any]:
    due = (TASK.c.due_at <= bindparam("now"), ~exists(_pauses()), ~exists(_ahead()))
    return select(TASK.c.id, TASK.c.due_at).where(*which, *due).order_by(TASK.c.due_at, TASK.c.id).limit(1)
