"""The cases: events that are only added, and the row that caches what they come to."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from mailflow.core.case import Case, Happened, Replaced, replay
from mailflow.core.decision import Decision
from mailflow.core.lifecycle import OPEN, WHOSE_TURN, Event, Party, State
from mailflow.core.rules import Rules
from mailflow.core.watches import look_of, watch
from mailflow.storage import tasks
from mailflow.storage.case_rows import HEADS, IS_OPEN, LATE, LINE, NEXT_LOOK, CaseLine, contents, marks, told
from mailflow.storage.engine import Database
from mailflow.storage.quick import prepared
from mailflow.storage.references import References
from mailflow.storage.tables import CARE_CASE, EVENT, REFERRAL
from mailflow.storage.vault import Vault, case_keys

MOST_KNOWN = 2000
"""Cases that are kept in memory as they were loaded: the open ones of a large meldpunt."""

MOST_MARKED = 1000
"""Cases that a digest loads for what only their events say."""


class MovedOn(Exception):
    """Somebody else decided on this case first: load it and decide again."""


@dataclass(frozen=True, kw_only=True)
class StoredCase:
    """A case with what only the store knows of it."""

    id: int
    case: Case
    chain: str
    uuid: str
    """Of the row with what is personal: a new one each time that it is written."""


class Cases:
    """Every question asked of the tables care_case, referral and event."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        rules: Callable[[], Rules],
        new_uuid: Callable[[], str],
        references: References,
    ) -> None:
        """*rules* are those in force at each moment; *new_uuid* gives 32 hex digits for a new row."""
        self.database = database
        self._vault = vault
        self._rules = rules
        self._new_uuid = new_uuid
        self._references = references
        self._loaded_before: dict[int, StoredCase] = {}

    def get(self, reference: str) -> StoredCase | None:
        """The case of that reference, replayed from its events, or None."""
        return next(iter(self._loaded(_HEAD_OF_REFERENCE, the_reference=reference.upper())), None)

    def by_id(self, case_id: int) -> StoredCase:
        """The case of that id; it must be there."""
        stored = next(iter(self._loaded(_HEAD_OF_ID, the_id=case_id)), None)
        if stored is None:
            raise LookupError(f"no case {case_id}")
        return stored

    def _loaded(self, heads: Select[Any], **asked: object) -> list[StoredCase]:
        """The cases of these heads, in their order: three questions, however many there are; one if all are known.

        A case is known while it has not changed since it was loaded: its chain vouches for every event, and what is
        personal has a new uuid each time that it is written.
        """
        with self.database.read() as tx:
            rows = tx.execute(heads, asked).mappings().all()
            found = {row["id"]: stored for row in rows if (stored := self._known(row))}
            changed = [row for row in rows if row["id"] not in found]
            personal, events = contents(tx, [row["id"] for row in changed]) if changed else ({}, {})
        for row in changed:
            found[row["id"]] = self._stored(row, personal[row["id"]], events.get(row["id"], []))
        return [found[row["id"]] for row in rows]

    def reread(self) -> None:
        """Forget what was loaded: each case is replayed from its events once more."""
        self._loaded_before.clear()

    def _known(self, head: RowMapping) -> StoredCase | None:
        """The case as it was loaded before, if it is still that."""
        stored = self._loaded_before.get(head["id"])
        return stored if stored and (stored.uuid, stored.chain) == (head["uuid"], head["chain"]) else None

    def _stored(self, head: RowMapping, personal: RowMapping, events: Sequence[Happened]) -> StoredCase:
        held: dict[str, Any] = {"values": {}, "parties": {}}  # as it is once they are erased
        if personal["sealed"]:
            held = json.loads(self._vault.open(personal["sealed"], "referral", personal["uuid"], "sealed"))
        replaced = tuple(
            Replaced(field=key, was=was, at=datetime.fromisoformat(at), mail=mail)
            for key, was, at, mail in held.get("replaced", ())
        )
        start = Case(reference=head["reference"], values=held["values"], parties=held["parties"], replaced=replaced)
        stored = StoredCase(id=head["id"], case=replay(events, start), chain=head["chain"], uuid=personal["uuid"])
        self.remember(stored)
        return stored

    def remember(self, stored: StoredCase) -> None:
        """Keep a case in memory, as it was loaded or committed."""
        if len(self._loaded_before) >= MOST_KNOWN:
            self._loaded_before.clear()
        self._loaded_before[stored.id] = stored

    def all_open(self, states: Iterable[State] = OPEN, provider: str = "") -> list[StoredCase]:
        """Every open case in these states (of that provider), by reference."""
        in_state = CARE_CASE.c.state.in_([s.value for s in states])
        open_ = and_(in_state, CARE_CASE.c.provider == provider) if provider else and_(in_state)
        return self._loaded(HEADS.where(open_).order_by(CARE_CASE.c.reference))

    def seal(self, case: Case, before: Case | None = None) -> tuple[str, bytes] | None:
        """(row uuid, sealed) of the personal part, b"" when it is erased; None when it is as *before*.

        Encrypting comes before the transaction.
        """
        if before is not None and personal(case) == personal(before):
            return None
        uuid = self._new_uuid()
        if case.erased:
            return uuid, b""
        replaced = [(one.field, one.was, one.at.isoformat(), one.mail) for one in case.replaced]
        held = json.dumps({"values": dict(case.values), "parties": dict(case.parties), "replaced": replaced})
        return uuid, self._vault.seal(held.encode(), "referral", uuid, "sealed")

    def keep(
        self, tx: Connection, decision: Decision, sealed: tuple[str, bytes] | None, before: StoredCase | None
    ) -> StoredCase | None:
        """Add the events and rewrite the cache, within a transaction; the case as it is then. Raises MovedOn."""
        case = decision.case
        if case is None:
            return before
        chain = before.chain if before and not decision.opens else ""
        rows: list[dict[str, Any]] = []
        for number, happened in enumerate(decision.events, start=decision.seen + 1):
            row = {
                "number": number,
                "at": happened.at,
                "kind": happened.kind.value,
                "party": happened.by.value,
                "codes": json.dumps(dict(happened.codes), sort_keys=True),
            }
            chain = self._vault.link(chain, told(case.reference, row))
            rows.append({**row, "mac": chain})
        values = {**_case_values(case, self._rules()), "chain": chain}
        if sealed is not None:
            values |= case_keys(self._vault, case.values) | {"nameless": not sealed[1]}
        if decision.opens or before is None:
            if sealed is None:
                raise ValueError("a case that is opened has a personal part")
            uuid = sealed[0]
            if not self._references.take(tx, case.reference):
                raise MovedOn(f"{case.reference} was given out meanwhile")
            case_id = int(tx.execute(_OPEN, values).scalar_one())
            tx.execute(_OPEN_PERSONAL, {"case_id": case_id, "uuid": uuid, "sealed": sealed[1]})
        else:
            case_id, uuid = before.id, before.uuid
            self._loaded_before.pop(case_id, None)  # and what is erased does not linger
            if tx.execute(_MOVE, {"the_id": case_id, "was_seen": decision.seen, **values}).rowcount != 1:
                raise MovedOn(case.reference)
            if sealed is not None:
                uuid = sealed[0]
                tx.execute(_MOVE_PERSONAL, {"the_id": case_id, "uuid": uuid, "sealed": sealed[1]})
        if rows:
            try:
                tx.execute(_ADD_EVENTS, [{**row, "case_id": case_id} for row in rows])
            except IntegrityError as clash:  # the row's own guard comes first; this is the last fence
                raise MovedOn(case.reference) from clash
        return StoredCase(id=case_id, case=case, chain=chain, uuid=uuid)

    def broken_chain(self, case_id: int) -> int | None:
        """The number of the first event of a case that was changed, removed or put in; None when all are as written."""
        with self.database.read() as tx:
            head = tx.execute(select(CARE_CASE).where(CARE_CASE.c.id == case_id)).mappings().one()
            query = select(EVENT).where(EVENT.c.case_id == case_id).order_by(EVENT.c.number)
            events = tx.execute(query).mappings().all()
        chain = ""
        for number, event in enumerate(events, start=1):
            fact = told(head["reference"], event)
            if event["number"] != number or not self._vault.is_linked(chain, fact, event["mac"]):
                return number
            chain = event["mac"]
        return None if (chain, len(events)) == (head["chain"], head["seen"]) else len(events) + 1

    def lines(self, *, states: Sequence[State] = (), limit: int | None = 10_000) -> list[CaseLine]:
        """Cases as lists show them, oldest term first, those without one last; open ones when *states* is empty."""
        query = (
            select(*LINE)
            .where(CARE_CASE.c.state.in_([s.value for s in states]) if states else IS_OPEN)
            .order_by(CARE_CASE.c.due_at.is_(None), CARE_CASE.c.due_at, CARE_CASE.c.id)
        )
        with self.database.read() as tx:
            rows = tx.execute(query.limit(limit)).all()
        return [CaseLine(case_id, name, State(state), *rest) for case_id, name, state, *rest in rows]

    def marked(self, since: datetime, days: Sequence[date]) -> list[StoredCase]:
        """The open cases of which an event says what no column does, the newest first and at most MOST_MARKED.

        That is: since *since* another case of the pupil, a birthday, a misfit or a letter that came back; a round
        table on one of these *days*; or that the desk lets it wait, or let it leave without a CLB.
        """
        with self.database.read() as tx:
            ids = tx.execute(marks(since, days).limit(MOST_MARKED)).scalars().all()
        return self._loaded(HEADS.where(CARE_CASE.c.id.in_(ids)))

    def waits_since(self, party: Party, *, besides: Iterable[int]) -> datetime | None:
        """Since when the first open case waits for that party, *besides* these; None when none does."""
        query = select(func.min(CARE_CASE.c.since)).where(
            CARE_CASE.c.turn == party.value,
            IS_OPEN,
            CARE_CASE.c.id.not_in([*besides]),
        )
        with self.database.read() as tx:
            return tx.execute(query).scalar()

    def of(self, references: Iterable[str]) -> list[StoredCase]:
        """The cases of these references, replayed from their events."""
        return self._loaded(HEADS.where(CARE_CASE.c.reference.in_(sorted(references))))

    def held(self) -> list[StoredCase]:
        """The cases of which nothing may be erased, by reference."""
        ever = select(EVENT.c.case_id).where(EVENT.c.kind == Event.LEGAL_HOLD.value)
        found = self._loaded(HEADS.where(CARE_CASE.c.id.in_(ever)).order_by(CARE_CASE.c.reference))
        return [one for one in found if one.case.legal_hold]

    def due_looks(self, now: datetime) -> int:
        """Add a task "look" for each case whose moment has come, or whose terms changed; how many were added."""
        with self.database.read() as tx:
            ids = tx.execute(LATE, {"now": now, "of_today": self._rules().fingerprint}).scalars().all()
        if not ids:
            return 0
        with self.database.write() as tx:
            return tasks.add_looks(tx, ids, now)

    def next_look(self) -> datetime | None:
        """When an open case must be looked at again, the earliest of all; None when nothing is promised."""
        with self.database.read() as tx:
            return tx.execute(NEXT_LOOK).scalar()

    def refresh(self, stored: StoredCase) -> None:
        """Recompute the cached watch of a case under the rules of today; events and seen stay."""
        with self.database.write() as tx:
            tx.execute(
                update(CARE_CASE)
                .where(CARE_CASE.c.id == stored.id, CARE_CASE.c.seen == stored.case.seen)
                .values(**_case_values(stored.case, self._rules()))
            )


_HEAD_OF_ID = prepared(HEADS.where(CARE_CASE.c.id == bindparam("the_id")))
_HEAD_OF_REFERENCE = prepared(HEADS.where(CARE_CASE.c.reference == bindparam("the_reference")))
_MOVE = prepared(
    update(CARE_CASE).where(CARE_CASE.c.id == bindparam("the_id"), CARE_CASE.c.seen == bindparam("was_seen"))
)
_MOVE_PERSONAL = prepared(update(REFERRAL).where(REFERRAL.c.case_id == bindparam("the_id")))
_OPEN = prepared(insert(CARE_CASE).returning(CARE_CASE.c.id))
_OPEN_PERSONAL = prepared(insert(REFERRAL))
_ADD_EVENTS = prepared(insert(EVENT))


def personal(case: Case) -> tuple[object, ...]:
    """What is kept of a case in its sealed part."""
    return case.erased, dict(case.values), dict(case.parties), case.replaced


def _case_values(case: Case, rules: Rules) -> dict[str, Any]:
    open_ = watch(case, rules)
    turn = open_.party if open_ else WHOSE_TURN[case.state]
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
        "look_at": look_of(open_, case, rules) if open_ else None,
        "fingerprint": rules.fingerprint,
    }
