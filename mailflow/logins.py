"""Does a login work, of a mailbox or of the server that takes our letters? And if not, what is there to do?"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from mailflow.intake.imap_faults import remedy, why
from mailflow.intake.imap_server import connected, hang_up, waiting
from mailflow.intake.imap_settings import MailboxSettings
from mailflow.outgoing.deliver import Courier
from mailflow.outgoing.submission import SubmissionSettings

SENDING = "sending"
"""What `mailflow login` calls the server that takes our letters."""


@dataclass(frozen=True)
class Tried:
    """One login that was tried."""

    name: str
    well: bool
    what: str
    """What was found, or what is wrong; it names nobody."""
    remedy: str = ""


def try_all(mailboxes: tuple[MailboxSettings, ...], sending: SubmissionSettings, name: str = "") -> Iterator[Tried]:
    """Try the login of that name, or every one; nothing is read, moved or sent."""
    for mailbox in mailboxes:
        if name in ("", mailbox.name):
            yield try_mailbox(mailbox)
    if name in ("", SENDING):
        yield try_sending(sending)


def try_mailbox(settings: MailboxSettings) -> Tried:
    """Log in, and count what waits."""
    try:
        client = connected(settings)
        try:
            waits = waiting(client, settings)
        finally:
            hang_up(client)
    except Exception as error:  # noqa: BLE001, RUF100 - a strange server can make imapclient raise anything
        return Tried(settings.name, well=False, what=why(error), remedy=remedy(error))
    return Tried(settings.name, well=True, what=f"the login works, {waits} mails wait in {settings.folder}")


def try_sending(settings: SubmissionSettings) -> Tried:
    """Connect, and log in where a user is given."""
    with contextlib.closing(Courier(settings)) as courier:
        trouble = courier.trouble()
    if trouble:
        return Tried(
            SENDING, well=False, what=trouble, remedy="Check [sending]: host, port, security, user, password_file."
        )
    return Tried(SENDING, well=True, what="the login works" if settings.user else "the server answers")
