"""Statements that are asked for every mail: put together once, and handed to SQLite's driver as they are.

SQLAlchemy looks a statement up, binds it and wraps its rows anew at each execution: that costs several times what
SQLite itself needs. On PostgreSQL, and for every other statement, SQLAlchemy does all of it.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Delete, Insert, Select, Update
from sqlalchemy.engine import Dialect, IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import DBAPIError

Statement = TypeVar("Statement", bound=Select[Any] | Insert | Update | Delete)
_PREPARED: dict[int, tuple[Any, dict[tuple[str, ...], "_Ready"]]] = {}
"""By the identity of a statement: the statement, and by the names of its parameters what it is in SQLite's words."""


def prepared(statement: Statement) -> Statement:
    """*statement*, known as one that is asked often; it has no expanding parameter and stays for good."""
    _PREPARED[id(statement)] = (statement, {})
    return statement


class QuickConnection(Connection):
    """A connection to SQLite that takes the short way with prepared statements."""

    def execute(self, statement: Any, parameters: Any = None, **options: Any) -> Any:  # noqa: ANN401 - SQLAlchemy's own types are no narrower here
        """As SQLAlchemy's."""
        known = _PREPARED.get(id(statement))
        if known is None:
            return super().execute(statement, parameters, **options)
        rows = parameters if isinstance(parameters, list) else [parameters or {}]
        names = tuple(rows[0])
        ready = known[1].get(names)
        if ready is None:
            ready = known[1][names] = _Ready(statement, names, self.dialect)
        return ready.run(self.connection.dbapi_connection, rows)


@dataclass(frozen=True)
class Written:
    """What is known of a statement that gives no rows."""

    rowcount: int


class _Ready:
    """A statement in SQLite's words, for parameters of these names."""

    def __init__(self, statement: Any, names: Sequence[str], dialect: Dialect) -> None:  # noqa: ANN401 - one of *prepared*
        compiled = statement.compile(dialect=dialect, column_keys=[*names] if statement.is_dml else None)
        if compiled.post_compile_params or not {name for name, bind in compiled.binds.items() if bind.required} <= {
            *names
        }:
            raise ValueError("a prepared statement has no expanding parameter, and each of its parameters is given")
        self._sql = str(compiled)
        fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        binding = compiled._bind_processors
        self._binds = [(name, binding.get(name)) for name in compiled.positiontup]
        self._fixed = {name: fixed[name] for name, _ in self._binds if name in fixed and name not in names}
        columns = compiled._result_columns if statement.is_select or statement._returning else ()
        reading = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self._reads = reading if any(reading) else []
        self._told = SimpleResultMetaData([column.keyname for column in columns])
        self._gives_rows = bool(columns)

    def run(self, driver: Any, rows: Sequence[Mapping[str, Any]]) -> Any:  # noqa: ANN401 - as SQLAlchemy's
        given = [self._given({**self._fixed, **row}) for row in rows]
        try:
            cursor = driver.executemany(self._sql, given) if len(given) > 1 else driver.execute(self._sql, given[0])
            found = cursor.fetchall() if self._gives_rows else []
        except sqlite3.Error as fault:
            raise told(self._sql, fault) from fault
        if not self._gives_rows:
            return Written(cursor.rowcount)
        if self._reads:
            found = [self._read(row) for row in found]
        return IteratorResult(self._told, iter(found))

    def _given(self, values: Mapping[str, Any]) -> list[Any]:
        return [bound(values[name]) if bound else values[name] for name, bound in self._binds]

    def _read(self, row: Sequence[Any]) -> tuple[Any, ...]:
        return tuple([read(value) if read else value for read, value in zip(self._reads, row, strict=True)])


def told(sql: str, fault: sqlite3.Error) -> BaseException:
    """A fault of SQLite's driver as SQLAlchemy tells it: without any value."""
    return DBAPIError.instance(sql, (), fault, sqlite3.Error, hide_parameters=True)
