"""Seals what older data keys sealed anew with the newest one; it can be ended at any point and gone on with."""

from collections.abc import Callable, Iterator

from sqlalchemy import LargeBinary, Table, and_, func, select, update

from mailflow.storage.engine import Database
from mailflow.storage.tables import Mail
from mailflow.storage.vault import Vault

AT_ONCE = 20
"""Values that are written together: a mail can be 25 MB."""


def columns() -> Iterator[tuple[Table, str]]:
    """Every column that holds what a person wrote or is named in: bytes, in a row with a uuid."""
    for table in Mail.metadata.sorted_tables:
        if "uuid" in table.columns:
            yield from ((table, one.name) for one in table.columns if isinstance(one.type, LargeBinary))


def left(database: Database, vault: Vault) -> int:
    """How many values are under an older key."""
    with database.read() as tx:
        return sum(
            int(tx.execute(select(func.count()).select_from(table).where(_is_old(table, name, vault))).scalar_one())
            for table, name in columns()
        )


def seal_anew(database: Database, vault: Vault, told: Callable[[int, int], None] = lambda _done, _total: None) -> int:
    """Bring every value under the newest key; how many there were. Raises Unreadable where the older key is missing.

    *told* hears how many are done, of how many.
    """
    total, done = left(database, vault), 0
    for table, name in columns():
        for some in _column(database, vault, table, name):
            done += some
            told(done, total)
    return done


def _column(database: Database, vault: Vault, table: Table, name: str) -> Iterator[int]:
    """How many were written, each time some were."""
    key, column = table.primary_key.columns, table.c[name]
    query = select(*key, table.c.uuid, column).where(_is_old(table, name, vault)).limit(AT_ONCE)
    while True:
        with database.write() as tx:
            rows = tx.execute(query).mappings().all()
            for row in rows:
                place = (table.name, row["uuid"], name)
                sealed = vault.seal(vault.open(row[name], *place), *place)
                here = and_(*(one == row[one.name] for one in key))
                tx.execute(update(table).where(here).values({name: sealed}))
        if not rows:
            return
        yield len(rows)


def _is_old(table: Table, name: str, vault: Vault):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a clause of SQLAlchemy's
    """Not empty (that is: erased), and not under the newest key."""
    column, prefix = table.c[name], vault.newest
    begins = func.substr(column, 1, len(prefix))
    return and_(column.is_not(None), func.length(column) > 0, begins != prefix)
