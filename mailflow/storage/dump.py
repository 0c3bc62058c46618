"""The whole database as lines of text, the same for SQLite and PostgreSQL; and back into a database."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, DateTime, LargeBinary, MetaData, Table, delete, func, insert, select
from sqlalchemy import Date as DateColumn

from mailflow.storage.engine import Database
from mailflow.storage.migrate import migrate, newest_revision
from mailflow.storage.tables import LETTER, MAIL, Mail

AT_ONCE = 200
"""Rows that are written together: a mail can be 25 MB, so not more than a moment's worth."""
RESTORED = "restored"
"""Kind and outcome of the rows that mark where a backup was put back."""


class Damaged(Exception):
    """This is no dump, or it was cut off or changed."""


def lines(database: Database, head: dict[str, Any]) -> Iterator[str]:
    """The database of one moment: *head*, then of each table its name, columns and rows; the number of rows last."""
    total = 0
    with database.read() as tx:
        yield json.dumps({**head, "revision": newest_revision()})
        for table in Mail.metadata.sorted_tables:
            yield json.dumps({"table": table.name, "columns": [column.name for column in table.columns]})
            for row in tx.execution_options(yield_per=AT_ONCE).execute(select(table).order_by(*table.primary_key)):
                total += 1
                yield json.dumps([_as_json(value) for value in row])
    yield json.dumps({"rows": total})


def load(told: Iterable[str], empty: Database) -> dict[str, Any]:
    """Fill an empty database with a dump of this or an older release, brought to today's tables; the dump's head.

    Raises Damaged when it is no whole dump, TooNew when a newer release wrote it.
    """
    rest = iter(told)
    head = _object(next(rest, ""))
    if "revision" not in head:
        raise Damaged("it does not begin as a backup does")
    migrate(empty, to=str(head["revision"]))
    known = MetaData()
    with empty.write() as tx:
        known.reflect(tx)
        if not _rows(tx, known, rest):
            raise Damaged("it was cut off")
    migrate(empty)
    return head


def replace(source: Database, target: Database) -> None:
    """Make the rows of *target* those of *source*, both with today's tables: in one transaction, or not at all."""
    tables = Mail.metadata.sorted_tables
    with source.read() as reading, target.write() as tx:
        for table in reversed(tables):
            tx.execute(delete(table))
        for table in tables:
            rows = reading.execution_options(yield_per=AT_ONCE).execute(select(table).order_by(*table.primary_key))
            for some in rows.mappings().partitions(AT_ONCE):
                tx.execute(insert(table), [dict(row) for row in some])
        if not target.is_sqlite:
            for table in tables:
                _go_on_counting(tx, table)


def leave_gap(database: Database, wide: int, now: datetime) -> None:
    """Give the next mail and letter a number that none can have had: our sealed addresses hold those numbers.

    A row of each that holds nothing marks the gap, since SQLite counts on from the highest row.
    """
    nothing: dict[str, Any] = {"address": b"", "address_key": "", "content": b""}
    with database.write() as tx:
        for table, row in (
            (MAIL, {"content_key": "", "received_at": now, "size": 0, "state": "erased", "hint": "", "sealed": b""}),
            (LETTER, {**nothing, "number": 0, "kind": RESTORED, "role": "", "state": "void", "written_at": now}),
        ):
            last = tx.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
            marked = {"id": last + wide, "uuid": f"{last + wide:032x}", **row}
            if table is MAIL:
                marked |= {"content_key": f"{RESTORED} {marked['id']}", "outcome": RESTORED}
            tx.execute(insert(table), [marked])
            if not database.is_sqlite:
                _go_on_counting(tx, table)


def sizes(database: Database) -> dict[str, int]:
    """Table -> number of rows."""
    with database.read() as tx:
        return {
            table.name: int(tx.execute(select(func.count()).select_from(table)).scalar_one())
            for table in Mail.metadata.sorted_tables
        }


def _rows(tx: Connection, known: MetaData, told: Iterator[str]) -> bool:
    """Insert table after table; whether the last line was there and counted right."""
    table: Table | None = None
    read: list[Callable[[Any], Any]] = []
    names: list[str] = []
    waiting: list[dict[str, Any]] = []
    total = 0
    for line in told:
        values = json.loads(line)
        if isinstance(values, list) and table is not None:
            waiting.append({name: of(value) for name, of, value in zip(names, read, values, strict=True)})
            total += 1
        if waiting and (len(waiting) >= AT_ONCE or not isinstance(values, list)):
            assert table is not None  # noqa: S101 - tells mypy: rows come after a table
            tx.execute(insert(table), waiting)
            waiting = []
        if isinstance(values, dict) and "table" in values:
            table, names = known.tables[values["table"]], values["columns"]
            read = [_reader_of(table, name) for name in names]
        elif isinstance(values, dict):
            return bool(values.get("rows") == total)
    return False


def _reader_of(table: Table, name: str) -> Callable[[Any], Any]:
    kind = table.columns[name].type
    if isinstance(kind, LargeBinary):
        return lambda value: None if value is None else base64.b64decode(value)
    if isinstance(kind, DateTime):
        return lambda value: None if value is None else datetime.fromisoformat(value)
    if isinstance(kind, DateColumn):
        return lambda value: None if value is None else date.fromisoformat(value)
    return lambda value: value


def _as_json(value: object) -> object:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def _object(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}


def _go_on_counting(tx: Connection, table: Table) -> None:
    """PostgreSQL numbers new rows from a sequence, which rows that bring their own number leave behind."""
    key = [*table.primary_key.columns]
    if [column.name for column in key] == ["id"]:
        highest = func.coalesce(select(func.max(table.c.id)).scalar_subquery(), 0)
        tx.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), highest + 1, False)))  # noqa: FBT003 - is_called: SQL names no arguments
