"""The tables. What a person wrote or is named in is a sealed (encrypted) column; the rest is ids, codes and times."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Index, LargeBinary, Table, UniqueConstraint, text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

SQLModel.model_config["defer_build"] = True  # rows are read and written as tuples: nothing is ever checked by Pydantic
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; SQLite forgets the zone, so that it is put back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC for the database; a naive moment is a bug."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be kept")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware, in UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """SQLite keeps text: Python's own way to write and read it is several times faster than SQLAlchemy's."""
        if dialect.name != "sqlite":
            return super().bind_processor(dialect)

        def as_text(value: datetime | None) -> str | None:
            moment = value if value is not None and value.tzinfo is UTC else self.process_bind_param(value, dialect)
            return None if moment is None else moment.isoformat(" ", "microseconds")[: -len("+00:00")]

        return as_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """As above."""
        return _of_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _of_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


_HINTS = text("hint != ''")
"""Most mails mention no case."""


class Mail(SQLModel, table=True):
    """A mail as it came, once; *sealed* holds the raw bytes, *trace* why it was treated as it was."""

    __table_args__ = (
        Index("ix_mail_state_case_id", "state", "case_id"),
        Index("ix_mail_outcome_state", "outcome", "state"),
        Index("ix_mail_state_hint", "state", "hint", sqlite_where=_HINTS, postgresql_where=_HINTS),
    )

    id: int | None = Field(default=None, primary_key=True)
    uuid: str = Field(max_length=32)
    content_key: str = Field(max_length=64, unique=True)
    received_at: datetime = Field(sa_type=Moment)
    size: int
    state: str = Field(max_length=10)
    """unread, read, stuck, or erased: then *sealed* is empty."""
    outcome: str = Field(default="", max_length=20)
    hint: str = ""
    """References that its head mentions, for caution only."""
    case_id: int | None = Field(default=None, foreign_key="care_case.id", index=True)
    sealed: bytes = Field(sa_type=LargeBinary)
    trace: bytes | None = Field(default=None, sa_type=LargeBinary)


class Arrival(SQLModel, table=True):
    """One way a mail came in: a second arrival of the same mail adds a row and no second mail."""

    id: int | None = Field(default=None, primary_key=True)
    uuid: str = Field(max_length=32)
    mail_id: int = Field(foreign_key="mail.id", index=True)
    at: datetime = Field(sa_type=Moment)
    via: str = Field(max_length=10)
    reference: str = Field(default="", max_length=20)
    """The case that a seal of ours among its recipients names."""
    origin: str = Field(default="", max_length=120)
    """Where it lay, so that the same copy read twice is one arrival; "" when it was not read from a mailbox."""
    envelope: bytes = Field(sa_type=LargeBinary)


class CareCase(SQLModel, table=True):
    """A cache of what the events of a case replay to, and when to look at it again."""

    __tablename__ = "care_case"
    __table_args__ = (
        Index("ix_care_case_state_due_at", "state", "due_at"),
        Index("ix_care_case_provider_state", "provider", "state"),
        Index("ix_care_case_nameless_state_since", "nameless", "state", "since"),
    )

    id: int | None = Field(default=None, primary_key=True)
    reference: str = Field(max_length=20, unique=True)
    state: str = Field(max_length=20)
    since: datetime = Field(sa_type=Moment)
    opened_at: datetime = Field(sa_type=Moment, index=True)
    provider: str = Field(default="", max_length=60)
    seen: int
    chain: str = Field(max_length=64)
    turn: str = Field(default="", max_length=10)
    what: str = Field(default="", max_length=20)
    due_at: datetime | None = Field(default=None, sa_type=Moment)
    look_at: datetime | None = Field(default=None, sa_type=Moment, index=True)
    fingerprint: str = Field(default="", max_length=64)
    pupil_key: str | None = Field(default=None, max_length=64, index=True)
    """A keyed fingerprint of the pupil's name and birth date, "" without a birth date; None: not made yet."""
    name_key: str | None = Field(default=None, max_length=64, index=True)
    """The same of the name alone."""
    family_key: str | None = Field(default=None, max_length=64, index=True)
    """The same of the last name and birth date, by which the desk looks a pupil up."""
    nameless: bool = False
    """Whether what its form said is erased: years gone by hold nothing more that must go."""


class Referral(SQLModel, table=True):
    """The personal part of a case: its form's values and the addresses of its parties, sealed."""

    case_id: int = Field(primary_key=True, foreign_key="care_case.id")
    uuid: str = Field(max_length=32)
    sealed: bytes = Field(sa_type=LargeBinary)


class Event(SQLModel, table=True):
    """What happened to a case; only added. *mac* chains it to the event before."""

    __table_args__ = (Index("ix_event_kind_at", "kind", "at"),)

    case_id: int = Field(primary_key=True, foreign_key="care_case.id")
    number: int = Field(primary_key=True)
    at: datetime = Field(sa_type=Moment)
    kind: str = Field(max_length=30)
    party: str = Field(max_length=10)
    codes: str
    mac: str = Field(max_length=64)


class Letter(SQLModel, table=True):
    """A rendered letter: its bytes never change, so that a second try is the same mail."""

    __table_args__ = (
        UniqueConstraint("case_id", "number"),
        Index("ix_letter_address_key_written_at_kind", "address_key", "written_at", "kind"),
        Index("ix_letter_role_kind_written_at", "role", "kind", "written_at"),
        Index("ix_letter_state_sent_at", "state", "sent_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    uuid: str = Field(max_length=32)
    case_id: int | None = Field(default=None, foreign_key="care_case.id")
    mail_id: int | None = Field(default=None, index=True)
    """The mail that a letter of no case is about."""
    number: int = 0
    kind: str = Field(max_length=30)
    role: str = Field(max_length=10)
    address: bytes = Field(sa_type=LargeBinary)
    address_key: str = Field(max_length=64)
    content: bytes = Field(sa_type=LargeBinary)
    state: str = Field(max_length=10)
    """waiting, sent, void or refused; once it is erased *content* and *address* are empty."""
    written_at: datetime = Field(sa_type=Moment)
    first_try_at: datetime | None = Field(default=None, sa_type=Moment)
    sent_at: datetime | None = Field(default=None, sa_type=Moment)


class Task(SQLModel, table=True):
    """Work to do: ids only. *fence* rises with every claim, so that a worker that lost its lease cannot finish."""

    __table_args__ = (
        Index("ix_task_state_due_at_id", "state", "due_at", "id"),
        Index("ix_task_state_kind_due_at_id", "state", "kind", "due_at", "id"),
        Index("ix_task_lane_due_at_id", "lane", "due_at", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=10)
    mail_id: int | None = Field(default=None, foreign_key="mail.id", index=True)
    case_id: int | None = Field(default=None, foreign_key="care_case.id", index=True)
    letter_id: int | None = Field(default=None, foreign_key="letter.id", index=True)
    due_at: datetime = Field(sa_type=Moment)
    state: str = Field(max_length=10)
    """ready, running, stuck, or done (kept only for once-only work)."""
    attempts: int = 0
    faults: int = 0
    """How often our own code failed at it, or a process died over it."""
    holder: str = Field(default="", max_length=40)
    lease_until: datetime | None = Field(default=None, sa_type=Moment)
    fence: int = 0
    unique_key: str | None = Field(default=None, max_length=60, unique=True)
    lane: str | None = Field(default=None, max_length=70)
    """Work of one lane is done one after the other, in the order in which it is due, whoever does it; None: of none."""
    why: str = ""


class Tombstone(SQLModel, table=True):
    """Something was erased: when, why, and how much. The digest counts these; erased.log repeats what was asked for."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Moment, index=True)
    reference: str = Field(default="", max_length=20, index=True)
    """Its case, or "" for mails of no case."""
    what: str = Field(max_length=10)
    """mails, values, all; or loose, for mails of no case."""
    mails: int
    letters: int


class Expunge(SQLModel, table=True):
    """A copy of an erased mail that must still leave a mailbox; the row goes when it is gone from there."""

    id: int | None = Field(default=None, primary_key=True)
    uuid: str = Field(max_length=32)
    mailbox: str = Field(max_length=40, index=True)
    content_key: str = Field(max_length=64)
    message_id: bytes = Field(sa_type=LargeBinary)
    size: int


class Audit(SQLModel, table=True):
    """Who looked at, handed out or erased what; only added. *mac* chains it to the line before."""

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=Moment)
    who: str = Field(max_length=60)
    what: str = Field(max_length=20)
    about: str = Field(max_length=40)
    mac: str = Field(max_length=64)


class ProviderState(SQLModel, table=True):
    """What a provider reported about itself."""

    __tablename__ = "provider_state"

    provider: str = Field(primary_key=True, max_length=60)
    full_until: date | None = None


class SenderRule(SQLModel, table=True):
    """A sender whom the desk told us to remember; *who* is a full address, or @ and a domain."""

    __tablename__ = "sender_rule"

    id: int | None = Field(default=None, primary_key=True)
    uuid: str = Field(max_length=32)
    who_key: str = Field(max_length=64, unique=True)
    who: bytes = Field(sa_type=LargeBinary)
    meaning: str = Field(max_length=10)
    clb: str = Field(default="", max_length=60)
    since: datetime = Field(sa_type=Moment)


class ClosedDays(SQLModel, table=True):
    """The desk told that it is closed on these days, both included."""

    __tablename__ = "closure"

    first: date = Field(primary_key=True)
    last: date = Field(primary_key=True)


class Signal(SQLModel, table=True):
    """A signal for the working group, without names; the desk can drop it, and then the row goes."""

    mail_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """The mail that brought it, also once that is erased."""
    uuid: str = Field(max_length=32)
    at: datetime = Field(sa_type=Moment)
    role: str = Field(max_length=10)
    """clb, provider or desk."""
    text: bytes = Field(sa_type=LargeBinary)


class SurveyReply(SQLModel, table=True):
    """A CLB that was asked about the needs of the under-12s, and what it answered."""

    __tablename__ = "survey_reply"

    survey: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """The school year that it is about, by the year that this begins in."""
    clb: str = Field(primary_key=True, max_length=60)
    uuid: str = Field(max_length=32)
    asked_at: datetime = Field(sa_type=Moment)
    reminded_at: datetime | None = Field(default=None, sa_type=Moment)
    answered_at: datetime | None = Field(default=None, sa_type=Moment)
    counts: str = Field(default="{}", max_length=200)
    """Question -> number, as JSON."""
    words: bytes = Field(default=b"", sa_type=LargeBinary)
    """Question -> words without people, sealed JSON; empty: none."""


class Counter(SQLModel, table=True):
    """Numbers that are given out once: gaps are fine, doubles are not."""

    name: str = Field(primary_key=True, max_length=40)
    value: int


class Lease(SQLModel, table=True):
    """What only one process may do at a time; *fence* rises with every new holder."""

    name: str = Field(primary_key=True, max_length=60)
    holder: str = Field(default="", max_length=40)
    held_until: datetime = Field(sa_type=Moment)
    fence: int


class MailboxCursor(SQLModel, table=True):
    """How far a mailbox was read. Only a note: what is read again is known by its content."""

    __tablename__ = "mailbox_cursor"

    mailbox: str = Field(primary_key=True, max_length=40)
    uid_validity: int = Field(sa_type=BigInteger)
    uid: int = Field(sa_type=BigInteger)
    """The highest that was dealt with."""
    set_aside: int
    """How many mails lie in the folder for what could not be fetched."""
    read_at: datetime = Field(sa_type=Moment)


class Pause(SQLModel, table=True):
    """What the operator halted: send, or all."""

    what: str = Field(primary_key=True, max_length=10)
    since: datetime = Field(sa_type=Moment)


def table_of(model: type[SQLModel]) -> Table:
    """The Core table of a model: statements on it are several times faster than objects."""
    table: Any = model.__table__  # type: ignore[attr-defined]  # SQLModel sets it at run time
    assert isinstance(table, Table)  # noqa: S101 - tells mypy what it is
    return table


MAIL, ARRIVAL, CARE_CASE, REFERRAL = (table_of(m) for m in (Mail, Arrival, CareCase, Referral))
EVENT, LETTER, TASK = (table_of(m) for m in (Event, Letter, Task))
SENDER_RULE, CLOSURE = (table_of(m) for m in (SenderRule, ClosedDays))
SIGNAL, SURVEY_REPLY = (table_of(m) for m in (Signal, SurveyReply))
TOMBSTONE, EXPUNGE, AUDIT = (table_of(m) for m in (Tombstone, Expunge, Audit))
PROVIDER_STATE, COUNTER, PAUSE = (table_of(m) for m in (ProviderState, Counter, Pause))
LEASE, MAILBOX_CURSOR = (table_of(m) for m in (Lease, MailboxCursor))
