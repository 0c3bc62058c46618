"""The signals for the working group: sealed, since a person wrote them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from mailflow.core.kept_signal import Signal
from mailflow.storage.engine import Database, insert_unless
from mailflow.storage.tables import SIGNAL
from mailflow.storage.vault import Vault


class Signals:
    """Every question asked of the table signal."""

    def __init__(self, database: Database, vault: Vault, new_uuid: Callable[[], str]) -> None:
        """*new_uuid* gives 32 hex digits for a new row."""
        self._database = database
        self._vault = vault
        self._new_uuid = new_uuid

    def seal(self, one: Signal, now: datetime) -> dict[str, Any]:
        """The columns of a new row: encrypting comes before the transaction."""
        uuid = self._new_uuid()
        text = self._vault.seal(one.text.encode(), "signal", uuid, "text")
        return {"mail_id": one.mail, "uuid": uuid, "at": now, "role": one.role, "text": text}

    def keep(self, tx: Connection, sealed: dict[str, Any]) -> None:
        """Keep it, within a transaction; a mail that is read once more brings nothing new."""
        tx.execute(insert_unless(tx, SIGNAL).values(**sealed).on_conflict_do_nothing(index_elements=["mail_id"]))

    def lines(self) -> Sequence[Signal]:
        """All of them, the oldest first."""
        with self._database.read() as tx:
            rows = tx.execute(select(SIGNAL).order_by(SIGNAL.c.at, SIGNAL.c.mail_id)).mappings().all()
        return [
            Signal(
                mail=row["mail_id"],
                role=row["role"],
                at=row["at"],
                text=self._vault.open(row["text"], "signal", row["uuid"], "text").decode(),
            )
            for row in rows
        ]

    def drop(self, number: int) -> bool:
        """Take the signal of that mail out; whether it was there."""
        with self._database.write() as tx:
            return self.take_out(tx, number)

    def take_out(self, tx: Connection, number: int) -> bool:
        """The same within a transaction."""
        return tx.execute(delete(SIGNAL).where(SIGNAL.c.mail_id == number)).rowcount == 1
