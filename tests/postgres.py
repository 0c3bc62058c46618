"""A real PostgreSQL for tests: a throwaway cluster on a free loopback port, in a folder of its own."""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from random import Random
from tempfile import mkdtemp

from needs import missing
from ports import free_port
from sqlalchemy import create_engine, text

FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=60")
"""Nothing of it outlives a crash."""
KEPT = ("fsync=off", "max_connections=60")
"""What was committed outlives every kill of the server, as on a machine of its own; not a power cut, which none plays."""


class Postgres:
    """A running cluster; each test gets a database of its own in it."""

    def __init__(self, port: int, control: list[object]) -> None:
        """*control* is pg_ctl with what it needs to know of this cluster."""
        self._port = port
        self._control = control
        self._numbers = count(1)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self._port}/{name}"

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"test{next(self._numbers)}"
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return self.url(name)

    def start(self) -> None:
        """Start it (again), and wait until it can be asked."""
        _run(*self._control, "start")

    def kill(self) -> None:
        """End it at once, as a crash does: no connection is told, and nothing is written that was not."""
        _run(*self._control, "-m", "immediate", "stop")

    def kill_one(self, chance: Random) -> None:
        """kill -9 of one of the processes that serve a connection: the server ends all others, and recovers."""
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            others = (
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            pids = sorted(connection.execute(text(others)).scalars())
        engine.dispose()
        if pids:
            os.kill(chance.choice(pids), signal.SIGKILL)


@contextmanager
def postgres(options: Iterable[str] = FAST) -> Iterator[Postgres]:
    """Start a cluster with these *options*; skips where PostgreSQL or its driver is not installed."""
    try:
        import psycopg  # noqa: F401, PLC0415 - only asked whether it is there
    except ImportError:
        missing("psycopg is not installed (pip install mailflow[postgres])")
    programs = _programs()
    if programs is None:
        missing("PostgreSQL is not installed (Debian: postgresql-15)")
    folder = Path(mkdtemp(prefix="mailflow-pg-"))
    as_user = _as_a_plain_user(folder)
    port = free_port()
    ours = ("listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={folder}", *options)
    words = " ".join(f"-c {one}" for one in ours)
    data, log = folder / "data", folder / "log"
    try:
        _run(*as_user, programs / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8",
             "--locale=C.UTF-8", "--no-sync")  # fmt: skip
        server = Postgres(port, [*as_user, programs / "pg_ctl", "-D", data, "-w", "-s", "-l", log, "-o", words])
        server.start()
        try:
            yield server
        finally:
            server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path | None:
    on_path = shutil.which("pg_ctl")
    if on_path:
        return Path(on_path).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    return debian[-1].parent if debian else None


def _as_a_plain_user(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: then as its own user."""
    if os.geteuid() != 0:
        return []
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        missing("PostgreSQL does not run as root, and there is no user postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["runuser", "-u", "postgres", "--"]


def _run(*command: object) -> None:
    done = subprocess.run(
        [str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd="/"
    )
    if done.returncode:
        raise RuntimeError(f"{command[-1]}: {done.stderr}")
