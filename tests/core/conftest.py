"""Core reads no file and no template: nothing is to be read once for it."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def _read_once() -> None:
    """In place of that of the other tests, which has to import most of the house first."""
