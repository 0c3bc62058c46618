"""How far was each mailbox read, and how does it stand?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from mailflow.storage.engine import Database, insert_unless
from mailflow.storage.leases import is_held
from mailflow.storage.tables import MAILBOX_CURSOR

NEVER_READ = 0
"""The UIDVALIDITY of a mailbox that nobody read yet: a real one is at least 1 (RFC 3501 2.3.1.1)."""


@dataclass(frozen=True, kw_only=True)
class MailboxState:
    """What the last reading found; before the first one, since when it is expected."""

    mailbox: str
    uid_validity: int
    uid: int
    """The highest UID that was dealt with."""
    set_aside: int
    """How many mails lie in the folder for what could not be fetched."""
    read_at: datetime


class Mailboxes:
    """Every question asked of the table mailbox_cursor."""

    def __init__(self, database: Database) -> None:
        """*database* is open and migrated."""
        self._database = database

    def keep(self, state: MailboxState, *, lease: str, fence: int) -> bool:
        """Note how a mailbox stands; False, and nothing is noted, when its lease went to another meanwhile."""
        row = {
            "mailbox": state.mailbox,
            "uid_validity": state.uid_validity,
            "uid": state.uid,
            "set_aside": state.set_aside,
            "read_at": state.read_at,
        }
        with self._database.write() as tx:
            if not is_held(tx, lease, fence):
                return False
            new = insert_unless(tx, MAILBOX_CURSOR).values(row)
            tx.execute(new.on_conflict_do_update(index_elements=["mailbox"], set_=row))
        return True

    def expect(self, names: Sequence[str], now: datetime) -> None:
        """These are read from now on: what is said of others is forgotten, and one that stays unread is noticed."""
        with self._database.write() as tx:
            tx.execute(delete(MAILBOX_CURSOR).where(MAILBOX_CURSOR.c.mailbox.not_in(names)))
            for name in names:
                row = {"mailbox": name, "uid_validity": NEVER_READ, "uid": 0, "set_aside": 0, "read_at": now}
                new = insert_unless(tx, MAILBOX_CURSOR).values(row)
                tx.execute(new.on_conflict_do_nothing(index_elements=["mailbox"]))

    def state(self, mailbox: str) -> MailboxState | None:
        """How the mailbox of that name stood when it was last read; None: never."""
        return next((one for one in self.states() if one.mailbox == mailbox), None)

    def states(self) -> list[MailboxState]:
        """Every mailbox that was ever read, by name."""
        with self._database.read() as tx:
            rows = tx.execute(select(MAILBOX_CURSOR).order_by(MAILBOX_CURSOR.c.mailbox)).mappings().all()
        return [MailboxState(**row) for row in rows]
