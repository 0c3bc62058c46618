"""What a start loads: nothing that can wait, and without a look for garbage."""

import gc
import subprocess
import sys
from collections.abc import Iterator

import pytest

from mailflow.configuration.draft import _shipped_words
from mailflow.loading import loading
from mailflow.settings import load

WAITS = "dns imapclient icalendar alembic apscheduler css_inline lxml quotequail reportlab prometheus_client"
"""Libraries that are needed when something is to be done with them, and slow to load."""


@pytest.fixture
def collecting() -> Iterator[None]:
    """As it was before: collecting, with nothing kept apart."""
    yield
    gc.enable()
    gc.unfreeze()


def test_the_service_loads_without_the_libraries_that_can_wait():
    """Mail is taken in before any of them is there."""
    asked = f"import sys, mailflow.app; print(sorted(set({WAITS.split()!r}) & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_what_is_loaded_is_kept_apart_and_collecting_goes_on(collecting):
    """Not during the imports, and again after them."""
    with loading():
        during = gc.isenabled()

    assert not during
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_collecting_goes_on_where_loading_failed(collecting):
    """A command that cannot start tells why, in a process that is as it was."""
    with pytest.raises(ImportError), loading():
        raise ImportError

    assert gc.isenabled()


def test_answers_as_shipped_are_looked_into_when_somebody_first_asks():
    """Mail is taken in before that; what an operator changed is read at the start, to say what is wrong with it."""
    _shipped_words.cache_clear()

    rules = load(None).rules
    at_the_start = _shipped_words.cache_info().currsize
    phrases = rules.words.phrases

    assert not at_the_start
    assert phrases
    assert rules.words is rules.words
