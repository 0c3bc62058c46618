"""The closing days that the desk told ("gesloten van … tot …"), and the rules with them in force."""

import hashlib
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import replace

from sqlalchemy import Connection, delete, select

from mailflow.core.rules import Rules
from mailflow.core.school_year import Closure
from mailflow.storage.engine import Database, insert_unless
from mailflow.storage.quick import prepared
from mailflow.storage.tables import CLOSURE

WHY = "gemeld door het meldpunt"


class Closures:
    """Every question asked of the table closure."""

    def __init__(self, database: Database, rules: Rules) -> None:
        """*rules* are those of the configuration."""
        self._database = database
        self._configured = rules
        self._known: tuple[Closure, ...] = ()
        self._in_force = rules
        self._looked = False

    def told(self, within: Connection | None = None) -> tuple[Closure, ...]:
        """All of them, the earliest first; asked *within* a transaction, or in one of its own."""
        with nullcontext(within) if within is not None else self._database.read() as tx:
            rows = tx.execute(_TOLD).all()
        return tuple(Closure(row[0], row[1]) for row in rows)

    def in_force(self) -> Rules:
        """The configured rules with the desk closed on those days; their fingerprint tells that terms moved.

        As they were at the last look: one task, from its beginning to its end, goes by one set of rules.
        """
        if not self._looked:
            self.look_again()
        return self._in_force

    def look_again(self, within: Connection | None = None) -> None:
        """See what was told since: by this process or by another one."""
        told = self.told(within)
        if told != self._known:
            self._in_force, self._known = _with(self._configured, told), told
        self._looked = True

    def change(self, tx: Connection, closes: Iterable[Closure], reopens: Iterable[Closure]) -> None:
        """Keep these, and take those out, within a transaction."""
        for one in closes:
            row = insert_unless(tx, CLOSURE).values(first=one.first, last=one.last)
            tx.execute(row.on_conflict_do_nothing(index_elements=["first", "last"]))
        for one in reopens:
            tx.execute(delete(CLOSURE).where(CLOSURE.c.first == one.first, CLOSURE.c.last == one.last))


# Every decision asks it: building a statement costs more than running it.
_TOLD = prepared(select(CLOSURE.c.first, CLOSURE.c.last).order_by(CLOSURE.c.first, CLOSURE.c.last))


def _with(rules: Rules, told: tuple[Closure, ...]) -> Rules:
    if not told:
        return rules
    named = (replace(one, why=WHY) for one in told)
    calendar = replace(rules.calendar, closures=(*rules.calendar.closures, *named))
    days = ",".join(f"{one.first}/{one.last}" for one in told)
    fingerprint = hashlib.sha256(f"{rules.fingerprint}|{days}".encode()).hexdigest()
    return replace(rules, calendar=calendar, fingerprint=fingerprint)
