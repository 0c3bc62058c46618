"""The tables: what alembic makes is what the code expects, on both databases."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic import command
from sqlalchemy import event, inspect, select, text
from sqlmodel import SQLModel

from mailflow.core.case import Case
from mailflow.core.decision import Outcome
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event, Party, State
from mailflow.storage.engine import Database
from mailflow.storage.migrate import TooNew, configuration, migrate, newest_revision
from mailflow.storage.store import Store
from mailflow.storage.tables import CARE_CASE, EVENT, LETTER, MAIL, PAUSE, TASK

MIGRATE = """
import sys
from mailflow.storage.engine import Database
from mailflow.storage.migrate import migrate
database = Database(sys.argv[1])
migrate(database)
database.close()
"""


def tables_of(database: Database) -> set[str]:
    with database.engine.connect() as connection:
        return set(inspect(connection).get_table_names())


def alembic(database: Database, verb: str, *words: str) -> None:
    with database.engine.connect() as connection:
        getattr(command, verb)(configuration(connection), *words)
        connection.commit()


def test_an_empty_database_gets_every_table(empty: Database):
    """Migrating makes what the code declares, and doing it again changes nothing."""
    migrate(empty)
    migrate(empty)

    assert set(SQLModel.metadata.tables) | {"alembic_version"} == tables_of(empty)


def test_the_migrations_and_the_declared_tables_agree(database: Database):
    """`alembic check` finds nothing to add."""
    alembic(database, "check")


def test_a_migration_can_be_taken_back_and_done_again(database: Database):
    """Down to nothing and up again gives the same tables."""
    before = tables_of(database)

    alembic(database, "downgrade", "base")
    nothing = tables_of(database)
    alembic(database, "upgrade", "head")

    assert nothing == {"alembic_version"}
    assert tables_of(database) == before
    alembic(database, "check")


def test_a_database_of_a_newer_release_is_refused(database: Database):
    """An unknown revision is not touched: its tables may mean something else."""
    with database.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(TooNew, match="9999"):
        migrate(database)


def test_two_processes_that_start_at_once_migrate_once(url: str):
    """The one that comes second finds the work done."""
    both = [subprocess.Popen([sys.executable, "-W", "error", "-c", MIGRATE, url]) for _ in range(2)]

    ended = [one.wait(60) for one in both]

    database = Database(url)
    with database.read() as tx:
        revisions = tx.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    database.close()
    assert ended == [0, 0]
    assert revisions == [newest_revision()]


def test_all_revisions_are_one_transaction(url: str):
    """Between two of them another process would begin where this one still has to go."""
    database = Database(url)
    commits: list[object] = []
    event.listen(database.engine, "commit", commits.append)

    migrate(database)

    database.close()
    assert len(commits) == 1


def test_a_case_that_was_erased_before_is_known_as_such(empty: Database):
    """The column is filled from what is there, and the rows stay what they are."""
    migrate(empty, to="0011")
    case = {"since": "2026-01-01", "opened_at": "2026-01-01", "provider": "", "seen": 1, "chain": "", "turn": ""}
    case |= {"state": "closed", "what": "", "fingerprint": ""}
    columns, values = ", ".join(case), ", ".join(f":{name}" for name in case)
    with empty.write() as tx:
        for number, sealed in ((1, b""), (2, b"sealed")):
            row = {**case, "id": number, "reference": f"MSI-2026-000{number}"}
            tx.execute(
                text(f"INSERT INTO care_case (id, reference, {columns}) VALUES (:id, :reference, {values})"), row
            )
            kept = {"id": number, "sealed": sealed}
            tx.execute(text("INSERT INTO referral (case_id, uuid, sealed) VALUES (:id, '', :sealed)"), kept)

    migrate(empty)

    with empty.read() as tx:
        found = tx.execute(select(CARE_CASE.c.id, CARE_CASE.c.nameless).order_by(CARE_CASE.c.id)).all()
    assert [tuple(row) for row in found] == [(1, True), (2, False)]


def test_a_letter_that_waits_loses_nothing_but_a_column_that_nobody_read(empty: Database):
    """Its work still points at it; and what is dropped comes back without values when the migration is taken back."""
    migrate(empty, to="0014")
    letter = {"uuid": "u", "number": 1, "kind": "digest", "role": "desk", "address": b"a", "address_key": "k"}
    letter |= {"message_key": "m", "content": b"c", "state": "waiting", "written_at": "2026-10-05 09:00:00+00:00"}
    task = {"kind": "send", "letter_id": 1, "due_at": "2026-10-05 09:00:00+00:00", "state": "ready"}
    task |= {"attempts": 0, "faults": 0, "holder": "", "fence": 0, "why": ""}
    with empty.write() as tx:
        for table, row in (("letter", letter), ("task", task)):
            names = ", ".join(row), ", ".join(f":{name}" for name in row)
            tx.execute(text(f"INSERT INTO {table} ({names[0]}) VALUES ({names[1]})"), row)

    migrate(empty)

    with empty.read() as tx:
        kept = tx.execute(select(LETTER.c.address_key, LETTER.c.content, TASK.c.kind).join_from(TASK, LETTER)).all()
    assert [tuple(row) for row in kept] == [("k", b"c", "send")]
    alembic(empty, "downgrade", "0014")
    with empty.read() as tx:
        assert tx.execute(text("SELECT message_key, content FROM letter")).all() == [("", b"c")]


def test_moments_come_back_as_they_were_in_utc(store: Store):
    """A moment of any zone is the same moment in UTC; a naive one is refused."""
    brussels_summer = datetime(2026, 7, 1, 9, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))

    store.pause("send", brussels_summer)

    with store.database.read() as tx:
        kept = tx.execute(select(PAUSE.c.since)).scalar_one()
    assert kept == brussels_summer
    assert kept.utcoffset() == timedelta(0)
    with pytest.raises(Exception, match="naive"):
        store.pause("all", datetime(2026, 7, 1))


def test_every_code_fits_its_column():
    """PostgreSQL refuses what is too long for its column; SQLite would never have told."""
    columns = [
        (CARE_CASE.c.state, State),
        (CARE_CASE.c.turn, Party),
        (EVENT.c.kind, Event),
        (EVENT.c.party, Party),
        (LETTER.c.kind, Kind),
        (MAIL.c.outcome, Outcome),
    ]

    too_long = [(str(column), code) for column, codes in columns for code in codes if len(code) > column.type.length]

    assert too_long == []


def test_a_read_sees_one_moment(store: Store):
    """What another commits while we read is not half seen: a case row and its events belong together."""
    with store.database.read() as tx:
        before = tx.execute(select(PAUSE.c.what)).all()
        store.pause("send", datetime(2026, 10, 4, tzinfo=UTC))
        after = tx.execute(select(PAUSE.c.what)).all()

    assert before == after == []


def test_the_columns_hold_the_longest_reference():
    """A counter beyond four digits makes a longer reference, and it still fits."""
    assert len(Case(reference="MSI-2026-1234567").reference) <= CARE_CASE.c.reference.type.length
