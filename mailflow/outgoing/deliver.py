"""How does one mail leave? To one recipient, over a connection kept open, and the answer is a value."""

import re
import smtplib
from contextlib import suppress
from dataclasses import dataclass

from mailflow.clock import monotonic
from mailflow.outgoing.submission import SubmissionSettings, connected
from mailflow.outgoing.wording import Wording, trouble
from mailflow.tokens import TokenRefused

OURS_TO_MEND = {503, 530, 534, 535, 538}  # the server wants another login or another order: no fault of this mail

_LINE_END = re.compile(rb"\r\n|\r|\n")
_UNWRITABLE = re.compile(r"[\x00-\x20\x7f<>\ud800-\udfff]")


@dataclass(frozen=True)
class Delivered:
    """The server has taken it over (250)."""


@dataclass(frozen=True)
class TryLater:
    """Refused for now; the same bytes may be offered again."""

    why: str


@dataclass(frozen=True)
class Refused:
    """Refused for good."""

    why: str


@dataclass(frozen=True)
class Uncertain:
    """The whole mail was sent and no answer came: it may have been delivered."""

    why: str


@dataclass(frozen=True)
class Unavailable:
    """The server cannot be used now, whatever the mail: counts as no attempt."""

    why: str


Outcome = Delivered | TryLater | Refused | Uncertain | Unavailable


class Courier:
    """Brings mail to the submission server; for one thread at a time."""

    def __init__(self, settings: SubmissionSettings) -> None:
        self.settings = settings
        self._server: smtplib.SMTP | None = None
        self._used_at = 0.0

    def deliver(self, *, sender: str, recipient: str, message: bytes) -> Outcome:
        """Offer *message* once; *sender* "" is the null sender. Never raises; no outcome names an address."""
        try:
            route = _Route(_written(sender) if sender else "", _written(recipient))
        except ValueError:
            return Refused("the address cannot be written in SMTP")
        if wrong := self.trouble():
            return Unavailable(wrong)
        assert self._server is not None  # noqa: S101 - nothing is wrong with it
        server = self._server
        outcome = _offer(server, route, _with_line_ends(message))
        self._used_at = monotonic()
        if isinstance(outcome, Uncertain | Unavailable) or server.sock is None:
            self._drop()
        return outcome

    def trouble(self) -> str:
        """What is wrong with the server, "" when a mail could be offered now; it names no address."""
        try:
            self._ready()
        except (OSError, smtplib.SMTPException, TokenRefused, ValueError) as error:
            self._drop()
            return trouble(error)
        return ""

    def close(self) -> None:
        """Say goodbye; a later delivery connects again."""
        if self._server is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._server.quit()
            self._drop()

    def _ready(self) -> smtplib.SMTP:
        """A connection where a mail can begin: the kept one if it still answers, else a new one."""
        if self._server is not None:
            if monotonic() - self._used_at > self.settings.idle_seconds:
                self.close()
            else:
                with suppress(OSError, smtplib.SMTPException):
                    if self._server.rset()[0] == 250:
                        return self._server
                self._drop()
        self._server = connected(self.settings)
        return self._server

    def _drop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None


@dataclass(frozen=True)
class _Route:
    """From whom to whom, as it is written in the commands."""

    sender: str
    recipient: str

    @property
    def needs_utf8(self) -> bool:
        return not (self.sender.isascii() and self.recipient.isascii())


def _offer(server: smtplib.SMTP, route: _Route, message: bytes) -> Outcome:
    """One transaction on a connection that is ready for it."""
    options, lacking = _options(server, route, message)
    if lacking:
        return Refused(lacking)
    server.command_encoding = "utf-8" if route.needs_utf8 else "ascii"
    wording = Wording(route.sender, route.recipient)
    try:
        for command, argument, wanted in (
            ("MAIL", f"FROM:<{route.sender}>{options}", (250, 251)),
            ("RCPT", f"TO:<{route.recipient}>", (250, 251, 252)),
            ("DATA", "", (354,)),
        ):
            code, text = server.docmd(command, argument)
            if code not in wanted:
                return _no(code, wording.of(code, text))
    except (OSError, smtplib.SMTPException) as error:
        return Unavailable(trouble(error))
    return _send(server, message, wording)


def _send(server: smtplib.SMTP, message: bytes, wording: Wording) -> Outcome:
    """The mail itself. Until the final dot is on its way, it cannot have been delivered."""
    try:
        _send_all(server, _stuffed(message))
    except OSError as error:
        return _said_before_leaving(server, wording) or TryLater(f"while the mail was sent: {trouble(error)}")
    try:
        _send_all(server, b".\r\n")
        code, text = server.getreply()
    except (OSError, smtplib.SMTPException) as error:
        return Uncertain(f"after the mail was sent: {trouble(error)}")
    if 200 <= code < 300:
        return Delivered()
    if 400 <= code < 500:
        return TryLater(wording.of(code, text))
    if 500 <= code < 600:
        return Refused(wording.of(code, text))
    return Uncertain("the answer to the mail was not understood")


def _send_all(server: smtplib.SMTP, data: bytes) -> None:
    """As SMTP.send, which would close the connection at a fault, and with it what the server said last."""
    if server.sock is None:
        raise smtplib.SMTPServerDisconnected("closed")
    server.sock.sendall(data)


def _said_before_leaving(server: smtplib.SMTP, wording: Wording) -> Outcome | None:
    """A server that hangs up in mid-mail may have said why, as one does to a mail without end."""
    refused = None
    with suppress(OSError, smtplib.SMTPException):
        code, text = server.getreply()
        refused = Refused(wording.of(code, text)) if 500 <= code < 600 else None
    server.close()
    return refused


def _options(server: smtplib.SMTP, route: _Route, message: bytes) -> tuple[str, str]:
    """What to add to MAIL, and what the server would have to offer for it but does not."""
    options = f" SIZE={len(message)}" if server.has_extn("size") else ""
    if not message.isascii():
        if not server.has_extn("8bitmime"):
            return "", "the server takes no 8-bit mail (8BITMIME)"
        options += " BODY=8BITMIME"
    if route.needs_utf8:
        if not server.has_extn("smtputf8"):
            return "", "the server takes no address with accents (SMTPUTF8)"
        options += " SMTPUTF8"
    return options, ""


def _no(code: int, why: str) -> Outcome:
    """What a refusal before the mail itself means."""
    if code == 421 or code in OURS_TO_MEND or not 400 <= code < 600:
        return Unavailable(why)
    return TryLater(why) if code < 500 else Refused(why)


def _written(address: str) -> str:
    """The address as it goes into a command; raises ValueError when it would break one."""
    local, at, domain = address.rpartition("@")
    if not local or not at or not domain or _UNWRITABLE.search(address):
        raise ValueError("not an address")
    if domain.isascii() or not local.isascii():
        return address
    return f"{local}@{domain.encode('idna').decode()}"  # an ASCII name under an accented domain needs no SMTPUTF8


def _stuffed(message: bytes) -> bytes:
    """A line that begins with a dot has one more (RFC 5321 4.5.2)."""
    dotted = message.replace(b"\n.", b"\n..")
    return b"." + dotted if dotted.startswith(b".") else dotted


def _with_line_ends(message: bytes) -> bytes:
    """Every line ends in CR LF, the last one too: bare ones would end differently elsewhere (SMTP smuggling)."""
    whole = message.count(b"\r\n") == message.count(b"\n") == message.count(b"\r")  # as our own letters are
    lines = message if whole else _LINE_END.sub(b"\r\n", message)
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"
