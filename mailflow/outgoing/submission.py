"""How do we get into the server that takes our letters? TLS that is verified, and a login."""

import errno
import ipaddress
import smtplib
import socket
import ssl
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mailflow.tokens import Tokens, bearer

CLEAR_TEXT = "without TLS letters go to this machine only"


@dataclass(frozen=True, kw_only=True)
class SubmissionSettings:
    """The server that takes our mail; times in seconds."""

    host: str
    port: int
    security: Literal["none", "starttls", "tls"] = "starttls"
    """"none" only on this machine itself: every letter holds personal data."""
    user: str = ""
    """Empty: no login."""
    password: str = field(default="", repr=False)
    tokens: Tokens | None = field(default=None, repr=False)
    """Where to get a token to log in with, in place of the password."""
    mechanism: str = "xoauth2"
    """How a token is shown: xoauth2 or oauthbearer."""
    ca_file: Path | None = None
    """The authority to trust instead of the machine's own list."""
    hostname: str | None = None
    """What we call ourselves in EHLO; None asks the machine."""
    timeout: float = 60
    idle_seconds: float = 60
    """How long an unused connection is kept."""

    def __post_init__(self) -> None:
        if self.security not in ("none", "starttls", "tls"):
            raise ValueError("security is tls, starttls or none")
        if self.security == "none" and not _is_this_machine(self.host):
            raise ValueError("letters are not sent in clear text: use tls or starttls")


def connected(settings: SubmissionSettings) -> smtplib.SMTP:
    """A connection where a mail can begin; raises what smtplib raises, OSError, or TokenRefused."""
    tls = ssl.create_default_context(cafile=settings.ca_file) if settings.security != "none" else None
    place = (settings.host, settings.port, settings.hostname)
    server = (
        smtplib.SMTP_SSL(*place, timeout=settings.timeout, context=tls)
        if settings.security == "tls"
        else smtplib.SMTP(*place, timeout=settings.timeout)
    )
    try:
        _write_at_once(server)
        if settings.security == "none":
            _check_that_it_stays_here(server)
        server.ehlo_or_helo_if_needed()
        if settings.security == "starttls":
            _check(server.starttls(context=tls), 220)
            server.ehlo_or_helo_if_needed()
        if settings.user:
            _log_in(server, settings)
    except BaseException:
        server.close()
        raise
    return server


def _write_at_once(server: smtplib.SMTP) -> None:
    """The final dot is written apart from the mail: else it would wait for the other side to confirm the mail's last
    packet, which it puts off for 40 ms (Nagle's algorithm against delayed acknowledgement, RFC 1122 4.2.3)."""
    if server.sock is not None:
        server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _check_that_it_stays_here(server: smtplib.SMTP) -> None:
    """A name such as localhost can be made to mean anything."""
    if server.sock is None or not _is_this_machine(str(server.sock.getpeername()[0])):
        raise OSError(errno.EACCES, CLEAR_TEXT)


def _log_in(server: smtplib.SMTP, settings: SubmissionSettings) -> None:
    if settings.tokens is not None:
        _log_in_with(settings.tokens, server, settings)
    elif settings.user.isascii() and settings.password.isascii():
        server.login(settings.user, settings.password)
    else:  # smtplib writes ASCII only; PLAIN is UTF-8 (RFC 4616)
        secret = b64encode(f"\0{settings.user}\0{settings.password}".encode()).decode()
        _check(server.docmd("AUTH", f"PLAIN {secret}"), 235)


def _log_in_with(tokens: Tokens, server: smtplib.SMTP, settings: SubmissionSettings) -> None:
    """A token that was kept can have been withdrawn since: then another one, once."""
    was_kept = tokens.is_kept()
    try:
        _show(tokens.token(), server, settings)
    except smtplib.SMTPResponseException:
        tokens.forget()
        if not was_kept:
            raise
        _show(tokens.token(), server, settings)


def _show(token: str, server: smtplib.SMTP, settings: SubmissionSettings) -> None:
    words = bearer(settings.mechanism, settings.user, token, settings.host, settings.port)
    reply = server.docmd("AUTH", f"{settings.mechanism.upper()} {b64encode(words).decode()}")
    if reply[0] == 334:  # a refusal comes as one more challenge, whose answer is empty (RFC 7628 3.2.3)
        reply = server.docmd("")
    _check(reply, 235)


def _check(reply: tuple[int, bytes], wanted: int) -> None:
    code, text = reply
    if code != wanted:
        raise smtplib.SMTPResponseException(code, text)


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
