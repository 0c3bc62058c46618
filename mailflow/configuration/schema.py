"""What may stand in mailflow.toml: each key, its kind and its default."""

from dataclasses import dataclass, fields
from typing import Annotated

from pydantic import Field, field_validator

from mailflow.configuration.calendars import DAYS
from mailflow.configuration.kinds import (
    Address,
    Addresses,
    Count,
    DayOfYear,
    Days,
    DaysOfYear,
    Domain,
    Domains,
    Host,
    Ip,
    Many,
    Megabytes,
    Minutes,
    Months,
    Name,
    Phone,
    Port,
    PortOrNone,
    Required,
    Seconds,
    Selector,
    Text,
    TimeOfDay,
    Weeks,
    at_least_one,
    needed,
    one_of,
    wrong,
)
from mailflow.configuration.mistakes import Table
from mailflow.core.rules import Brakes, Crisis, Terms
from mailflow.reading.documents.limits import DocumentLimits

_TERMS = Terms()
_BRAKES = Brakes()
_DOCUMENT = DocumentLimits()
_CRISIS = Crisis()

Login = Annotated[str, one_of("password", "xoauth2", "oauthbearer")]


class MeldpuntTable(Table):
    """[meldpunt]: who we are."""

    name: Required = ""
    address: Annotated[Address, needed("meldpunt@meldpunt.example")] = ""
    phone: Annotated[Phone, needed("016 00 00 00")] = ""
    workers: Annotated[Addresses, at_least_one("medewerker@meldpunt.example")] = Field(default_factory=list)
    stand_in: Address = ""
    stand_in_after: Count = 3
    plus_addressing: bool = True
    logo: Text = ""
    copy_at_end: bool = True

    @field_validator("address")
    @classmethod
    def _leaves_room(cls, address: str) -> str:
        """A reply address is ours plus `+msi-2026-0000042.` and a seal: 28 of the 64 octets of RFC 5321 4.5.3.1.1."""
        local = address.rpartition("@")[0]
        if len(local) > 36 or "+" in local:
            raise wrong("reply addresses cannot be made from this one", "Use at most 36 signs and no + before the @.")
        return address


class ListenerTable(Table):
    """[listener]: SMTP or LMTP in."""

    enabled: bool = True
    host: Host = "127.0.0.1"
    port: Port = 2525
    hostname: Domain = ""
    lmtp: bool = False
    certificate: Text = ""
    key: Text = ""
    timeout_seconds: Seconds = 300
    max_connections: Count = 50


class MailboxTable(Table):
    """[[mailbox]]: one IMAP mailbox that we read."""

    name: Annotated[Name, needed("meldpunt")] = ""
    host: Host = ""
    port: Port = 993
    security: Annotated[str, one_of("tls", "starttls", "none")] = "tls"
    user: Required = ""
    login: Login = "password"
    password_file: Text = ""
    token_url: Text = ""
    client_id: Text = ""
    scope: Text = ""
    folder: Required = "INBOX"
    done: Required = "Verwerkt"
    failed: Required = "Te bekijken"
    poll_seconds: Seconds = 60
    timeout_seconds: Seconds = 60
    ca_file: Text = ""


class SendingTable(Table):
    """[sending]: the server that takes our letters."""

    host: Host = "127.0.0.1"
    port: Port = 2526
    security: Annotated[str, one_of("tls", "starttls", "none")] = "none"
    user: Text = ""
    login: Login = "password"
    password_file: Text = ""
    token_url: Text = ""
    client_id: Text = ""
    scope: Text = ""
    timeout_seconds: Seconds = 60
    ca_file: Text = ""
    per_minute: Count = 30
    dkim_selector: Selector = ""
    dkim_key_file: Text = ""


class DatabaseTable(Table):
    """[database]: where everything is kept."""

    url: Required = "sqlite:///mailflow.sqlite3"
    password_file: Text = ""


class KeysTable(Table):
    """[keys]: the folder with the three keys."""

    folder: Required = "keys"


class ProofTable(Table):
    """[proof]: our own mail host's results."""

    authserv_id: Text = ""
    own_hosts: list[Host] = Field(default_factory=list)
    relays: list[Ip] = Field(default_factory=["127.0.0.1", "::1"].copy)
    exchange_online: bool = False
    arc_sealers: Domains = Field(default_factory=list)
    shared_domains: Domains = Field(default_factory=list)


class TermsTable(Table):
    """[terms]: agreements on how long things may take."""

    contact_after_reminder: Days = _TERMS.contact_after_reminder
    decision: Days = _TERMS.decision
    keep: Days = _TERMS.keep
    start: Days = _TERMS.start
    feedback: Days = _TERMS.feedback
    info: Days = _TERMS.info
    confirmation: Days = _TERMS.confirmation
    clb: Days = _TERMS.clb
    choice: Days = _TERMS.choice
    clarity: Days = _TERMS.clarity
    wait: Days = _TERMS.wait
    waitlist_review_weeks: Weeks = 4
    pause_minutes: Minutes = 15
    receipt_minutes: Annotated[Minutes, Field(ge=1)] = 15


class DigestTable(Table):
    """[digest]: the daily mail to the desk."""

    at: TimeOfDay = "08:30"
    again_at: TimeOfDay = "13:00"


class OverviewTable(Table):
    """[overview]: the weekly mail to each party."""

    day: Annotated[str, one_of(*DAYS)] = "tue"
    at: TimeOfDay = "09:00"
    next_year_on: DayOfYear = "06-15"


class FiguresTable(Table):
    """[figures]: the report for the working group, and the survey."""

    on: DaysOfYear = Field(default_factory=["01-15", "05-15", "09-15"].copy)
    survey_reminder: Days = 10


class RetentionTable(Table):
    """[retention]: how long things are kept."""

    mails_months: Months = 6
    form_months: Months = 12
    quarantine_days: Days = 30


class LimitsTable(Table):
    """[limits]: what one mail may cost."""

    mail_megabytes: Megabytes = 25
    parts: Count = 200
    nesting: Annotated[int, Field(ge=1, le=100)] = 20
    unpacked_megabytes: Megabytes = 100
    seconds: Seconds = 20
    keep_free_megabytes: Annotated[int, Field(ge=0, le=1_000_000)] = 100
    memory_megabytes: Annotated[int, Field(ge=300, le=100_000)] = 1000
    document_megabytes: Megabytes = _DOCUMENT.unpacked_bytes // 1_000_000
    document_pages: Count = _DOCUMENT.pages
    document_cells: Many = _DOCUMENT.cells
    document_characters: Many = _DOCUMENT.characters
    document_files: Count = _DOCUMENT.members


class BrakesTable(Table):
    """[brakes]: how many letters a day at most."""

    letters_a_day: Count = _BRAKES.letters_a_day
    answers_a_day: Count = _BRAKES.answers_a_day
    talk_a_day: Count = _BRAKES.talk_a_day
    held_a_day: Count = _BRAKES.held_a_day
    held_in_all_a_day: Count = _BRAKES.held_in_all_a_day


class CrisisTable(Table):
    """[crisis]: words that point to danger for somebody, and whom to phone."""

    words: list[Text] = Field(default_factory=[*_CRISIS.words].copy)
    numbers: list[Text] = Field(default_factory=[*_CRISIS.numbers].copy)
    letters_a_day: Count = _CRISIS.letters_a_day


class LogTable(Table):
    """[log]: how the service reports."""

    format: Annotated[str, one_of("text", "json")] = "text"
    level: Annotated[str, one_of("debug", "info", "warning", "error")] = "info"


class HealthTable(Table):
    """[health]: pages for monitors."""

    port: PortOrNone = 0


class AlarmTable(Table):
    """[alarm]: what is run when mail itself is down."""

    command: list[Text] = Field(default_factory=list)


class DemoTable(Table):
    """[demo]: only for the demo."""

    clock: Text = ""


@dataclass(frozen=True, kw_only=True)
class Main:
    """The sections of mailflow.toml, [[mailbox]] apart."""

    meldpunt: MeldpuntTable
    listener: ListenerTable
    sending: SendingTable
    database: DatabaseTable
    keys: KeysTable
    proof: ProofTable
    terms: TermsTable
    digest: DigestTable
    overview: OverviewTable
    figures: FiguresTable
    retention: RetentionTable
    limits: LimitsTable
    brakes: BrakesTable
    crisis: CrisisTable
    log: LogTable
    health: HealthTable
    alarm: AlarmTable
    demo: DemoTable


SECTIONS: dict[str, type[Table]] = {one.name: one.type for one in fields(Main) if isinstance(one.type, type)}
