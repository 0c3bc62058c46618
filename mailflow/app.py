"""The only place that joins objects: settings in, a running service out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from mailflow.alarm import raise_alarm
from mailflow.clock import Clock, FileClock, SystemClock, new_uuid
from mailflow.core.form import labels
from mailflow.core.mail import Envelope
from mailflow.holders import new_holder, this_host
from mailflow.outgoing.brake import Brake
from mailflow.outgoing.deliver import Courier
from mailflow.outgoing.pace import Pace
from mailflow.outgoing.render import Renderer
from mailflow.reading.apart import Apart, shared
from mailflow.reading.authentication.resolver import Resolver, ZoneResolver
from mailflow.reading.notices import OwnMarks
from mailflow.reading.reader import Reader
from mailflow.room import Room
from mailflow.schedule import tick
from mailflow.seams import reached
from mailflow.settings import Settings
from mailflow.storage.engine import Database
from mailflow.storage.leases import Leases
from mailflow.storage.migrate import migrate
from mailflow.storage.store import Store
from mailflow.storage.tasks import Tasks
from mailflow.storage.vault import Vault
from mailflow.worker import DECIDING, SENDING, Worker

if TYPE_CHECKING:
    from mailflow.resolver import DnsResolver


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
        now = self.clock.now()
        with self.worker.claiming_its_reading() as claims:
            mail_id, following = self.store.receive(raw, envelope, now, claims)
            self.worker.upcoming.hand(following)
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
