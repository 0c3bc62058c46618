"""Does any question cost more once there are more years? Counted in steps of SQLite's machine: no clock, no load."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

sys.path.append(str(Path(__file__).parent / "bench"))

from growth import piled
from made import made
from questions import Asked

FEW, MORE = 500, 2000
"""Cases in the store: those of this school year and the last one are the same, and 50 or 1550 are of years before."""
ROOM = 1.2
"""A deeper index costs a step here and there."""


class Steps:
    """What SQLite did so far, on every connection."""

    def __init__(self) -> None:
        self.taken = 0

    def listen(self, connection: sqlite3.Connection, _record: object) -> None:
        connection.set_progress_handler(self._step, 1)

    def _step(self) -> int:
        self.taken += 1
        return 0


class Counted(Asked):
    """The questions of `make bench`, each with the steps that its answer took."""

    steps: Steps

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        before = self.steps.taken
        yield
        self.spent.setdefault(what, []).append(self.steps.taken - before)


@pytest.fixture
def steps() -> Iterator[Steps]:
    """Counted from now on, on connections that are made from now on."""
    one = Steps()
    event.listen(Engine, "connect", one.listen)
    yield one
    event.remove(Engine, "connect", one.listen)


def test_no_question_costs_more_with_years_gone_by(tmp_path: Path, steps: Steps):
    """A day's work, the digest, lists, figures, erasing and /metrics: of 500 cases and of 2000 the same."""
    template, last_old = made(tmp_path / "template", 2, 8)
    template.close()
    spent = []
    for size in (FEW, MORE):
        with closing(piled(tmp_path, size, last_old)) as house:
            house.mails = template.mails
            asked = Counted(house)
            asked.steps = steps
            asked.ask_all()
            asked.ask_all()
            spent.append({what: taken[-1] for what, taken in asked.spent.items()})
    few, more = spent

    assert {what: (few[what], more[what]) for what in few if more[what] > few[what] * ROOM} == {}
    assert min(few.values()) > 0
