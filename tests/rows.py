"""A table of rows as one test, which goes over all of them: every row that is wrong is told, with what it holds."""

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from inspect import Signature
from textwrap import indent
from typing import Any

import pytest

Test = Callable[..., None]
LONGEST = 200
"""So much of a value is shown of a row that is wrong."""


def each_row(names: str | Sequence[str], table: Iterable[Any]) -> Callable[[Test], Test]:
    """In place of `pytest.mark.parametrize`, and written like it, where a test for each row would take longest itself.

    Two tables above one test are multiplied. A fixture cannot be asked for: it would be the same one for all rows.
    """
    keys = [names] if isinstance(names, str) else list(names)
    rows = [dict(zip(keys, [row] if isinstance(names, str) else row, strict=True)) for row in table]

    def over(test: Test) -> Test:
        one, inner = getattr(test, "goes_over", (test, [{}]))
        every = [row | beside for row in rows for beside in inner]
        if not every:
            raise ValueError(f"{test.__name__}: a table without rows asks nothing")

        @wraps(one)
        def all_rows(*self: object) -> None:
            __tracebackhide__ = True
            wrong = [(number, row, error) for number, row in enumerate(every, 1) if (error := _error(one, self, row))]
            if wrong:
                told = "\n".join(f"row {number}: {_shown(row)}\n{_why(error)}" for number, row, error in wrong)
                raise AssertionError(f"{len(wrong)} of {len(every)} rows are wrong\n{told}") from wrong[0][2]

        all_rows.goes_over = one, every
        all_rows.__signature__ = Signature()  # else pytest takes the names for fixtures
        return all_rows

    return over


def _error(test: Test, self: tuple[object, ...], row: dict[str, Any]) -> BaseException | None:
    try:
        test(*self, **row)
    except (Exception, pytest.fail.Exception) as error:
        return error
    return None


def _shown(row: dict[str, Any]) -> str:
    texts = {key: repr(value) for key, value in row.items()}
    return ", ".join(f"{key}={text if len(text) <= LONGEST else text[:LONGEST] + '…'}" for key, text in texts.items())


def _why(error: BaseException) -> str:
    return indent(f"{type(error).__name__}: {error}", "    ")
