"""How do we get into a mailbox? TLS that is verified, a login, and the folders by their names on this server."""

# mypy: allow-untyped-calls
# (imapclient has no types for most of what is called here)

import contextlib
import logging
import ssl
from collections.abc import Iterable

from imapclient import DELETED, IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from mailflow.intake.imap_faults import why
from mailflow.intake.imap_settings import MailboxSettings
from mailflow.tokens import Tokens, bearer

log = logging.getLogger(__name__)

INTRODUCTION_SECONDS = 30  # to connect, at most: a server that is there answers sooner


def connected(settings: MailboxSettings) -> IMAPClient:
    """A connection that is logged in; never in clear text but on this machine, and every wait has its end."""
    logging.getLogger("imapclient").setLevel(logging.WARNING)  # below that it logs what people write
    tls = ssl.create_default_context(cafile=settings.ca_file) if settings.security != "none" else None
    client = IMAPClient(
        settings.host,
        settings.port,
        ssl=settings.security == "tls",
        ssl_context=tls,
        timeout=SocketTimeout(min(INTRODUCTION_SECONDS, settings.timeout), settings.timeout),  # type: ignore[arg-type]  # it takes both
    )
    try:
        if settings.security == "starttls":
            client.starttls(tls)
        _log_in(client, settings)
    except BaseException:
        hang_up(client)
        raise
    return client


def hang_up(client: IMAPClient) -> None:
    """Without a goodbye: the line may be dead."""
    with contextlib.suppress(OSError):
        client.shutdown()


def names(client: IMAPClient, settings: MailboxSettings) -> dict[str, str]:
    """The three folders by their names on this server."""
    prefix, delimiter = _namespace(client)
    found = {}
    for name in (settings.folder, settings.done, settings.failed):
        path = name.replace("/", delimiter)
        found[name] = path if name.upper() == "INBOX" or path.startswith(prefix) else prefix + path
    return found


def folders(client: IMAPClient, settings: MailboxSettings) -> dict[str, str]:
    """The same; those to move to are made when they are not there. Where that is not allowed, moving will tell."""
    found = names(client, settings)
    for name in (settings.done, settings.failed):
        if not client.folder_exists(found[name]):
            try:
                client.create_folder(found[name])
                client.subscribe_folder(found[name])
            except IMAPClientAbortError:
                raise
            except IMAPClientError as error:
                log.error("mailbox %s: there is no folder %s: %s", settings.name, name, why(error))  # noqa: TRY400 - a traceback can name people
    return found


def waiting(client: IMAPClient, settings: MailboxSettings) -> int:
    """How many mails lie in the folder; it is only looked at."""
    folder = names(client, settings)[settings.folder]
    return int(client.select_folder(folder, readonly=True)[b"EXISTS"])


def move(client: IMAPClient, uids: Iterable[int], folder: str) -> None:
    """Move them in one go; where the server has no MOVE, copy, mark as deleted, and expunge just these."""
    them = [*uids]
    if client.has_capability("MOVE"):
        client.move(them, folder)
        return
    client.copy(them, folder)
    client.add_flags(them, [DELETED], silent=True)
    if client.has_capability("UIDPLUS"):  # a plain EXPUNGE would take along what others marked
        client.uid_expunge(them)


def _log_in(client: IMAPClient, settings: MailboxSettings) -> None:
    if settings.tokens is not None:
        _log_in_with(settings.tokens, client, settings)
    elif settings.user.isascii() and settings.password.isascii():
        client.login(settings.user, settings.password)
    else:  # LOGIN carries ASCII only; PLAIN is UTF-8 (RFC 4616)
        client.sasl_login("PLAIN", lambda _: f"\0{settings.user}\0{settings.password}".encode())


def _log_in_with(tokens: Tokens, client: IMAPClient, settings: MailboxSettings) -> None:
    """A token that was kept can have been withdrawn since: then another one, once."""
    was_kept = tokens.is_kept()
    try:
        _show(tokens.token(), client, settings)
    except LoginError:
        tokens.forget()
        if not was_kept:
            raise
        _show(tokens.token(), client, settings)


def _show(token: str, client: IMAPClient, settings: MailboxSettings) -> None:
    words = iter([bearer(settings.mechanism, settings.user, token, settings.host, settings.port)])
    try:
        # A refusal comes as one more challenge, whose answer is empty (RFC 7628 3.2.3).
        client.sasl_login(settings.mechanism.upper(), lambda _: next(words, b""))
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        raise LoginError(str(error)) from None


def _namespace(client: IMAPClient) -> tuple[str, str]:
    """What the names of one's own folders begin with, and what stands between their levels (RFC 2342)."""
    personal = client.namespace().personal if client.has_capability("NAMESPACE") else None
    if not personal:
        return "", "/"
    prefix, delimiter = personal[0]
    return prefix, delimiter or "/"
