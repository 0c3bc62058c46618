"""A PostgreSQL that is not there yet, or went away: waited for with a word, and known again when it is back."""

from collections.abc import Iterator
from contextlib import closing
from random import Random

import psycopg
import pytest
from postgres import KEPT, Postgres, postgres
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError, ProgrammingError
from structlog.testing import capture_logs

from mailflow.app import opened
from mailflow.reaching import ALARM_AT, once_there
from mailflow.storage.engine import Database, is_away, is_unusable
from mailflow.storage.tasks import Tasks


@pytest.fixture(scope="module")
def mortal() -> Iterator[Postgres]:
    """A server that tests may kill; it runs again at the end of each."""
    with postgres(KEPT) as server:
        yield server


def test_a_start_waits_for_a_database_that_is_not_there_yet(mortal: Postgres):
    """It says what it waits for, and begins as soon as the server is up."""
    url, waits, alarms = mortal.new_database(), list[float](), list[str]()
    mortal.kill()

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == ALARM_AT + 1:
            mortal.start()

    with capture_logs() as logs:
        database = once_there(lambda: opened(url), alarms.append, wait)
    with closing(database):
        assert Tasks(database).next_due() is None

    assert waits[:4] == [1, 2, 5, 5]
    assert len(logs) == len(waits) == ALARM_AT + 1
    assert all(line["event"] == "waiting for the database" and "refused" in line["why"] for line in logs)
    assert [alarm.partition(":")[0] for alarm in alarms] == ["mailflow waits for its database"]


def test_a_wrong_name_is_waited_out_with_that_word(mortal: Postgres):
    """Only a person can mend it: so it is said, again and again, and nothing crashes."""
    said: list[str] = []

    class Enough(Exception):
        pass

    def wait(_: float) -> None:
        raise Enough

    with capture_logs() as logs, pytest.raises(Enough):
        once_there(lambda: opened(mortal.url("nowhere")), said.append, wait)

    assert 'database "nowhere" does not exist' in logs[0]["why"]


def test_a_fault_of_ours_at_the_start_is_not_waited_for(database: Database):
    """Only a database that is away is."""

    def begin() -> None:
        with database.read() as tx:
            tx.exec_driver_sql("SELECT nothing FROM nowhere")

    with pytest.raises(DBAPIError):
        once_there(begin, lambda _: None, lambda _: pytest.fail("waited"))


@pytest.mark.parametrize("how", ["all", "one"])
def test_a_killed_server_is_away_and_then_back(mortal: Postgres, how: str):
    """What was asked fails as "away", and the same Database goes on once the server is up."""
    with closing(opened(mortal.new_database())) as database:
        tasks = Tasks(database)

        def is_struck() -> None:
            with database.write() as tx:
                tx.exec_driver_sql("SELECT 1")
                if how == "all":
                    mortal.kill()
                else:
                    mortal.kill_one(Random(1))
                tx.exec_driver_sql("SELECT 1")

        with pytest.raises(DBAPIError) as fault:
            is_struck()
        if how == "all":
            mortal.start()

        assert is_unusable(fault.value)
        assert once_there(tasks.next_due, lambda _: None) is None


def test_a_server_that_only_follows_is_away():
    """After a failover a name may lead to the old or the new one for a while; other faults are ours."""
    follows = InternalError("INSERT", (), psycopg.errors.ReadOnlySqlTransaction("read-only"))
    wrong = ProgrammingError("SELECT", (), psycopg.errors.UndefinedTable("no such table"))
    gone = OperationalError("SELECT", (), psycopg.OperationalError("gone"))

    assert [is_away(one) for one in (follows, wrong, gone)] == [True, False, True]
