"""The running service: a listener in the event loop, and a thread for each other part."""

import asyncio
import contextlib
import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import structlog

from mailflow.alarm import alarm, raise_alarm
from mailflow.app import App, build
from mailflow.core.mail import Envelope
from mailflow.core.thread import is_ours
from mailflow.discretion import keep_silent, of_the_loop, where
from mailflow.forgetting import replay
from mailflow.holders import is_alive
from mailflow.intake.imap_settings import MailboxSettings
from mailflow.intake.smtp import Listener
from mailflow.loading import loading
from mailflow.oversight import Oversight
from mailflow.reaching import once_there
from mailflow.schedule import Heartbeat
from mailflow.settings import Settings
from mailflow.storage.leases import Hold
from mailflow.worker import DECIDING, SENDING

log = structlog.get_logger()

PARTS = ("intake", "work", "send", "schedule")
SWITCH_SECONDS = 0.0005
"""How long a thread that computes keeps the others waiting: at Python's own 5 ms, a mail that comes in while another
is read waits that long at each step of taking it in."""
TICK_TERM = timedelta(minutes=1)
"""How long the schedule of a service that vanished waits for another service."""


class Service:
    """The running service: a listener in the event loop, and a thread for each other part."""

    def __init__(self, app: App, parts: Iterable[str] = PARTS) -> None:
        self._app = app
        self._parts = frozenset(parts)
        self._stop = threading.Event()
        self._wakes = {DECIDING: threading.Event(), SENDING: threading.Event()}
        self._threads: list[threading.Thread] = []
        self._intake = ThreadPoolExecutor(1, "intake")
        self._ticks = Hold(app.leases, "schedule", app.worker.holder, TICK_TERM)

    async def run(self, ready: Callable[[int | None], None] = lambda _port: None) -> None:
        """Until SIGTERM or SIGINT; *ready* is called with the listener's port once all parts run."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        sys.setswitchinterval(SWITCH_SECONDS)
        loop.set_exception_handler(of_the_loop)
        once_there(self._rescue, partial(alarm, self._app.settings.alarm))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ended.set)
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

    def _rescue(self) -> None:
        """What the database must be asked before anything is begun: from here on it may come and go."""
        app = self._app
        if rescued := app.tasks.rescue(is_alive):
            log.info("rescued the tasks of a process that is gone", tasks=rescued)
        app.leases.rescue(is_alive)
        app.store.closures.look_again()
        if "intake" in self._parts:
            app.store.mailboxes.expect([mailbox.name for mailbox in app.settings.mailboxes], app.clock.now())

    def _settle_in(self) -> Heartbeat | None:
        """What takes a moment, and what mail need not wait for that comes in meanwhile."""
        heartbeat = Heartbeat(self._beat, self._app.clock) if "schedule" in self._parts else None
        if heartbeat:
            heartbeat.start()
        with loading():
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
        await asyncio.get_running_loop().run_in_executor(self._intake, self._keep, raw, envelope)

    def _keep(self, raw: bytes, envelope: Envelope) -> None:
        mail_id = self._app.receive(raw, envelope)
        log.info("received", mail=mail_id, size=len(raw), via=envelope.via)
        self._wakes[DECIDING].set()

    def _work(self) -> list[threading.Thread]:
        works: list[tuple[str, Callable[[], None]]] = []
        if "work" in self._parts:
            works.append(("work", partial(self._loop, DECIDING)))
        if "send" in self._parts:
            works.append(("send", partial(self._loop, SENDING)))
        if "intake" in self._parts:
            works += [(f"mailbox {one.name}", partial(self._fetch, one)) for one in self._app.settings.mailboxes]
        return [threading.Thread(target=work, daemon=True, name=name) for name, work in works]

    def _loop(self, kinds: tuple[str, ...]) -> None:
        worker, wake = self._app.worker, self._wakes[kinds]
        while not self._stop.is_set():
            wake.clear()
            try:
                while not self._stop.is_set() and worker.work(kinds):
                    if kinds == DECIDING:  # it may have written letters; what is sent makes no work that is due at once
                        self._wakes[SENDING].set()
            except Exception as fault:  # the database itself: wait a pulse and go on, the work is kept
                log.error("the work loop stumbled", why=where(fault))  # noqa: TRY400 - as in where()
            with worker.upcoming.waited_for(kinds):
                wake.wait(self._app.clock.pulse)

    def _fetch(self, settings: MailboxSettings) -> None:
        from mailflow.fetching import Fetching  # noqa: PLC0415 - slow to load: mail is taken in by SMTP before

        app = self._app
        fetching = Fetching(
            leases=app.leases,
            mailboxes=app.store.mailboxes,
            copies=app.store.copies,
            holder=app.worker.holder,
            receive=self._keep,
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
        for wake in self._wakes.values():
            wake.set()

    def _halt(self, heartbeat: Heartbeat | None) -> None:
        self._stop.set()
        self._wake()
        if heartbeat:
            heartbeat.stop()
        for thread in self._threads:
            thread.join(timeout=self._app.settings.submission.timeout)
        self._intake.shutdown()
        for kinds in (DECIDING, SENDING):
            self._app.worker.upcoming.put_back(kinds, self._app.tasks)
        if heartbeat:
            self._ticks.let_go()


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
    app = once_there(partial(_begun, settings), partial(alarm, settings.alarm))
    with contextlib.closing(app):
        asyncio.run(Service(app, parts).run(ready))


def _begun(settings: Settings) -> App:
    """Everything joined, and what a start must look after; closed again when that cannot be done."""
    app = build(settings)
    try:
        app.database.check()
        if again := replay(app):
            log.warning("erased again what was put back", cases=again)
        app.store.pupils.fill_in()
    except BaseException:
        app.close()
        raise
    return app
