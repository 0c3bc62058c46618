"""The commands of whoever answers for the data."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from house import BRUSSELS, CLB, House
from typer.testing import CliRunner, Result

from mailflow.cli import cli


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A meldpunt with one case, that waits for Monday's opening."""
    one = House(tmp_path, datetime(2026, 10, 4, 22, 14, tzinfo=BRUSSELS))
    one.mail()
    one.drain()
    yield one
    one.close()


def type_in(house: House, *words: object, answers: str = "") -> Result:
    """A command on this meldpunt, as if typed."""
    return CliRunner().invoke(cli, [*map(str, words), "--config", str(house.config)], input=answers)


def test_erasing_asks_first(house: House):
    """Nothing but a yes erases."""
    no = type_in(house, "erase", "MSI-2026-0001", answers="n\n")

    assert no.exit_code == 1
    assert "It is still open, and ends by this." in no.output
    assert house.case().values["first_name"] == "Noor"


def test_erasing_says_what_is_left_to_do(house: House):
    """Others have copies; what happened can still be seen, without a name."""
    done = type_in(house, "erase", "MSI-2026-0001", answers="y\n")
    shown = type_in(house, "case", "MSI-2026-0001")

    assert done.exit_code == 0
    assert "Others have a copy of their own, ask them to erase it too: the referrer." in done.output
    assert "withdrawn" in shown.output
    assert "erased what=all" in shown.output
    assert CLB not in shown.output
    assert house.case().values == {}


def test_a_case_that_is_not_there_cannot_be_erased(house: House):
    """A plain word."""
    told = type_in(house, "erase", "MSI-2026-0009", "--yes")

    assert told.exit_code == 1
    assert "there is no case MSI-2026-0009" in told.stderr


def test_mail_that_is_not_read_yet_is_told(house: House):
    """It may name the pupil: it is read first."""
    letter = house.letters(CLB)[0]
    house.reply(letter, "stop even")

    done = type_in(house, "erase", "MSI-2026-0001", "--yes")

    assert "1 mails that name it are not read yet" in done.output
