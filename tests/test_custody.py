"""The commands of whoever answers for the data."""

import getpass
import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from house import BRUSSELS, CLB, House
from openpyxl import Workbook
from sqlalchemy import Executable, delete, update
from typer.testing import CliRunner, Result

from mailflow.cli import cli
from mailflow.core.lifecycle import State
from mailflow.storage.tables import AUDIT


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


# Handing over


def test_everything_on_a_case_can_be_handed_over(house: House):
    """Form, timeline, mails and letters, on one page; and as JSON."""
    page = type_in(house, "export", "MSI-2026-0001")
    found = json.loads(type_in(house, "export", "0001", "--json").output)

    assert page.exit_code == 0
    assert "Voornaam van de leerling: Noor" in page.output or "Voornaam: Noor" in page.output
    assert "Brief 1 (sent), geschreven op 04/10/2026" in page.output
    assert "komt sinds september amper nog op school" in page.output
    assert f"aanmelder: {CLB}" in page.output
    assert found["values"]["last_name"] == "Voorbeeld"
    assert found["parties"] == {"referrer": CLB}
    assert [one["from"] for one in found["mails"]] == [CLB]
    assert [one["to"] for one in found["letters"]] == [CLB]
    assert "referral_complete" in " ".join(found["timeline"])


def test_what_was_erased_cannot_be_handed_over(house: House):
    """It says so."""
    type_in(house, "erase", "MSI-2026-0001", "--yes")

    page = type_in(house, "export", "MSI-2026-0001")
    found = json.loads(type_in(house, "export", "MSI-2026-0001", "--json").output)

    assert "(gewist)" in page.output
    assert "Noor" not in page.output
    assert {one["erased"] for one in (*found["mails"], *found["letters"])} == {True}


# Who looked


def test_every_look_is_written_down(house: House):
    """Who, when, what; by number, and chained."""
    type_in(house, "case", "MSI-2026-0001")
    type_in(house, "mail", "1")
    type_in(house, "export", "MSI-2026-0001")
    type_in(house, "mail", "77")

    listed = json.loads(type_in(house, "audit", "--json").output)
    shown = type_in(house, "audit")
    verified = CliRunner().invoke(cli, ["audit", "verify", "--config", str(house.config)])

    about = [("case", "MSI-2026-0001"), ("mail", "mail 1"), ("export", "MSI-2026-0001")]
    assert [(one["what"], one["about"]) for one in listed] == about
    assert {one["who"] for one in listed} == {getpass.getuser()}
    assert "export" in shown.output
    assert "3 lines, and the events of every case, are as they were written" in verified.output


@pytest.mark.parametrize("tampering", [update(AUDIT).values(who="iemand"), delete(AUDIT).where(AUDIT.c.number == 1)])
def test_a_line_that_was_changed_or_taken_out_is_noticed(house: House, tampering: Executable):
    """The chain breaks."""
    type_in(house, "case", "MSI-2026-0001")
    type_in(house, "mail", "1")
    with house.app.database.write() as tx:
        tx.execute(tampering)

    told = CliRunner().invoke(cli, ["audit", "verify", "--config", str(house.config)])

    assert told.exit_code == 1
    assert "audit: line 1 was changed, taken out or put in" in told.stderr


@pytest.mark.parametrize(("lines", "told_of"), [
    (1, "audit: its end was cut off: it had 3 lines, and has 2"),
    (3, "audit: its end was cut off: it had 3 lines, and has 0"),
])  # fmt: skip
def test_an_end_that_was_cut_off_is_noticed(house: House, lines: int, told_of: str):
    """Also when all of it is gone: the last link stands beside the keys."""
    for number in (1, 1, 1):
        type_in(house, "mail", number)
    with house.app.database.write() as tx:
        tx.execute(delete(AUDIT).where(AUDIT.c.number > 3 - lines))

    told = CliRunner().invoke(cli, ["audit", "verify", "--config", str(house.config)])
    type_in(house, "mail", 1)  # a new line in the place of the first that was cut off
    after = CliRunner().invoke(cli, ["audit", "verify", "--config", str(house.config)])

    assert (told.exit_code, after.exit_code) == (1, 1)
    assert told_of in told.stderr
    assert f"audit: line {4 - lines} was changed, taken out or put in" in after.stderr


def test_a_backup_that_is_put_back_says_which_lines_went_with_it(house: House, tmp_path: Path):
    """Nobody wipes a trail by that: the line of the restore tells, and the rest holds."""
    type_in(house, "backup", tmp_path / "b.age")
    for number in (1, 1):
        type_in(house, "mail", number)
    type_in(house, "restore", tmp_path / "b.age", "--replace")

    listed = [(line.what, line.about) for line in house.app.store.audits.lines()]
    verified = CliRunner().invoke(cli, ["audit", "verify", "--config", str(house.config)])

    assert listed == [("backup", ""), ("restore", "lines 2 to 3 are gone")]
    assert verified.exit_code == 0, verified.stderr


@pytest.mark.parametrize("words", [["senders"], ["digest"], ["settle", "1"], ["search", "Peeters", "12/03/2011"], ["note", "0001", "aanvaard"], ["desk", "hulp"], ["backup", "b.age"], ["hold", "0001", "--why", "X-1"]])  # fmt: skip
def test_whatever_shows_or_changes_what_people_wrote_is_a_line(
    house: House, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """By its command; and no name in what it is about."""
    monkeypatch.chdir(tmp_path)

    type_in(house, *words)

    [line] = house.app.store.audits.lines()
    assert line.what == words[0]
    assert "Peeters" not in line.about


# Taking over a list

HEADINGS = ("Voornaam", "Achternaam", "Geboortedatum", "E-mail aanmelder", "Gewenste aanbieder", "Stand", "Sinds")
LOU = ("Lou", "Staal", date(2010, 6, 5), CLB, "NAFT VBO", "wachtlijst", date(2026, 9, 14))
SAM = ("Sam", "Proef", "1/2/2012", CLB, "NAFT VBO", "bezorgd", "21/09/2026")


def sheet(folder: Path, *rows: tuple[object, ...], headings: tuple[str, ...] = HEADINGS) -> Path:
    book = Workbook()
    for row in (headings, *rows):
        book.active.append(row)
    book.save(folder / "lijst.xlsx")
    return folder / "lijst.xlsx"


def test_a_list_is_shown_first(house: House, tmp_path: Path):
    """What would be made, row by row, and nothing is."""
    file = sheet(tmp_path, LOU, (), SAM)

    shown = type_in(house, "import", file)

    assert shown.exit_code == 0, shown.output + shown.stderr
    assert "row 2: waitlisted since 14/09/2026, naft-vbo" in shown.output
    assert "row 4: dispatched since 21/09/2026, naft-vbo" in shown.output
    assert "2 cases would be made" in shown.output
    assert house.app.store.cases.get("MSI-2026-0002") is None


def test_a_list_is_taken_over_and_nobody_is_mailed(house: House, tmp_path: Path):
    """The cases are there, the digest shows them, and their parties can go on by mail."""
    before = len(house.courier.sent)

    done = type_in(house, "import", sheet(tmp_path, LOU, SAM), "--make")
    house.later(minutes=5)

    assert "2 cases are made, MSI-2026-0002 to MSI-2026-0003" in done.output
    assert house.case("MSI-2026-0002").state is State.WAITLISTED
    assert house.courier.sent[before:] == []
    assert "Noor" not in done.output + str(house.app.store.audits.lines())
    assert house.app.store.cases.broken_chain(2) is None


def test_a_list_with_a_mistake_makes_nothing(house: House, tmp_path: Path):
    """Each row says what is wrong; a pupil who is there already is not made twice."""
    noor = ("Noor", "Voorbeeld", date(2011, 3, 12), *LOU[3:])
    file = sheet(tmp_path, LOU, ("", *SAM[1:]), noor, LOU)

    told = type_in(house, "import", file, "--make")

    assert told.exit_code == 1
    assert "row 3: the first or last name is missing" in told.output
    assert "row 4: MSI-2026-0001 is open for the same pupil already" in told.output
    assert "row 5: row 2 is open for the same pupil already" in told.output
    assert "3 of 4 rows cannot be taken over; nothing was made" in told.stderr
    assert house.app.store.cases.get("MSI-2026-0002") is None


@pytest.mark.parametrize("content", [b"", b"geen lijst", b"PK\x03\x04 stuk"])
def test_what_is_no_list_is_told(house: House, tmp_path: Path, content: bytes):
    """In one line."""
    (tmp_path / "x.xlsx").write_bytes(content)

    told = type_in(house, "import", tmp_path / "x.xlsx")

    assert told.exit_code == 1
    assert "is no XLSX file" in told.stderr.replace("\n", " ")


def test_a_list_without_headings_is_told(house: House, tmp_path: Path):
    """And one that is not there."""
    empty = type_in(house, "import", sheet(tmp_path, headings=("",)))
    absent = type_in(house, "import", tmp_path / "weg.xlsx")

    assert "must hold headings" in empty.stderr.replace("\n", " ")
    assert (absent.exit_code, "weg.xlsx" in absent.stderr.replace("\n", "")) == (1, True)


def test_headings_that_are_left_out_are_named(house: House, tmp_path: Path):
    """So that a slip is seen before anything is made."""
    shown = type_in(house, "import", sheet(tmp_path, (*LOU, "blauw"), headings=(*HEADINGS, "Lievelingskleur")))

    assert "No label of the form, so left out: Lievelingskleur" in shown.output
