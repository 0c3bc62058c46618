"""The only place that joins objects: settings in, a running service out."""

import asyncio
import contextlib
import hashlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from mailflow.alarming import where
from mailflow.clock import Clock, FileClock, SystemClock, new_uuid, process_name
from mailflow.core.form import labels
from mailflow.core.mail import Envelope
from mailflow.core.thread import is_ours
from mailflow.discretion import keep_silent, of_the_loop
from mailflow.forgetting import replay
from mailflow.intake.imap_settings import MailboxSettings
from mailflow.intake.smtp import Listener
from mailflow.outgoing.brake import Brake
from mailflow.outgoing.deliver import Courier
from mailflow.outgoing.pace import Pace
from mailflow.outgoing.render import Renderer
from mailflow.oversight import Oversight
from mailflow.reading.apart import Apart, shared
from mailflow.reading.authentication.resolver import Resolver, ZoneResolver
from mailflow.reading.notices import OwnMarks
from mailflow.reading.reader import Reader
from mailflow.room import Room
from mailflow.schedule import Heartbeat, tick
from mailflow.seams import reached
from mailflow.settings import Settings
from mailflow.storage.engine import Database
from mailflow.storage.leases import Hold, Leases
from mailflow.storage.migrate import migrate
from mailflow.storage.store import ALARMS, Store
from mailflow.storage.tasks import Tasks
from mailflow.storage.vault import Vault
from mailflow.worker import DECIDING, SENDING, Worker

if TYPE_CHECKING:
    from mailflow.resolver import DnsResolver

log = structlog.get_logger()

PARTS = ("intake", "work", "send", "schedule")
ALARM_SECONDS = 30
SWITCH_SECONDS = 0.0005
"""How long a thread that computes keeps the others waiting: at Python's own 5 ms, a mail that comes in while another
is read waits that long at each step of taking it in."""
TICK_TERM = timedelta(minutes=1)
"""How long the schedule of a service that vanished waits for another service."""


@dataclass(frozen=True, kw_only=True)
class App:
    """Everything that one process of the service holds."""

    settings: Settings
    clock: Clock
    database: Database
    store: Store
    tasks: Tasks
    leases: Leases
    worker: Worker
    room: Room
    vault: Vault

    def close(self) -> None:
        """Let go of the database and the sending server."""
        self.worker.courier.close()
        self.database.close()

    def receive(self, raw: bytes, envelope: Envelope) -> int:
        """Keep a mail durably; its number. Raises OSError when the disk is nearly full."""
        self.room.check()
        mail_id = self.store.mails.receive(raw, envelope, self.clock.now())
        reached("after_commit_1")
        return mail_id

    def tick(self) -> None:
        """Add the work that the present moment asks for."""
        self.store.closures.look_again()
        tick(self.store, self.tasks, self.store.rules, self.clock.now())

    def drain(self) -> None:
        """Do all work that is due now, and what follows from it: for tests and for the end of a run."""
        self.tick()
        while self.worker.work(DECIDING) or self.worker.work(SENDING):
            pass


def build(settings: Settings, clock: Clock | None = None, resolver: Callable[[], Resolver] | None = None) -> App:
    """Join everything; *resolver* makes the DNS for one mail: this machine's, but none at all in the demo."""
    clock = clock or clock_of(settings)
    if resolver is None:
        resolver = ZoneResolver if settings.demo_clock else own_dns()
    rules, keys = settings.rules, settings.keys
    database = opened(settings.database)
    vault = Vault([(key.id, key.secret) for key in keys.data], keys.index[0].secret, [key.secret for key in keys.seal])
    mailboxes = [one.name for one in settings.mailboxes]
    store = Store(database, vault, rules, new_uuid=new_uuid, mailboxes=mailboxes)
    tasks = Tasks(database)
    signing = {"sign": settings.signer.sign} if settings.signer else {}
    worker = Worker(
        store=store,
        tasks=tasks,
        reader=replace(reader_of(settings), resolver=resolver, now=clock.now, apart=apart(settings)),
        renderer=Renderer(settings.templates, rules, settings.instance, **signing),
        courier=Courier(settings.submission),
        clock=clock,
        brake=Brake(partial(raise_alarm, store, settings.alarm)),
        pace=Pace(settings.letters_per_minute),
        holder=new_holder("" if database.is_sqlite else this_host()),
    )
    return App(
        settings=settings,
        clock=clock,
        database=database,
        store=store,
        tasks=tasks,
        leases=Leases(database),
        worker=worker,
        room=Room(_folder_of(settings.database), settings.keep_free, worker.brake.alarm),
        vault=vault,
    )


def _folder_of(url: str) -> Path | None:
    name = url.removeprefix("sqlite:///")
    return Path(name).parent if name != url else None


def opened(url: str) -> Database:
    """The database at *url*, brought to the tables of this release; closed again when that cannot be done."""
    database = Database(url)
    try:
        migrate(database)
    except BaseException:
        database.close()
        raise
    return database


def own_dns() -> Callable[[], Resolver]:
    """What asks this machine's DNS, for one mail each; its library loads with the first."""

    @cache
    def dns() -> "DnsResolver":
        from mailflow.resolver import DnsResolver  # noqa: PLC0415 - slow to load: mail is taken in before

        return DnsResolver()

    return lambda: dns().for_one_mail()


def reader_of(settings: Settings) -> Reader:
    """A reader that knows us by these settings; it asks no DNS until it is given a resolver."""
    own = OwnMarks(
        addresses=frozenset({settings.rules.desk.address.lower()}),
        instance=settings.instance,
        form_services=frozenset(service.domain for service in settings.rules.form_services),
    )
    return Reader(
        own=own,
        proof=settings.rules.proof,
        labels=partial(labels, settings.rules.fields),
        limits=settings.limits,
        documents=settings.documents,
    )


def apart(settings: Settings) -> Apart:
    """Where this process opens what came attached."""
    return shared(settings.seconds_per_document, settings.document_megabytes)


def clock_of(settings: Settings) -> Clock:
    """The machine's clock, or the demo's."""
    return FileClock(settings.demo_clock) if settings.demo_clock else SystemClock()


def raise_alarm(store: Store, command: Iterable[str], why: str) -> None:
    """Count an alarm, where the database lets us, and raise it."""
    try:
        store.count(ALARMS)
    except Exception as fault:  # the alarm may well be about the database
        log.warning("an alarm was not counted", why=where(fault))
    alarm(command, why)


def alarm(command: Iterable[str], why: str) -> None:
    """Run the operator's command with *why* as its last argument: the digest cannot report its own failure."""
    log.error("alarm", why=why)
    words = [*command]
    if not words:
        return
    try:
        subprocess.run([*words, why], timeout=ALARM_SECONDS, check=False, stdin=subprocess.DEVNULL)  # noqa: S603 - the operator's own command, no shell
    except (OSError, subprocess.SubprocessError) as fault:
        log.error("the alarm command failed", why=type(fault).__name__)  # noqa: TRY400 - as in where()


def this_host() -> str:
    """This machine, told apart from others that use the same database."""
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]


def new_holder(host: str = "") -> str:
    """A name for one worker of this process; *host* tells machines apart that share a database."""
    return f"{process_name()}@{host}"


def is_alive(holder: str) -> bool:
    """Whether the process that holds a task's lease is still there."""
    name, _, host = holder.partition("@")
    if host and host != this_host():
        return True  # nothing can be said from here: its lease runs out if it is not
    pid = int(name.partition("-")[0] or 0)
    if pid == os.getpid():
        return False  # our own name from a life before: this process has only just started
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return pid > 0


class Service:
    """The running service: a listener in the event loop, and a thread for each other part."""

    def __init__(self, app: App, parts: Iterable[str] = PARTS) -> None:
        self._app = app
        self._parts = frozenset(parts)
        self._stop = threading.Event()
        self._wakes: list[threading.Event] = []
        self._threads: list[threading.Thread] = []
        self._intake = ThreadPoolExecutor(1, "intake")
        self._ticks = Hold(app.leases, "schedule", app.worker.holder, TICK_TERM)

    async def run(self, ready: Callable[[int | None], None] = lambda _port: None) -> None:
        """Until SIGTERM or SIGINT; *ready* is called with the listener's port once all parts run."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        sys.setswitchinterval(SWITCH_SECONDS)
        loop.set_exception_handler(of_the_loop)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ended.set)
        rescued = self._app.tasks.rescue(is_alive)
        if rescued:
            log.info("rescued the tasks of a process that is gone", tasks=rescued)
        self._app.leases.rescue(is_alive)
        listener = await self._listen()
        self._threads = self._work()
        for thread in self._threads:
            thread.start()
        if "schedule" in self._parts:
            self._beat()
        oversight = Oversight(self._app, self._threads)
        oversight.start()
        log.info("running", parts=sorted(self._parts), port=listener.port if listener else None)
        ready(listener.port if listener else None)
        heartbeat = await asyncio.to_thread(self._settle_in)
        await ended.wait()
        log.info("stopping")
        await oversight.stop()
        if listener:
            await listener.stop()
        await asyncio.to_thread(self._halt, heartbeat)
        log.info("stopped")

    def _settle_in(self) -> Heartbeat | None:
        """What takes a moment, and what mail need not wait for that comes in meanwhile."""
        heartbeat = Heartbeat(self._beat, self._app.clock) if "schedule" in self._parts else None
        if heartbeat:
            heartbeat.start()
        self._app.worker.reader.resolver()
        _ = self._app.store.rules.words.lexicons
        return heartbeat

    async def _listen(self) -> Listener | None:
        settings = self._app.settings
        if settings.listener is None or "intake" not in self._parts:
            return None
        desk = settings.rules.desk.address
        listener = Listener(settings.listener, self._receive, lambda address: is_ours(address, desk))
        await listener.start()
        return listener

    async def _receive(self, raw: bytes, envelope: Envelope) -> None:
        await asyncio.get_running_loop().run_in_executor(self._intake, self._take_in, raw, envelope)

    def _take_in(self, raw: bytes, envelope: Envelope) -> None:
        mail_id = self._app.receive(raw, envelope)
        log.info("received", mail=mail_id, size=len(raw), via=envelope.via)
        self._wake()

    def _work(self) -> list[threading.Thread]:
        works: list[tuple[str, Callable[[threading.Event], None]]] = []
        if "work" in self._parts:
            works.append(("work", partial(self._loop, DECIDING)))
        if "send" in self._parts:
            works.append(("send", partial(self._loop, SENDING)))
        if "intake" in self._parts:
            names = [mailbox.name for mailbox in self._app.settings.mailboxes]
            self._app.store.mailboxes.expect(names, self._app.clock.now())
            works += [(f"mailbox {one.name}", partial(self._fetch, one)) for one in self._app.settings.mailboxes]
        self._wakes += [threading.Event() for _ in works]
        return [
            threading.Thread(target=work, args=[wake], daemon=True, name=name)
            for (name, work), wake in zip(works, self._wakes, strict=True)
        ]

    def _loop(self, kinds: tuple[str, ...], wake: threading.Event) -> None:
        while not self._stop.is_set():
            wake.clear()
            try:
                while not self._stop.is_set() and self._app.worker.work(kinds):
                    self._wake()
            except Exception as fault:  # the database itself: wait a pulse and go on, the work is kept
                log.error("the work loop stumbled", why=where(fault))  # noqa: TRY400 - as in where()
            wake.wait(self._app.clock.pulse)

    def _fetch(self, settings: MailboxSettings, _wake: threading.Event) -> None:
        from mailflow.fetching import Fetching  # noqa: PLC0415 - slow to load: mail is taken in by SMTP before

        app = self._app
        fetching = Fetching(
            leases=app.leases,
            mailboxes=app.store.mailboxes,
            copies=app.store.copies,
            holder=app.worker.holder,
            receive=self._take_in,
            alarm=partial(raise_alarm, app.store, app.settings.alarm),
        )
        fetching.watch(settings, self._stop).run()

    def _beat(self) -> None:
        try:
            if self._ticks.is_ours():
                self._app.tick()
        except Exception as fault:  # as above: the next beat tries again
            log.error("the heartbeat stumbled", why=where(fault))  # noqa: TRY400 - as in where()
        self._wake()

    def _wake(self) -> None:
        for wake in self._wakes:
            wake.set()

    def _halt(self, heartbeat: Heartbeat | None) -> None:
        self._stop.set()
        self._wake()
        if heartbeat:
            heartbeat.stop()
        for thread in self._threads:
            thread.join(timeout=self._app.settings.submission.timeout)
        for kinds in (DECIDING, SENDING):
            self._app.worker.put_back(kinds)
        if heartbeat:
            self._ticks.let_go()
        self._intake.shutdown()


def set_up_logs(settings: Settings) -> None:
    """Facts by number on standard output, as text or JSON; other libraries only when something is wrong."""
    keep_silent()
    for name in ("apscheduler", "imapclient", "mail.log", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    last = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True), last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(settings.log_level.upper())),
    )


def run(
    settings: Settings, parts: Iterable[str] = PARTS, ready: Callable[[int | None], None] = lambda _port: None
) -> None:
    """Run the service until it is told to stop."""
    set_up_logs(settings)
    app = build(settings)
    with contextlib.closing(app):
        app.database.check()
        if again := replay(app):
            log.warning("erased again what was put back", cases=again)
        app.store.pupils.fill_in()
        asyncio.run(Service(app, parts).run(ready))
