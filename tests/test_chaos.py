"""The short form of `make chaos`: a few faults of each kind, none of which loses, doubles or breaks anything."""

import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
CHAOS = Path(__file__).parent / "chaos"
FAULTS = (
    ("points", "migration"),
    ("full", "small disk", "locked", "read-only"),
    ("corrupted",),
    ("clock", "nights", "dns", "submission", "certificate", "mailbox"),
    ("burst", "year"),
    ("mutants",),
)


def faults_in(text: str) -> list[str]:
    """The first column of the table of faults."""
    table = text.partition("| fault | how |")[2].partition("\n\n")[0]
    return [line.split("|")[1].strip() for line in table.splitlines()[2:]]


@pytest.mark.parametrize("names", FAULTS, ids=lambda names: names[0])
def test_a_few_faults_of_each_kind(names: tuple[str, ...]):
    """In a process of its own: it forks, fills disks and ends what it started."""
    done = subprocess.run(
        [sys.executable, str(CHAOS), "--short", *names], capture_output=True, text=True, timeout=600, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].endswith(" 0 lost, 0 doubled")
    assert {*faults_in(done.stdout)} <= {*faults_in(README.read_text())}


def test_the_short_form_has_every_kind_but_what_other_tests_do():
    """`reader` is tests/reading/test_apart.py, `random` is tests/wire/test_killed.py."""
    shown = subprocess.run([sys.executable, str(CHAOS), "--list"], capture_output=True, text=True, check=True)

    assert {name for names in FAULTS for name in names} | {"reader", "random"} == {*shown.stdout.split("\n")} - {""}
