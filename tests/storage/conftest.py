"""The conformance suite runs on SQLite always, and on PostgreSQL where one can be started."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from house import BRUSSELS, House
from postgres import Postgres, postgres

from mailflow.clock import new_uuid
from mailflow.settings import Settings, load
from mailflow.storage.engine import Database
from mailflow.storage.migrate import migrate
from mailflow.storage.store import Store
from mailflow.storage.tasks import Tasks
from mailflow.storage.vault import Vault


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """One cluster for the whole run."""
    with postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of this test alone."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.sqlite3'}"
    server: Postgres = request.getfixturevalue("postgres_server")
    return server.new_database()


@pytest.fixture
def empty(url: str) -> Iterator[Database]:
    """A database without tables."""
    one = Database(url)
    yield one
    one.close()


@pytest.fixture
def database(empty: Database) -> Database:
    """A database with the tables of this release."""
    migrate(empty)
    return empty


@pytest.fixture(scope="session")
def settings() -> Settings:
    """The shipped defaults."""
    return load(None)


@pytest.fixture
def vault() -> Vault:
    """Keys of this test alone."""
    return Vault([("k1", b"d" * 32)], b"i" * 32, [b"c" * 32])


@pytest.fixture
def store(database: Database, vault: Vault, settings: Settings) -> Store:
    """The memory of the service, empty."""
    return Store(database, vault, settings.rules, new_uuid=new_uuid)


@pytest.fixture
def tasks(database: Database) -> Tasks:
    """The work of the service, none yet."""
    return Tasks(database)


@pytest.fixture
def house(tmp_path: Path, url: str) -> Iterator[House]:
    """A whole meldpunt on that database, on Sunday 4 October 2026, 22:14 Brussels time."""
    one = House(tmp_path, datetime(2026, 10, 4, 22, 14, tzinfo=BRUSSELS), database=url)
    yield one
    one.close()
