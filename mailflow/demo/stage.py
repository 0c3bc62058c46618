"""The demo's stage: the service in a process of its own, everybody else's mailbox, and the clock."""

import asyncio
import os
import signal
import smtplib
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from types import TracebackType
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape

from mailflow.clock import FileClock, monotonic
from mailflow.core.mail import Envelope
from mailflow.demo.people import DESK_ADDRESS, Person
from mailflow.intake.smtp import Listener, ListenerSettings
from mailflow.newcomer import init
from mailflow.storage.engine import Database
from mailflow.storage.tasks import Tasks

ZONE = ZoneInfo("Europe/Brussels")
MAIL_HOST = "mx.meldpunt.example"
"""The demo plays the meldpunt's own mail host, which checks senders and stamps what it found."""
PATIENCE = 20.0
"""Seconds of real time after which what should have happened did not."""
PULSES = 4
"""So many looks at the clock must pass before quiet means that nothing will come."""


class Stalled(Exception):
    """The service did not do what the story expects of it."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A mail that went by, in either direction; *at* is demo time."""

    at: datetime
    to_us: bool
    sender: str
    recipient: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """Parsed, for showing."""
        parsed = BytesParser(policy=policy.default).parsebytes(self.raw)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass
class PostOffice:
    """Everybody's mailbox: a real SMTP server that takes every letter."""

    took: Callable[[bytes, Envelope], None]
    arrived: threading.Condition = field(default_factory=threading.Condition)
    port: int = 0
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _listener: Listener | None = None

    def open(self) -> None:
        """Listen on a free loopback port."""
        settings = ListenerSettings(host="127.0.0.1", port=0, hostname="people.example")
        self._listener = Listener(settings, self._receive, lambda _: True)
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(self._listener.start(), self._loop).result(PATIENCE)
        self.port = self._listener.port

    def close(self) -> None:
        """Listen no more."""
        if self._listener:
            asyncio.run_coroutine_threadsafe(self._listener.stop(), self._loop).result(PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _receive(self, raw: bytes, envelope: Envelope) -> None:
        with self.arrived:
            self.took(raw, envelope)
            self.arrived.notify_all()


class Stage:
    """Runs the service on a fresh configuration; moves its clock; brings it mail and sees what comes back."""

    def __init__(self, folder: Path, out: Console) -> None:
        self.folder, self.out = folder, out
        self.config, self.log = folder / "config", folder / "service.log"
        self.mails: list[Seen] = []
        self.office = PostOffice(self._took)
        self.port = _free_port()
        self.clock = FileClock(self.config / "clock")
        self._service: subprocess.Popen[bytes] | None = None
        self._tasks: Tasks | None = None
        self._read = 0

    def __enter__(self) -> "Stage":
        self.office.open()
        init(self.config, {})
        main = self.config / "mailflow.toml"
        main.write_text(_for_the_demo(main.read_text(), self.port, self.office.port))
        self.clock.set(datetime(2026, 10, 4, 22, 13, tzinfo=ZONE))
        self.start()
        self._tasks = Tasks(Database(f"sqlite:///{self.config / 'mailflow.sqlite3'}"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self.office.close()

    # -- the service -------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the service and wait until it takes mail."""
        with self.log.open("ab") as log:
            self._service = subprocess.Popen(
                [sys.executable, "-m", "mailflow", "run", "--config", str(self.config)],
                stdout=log,
                stderr=log,
                env={**os.environ, "MAILFLOW_DEMO": "1"},
                start_new_session=True,  # Ctrl-C is for us, and we stop the service ourselves
            )
        self._until(self._takes_mail, "the service does not start")

    def stop(self) -> None:
        """Let the service finish what it accepted and end."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Pull the plug."""
        self._end(signal.SIGKILL)

    def _end(self, with_signal: signal.Signals) -> None:
        if self._service:
            self._service.send_signal(with_signal)
            self._service.wait(PATIENCE)
            self._service = None

    def _takes_mail(self) -> bool:
        if self._service and self._service.poll() is not None:
            raise Stalled("the service ended at once")
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=PATIENCE) as server:
                return server.noop()[0] == 250
        except OSError:
            return False

    # -- the verbs of the story --------------------------------------------------------------------

    def say(self, words: str) -> None:
        """A line of the narrator."""
        self.out.print(f"\n[bold]{escape(words)}[/bold]", highlight=False)

    def at(self, year: int, month: int, day: int, hour: int, minute: int = 0, second: int = 0) -> None:
        """Jump to this local time."""
        self.clock.set(datetime(year, month, day, hour, minute, second, tzinfo=ZONE))
        self.settle()

    def later(self, **by: float) -> None:
        """Jump on by timedelta's keywords."""
        self.clock.set(self.clock.now() + timedelta(**by))
        self.settle()

    def mails_in(self, person: Person, raw: bytes, *, to: str = DESK_ADDRESS, stamped: str = "pass") -> None:
        """*person* mails the meldpunt, by way of its own mail host."""
        raw = as_delivered(raw, person, stamped)
        self.mails.append(Seen(at=self.clock.now(), to_us=True, sender=person.address, recipient=to, raw=raw))
        self._print(self.mails[-1], person.name)
        with smtplib.SMTP("127.0.0.1", self.port, timeout=PATIENCE) as server:
            server.sendmail(person.address, [to], raw)
        self.settle()

    def expect(self, person: Person, subject: str) -> Seen:
        """The next letter to *person* whose subject holds these words; Stalled when none comes."""
        found: list[Seen] = []

        def there() -> bool:
            found.extend(
                s
                for s in self.mails[self._read :]
                if s.recipient == person.address and subject in str(s.message["Subject"])
            )
            return bool(found)

        self._until(there, f"no letter “{subject}” came for {person.name}")
        letter = found[0]
        self._read = next(n for n, mail in enumerate(self.mails) if mail is letter) + 1
        self._print(letter, person.name)
        return letter

    def nothing_for(self, person: Person) -> None:
        """Nothing has left for *person* since the last letter that was expected."""
        self.settle()
        if any(mail.recipient == person.address for mail in self.mails[self._read :]):
            raise Stalled(f"a letter left for {person.name} that should not have")

    def settle(self) -> None:
        """Wait until the service has done all that is due now."""
        begun = monotonic()

        def quiet() -> bool:
            looked = monotonic() - begun > PULSES * self.clock.pulse
            return looked and self._tasks is not None and self._tasks.is_quiet(self.clock.now())

        self._until(quiet, "the service does not come to rest")

    def follow(self) -> None:
        """Print each letter that leaves, until interrupted."""
        while True:
            with self.office.arrived:
                while len(self.mails) <= self._read:
                    self.office.arrived.wait(1)
                self._print(self.mails[self._read], self.mails[self._read].recipient)
                self._read += 1

    def counts(self) -> tuple[int, int]:
        """(mails in, letters out) so far."""
        came = sum(mail.to_us for mail in self.mails)
        return came, len(self.mails) - came

    def now_text(self) -> str:
        """The demo's time, for people."""
        return f"{self.clock.now().astimezone(ZONE):%a %d %b %Y %H:%M}"

    # -- within ------------------------------------------------------------------------------------

    def _took(self, raw: bytes, envelope: Envelope) -> None:
        recipient = envelope.recipients[0]
        self.mails.append(Seen(at=self.clock.now(), to_us=False, sender=DESK_ADDRESS, recipient=recipient, raw=raw))

    def _print(self, mail: Seen, name: str) -> None:
        number = next(n for n, one in enumerate(self.mails, start=1) if one is mail)
        way = "in" if mail.to_us else "out"
        path = self.folder / f"{number:02}-{way}.eml"
        path.write_bytes(mail.raw)
        arrow = f"{name} → meldpunt" if mail.to_us else f"meldpunt → {name}"
        when = f"{mail.at.astimezone(ZONE):%a %d %b %H:%M:%S}"
        self.out.print(
            f"  [dim]{when}[/dim]  {escape(arrow):34} {escape(str(mail.message['Subject']))}", highlight=False
        )

    def _until(self, there: Callable[[], bool], why: str) -> None:
        give_up = monotonic() + PATIENCE
        while not there():
            if monotonic() > give_up:
                raise Stalled(why)
            with self.office.arrived:
                self.office.arrived.wait(0.02)


def as_delivered(raw: bytes, person: Person, stamped: str = "pass") -> bytes:
    """The mail as the meldpunt's own host hands it on: its trace and what it found of the sender on top."""
    domain = person.address.rpartition("@")[2]
    policy_ = " (p=reject dis=none)" if stamped == "fail" else ""
    results = (
        f"Authentication-Results: {MAIL_HOST}; dmarc={stamped}{policy_} header.from={domain}\r\n" if stamped else ""
    )
    received = f"Received: from mail.{domain} by {MAIL_HOST} with ESMTPS\r\n"
    return f"{results}{received}".encode() + raw


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _for_the_demo(main: str, listens: int, sends: int) -> str:
    """mailflow.toml as `init` made it, with the demo's ports, mail host and clock."""
    changes = {
        "port = 2525": f"port = {listens}",
        "port = 2526": f"port = {sends}",
        'authserv_id = ""': f'authserv_id = "{MAIL_HOST}"',
        "own_hosts = []": f'own_hosts = ["{MAIL_HOST}"]',
    }
    for old, new in changes.items():
        if main.count(f"\n{old}") != 1:
            raise Stalled(f"the shipped mailflow.toml has no single line {old}")
        main = main.replace(f"\n{old}", f"\n{new}")
    return f'{main}\n[demo]\nclock = "clock"\n'
