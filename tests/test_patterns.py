"""No text makes a regular expression of ours slow: each is fed its own worst case."""

import importlib
import pkgutil
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from worst_cases import Used, asks, attacks, text_of, used_in

import mailflow

SIZE, TRIAL = 100_000, 4_000
WORST = 4
"""Attacks on one expression that are tried at full length: those that cost most at TRIAL characters."""
SECONDS = 3
"""Only to end a hang: what is linear takes milliseconds, what is not takes a minute."""
BOUNDED = {
    "core/house_orders.py: ORDERS": "fullmatch on a line of at most LONGEST_LINE characters",
    "reading/documents/dumps.py: ASSIGNED": "match on one line, handed over as a value",
    "reading/documents/dumps.py: PRINTED": "match on one line, handed over as a value",
    "reading/documents/pdf_cells.py": "on a label of at most twice MAX_LABEL characters",
}
"""Expressions that are slow on endless text, and why they never see any."""


class Hangs(Exception):
    """It does not end."""


def ours() -> list[Used]:
    names = [one.name for one in pkgutil.walk_packages(mailflow.__path__, "mailflow.") if "migrations" not in one.name]
    modules = {name: importlib.import_module(name) for name in ["mailflow", *names] if not name.endswith("__main__")}
    root = Path(mailflow.__path__[0])
    found: dict[tuple, Used] = {}
    for one in used_in(root, {**modules, "mailflow.__main__": mailflow}):
        found.setdefault((one.pattern.pattern, one.pattern.flags, one.methods), one)
    return [*found.values()]


@contextmanager
def patience() -> Iterator[None]:
    def end(*_: object) -> None:
        raise Hangs

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def cost(used: Used, attack: tuple[str, str]) -> float:
    began = time.process_time()
    asks(used, text_of(attack, TRIAL))
    return time.process_time() - began


def slow(several: list[Used]) -> list[str]:
    found = []
    for used in several:
        try:
            with patience():
                worst = sorted(attacks(used.pattern), key=lambda one: cost(used, one))[-WORST:]
            for attack in worst:
                with patience():
                    asks(used, text_of(attack, SIZE))
        except Hangs:
            found.append(f"{used.where} {sorted(used.methods)}")
    return found


@pytest.mark.parametrize("part", range(4))
def test_no_expression_is_slow_on_its_worst_case(part: int):
    """A hundred thousand characters of what it likes least, asked as the package asks it."""
    several = [one for one in ours() if not one.where.startswith(tuple(BOUNDED))]

    assert len(several) > 150
    assert slow(several[part::4]) == []


def test_a_slow_expression_is_found():
    """The test can fail: this one takes the square of its text."""

    assert slow([Used(re.compile(r"(\s+x)?\s+$"), "here", frozenset({"search"}))]) == ["here ['search']"]
