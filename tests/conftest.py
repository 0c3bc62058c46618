"""Fixtures for every kind of test; what only some of them need is imported where it is used, for core needs none."""

import gc
import os
import sys
from collections.abc import Generator, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from needs import CORPUS, missing

if TYPE_CHECKING:
    from house import House

    from mailflow.app import App

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in weights.py, for a test may import numpy before that


def pytest_addoption(parser: pytest.Parser) -> None:
    """What a person can ask for beside running the tests."""
    parser.addoption("--update-stories", action="store_true", help="write the expected files of tests/stories anew")
    parser.addoption("--update-readme", action="store_true", help="write the tables in README.md anew")


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """What is collected stays until the end, so the garbage collector need not walk through it, then or later.

    And where no test asked for hypothesis, its plugin would import all of it to say nothing at the end.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
        if "hypothesis" not in sys.modules and session.config.pluginmanager.has_plugin("hypothesispytest"):
            session.config.pluginmanager.unregister(name="hypothesispytest")


@pytest.fixture(scope="session", autouse=True)
def _read_once() -> Iterator[None]:
    """See once.py."""
    from once import read_once  # noqa: PLC0415 - it imports most of the house

    with pytest.MonkeyPatch.context() as patch:
        read_once(patch)
        yield


@pytest.fixture(autouse=True)
def _let_go() -> Iterator[None]:
    """A database that a test left open fails whichever test comes later, on Python 3.13: it is closed after the test."""
    opened: list[App] = getattr(sys.modules.get("house"), "OPENED", [])
    before = len(opened)
    yield
    opened = getattr(sys.modules.get("house"), "OPENED", [])
    for app in opened[before:]:
        app.close()
    del opened[before:]


@pytest.fixture
def house(tmp_path: Path) -> Iterator["House"]:
    """A meldpunt on Sunday 4 October 2026, 22:14 Brussels time."""
    from house import BRUSSELS, House  # noqa: PLC0415 - as above

    one = House(tmp_path, datetime(2026, 10, 4, 22, 14, tzinfo=BRUSSELS))
    yield one
    one.close()


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real mail; where it is missing the test that asks for it is skipped, in CI it fails."""
    if not CORPUS.is_dir():
        missing("the corpus of real mail (../shared/corpus) is not here")
    return CORPUS
