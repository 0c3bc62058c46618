"""One way to the database: durable on SQLite, the same code on PostgreSQL."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from time import sleep

from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import DBAPIError, OperationalError

from mailflow.seams import reached
from mailflow.storage.quick import QuickConnection

WAL_TRIES = 500
BUSY_SECONDS = 30
"""How long a transaction waits for those before it: of another process, and of another thread."""
LOST: Mapping[str, int] = {
    "connect_timeout": 10,
    "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}  # fmt: skip
"""After how many seconds (the last: milliseconds) a PostgreSQL that vanished without a word counts as lost: by
themselves libpq waits without end for a connection, and the kernel a quarter of an hour for an answer."""
KEPT_FREE = 3
"""Connections to SQLite that are kept for the next transaction, by kind."""
BEGIN_TO_WRITE, BEGIN_TO_READ = "BEGIN IMMEDIATE", "BEGIN"
"""The first takes the write lock at once: a read that writes later would fail at once when somebody else wrote."""


_PASSING = frozenset({
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
})  # fmt: skip


READ_ONLY = "25006"
"""PostgreSQL's word for a write to a server that only follows another one: it was not promoted yet."""


INSERTS: Mapping[str, Callable[[Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


class Corrupted(Exception):
    """The database file is damaged: pages of it are not what they were."""


class _Door:
    """Transactions on one engine. On SQLite a connection that is free is used again as it is."""

    def __init__(self, engine: Engine, begin: str) -> None:
        self._engine = engine
        self._begin = begin
        self._free: list[QuickConnection] = []
        self._closed = False

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: committed at the end, rolled back on an exception."""
        if self._engine.dialect.name != "sqlite":
            with self._engine.begin() as tx:
                yield tx
            return
        try:
            connection = self._free.pop()
        except IndexError:
            connection = QuickConnection(self._engine)
        try:
            with connection.transaction(self._begin):
                yield connection
        except BaseException:
            self._give_back(connection)
            raise
        if len(self._free) < KEPT_FREE:
            self._free.append(connection)
        else:
            self._give_back(connection)
        if self._closed:
            self._let_go()

    def close(self) -> None:
        """Let go of those that are free; one that is in use goes when its transaction has ended."""
        self._closed = True
        self._let_go()

    def _let_go(self) -> None:
        with suppress(IndexError):  # another thread may have been quicker
            while connection := self._free.pop():
                self._give_back(connection)

    def _give_back(self, connection: QuickConnection) -> None:
        if self._closed:
            connection.detach()  # its pool may have been disposed of meanwhile
        connection.close()


class Database:
    """Two doors: *write* takes the write lock at once (BEGIN IMMEDIATE), *read* never does."""

    def __init__(self, url: str) -> None:
        """*url* is an SQLAlchemy URL: sqlite:///file or postgresql+psycopg://..."""
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self._of_thread = threading.local()
        self._turn = threading.Lock()
        self._writer = _engine(url)
        # One snapshot per read: a case row and its events must be of the same moment.
        self._reader = (
            _engine(url)
            if self.is_sqlite
            else self._writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        )
        if self.is_sqlite:
            _set_up_sqlite(self._writer)
            _set_up_sqlite(self._reader)
            event.listen(self._writer, "begin", _begin_to_write)
        self._write, self._read = _Door(self._writer, BEGIN_TO_WRITE), _Door(self._reader, BEGIN_TO_READ)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may write: committed at the end, rolled back on an exception."""
        with self._in_turn(), self._write.begin() as tx:
            yield tx
            reached("before_commit")
        reached("after_commit")

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """One thread of this process after the other: SQLite's own waiting is to sleep some milliseconds and look."""
        mine = self.is_sqlite and self._turn.acquire(timeout=BUSY_SECONDS)
        try:
            yield
        finally:
            if mine:
                self._turn.release()

    def read(self) -> AbstractContextManager[Connection]:
        """A transaction that only reads, all of it from one moment: that of this thread's snapshot, if it has one."""
        held: Connection | None = getattr(self._of_thread, "snapshot", None)
        return self._read.begin() if held is None else nullcontext(held)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that this thread reads until the end is of one moment: a transaction costs more than a question."""
        with self.read() as tx:
            before = getattr(self._of_thread, "snapshot", None)
            self._of_thread.snapshot = tx
            try:
                yield
            finally:
                self._of_thread.snapshot = before

    def check(self) -> None:
        """Look through the whole file, before any work is done on it; raises Corrupted. PostgreSQL looks by itself."""
        if not self.is_sqlite:
            return
        try:
            with self.read() as tx:
                found = str(tx.exec_driver_sql("PRAGMA quick_check(1)").scalar())
        except DBAPIError as fault:
            if is_unusable(fault):
                raise
            found = str(fault.orig)
        if found != "ok":
            raise Corrupted(found.splitlines()[0])

    def wipe(self) -> bool:
        """Let nothing linger of what was erased: empties SQLite's write-ahead log, vacuums PostgreSQL.

        False while another process still reads from that log: the next wipe does it.
        """
        if self.is_sqlite:
            connection = self._writer.raw_connection()
            try:
                cursor = connection.cursor()
                busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                return not busy
            finally:
                connection.close()
        with self._writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection_:
            connection_.exec_driver_sql("VACUUM")
        return True

    @property
    def engine(self) -> Engine:
        """For migrations."""
        return self._writer

    def close(self) -> None:
        """Let go of every connection."""
        self._write.close()
        self._read.close()
        self._writer.dispose()
        self._reader.dispose()


def is_unusable(fault: DBAPIError) -> bool:
    """Whether the database cannot be used now (disk full, locked, read-only, gone), whatever was asked of it."""
    code = getattr(fault.orig, "sqlite_errorcode", None)
    return is_away(fault) if code is None else code & 0xFF in _PASSING


def is_away(fault: DBAPIError) -> bool:
    """Whether a PostgreSQL cannot be used now: not there, on its way up or down, or still following another one."""
    if isinstance(fault.orig, sqlite3.Error):
        return False
    read_only = getattr(fault.orig, "sqlstate", None) == READ_ONLY
    return read_only or isinstance(fault, OperationalError) or fault.connection_invalidated


def _to_wal(cursor: DBAPICursor) -> None:
    """Set a new database to WAL; when two processes do so at once, one is refused without any waiting."""
    for tries_left in reversed(range(WAL_TRIES)):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            found = cursor.fetchone()
            if found is not None and found[0] != "delete":
                return
        except sqlite3.OperationalError:
            if not tries_left:
                raise
        sleep(0.02)


def insert_unless(tx: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that can be told what to do when the row is there already (on_conflict_...)."""
    return INSERTS[tx.dialect.name](table)


def _engine(url: str) -> Engine:
    if url.startswith("sqlite"):
        # Each transaction ends by itself in write() and read(): the pool need not roll back once more.
        return create_engine(
            url,
            hide_parameters=True,
            pool_reset_on_return=None,
            connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        )
    asked = make_url(url).query
    lost = {key: value for key, value in LOST.items() if key not in asked}
    return create_engine(url, hide_parameters=True, pool_size=5, pool_pre_ping=True, connect_args=lost)


def _begin_to_write(connection: Connection) -> None:
    """Where SQLAlchemy begins by itself, as for migrations, and not behind one of the doors."""
    driver = connection.connection.dbapi_connection
    if isinstance(driver, sqlite3.Connection) and not driver.in_transaction:
        driver.execute(BEGIN_TO_WRITE)


def _set_up_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: DBAPIConnection, _record: object) -> None:
        # pysqlite would begin transactions by its own rules: a read that later writes fails at once when another wrote.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={1000 * BUSY_SECONDS}",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        _to_wal(cursor)
        cursor.close()
