"""Brings the database to the tables of this release."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from mailflow.seams import reached
from mailflow.storage.engine import Database

if TYPE_CHECKING:
    from alembic.config import Config

HERE = Path(__file__).parent / "migrations"
ONE_AT_A_TIME = 0x6D61696C  # our number among PostgreSQL's advisory locks


class TooNew(Exception):
    """The database was written by a newer release."""


def migrate(database: Database, *, to: str = "") -> None:
    """Run what is missing, up to revision *to* ("": the newest); nothing when the database is there already.

    Raises TooNew for an unknown revision, in the database or asked for.
    """
    newest = to or newest_revision()
    with database.engine.connect() as connection:
        found = _revision(connection)
        connection.rollback()
    if found == newest:
        return
    known = {path.name.partition("_")[0] for path in (HERE / "versions").glob("[0-9]*.py")}
    if unknown := {found or newest, newest} - known:
        raise TooNew(f"the database is at revision {unknown.pop()}, which this release does not know")
    from alembic import command  # noqa: PLC0415 - slow to import, and only needed when something is to be done

    # One transaction around all of it: without, Alembic commits after each revision on SQLite, and a process that waits
    # for its turn goes on from where it saw the database before.
    with database.engine.begin() as connection:
        if not database.is_sqlite:  # there, BEGIN IMMEDIATE lets one process at a time do this
            connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
        command.upgrade(configuration(connection), newest)
        reached("before_commit")
    reached("after_commit")


def newest_revision() -> str:
    """The last of versions/NNNN_name.py."""
    return max(path.name.partition("_")[0] for path in (HERE / "versions").glob("[0-9]*.py"))


def configuration(connection: Connection) -> "Config":
    """Alembic's configuration on this connection."""
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    if "alembic_version" not in inspect(connection).get_table_names():
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
