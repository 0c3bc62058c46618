"""Who keeps an eye on a mailbox? One thread: read, wait in IDLE, read again; after a fault, come back ever later."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event

from mailflow.clock import monotonic
from mailflow.intake.imap import Mailbox, Read
from mailflow.intake.imap_faults import MailboxDown

log = logging.getLogger(__name__)

WAIT_AFTER_FAULT = (2.0, 10.0, 30.0, 60.0, 180.0, 300.0)  # seconds; the last one again and again, each jittered by half
COMPLAIN_AT = 3  # faults in a row: a server that restarts is back before that
QUEUE_SECONDS = 10.0  # how often one asks whether the other service let go of the mailbox


@dataclass(kw_only=True)
class Watch:
    """Reads one mailbox as long as the service runs, and as long as this process is the one that may."""

    mailbox: Mailbox
    stop: Event
    is_ours: Callable[[], bool]
    """Whether this process holds the mailbox's lease: asked before each mail, and renews it."""
    let_go: Callable[[], None]
    """Give the lease back."""
    note: Callable[[Read], None]
    """Told of each reading that went well."""
    complain: Callable[[str], None]
    """Told once of each trouble that an operator must mend, in words that name nobody."""
    jitter: Callable[[], float]
    """A number from 0 to 1, so that several mailboxes do not all come back at once."""
    _complaint: str = field(default="", init=False)

    def run(self) -> None:
        """Until *stop* is set. Whatever goes wrong, it goes on."""
        faults = 0
        while not self.stop.is_set():
            try:
                if self._turn():
                    faults = 0
            except MailboxDown as down:
                faults += 1
                log.warning("mailbox %s: %s", self.mailbox.settings.name, down)
                if down.urgent or faults >= COMPLAIN_AT:
                    self._complain(str(down))
            except Exception as error:  # noqa: BLE001, RUF100 - the database, for one: the mail is still in the mailbox
                faults += 1
                log.error("mailbox %s: stumbled: %s", self.mailbox.settings.name, type(error).__name__)  # noqa: TRY400 - a traceback can quote the mail
            if faults:
                self._release()
                self._rest(WAIT_AFTER_FAULT[min(faults, len(WAIT_AFTER_FAULT)) - 1] * (0.5 + self.jitter()))
        self.mailbox.close()
        self._release()

    def _turn(self) -> bool:
        """Read, and wait for more; False when another service reads this mailbox."""
        if not self.is_ours():
            self.mailbox.close()
            self._rest(QUEUE_SECONDS)
            return False
        read = self.mailbox.poll(self._go_on)
        self.note(read)
        if read.trouble:
            self._complain(read.trouble)
        else:
            self._complaint = ""
        seconds = self.mailbox.settings.poll_seconds
        if not self.mailbox.wait(self._go_on, seconds):
            self._rest(seconds, while_ours=self._go_on)
        return True

    def _go_on(self) -> bool:
        try:
            return not self.stop.is_set() and self.is_ours()
        except Exception as error:  # noqa: BLE001, RUF100 - as above: without its lease nobody goes on
            log.error("mailbox %s: no lease: %s", self.mailbox.settings.name, type(error).__name__)  # noqa: TRY400 - as above
            return False

    def _complain(self, why: str) -> None:
        if why != self._complaint:
            self._complaint = why
            self.complain(why)

    def _release(self) -> None:
        try:
            self.let_go()
        except Exception as error:  # noqa: BLE001, RUF100 - as above: the lease runs out by itself
            log.warning("mailbox %s: its lease is not given back: %s", self.mailbox.settings.name, type(error).__name__)

    def _rest(self, seconds: float, while_ours: Callable[[], bool] = lambda: True) -> None:
        """In short naps, so that a stop is heard and the lease renewed."""
        end = monotonic() + seconds
        while not self.stop.is_set() and (left := end - monotonic()) > 0 and while_ours():
            self.stop.wait(min(left, QUEUE_SECONDS))
