"""The real service as a process, and what its letters say: for the stories that are played over the wire."""

import shutil
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from edited import edit
from needs import missing
from ports import LISTENS, SENDS, free_port
from servers import Running, Sink

from mailflow.clock import FileClock, monotonic, real_now
from mailflow.newcomer import init
from mailflow.storage.engine import Database
from mailflow.storage.tasks import Tasks

PATIENCE = 20.0


def program(name: str) -> str:
    """Where that program is; without it the test is skipped, or fails in CI."""
    found = shutil.which(name)
    if found is None:
        missing(f"{name} is not installed (apt-get install {name})")
    return str(found)


@dataclass(frozen=True)
class Letter:
    """What the service sent."""

    recipient: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def reply_to(self) -> str:
        return str(self.message["Reply-To"])

    @property
    def left_at(self) -> datetime:
        return self.message["Date"].datetime


class Mailflow:
    """`mailflow run` on a folder of `mailflow init`, and the server that takes its letters."""

    def __init__(self, config: Path, sink: Sink, port: int, *, clock: FileClock | None = None) -> None:
        self.config, self.sink, self.port, self.clock = config, sink, port, clock
        self.running: Running | None = None
        self.lines: list[str] = []

    def start(self, *options: str, kill_at: str = "") -> None:
        """Start it, and wait until it runs; *kill_at* is a point of mailflow/seams.py where it must die."""
        environment = ["env", "MAILFLOW_DEMO=1", f"MAILFLOW_KILL_AT={kill_at}"] if self.clock or kill_at else []
        command = [*environment, sys.executable, "-m", "mailflow", "run", "--config", str(self.config), *options]
        self.running = Running(command, " running ")
        self.running.lines = self.lines
        self.running.start()

    def end(self, kind: signal.Signals = signal.SIGTERM) -> int:
        """Send it that signal; the exit status."""
        self.running.process.send_signal(kind)
        return self.running.process.wait(PATIENCE)

    def stop(self) -> None:
        if self.running is not None:
            self.running.stop()

    @property
    def log(self) -> str:
        """All that it has logged, in all its lives."""
        return "".join(self.lines)

    def letters(self, recipient: str = "") -> list[Letter]:
        """What left so far, to that address or to all."""
        parse = BytesParser(policy=policy.default).parsebytes
        every = [Letter(to[0], parse(raw)) for _, to, raw in [*self.sink.kept]]
        return [letter for letter in every if recipient in ("", letter.recipient)]

    def letter(self, recipient: str, subject: str) -> Letter:
        """The letter to that address with these words in its subject; waits for it."""
        found: list[Letter] = []
        self.wait_until(lambda: found.extend(one for one in self.letters(recipient) if subject in one.subject) or found)
        assert found, (
            f"no letter {subject!r} for {recipient}: {[(one.recipient, one.subject) for one in self.letters()]}"
        )
        return found[0]

    def rest(self) -> None:
        """Wait until all work that is due is done."""
        database = Database(f"sqlite:///{self.config / 'mailflow.sqlite3'}")
        tasks = Tasks(database)
        try:
            assert self.wait_until(lambda: tasks.is_quiet(self.clock.now() if self.clock else real_now())), (
                "it does not come to rest"
            )
        finally:
            database.close()

    def wait_until(self, there) -> bool:
        """Whether it came to be; looks again at each letter, and now and then."""
        give_up = monotonic() + PATIENCE
        while not there():
            if monotonic() > give_up:
                return False
            self.sink.arrived.clear()
            self.sink.arrived.wait(0.05)
        return True


@contextmanager
def mailflow(
    folder: Path,
    sink: Sink,
    *,
    port: int = 0,
    at: datetime | None = None,
    files: Mapping[str, str] | None = None,
    more: str = "",
    **edits: str,
) -> Iterator[Mailflow]:
    """A service that is not started yet; *edits* are lines of mailflow.toml and what stands there instead.

    *more* is added at the end of it, and *files* are put beside it.

    It listens on that port or else on a free one; *at* gives it a clock that can jump.
    """
    config = folder / "meldpunt"
    init(config, {})
    for name, content in (files or {}).items():
        (config / name).write_text(content)
        (config / name).chmod(0o600)
    port = port or free_port()
    clock = None
    if at is not None:
        clock = FileClock(config / "clock")
        clock.set(at)
        more += '\n[demo]\nclock = "clock"\n'
    changes = {f"port = {LISTENS}": f"port = {port}", f"port = {SENDS}": f"port = {sink.port}", **edits}
    edit(config / "mailflow.toml", {f"\n{old}\n": f"\n{new}\n" for old, new in changes.items()}, more)
    service = Mailflow(config, sink, port, clock=clock)
    try:
        yield service
    finally:
        service.stop()
