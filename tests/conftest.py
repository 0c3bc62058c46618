"""Fixtures for every kind of test."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from house import BRUSSELS, House


def pytest_addoption(parser: pytest.Parser) -> None:
    """What a person can ask for beside running the tests."""
    parser.addoption("--update-stories", action="store_true", help="write the expected files of tests/stories anew")
    parser.addoption("--update-readme", action="store_true", help="write the lifecycle in README.md anew")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A meldpunt on Sunday 4 October 2026, 22:14 Brussels time."""
    one = House(tmp_path, datetime(2026, 10, 4, 22, 14, tzinfo=BRUSSELS))
    yield one
    one.close()
