"""A meldpunt on several machines: four `mailflow run --only ...` on one PostgreSQL, that can be killed one by one."""

import os
import signal
import smtplib
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from threading import Event, Thread

from edited import edit
from house import BRUSSELS, DESK, FORM, MAIL_HOST
from ports import free_port
from postgres import Postgres
from sqlalchemy.exc import DBAPIError

from mailflow.app import App, build
from mailflow.clock import FileClock, monotonic
from mailflow.demo.office import PostOffice
from mailflow.newcomer import init
from mailflow.reaching import once_there
from mailflow.settings import load

PATIENCE = 120.0
"""Seconds without anything taken or landed after which nothing will be."""
DEMO = {"MAILFLOW_DEMO": "1"}
PARTS = ("intake,schedule", "schedule", "work,send", "work,send")
"""Of each process: two that may keep time, two that work and send."""
SENDERS = (2, 3)
SUNDAY_NIGHT = datetime(2026, 10, 4, 22, 14, tzinfo=BRUSSELS)
CALLERS = 2
RUNNING = " running "
DATABASE, ONE_CONNECTION = -1, -2
"""What was killed, in the list of kills; else the number of the process."""
VICTIMS = (DATABASE, DATABASE, ONE_CONNECTION, 0, 1, *SENDERS, *SENDERS)


def letters(number: int) -> str:
    """A number as letters, for a name that is nobody's."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:04}")


def referral(number: int, provider: str) -> bytes:
    """Of a pupil and a CLB worker of its own, as our mail host passes it on."""
    sender = f"an.{letters(number)}@vclbleuven.be"
    form = FORM.replace("Voorbeeld\n", f"Voorbeeld{letters(number)}\n", 1).replace("an.peeters@vclbleuven.be", sender)
    return mail(sender, DESK, f"{number}@vclbleuven.be", form.replace("NAFT VBO", provider), subject="Aanmelding")


def mail(sender: str, to: str, name: str, text: str, *, subject: str, answers: str = "") -> bytes:
    """A proven mail with the Message-ID *name*, in answer to that of *answers*."""
    domain = sender.rpartition("@")[2]
    head = (
        f"Authentication-Results: {MAIL_HOST}; dmarc=pass header.from={domain}\r\nReceived: from mail.{domain} by {MAIL_HOST}\r\n"
        f"From: <{sender}>\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{name}>\r\n"
        f"{f'In-Reply-To: {answers}' if answers else 'X-First: yes'}\r\n"
        "Date: Sun, 04 Oct 2026 22:13:00 +0200\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    )
    return (head + text.replace("\n", "\r\n")).encode()


@dataclass(frozen=True)
class Landed:
    """A letter that was taken from us, and when (monotonic seconds)."""

    at: float
    recipient: str
    raw: bytes

    def header(self, name: bytes) -> str:
        """Of one line."""
        return self.raw.partition(b"\r\n" + name + b": ")[2].partition(b"\r\n")[0].strip().decode()

    @property
    def reference(self) -> str:
        """Of the case that its subject names."""
        return self.header(b"Subject").partition("[")[2].partition("]")[0]

    @property
    def message_id(self) -> str:
        return self.header(b"Message-ID")


@dataclass
class Fleet:
    """The processes, the database and everybody else's post."""

    folder: Path
    postgres: Postgres
    landed: list[Landed] = field(default_factory=list)
    kills: list[tuple[float, int]] = field(default_factory=list)
    """When (monotonic seconds), and what."""
    untaken: list[tuple[str, str, bytes]] = field(default_factory=list)
    """Mails that nobody took for a long time."""

    def __post_init__(self) -> None:
        self.config, self.port = self.folder / "config", free_port()
        self.office = PostOffice(
            lambda raw, envelope: self.landed.append(Landed(monotonic(), envelope.recipients[0], raw))
        )
        self.office.open()
        self.taken, self._moved = 0, (monotonic(), 0)
        self._lived = [0] * len(PARTS)
        self.processes: list[subprocess.Popen[bytes] | None] = [None] * len(PARTS)
        init(self.config, {})
        self.clock = FileClock(self.config / "clock")
        changes = {
            "\nport = 2525": f"\nport = {self.port}",
            "\nport = 2526": f"\nport = {self.office.port}",
            '\nauthserv_id = ""': f'\nauthserv_id = "{MAIL_HOST}"',
            "\nown_hosts = []": f'\nown_hosts = ["{MAIL_HOST}"]',
            "\nper_minute = 30": "\nper_minute = 10000",
            "\nletters_a_day = 20\n# To an address": "\nletters_a_day = 10000\n# To an address",
            'sqlite:///mailflow.sqlite3"\n# For': f'{self.postgres.new_database().replace("+psycopg", "")}"\n# For',
        }
        edit(self.config / "mailflow.toml", changes, '\n[demo]\nclock = "clock"\n')
        self.clock.set(SUNDAY_NIGHT)

    @property
    def steps(self) -> int:
        """How far it all is: mails taken, letters landed."""
        return self.taken + len(self.landed)

    def gets_on(self) -> bool:
        """Whether anything was taken or landed within our patience."""
        if self.steps != self._moved[1]:
            self._moved = monotonic(), self.steps
        return monotonic() - self._moved[0] < PATIENCE

    def start(self, number: int) -> None:
        """Start that process; it is not waited for."""
        with (self.folder / f"{number}.log").open("ab") as log:
            self.processes[number] = subprocess.Popen(
                [sys.executable, "-m", "mailflow", "run", "--config", str(self.config), "--only", PARTS[number]],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **DEMO, "PYTHONUNBUFFERED": "1"},
            )  # fmt: skip
        self._lived[number] = self.log(number).count(RUNNING)

    def runs(self, number: int) -> bool:
        """Whether it got as far as to do its work since it was last started."""
        return self.log(number).count(RUNNING) > self._lived[number]

    def kill(self, number: int) -> None:
        """kill -9 of that process."""
        process = self.processes[number]
        assert process is not None
        assert process.poll() is None, f"process {number} ended by itself:\n{self.log(number)[-3000:]}"
        process.kill()
        process.wait(PATIENCE)

    def log(self, number: int) -> str:
        """All that it has logged, in all its lives."""
        return (self.folder / f"{number}.log").read_text()

    def post(self, mails: Sequence[tuple[str, str, bytes]]) -> None:
        """Offer each (from, to, mail) until it is taken, as a mail host does; some at a time, each share in its order."""
        threads = [Thread(target=self._offer_all, args=[mails[n::CALLERS]]) for n in range(CALLERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert self.untaken == []

    def _offer_all(self, mails: Sequence[tuple[str, str, bytes]]) -> None:
        pause, left = Event(), list(mails)
        while left and self.gets_on():
            with (
                suppress(OSError, smtplib.SMTPException),
                smtplib.SMTP("127.0.0.1", self.port, timeout=PATIENCE) as host,
            ):
                while left:
                    sender, to, raw = left[0]
                    host.sendmail(sender, [to], raw)
                    left.pop(0)
                    self.taken += 1
            pause.wait(0.1 if left else 0)
        self.untaken += left

    @contextmanager
    def memory(self) -> Iterator[App]:
        """The same database, to ask it things, once it is there."""
        app = once_there(lambda: build(load(self.config, DEMO), self.clock), print)
        try:
            yield app
        finally:
            app.close()

    def rests(self, quiet: Callable[[App], bool] | None = None) -> None:
        """Wait until nothing is due and nothing under way; a database that is away is asked again."""
        pause = Event()
        self._moved = monotonic(), self.steps
        with self.memory() as app:
            while True:
                with suppress(DBAPIError):
                    if app.tasks.is_quiet(self.clock.now()) and (quiet is None or quiet(app)):
                        return
                assert self.gets_on(), "\n".join(self.log(number)[-3000:] for number in range(len(PARTS)))
                pause.wait(0.1)

    def close(self) -> None:
        """End whatever still runs."""
        for process in self.processes:
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            if process is not None:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(PATIENCE)
                process.kill()
                process.wait()
        self.office.close()


@dataclass
class Misfortune:
    """Kills at random moments while something goes on; what was killed is started again.

    A moment is so many mails taken and letters landed after the one before: a slow machine is killed as often.
    """

    fleet: Fleet
    chance: Random
    every: int
    """Mails and letters from one kill to the next, at most."""
    victims: list[int]
    """Who is killed next, the last one first; all of VICTIMS in another order when there are no more."""
    _over: Event = field(default_factory=Event)
    _fault: list[BaseException] = field(default_factory=list)

    def __enter__(self) -> None:
        self._thread = Thread(target=self._strike)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        if self._fault:
            raise self._fault[0]

    def _strike(self) -> None:
        try:
            moment = self._next()
            while not self._over.wait(0.01):
                if self.fleet.steps >= moment and (self.victims[-1] < 0 or self.fleet.runs(self.victims[-1])):
                    self._once(self.victims.pop())
                    moment = self._next()
        except BaseException as fault:
            self._fault.append(fault)

    def _next(self) -> int:
        if not self.victims:
            self.victims += self.chance.sample(VICTIMS, len(VICTIMS))
        return self.fleet.steps + self.chance.randint(1 + self.every // 3, self.every)

    def _once(self, what: int) -> None:
        self.fleet.kills.append((monotonic(), what))
        if what == ONE_CONNECTION:
            self.fleet.postgres.kill_one(self.chance)
        elif what == DATABASE:
            self.fleet.postgres.kill()
            Event().wait(self.chance.random() / 2)
            self.fleet.postgres.start()
        else:
            self.fleet.kill(what)
            self.fleet.start(what)


def first_of_each(landed: Sequence[Landed]) -> list[Landed]:
    """Each letter as it came first, in the order in which they came."""
    return [*{one.message_id: one for one in reversed(landed)}.values()][::-1]


def doubles(landed: Sequence[Landed]) -> Iterator[tuple[Landed, Landed]]:
    """Each delivery of a letter that had come before, after the one before it."""
    before: dict[str, Landed] = {}
    for one in landed:
        if one.message_id in before:
            yield before[one.message_id], one
        before[one.message_id] = one
