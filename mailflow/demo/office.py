"""Everybody's mailbox but ours: a real SMTP server on loopback that takes every letter, and the mails that went by."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from functools import cached_property
from zoneinfo import ZoneInfo

from mailflow.core.mail import Envelope
from mailflow.demo.people import Person
from mailflow.intake.smtp import Listener
from mailflow.intake.smtp_settings import ListenerSettings

ZONE = ZoneInfo("Europe/Brussels")
MAIL_HOST = "mx.meldpunt.example"
"""The demo plays the meldpunt's own mail host, which checks senders and stamps what it found."""
PATIENCE = 20.0
"""Seconds of real time after which what should have happened did not."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A mail that went by, in either direction; *at* is demo time."""

    at: datetime
    to_us: bool
    sender: str
    recipient: str
    raw: bytes

    @cached_property
    def message(self) -> EmailMessage:
        """Parsed, for showing."""
        parsed = BytesParser(policy=policy.default).parsebytes(self.raw)
        assert isinstance(parsed, EmailMessage)  # noqa: S101 - the policy says so, its type does not
        return parsed

    @property
    def subject(self) -> str:
        """For showing."""
        return str(self.message["Subject"] or "")

    @property
    def reply_to(self) -> str:
        """Where an answer to this mail goes."""
        return str(self.message["Reply-To"] or self.message["From"])


@dataclass
class PostOffice:
    """Takes every letter that the service sends and hands it to *took*."""

    took: Callable[[bytes, Envelope], None]
    arrived: threading.Condition = field(default_factory=threading.Condition)
    port: int = 0
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _listener: Listener | None = None
    _thread: threading.Thread | None = None

    def open(self) -> None:
        """Listen on a free loopback port."""
        settings = ListenerSettings(host="127.0.0.1", port=0, hostname="people.example", shutdown_grace=1)
        self._listener = Listener(settings, self._receive, lambda _: True)
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listener.start(), self._loop).result(PATIENCE)
        self.port = self._listener.port

    def close(self) -> None:
        """Listen no more."""
        if self._listener is None or self._thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._listener.stop(), self._loop).result(PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()
        self._listener = None

    async def _receive(self, raw: bytes, envelope: Envelope) -> None:
        with self.arrived:
            self.took(raw, envelope)
            self.arrived.notify_all()


def as_delivered(raw: bytes, person: Person, stamped: str = "pass") -> bytes:
    """The mail as the meldpunt's own host hands it on: its trace and what it found of the sender on top."""
    domain = person.address.rpartition("@")[2]
    policy_ = " (p=reject dis=none)" if stamped == "fail" else ""
    results = (
        f"Authentication-Results: {MAIL_HOST}; dmarc={stamped}{policy_} header.from={domain}\r\n" if stamped else ""
    )
    received = f"Received: from mail.{domain} by {MAIL_HOST} with ESMTPS\r\n"
    return f"{results}{received}".encode() + raw
