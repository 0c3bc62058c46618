"""How does mail come in by SMTP or LMTP? 250 only after the commit; 451 whenever the fault is ours."""

import asyncio
import logging
import re
import ssl
from collections.abc import Awaitable, Callable

from aiosmtpd.smtp import SMTP
from aiosmtpd.smtp import Envelope as Transaction
from aiosmtpd.smtp import Session as Caller

from mailflow.core.mail import Envelope
from mailflow.intake.smtp_session import CLOSING, LmtpSession, Session
from mailflow.intake.smtp_settings import ListenerSettings

log = logging.getLogger(__name__)

MOST_RECIPIENTS = 100  # RFC 5321 4.5.3.1.8: the least that a server must take

OK = "250 2.0.0 kept"
NOT_NOW = "451 4.3.0 temporary failure, please try again later"
FULL = "421 4.3.2 too many connections, please try again later"

_ATOM = r"[^\x00-\x20\x7f-\xa0\ud800-\udfff()<>@,;:\\\".\[\]]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*|\"(?:[^\x00-\x1f\x7f\ud800-\udfff\"\\]|\\[\x20-\x7e])*\"")
_LABEL = r"[^\W_](?:[\w-]{0,62})"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Za-z.:-]{{2,60}}\]")


def is_address(text: str) -> bool:
    """Whether *text* is a mailbox of RFC 5321 4.1.2 (RFC 6531 with non-ASCII), without brackets and source route."""
    local, at, domain = text.rpartition("@")
    if not at or len(local) > 128 or len(domain) > 255:  # 64 is the standard's; bounce addresses go beyond it
        return False
    return bool(_LOCAL.fullmatch(local)) and bool(_DOMAIN.fullmatch(domain))


class Listener:
    """Takes mail in, in the running event loop.

    *receive* returns only after the mail is durable, and raises when it could not be kept; once begun it is never
    cancelled by us, whatever the caller does.
    *accepts* says whether an address (or a bare "postmaster", RFC 5321 4.5.1) is ours.
    """

    def __init__(
        self,
        settings: ListenerSettings,
        receive: Callable[[bytes, Envelope], Awaitable[None]],
        accepts: Callable[[str], bool],
    ) -> None:
        self.settings = settings
        self.accepts = accepts
        self.stopping = False
        self._receive = receive
        self._server: asyncio.Server | None = None
        self._sessions: set[Session] = set()
        self._commits: set[asyncio.Future[None]] = set()
        self._quiet = asyncio.Event()

    @property
    def port(self) -> int:
        """The port we listen on, once started."""
        if self._server is None:
            raise RuntimeError("the listener is not started")
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Begin to listen; raises OSError when the port is taken or the certificate cannot be read."""
        logging.getLogger("mail.log").setLevel(logging.CRITICAL + 1)  # it logs every command, addresses and all
        settings, loop = self.settings, asyncio.get_running_loop()
        tls = _tls(settings)
        kind = LmtpSession if settings.lmtp else Session
        reception = _Reception(self)
        self._server = await loop.create_server(lambda: kind(self, reception, tls, loop), settings.host, settings.port)

    async def stop(self) -> None:
        """Listen no longer, let those that are sending a mail finish within the grace, then hang up on the rest.

        Server.wait_closed is not used: on Python 3.12 and 3.13 it hangs while one caller idles.
        """
        self.stopping = True
        if self._server is not None:
            self._server.close()
        for session in [s for s in self._sessions if not s.in_data]:
            session.dismiss(CLOSING)
        if not await self._quiet_within(self.settings.shutdown_grace):
            log.warning("stopped with %d callers and %d commits under way", len(self._sessions), len(self._commits))
            for session in list(self._sessions):
                session.abort()
            await self._quiet_within(0.1)  # lets the event loop tell each session that it is gone

    def enter(self, session: Session) -> str:
        """Note a new caller; "" when welcome, else the reply to turn it away with."""
        if self.stopping:
            return CLOSING
        if len(self._sessions) >= self.settings.max_connections:
            return FULL
        self._sessions.add(session)
        return ""

    def leave(self, session: Session) -> None:
        """Forget a caller; twice does no harm."""
        self._sessions.discard(session)
        self._look_if_quiet()

    def commit(self, raw: bytes, envelope: Envelope) -> asyncio.Future[None]:
        """Begin to keep a mail; the work goes on when whoever waits for it is cancelled (await it shielded)."""
        work = asyncio.ensure_future(self._receive(raw, envelope))
        self._commits.add(work)
        work.add_done_callback(self._committed)
        return work

    def _committed(self, work: "asyncio.Future[None]") -> None:
        self._commits.discard(work)
        self._look_if_quiet()
        if not work.cancelled() and (error := work.exception()):
            log.error("a mail could not be kept and was answered 451: %s", type(error).__name__)

    async def _quiet_within(self, seconds: float) -> bool:
        self._quiet.clear()
        self._look_if_quiet()
        try:
            await asyncio.wait_for(self._quiet.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def _look_if_quiet(self) -> None:
        if not self._sessions and not self._commits:
            self._quiet.set()


def _tls(settings: ListenerSettings) -> ssl.SSLContext | None:
    if settings.certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.certificate, settings.key)
    return context


class _Reception:
    """What we answer; aiosmtpd finds these by their names and speaks the rest of the protocol."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    async def handle_HELO(self, _server: SMTP, caller: Caller, _mail: Transaction, name: str) -> str:  # noqa: N802 - aiosmtpd's name
        caller.host_name = _printable(name)
        return f"250 {self._listener.settings.hostname}"

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, caller: Caller, _mail: Transaction, name: str, replies: list[str]
    ) -> list[str]:
        caller.host_name = _printable(name)
        return [reply for reply in replies if not reply[4:].startswith("AUTH")]  # nobody logs in here

    async def handle_VRFY(self, *_: object) -> str:  # noqa: N802 - aiosmtpd's name
        return "502 5.5.1 VRFY is not offered"

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _caller: Caller, mail: Transaction, address: str, options: list[str]
    ) -> str:
        if address != "<>":
            if not is_address(address):
                return "553 5.1.7 malformed sender address"
            if not (address.isascii() or mail.smtp_utf8):
                return "553 5.6.7 a non-ASCII address needs SMTPUTF8"
        mail.mail_from = address
        mail.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _caller: Caller, mail: Transaction, address: str, options: list[str]
    ) -> str:
        if not is_address(address) and address.lower() != "postmaster":
            return "553 5.1.3 malformed recipient address"
        if not self._listener.accepts(address):
            return "550 5.1.1 no such address here"
        if len(mail.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 too many recipients"
        mail.rcpt_tos.append(address)
        mail.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Session, caller: Caller, mail: Transaction) -> str:  # noqa: N802 - aiosmtpd's name
        sender = mail.mail_from or ""
        arrived = Envelope(
            mail_from="" if sender == "<>" else sender,
            recipients=tuple(mail.rcpt_tos),
            client_ip=str(caller.peer[0]) if caller.peer else "",
            helo=caller.host_name or "",
            via="lmtp" if self._listener.settings.lmtp else "smtp",
        )
        server.begin_waiting_anew()  # what the sending took does not count against the commit
        try:
            await asyncio.shield(self._listener.commit(mail.original_content or b"", arrived))
        except Exception:  # noqa: BLE001, RUF100 - whatever it was, the caller must try again; Listener logs its kind
            return NOT_NOW
        return OK

    async def handle_exception(self, error: Exception) -> str:
        """Any other fault: never aiosmtpd's own answer, which is 500 with the text of the exception."""
        log.warning("a command failed: %s", type(error).__name__)
        return NOT_NOW


def _printable(name: str) -> str:
    """A name as told by a stranger, fit for a database: no control characters, no undecodable bytes, not endless."""
    return "".join(c if c.isprintable() and not "\ud800" <= c <= "\udfff" else "?" for c in name[:255])
