"""Statements that are asked for every mail: put together once, and handed to SQLite's driver as they are.

SQLAlchemy looks a statement up, binds it and wraps its rows anew at each execution: that costs several times what
SQLite itself needs. On PostgreSQL, and for every other statement, SQLAlchemy does all of it.
"""

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import Connection, Delete, Insert, Select, Update
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError

Statement = TypeVar("Statement", bound=Select[Any] | Insert | Update | Delete)
_PREPARED: dict[int, tuple[Any, dict[tuple[str, ...], "_Ready"]]] = {}
"""By the identity of a statement: the statement, and by the names of its parameters what it is in SQLite's words."""


def prepared(statement: Statement) -> Statement:
    """*statement*, known as one that is asked often; it has no expanding parameter and stays for good."""
    _PREPARED[id(statement)] = (statement, {})
    return statement


class QuickConnection(Connection):
    """A connection to SQLite that takes the short way with prepared statements, and with transactions."""

    @cached_property
    def _driver(self) -> Any:  # noqa: ANN401 - sqlite3's connection, as the pool gave it
        return self.connection.dbapi_connection

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
        return ready.run(self._driver, rows)

    @contextmanager
    def transaction(self, begin: str) -> Iterator[None]:
        """One that begins with the word *begin*: committed at the end, rolled back on an exception.

        SQLAlchemy joins it with the first statement that is not prepared.
        """
        try:
            self._tell(begin, self._driver.execute, begin)
            yield
            if self.in_transaction():
                self.commit()
            else:
                self._tell("COMMIT", self._driver.commit)
        except BaseException:
            self.rollback()
            self._driver.rollback()
            raise

    @staticmethod
    def _tell(words: str, call: Any, *given: str) -> None:  # noqa: ANN401 - a method of the driver
        try:
            call(*given)
        except sqlite3.Error as fault:
            raise told(words, fault) from fault


class Found:
    """What a prepared statement gave: rows as tuples with names, asked for as of SQLAlchemy's result."""

    def __init__(self, names: Sequence[str], rows: list[Any], rowcount: int) -> None:
        self._names = names
        self._rows = rows
        self.rowcount = rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> list[Any]:
        """Every row."""
        return self._rows

    def first(self) -> Any:  # noqa: ANN401 - a row
        """The first row, or None."""
        return self._rows[0] if self._rows else None

    def one(self) -> Any:  # noqa: ANN401 - a row
        """The only row."""
        (row,) = self._rows
        return row

    def scalar(self) -> Any:  # noqa: ANN401 - a value
        """The first value of the first row, or None."""
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:  # noqa: ANN401 - a value
        """The first value of the only row."""
        return self.one()[0]

    def scalars(self) -> "Found":
        """The first value of each row."""
        return Found((), [row[0] for row in self._rows], self.rowcount)

    def mappings(self) -> "Found":
        """Each row by the names of its columns."""
        return Found((), [dict(zip(self._names, row, strict=True)) for row in self._rows], self.rowcount)


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
        self._reads = [(place, read) for place, read in enumerate(reading) if read]
        self._names = [column.keyname for column in columns]
        self._row = _row_of(self._names)

    def run(self, driver: Any, rows: Sequence[Mapping[str, Any]]) -> Found:  # noqa: ANN401 - sqlite3's connection
        given = [self._given({**self._fixed, **row}) for row in rows]
        try:
            cursor = driver.executemany(self._sql, given) if len(given) > 1 else driver.execute(self._sql, given[0])
            found = cursor.fetchall() if self._names else []
        except sqlite3.Error as fault:
            raise told(self._sql, fault) from fault
        return Found(self._names, [self._row(self._read(row)) for row in found], cursor.rowcount)

    def _given(self, values: Mapping[str, Any]) -> list[Any]:
        return [bound(values[name]) if bound else values[name] for name, bound in self._binds]

    def _read(self, row: Sequence[Any]) -> Sequence[Any]:
        if not self._reads:
            return row
        values = [*row]
        for place, read in self._reads:
            values[place] = read(values[place])
        return values


def _row_of(names: Sequence[str]) -> Callable[[Sequence[Any]], Any]:
    """What makes a row of its values: a tuple that can be asked by name."""
    by_name: Any = namedtuple  # a type checker wants to read the names
    make: Callable[[Sequence[Any]], Any] = by_name("Row", names, rename=True)._make
    return make


def told(sql: str, fault: sqlite3.Error) -> BaseException:
    """A fault of SQLite's driver as SQLAlchemy tells it: without any value."""
    return DBAPIError.instance(sql, (), fault, sqlite3.Error, hide_parameters=True)
