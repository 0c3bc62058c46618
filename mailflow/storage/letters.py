"""The letters: rendered once, their bytes never change."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, delete, func, insert, select, update

from mailflow.core.letters import Kind
from mailflow.storage import tasks
from mailflow.storage.cases import MovedOn
from mailflow.storage.engine import Database
from mailflow.storage.quick import prepared
from mailflow.storage.tables import LETTER, TASK
from mailflow.storage.vault import Vault


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
    written_at: datetime
    first_try_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ToKeep:
    """A rendered letter on its way into the store; *number* is its number in the case, 0 without a case."""

    number: int
    kind: str
    role: str
    address: str
    content: bytes
    not_before: datetime | None


Sealed = tuple[dict[str, Any], datetime | None]
"""(columns, not before) of a letter that is ready to be kept."""


class Letters:
    """Every question asked of the table letter."""

    def __init__(self, database: Database, vault: Vault, new_uuid: Callable[[], str]) -> None:
        """*new_uuid* gives 32 hex digits for a new row."""
        self.database = database
        self._vault = vault
        self._new_uuid = new_uuid

    def get(self, letter_id: int) -> StoredLetter:
        """A letter as it was rendered, byte for byte; it must be there."""
        letter = self.find(letter_id)
        if letter is None:
            raise LookupError(f"no letter {letter_id}")
        return letter

    def find(self, letter_id: int) -> StoredLetter | None:
        """The same, or None when it is not there (any more)."""
        with self.database.read() as tx:
            row = tx.execute(_OF_ID, {"the_id": letter_id}).mappings().first()
        return self._stored(row) if row is not None else None

    def of_case(self, case_id: int) -> list[StoredLetter]:
        """The letters of a case, oldest first."""
        with self.database.read() as tx:
            rows = tx.execute(select(LETTER).where(LETTER.c.case_id == case_id).order_by(LETTER.c.id)).mappings().all()
        return [self._stored(row) for row in rows]

    def about(self, mail_id: int) -> list[tuple[str, str, str]]:
        """(kind, role, state) of each letter of no case that was written because of that mail, oldest first."""
        asked = select(LETTER.c.kind, LETTER.c.role, LETTER.c.state).where(LETTER.c.mail_id == mail_id)
        with self.database.read() as tx:
            return [(row.kind, row.role, row.state) for row in tx.execute(asked.order_by(LETTER.c.id))]

    def _stored(self, row: RowMapping) -> StoredLetter:
        return StoredLetter(
            id=row["id"],
            case_id=row["case_id"],
            number=row["number"],
            kind=row["kind"],
            role=row["role"],
            state=row["state"],
            address=self._opened(row, "address").decode(),
            content=self._opened(row, "content"),
            written_at=row["written_at"],
            first_try_at=row["first_try_at"],
        )

    def _opened(self, row: RowMapping, column: str) -> bytes:
        """A sealed column, b"" once it is erased."""
        return self._vault.open(row[column], "letter", row["uuid"], column) if row[column] else b""

    def first_try(self, letter_id: int, now: datetime) -> None:
        """Remember when a letter first failed: its five days begin."""
        with self.database.write() as tx:
            tx.execute(
                update(LETTER).where(LETTER.c.id == letter_id, LETTER.c.first_try_at.is_(None)).values(first_try_at=now)
            )

    def lately(self, address: str, now: datetime, within: timedelta = timedelta(days=1)) -> Counter[str]:
        """Kind -> how many letters of it were written to that address within that time."""
        asked = {"the_key": self._vault.index("address", address.lower()), "then": now - within}
        with self.database.read() as tx:
            return Counter({row[0]: row[1] for row in tx.execute(_LATELY, asked)})

    def index(self, address: str) -> str:
        """What stands for that address in our rows."""
        return self._vault.index("address", address.lower())

    def last_digest_at(self) -> datetime | None:
        """When the newest digest was written, UTC; None before the first."""
        with self.database.read() as tx:
            return tx.execute(_LAST_DIGEST).scalar()

    def seal(self, one: ToKeep, now: datetime) -> Sealed:
        """(columns, not before) of a new letter: encrypting comes before the transaction."""
        uuid = self._new_uuid()
        values = {
            "uuid": uuid,
            "number": one.number,
            "kind": one.kind,
            "role": one.role,
            "address": self._vault.seal(one.address.encode(), "letter", uuid, "address"),
            "address_key": self._vault.index("address", one.address.lower()),
            "content": self._vault.seal(one.content, "letter", uuid, "content"),
            "state": "waiting",
            "written_at": now,
        }
        return values, one.not_before

    def keep(
        self, tx: Connection, sealed: Sealed, case_id: int | None, now: datetime, *, mail_id: int | None = None
    ) -> None:
        """Add a letter and its task "send", within a transaction; one of no case is about the mail *mail_id*."""
        values, not_before = sealed
        about = {"case_id": case_id, "mail_id": mail_id if case_id is None else None}
        letter_id = tx.execute(_NEW, {**values, **about}).scalar_one()
        lane = values["address_key"] if values["kind"] == Kind.REFERRAL else None
        tasks.add(tx, "send", not_before or now, letter_id=letter_id, case_id=case_id, lane=lane)

    def void(self, tx: Connection, case_id: int | None, number: int) -> None:
        """A letter that has not left will not leave, within a transaction; MovedOn while it is just being sent."""
        waiting = (LETTER.c.case_id == case_id, LETTER.c.number == number, LETTER.c.state == "waiting")
        ids = select(LETTER.c.id).where(*waiting).scalar_subquery()
        tx.execute(delete(TASK).where(TASK.c.letter_id == ids, TASK.c.state.in_(["ready", "stuck"])))
        if tx.execute(select(TASK.c.id).where(TASK.c.letter_id == ids)).first():
            raise MovedOn(f"letter {number} is under way")
        tx.execute(update(LETTER).where(*waiting).values(state="void"))

    def mark(self, tx: Connection, letter_id: int, state: str, now: datetime) -> None:
        """A letter was sent or refused, within a transaction."""
        tx.execute(_MARK, {"the_id": letter_id, "now_it_is": state, "then": now if state == "sent" else None})


# What every letter asks, put together once: building a statement costs more than running it.
_OF_ID = prepared(select(LETTER).where(LETTER.c.id == bindparam("the_id")))
_LATELY = prepared(
    select(LETTER.c.kind, func.count())
    .where(LETTER.c.address_key == bindparam("the_key"), LETTER.c.written_at > bindparam("then"))
    .group_by(LETTER.c.kind)
)
_LAST_DIGEST = (
    select(LETTER.c.written_at)
    .where(LETTER.c.role == "desk", LETTER.c.kind == "digest")
    .order_by(LETTER.c.written_at.desc())
    .limit(1)
)
_NEW = prepared(insert(LETTER).returning(LETTER.c.id))
_MARK = prepared(
    update(LETTER)
    .where(LETTER.c.id == bindparam("the_id"))
    .values(state=bindparam("now_it_is"), sent_at=bindparam("then"))
)
