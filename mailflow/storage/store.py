"""Every question asked of the database; commit(decision) is ONE transaction."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, or_, select, update

from mailflow.core.case import Case, Happened, replay
from mailflow.core.decision import Decision, ProviderMark
from mailflow.core.lifecycle import ENDS, WHOSE_TURN, Event, Party, State
from mailflow.core.mail import Envelope
from mailflow.core.rules import Rules
from mailflow.core.thread import hints
from mailflow.core.watches import watch
from mailflow.storage import tasks
from mailflow.storage.content_key import content_of, head_of
from mailflow.storage.engine import Database
from mailflow.storage.tables import (
    ARRIVAL,
    CARE_CASE,
    COUNTER,
    EVENT,
    LETTER,
    MAIL,
    PAUSE,
    PROVIDER_STATE,
    REFERRAL,
    TASK,
)
from mailflow.storage.tasks import Task
from mailflow.storage.vault import Vault

REFERENCE = "MSI-{year}-{number:04}"


class MovedOn(Exception):
    """Somebody else decided on this case first: load it and decide again."""


@dataclass(frozen=True, kw_only=True)
class StoredCase:
    """A case with what only the store knows of it."""

    id: int
    case: Case
    chain: str


@dataclass(frozen=True, kw_only=True)
class StoredLetter:
    """A rendered letter as kept."""

    id: int
    case_id: int | None
    number: int
    kind: str
    role: str
    state: str
    address: str
    content: bytes
    first_try_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ToKeep:
    """A rendered letter on its way into the store; *number* is its number in the case, 0 without a case."""

    number: int
    kind: str
    role: str
    address: str
    message_id: str
    content: bytes
    not_before: datetime | None


@dataclass(frozen=True, kw_only=True)
class MailResult:
    """What became of the mail that a decision was about."""

    mail_id: int
    outcome: str
    trace: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CaseLine:
    """A case as lists show it: no personal data."""

    id: int
    reference: str
    state: State
    since: datetime
    opened_at: datetime
    provider: str
    turn: str
    what: str
    due_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class MailLine:
    """A mail as lists show it: no personal data."""

    id: int
    received_at: datetime
    size: int
    state: str
    outcome: str
    reference: str | None


class Store:
    """The memory of the service."""

    def __init__(self, database: Database, vault: Vault, rules: Rules, *, new_uuid: Any) -> None:
        """*new_uuid* gives 32 hex digits for a new row."""
        self.database = database
        self._vault = vault
        self._rules = rules
        self._new_uuid = new_uuid

    # -- intake ------------------------------------------------------------------------------------

    def receive(self, raw: bytes, envelope: Envelope, now: datetime) -> int:
        """Keep a mail and its task "read" durably; its id. The same mail again is one more arrival [commit 1]."""
        key = self._vault.digest(content_of(raw))
        uuid, arrival_uuid = self._new_uuid(), self._new_uuid()
        sealed = self._vault.seal(raw, "mail", uuid, "sealed")
        hint = " ".join(hints(f"{' '.join(envelope.recipients)}\n{head_of(raw)}"))
        letter = self._vault.seal(json.dumps(asdict(envelope)).encode(), "arrival", arrival_uuid, "envelope")
        with self.database.write() as tx:
            known = tx.execute(select(MAIL.c.id).where(MAIL.c.content_key == key)).scalar()
            mail_id = known or _inserted(
                tx,
                MAIL,
                uuid=uuid,
                content_key=key,
                received_at=now,
                size=len(raw),
                state="unread",
                outcome="",
                hint=hint,
                sealed=sealed,
            )
            tx.execute(
                insert(ARRIVAL).values(uuid=arrival_uuid, mail_id=mail_id, at=now, via=envelope.via, envelope=letter)
            )
            if known is None:
                tasks.add(tx, "read", now, mail_id=mail_id)
        return int(mail_id)

    def raw_mail(self, mail_id: int) -> bytes:
        """The bytes as they came."""
        with self.database.read() as tx:
            row = tx.execute(select(MAIL.c.uuid, MAIL.c.sealed).where(MAIL.c.id == mail_id)).one()
        return self._vault.open(row.sealed, "mail", row.uuid, "sealed")

    def arrivals(self, mail_id: int) -> tuple[Envelope, ...]:
        """How a mail came in, first arrival first."""
        with self.database.read() as tx:
            rows = tx.execute(select(ARRIVAL).where(ARRIVAL.c.mail_id == mail_id).order_by(ARRIVAL.c.id)).mappings().all()
        found = []
        for row in rows:
            values = json.loads(self._vault.open(row["envelope"], "arrival", row["uuid"], "envelope"))
            found.append(Envelope(**{**values, "recipients": tuple(values["recipients"])}))
        return tuple(found)

    def mail_received_at(self, mail_id: int) -> datetime:
        """When its first arrival was accepted, UTC."""
        with self.database.read() as tx:
            at: datetime = tx.execute(select(MAIL.c.received_at).where(MAIL.c.id == mail_id)).scalar_one()
        return at

    def mail_line(self, mail_id: int) -> MailLine | None:
        """One mail, or None."""
        return next(iter(self.mails(mail_id=mail_id)), None)

    def mails(self, *, mail_id: int | None = None, outcomes: Sequence[str] = (), since: datetime | None = None, limit: int = 100) -> list[MailLine]:
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
        return [_mail_line(row) for row in rows]

    def trace(self, mail_id: int) -> tuple[str, ...]:
        """Every question asked of a mail, with its answer."""
        with self.database.read() as tx:
            row = tx.execute(select(MAIL.c.uuid, MAIL.c.trace).where(MAIL.c.id == mail_id)).one()
        return tuple(json.loads(self._vault.open(row.trace, "mail", row.uuid, "trace"))) if row.trace else ()

    def mails_of(self, case_id: int) -> tuple[int, ...]:
        """The mails of a case, oldest first."""
        with self.database.read() as tx:
            return tuple(tx.execute(select(MAIL.c.id).where(MAIL.c.case_id == case_id).order_by(MAIL.c.id)).scalars())

    # -- cases -------------------------------------------------------------------------------------

    def case(self, reference: str) -> StoredCase | None:
        """The case of that reference, replayed from its events, or None."""
        return self._case(CARE_CASE.c.reference == reference.upper())

    def case_by_id(self, case_id: int) -> StoredCase:
        """The case of that id; it must be there."""
        stored = self._case(CARE_CASE.c.id == case_id)
        if stored is None:
            raise LookupError(f"no case {case_id}")
        return stored

    def _case(self, where: Any) -> StoredCase | None:
        with self.database.read() as tx:
            row = tx.execute(select(CARE_CASE.c.id, CARE_CASE.c.reference, CARE_CASE.c.chain).where(where)).first()
            if row is None:
                return None
            personal = tx.execute(select(REFERRAL).where(REFERRAL.c.case_id == row.id)).mappings().one()
            events = tx.execute(select(EVENT).where(EVENT.c.case_id == row.id).order_by(EVENT.c.number)).mappings().all()
        held = json.loads(self._vault.open(personal["sealed"], "referral", personal["uuid"], "sealed"))
        start = Case(reference=row.reference, values=held["values"], parties=held["parties"])
        return StoredCase(id=row.id, case=replay((_happened(e) for e in events), start), chain=row.chain)

    def next_reference(self, year: int) -> str:
        """A reference that was never given before; a gap is fine."""
        name = f"case-{year}"
        with self.database.write() as tx:
            raised = update(COUNTER).where(COUNTER.c.name == name).values(value=COUNTER.c.value + 1)
            number = tx.execute(raised.returning(COUNTER.c.value)).scalar()
            if number is None:
                tx.execute(insert(COUNTER).values(name=name, value=1))
                number = 1
        return REFERENCE.format(year=year, number=number)

    def commit(
        self,
        decision: Decision,
        letters: Sequence[ToKeep],
        now: datetime,
        *,
        finishing: Task | None = None,
        once: bool = False,
        mail: MailResult | None = None,
        letter: tuple[int, str] | None = None,
        before: StoredCase | None = None,
    ) -> None:
        """Events, case, letters, their tasks and the finished task together, or nothing [commits 2 and 3].

        *letter* is (id, new state) of the letter that was sent or refused. Raises MovedOn when the case has
        more events than the decision saw, LostLease when another worker holds the task.
        """
        sealed_letters = [self._sealed_letter(one, now) for one in letters]
        personal = self._sealed_personal(decision.case) if decision.case else None
        with self.database.write() as tx:
            case_id = self._keep_case(tx, decision, personal, before)
            for values, not_before in sealed_letters:
                letter_id = _inserted(tx, LETTER, **values, case_id=case_id)
                tasks.add(tx, "send", not_before or now, letter_id=letter_id, case_id=case_id)
            for number in decision.voids:
                tx.execute(
                    update(LETTER)
                    .where(LETTER.c.case_id == case_id, LETTER.c.number == number, LETTER.c.state == "waiting")
                    .values(state="void")
                )
            if finishing is not None:
                tasks.finish(tx, finishing, once=once)
            if decision.release_at is not None and case_id is not None:
                tasks.add(tx, "release", decision.release_at, case_id=case_id, unique_key=f"release:{case_id}")
            for mark in decision.marks:
                _mark(tx, mark, now)
            if letter is not None:
                sent = {"sent_at": now} if letter[1] == "sent" else {}
                tx.execute(update(LETTER).where(LETTER.c.id == letter[0]).values(state=letter[1], **sent))
            if mail is not None:
                self._keep_mail(tx, mail, case_id)

    def _keep_case(
        self, tx: Connection, decision: Decision, personal: tuple[str, bytes] | None, before: StoredCase | None
    ) -> int | None:
        case = decision.case
        if case is None or personal is None:
            return before.id if before else None
        chain = before.chain if before and not decision.opens else ""
        rows = []
        for number, happened in enumerate(decision.events, start=decision.seen + 1):
            codes = json.dumps(dict(happened.codes), sort_keys=True)
            at = happened.at.isoformat()
            chain = self._vault.link(chain, f"{case.reference}|{number}|{at}|{happened.kind}|{happened.by}|{codes}".encode())
            rows.append((number, happened, codes, chain))
        values = {**_case_values(case, self._rules), "chain": chain}
        if decision.opens or before is None:
            case_id = _inserted(tx, CARE_CASE, **values)
            tx.execute(insert(REFERRAL).values(case_id=case_id, uuid=personal[0], sealed=personal[1]))
        else:
            case_id = before.id
            guard = (CARE_CASE.c.id == case_id, CARE_CASE.c.seen == decision.seen)
            if tx.execute(update(CARE_CASE).where(*guard).values(**values)).rowcount != 1:
                raise MovedOn(case.reference)
            tx.execute(
                update(REFERRAL).where(REFERRAL.c.case_id == case_id).values(uuid=personal[0], sealed=personal[1])
            )
        for number, happened, codes, mac in rows:
            tx.execute(
                insert(EVENT).values(
                    case_id=case_id,
                    number=number,
                    at=happened.at,
                    kind=happened.kind.value,
                    party=happened.by.value,
                    codes=codes,
                    mac=mac,
                )
            )
        return int(case_id)

    def _sealed_personal(self, case: Case) -> tuple[str, bytes]:
        uuid = self._new_uuid()
        held = json.dumps({"values": dict(case.values), "parties": dict(case.parties)})
        return uuid, self._vault.seal(held.encode(), "referral", uuid, "sealed")

    def _sealed_letter(self, one: ToKeep, now: datetime) -> tuple[dict[str, Any], datetime | None]:
        uuid = self._new_uuid()
        values = {
            "uuid": uuid,
            "number": one.number,
            "kind": one.kind,
            "role": one.role,
            "address": self._vault.seal(one.address.encode(), "letter", uuid, "address"),
            "address_key": self._vault.index("address", one.address.lower()),
            "message_key": self._vault.index("message-id", one.message_id),
            "content": self._vault.seal(one.content, "letter", uuid, "content"),
            "state": "waiting",
            "written_at": now,
        }
        return values, one.not_before

    def _keep_mail(self, tx: Connection, mail: MailResult, case_id: int | None) -> None:
        uuid = tx.execute(select(MAIL.c.uuid).where(MAIL.c.id == mail.mail_id)).scalar_one()
        trace = self._vault.seal(json.dumps(mail.trace).encode(), "mail", uuid, "trace")
        tx.execute(
            update(MAIL)
            .where(MAIL.c.id == mail.mail_id)
            .values(state="read", outcome=mail.outcome, case_id=case_id, trace=trace)
        )

    def mail_stuck(self, mail_id: int) -> None:
        """A mail that we could not read: intact, shown in the digest, blocks what it may concern."""
        with self.database.write() as tx:
            tx.execute(update(MAIL).where(MAIL.c.id == mail_id).values(state="stuck"))

    def blocked(self, reference: str) -> bool:
        """Whether a mail that mentions this case is still unread or stuck."""
        waiting = MAIL.c.state.in_(["unread", "stuck"])
        with self.database.read() as tx:
            hints_ = tx.execute(select(MAIL.c.hint).where(waiting, MAIL.c.hint != "")).scalars().all()
        return any(reference in hint.split() for hint in hints_)

    def case_lines(self, *, states: Sequence[State] = (), limit: int = 10_000) -> list[CaseLine]:
        """Cases as lists show them, oldest term first; open ones when *states* is empty."""
        wanted = CARE_CASE.c.state.in_([s.value for s in states]) if states else CARE_CASE.c.state.not_in([s.value for s in ENDS])
        query = select(CARE_CASE).where(wanted).order_by(CARE_CASE.c.due_at, CARE_CASE.c.id).limit(limit)
        with self.database.read() as tx:
            rows = tx.execute(query).mappings().all()
        return [
            CaseLine(
                id=r["id"],
                reference=r["reference"],
                state=State(r["state"]),
                since=r["since"],
                opened_at=r["opened_at"],
                provider=r["provider"],
                turn=r["turn"],
                what=r["what"],
                due_at=r["due_at"],
            )
            for r in rows
        ]

    def due_looks(self, now: datetime) -> int:
        """Add a task "look" for each case whose moment has come, or whose terms changed; how many were added."""
        late = select(CARE_CASE.c.id).where(
            or_(
                CARE_CASE.c.look_at <= now,
                CARE_CASE.c.fingerprint != self._rules.fingerprint,
            ),
            CARE_CASE.c.state.not_in([s.value for s in ENDS]),
        )
        with self.database.read() as tx:
            ids = tx.execute(late.limit(1000)).scalars().all()
            known = set(tx.execute(select(TASK.c.unique_key).where(TASK.c.kind == "look")).scalars())
        new = [case_id for case_id in ids if f"look:{case_id}" not in known]
        if new:
            with self.database.write() as tx:
                for case_id in new:
                    tasks.add(tx, "look", now, case_id=case_id, unique_key=f"look:{case_id}")
        return len(new)

    def refresh(self, stored: StoredCase) -> None:
        """Recompute the cached watch of a case under the rules of today; events and seen stay."""
        with self.database.write() as tx:
            tx.execute(
                update(CARE_CASE)
                .where(CARE_CASE.c.id == stored.id, CARE_CASE.c.seen == stored.case.seen)
                .values(**_case_values(stored.case, self._rules))
            )

    # -- letters -----------------------------------------------------------------------------------

    def letter(self, letter_id: int) -> StoredLetter:
        """A letter as it was rendered, byte for byte."""
        with self.database.read() as tx:
            row = tx.execute(select(LETTER).where(LETTER.c.id == letter_id)).mappings().one()
        return StoredLetter(
            id=row["id"],
            case_id=row["case_id"],
            number=row["number"],
            kind=row["kind"],
            role=row["role"],
            state=row["state"],
            address=self._vault.open(row["address"], "letter", row["uuid"], "address").decode(),
            content=self._vault.open(row["content"], "letter", row["uuid"], "content"),
            first_try_at=row["first_try_at"],
        )

    def first_try(self, letter_id: int, now: datetime) -> None:
        """Remember when a letter was first tried."""
        with self.database.write() as tx:
            tx.execute(
                update(LETTER).where(LETTER.c.id == letter_id, LETTER.c.first_try_at.is_(None)).values(first_try_at=now)
            )

    def letters_lately(self, address: str, now: datetime, within: timedelta = timedelta(days=1)) -> int:
        """How many letters were written to that address within that time."""
        key = self._vault.index("address", address.lower())
        query = select(func.count()).select_from(LETTER).where(LETTER.c.address_key == key, LETTER.c.written_at > now - within)
        with self.database.read() as tx:
            return int(tx.execute(query).scalar_one())

    # -- providers, counts, pauses -------------------------------------------------------------------

    def full_providers(self, today: date) -> frozenset[str]:
        """Keys of the providers that are full on that day by their own word or the desk's."""
        with self.database.read() as tx:
            query = select(PROVIDER_STATE.c.provider).where(PROVIDER_STATE.c.full_until >= today)
            return frozenset(tx.execute(query).scalars())

    def last_digest_at(self) -> datetime | None:
        """When the newest digest was written, UTC; None before the first."""
        with self.database.read() as tx:
            query = select(LETTER.c.written_at).where(LETTER.c.kind == "digest").order_by(LETTER.c.id.desc()).limit(1)
            return tx.execute(query).scalar()

    def stuck_tasks(self) -> list[dict[str, Any]]:
        """What waits for a person: ids, kind, attempts and where our code failed."""
        columns = (TASK.c.id, TASK.c.kind, TASK.c.mail_id, TASK.c.case_id, TASK.c.letter_id, TASK.c.attempts, TASK.c.why)
        with self.database.read() as tx:
            rows = tx.execute(select(*columns).where(TASK.c.state == "stuck").order_by(TASK.c.id)).mappings().all()
        return [dict(row) for row in rows]

    def waiting_letters(self, tries: int) -> int:
        """How many letters were tried at least *tries* times and are still here."""
        query = select(func.count()).select_from(TASK).where(
            TASK.c.kind == "send", TASK.c.state.in_(["ready", "running"]), TASK.c.attempts >= tries
        )
        with self.database.read() as tx:
            return int(tx.execute(query).scalar_one())

    def paused(self) -> frozenset[str]:
        """What the operator halted: send, all."""
        with self.database.read() as tx:
            return frozenset(tx.execute(select(PAUSE.c.what)).scalars())

    def pause(self, what: str, now: datetime) -> None:
        """Halt sending, or all work; receiving goes on."""
        with self.database.write() as tx:
            tx.execute(delete(PAUSE).where(PAUSE.c.what == what))
            tx.execute(insert(PAUSE).values(what=what, since=now))

    def resume(self, what: str) -> None:
        """Let it go on; "all" lifts every halt."""
        with self.database.write() as tx:
            tx.execute(delete(PAUSE) if what == "all" else delete(PAUSE).where(PAUSE.c.what == what))


def _inserted(tx: Connection, table: Any, **values: Any) -> int:
    return int(tx.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())


def _case_values(case: Case, rules: Rules) -> dict[str, Any]:
    open_ = watch(case, rules)
    turn = WHOSE_TURN[case.state]
    return {
        "reference": case.reference,
        "state": case.state.value,
        "since": case.since or case.opened_at,
        "opened_at": case.opened_at,
        "provider": case.provider,
        "seen": case.seen,
        "turn": turn.value if turn else "",
        "what": open_.what if open_ else "",
        "due_at": open_.due if open_ else None,
        "look_at": open_.look_at if open_ else None,
        "fingerprint": rules.fingerprint,
    }


def _happened(row: RowMapping) -> Happened:
    return Happened(at=row["at"], kind=Event(row["kind"]), by=Party(row["party"]), codes=json.loads(row["codes"]))


def _mark(tx: Connection, mark: ProviderMark, now: datetime) -> None:
    tx.execute(delete(PROVIDER_STATE).where(PROVIDER_STATE.c.provider == mark.key))
    tx.execute(insert(PROVIDER_STATE).values(provider=mark.key, full_until=mark.full_until, changed_at=now))


def _mail_line(row: RowMapping) -> MailLine:
    return MailLine(
        id=row["id"],
        received_at=row["received_at"],
        size=row["size"],
        state=row["state"],
        outcome=row["outcome"],
        reference=row["reference"],
    )
