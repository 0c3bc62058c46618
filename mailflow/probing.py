"""`mailflow check --online`: does the world around us do its part? A row for each question, and its remedy."""

import contextlib
import ctypes
import shutil
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from time import sleep

from sqlalchemy import make_url, text

from mailflow import soundness
from mailflow.app import App
from mailflow.clock import monotonic, new_uuid, real_now
from mailflow.logins import Tried, try_mailbox, try_sending
from mailflow.outgoing.deliver import Courier, Delivered
from mailflow.outgoing.submission import SubmissionSettings, connected
from mailflow.reading.authentication.resolver import Answer, Resolver, TemporaryFailure
from mailflow.signing import Signer
from mailflow.storage.store import BACKUP

GIGABYTE = 1024**3
LEAST_FREE = 2 * GIGABYTE
CERTIFICATE_DAYS = 14
BACKUP_DAYS = 2
TIME_ERROR = 5
"""What adjtimex(2) answers while the clock is not set by anybody."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One question and its answer."""

    what: str
    well: bool | None
    """None: it cannot be told from here."""
    found: str
    remedy: str = ""


def rows(app: App, resolver: Resolver, *, patience: float) -> Iterator[Row]:
    """Every row, the nearest first; *patience* in seconds is how long the mail to ourselves may be under way."""
    yield from _at_home(app)
    yield from _names(app.settings.rules.desk.domain, resolver)
    if app.settings.signer is not None:
        yield _signature(app.settings.signer, resolver)
    for mailbox in app.settings.mailboxes:
        yield _tried(try_mailbox(mailbox), f"mailbox {mailbox.name}")
    submission = app.settings.submission
    sending = _tried(try_sending(submission), "sending")
    yield sending
    if sending.well and submission.security != "none":
        yield _certificate(submission)
    if sending.well and app.settings.rules.desk.plus_addressing:
        yield _to_ourselves(app, patience)


def _at_home(app: App) -> Iterator[Row]:
    yield _clock()
    yield _disk(app)
    yield _database(app)
    yield _backup(app)


def _clock() -> Row:
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))
    except (OSError, AttributeError):
        state = -1
    if state < 0:
        return Row(what="clock", well=None, found="this system does not tell whether it is set")
    remedy = "Let a time service set it (apt-get install systemd-timesyncd, or chrony): terms and seals depend on it."
    well = state != TIME_ERROR
    found = "set by a time service" if well else "nobody sets it"
    return Row(what="clock", well=well, found=found, remedy=remedy)


def _disk(app: App) -> Row:
    url = make_url(app.settings.database)
    folder = Path(url.database).parent if app.database.is_sqlite and url.database else Path.cwd()
    free = shutil.disk_usage(folder).free
    found = f"{free / GIGABYTE:.1f} GB free at {folder}"
    remedy = "Make room: mail is refused for now (451) when it cannot be kept."
    return Row(what="disk", well=free >= LEAST_FREE, found=found, remedy=remedy)


def _database(app: App) -> Row:
    if app.database.is_sqlite:
        with app.database.read() as tx:
            said = str(tx.execute(text("PRAGMA quick_check(1)")).scalar())
        if said != "ok":
            remedy = "Stop the service, keep the file, and restore a backup."
            return Row(what="database", well=False, found="the file is damaged", remedy=remedy)
    wrong = list(soundness.cases(app.store, app.settings.rules))
    found = "; ".join(wrong[:3]) if wrong else "whole, and each case is what its events come to"
    return Row(what="database", well=not wrong, found=found, remedy="mailflow check --replay lists all of them.")


def _backup(app: App) -> Row:
    minutes = app.store.remembered(BACKUP)
    remedy = "Let cron or a timer run mailflow backup each night, to another machine."
    if minutes is None:
        return Row(what="backup", well=False, found="none was ever made", remedy=remedy)
    age = app.clock.now() - datetime.fromtimestamp(minutes * 60, UTC)
    return Row(what="backup", well=age < timedelta(days=BACKUP_DAYS), found=f"{age.days} days old", remedy=remedy)


def _names(domain: str, resolver: Resolver) -> Iterator[Row]:
    """What the DNS says of our own domain, so that others take our letters for ours."""
    exchangers = resolver.mx(domain)
    hosts = [host for _, host in exchangers.values] if isinstance(exchangers, Answer) else []
    remedy = f"Name your mail host in an MX record of {domain}: else nobody's mail arrives."
    yield _told("MX", exchangers, hosts, ", ".join(hosts), remedy)
    yield _record(
        "SPF",
        domain,
        b"v=spf1",
        resolver,
        f'Say who may send for {domain}: a TXT record "v=spf1 mx -all", or as your host says.',
    )
    yield _record(
        "DMARC", f"_dmarc.{domain}", b"v=dmarc1", resolver,
        f'Add a TXT record at _dmarc.{domain}: "v=DMARC1; p=none; rua=mailto:..." to begin with.',
    )  # fmt: skip


def _signature(signer: Signer, resolver: Resolver) -> Row:
    name = f"{signer.selector}._domainkey.{signer.domain}"
    answer = resolver.txt(name)
    keys = [one for one in answer.values if b"p=" in one] if isinstance(answer, Answer) else []
    remedy = f"Show the public key of signing_key_file in a TXT record at {name}."
    return _told("DKIM", answer, keys, f"a key at {name}" if keys else "", remedy)


def _record(what: str, name: str, begins: bytes, resolver: Resolver, remedy: str) -> Row:
    answer = resolver.txt(name)
    found = [one for one in answer.values if one.lower().startswith(begins)] if isinstance(answer, Answer) else []
    if len(found) > 1:
        return Row(what=what, well=False, found=f"{len(found)} records, so none counts", remedy="Keep one.")
    return _told(what, answer, found, found[0].decode("ascii", "replace")[:100] if found else "", remedy)


def _told(what: str, answer: object, found: list[str] | list[bytes], shown: str, remedy: str) -> Row:
    if isinstance(answer, TemporaryFailure):
        return Row(what=what, well=None, found=answer.why, remedy="Ask again later.")
    return Row(what=what, well=bool(found), found=shown or "no such record", remedy=remedy)


def _tried(tried: Tried, what: str) -> Row:
    return Row(what=what, well=tried.well, found=tried.what, remedy=tried.remedy)


def _certificate(settings: SubmissionSettings) -> Row:
    """Of the server that takes our letters: it was verified at the login, so only its end is asked."""
    remedy = "Let that server renew it."
    with contextlib.suppress(OSError, smtplib.SMTPException), connected(settings) as client:
        if isinstance(client.sock, ssl.SSLSocket):
            shown = client.sock.getpeercert() or {}
            ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
            left = (ends - real_now()).days
            found = f"{client.sock.version()}, good for {left} days"
            return Row(what="certificate", well=left >= CERTIFICATE_DAYS, found=found, remedy=remedy)
    return Row(what="certificate", well=None, found="not seen", remedy="Ask again later.")


def _to_ourselves(app: App, patience: float) -> Row:
    """A mail to desk+check@, which the service must have kept by the end: it is known by its content."""
    desk = app.settings.rules.desk.address
    local, _, domain = desk.partition("@")
    to = f"{local}+check@{domain}"
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = desk, to, "mailflow check"
    mail["Date"] = format_datetime(app.clock.now())
    mail["Message-ID"] = f"<check.{new_uuid()}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("Dit is een proef: komt mail aan een adres met een plusteken bij ons aan?\n")
    raw = mail.as_bytes().replace(b"\n", b"\r\n")
    courier = Courier(app.settings.submission)
    outcome = courier.deliver(sender=desk, recipient=to, message=raw)
    courier.close()
    if not isinstance(outcome, Delivered):
        return Row(what="plus addresses", well=False, found=f"{to}: {outcome.why}", remedy="Look at [sending].")
    until = monotonic() + patience
    while monotonic() < until:
        if app.store.mails.known(raw):
            return Row(what="plus addresses", well=True, found=f"a mail to {to} came in")
        sleep(min(1.0, patience / 10))
    remedy = (
        "Is the service running? If it is, the mail host does not deliver such addresses: let it, "
        "or set plus_addressing = false."
    )
    return Row(what="plus addresses", well=False, found=f"a mail to {to} did not come in", remedy=remedy)
