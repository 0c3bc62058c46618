"""Whom the desk told us to remember: sealed, and found by keyed hashes of the address or its domain."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, or_, select

from mailflow.core.known_senders import Meaning, Remembered
from mailflow.storage.engine import Database
from mailflow.storage.quick import prepared
from mailflow.storage.tables import SENDER_RULE
from mailflow.storage.vault import Vault

_OF_KEYS = prepared(
    select(SENDER_RULE).where(
        or_(SENDER_RULE.c.who_key == bindparam("address"), SENDER_RULE.c.who_key == bindparam("domain"))
    )
)


@dataclass(frozen=True, kw_only=True)
class SenderLine:
    """One remembered sender, as the list shows it."""

    id: int
    remembered: Remembered
    since: datetime


class SenderRules:
    """Every question asked of the table sender_rule."""

    def __init__(self, database: Database, vault: Vault, new_uuid: Callable[[], str]) -> None:
        """*new_uuid* gives 32 hex digits for a new row."""
        self.database = database
        self._vault = vault
        self._new_uuid = new_uuid

    def of(self, address: str) -> Remembered | None:
        """What is remembered of this address, else of its domain; None when nothing is."""
        names = [address.lower(), f"@{address.lower().rpartition('@')[2]}"]
        keys = address_key, domain_key = [self._vault.index("sender", name) for name in names]
        with self.database.read() as tx:
            rows = tx.execute(_OF_KEYS, {"address": address_key, "domain": domain_key}).mappings().all()
        found = {row["who_key"]: row for row in rows}
        return next((self._opened(found[key]) for key in keys if key in found), None)

    def seal(self, remembered: Remembered, now: datetime) -> dict[str, Any]:
        """The columns of a new row: encrypting comes before the transaction."""
        uuid = self._new_uuid()
        return {
            "uuid": uuid,
            "who_key": self._vault.index("sender", remembered.who),
            "who": self._vault.seal(remembered.who.encode(), "sender_rule", uuid, "who"),
            "meaning": remembered.meaning.value,
            "clb": remembered.clb,
            "since": now,
        }

    def keep(self, tx: Connection, sealed: dict[str, Any]) -> None:
        """Remember it, within a transaction; the newest word about a sender counts."""
        tx.execute(delete(SENDER_RULE).where(SENDER_RULE.c.who_key == sealed["who_key"]))
        tx.execute(insert(SENDER_RULE).values(**sealed))

    def lines(self) -> list[SenderLine]:
        """All of them, oldest first."""
        with self.database.read() as tx:
            rows = tx.execute(select(SENDER_RULE).order_by(SENDER_RULE.c.id)).mappings().all()
        return [SenderLine(id=row["id"], remembered=self._opened(row), since=row["since"]) for row in rows]

    def forget(self, number: int) -> bool:
        """Take it out; whether it was there."""
        with self.database.write() as tx:
            return self.take_out(tx, number)

    def take_out(self, tx: Connection, number: int) -> bool:
        """The same within a transaction."""
        return tx.execute(delete(SENDER_RULE).where(SENDER_RULE.c.id == number)).rowcount == 1

    def _opened(self, row: Any) -> Remembered:  # noqa: ANN401 - a row of the table
        who = self._vault.open(row["who"], "sender_rule", row["uuid"], "who").decode()
        return Remembered(who=who, meaning=Meaning(row["meaning"]), clb=row["clb"])
