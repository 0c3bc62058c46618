"""One caller by SMTP or LMTP: aiosmtpd's protocol with our limits, and an end that we choose.

What is overridden is asyncio's and aiosmtpd's; pyproject.toml keeps aiosmtpd below 2.
"""

import asyncio
import re
import ssl
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP

if TYPE_CHECKING:
    from mailflow.intake.smtp import Listener

_BARE = re.compile(rb"(?<!\r)\n")
_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
_PLAIN = re.compile(
    rf" ?<({_ATOM}(?:\.{_ATOM})*@[a-z0-9-]+(?:\.[a-z0-9-]+)*)> *([!-'*-~][ -'*-~]*|)", re.ASCII | re.IGNORECASE
)
"""An address without quotes, comments or accents, and the parameters behind it."""

LONGEST_LINE = 1 << 20  # real mail has lines far beyond the 998 of RFC 5322; aiosmtpd answers 500 to them by default
LONGEST_COMMAND = 1024  # RFC 5321 asks for 512 and more with extensions; bounce addresses of big hosts are long
CALLS = {"*": 1000, "NOOP": 50, "VRFY": 5, "EXPN": 5, "HELP": 5, "EHLO": 50, "HELO": 50, "LHLO": 50, "STARTTLS": 3}
PROGRESS_BYTES = 64 * 1024  # of a mail: whoever sends as much within the timeout is slow, but is no drip
LAST_WORDS_SECONDS = 10  # how long a caller may take to read why we hang up

SLOW = "421 4.4.2 timeout, closing connection"
CLOSING = "421 4.3.2 service shutting down"
BARE_FEED = "521 5.5.2 lines must end in CR LF, closing connection"
TOO_BIG = "552 5.3.4 message too big"


class Session(SMTP):
    """An SMTP caller of *listener*; *reception* says what we answer (aiosmtpd's handler)."""

    line_length_limit = LONGEST_LINE

    def __init__(
        self, listener: "Listener", reception: object, tls: ssl.SSLContext | None, loop: asyncio.AbstractEventLoop
    ) -> None:
        settings = listener.settings
        self.in_data = False
        """Between our 354 and our answer to the mail."""
        self._listener = listener
        self._answers = 1
        self._received = 0
        self._returned = b""
        """A CR at the end of what came last: its LF may be in the next packet."""
        self._turned_away = False
        super().__init__(
            reception,
            data_size_limit=settings.max_size,
            enable_SMTPUTF8=True,
            hostname=settings.hostname,
            ident="mailflow",
            tls_context=tls,
            timeout=settings.timeout,
            command_call_limit=CALLS,
            loop=loop,
        )
        self.command_size_limits = defaultdict(lambda: LONGEST_COMMAND)  # aiosmtpd's is shared by all sessions
        self._smtp_methods.pop("AUTH")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the caller in, or turn it away; called again when TLS has begun."""
        if self._original_transport is None and (why_not := self._listener.enter(self)):
            assert isinstance(transport, asyncio.WriteTransport)  # noqa: S101 - asyncio's own type is too wide
            self._turned_away = True
            transport.write(f"{why_not}\r\n".encode())
            transport.close()
            return
        super().connection_made(transport)
        if self._handler_coroutine is not None:
            self._handler_coroutine.add_done_callback(_forget)

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the caller; aiosmtpd calls this twice when TLS fails."""
        if not self._turned_away:
            self._listener.leave(self)
            super().connection_lost(error)

    def eof_received(self) -> bool | None:
        """The caller will say no more."""
        return None if self._turned_away else super().eof_received()

    def data_received(self, data: bytes) -> None:
        """Stop who sends on and on: aiosmtpd reads an oversized mail to its end and keeps a line that never ends.

        A command that ends in a bare line feed was smuggled through somebody's mail, or comes from no mail program.
        """
        if self.in_data:
            before, self._received = self._received, self._received + len(data)
            if before // PROGRESS_BYTES != self._received // PROGRESS_BYTES:
                self._reset_timeout()  # aiosmtpd's runs from DATA to the final dot, however big the mail is
            if self._received > 2 * self._listener.settings.max_size + LONGEST_LINE:
                self.dismiss(TOO_BIG)
                return
        elif _BARE.search(self._returned + data):
            self.dismiss(BARE_FEED)
            return
        self._returned = b"\r" if data.endswith(b"\r") else b""
        super().data_received(data)

    async def push(self, status: Any) -> None:  # noqa: ANN401 - str, or bytes in aiosmtpd's own login dialogue
        """Answer; knows from the answers themselves whether a mail is being sent."""
        done = self.in_data
        if done:
            self.in_data = False
            status = "\r\n".join([status] * self._answers)
        elif status.startswith("354"):
            self.in_data = True
            self._received = 0
            self._answers = self.answers_after_data()
        await super().push(status)
        if done and self._listener.stopping:
            self.dismiss(CLOSING)

    def answers_after_data(self) -> int:
        """How many answers one mail gets."""
        return 1

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """As aiosmtpd's, but not a second time within TLS."""
        if self._tls_protocol is None:
            await super().smtp_STARTTLS(arg)
        else:
            await self.push("503 5.5.1 TLS is in use already")

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """As aiosmtpd's, which makes a class and a tree of objects for each address: a plain one needs neither."""
        plain = _PLAIN.fullmatch(arg)
        return (plain[1], plain[2]) if plain else super()._getaddr(arg)

    def begin_waiting_anew(self) -> None:
        """Give the caller its whole timeout again."""
        self._reset_timeout()

    def dismiss(self, last_words: str) -> None:
        """Say why, hang up, and cut the line if that is not heard."""
        transport = self.transport
        if not isinstance(transport, asyncio.WriteTransport) or self._in_handshake():
            self.abort()
            return
        if not transport.is_closing():
            transport.write(f"{last_words}\r\n".encode())
            transport.close()
        self.loop.call_later(LAST_WORDS_SECONDS, transport.abort)

    def abort(self) -> None:
        """Cut the line at once."""
        in_handshake = self._in_handshake()
        for transport in (self.transport, self._original_transport):
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()
        if in_handshake:  # asyncio tells nobody then, and this place would be taken for ever
            self.connection_lost(None)

    def _in_handshake(self) -> bool:
        """TLS was asked for and is not there yet: nothing can be said."""
        return self._tls_protocol is not None and (self.session is None or self.session.ssl is None)

    def _timeout_cb(self) -> None:
        self.dismiss(SLOW)


class LmtpSession(Session, LMTP):
    """The same by LMTP (RFC 2033): LHLO, and an answer per recipient after DATA, for our own refusals too."""

    def answers_after_data(self) -> int:
        """One for each accepted recipient, named twice or not."""
        return len(self.envelope.rcpt_tos) if self.envelope else 1


def _forget(task: "asyncio.Task[None]") -> None:
    """A caller that vanishes ends its task with an error that says nothing new."""
    if not task.cancelled():
        task.exception()
