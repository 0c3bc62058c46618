"""Who may do what only one may do? A lease by name, with a fence for whoever lost it without noticing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, case, func, or_, select, update

from mailflow.clock import monotonic, real_now
from mailflow.storage.engine import Database, insert_unless
from mailflow.storage.tables import LEASE


class Leases:
    """Every question asked of the table lease. Its times are real time: the database's own on PostgreSQL."""

    def __init__(self, database: Database) -> None:
        """*database* is open and migrated."""
        self._database = database

    def take(self, name: str, holder: str, term: timedelta) -> int | None:
        """Take or renew the lease *name* for *term*; its fence, or None while another holds it."""
        with self._database.read() as look:  # whoever waits for another must not take the write lock to learn nothing
            held = look.execute(select(LEASE.c.holder, LEASE.c.held_until).where(LEASE.c.name == name)).first()
            if held is not None and held.holder != holder and held.held_until > _now(look):
                return None
        with self._database.write() as tx:
            now = _now(tx)
            new = insert_unless(tx, LEASE).values(name=name, holder=holder, held_until=now + term, fence=1)
            taken = new.on_conflict_do_update(
                index_elements=["name"],
                set_={
                    "holder": holder,
                    "held_until": now + term,
                    "fence": case((LEASE.c.holder == holder, LEASE.c.fence), else_=LEASE.c.fence + 1),
                },
                where=or_(LEASE.c.holder == holder, LEASE.c.held_until <= now),
            )
            fence = tx.execute(taken.returning(LEASE.c.fence)).scalar()
        return None if fence is None else int(fence)

    def let_go(self, name: str, holder: str) -> None:
        """Give the lease back before its term; nothing when another holds it."""
        with self._database.write() as tx:
            ours = and_(LEASE.c.name == name, LEASE.c.holder == holder)
            tx.execute(update(LEASE).where(ours).values(holder="", held_until=_now(tx)))

    def holders(self) -> list[str]:
        """Who holds a lease now."""
        with self._database.read() as tx:
            held = select(LEASE.c.holder).where(LEASE.c.holder != "", LEASE.c.held_until > _now(tx)).distinct()
            return [*tx.execute(held).scalars()]

    def rescue(self, is_alive: Callable[[str], bool]) -> None:
        """Free the leases of holders that are no longer there."""
        with self._database.write() as tx:
            holders = tx.execute(select(LEASE.c.holder).where(LEASE.c.holder != "").distinct()).scalars().all()
            dead = [holder for holder in holders if not is_alive(holder)]
            tx.execute(update(LEASE).where(LEASE.c.holder.in_(dead)).values(holder="", held_until=_now(tx)))


def is_held(tx: Connection, name: str, fence: int) -> bool:
    """Within a transaction: whether nobody took the lease over since it had that fence."""
    found = select(LEASE.c.fence).where(LEASE.c.name == name).with_for_update()
    return tx.execute(found).scalar() == fence


@dataclass
class Hold:
    """One lease as one thread holds it: asked often, renewed when a third of its term has passed."""

    leases: Leases
    name: str
    holder: str
    term: timedelta
    fence: int | None = field(default=None, init=False)
    """None: another holds it."""
    _renewed_at: float = field(default=0, init=False)

    def is_ours(self) -> bool:
        """Whether this process may go on; takes the lease when it is free."""
        now = monotonic()
        if self.fence is None or now - self._renewed_at > self.term.total_seconds() / 3:
            self.fence = self.leases.take(self.name, self.holder, self.term)
            self._renewed_at = now
        return self.fence is not None

    def let_go(self) -> None:
        """Give it back, so that another can take it at once."""
        if self.fence is not None:
            self.fence = None
            self.leases.let_go(self.name, self.holder)


def _now(tx: Connection) -> datetime:
    """Real time: on PostgreSQL the server's, for the clocks of two machines differ."""
    if tx.dialect.name == "sqlite":
        return real_now()
    now: datetime = tx.execute(select(func.now())).scalar_one()
    return now
