"""The short way to SQLite gives what SQLAlchemy gives."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from mailflow.storage.engine import Database
from mailflow.storage.quick import prepared
from mailflow.storage.tables import COUNTER, PAUSE

NOW = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
ADD = insert(PAUSE)
QUICK_ADD = prepared(insert(PAUSE))
ALL = select(PAUSE).order_by(PAUSE.c.what)
QUICK_ALL = prepared(select(PAUSE).order_by(PAUSE.c.what))
ROWS = [{"what": "send", "since": NOW}, {"what": "all", "since": NOW}]


def test_rows_come_back_alike(database: Database):
    """By place, by name and as mappings; a moment is aware, whatever SQLite made of it."""
    with database.write() as tx:
        tx.execute(QUICK_ADD, ROWS)
        found = [tx.execute(query).all() for query in (ALL, QUICK_ALL)]
        named = [[dict(row) for row in tx.execute(query).mappings()] for query in (ALL, QUICK_ALL)]

    assert found[0] == found[1] == [("all", NOW), ("send", NOW)]
    assert named[0] == named[1] == [*reversed(ROWS)]


def test_what_was_written_is_counted(database: Database):
    """A commit knows by that number whether somebody else was quicker."""
    late = prepared(update(PAUSE).where(PAUSE.c.what == bindparam("which")).values(since=bindparam("then")))
    gone = prepared(delete(PAUSE).where(PAUSE.c.what == bindparam("which")))
    with database.write() as tx:
        tx.execute(ADD, ROWS)
        counts = [tx.execute(late, {"which": which, "then": NOW}).rowcount for which in ("send", "work")]
        counts.append(tx.execute(gone, {"which": "all"}).rowcount)

    assert counts == [1, 0, 1]


def test_an_insert_tells_what_it_made(database: Database):
    """As ids come back of new rows."""
    new = prepared(insert(COUNTER).returning(COUNTER.c.value))

    with database.write() as tx:
        assert tx.execute(new, {"name": "one", "value": 7}).scalar_one() == 7


def test_a_fault_is_told_as_elsewhere(database: Database):
    """So that one handler catches both."""
    with database.write() as tx:
        tx.execute(QUICK_ADD, ROWS[0])

    with pytest.raises(IntegrityError), database.write() as tx:
        tx.execute(QUICK_ADD, ROWS[0])

    with database.read() as tx:
        assert len(tx.execute(QUICK_ALL).all()) == 1


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        (select(PAUSE).where(PAUSE.c.what.in_(bindparam("these", expanding=True))), {"these": ["all"]}),
        (select(PAUSE).where(PAUSE.c.what == bindparam("which")), {}),
    ],
    ids=["a list of unknown length", "a parameter that is not given"],
)
def test_what_cannot_be_prepared_is_refused(database: Database, query: Any, asked: dict[str, Any]):
    """A mistake of ours is found when it is made."""
    if not database.is_sqlite:
        pytest.skip("only SQLite has a short way")
    with pytest.raises(ValueError, match="prepared"), database.read() as tx:
        tx.execute(prepared(query), asked)


def test_all_that_a_thread_reads_in_a_snapshot_is_of_one_moment(database: Database):
    """What is written meanwhile is seen afterwards."""
    with database.snapshot():
        with database.read() as tx:
            before = tx.execute(ALL).all()
        with database.write() as tx:
            tx.execute(ADD, ROWS[0])
        with database.read() as tx:
            meanwhile = tx.execute(ALL).all()
    with database.read() as tx:
        after = tx.execute(ALL).all()

    assert (before, meanwhile) == ([], [])
    assert len(after) == 1
