"""Fixtures for every kind of test."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from house import BRUSSELS, House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A meldpunt on Sunday 4 October 2026, 22:14 Brussels time."""
    one = House(tmp_path, datetime(2026, 10, 4, 22, 14, tzinfo=BRUSSELS))
    yield one
    one.close()
