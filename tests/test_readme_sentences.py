"""Each command that README and docs/ name within a sentence is typed here as it stands, in a meldpunt with a history."""

import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from shlex import split

import pytest
from house import BRUSSELS, CLB, FORM, NAFT, WORKER, House
from openpyxl import Workbook
from typer.testing import CliRunner

from mailflow.cli import cli
from mailflow.clock import FileClock

ROOT = Path(__file__).resolve().parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
NOW = datetime(2026, 10, 6, 10, 0, tzinfo=BRUSSELS)
LIST = (
    ("Voornaam", "Achternaam", "Geboortedatum", "Postcode", "CLB", "E-mail aanmelder", "Aanbieder", "Stand", "Sinds"),
    ("Lou", "Verzonnen", "3/4/2011", "3000", "Vrij CLB Leuven", CLB, "NAFT VBO", "wachtlijst", "1/10/2026"),
)
NUMBERS = {
    "0042 stuur": "0003 stuur",
    "0042": "0001",
    "mail 17": "mail 3",
    "settle 17": "settle 3",
    "--drop 17": "--drop 2",
    "--forget 3": "--forget 1",
    "--config my-meldpunt": "--config config",
}
"""What a sentence calls a thing, and its name here."""
ELSEWHERE = {
    "mailflow demo --year": "test_demo_year.py",
    "mailflow check --online": "wire/test_check_online.py",
    "mailflow login": "wire/test_login_command.py",
}
"""What takes long or needs servers, and the test that runs it."""
FIRST = {
    "verify FILE.age": "backup FILE.age",
    "restore FILE.age": "backup FILE.age",  # put back in an empty database
    "hold 0042 --lift": "hold 0042 --why JR-2026/114",
    "survey show": "survey start",
}
"""What is typed before it, so that there is something to do."""


def sentences() -> list[str]:
    """Each `mailflow ...` between backquotes, but what is only an ellipsis, and `run`, which goes on (test_readme.py)."""
    words = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    return sorted({one for one in re.findall(r"`(mailflow (?!run)[^`\n]+)`", words) if "..." not in one} - {*ELSEWHERE})


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case at its provider, a signal, a remembered sender, a mail that is held, and the files that sentences name."""
    folder = tmp_path_factory.mktemp("history")
    house = House(folder, NOW)
    house.mail()
    house.mail("De wachtlijsten zijn te lang.", subject="Signaal: kleuters")
    held = house.mail(FORM.replace("Noor", "Lou"), sender="an@vclbleuvem.be")
    house.drain()
    house.mail(FORM.replace("Noor", "Mika"), sender="bo@vclbleuven.example")
    [asked] = [one for one in house.drain() if one.recipient == WORKER]
    house.reply(asked, "CLB: Vrij CLB Leuven onthoud")
    house.mail(FORM.replace("Noor", "Bo").replace("NAFT VBO", "geen voorkeur"))
    house.drain()
    assert held == 3
    with house.app.database.write() as tx:
        stuck = tx.exec_driver_sql(
            "UPDATE task SET state = 'stuck', attempts = 3, why = 'KeyError at x.py:1' WHERE id = 5"
        )
    assert stuck.rowcount == 1
    assert house.app.store.senders.lines()
    assert house.app.store.signals.lines()
    main = house.config / "mailflow.toml"
    main.write_text(f'{main.read_text()}\n[demo]\nclock = "clock"\n')
    FileClock(house.config / "clock").set(NOW)
    house.close()
    (folder / "FILE.eml").write_text(
        f"From: <{CLB}>\nTo: <{NAFT}>\nSubject: Aanmelding\nMessage-ID: <x@y.example>\n\n{FORM}"
    )
    book = Workbook()
    assert book.active is not None
    for row in LIST:
        book.active.append(row)
    book.save(folder / "list.xlsx")
    return folder


@pytest.fixture
def here(history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of that folder, in which one stands."""
    shutil.copytree(history, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("MAILFLOW_CONFIG", "config")
    monkeypatch.setenv("MAILFLOW_DEMO", "1")
    monkeypatch.setenv("BROWSER", "true")
    return Path.cwd()


def type_in(sentence: str) -> str:
    """What it prints; it must end well."""
    for there, our in NUMBERS.items():
        sentence = sentence.replace(there, our)
    done = CliRunner().invoke(cli, split(sentence)[1:], input="j\ny\n")
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("sentence", sentences())
def test_a_sentence_can_be_typed_as_it_stands(here: Path, sentence: str):
    """In a folder where there is something for it to do."""
    command, before = sentence.partition(" > ")[0], {*here.iterdir()}
    first = FIRST.get(command.removeprefix("mailflow "), "")
    if first:
        type_in(f"mailflow {first}")
    if command == "mailflow restore FILE.age":
        (here / "config" / "mailflow.sqlite3").unlink()

    assert type_in(command) or {*here.iterdir()} > before


def test_what_is_typed_elsewhere_is_shown_and_has_its_test():
    """No row is left over."""
    words = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)

    assert [one for one in ELSEWHERE if f"`{one}`" not in words] == []
    assert [file for file in ELSEWHERE.values() if not (ROOT / "tests" / file).is_file()] == []
