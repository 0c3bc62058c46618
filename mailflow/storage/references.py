"""The references of cases: each is given out once, and a gap is fine."""

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, select, update

from mailflow.storage.engine import Database, insert_unless
from mailflow.storage.quick import prepared
from mailflow.storage.tables import COUNTER

REFERENCE = "MSI-{year}-{number:04}"
YEAR = "case-{year}"
"""The name of the counter of that year."""


class References:
    """Every question asked of the counters that references come from."""

    def __init__(self, database: Database) -> None:
        """*database* is open and migrated."""
        self.database = database
        self._looked_up: set[str] = set()
        """References that nobody took yet."""

    def next(self, year: int) -> str:
        """A reference that was never given before, taken at once."""
        name = YEAR.format(year=year)
        with self.database.write() as tx:
            first = insert_unless(tx, COUNTER).values(name=name, value=1)
            raised = first.on_conflict_do_update(index_elements=["name"], set_={"value": COUNTER.c.value + 1})
            number = tx.execute(raised.returning(COUNTER.c.value)).scalar_one()
        return REFERENCE.format(year=year, number=number)

    def several(self, year: int, count: int) -> list[str]:
        """References for so many new cases.

        On SQLite they are only looked up, and taken in the transaction that opens the cases: one transaction less for
        each mail, and hardly anybody else who opens cases. On PostgreSQL several may do so all the time.
        """
        if count == 0 or not self.database.is_sqlite:
            return [self.next(year) for _ in range(count)]
        with self.database.read() as tx:
            last = tx.execute(_LAST, {"the_name": YEAR.format(year=year)}).scalar() or 0
        found = [REFERENCE.format(year=year, number=last + n) for n in range(1, count + 1)]
        self._looked_up |= {*found}
        return found

    def take(self, tx: Connection, reference: str) -> bool:
        """Take one that was looked up, within a transaction; False when somebody else was quicker."""
        if reference not in self._looked_up:
            return True
        self._looked_up.discard(reference)
        _, year, digits = reference.split("-")
        name, number = YEAR.format(year=year), int(digits)
        if number > 1:
            return bool(tx.execute(_TAKEN, {"the_name": name, "before": number - 1, "value": number}).rowcount)
        first = insert_unless(tx, COUNTER).values(name=name, value=1).on_conflict_do_nothing(index_elements=["name"])
        return tx.execute(first.returning(COUNTER.c.name)).first() is not None

    def given_out(self) -> dict[str, int]:
        """Counter -> the last number that it gave out, for each year's references."""
        with self.database.read() as tx:
            rows = tx.execute(select(COUNTER.c.name, COUNTER.c.value).where(COUNTER.c.name.like("case-%")))
            return {row[0]: row[1] for row in rows}

    def never_give_out(self, upto: Mapping[str, int]) -> None:
        """Go on counting above these numbers."""
        with self.database.write() as tx:
            for name, value in upto.items():
                row = insert_unless(tx, COUNTER).values(name=name, value=value)
                tx.execute(row.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


_LAST = prepared(select(COUNTER.c.value).where(COUNTER.c.name == bindparam("the_name")))
_TAKEN = prepared(
    update(COUNTER).where(COUNTER.c.name == bindparam("the_name"), COUNTER.c.value == bindparam("before"))
)
