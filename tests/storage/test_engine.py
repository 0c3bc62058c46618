"""The doors to the database."""

import sqlite3
import threading
from pathlib import Path

import pytest

from mailflow.storage.engine import Database


def test_a_transaction_that_outlives_the_database_leaves_no_file_open(tmp_path: Path):
    """A thread that is told to stop ends its work first: what it still holds then is closed as well."""
    database = Database(f"sqlite:///{tmp_path / 'mailflow.sqlite3'}")
    reading, closed = threading.Event(), threading.Event()
    held: list[sqlite3.Connection] = []

    def read() -> None:
        with database.read() as tx:
            held.append(tx.connection.dbapi_connection)
            reading.set()
            closed.wait(10)

    thread = threading.Thread(target=read)
    thread.start()
    reading.wait(10)
    database.close()
    closed.set()
    thread.join()

    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        held[0].execute("SELECT 1")
