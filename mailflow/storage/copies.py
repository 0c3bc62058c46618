"""Copies of erased mails that still lie in our mailboxes: asked for here, carried out by whoever reads the mailbox."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from mailflow.storage.content_key import content_of, message_id_of
from mailflow.storage.engine import Database
from mailflow.storage.tables import EXPUNGE
from mailflow.storage.vault import Vault


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A mail that must leave a mailbox; *message_id* is "" when it had none."""

    id: int
    message_id: str
    size: int
    """In bytes, as it came."""
    content_key: str


class Copies:
    """Every question asked of the table expunge."""

    def __init__(
        self, database: Database, vault: Vault, new_uuid: Callable[[], str], mailboxes: Sequence[str] = ()
    ) -> None:
        """*mailboxes* are the names of those that we read: a copy may lie in each."""
        self.database = database
        self._vault = vault
        self._new_uuid = new_uuid
        self._mailboxes = tuple(mailboxes)

    def ask(self, tx: Connection, raw: bytes, content_key: str) -> None:
        """Ask for the copies of a mail to go, within a transaction."""
        for mailbox in self._mailboxes:
            uuid = self._new_uuid()
            row = {
                "uuid": uuid,
                "mailbox": mailbox,
                "content_key": content_key,
                "message_id": self._vault.seal(message_id_of(raw).encode(), "expunge", uuid, "message_id"),
                "size": len(raw),
            }
            tx.execute(insert(EXPUNGE).values(**row))

    def wanted(self, mailbox: str) -> list[Copy]:
        """What must go from that mailbox, oldest first."""
        query = select(EXPUNGE).where(EXPUNGE.c.mailbox == mailbox).order_by(EXPUNGE.c.id).limit(1000)
        with self.database.read() as tx:
            rows = tx.execute(query).mappings().all()
        return [
            Copy(
                id=row["id"],
                message_id=self._vault.open(row["message_id"], "expunge", row["uuid"], "message_id").decode(),
                size=row["size"],
                content_key=row["content_key"],
            )
            for row in rows
        ]

    def is_copy(self, raw: bytes, copy: Copy) -> bool:
        """Whether these bytes are that very mail: a Message-ID alone says nothing."""
        return self._vault.digest(content_of(raw)) == copy.content_key

    def gone(self, copy: Copy) -> None:
        """It is in that mailbox no more."""
        with self.database.write() as tx:
            tx.execute(delete(EXPUNGE).where(EXPUNGE.c.id == copy.id))

    def left(self) -> int:
        """How many copies must still go."""
        with self.database.read() as tx:
            return int(tx.execute(select(func.count()).select_from(EXPUNGE)).scalar_one())
