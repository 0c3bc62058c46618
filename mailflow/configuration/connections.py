"""The servers, the database and the alarm: their tables in mailflow.toml, with the secrets from elsewhere."""

import importlib.util
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast
from urllib.parse import quote, urlsplit

from mailflow.configuration.config_files import MAIN
from mailflow.configuration.draft import Draft, Entry
from mailflow.configuration.mistakes import place
from mailflow.configuration.problems import Problem
from mailflow.configuration.schema import MailboxTable, SendingTable
from mailflow.intake.imap_settings import MailboxSettings
from mailflow.intake.smtp_settings import ListenerSettings
from mailflow.keys import read_secret
from mailflow.outgoing.submission import SubmissionSettings
from mailflow.signing import Signer, signing_key
from mailflow.tokens import Tokens, TokenSettings

MEGABYTE = 1024 * 1024
Security = Literal["tls", "starttls", "none"]
_SQLITE = "sqlite:///"
_POSTGRESQL = re.compile(r"postgresql(?:\+psycopg)?://")


@dataclass(frozen=True, kw_only=True)
class Connections:
    """Whom we talk to, passwords included."""

    listener: ListenerSettings | None
    mailboxes: tuple[MailboxSettings, ...]
    submission: SubmissionSettings
    signer: Signer | None
    database: str = field(repr=False)


def read_connections(
    draft: Draft, folder: Path, environment: Mapping[str, str]
) -> tuple[Connections | None, list[Problem]]:
    """The connections that *draft* describes; None when a file or secret is wrong. Paths count from *folder*."""
    reader = _Reader(draft, folder, environment)
    # Read before anything is built, so that every problem is found; a table with mistakes is not built from.
    listener, submission = reader.listener_files(), reader.sending_password()
    passwords = [reader.mailbox_password(one) for one in draft.mailboxes]
    ca_files = [reader.file(place(one.where, "ca_file"), one.table.ca_file) for one in draft.mailboxes]
    sending_ca = reader.file("sending.ca_file", draft.main.sending.ca_file)
    signer = reader.signer()
    database = reader.database()
    reader.alarm()
    if reader.problems or draft.problems:
        return None, reader.problems
    return Connections(
        listener=_listener(draft, *listener),
        mailboxes=tuple(
            _mailbox(draft, one.table, password, ca_file)
            for one, password, ca_file in zip(draft.mailboxes, passwords, ca_files, strict=True)
        ),
        submission=_submission(draft, submission, sending_ca),
        signer=signer,
        database=database,
    ), []


def _listener(draft: Draft, certificate: Path | None, key: Path | None) -> ListenerSettings | None:
    table = draft.main.listener
    if not table.enabled:
        return None
    return ListenerSettings(
        host=table.host,
        port=table.port,
        hostname=_hostname(draft),
        lmtp=table.lmtp,
        max_size=draft.main.limits.mail_megabytes * MEGABYTE,
        timeout=table.timeout_seconds,
        max_connections=table.max_connections,
        certificate=certificate,
        key=key,
    )


def _mailbox(draft: Draft, table: MailboxTable, password: str, ca_file: Path | None) -> MailboxSettings:
    return MailboxSettings(
        name=table.name,
        host=table.host,
        port=table.port,
        user=table.user,
        password=password,
        tokens=_tokens(table, password),
        mechanism=table.login,
        security=cast(Security, table.security),
        ca_file=ca_file,
        folder=table.folder,
        done=table.done,
        failed=table.failed,
        timeout=table.timeout_seconds,
        max_size=draft.main.limits.mail_megabytes * MEGABYTE,
        poll_seconds=table.poll_seconds,
    )


def _submission(draft: Draft, password: str, ca_file: Path | None) -> SubmissionSettings:
    table = draft.main.sending
    return SubmissionSettings(
        host=table.host,
        port=table.port,
        security=cast(Security, table.security),
        user=table.user,
        password=password,
        tokens=_tokens(table, password),
        mechanism=table.login,
        timeout=table.timeout_seconds,
        ca_file=ca_file,
        hostname=_hostname(draft),
    )


def _tokens(table: MailboxTable | SendingTable, secret: str) -> Tokens | None:
    """Where the tokens for this login come from; None when it is by password."""
    if table.login == "password":
        return None
    return Tokens(
        TokenSettings(
            url=table.token_url,
            client_id=table.client_id,
            client_secret=secret,
            scope=table.scope,
            timeout=table.timeout_seconds,
        )
    )


def _hostname(draft: Draft) -> str:
    """What we call ourselves, in greetings both ways."""
    return draft.main.listener.hostname or draft.main.meldpunt.address.rpartition("@")[2]


@dataclass
class _Reader:
    """Fetches what lies outside mailflow.toml, and gathers what is wrong on the way."""

    draft: Draft
    folder: Path
    environment: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, key: str, what: str, remedy: str) -> None:
        self.problems.append(Problem(MAIN, key, what, remedy))

    def file(self, key: str, name: str) -> Path | None:
        """A file that must be there, or None where none is named."""
        if not name:
            return None
        path = self.folder / name
        try:
            with path.open("rb"):
                return path
        except OSError as error:
            self.wrong(key, f"{name} cannot be read ({error.strerror})", "Put the file there, or take the key out.")
            return None

    def listener_files(self) -> tuple[Path | None, Path | None]:
        table = self.draft.main.listener
        certificate, key = self.file("listener.certificate", table.certificate), self.file("listener.key", table.key)
        if key:
            secret = read_secret(key, table.key)
            self.problems += [secret] if isinstance(secret, Problem) else []
        return certificate, key

    def password(self, where: str, variable: str, name: str) -> str | None:
        """The password from the environment or a file; None when there is none, or it is no good."""
        if variable in self.environment:
            return self.environment[variable]
        if not name:
            return None
        secret = read_secret(self.folder / name, name)
        if isinstance(secret, Problem):
            self.problems.append(secret)
            return ""
        if not secret.strip():
            self.wrong(place(where, "password_file"), f"{name} is empty", "Put the password in it, on one line.")
        return secret.strip()

    def sending_password(self) -> str:
        table, variable = self.draft.main.sending, "MAILFLOW_SENDING_PASSWORD"
        found = self.password("sending", variable, table.password_file)
        if table.user and found is None:
            self.wrong("sending.user", "there is no password for this user", _give(variable))
        return found or ""

    def signer(self) -> Signer | None:
        """Who signs our letters; None when nobody does, or when the key is no good."""
        table = self.draft.main.sending
        if bool(table.dkim_selector) != bool(table.dkim_key_file):
            missing = "dkim_key_file" if table.dkim_selector else "dkim_selector"
            self.wrong(f"sending.{missing}", "is missing", "Selector and key go together: give both or none.")
        if not table.dkim_key_file:
            return None
        secret = read_secret(self.folder / table.dkim_key_file, table.dkim_key_file)
        if isinstance(secret, Problem):
            self.problems.append(secret)
            return None
        try:
            key = signing_key(secret)
        except ValueError as error:
            remedy = f"Make one: openssl genrsa -out {table.dkim_key_file} 2048."
            self.wrong("sending.dkim_key_file", f"{table.dkim_key_file}: {error}", remedy)
            return None
        return Signer(self.draft.main.meldpunt.address.rpartition("@")[2], table.dkim_selector, key)

    def mailbox_password(self, one: Entry[MailboxTable]) -> str:
        variable = mailbox_variable(one.table.name)
        found = self.password(one.where, variable, one.table.password_file)
        if found is None:
            self.wrong(place(one.where, "password_file"), "there is no password for this mailbox", _give(variable))
        return found or ""

    def alarm(self) -> None:
        """The last resort must not turn out to be missing on the day it is needed."""
        command = self.draft.main.alarm.command
        if command and shutil.which(command[0]) is None:
            self.wrong("alarm.command", f"{command[0]!r} is no program here", "Write its full path, or leave it [].")

    def database(self) -> str:
        """The database's address, complete: SQLite with an absolute path, PostgreSQL with its password."""
        table = self.draft.main.database
        from_environment = "MAILFLOW_DATABASE_URL" in self.environment
        url = self.environment.get("MAILFLOW_DATABASE_URL", table.url)
        where = "database.url" + (" (from MAILFLOW_DATABASE_URL)" if from_environment else "")
        if url.startswith(_SQLITE):
            return self._sqlite(where, url.removeprefix(_SQLITE))
        if _POSTGRESQL.match(url):
            return self._postgresql(where, url, may_hold_password=from_environment)
        self.wrong(
            where,
            "is no database that mailflow knows",
            'Write "sqlite:///mailflow.sqlite3" or "postgresql://user@host/name".',
        )
        return ""

    def _sqlite(self, where: str, name: str) -> str:
        path = (self.folder / name).absolute()
        try:
            is_file, has_folder = not path.is_dir(), path.parent.is_dir()
        except OSError:  # a name too long
            is_file = has_folder = False
        if not name or "?" in name or not is_file:
            self.wrong(where, "names no file", 'Write a file name, such as "sqlite:///mailflow.sqlite3".')
        elif not has_folder:
            self.wrong(where, f"the folder of {name} is not there", "Make that folder, or write another path.")
        return f"{_SQLITE}{path}"

    def _postgresql(self, where: str, url: str, *, may_hold_password: bool) -> str:
        try:
            parts = urlsplit(url)
            complete = bool(parts.hostname and parts.username and parts.path.strip("/") and parts.port != 0)
        except ValueError:
            complete = False
        if not complete:
            self.wrong(where, "is incomplete", 'Write "postgresql://user@host/name", with a port if it is not 5432.')
            return ""
        if parts.password and not may_hold_password:
            remedy = f"Take it out and change it. {_give('MAILFLOW_DATABASE_PASSWORD')}"
            self.wrong(where, "a password does not stand in this file", remedy)
        if importlib.util.find_spec("psycopg") is None:
            self.wrong(where, "the driver for PostgreSQL is not installed", "Install mailflow[postgres].")
        given = self.password("database", "MAILFLOW_DATABASE_PASSWORD", self.draft.main.database.password_file)
        rest = url.partition("://")[2]
        if given and not parts.password:
            user, _, host = rest.partition("@")
            rest = f"{user}:{quote(given, safe='')}@{host}"
        return f"postgresql+psycopg://{rest}"


def mailbox_variable(name: str) -> str:
    """The environment variable for the password of the mailbox of that name."""
    return f"MAILFLOW_MAILBOX_{name.upper().replace('-', '_')}_PASSWORD"


def _give(variable: str) -> str:
    return f"Name a password_file, or set {variable} in the environment."
