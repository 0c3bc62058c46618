"""`mailflow figures`, as it is typed."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from house import BRUSSELS, House
from typer.testing import CliRunner, Result

from mailflow.cli import cli
from mailflow.clock import FileClock


@pytest.fixture
def meldpunt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one referral of Sunday 4 October 2026, looked at a day later."""
    monkeypatch.setenv("MAILFLOW_DEMO", "1")
    at = datetime(2026, 10, 4, 22, 14, tzinfo=BRUSSELS)
    house = House(tmp_path, at)
    house.mail()
    house.drain()
    house.close()
    FileClock(house.config / "clock").set(at.replace(day=5))
    main = house.config / "mailflow.toml"
    main.write_text(f'{main.read_text()}\n[demo]\nclock = "clock"\n')
    return house.config


def type_in(*words: object) -> Result:
    return CliRunner().invoke(cli, ["figures", *map(str, words)])


def test_it_shows_this_school_year(meldpunt: Path):
    """Up to today, on the terminal."""
    shown = type_in("--config", meldpunt)

    assert shown.exit_code == 0
    assert "01/09/2026 tot en met 05/10/2026: <5 referrals" in shown.output
    assert "Wat er per aanbieder van kwam" not in shown.output


def test_it_writes_what_is_asked_for(meldpunt: Path, tmp_path: Path):
    """A page, a workbook and a folder of CSV, and nothing else; --desk adds a table."""
    words = (
        "--config",
        meldpunt,
        "--html",
        tmp_path / "a.html",
        "--xlsx",
        tmp_path / "a.xlsx",
        "--csv",
        tmp_path / "csv",
    )

    assert type_in(*words).exit_code == 0
    public = {one.name for one in (tmp_path / "csv").iterdir()}
    assert type_in(*words, "--desk").exit_code == 0

    assert (tmp_path / "a.html").read_text().startswith("<!doctype html>")
    assert (tmp_path / "a.xlsx").read_bytes().startswith(b"PK")
    assert {one.name for one in (tmp_path / "csv").iterdir()} - public == {"conversion.csv"}


def test_a_period_of_ones_own(meldpunt: Path):
    """Before anything came in."""
    told = json.loads(type_in("--config", meldpunt, "--from", "2025-09-01", "--to", "31/08/2026", "--json").output)

    assert (told["first"], told["last"], told["referrals"]) == ("2025-09-01", "2026-08-31", 0)


def test_a_period_that_ends_before_it_begins(meldpunt: Path):
    """Told plainly."""
    wrong = type_in("--config", meldpunt, "--from", "2026-10-02", "--to", "2026-10-01")

    assert wrong.exit_code == 2
    assert "before the first" in wrong.output


def test_a_folder_that_is_not_there(meldpunt: Path, tmp_path: Path):
    """No traceback."""
    wrong = type_in("--config", meldpunt, "--html", tmp_path / "nowhere" / "a.html")

    assert wrong.exit_code == 1
    assert "Traceback" not in wrong.output


def test_signals_are_listed_and_dropped(meldpunt: Path):
    """None yet."""
    assert CliRunner().invoke(cli, ["signals", "--config", str(meldpunt)]).output == "No signals.\n"
    assert CliRunner().invoke(cli, ["signals", "--drop", "1", "--config", str(meldpunt)]).exit_code == 1
