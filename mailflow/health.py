"""Is it well, and how busy is it? /healthz, /readyz and /metrics for monitors on this machine; no personal data."""

from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from mailflow.storage.done import ANSWERED, ANSWERS, LETTERS_OUT, MAILS_IN, MAILS_READ, Done
from mailflow.storage.mailboxes import NEVER_READ
from mailflow.storage.measures import Measures, measures
from mailflow.storage.store import ALARMS, BACKUP

if TYPE_CHECKING:
    from mailflow.app import App

log = structlog.get_logger()

Values = Mapping[tuple[str, ...], float]
PATIENCE = 5.0
"""Seconds that a client may take over its request."""


class Counts(Collector):
    """Everything that is measured, at each question: how it stands now, and what this process did since it began."""

    def __init__(self, app: "App") -> None:
        self._app = app

    def collect(self) -> Iterable[Metric]:
        """The families of the moment."""
        app = self._app
        yield from _of_now(measures(app.database, app.clock.now()))
        yield from _of_process(app.store.done)
        yield _counter("alarms", "Alarms that were raised.", {(): app.store.remembered(ALARMS) or 0})
        backup = app.store.remembered(BACKUP)
        yield _gauge("last_backup_timestamp_seconds", "When the last backup was made.", _once(backup and backup * 60))
        states = app.store.mailboxes.states()
        read = _labelled({one.mailbox: one.read_at.timestamp() for one in states if one.uid_validity != NEVER_READ})
        yield _gauge("mailbox_read_timestamp_seconds", "When a mailbox was last read well.", read, "mailbox")
        aside = _labelled({one.mailbox: one.set_aside for one in states})
        yield _gauge("mailbox_set_aside", "Mails in it that could not be fetched.", aside, "mailbox")
        yield _gauge("copies_to_expunge", "Copies of erased mails in a mailbox.", {(): app.store.copies.left()})
        halted = app.worker.brake.pulled_at is not None
        yield _gauge("sending_halted", "1 while the sending server cannot be used.", {(): int(halted)})


def _of_now(now: Measures) -> Iterable[Metric]:
    yield _gauge("mails", "Mails that wait to be read, or for the desk.", _labelled(now.mails), "outcome")
    yield _gauge("letters", "Letters that must still leave.", _labelled(now.letters), "state")
    yield _gauge("cases", "Open cases by state.", _labelled(now.cases), "state")
    yield _gauge("queue", "Work that is due.", _labelled(now.queue), "kind")
    yield _gauge("queue_oldest_seconds", "For how long the oldest of it has been due.", _labelled(now.oldest), "kind")
    yield _gauge("stuck", "Work that waits for a person.", {(): now.stuck})
    halted = {what: int(what in now.paused) for what in ("all", "send")}
    yield _gauge("paused", "1 while the operator halted it.", _labelled(halted), "what")
    sent = now.last_sent_at.timestamp() if now.last_sent_at else None
    yield _gauge("last_sent_timestamp_seconds", "When the last letter left.", _once(sent))


def _of_process(done: Done) -> Iterable[Metric]:
    yield _counter(MAILS_IN, "Mails that came in.", {(): sum(done.of(MAILS_IN).values())})
    yield _counter(MAILS_READ, "Mails by what became of them.", _labelled(done.of(MAILS_READ)), "outcome")
    left = _labelled({"sent": 0, **done.of(LETTERS_OUT)})
    yield _counter(LETTERS_OUT, "Letters that left, were refused, or were taken back in time.", left, "state")
    answers = _labelled(dict.fromkeys(ANSWERS.values(), 0) | done.of(ANSWERED))
    yield _counter(ANSWERED, "Answers read, asked back, and corrected in time.", answers, "what")


def _labelled(counts: Mapping[str, float]) -> Values:
    return {(label,): count for label, count in counts.items()}


def _once(value: float | None) -> Values:
    return {} if value is None else {(): value}


def _gauge(name: str, what: str, values: Values, *labels: str) -> Metric:
    family = GaugeMetricFamily(f"mailflow_{name}", what, labels=labels)
    for of, value in sorted(values.items()):
        family.add_metric(of, value)
    return family


def _counter(name: str, what: str, values: Values, *labels: str) -> Metric:
    family = CounterMetricFamily(f"mailflow_{name}", what, labels=labels)
    for of, value in sorted(values.items()):
        family.add_metric(of, value)
    return family


class HealthServer:
    """Answers on loopback, on a thread of its own, until it is stopped."""

    def __init__(self, app: "App", port: int, trouble: Callable[[], list[str]]) -> None:
        """*trouble* says what is wrong with the process itself; port 0 takes a free one. Raises OSError."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(Counts(app))

        class Handler(BaseHTTPRequestHandler):
            timeout = PATIENCE
            server_version, sys_version = "mailflow", ""

            def do_GET(self) -> None:
                try:
                    match self.path.partition("?")[0]:
                        case "/healthz":
                            self._tell(trouble())
                        case "/readyz":
                            app.store.paused()  # a question that every database answers
                            self._tell(trouble())
                        case "/metrics":
                            self._answer(200, generate_latest(registry), CONTENT_TYPE_LATEST)
                        case _:
                            self._answer(404, b"no such page\n")
                except OSError:
                    raise
                except Exception as fault:  # the database, for one
                    self._tell([type(fault).__name__])

            def _tell(self, wrong: list[str]) -> None:
                self._answer(503 if wrong else 200, "\n".join([*(wrong or ["ok"]), ""]).encode())

            def _answer(self, status: int, body: bytes, kind: str = "text/plain; charset=utf-8") -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """A question each few seconds is no news."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self._thread = Thread(target=self._server.serve_forever, name="health", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(PATIENCE)
