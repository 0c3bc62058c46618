"""The demo's stage: the service, everybody's mailbox and the clock, and the verbs that a story is told with."""

import signal
import smtplib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.text import Text

from mailflow.app import App, build
from mailflow.clock import FileClock, monotonic
from mailflow.core.mail import Envelope
from mailflow.core.rules import Rules
from mailflow.demo.office import PATIENCE, ZONE, PostOffice, Seen, as_delivered
from mailflow.demo.people import DESK_ADDRESS, Person, name_of
from mailflow.demo.service import ENVIRONMENT, Service, Stalled
from mailflow.settings import load

PULSES = 4
"""So many looks at the clock must pass before quiet means that nothing will come."""


class Stage:
    """Runs the service on a fresh configuration; moves its clock; brings it mail and sees what comes back."""

    def __init__(self, folder: Path, out: Console, begins: datetime) -> None:
        """*folder* gets every mail, the configuration and the log; the clock starts at *begins*."""
        self.folder, self.out = folder, out
        self.mails: list[Seen] = []
        self.unforeseen: list[Seen] = []
        """Letters that the story did not ask for, in order."""
        self.office = PostOffice(self._took)
        self.service = Service(folder)
        self.clock = FileClock(self.service.config / "clock")
        self._begins = begins
        self._app: App | None = None
        self._told = 0

    def __enter__(self) -> Self:
        try:
            self.office.open()
            self.service.set_up(sends_to=self.office.port)
            self.clock.set(self._begins)
            self.start()
            # The same database, to ask it things; the service alone writes.
            self._app = build(load(self.service.config, ENVIRONMENT), self.clock)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    @property
    def app(self) -> App:
        """The service's memory, to ask it things."""
        if self._app is None:
            raise Stalled("the stage is not open")
        return self._app

    # -- the verbs of the story --------------------------------------------------------------------

    def say(self, words: str) -> None:
        """A line of the narrator."""
        self._tell_rest()
        self.out.print(Text(f"\n{words}", style="bold"))

    def at(self, year: int, month: int, day: int, hour: int, minute: int = 0) -> None:
        """Go to this local time, by way of every moment at which something is due."""
        self._walk_to(datetime(year, month, day, hour, minute, tzinfo=ZONE))

    def later(self, **by: float) -> None:
        """Go on by timedelta's keywords, as *at* does."""
        self._walk_to(self.clock.now() + timedelta(**by))

    def mails_in(self, person: Person, raw: bytes, *, to: str = DESK_ADDRESS, stamped: str = "pass") -> None:
        """*person* mails the meldpunt, by way of its own mail host."""
        self._tell_rest()
        raw = as_delivered(raw, person, stamped)
        self.mails.append(Seen(at=self.clock.now(), to_us=True, sender=person.address, recipient=to, raw=raw))
        self._tell(style="")
        try:
            with smtplib.SMTP("127.0.0.1", self.service.port, timeout=PATIENCE) as server:
                server.sendmail(person.address, [to], raw)
        except (OSError, smtplib.SMTPException) as fault:
            raise Stalled(f"the service does not take a mail: {type(fault).__name__}") from None
        self.settle()

    def expect(self, person: Person, subject: str) -> Seen:
        """The next letter to *person* whose subject holds these words; Stalled when none came."""
        wanted = (n for n, mail in enumerate(self.mails) if n >= self._told and _is(mail, person, subject))
        found = next(wanted, None)
        if found is None:
            raise Stalled(f"no letter “{subject}” came for {person.name}")
        while self._told < found:
            self._tell_unforeseen()
        return self._tell(style="")

    def nothing_for(self, person: Person) -> None:
        """Nothing has left for *person* since the last letter that was told; looks on for a while."""
        wait_until = monotonic() + PULSES * self.clock.pulse
        self._until(lambda: monotonic() > wait_until, "")
        if any(mail.recipient == person.address for mail in self.mails[self._told :]):
            raise Stalled(f"a letter left for {person.name} that should not have")

    def kill(self) -> None:
        """Pull the plug on the service."""
        self.service.end(signal.SIGKILL)

    def start(self) -> None:
        """Start the service and wait until it takes mail."""
        self.service.start(self._until)

    def finish(self, routine: Sequence[tuple[Person, str]]) -> None:
        """The end: Stalled when work is stuck, or when a letter left that is neither expected nor routine."""
        self.settle()
        self._tell_rest()
        if stuck := self.app.store.stuck_tasks():
            raise Stalled(f"{len(stuck)} tasks are stuck (mailflow stuck --config {self.service.config})")
        for letter in self.unforeseen:
            if not any(_is(letter, person, subject) for person, subject in routine):
                raise Stalled(f"the story does not know the letter “{letter.subject}” to {name_of(letter.recipient)}")

    def follow(self) -> None:
        """Tell of each letter that leaves, until interrupted or the service ends."""
        while True:
            with self.office.arrived:
                self.office.arrived.wait(1)
            self.service.check()
            while self._told < len(self.mails):
                self._tell(style="")

    def settle(self) -> None:
        """Wait until the service has done all that is due now."""
        self._until(self._is_quiet, "the service does not come to rest")

    # -- what stands at the end --------------------------------------------------------------------

    def counts(self) -> tuple[int, int]:
        """(mails in, letters out) so far."""
        came = sum(mail.to_us for mail in self.mails)
        return came, len(self.mails) - came

    def now_text(self) -> str:
        """The demo's time, for people."""
        return f"{self.clock.now().astimezone(ZONE):%a %d %b %Y %H:%M}"

    # -- within ------------------------------------------------------------------------------------

    def _close(self) -> None:
        if self._app is not None:
            self._app.close()
            self._app = None
        self.service.end()
        self.office.close()

    def _took(self, raw: bytes, envelope: Envelope) -> None:
        recipient = envelope.recipients[0]
        self.mails.append(Seen(at=self.clock.now(), to_us=False, sender=DESK_ADDRESS, recipient=recipient, raw=raw))

    def _tell(self, style: str) -> Seen:
        """Print the next mail, and leave it as a file."""
        mail = self.mails[self._told]
        self._told += 1
        way = "in" if mail.to_us else "out"
        (self.folder / f"{self._told:03}-{way}.eml").write_bytes(mail.raw)
        who = f"{name_of(mail.sender)} → meldpunt" if mail.to_us else f"meldpunt → {name_of(mail.recipient)}"
        when = f"{mail.at.astimezone(ZONE):%a %d %b %H:%M}"
        line = Text(f" {self._told:3}  {when}  {who:27}  {mail.subject}", style=style)
        self.out.print(line, soft_wrap=True)
        return mail

    def _tell_unforeseen(self) -> None:
        mail = self._tell(style="dim")
        self.unforeseen.append(mail)

    def _tell_rest(self) -> None:
        while self._told < len(self.mails):
            self._tell_unforeseen()

    def _walk_to(self, there: datetime) -> None:
        self._tell_rest()
        while (stop := self._next_stop()) is not None and stop < there:
            self._go_to(stop)
        self._go_to(there)

    def _go_to(self, at: datetime) -> None:
        self.clock.set(at)
        self.settle()

    def _next_stop(self) -> datetime | None:
        """The next moment at which the service has something to do: a task, a look at a case, the digest."""
        now = self.clock.now()
        moments = (self.app.tasks.next_due(), self.app.store.cases.next_look(), self._next_digest(now))
        return min((moment for moment in moments if moment is not None and moment > now), default=None)

    def _next_digest(self, after: datetime) -> datetime:
        rules = self._rules()
        day = after.astimezone(ZONE)
        while True:
            digest = datetime.combine(day.date(), rules.digest_at, ZONE)
            if digest > after and rules.calendar.is_working_day(digest.date()):
                return digest
            day += timedelta(days=1)

    def _rules(self) -> Rules:
        """As they hold now: with the days on which the desk said that it is closed."""
        self.app.store.closures.look_again()
        return self.app.store.rules

    def _is_quiet(self) -> bool:
        """Whether nothing is due, and the service has seen that: its looks and its digest are tasks that it adds."""
        self.service.check()
        now = self.clock.now()
        look, local, rules = self.app.store.cases.next_look(), now.astimezone(ZONE), self._rules()
        if look is not None and look <= now and not self.app.store.stuck_tasks():
            return False
        if local.time() >= rules.digest_at and rules.calendar.is_working_day(local.date()):
            last = self.app.store.letters.last_digest_at()
            if last is None or last.astimezone(ZONE).date() != local.date():
                return False
        return self.app.tasks.is_quiet(now)

    def _until(self, there: Callable[[], bool], why: str) -> None:
        give_up = monotonic() + PATIENCE
        while not there():
            self.service.check()
            if monotonic() > give_up:
                raise Stalled(why)
            with self.office.arrived:
                self.office.arrived.wait(0.01)


def _is(mail: Seen, person: Person, subject: str) -> bool:
    return not mail.to_us and mail.recipient == person.address and subject in mail.subject
