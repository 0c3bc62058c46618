"""The mails as they came in: kept once, whatever way and however often they arrive."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from mailflow.core.mail import Envelope
from mailflow.core.thread import hints
from mailflow.storage import tasks
from mailflow.storage.content_key import content_of, head_of
from mailflow.storage.engine import Database
from mailflow.storage.tables import ARRIVAL, CARE_CASE, MAIL
from mailflow.storage.vault import Vault


@dataclass(frozen=True, kw_only=True)
class MailResult:
    """What became of the mail that a decision was about."""

    mail_id: int
    outcome: str
    trace: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class MailLine:
    """A mail as lists show it: no personal data."""

    id: int
    received_at: datetime
    size: int
    state: str
    outcome: str
    reference: str | None


class Mails:
    """Every question asked of the tables mail and arrival."""

    def __init__(self, database: Database, vault: Vault, new_uuid: Callable[[], str]) -> None:
        """*new_uuid* gives 32 hex digits for a new row."""
        self.database = database
        self._vault = vault
        self._new_uuid = new_uuid

    def receive(self, raw: bytes, envelope: Envelope, now: datetime) -> int:
        """Keep a mail and its task "read" durably; its id. The same mail again is one more arrival [commit 1]."""
        key = self._vault.digest(content_of(raw))
        uuid, arrival_uuid = self._new_uuid(), self._new_uuid()
        sealed = self._vault.seal(raw, "mail", uuid, "sealed")
        hint = " ".join(hints(f"{' '.join(envelope.recipients)}\n{head_of(raw)}"))
        letter = self._vault.seal(json.dumps(asdict(envelope)).encode(), "arrival", arrival_uuid, "envelope")
        with self.database.write() as tx:
            known = tx.execute(select(MAIL.c.id).where(MAIL.c.content_key == key)).scalar()
            mail_id = (
                known
                or tx.execute(
                    insert(MAIL)
                    .returning(MAIL.c.id)
                    .values(
                        uuid=uuid,
                        content_key=key,
                        received_at=now,
                        size=len(raw),
                        state="unread",
                        outcome="",
                        hint=hint,
                        sealed=sealed,
                    )
                ).scalar_one()
            )
            tx.execute(
                insert(ARRIVAL).values(uuid=arrival_uuid, mail_id=mail_id, at=now, via=envelope.via, envelope=letter)
            )
            if known is None:
                tasks.add(tx, "read", now, mail_id=mail_id)
        return int(mail_id)

    def raw(self, mail_id: int) -> bytes:
        """The bytes as they came."""
        with self.database.read() as tx:
            row = tx.execute(select(MAIL.c.uuid, MAIL.c.sealed).where(MAIL.c.id == mail_id)).one()
        return self._vault.open(row.sealed, "mail", row.uuid, "sealed")

    def arrivals(self, mail_id: int) -> tuple[Envelope, ...]:
        """How a mail came in, first arrival first."""
        with self.database.read() as tx:
            rows = (
                tx.execute(select(ARRIVAL).where(ARRIVAL.c.mail_id == mail_id).order_by(ARRIVAL.c.id)).mappings().all()
            )
        found = []
        for row in rows:
            values = json.loads(self._vault.open(row["envelope"], "arrival", row["uuid"], "envelope"))
            found.append(Envelope(**{**values, "recipients": tuple(values["recipients"])}))
        return tuple(found)

    def line(self, mail_id: int) -> MailLine | None:
        """One mail, or None."""
        return next(iter(self.lines(mail_id=mail_id)), None)

    def lines(
        self,
        *,
        mail_id: int | None = None,
        outcomes: Sequence[str] = (),
        since: datetime | None = None,
        limit: int = 100,
    ) -> list[MailLine]:
        """The newest mails, with these outcomes, since then."""
        query = select(MAIL, CARE_CASE.c.reference).join(CARE_CASE, CARE_CASE.c.id == MAIL.c.case_id, isouter=True)
        if mail_id is not None:
            query = query.where(MAIL.c.id == mail_id)
        if outcomes:
            query = query.where(MAIL.c.outcome.in_([*outcomes]))
        if since is not None:
            query = query.where(MAIL.c.received_at >= since)
        with self.database.read() as tx:
            rows = tx.execute(query.order_by(MAIL.c.id.desc()).limit(limit)).mappings().all()
        return [_line(row) for row in rows]

    def trace(self, mail_id: int) -> tuple[str, ...]:
        """Every question asked of a mail, with its answer."""
        with self.database.read() as tx:
            row = tx.execute(select(MAIL.c.uuid, MAIL.c.trace).where(MAIL.c.id == mail_id)).one()
        return tuple(json.loads(self._vault.open(row.trace, "mail", row.uuid, "trace"))) if row.trace else ()

    def of_case(self, case_id: int) -> tuple[int, ...]:
        """The mails of a case, oldest first."""
        with self.database.read() as tx:
            return tuple(tx.execute(select(MAIL.c.id).where(MAIL.c.case_id == case_id).order_by(MAIL.c.id)).scalars())

    def keep_result(self, tx: Connection, mail: MailResult, case_id: int | None) -> None:
        """What became of a mail, within a transaction."""
        uuid = tx.execute(select(MAIL.c.uuid).where(MAIL.c.id == mail.mail_id)).scalar_one()
        trace = self._vault.seal(json.dumps(mail.trace).encode(), "mail", uuid, "trace")
        tx.execute(
            update(MAIL)
            .where(MAIL.c.id == mail.mail_id)
            .values(state="read", outcome=mail.outcome, case_id=case_id, trace=trace)
        )

    def stuck(self, mail_id: int) -> None:
        """A mail that we could not read: intact, shown in the digest, blocks what it may concern."""
        with self.database.write() as tx:
            tx.execute(update(MAIL).where(MAIL.c.id == mail_id).values(state="stuck"))

    def blocked(self, reference: str) -> bool:
        """Whether a mail that mentions this case is still unread or stuck."""
        waiting = MAIL.c.state.in_(["unread", "stuck"])
        with self.database.read() as tx:
            hints_ = tx.execute(select(MAIL.c.hint).where(waiting, MAIL.c.hint != "")).scalars().all()
        return any(reference in hint.split() for hint in hints_)


def _line(row: RowMapping) -> MailLine:
    return MailLine(
        id=row["id"],
        received_at=row["received_at"],
        size=row["size"],
        state=row["state"],
        outcome=row["outcome"],
        reference=row["reference"],
    )
