"""The service killed (-9) at each point of a mail's way and started again: nothing lost, no second different letter."""

import os
import signal
import smtplib
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import pytest
from edited import edit
from house import BRUSSELS, CLB, DESK, FORM, MAIL_HOST, NAFT, WORKER
from ports import free_port

from mailflow.app import App, build
from mailflow.clock import FileClock, monotonic
from mailflow.demo.office import PostOffice
from mailflow.newcomer import init
from mailflow.settings import load

PATIENCE = 30.0
DEMO = {"MAILFLOW_DEMO": "1"}
SUNDAY_NIGHT = datetime(2026, 10, 4, 22, 14, tzinfo=BRUSSELS)
MONDAY_DIGEST = datetime(2026, 10, 5, 8, 30, tzinfo=BRUSSELS)
MONDAY_OPEN = datetime(2026, 10, 5, 9, 0, tzinfo=BRUSSELS)

REFERRAL = (
    f"Authentication-Results: {MAIL_HOST}; dmarc=pass header.from=vclbleuven.be\r\n"
    f"Received: from mail.vclbleuven.be by {MAIL_HOST}\r\n"
    f"From: <{CLB}>\r\nTo: {DESK}\r\nSubject: Aanmelding\r\nMessage-ID: <1@vclbleuven.be>\r\n"
    "Date: Sun, 04 Oct 2026 22:13:00 +0200\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    + FORM.replace("\n", "\r\n")
).encode()

TIMELINE = [
    "mail_came",
    "referral_complete",
    "letter_written",
    "letter_sent",
    "letter_written",
    "letter_sent",
    "referral_sent",
]


class Plugged:
    """The real service in a process of its own, that can be told where it will lose its power."""

    def __init__(self, folder: Path) -> None:
        self.letters: list[tuple[str, bytes]] = []
        self.office = PostOffice(lambda raw, envelope: self.letters.append((envelope.recipients[0], raw)))
        self.config, self.log, self.port = folder / "config", folder / "service.log", free_port()
        self.clock = FileClock(self.config / "clock")
        self.process: subprocess.Popen[bytes] | None = None
        self.office.open()
        init(self.config, {})
        changes = {
            "\nport = 2525": f"\nport = {self.port}",
            "\nport = 2526": f"\nport = {self.office.port}",
            '\nauthserv_id = ""': f'\nauthserv_id = "{MAIL_HOST}"',
            "\nown_hosts = []": f'\nown_hosts = ["{MAIL_HOST}"]',
        }
        edit(self.config / "mailflow.toml", changes, '\n[demo]\nclock = "clock"\n')
        self.clock.set(SUNDAY_NIGHT)

    def start(self, kill_at: str = "", only: str = "") -> None:
        """Start it; with *kill_at* it may be dead again before it takes mail, if work was waiting."""
        environment = {**os.environ, **DEMO, "MAILFLOW_KILL_AT": kill_at}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mailflow", "run", "--config", str(self.config), "--only", only],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
            )
        self.until(lambda: self.ended() or self.takes_mail())

    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def takes_mail(self) -> bool:
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=5) as server:
                return server.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def offer(self, raw: bytes) -> bool:
        """Hand it a mail as a mail host does; whether it took it (250)."""
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=PATIENCE) as server:
                server.sendmail(CLB, [DESK], raw)
        except (OSError, smtplib.SMTPException):
            return False
        return True

    def dies(self) -> None:
        """Wait until it was killed by its own seam."""
        assert self.process is not None
        assert self.process.wait(PATIENCE) == -signal.SIGKILL, self.log.read_text()

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(PATIENCE)

    def rests(self) -> None:
        """Wait until nothing is due and nothing under way."""
        with self.memory() as app:
            self.until(lambda: app.tasks.is_quiet(self.clock.now()))

    @contextmanager
    def memory(self) -> Iterator[App]:
        """The same database, to ask it things."""
        app = build(load(self.config, DEMO), self.clock)
        try:
            yield app
        finally:
            app.close()

    def got(self, recipient: str) -> list[bytes]:
        return [raw for to, raw in self.letters if to == recipient]

    def timeline(self) -> list[str]:
        """The kinds of events of the only case, in their order."""
        with self.memory() as app:
            (line,) = app.store.cases.lines()
            assert app.store.cases.broken_chain(line.id) is None
            return [happened.kind.value for happened in app.store.cases.by_id(line.id).case.history]

    def mails(self) -> list[tuple[str, str]]:
        """What became of every mail."""
        with self.memory() as app:
            return [(line.state, line.outcome) for line in app.store.mails.lines()]

    def until(self, there: Callable[[], bool]) -> None:
        """Look again at each letter and each pulse; fails when it does not come about."""
        give_up = monotonic() + PATIENCE
        while not there():
            assert monotonic() < give_up, self.log.read_text()
            with self.office.arrived:
                self.office.arrived.wait(0.02)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(PATIENCE)
            self.process.kill()
            self.process.wait()
        self.office.close()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Plugged]:
    one = Plugged(tmp_path)
    yield one
    one.close()


@pytest.mark.parametrize(
    ("point", "copies"), [("after_commit_1", 1), ("after_commit_2", 1), ("after_delivery", 2), ("after_commit_3", 1)]
)
def test_killed_while_a_referral_comes_in(service: Plugged, point: str, copies: int):
    """The sender's host offers the mail until it is taken; the confirmation and the referral leave as ever."""
    service.start(kill_at=point)
    taken = service.offer(REFERRAL)
    service.dies()
    service.start()
    if not taken:
        assert service.offer(REFERRAL)
    service.rests()
    service.clock.set(MONDAY_OPEN)
    service.rests()

    assert taken or point != "after_delivery"
    assert service.mails() == [("read", "referral")]
    assert service.timeline() == TIMELINE
    assert (len(service.got(CLB)), len(set(service.got(CLB)))) == (copies, 1)
    assert len(service.got(NAFT)) == 1


@pytest.mark.parametrize(("point", "copies"), [("after_commit_2", 1), ("after_delivery", 2), ("after_commit_3", 1)])
def test_killed_while_a_referral_leaves(service: Plugged, point: str, copies: int):
    """Released, delivered or noted: the provider gets it once, or twice byte for byte, and never too early."""
    service.start()
    assert service.offer(REFERRAL)
    service.rests()
    service.clock.set(MONDAY_DIGEST)
    service.until(lambda: bool(service.got(WORKER)))
    service.rests()
    early = service.got(NAFT)
    service.kill()
    service.clock.set(MONDAY_OPEN)
    service.start(kill_at=point)
    service.dies()

    service.start()
    service.rests()

    assert early == []
    assert service.timeline() == TIMELINE
    assert (len(service.got(NAFT)), len(set(service.got(NAFT)))) == (copies, 1)
    assert len(service.got(CLB)) == 1
    assert len(service.got(WORKER)) == 1


def test_killed_over_and_over_it_gets_there_in_the_end(service: Plugged):
    """The power fails at every single point in turn: the same timeline."""
    service.start(kill_at="after_commit_1")
    assert not service.offer(REFERRAL)
    service.dies()
    for point in ("after_commit_2", "after_delivery", "after_commit_3"):
        service.start(kill_at=point)
        if point == "after_commit_3":
            service.clock.set(MONDAY_OPEN)
        service.dies()

    service.start()
    service.rests()

    assert service.timeline() == TIMELINE
    assert len(set(service.got(CLB))) == 1
    assert len(set(service.got(NAFT))) == 1


def test_a_service_that_is_told_to_stop_keeps_what_it_took(service: Plugged):
    """SIGTERM right after the 250: it ends in order, and what was taken is answered after the next start."""
    service.start()
    assert service.offer(REFERRAL)
    assert service.process is not None
    service.process.terminate()

    status = service.process.wait(PATIENCE)
    service.start()
    service.rests()

    assert status == 0
    assert service.mails() == [("read", "referral")]
    assert len(service.got(CLB)) == 1


def test_the_seam_is_closed_outside_the_demo():
    """Naming a point kills nothing unless the demo's own environment is set as well."""
    program = "from mailflow.seams import reached; reached('after_commit_1'); print('alive')"
    environment = {k: v for k, v in os.environ.items() if k != "MAILFLOW_DEMO"} | {"MAILFLOW_KILL_AT": "after_commit_1"}

    alive = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=False)
    dead = subprocess.run(
        [sys.executable, "-c", program], env={**environment, **DEMO}, capture_output=True, check=False
    )

    assert alive.stdout == b"alive\n"
    assert dead.returncode == -signal.SIGKILL
