"""What a person sees at a terminal, and a program in a pipe: tables that fit, colours that can be left out, bars, advice."""

import io
import json
import os
import pty
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from house import BRUSSELS, FORM, NAFT, House
from rich.console import Console
from typer.testing import CliRunner, Result

from mailflow import terminal
from mailflow.cli import cli
from mailflow.clock import FileClock
from mailflow.following import completed
from mailflow.outgoing.deliver import Unavailable
from mailflow.patience import patience
from mailflow.screens import facts, table

ZONE = ZoneInfo("Europe/Brussels")
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
ROW = {
    "reference": "MSI-2026-0042",
    "state": "waitlist_offered",
    "turn": "provider",
    "waits_for": "next_year",
    "provider": "zorgboerderij",
    "since": datetime(2026, 10, 5, 8, tzinfo=UTC),
    "due": datetime(2026, 10, 19, 8, tzinfo=UTC),
}


def type_in(*words: object) -> Result:
    """Type `mailflow WORDS`, into a pipe."""
    return CliRunner().invoke(cli, [*map(str, words)])


@pytest.fixture(autouse=True)
def of_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that can be set, no configuration of this machine, and colours as they come."""
    monkeypatch.setenv("MAILFLOW_DEMO", "1")
    monkeypatch.delenv("MAILFLOW_CONFIG", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(terminal.out, "no_color", False)
    monkeypatch.setattr(terminal.err, "no_color", False)


@pytest.fixture
def meldpunt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one case at its provider and one that waits for the desk; we stand beside it."""
    house = House(tmp_path, datetime(2026, 10, 5, 10, 0, tzinfo=BRUSSELS))
    house.mail()
    house.mail(FORM.replace("Noor", "Lou").replace("NAFT VBO", "geen voorkeur"), message_id="<2@vclbleuven.be>")
    house.drain()
    house.close()
    monkeypatch.chdir(tmp_path)
    return house.config


def screen(width: int = 80) -> Console:
    """A terminal that remembers what was shown."""
    return Console(file=io.StringIO(), force_terminal=True, color_system="truecolor", width=width)


def shown(console: Console) -> list[str]:
    """The lines on it, without their colours."""
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in ESCAPE.sub("", console.file.getvalue()).splitlines()]


def test_a_table_fits_a_terminal_of_80_columns():
    """References and words stay whole, days and hours come below each other, and nothing is left out."""
    console = screen()

    table(console, [ROW, {**ROW, "due": None}], ZONE)

    lines = shown(console)
    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines if "MSI" in line] == ["MSI-2026-0042"] * 2
    assert "zorgboerderij" in lines[2]
    assert "waitlist" in lines[2]
    assert "2026-10-05" in lines[2]
    assert "10:00" in lines[3]
    assert "offered" in lines[3]


def test_a_table_in_a_pipe_is_one_line_a_row():
    """As wide as it comes, without colours or boxes: for cut, grep and awk."""
    pipe = Console(file=io.StringIO(), width=80)

    table(pipe, [ROW], ZONE)

    heading, row = pipe.file.getvalue().splitlines()
    assert heading.split() == [*ROW]
    assert row.split() == [*list(ROW.values())[:5], "2026-10-05", "10:00", "2026-10-19", "10:00"]


def test_what_a_stranger_wrote_steers_no_terminal():
    """Nor is anything in it taken for markup."""
    console = screen()

    table(console, [{"who": "[red]x\x1b[2J"}], ZONE)
    facts(console, {"trace": ["y\x1b]0;z\x07 " + "word " * 40]}, ZONE)

    assert "\x1b[2J" not in console.file.getvalue()
    lines = shown(console)
    assert "[red]x\N{REPLACEMENT CHARACTER}[2J" in "".join(lines)
    assert max(map(len, lines)) <= 80


def test_lists_have_colours_at_a_terminal_and_none_when_asked(meldpunt: Path):
    """On a real terminal: bold headings by themselves; no colour with --no-color, also behind the command."""
    plain = on_a_terminal("cases", "--config", str(meldpunt), "--no-color")
    coloured = on_a_terminal("cases", "--config", str(meldpunt))

    assert "\x1b[1m" in coloured
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", plain)
    assert "MSI-2026-0001" in plain
    assert max(len(line.rstrip("\r")) for line in ESCAPE.sub("", coloured).splitlines()) <= 80


def on_a_terminal(*words: str) -> str:
    """All that `mailflow WORDS` writes to a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    settings = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80"}
    process = subprocess.Popen(
        [sys.executable, "-m", "mailflow", *words], stdin=theirs, stdout=theirs, stderr=theirs, env=settings
    )
    os.close(theirs)
    parts = []
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        parts.append(part)
    os.close(ours)
    assert process.wait(timeout=60) == 0
    return b"".join(parts).decode()


def test_no_color_may_stand_anywhere_on_the_line(meldpunt: Path, monkeypatch: pytest.MonkeyPatch):
    """It is taken out before the command is looked for."""
    for words in (["--no-color", "stuck"], ["stuck", "--no-color"]):
        monkeypatch.setattr(terminal.out, "no_color", False)
        monkeypatch.setattr("sys.argv", ["mailflow", *words, "--config", str(meldpunt)])
        from mailflow.cli import main  # noqa: PLC0415 - the console script

        with pytest.raises(SystemExit) as ended:
            main()

        assert not ended.value.code
        assert terminal.out.no_color


def test_a_bar_comes_only_for_who_waits_at_a_terminal():
    """At once here instead of after two seconds; it says how far it is, and goes when all is done."""
    console = screen()
    with patience(console, "Backing up", after=0) as told:
        told(3, 7)
        wait_until(lambda: "Backing up" in console.file.getvalue())
        told(7, 7)
    drawn = console.file.getvalue()

    assert "3/7" in drawn or "7/7" in drawn
    quick, pipe = screen(), Console(file=io.StringIO())
    for one in (quick, pipe):
        with patience(one, "Backing up", after=60 if one is quick else 0) as told:
            told(1, 1)
        assert one.file.getvalue() == ""


def wait_until(seen: object) -> None:
    """The bar draws itself on a thread of its own."""
    from threading import Event  # noqa: PLC0415 - only this

    pause = Event()
    for _ in range(500):
        if seen():
            return
        pause.wait(0.01)
    pytest.fail("no bar was drawn")


def test_whoever_has_nothing_yet_is_told_how_to_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Also beside the configuration as it is shipped, which is nobody's."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(Path(__file__).resolve().parents[1] / "config", tmp_path / "config")

    said = type_in().output

    assert "mailflow demo" in said
    assert "mailflow init my-meldpunt" in said
    assert max(map(len, said.splitlines())) <= 80


def test_what_is_found_is_looked_at(meldpunt: Path):
    """The only folder here: it does not run, one case waits for the desk, and the first is told first."""
    said = type_in().output

    assert said.index("mailflow run --config config") < said.index("mailflow digest --config config")
    assert "1 case waits for the desk" in said
    assert "init" not in said


def test_what_is_wrong_comes_before_all_else(meldpunt: Path):
    """A configuration that cannot be used is named, with the command that tells what is wrong."""
    (meldpunt / "providers.toml").write_text("[[provider]]\n")

    said = type_in().output

    assert "mailflow check --config config" in said
    assert "wrong in config" in said
    assert "mailflow run" not in said


def test_a_folder_that_never_ran_is_not_run_by_looking(meldpunt: Path, monkeypatch: pytest.MonkeyPatch):
    """No database is made; the folder that the environment names needs no option."""
    (meldpunt / "mailflow.sqlite3").unlink()
    monkeypatch.setenv("MAILFLOW_CONFIG", str(meldpunt))

    said = type_in().output

    assert "it never ran here" in said
    assert "--config" not in said
    assert not (meldpunt / "mailflow.sqlite3").exists()


def test_a_service_that_runs_and_one_that_is_halted(meldpunt: Path, tmp_path: Path):
    """What is paused or stuck is said; when all is well, that."""
    house = House(tmp_path, datetime(2026, 10, 5, 10, 0, tzinfo=BRUSSELS))
    house.app.leases.take("schedule", f"{os.getppid()}-someone", timedelta(minutes=1))
    house.app.store.pause("send", house.clock.now())
    halted = type_in().output
    house.app.store.resume("all")
    house.mail("0002 stuur naar NAFT VBO", sender="medewerker@meldpunt.example")
    waits = type_in().output
    house.close()

    assert "mailflow resume" in halted
    assert "letters are paused" in halted
    assert "does not run" not in halted
    assert "paused" not in waits
    assert type_in("desk", "0002 sluit", "--config", meldpunt).exit_code == 0
    assert "nothing waits for you" in type_in().output


def test_a_letter_that_cannot_leave_is_no_quiet(meldpunt: Path, tmp_path: Path):
    """The server that takes letters is gone: a person must look, though nothing is stuck and no case waits for one."""
    main, clock = meldpunt / "mailflow.toml", FileClock(meldpunt / "clock")
    main.write_text(f'{main.read_text()}\n[demo]\nclock = "clock"\n')
    house = House(tmp_path, datetime(2026, 10, 5, 10, 0, tzinfo=BRUSSELS))
    house.app.leases.take("schedule", f"{os.getppid()}-someone", timedelta(hours=1))
    house.courier.says["*"] = Unavailable("no connection: Connection refused")
    house.mail("0002 sluit", sender="medewerker@meldpunt.example")
    house.drain()
    house.close()

    clock.set(datetime(2026, 10, 5, 10, 0, 30, tzinfo=BRUSSELS))
    at_once = type_in().output
    clock.set(datetime(2026, 10, 5, 10, 5, tzinfo=BRUSSELS))
    later = type_in().output

    assert "could not leave" not in at_once
    assert "mailflow login --config config" in later
    assert re.search(r"\d letters? could not leave", later)
    assert "nothing waits for you" not in later


def test_providers_are_listed_with_what_lies_at_each(meldpunt: Path):
    """Open, waiting and late cases; ages as the configuration has them."""
    rows = {row["key"]: row for row in json.loads(type_in("providers", "--json", "--config", meldpunt).output)}

    assert rows["naft-vbo"] == {
        "key": "naft-vbo", "name": "NAFT VBO", "ages": "12+", "full": False, "open": 1, "waiting": 0, "late": 1,
    }  # fmt: skip
    assert rows["zorgboerderij"]["ages"] == "6-11"
    assert rows["time-in"]["ages"] is None
    assert "naft-vbo" in type_in("providers", "--config", meldpunt).output


def test_the_keys_of_providers_can_be_completed(meldpunt: Path, monkeypatch: pytest.MonkeyPatch):
    """From the folder that the environment names; where there is none, nothing."""
    assert completed() == []
    monkeypatch.setenv("MAILFLOW_CONFIG", str(meldpunt))

    assert "naft-vbo" in completed()
    assert "_MAILFLOW_COMPLETE" in completion("bash")


def completion(shell: str) -> str:
    """What `mailflow --show-completion` prints in that shell."""
    program = Path(sys.executable).with_name("mailflow")
    return subprocess.run([program, "--show-completion", shell], capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize(
    "words",
    [
        ["case", "0001"],
        ["mail", "1"],
        ["senders"],
        ["overview", NAFT],
        ["digest"],
        ["export", "0001"],
        ["search", "Voorbeeld", "12/03/2011"],
    ],
)
def test_each_look_at_people_is_written_down(meldpunt: Path, words: list[str]):
    """By whom, with which command; no name and no address stands in it."""
    assert type_in(*words, "--config", meldpunt).exit_code == 0

    [line] = json.loads(type_in("audit", "--json", "--config", meldpunt).output)
    assert line["what"] == words[0]
    assert "@" not in line["about"]
    assert "Voorbeeld" not in line["about"]
