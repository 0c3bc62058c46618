"""Which mailboxes does this process read? A thread each, held by a lease, so that exactly one service reads it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from threading import Event

import structlog

from mailflow.clock import jitter, real_now
from mailflow.core.mail import Envelope
from mailflow.intake.imap import Mailbox, Read
from mailflow.intake.imap_settings import MailboxSettings
from mailflow.intake.imap_watch import Watch
from mailflow.storage.copies import Copies
from mailflow.storage.leases import Hold, Leases
from mailflow.storage.mailboxes import NEVER_READ, Mailboxes, MailboxState

log = structlog.get_logger()

TERM = timedelta(minutes=3)
"""Longer than fetching one mail and keeping it may take; a service on another machine takes over after it."""


@dataclass(frozen=True, kw_only=True)
class Fetching:
    """What reading a mailbox needs of the rest of the house."""

    leases: Leases
    mailboxes: Mailboxes
    copies: Copies
    holder: str
    receive: Callable[[bytes, Envelope], None]
    """Returns once the mail is durable."""
    alarm: Callable[[str], None]

    def watch(self, settings: MailboxSettings, stop: Event) -> Watch:
        """The watch over one mailbox; it runs until *stop* is set."""
        hold = Hold(self.leases, f"mailbox:{settings.name}", self.holder, TERM)
        mailbox = Mailbox(settings, self.receive)
        return Watch(
            mailbox=mailbox,
            stop=stop,
            is_ours=hold.is_ours,
            let_go=hold.let_go,
            note=lambda read: self._after(mailbox, hold, read),
            complain=lambda why: self.alarm(f"mailbox {settings.name}: {why}"),
            jitter=jitter,
        )

    def _after(self, mailbox: Mailbox, hold: Hold, read: Read) -> None:
        self._note(mailbox.settings.name, hold, read)
        for copy in self.copies.wanted(mailbox.settings.name):
            removed = mailbox.remove(copy.message_id, copy.size, partial(self.copies.is_copy, copy=copy))
            self.copies.gone(copy)
            log.info("copies of an erased mail are out of the mailbox", mailbox=mailbox.settings.name, copies=removed)

    def _note(self, name: str, hold: Hold, read: Read) -> None:
        before = self.mailboxes.state(name)
        renumbered = before is not None and before.uid_validity not in (NEVER_READ, read.uid_validity)
        if renumbered:
            log.warning("a mailbox was renumbered: all that is in it was looked at again", mailbox=name)
        highest = max(read.uid, before.uid if before and not renumbered else 0)
        state = MailboxState(
            mailbox=name, uid_validity=read.uid_validity, uid=highest, set_aside=read.set_aside, read_at=real_now()
        )
        if hold.fence is not None:
            self.mailboxes.keep(state, lease=hold.name, fence=hold.fence)
