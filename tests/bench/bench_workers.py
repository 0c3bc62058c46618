"""One, two and four worker processes on a real PostgreSQL: cases a second, and who used the processors meanwhile.

The mails are taken in before
the clock starts, and it runs from the first letter to the last: so it tells of work and send alone. The sink and
PostgreSQL are on the same machine, and their share of it is told: on two cores a second worker gets what they leave.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from post import CLB, DESK, Poster, Sink, referral
from postgres import Postgres, postgres
from race import COMPILED, configured
from serve import built

HERE = Path(__file__).resolve().parent
WORKERS = (1, 2, 4)
PATIENCE = 600
"""Seconds for all letters, on a machine that is busy with other things."""
DURABLE = ("max_connections=60",)
TICKS = os.sysconf("SC_CLK_TCK")


def rows() -> Iterator[tuple[str, float, str]]:
    """(what, figure, unit); nothing but a word where no PostgreSQL can be started."""
    cases = 4 if "--short" in sys.argv else 80
    try:
        with postgres(DURABLE) as server, tempfile.TemporaryDirectory() as folder:
            for workers in WORKERS[:1] if "--short" in sys.argv else WORKERS:
                yield from _measured(server, Path(folder) / str(workers), workers, cases)
    except pytest.skip.Exception as missing:
        yield f"workers on PostgreSQL: {missing}", 0.0, ""


def _measured(server: Postgres, folder: Path, workers: int, cases: int) -> Iterator[tuple[str, float, str]]:
    sink = Sink()
    config = configured(folder, sink)
    main = config / "mailflow.toml"
    ours = server.new_database().replace("+psycopg", "")
    main.write_text(main.read_text().replace("sqlite:///mailflow.sqlite3", ours))
    with _running(config, "intake") as port:
        poster = Poster(port)
        for number in range(1, cases + 1):
            poster.post(referral(number), sender=f"an.{number}@{CLB}", to=DESK)
        poster.close()
    with contextlib.closing(built(config)) as app:
        app.store.pause("all", app.clock.now())
        with contextlib.ExitStack() as several:
            for _ in range(workers):
                several.enter_context(_running(config, "work,send"))
            before = _spent()
            app.store.resume("all")
            sink.wait_for(2 * cases, PATIENCE)
            after = _spent()
            took = sink.letters[-1].at - sink.letters[0].at
            beats = {row: (after[row] - before.get(row, 0.0)) for row in after}
    name = f"{workers} worker{'s' if workers > 1 else ''} on PostgreSQL"
    yield f"{name}, of {os.cpu_count()} cores", (cases - 1) / took, "cases/s"
    for who in ("worker", "PostgreSQL", "sink"):
        yield f"{name}: CPU of {who}", 1000 * beats.get(who, 0.0) / cases, "ms a case"


@contextlib.contextmanager
def _running(config: Path, parts: str) -> Iterator[int]:
    """Such a process; the port that it listens on, 0 for none."""
    command = [sys.executable, str(HERE / "parts.py"), str(config), parts]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=COMPILED)
    assert process.stdout is not None
    try:
        yield next(int(line.split()[1]) for line in process.stdout if line.startswith("ready "))
    finally:
        process.terminate()
        process.wait(30)


def _spent() -> dict[str, float]:
    """Seconds of CPU so far: of this process (the sink), of our workers, and of every PostgreSQL on this machine."""
    spent = {"sink": time.process_time(), "worker": 0.0, "PostgreSQL": 0.0}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, fields = stat.read_text().rpartition(")")[0], stat.read_text().rpartition(")")[2].split()
            words = stat.with_name("cmdline").read_bytes()
            who = "PostgreSQL" if name.endswith("(postgres") else "worker" if b"parts.py\0" in words else ""
            if who:
                spent[who] += (int(fields[11]) + int(fields[12])) / TICKS
    return spent
