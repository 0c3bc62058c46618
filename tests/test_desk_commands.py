"""What the desk can type by mail can be typed on the machine, and does the same."""

from pathlib import Path

import pytest
from house import FORM, House
from typer.testing import CliRunner, Result

from mailflow.cli import cli


@pytest.fixture
def meldpunt(house: House) -> Path:
    """A folder with one case that waits for its opening, and a mail of nobody's that waits for the desk."""
    house.mail(FORM)
    house.drain()
    house.close()
    return house.config


def type_in(*words: object) -> Result:
    """Type `mailflow WORDS`."""
    return CliRunner().invoke(cli, [*map(str, words)])


def test_an_order_on_a_case_is_obeyed_and_read_back(meldpunt: Path):
    """And stands in its timeline, as any other word of the desk."""
    done = type_in("desk", "0001 wacht tot 12 oktober 2030", "--config", meldpunt)
    shown = type_in("case", "0001", "--config", meldpunt)

    assert done.exit_code == 0, done.output
    assert done.output.startswith("MSI-2026-0001: dit wacht tot zaterdag 12 oktober 2030")
    assert "desk paused until=2030-10-12 what=wait" in shown.output
    assert "desk mail_came typed=yes" in shown.output


def test_twice_is_two_orders(meldpunt: Path):
    """A line has no number, so that the second one is not taken for the first."""
    type_in("desk", "0001 wacht tot 12 oktober 2030", "--config", meldpunt)

    done = type_in("desk", "0001 negeer", "--config", meldpunt)

    assert done.output == "MSI-2026-0001: dit dossier is gesloten\n"


def test_what_cannot_be_is_told_and_fails(meldpunt: Path):
    """With what is possible."""
    wrong = type_in("desk", "0001 start al", "--config", meldpunt)
    unknown = type_in("desk", "doe maar", "--config", meldpunt)
    noted = type_in("note", "0001", "aanvaard", "--config", meldpunt)

    assert (wrong.exit_code, unknown.exit_code, noted.exit_code) == (1, 1, 1)
    assert "Hier kan: wacht, negeer, toon" in wrong.output
    assert "geen opdracht" in unknown.output
    assert "nog niet bezorgd" in noted.output


def test_a_pupil_is_found(meldpunt: Path):
    """By reference and initials."""
    found = type_in("search", "voorbeeld", "12/03/2011", "--config", meldpunt)
    nobody = type_in("search", "Peeters", "2011-03-12", "--config", meldpunt)

    assert "MSI-2026-0001 N.V." in found.output
    assert "Noor" not in found.output
    assert "geen dossier" in nobody.output


def test_closing_days_are_told_and_taken_back(meldpunt: Path):
    """`check --replay` and the digest show them."""
    told = type_in("close", "2030-12-23", "2030-12-27", "--config", meldpunt)
    shown = type_in("check", "--replay", "--config", meldpunt)
    lifted = type_in("close", "2030-12-23", "2030-12-27", "--lift", "--config", meldpunt)

    assert "weer open op maandag 30 december 2030" in told.output
    assert "closed from 2030-12-23 to 2030-12-27" in shown.output
    assert "toch open" in lifted.output
    assert "closed from" not in type_in("check", "--replay", "--config", meldpunt).output


def test_the_list_is_shown(meldpunt: Path):
    """The one that a wrong mail gets back."""
    listed = type_in("desk", "hulp", "--config", meldpunt)

    assert listed.exit_code == 0
    assert "0042 stuur naar NAFT VBO" in listed.output


def test_one_line_at_a_time(meldpunt: Path):
    """So that what failed is clear."""
    assert type_in("desk", "hulp\nafzenders", "--config", meldpunt).exit_code == 1
