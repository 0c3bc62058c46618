"""What the operator decided: config/ read once, checked as a whole, every mistake told at once."""

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from pathlib import Path
from uuid import UUID

from mailflow.configuration.calendars import DAYS
from mailflow.configuration.config_files import MAIN, MAY_BE_LEFT_OUT, NEEDED
from mailflow.configuration.connections import MEGABYTE, Connections, read_connections
from mailflow.configuration.consistency import SHARED_DOMAINS, compare
from mailflow.configuration.draft import Draft, read_draft
from mailflow.configuration.fingerprint import fingerprint
from mailflow.configuration.logo import logo_problems
from mailflow.configuration.organisations import NeighbourTable
from mailflow.configuration.problems import ConfigError, Problem
from mailflow.configuration.schema import TermsTable
from mailflow.core.known_senders import Clb, FormService
from mailflow.core.neighbours import Neighbour
from mailflow.core.provider import Provider
from mailflow.core.retention import Retention
from mailflow.core.rules import Brakes, Crisis, Desk, ProofRules, Rules, Terms
from mailflow.core.thread import Seal
from mailflow.intake.imap_settings import MailboxSettings
from mailflow.intake.smtp_settings import ListenerSettings
from mailflow.keys import Keys, new_keys, read_keys
from mailflow.outgoing.submission import SubmissionSettings
from mailflow.reading.documents.limits import DocumentLimits
from mailflow.reading.mime import MimeLimits
from mailflow.shipped import shipped
from mailflow.signing import Signer


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that was configured."""

    folder: Path | None
    """The config folder; None for the shipped defaults."""
    rules: Rules = field(repr=False)
    listener: ListenerSettings | None
    """None: nothing listens, mail comes from a mailbox."""
    mailboxes: tuple[MailboxSettings, ...]
    submission: SubmissionSettings
    letters_per_minute: int
    """To one domain, at most."""
    signer: Signer | None
    """Who signs our letters (DKIM); None: nobody here."""
    database: str = field(repr=False)
    """An SQLAlchemy URL, complete: SQLite with an absolute path (in memory for the shipped defaults)."""
    keys: Keys
    keys_folder: Path | None
    """Where the keys are, and erased.log beside them; None for the shipped defaults."""
    templates: Path
    limits: MimeLimits
    documents: DocumentLimits
    keep_free: int
    seconds_per_document: int
    document_megabytes: int
    log_format: str
    """text or json."""
    log_level: str
    health_port: int
    """Where /healthz, /readyz and /metrics answer, on loopback; 0: nowhere."""
    alarm: tuple[str, ...]
    """A command and its arguments, run without a shell when mail itself is down; empty: none."""
    demo_clock: Path | None
    instance: str
    """Names this installation in a header of our letters, so that we know them when they come back."""


def load(folder: Path | None, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings in *folder*, or the shipped defaults with fresh keys; ConfigError holds every problem."""
    settings, problems = _read(folder, os.environ if environment is None else environment)
    if settings is None:
        raise ConfigError(problems)
    return settings


def check(folder: Path | None, environment: Mapping[str, str] | None = None) -> list[Problem]:
    """All that keeps mailflow from starting on *folder*, file by file; empty when it can."""
    return _read(folder, os.environ if environment is None else environment)[1]


def instance_of(keys: Keys) -> str:
    """The name of the installation with these keys: from the oldest seal key, so that a new one changes nothing."""
    return str(UUID(bytes=hmac.digest(keys.seal[-1].secret, b"mailflow instance", hashlib.sha256)[:16], version=4))


def _read(folder: Path | None, environment: Mapping[str, str]) -> tuple[Settings | None, list[Problem]]:
    here = shipped("config") if folder is None else folder.absolute()
    if not here.is_dir():
        return None, [_no_folder(folder or here)]
    try:
        draft = read_draft(here)
    except PermissionError:
        return None, [Problem(str(folder), "", "this folder cannot be read", "Give the user who runs mailflow access.")]
    keys = (
        new_keys() if folder is None else read_keys(here / draft.main.keys.folder, draft.main.keys.folder, environment)
    )
    problems = [*draft.problems, *compare(draft, environment), *(keys if isinstance(keys, list) else [])]
    connections, wrong = read_connections(draft, here, environment)
    problems += [*wrong, *logo_problems(here, draft.main.meldpunt.logo)]
    if problems or connections is None or isinstance(keys, list):
        return None, _by_file(problems)
    settings = _settings(draft, connections, keys, here)
    if folder is None:
        settings = replace(settings, folder=None, keys_folder=None, database="sqlite://")
    return settings, []


def _by_file(problems: list[Problem]) -> list[Problem]:
    """Each problem once, those of one file together."""
    files = [*NEEDED, *MAY_BE_LEFT_OUT, *(one.file for one in problems)]
    return sorted(dict.fromkeys(problems), key=lambda one: files.index(one.file))


def _no_folder(folder: Path) -> Problem:
    if folder.exists():
        return Problem(str(folder), "", "this is no folder", f"Name the folder that {MAIN} stands in.")
    remedy = f"Make one with 'mailflow init {folder}', or name another with --config."
    return Problem(str(folder), "", "this folder does not exist", remedy)


def _settings(draft: Draft, connections: Connections, keys: Keys, here: Path) -> Settings:
    main = draft.main
    own_templates = here / "templates"
    return Settings(
        folder=here,
        rules=_rules(draft, keys, here),
        listener=connections.listener,
        mailboxes=connections.mailboxes,
        submission=connections.submission,
        letters_per_minute=main.sending.per_minute,
        signer=connections.signer,
        database=connections.database,
        keys=keys,
        keys_folder=here / main.keys.folder,
        templates=own_templates if own_templates.is_dir() else shipped("templates"),
        limits=MimeLimits(
            mail_bytes=main.limits.mail_megabytes * MEGABYTE,
            parts=main.limits.parts,
            nesting=main.limits.nesting,
            attachment_bytes=main.limits.unpacked_megabytes * MEGABYTE,
        ),
        documents=DocumentLimits(
            unpacked_bytes=main.limits.document_megabytes * 1_000_000,
            pages=main.limits.document_pages,
            cells=main.limits.document_cells,
            characters=main.limits.document_characters,
            members=main.limits.document_files,
        ),
        keep_free=main.limits.keep_free_megabytes * MEGABYTE,
        seconds_per_document=main.limits.seconds,
        document_megabytes=main.limits.memory_megabytes,
        log_format=main.log.format,
        log_level=main.log.level,
        health_port=main.health.port,
        alarm=tuple(main.alarm.command),
        demo_clock=here / main.demo.clock if main.demo.clock else None,
        instance=instance_of(keys),
    )


def _rules(draft: Draft, keys: Keys, here: Path) -> Rules:
    main = draft.main
    rules = Rules(
        desk=Desk(
            **{
                **main.meldpunt.model_dump(),
                "workers": tuple(main.meldpunt.workers),
                "logo": str(here / main.meldpunt.logo) if main.meldpunt.logo else "",
            }
        ),
        calendar=draft.calendars.desk,
        clb_calendar=draft.calendars.clb,
        digest_at=time.fromisoformat(main.digest.at),
        digest_again_at=time.fromisoformat(main.digest.again_at),
        overview_on=DAYS.index(main.overview.day),
        overview_at=time.fromisoformat(main.overview.at),
        figures_on=tuple(map(_month_and_day, main.figures.on)),
        survey_days=main.figures.survey_reminder,
        next_year_on=_month_and_day(main.overview.next_year_on),
        terms=_terms(main.terms),
        brakes=Brakes(**main.brakes.model_dump()),
        crisis=Crisis(
            words=tuple(main.crisis.words),
            numbers=tuple(main.crisis.numbers),
            letters_a_day=main.crisis.letters_a_day,
        ),
        retention=Retention(**main.retention.model_dump()),
        clbs=_clbs(draft),
        form_services=tuple(FormService(**one.table.model_dump()) for one in draft.form_services),
        neighbours=tuple(_neighbour(one.table) for one in draft.neighbours),
        providers=_providers(draft),
        fields=draft.fields,
        places=draft.places,
        worded=draft.worded,
        proof=ProofRules(
            authserv_id=main.proof.authserv_id,
            own_hosts=tuple(host.lower() for host in main.proof.own_hosts),
            relays=tuple(main.proof.relays),
            exchange_online=main.proof.exchange_online,
            arc_sealers=tuple(main.proof.arc_sealers),
            shared_domains=SHARED_DOMAINS | {*main.proof.shared_domains},
        ),
        seal=Seal(tuple(key.secret for key in keys.seal)),
    )
    return replace(rules, fingerprint=fingerprint(rules))


def _neighbour(table: NeighbourTable) -> Neighbour:
    ranges = (text.partition("-") for text in table.postcodes)
    return Neighbour(table.name, table.address, table.phone, tuple((first, last) for first, _, last in ranges))


def _month_and_day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)


def _terms(table: TermsTable) -> Terms:
    written = table.model_dump()
    return Terms(
        waitlist_review=timedelta(weeks=written.pop("waitlist_review_weeks")),
        pause=timedelta(minutes=written.pop("pause_minutes")),
        receipt=timedelta(minutes=written.pop("receipt_minutes")),
        **written,
    )


def _clbs(draft: Draft) -> tuple[Clb, ...]:
    return tuple(
        Clb(
            **{
                **one.table.model_dump(),
                "domains": tuple(one.table.domains),
                "addresses": tuple(address.lower() for address in one.table.addresses),
                "schools": tuple(one.table.schools),
                "municipalities": tuple(one.table.municipalities),
            }
        )
        for one in draft.clbs
    )


def _providers(draft: Draft) -> dict[str, Provider]:
    providers = {}
    for one, calendar in zip(draft.providers, draft.provider_calendars, strict=True):
        table = one.table
        lists = {name: tuple(getattr(table, name)) for name in ("addresses", "domains", "synonyms")}
        sets = {name: frozenset(getattr(table, name)) for name in ("regions", "subjects")}
        providers[table.key] = Provider(**{**table.model_dump(), **lists, **sets, "calendar": calendar})
    return providers
