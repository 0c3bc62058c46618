"""The mails as they came in: kept once, whatever way and however often they arrive."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    bindparam,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    update,
)

from mailflow.core.decision import Outcome, Settled
from mailflow.core.mail import Envelope
from mailflow.core.rules import Rules
from mailflow.core.thread import hints, sealed_case
from mailflow.storage import tasks
from mailflow.storage.arrivals import COPY, NAMES, arrival_key, brings_news, lay_there
from mailflow.storage.cases import MovedOn, StoredCase
from mailflow.storage.content_key import content_of, head_of, headed
from mailflow.storage.copies import Copies
from mailflow.storage.engine import INSERTS, Database
from mailflow.storage.quick import prepared
from mailflow.storage.siblings import mail_that_opened, opened_together
from mailflow.storage.tables import ARRIVAL, CARE_CASE, MAIL
from mailflow.storage.vault import Vault

WAITING = (Outcome.HELD, Outcome.QUARANTINED)
"""Of no case: the desk says what it is."""
SETTLED = (Outcome.REFERRAL, Outcome.SETTLED)
"""It made a case, or the desk dealt with it: one more copy cannot add to that."""
MOST_COPIES = 20
"""Of one mail, that are looked at together: the first and the newest."""
KEPT = ("unread", "read", "stuck")
"""States of a mail that is not erased."""
WAITS = (MAIL.c.outcome.in_(WAITING), MAIL.c.case_id.is_(None), MAIL.c.state == "read")


@dataclass(frozen=True, kw_only=True)
class MailResult:
    """What became of the mail that a decision was about."""

    mail_id: int
    outcome: str
    trace: tuple[str, ...]
    arrivals: int = 0
    """How many arrivals were looked at; 0: only its own one."""


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

    def __init__(
        self, database: Database, vault: Vault, rules: Rules, new_uuid: Callable[[], str], copies: Copies
    ) -> None:
        """*new_uuid* gives 32 hex digits for a new row."""
        self._copies = copies
        self.database = database
        self._vault = vault
        self._rules = rules
        self._new_uuid = new_uuid

    def keep(
        self, raw: bytes, envelope: Envelope, now: datetime, *, within: Callable[[Connection], None] = lambda _tx: None
    ) -> int:
        """Keep a mail and its task "read" durably; its id [commit 1]. *within* is done in the same transaction.

        The same mail again is one more arrival, and read again only when a seal among its recipients names a case
        that it was not read for, or when its header is another one: anybody can have sent a copy ahead, and a list adds
        its marks, so that this copy can be the one that counts. The same copy of it in a mailbox is no arrival at all.
        One that was erased is not kept again, and its copy leaves the mailbox.
        """
        reference = sealed_case(envelope.recipients, self._rules.desk.address, self._rules.seal)
        key = self._vault.digest(content_of(raw))
        uuid, arrival_uuid = self._new_uuid(), self._new_uuid()
        sealed = self._vault.seal(raw, "mail", uuid, "sealed")
        hint = " ".join(hints(f"{' '.join(envelope.recipients)}\n{head_of(raw)}"))
        told: dict[str, Any] = asdict(envelope)
        with self.database.write() as tx:
            new = {"uuid": uuid, "content_key": key, "received_at": now, "hint": hint, "sealed": sealed}
            new |= {"size": len(raw), "state": "unread", "outcome": ""}
            mail_id = tx.execute(_ONCE[tx.dialect.name], new).scalar()
            if mail_id is None:
                known = tx.execute(select(MAIL).where(MAIL.c.content_key == key).with_for_update()).one()
                if known.state == "erased":
                    if envelope.via == "imap":
                        self._copies.ask(tx, raw, key)
                    return int(known.id)
                if envelope.origin and lay_there(tx, known.id, envelope.origin):
                    return int(known.id)
                mail_id, again = int(known.id), NAMES if brings_news(tx, known, reference) else ""
                head, _ = headed(raw)
                if head != headed(self._vault.open(known.sealed, "mail", known.uuid, "sealed"))[0]:
                    told["head"] = head.decode("latin-1")
                if known.state == "read" and known.outcome not in SETTLED:
                    again = again or COPY
            else:
                tasks.add(tx, "read", now, mail_id=mail_id)
                again = ""
            arrived = {
                "uuid": arrival_uuid,
                "mail_id": mail_id,
                "at": now,
                "via": envelope.via,
                "reference": reference,
                "origin": envelope.origin,
                "envelope": self._vault.seal(json.dumps(told).encode(), "arrival", arrival_uuid, "envelope"),
            }
            arrival_id = tx.execute(_ARRIVED, arrived).scalar_one()
            if again:
                tx.execute(
                    update(MAIL).where(MAIL.c.id == mail_id).values(state="unread", hint=f"{known.hint} {reference}")
                )
                tasks.add(tx, "read", now, mail_id=mail_id, unique_key=arrival_key(again, mail_id, arrival_id))
            within(tx)
        return int(mail_id)

    def known(self, raw: bytes) -> bool:
        """Whether this mail came in, whatever was added on its way."""
        key = self._vault.digest(content_of(raw))
        with self.database.read() as tx:
            return tx.execute(select(MAIL.c.id).where(MAIL.c.content_key == key)).first() is not None

    def raw(self, mail_id: int) -> bytes:
        """The bytes as they came; b"" once they are erased."""
        with self.database.read() as tx:
            row = tx.execute(_RAW, {"the_id": mail_id}).one()
        return row.sealed and self._vault.open(row.sealed, "mail", row.uuid, "sealed")

    def arrivals(self, mail_id: int) -> tuple[Envelope, ...]:
        """How a mail came in, first arrival first."""
        return tuple(envelope for _, envelope, _ in self._arrivals(mail_id))

    def copies(self, mail_id: int, *, only: int = 0, besides: int = 0) -> tuple[list[tuple[Envelope, bytes]], int]:
        """Each copy of a mail as it came, first arrival first: its envelope, and the bytes with its own header.

        And how many arrivals there are.

        *only* the arrival of that id, or all *besides* that one, and those with the recipients of all of them: a mail
        to our plain and to a sealed address is one mail.
        """
        raw = self.raw(mail_id)
        _, rest = headed(raw)
        every = self._arrivals(mail_id)
        found = [one for one in every if one[0] == only or (not only and one[0] != besides)]
        recipients = tuple(dict.fromkeys(to for _, envelope, _ in found for to in envelope.recipients))
        chosen = found[:1] + found[1:][-MOST_COPIES + 1 :]
        copies = [(replace(one, recipients=recipients), head + rest if head else raw) for _, one, head in chosen]
        return copies, len(every)

    def _arrivals(self, mail_id: int) -> list[tuple[int, Envelope, bytes]]:
        """(id, envelope, its header where that is not the one that is kept with the mail)."""
        with self.database.read() as tx:
            rows = tx.execute(_ARRIVALS, {"the_id": mail_id}).mappings().all()
        found = []
        for row in rows:
            values = json.loads(self._vault.open(row["envelope"], "arrival", row["uuid"], "envelope"))
            head = values.pop("head", "").encode("latin-1")
            found.append((row["id"], Envelope(**{**values, "recipients": tuple(values["recipients"])}), head))
        return found

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
        """The newest mails, with these outcomes (those that are erased left out), since then."""
        where = [MAIL.c.id == mail_id] if mail_id is not None else []
        where += [MAIL.c.outcome.in_([*outcomes]), MAIL.c.state.in_(KEPT)] if outcomes else []
        where += [MAIL.c.received_at >= since] if since is not None else []
        return self._found(limit, *where)

    def _found(self, limit: int, *where: ColumnElement[bool]) -> list[MailLine]:
        with self.database.read() as tx:
            rows = tx.execute(_LINES.where(*where).order_by(MAIL.c.id.desc()).limit(limit)).mappings().all()
        return [_line(row) for row in rows]

    def trace(self, mail_id: int) -> tuple[str, ...]:
        """Every question asked of a mail, with its answer."""
        with self.database.read() as tx:
            row = tx.execute(select(MAIL.c.uuid, MAIL.c.trace).where(MAIL.c.id == mail_id)).one()
        return tuple(json.loads(self._vault.open(row.trace, "mail", row.uuid, "trace"))) if row.trace else ()

    def result(self, mail_id: int) -> MailResult:
        """What became of a mail so far."""
        line = self.line(mail_id)
        return MailResult(mail_id=mail_id, outcome=line.outcome if line else "", trace=self.trace(mail_id))

    def of_case(self, case_id: int) -> tuple[int, ...]:
        """The mails of a case, oldest first; the one that opened it may be another one's too."""
        with self.database.read() as tx:
            found = {*tx.execute(_OF_CASE, {"the_id": case_id}).scalars(), mail_that_opened(tx, case_id)}
        return tuple(sorted(one for one in found if one is not None))

    def also_about(self, stored: StoredCase) -> dict[int, tuple[str, ...]]:
        """The mail that opened this case, with the references of the others that it opened and that are not erased."""
        with self.database.read() as tx:
            mail, others = opened_together(tx, stored.id, stored.case)
        return {mail: tuple(one.reference for one in others)} if mail is not None and others else {}

    def keep_result(self, tx: Connection, mail: MailResult, case_id: int | None) -> None:
        """What became of a mail, within a transaction; MovedOn when it arrived once more while it was read."""
        this = {"the_id": mail.mail_id}
        row = tx.execute(_FOR_RESULT, this).one()
        if mail.arrivals and tx.execute(_HOW_MANY_ARRIVALS, this).scalar_one() != mail.arrivals:
            raise MovedOn(f"mail {mail.mail_id} arrived once more")
        trace = self._vault.seal(json.dumps(mail.trace).encode(), "mail", row.uuid, "trace")
        about = row.case_id or case_id
        tx.execute(_RESULT, {**this, "state": "read", "outcome": mail.outcome, "case_id": about, "trace": trace})

    def settle(self, tx: Connection, settled: Settled, case_id: int | None) -> None:
        """What the desk made of a mail that waited for it, within a transaction; MovedOn when it waits no more."""
        waiting = (MAIL.c.id == settled.mail_id, *WAITS)
        made = update(MAIL).where(*waiting).values(outcome=settled.outcome, case_id=case_id)
        if tx.execute(made).rowcount != 1:
            raise MovedOn(f"mail {settled.mail_id} waits no more")

    def waits(self, mail_id: int) -> bool:
        """Whether the desk must still say what that mail is."""
        waiting = (MAIL.c.id == mail_id, *WAITS)
        with self.database.read() as tx:
            return tx.execute(select(MAIL.c.id).where(*waiting)).first() is not None

    def held(self, since: datetime, limit: int = 100) -> list[MailLine]:
        """The holding pen, newest first: of no case until the desk settles it, on a case since that moment."""
        pen = or_(MAIL.c.case_id.is_(None), MAIL.c.received_at >= since)
        return self._found(limit, MAIL.c.outcome == Outcome.HELD, MAIL.c.state == "read", pen)

    def waiting_for(self, reference: str) -> int:
        """How many mails that mention this case are still unread or stuck."""
        with self.database.read() as tx:
            return int(tx.execute(_WAITING, {"the_reference": f"% {reference} %"}).scalar_one())


# What every mail asks, put together once: building a statement costs more than running it.
_LINES = select(MAIL, CARE_CASE.c.reference).join(CARE_CASE, CARE_CASE.c.id == MAIL.c.case_id, isouter=True)
_RAW = prepared(select(MAIL.c.uuid, MAIL.c.sealed).where(MAIL.c.id == bindparam("the_id")))
_ARRIVALS = prepared(select(ARRIVAL).where(ARRIVAL.c.mail_id == bindparam("the_id")).order_by(ARRIVAL.c.id))
_HOW_MANY_ARRIVALS = prepared(select(func.count()).select_from(ARRIVAL).where(ARRIVAL.c.mail_id == bindparam("the_id")))
_OF_CASE = prepared(select(MAIL.c.id).where(MAIL.c.case_id == bindparam("the_id")))
_FOR_RESULT = prepared(select(MAIL.c.uuid, MAIL.c.case_id).where(MAIL.c.id == bindparam("the_id")).with_for_update())
_RESULT = prepared(update(MAIL).where(MAIL.c.id == bindparam("the_id")))
_NOT_READ = (
    or_(MAIL.c.state == "unread", MAIL.c.state == "stuck"),
    MAIL.c.hint != literal_column("''"),
)  # as its index
_MENTIONS = (literal(" ") + MAIL.c.hint + literal(" ")).like(bindparam("the_reference"))
_WAITING = prepared(select(func.count()).select_from(MAIL).where(*_NOT_READ, _MENTIONS))
_ARRIVED = prepared(insert(ARRIVAL).returning(ARRIVAL.c.id))
_ONCE = {
    name: prepared(made(MAIL).on_conflict_do_nothing(index_elements=["content_key"]).returning(MAIL.c.id))
    for name, made in INSERTS.items()
}


def _line(row: RowMapping) -> MailLine:
    return MailLine(
        id=row["id"],
        received_at=row["received_at"],
        size=row["size"],
        state=row["state"],
        outcome=row["outcome"],
        reference=row["reference"],
    )
