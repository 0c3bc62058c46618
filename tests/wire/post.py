"""One user's mailbox on a real server, and what reads it in tests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from imapclient import IMAPClient
from servers import Dovecot

from mailflow.core.mail import Envelope
from mailflow.intake.imap_settings import MailboxSettings

USERS = (f"desk{n}" for n in count(1))


def mail(subject: str) -> bytes:
    return f"From: an@clb.example\r\nSubject: {subject}\r\n\r\nDag\r\n".encode()


@dataclass
class Shelf:
    """Keeps what it receives; refuses what holds one of *faulty*."""

    kept: list[bytes] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    faulty: tuple[bytes, ...] = ()

    def receive(self, raw: bytes, envelope: Envelope) -> None:
        if any(word in raw for word in self.faulty):
            raise OSError(28, "disk full")
        self.kept.append(raw)
        self.envelopes.append(envelope)


@dataclass
class Post:
    """One user's mailbox, as this person sees it."""

    server: Dovecot
    user: str = field(default_factory=lambda: next(USERS))

    def settings(self, **other: Any) -> MailboxSettings:
        given = {
            "name": "desk",
            "host": "localhost",
            "port": self.server.imaps,
            "user": self.user,
            "password": self.server.password,
            "ca_file": self.server.certificate.cert,
        }
        return MailboxSettings(**(given | other))

    @contextmanager
    def open(self) -> Iterator[IMAPClient]:
        with IMAPClient("127.0.0.1", self.server.imap, ssl=False) as client:
            client.sasl_login("PLAIN", lambda _: f"\0{self.user}\0{self.server.password}".encode())
            yield client

    def put(self, *mails: bytes) -> None:
        with self.open() as client:
            for raw in mails:
                client.append("INBOX", raw)

    def put_file(self, raw: bytes) -> None:
        """As a file: for bytes that APPEND would not take."""
        with self.open() as client:
            client.select_folder("INBOX")
            new = self.server.maildir(self.user) / "new"
        (new / "1700000000.M1P1.test").write_bytes(raw)

    def fill(self, number: int) -> None:
        """Many small mails at once, as files: they lie there in this order."""
        with self.open() as client:
            client.select_folder("INBOX")
        new = self.server.maildir(self.user) / "new"
        for n in range(number):
            (new / f"{1_700_000_000 + n}.M1P1.test").write_bytes(mail(f"mail {n}"))

    def subjects(self, folder: str) -> list[str]:
        with self.open() as client:
            client.select_folder(folder, readonly=True)
            found = client.fetch(client.search(), ["ENVELOPE"]).values()
            return [envelope[b"ENVELOPE"].subject.decode() for envelope in found]

    def flags(self, folder: str) -> list[tuple[bytes, ...]]:
        with self.open() as client:
            client.select_folder(folder, readonly=True)
            return list(client.get_flags(client.search()).values())

    def folders(self) -> set[str]:
        with self.open() as client:
            return {name for _, _, name in client.list_sub_folders()}


def without(*capabilities: str) -> Callable[[IMAPClient, str], bool]:
    """An IMAPClient.has_capability for a server that lacks these."""
    has = IMAPClient.has_capability
    return lambda client, name: name not in capabilities and has(client, name)


def fails_once(method: Callable[..., Any], error: Exception) -> Callable[..., Any]:
    """The same method, but its first call raises."""
    calls = count()

    def call(*args: Any, **kwargs: Any) -> Any:
        if next(calls) == 0:
            raise error
        return method(*args, **kwargs)

    return call
