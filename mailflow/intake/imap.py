"""How does mail come in from a mailbox? Fetch, commit, then move; what could not be kept stays in the inbox.

Everything still in the folder is work to do, and whoever receives it knows content that it has seen before: so no
cursor is kept, and a mailbox that was renumbered (UIDVALIDITY) or restored loses nothing.
"""

# mypy: allow-untyped-calls
# (imapclient has no types for most of what is called here)

import contextlib
import ipaddress
import logging
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from imapclient import DELETED, IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from mailflow.core.mail import Envelope
from mailflow.intake.imap_faults import why

log = logging.getLogger(__name__)

WAIT_AFTER_FAULT = (2.0, 10.0, 30.0, 60.0, 180.0, 300.0)  # seconds; the last one again and again, each jittered by half


@dataclass(frozen=True, kw_only=True)
class MailboxSettings:
    """One mailbox and its folders; times in seconds, sizes in bytes."""

    name: str
    """What people call it, for logs."""
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    security: Literal["tls", "starttls", "none"] = "tls"
    """"none" only on this machine itself."""
    ca_file: Path | None = None
    """The authority to trust instead of the machine's own list."""
    folder: str = "INBOX"
    done: str = "Verwerkt"
    failed: str = "Te bekijken"
    timeout: float = 60
    max_size: int = 25 * 1024 * 1024
    poll_seconds: float = 60

    def __post_init__(self) -> None:
        if self.security not in ("tls", "starttls", "none"):
            raise ValueError("security is tls, starttls or none")
        if self.security == "none" and not _is_this_machine(self.host):
            raise ValueError('security "none" is only for a server on this machine: use tls or starttls')
        if self.folder in (self.done, self.failed):
            raise ValueError("mail must leave the folder it is read from: done and failed are other folders")


class MailboxDown(Exception):
    """The mailbox cannot be reached or used now; *why* names no person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.why = reason


class Mailbox:
    """Empties one mailbox; for one thread.

    *receive* returns once the mail is durable; when it raises, the mail stays where it is until the next poll.
    *too_big* is told the UID and size of a mail beyond the limit before that is moved aside, unread.
    """

    def __init__(
        self,
        settings: MailboxSettings,
        receive: Callable[[bytes, Envelope], None],
        too_big: Callable[[int, int], None] | None = None,
    ) -> None:
        logging.getLogger("imapclient").setLevel(logging.WARNING)  # below that it logs what people write
        self.settings = settings
        self._receive = receive
        self._too_big = too_big
        self._client: IMAPClient | None = None
        self._folders: dict[str, str] = {}
        self._to_move: dict[tuple[int, int], str] = {}
        """(UIDVALIDITY, UID) of what was dealt with but is still in the folder, and where it must go."""

    def poll(self, stop: threading.Event | None = None) -> int:
        """Take in all that is in the folder; how many mails were kept. Connects when needed.

        Ends early, between two mails, once *stop* is set. Raises only MailboxDown.
        """
        try:
            client, validity = self._opened()
            uids = sorted(client.search(["UNDELETED"]))
            self._to_move = {(v, uid): to for (v, uid), to in self._to_move.items() if v == validity and uid in uids}
            taken = 0
            for uid in uids:
                if stop is not None and stop.is_set():
                    break
                taken += self._take(client, validity, uid)
        except Exception as error:  # noqa: BLE001, RUF100 - a strange server can make imapclient raise anything
            self._drop()
            raise MailboxDown(why(error)) from None  # what the server wrote can name people
        return taken

    def watch(
        self, stop: threading.Event, on_error: Callable[[MailboxDown], None], jitter: Callable[[], float]
    ) -> None:
        """Poll again and again until *stop* is set; after a fault sooner at first, then ever later.

        *jitter* gives a number from 0 to 1, so that several mailboxes do not all come back at once.
        """
        faults = 0
        while not stop.is_set():
            try:
                self.poll(stop)
                faults = 0
                wait = self.settings.poll_seconds
            except MailboxDown as down:
                on_error(down)
                wait = WAIT_AFTER_FAULT[min(faults, len(WAIT_AFTER_FAULT) - 1)] * (0.5 + jitter())
                faults += 1
            stop.wait(wait)
        self.close()

    def close(self) -> None:
        """Say goodbye; a later poll connects again."""
        if self._client is not None:
            try:
                self._client.logout()
            except (OSError, IMAPClientError):
                self._drop()
            self._client = None

    def _opened(self) -> tuple[IMAPClient, int]:
        """A connection with the folder open, and its UIDVALIDITY; a kept connection may have died since."""
        if self._client is not None:
            try:
                return self._client, self._select(self._client)
            except (OSError, IMAPClientError):
                self._drop()
        self._client = self._connected()
        return self._client, self._select(self._client)

    def _select(self, client: IMAPClient) -> int:
        return int(client.select_folder(self._folders[self.settings.folder])[b"UIDVALIDITY"])

    def _connected(self) -> IMAPClient:
        settings = self.settings
        tls = ssl.create_default_context(cafile=settings.ca_file) if settings.security != "none" else None
        client = IMAPClient(
            settings.host,
            settings.port,
            ssl=settings.security == "tls",
            ssl_context=tls,
            timeout=settings.timeout,
        )
        try:
            if settings.security == "starttls":
                client.starttls(tls)
            _log_in(client, settings)
            self._folders = _folders(client, settings)
        except BaseException:
            with contextlib.suppress(OSError):
                client.shutdown()
            raise
        return client

    def _drop(self) -> None:
        if self._client is not None:
            with contextlib.suppress(OSError):
                self._client.shutdown()
            self._client = None

    def _take(self, client: IMAPClient, validity: int, uid: int) -> bool:
        """Deal with one mail, and move it; whether it was kept just now."""
        kept = False
        if (validity, uid) not in self._to_move:
            size = self._fetched(client, uid, "RFC822.SIZE", b"RFC822.SIZE")
            if size is None:
                return False
            if size > self.settings.max_size:
                dealt_with, folder = self._set_aside(uid, size), self.settings.failed
            else:
                dealt_with = kept = self._keep(client, uid)
                folder = self.settings.done
            if not dealt_with:
                return False
            self._to_move[validity, uid] = self._folders[folder]
        self._move(client, validity, uid)
        return kept

    def _fetched(self, client: IMAPClient, uid: int, item: str, key: bytes) -> Any:  # noqa: ANN401 - bytes or a number
        """One fact of one mail; None when the mail is gone meanwhile, or when the server cannot read it."""
        try:
            return client.fetch([uid], [item]).get(uid, {}).get(key)
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            log.error("mailbox %s: mail uid=%d cannot be fetched, stays: %s", self.settings.name, uid, why(error))  # noqa: TRY400 - a traceback can name people
            return None

    def _keep(self, client: IMAPClient, uid: int) -> bool:
        raw = self._fetched(client, uid, "BODY.PEEK[]", b"BODY[]")
        return raw is not None and self._without_fault(uid, lambda: self._receive(raw, Envelope(via="imap")))

    def _set_aside(self, uid: int, size: int) -> bool:
        log.warning("mailbox %s: mail uid=%d of %d bytes is too big, set aside", self.settings.name, uid, size)
        tell = self._too_big
        return tell is None or self._without_fault(uid, lambda: tell(uid, size))

    def _without_fault(self, uid: int, work: Callable[[], None]) -> bool:
        try:
            work()
        except Exception as error:  # noqa: BLE001, RUF100 - whatever it was: the mail stays, and the next ones go on
            kind = type(error).__name__
            log.error("mailbox %s: mail uid=%d could not be kept, stays: %s", self.settings.name, uid, kind)  # noqa: TRY400 - a traceback can quote the mail
            return False
        return True

    def _move(self, client: IMAPClient, validity: int, uid: int) -> None:
        """Move it out; when the server will not, it is only moved again at the next poll, never taken in again."""
        folder = self._to_move[validity, uid]
        try:
            if client.has_capability("MOVE"):
                client.move([uid], folder)
            else:
                client.copy([uid], folder)
                client.add_flags([uid], [DELETED], silent=True)
                if client.has_capability("UIDPLUS"):  # a plain EXPUNGE would take along what others marked
                    client.uid_expunge([uid])
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            log.error("mailbox %s: mail uid=%d is kept but not moved: %s", self.settings.name, uid, why(error))  # noqa: TRY400 - a traceback can name people
            self._folders = _folders(client, self.settings)  # somebody may have removed the folder
        else:
            del self._to_move[validity, uid]


def _log_in(client: IMAPClient, settings: MailboxSettings) -> None:
    if settings.user.isascii() and settings.password.isascii():
        client.login(settings.user, settings.password)
    else:  # LOGIN carries ASCII only; PLAIN is UTF-8 (RFC 4616)
        client.sasl_login("PLAIN", lambda _: f"\0{settings.user}\0{settings.password}".encode())


def _folders(client: IMAPClient, settings: MailboxSettings) -> dict[str, str]:
    """The three folders by their names on this server; those to move to are made when they are not there."""
    prefix, delimiter = _namespace(client)
    names = {"INBOX": "INBOX"}
    for name in (settings.folder, settings.done, settings.failed):
        if name.upper() != "INBOX":
            path = name.replace("/", delimiter)
            names[name] = path if path.startswith(prefix) else prefix + path
    for name in (settings.done, settings.failed):
        if not client.folder_exists(names[name]):
            client.create_folder(names[name])
            client.subscribe_folder(names[name])
    return names


def _namespace(client: IMAPClient) -> tuple[str, str]:
    """What the names of one's own folders begin with, and what stands between their levels (RFC 2342)."""
    personal = client.namespace().personal if client.has_capability("NAMESPACE") else None
    if not personal:
        return "", "/"
    prefix, delimiter = personal[0]
    return prefix, delimiter or "/"


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
