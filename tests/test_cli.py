"""What a person types: every command, its help, and a plain word for every wrong use."""

import json
import os
import re
import socket
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
import typer
from house import BRUSSELS, CLB, FORM, MAIL_HOST, NAFT, House
from typer.testing import CliRunner, Result

from mailflow.cli import cli
from mailflow.clock import FileClock
from mailflow.core.letters import Kind
from mailflow.keys import new_keys, write_keys
from mailflow.storage.engine import Database

COMMANDS = [
    *("demo", "init", "check", "run", "inspect", "cases", "case"),
    *("mail", "stuck", "retry", "settle", "senders", "digest", "form", "pause", "resume", "login"),
    *("waitlist", "overview", "figures", "signals", "survey"),
    *("desk", "note", "search", "close", "providers"),
    *(
        "erase",
        "hold",
        "export",
        "import",
        "audit",
        "backup",
        "verify",
        "restore",
        "unit",
        "answers",
        "letters",
        "keys",
        "record",
    ),
]
NEED_A_FOLDER = [
    ["run"],
    ["cases"],
    ["case", "0001"],
    ["mail", "1"],
    ["stuck"],
    ["retry", "1"],
    ["settle", "1"],
    ["senders"],
    ["waitlist", "naft-vbo"],
    ["providers"],
    ["desk", "hulp"],
    ["note", "0001", "aanvaard"],
    ["search", "Peeters", "12/03/2011"],
    ["close", "2026-12-23", "2027-01-02"],
    ["overview", "aanmelding@naft-vbo.example"],
    ["figures"],
    ["signals"],
    ["erase", "0001"],
    ["export", "0001"],
    ["import", "list.xlsx"],
    ["audit"],
    ["backup", "x.age"],
    ["verify", "x.age"],
    ["restore", "x.age"],
    ["unit"],
    ["digest"],
    ["pause"],
    ["login"],
    ["resume"],
    ["check"],
    ["form"],
    ["letters", "pages"],
]
INCOMPLETE = FORM.replace("Geboortedatum: 12/03/2011\n", "").replace("Noor", "Lotte")


def type_in(*words: object, answers: str | None = None) -> Result:
    """Type `mailflow WORDS`."""
    return CliRunner().invoke(cli, [*map(str, words)], input=answers)


@pytest.fixture(autouse=True)
def of_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that can be set, and nothing of the machine's own."""
    monkeypatch.setenv("MAILFLOW_DEMO", "1")
    monkeypatch.delenv("MAILFLOW_CONFIG", raising=False)
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A folder as `mailflow init --yes` makes it."""
    folder = tmp_path / "mine"
    assert type_in("init", folder, "--yes").exit_code == 0
    return folder


@pytest.fixture
def meldpunt(house: House) -> Path:
    """A folder with a history: a case that waits for its opening, one that misses a date, and a mail that is stuck."""
    house.mail()
    house.mail(INCOMPLETE, message_id="<2@vclbleuven.be>")
    house.drain()
    house.mail("Vraag", sender="els@ouders.example", subject="vraag")
    with house.app.database.write() as tx:
        tx.exec_driver_sql(
            "UPDATE task SET state = 'stuck', attempts = 3, why = 'KeyError at x.py:1' WHERE kind = 'read'"
        )
    FileClock(house.config / "clock").set(datetime(2026, 10, 6, 9, 30, tzinfo=BRUSSELS))
    main = house.config / "mailflow.toml"
    main.write_text(f'{main.read_text()}\n[demo]\nclock = "clock"\n')
    house.close()
    return house.config


# To begin with


def test_mailflow_alone_says_what_to_do_next():
    """A stranger is told three commands, not an error."""
    result = type_in()

    assert result.exit_code == 0
    assert [
        word for word in ("mailflow demo", "mailflow init", "mailflow run", "--help") if word not in result.output
    ] == []


def test_help_lists_every_command():
    """Those of the design that exist, and no other."""
    command = typer.main.get_command(cli)

    assert sorted(command.commands) == sorted(COMMANDS)
    assert type_in("--help").exit_code == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_a_stranger_understands_the_help_of(name: str):
    """A sentence on the command, and some words on each option and argument."""
    command = typer.main.get_command(cli).commands[name]
    result = type_in(name, "--help")

    assert result.exit_code == 0
    assert command.help.rstrip().endswith((".", "!"))
    assert [param.name for param in command.params if not getattr(param, "help", "")] == []


def test_it_says_its_version():
    assert type_in("--version").output.startswith("mailflow ")


def test_an_unknown_command_is_wrong_use():
    result = type_in("frobnicate")

    assert result.exit_code == 2
    assert "frobnicate" in result.output


# Setting up


def test_init_asks_four_questions_and_fills_them_in(tmp_path: Path):
    """The answers stand in mailflow.toml, and what to type next is said."""
    folder = tmp_path / "mine"

    result = type_in("init", folder, answers="Meldpunt West\nhulp@west.example\n051 00 00 00\nan@west.example\n")

    assert result.exit_code == 0
    assert f"mailflow run --config {folder}" in result.output
    main = (folder / "mailflow.toml").read_text()
    assert 'name = "Meldpunt West"' in main
    assert 'workers = ["an@west.example"]' in main
    assert type_in("check", "--config", folder).exit_code == 0


def test_init_keeps_the_folder_out_of_git(fresh: Path):
    """The keys lie in it, and a folder may well be made within a checkout."""
    subprocess.run(["git", "init", "-q", fresh], check=True)

    seen = subprocess.run(["git", "-C", fresh, "status", "--porcelain"], capture_output=True, text=True, check=True)

    assert (fresh / "keys").is_dir()
    assert seen.stdout == ""


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["form"], "form"),
        (["letters", "pages"], "letters"),
        (["inspect", "mail.eml"], "configuration"),
        (["answers", "try", "aanvaard"], "words"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_is_shipped_is_said_to_be(
    words: list[str], what: str, fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """On standard error, so that what is printed can go to a file; with a folder nothing is said."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mail.eml").write_text("From: an@clb.example\n\nDag\n")
    line = f"the shipped {what}; --config DIR for yours\n"

    shipped, own = type_in(*words), type_in(*words, "--config", fresh)

    assert (shipped.exit_code, own.exit_code) == (0, 0)
    assert line in shipped.stderr
    assert line not in shipped.stdout
    assert "shipped" not in own.stderr


def test_init_refuses_an_address_that_is_none(tmp_path: Path):
    """Nothing is made, and the key that is wrong is named."""
    result = type_in("init", tmp_path / "mine", answers="Meldpunt\nnergens\n051\nan@west.example\n")

    assert result.exit_code == 1
    assert "address" in result.output
    assert not (tmp_path / "mine").exists()


def test_init_leaves_a_folder_that_is_in_use_alone(fresh: Path):
    """Before a single question."""
    result = type_in("init", fresh)

    assert result.exit_code == 1
    assert result.output == f"{fresh} is not empty: name a new folder, nothing was changed\n"


def test_check_says_everything_at_once(fresh: Path):
    """Two files, four mistakes, one message."""
    main, providers = fresh / "mailflow.toml", fresh / "providers.toml"
    main.write_text(
        main.read_text().replace("port = 2525", "port = 99999").replace('at = "08:30"', 'at = "half negen"')
    )
    providers.write_text(providers.read_text().replace('regions = ["AHV"]', 'regions = ["AHW"]') + "\nodd = 1\n")

    result = type_in("check", "--config", fresh)

    assert result.exit_code == 1
    assert result.output.startswith("mailflow cannot start:")
    assert [key for key in ("listener.port", "digest.at", "regions", "odd") if key not in result.output] == []
    assert len(result.output.splitlines()) == 5


def test_check_looks_at_the_letters_too(fresh: Path):
    """A letter that cannot be written is found before it must leave."""
    (fresh / "templates" / "received.md.j2").write_text("Subject: x\n\n{% if leaves %}\n")

    result = type_in("check", "--config", fresh)

    assert result.exit_code == 1
    assert "received" in result.output


def test_the_shipped_defaults_are_well():
    assert "all is well" in type_in("check").output


@pytest.mark.parametrize("words", NEED_A_FOLDER, ids=lambda words: words[0])
def test_a_missing_folder_is_told_with_its_remedy(words: list[str], tmp_path: Path):
    """Status 1 and one way to go on, for each command; no traceback."""
    result = type_in(*words, "--config", tmp_path / "none")

    assert result.exit_code == 1
    assert "does not exist" in result.output
    assert "mailflow init" in result.output
    assert isinstance(result.exception, SystemExit)


@pytest.mark.parametrize("words", [["mail"], ["cases"], ["stuck"], ["run"]], ids=lambda words: words[0])
def test_where_no_folder_is_nobody_hears_that_something_cannot_start(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """One line: which folder was looked for, and what to type. That mailflow cannot start is no answer to a look."""
    monkeypatch.chdir(tmp_path)

    assert type_in(*words).output == (
        "the folder mailflow-config does not exist: name yours with --config, "
        "or make one with `mailflow init mailflow-config`\n"
    )


def test_a_folder_that_lies_here_under_another_name_is_named(fresh: Path, monkeypatch: pytest.MonkeyPatch):
    """As `mailflow` alone finds it."""
    monkeypatch.chdir(fresh.parent)

    assert type_in("mail").output == "the folder mailflow-config does not exist: did you mean --config mine?\n"


def test_a_folder_without_any_configuration_is_told_so(tmp_path: Path):
    """Not file by file."""
    result = type_in("mail", "--config", tmp_path)

    assert (result.exit_code, len(result.output.splitlines())) == (1, 1)
    assert "holds no configuration: name yours with --config" in result.output


# fmt: off
WRONG = {
    "--only takes intake, work, send, schedule; not mail": ["run", "--only", "send,mail"],
    "--as": ["inspect", "x.eml", "--as", "teacher"],
    "--client-ip takes an IP address": ["inspect", "x.eml", "--client-ip", "localhost"],
    "cannot be read: No such file or directory": ["inspect", "no-such-file.eml"],
    "is a folder": ["inspect", "/"],
    "name one task, or --all": ["retry"],
    "number": ["mail", "zero"],
    "greater than or equal to 1": ["mail", "0"],
    "less than or equal to": ["mail", "99999999999999999999"],
    "what": ["pause", "everything"],
    "is not one of": ["resume", "mail"],
    "missing argument 'ref'": ["case"],
    "--frob": ["cases", "--frob"],
}
# fmt: on


@pytest.mark.parametrize("told", WRONG)
def test_wrong_use_is_told(told: str):
    """Status 2, what is wrong, and nothing done."""
    result = type_in(*WRONG[told])

    assert result.exit_code == 2
    assert told.lower() in " ".join(result.output.replace("│", " ").split()).lower()


def test_one_task_and_all_tasks_is_no_choice():
    assert type_in("retry", "1", "--all").exit_code == 2


# Looking after it


def test_the_cases_are_listed(meldpunt: Path):
    """A line each with whose turn it is, in local time, cut off nowhere."""
    result = type_in("cases", "--config", meldpunt)

    assert result.exit_code == 0
    head, *lines = result.output.splitlines()
    assert head.split() == ["reference", "state", "turn", "waits_for", "provider", "since", "due"]
    assert sorted(line.split()[0] for line in lines) == ["MSI-2026-0001", "MSI-2026-0002"]
    assert "2026-10-04 22:14" in lines[0]


def test_the_cases_are_listed_for_programs(meldpunt: Path):
    """Unknown is null, times are ISO 8601 with zone."""
    rows = json.loads(type_in("cases", "--config", meldpunt, "--json").output)

    assert {row["reference"]: row["state"] for row in rows} == {
        "MSI-2026-0001": "queued",
        "MSI-2026-0002": "needs_info",
    }
    assert {row["provider"] for row in rows} <= {"naft-vbo", None}
    assert all(datetime.fromisoformat(row["since"]).tzinfo for row in rows)


def test_an_empty_list_is_said_in_words_and_in_json(fresh: Path):
    assert type_in("cases", "--config", fresh).output == "No open cases.\n"
    assert type_in("stuck", "--config", fresh).output == "Nothing is stuck.\n"
    assert json.loads(type_in("cases", "--config", fresh, "--json").output) == []


@pytest.mark.parametrize("name", ["0001", "1", "MSI-2026-0001", "msi-2026-0001", "[MSI-2026-0001]"])
def test_a_case_is_found_by_any_of_its_names(meldpunt: Path, name: str):
    """As it stands in a subject, and short."""
    result = type_in("case", name, "--config", meldpunt)

    assert result.exit_code == 0
    assert result.output.startswith("reference    MSI-2026-0001\n")
    assert "referral_complete" in result.output


def test_a_referral_that_waits_says_when_it_leaves(meldpunt: Path):
    """The next opening, in place of the day on which it would be late; a case that waits for somebody says until when."""
    waits = type_in("case", "1", "--config", meldpunt).output
    asked = type_in("case", "2", "--config", meldpunt).output
    [leaves] = [line.split(maxsplit=1)[1] for line in waits.splitlines() if line.startswith("leaves ")]

    assert leaves == "2026-10-05 09:00"
    assert not [line for line in waits.splitlines() if line.startswith("due ")]
    assert not [line for line in asked.splitlines() if line.startswith("leaves ")]
    assert [line for line in asked.splitlines() if line.startswith("due ")]


def test_in_january_a_short_name_still_finds_last_year(meldpunt: Path):
    """When this year has no such number."""
    FileClock(meldpunt / "clock").set(datetime(2027, 1, 4, 9, 30, tzinfo=BRUSSELS))

    assert "MSI-2026-0001" in type_in("case", "0001", "--config", meldpunt).output


def test_a_case_for_programs(meldpunt: Path):
    """Its timeline holds codes and no names."""
    found = json.loads(type_in("case", "1", "--config", meldpunt, "--json").output)

    assert found.keys() == {
        "reference", "state", "since", "provider", "turn", "waits_for", "due", "leaves", "mails", "replaced",
        "timeline",
    }  # fmt: skip
    assert found["mails"] == [1]
    assert not [word for word in ("Noor", "Peeters", CLB) if word in json.dumps(found)]


@pytest.mark.parametrize("name", ["0009", "MSI-2026-9999", "٣", "x" * 500, "0001; DROP TABLE mail"])
def test_an_unknown_case_is_told(meldpunt: Path, name: str):
    result = type_in("case", name, "--config", meldpunt)

    assert result.exit_code == 1
    assert "there is no case" in result.output
    assert "mailflow cases" in result.output


def test_a_mail_is_traced(meldpunt: Path):
    """What became of it, and every question that was asked."""
    shown = type_in("mail", "1", "--config", meldpunt)
    found = json.loads(type_in("mail", "1", "--config", meldpunt, "--json").output)

    assert shown.exit_code == 0
    assert "trace" in shown.output
    assert found["reference"] == "MSI-2026-0001"
    assert found["state"] == "read"
    assert any(line.startswith("proof: pass") for line in found["trace"])


def test_a_mail_says_on_top_who_wrote_it_what_became_of_it_and_why(house: House):
    """Before any line of the trace, so that nobody has to search it."""
    look_alike = house.mail(sender="an.peeters@vclb1euven.be")
    house.drain()
    house.close()

    shown = type_in("mail", look_alike, "--config", house.config).output
    top, _, trace = shown.partition("\ntrace\n")

    assert re.search(r"^sender +other, the desk must say who it is \(the domain vclb1euven.be looks like", top, re.M)
    assert re.search(r"^proof +pass by authentication-results", top, re.M)
    assert re.search(r"^outcome +held: a person must say first what it is$", top, re.M)
    assert re.search(r"^because +het domein vclb1euven.be lijkt op vclbleuven.be, en is het niet$", top, re.M)
    assert "  held to the desk, sent" in top.splitlines()
    assert "  is a proven clb: no" in trace.splitlines()


def test_a_mail_names_the_case_and_the_letters_that_came_of_it(house: House):
    """Of brother and sister both; the letters of each, with where they stand."""
    both = house.mail(f"{FORM}\n\n{FORM.replace('Noor', 'Lotte').replace('2011', '2013')}")
    house.drain()
    house.close()

    shown = type_in("mail", both, "--config", house.config).output
    found = json.loads(type_in("mail", both, "--config", house.config, "--json").output)

    cases = [one["reference"] for one in found["cases"]]
    assert cases == ["MSI-2026-0001", "MSI-2026-0002"]
    assert {(one["reference"], one["letter"], one["to"]) for one in found["letters"]} == {
        (reference, "received", "referrer") for reference in cases
    }
    assert "received to the referrer, sent on MSI-2026-0002" in shown


def test_the_newest_mails_are_listed(meldpunt: Path):
    """By number, with what became of each: so that the one that is meant can be found. Nobody's name is there."""
    rows = json.loads(type_in("mail", "--config", meldpunt, "--json").output)
    shown = type_in("mail", "--config", meldpunt).output

    assert [(row["mail"], row["outcome"], row["reference"]) for row in rows] == [
        (3, None, None),
        (2, "referral", "MSI-2026-0002"),
        (1, "referral", "MSI-2026-0001"),
    ]
    assert "MSI-2026-0002" in shown
    assert "@" not in shown


def test_the_times_of_a_case_are_those_of_the_meldpunt(meldpunt: Path):
    """The timeline and the lines above it; for programs in UTC."""
    shown = type_in("case", "1", "--config", meldpunt).output
    told = json.loads(type_in("case", "1", "--config", meldpunt, "--json").output)

    [first] = re.findall(r"^ +(\S+) referrer mail_came", shown, re.MULTILINE)
    assert datetime.fromisoformat(first).utcoffset() == datetime.fromisoformat(first).astimezone(BRUSSELS).utcoffset()
    assert told["timeline"][0].partition(" ")[0].endswith("+00:00")


def test_a_mail_that_is_not_read_yet_has_no_outcome(meldpunt: Path):
    """Unknown is null."""
    found = json.loads(type_in("mail", "3", "--config", meldpunt, "--json").output)

    assert (found["outcome"], found["reference"], found["trace"]) == (None, None, [])
    assert (found["sender"], found["because"], found["cases"], found["letters"]) == (None, None, [], [])
    assert "not read yet" in type_in("mail", "3", "--config", meldpunt).output


def test_an_unknown_mail_is_told(meldpunt: Path):
    result = type_in("mail", "99", "--config", meldpunt)

    assert (result.exit_code, result.output) == (1, "there is no mail 99\n")


def test_only_what_is_in_quarantine_is_settled(meldpunt: Path):
    """The first mail made a case."""
    result = type_in("settle", "1", "--config", meldpunt)

    assert (result.exit_code, result.output) == (1, "mail 1 is not settled: mail 1 wacht niet op jou\n")


def test_a_mail_that_is_not_there_is_not_settled(meldpunt: Path):
    """That it does not wait would say that it is there."""
    result = type_in("settle", "999", "--config", meldpunt)

    assert (result.exit_code, result.output) == (1, "there is no mail 999\n")


def test_remembered_senders_are_shown_and_forgotten(meldpunt: Path):
    """With a number for each; as shipped there is none."""
    nobody = type_in("senders", "--config", meldpunt)
    as_json = type_in("senders", "--config", meldpunt, "--json")
    absent = type_in("senders", "--forget", "7", "--config", meldpunt)

    assert (nobody.exit_code, nobody.output) == (0, "Nobody is remembered.\n")
    assert json.loads(as_json.output) == []
    assert (absent.exit_code, absent.output) == (1, "there is no remembered sender 7\n")


def test_what_is_stuck_is_listed_and_put_back(meldpunt: Path):
    """By its id, once; after that it is not stuck any more."""
    [row] = json.loads(type_in("stuck", "--config", meldpunt, "--json").output)
    shown = type_in("stuck", "--config", meldpunt).output
    again = type_in("retry", row["id"], "--config", meldpunt)
    twice = type_in("retry", row["id"], "--config", meldpunt)

    assert (row["mail_id"], row["why"]) == (3, "KeyError at x.py:1")
    assert "KeyError at x.py:1" in shown
    assert (again.exit_code, again.output) == (0, "1 put back\n")
    assert twice.exit_code == 1
    assert f"task {row['id']} is not stuck" in twice.output


def test_all_that_is_stuck_is_put_back(meldpunt: Path):
    """None is no error: nothing had to be done."""
    assert type_in("retry", "--all", "--config", meldpunt).output == "1 put back\n"
    assert type_in("retry", "--all", "--config", meldpunt).output == "Nothing is stuck.\n"


def test_the_digest_is_shown_and_not_sent(meldpunt: Path):
    """References and initials, what is stuck, and no name."""
    result = type_in("digest", "--config", meldpunt)

    assert result.exit_code == 0
    assert "dinsdag 6 oktober 2026" in result.output
    assert "MSI-2026-0001" in result.output
    assert "Noor" not in result.output


def test_the_digest_is_sent_when_asked(meldpunt: Path):
    """As a task of the service."""
    result = type_in("digest", "--send", "--config", meldpunt)

    database = Database(f"sqlite:///{meldpunt / 'mailflow.sqlite3'}")
    with database.read() as tx:
        tasks = tx.exec_driver_sql("SELECT count(*) FROM task WHERE kind = 'digest' AND state = 'ready'").scalar()
    database.close()
    assert result.exit_code == 0
    assert tasks == 1


def test_pausing_and_going_on(meldpunt: Path):
    """Each halt is lifted by its own name, and all of them at once."""
    assert "send: paused" in type_in("pause", "--config", meldpunt).output
    assert "all: paused" in type_in("pause", "all", "--config", meldpunt).output
    assert type_in("resume", "send", "--config", meldpunt).output == "send: goes on; still paused: all\n"
    assert type_in("resume", "--config", meldpunt).output == "all: goes on\n"


def test_the_folder_can_come_from_the_environment(meldpunt: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MAILFLOW_CONFIG", str(meldpunt))

    assert "MSI-2026-0001" in type_in("cases").output


def test_the_blank_form_has_every_label():
    """Text to fill in, of the shipped fields and providers."""
    result = type_in("form", "--txt")

    assert result.exit_code == 0
    assert [label for label in ("Voornaam", "Geboortedatum", "NAFT VBO") if label not in result.output] == []


# What only an operator can mend


def test_a_database_of_a_newer_release_is_told(meldpunt: Path):
    """Nothing is changed in it."""
    database = Database(f"sqlite:///{meldpunt / 'mailflow.sqlite3'}")
    with database.write() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()

    result = type_in("cases", "--config", meldpunt)

    assert result.exit_code == 1
    assert "9999" in result.output
    assert "install the newer mailflow" in result.output


def test_a_file_that_is_no_database_is_told(fresh: Path):
    (fresh / "mailflow.sqlite3").write_bytes(b"this is a letter, not a database\n" * 100)

    result = type_in("cases", "--config", fresh)

    assert result.exit_code == 1
    assert result.output == "the database cannot be used: file is not a database\n"


def test_keys_of_another_database_are_told(meldpunt: Path):
    """What to put back, and no traceback."""
    for key in (meldpunt / "keys").iterdir():
        key.unlink()
    write_keys(meldpunt / "keys", new_keys())

    result = type_in("case", "0001", "--config", meldpunt)

    assert result.exit_code == 1
    assert "put back the key files" in result.output


def test_a_port_that_is_taken_is_told(fresh: Path):
    """Which one, and two ways out; the service ends with status 1."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        main = fresh / "mailflow.toml"
        main.write_text(main.read_text().replace("port = 2525", f"port = {port}"))
        done = run_for_real("run", "--config", str(fresh))

    assert done.returncode == 1
    assert f"mailflow cannot listen on 127.0.0.1 port {port}: another program listens there already" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_goes_away_is_no_fault(meldpunt: Path):
    """`mailflow form | head -1` ends quietly."""
    command = f"'{sys.executable}' -m mailflow form --config '{meldpunt}' | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def run_for_real(*words: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own."""
    command = [sys.executable, "-m", "mailflow", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env={**os.environ})


# How a mail would be read


def eml(folder: Path, text: str = FORM, subject: str = "Aanmelding", head: str = "") -> Path:
    """A mail of a CLB worker as a file."""
    path = folder / "mail.eml"
    path.write_text(f"{head}From: An Peeters <{CLB}>\nTo: meldpunt@meldpunt.example\nSubject: {subject}\n\n{text}")
    return path


def test_inspect_is_one_screen(tmp_path: Path):
    """The verdict on top, the values of the form, what is missing, who fits, and why."""
    result = type_in("inspect", eml(tmp_path, INCOMPLETE))

    assert result.exit_code == 0
    assert len(result.output.splitlines()) < 50
    labels = [line.split()[0] for line in result.stdout.splitlines() if not line.startswith(" ")]
    assert labels[:7] == ["from", "subject", "machine", "proof", "verdict", "case", "answer"]
    assert "birth_date" in result.output
    assert "first_name" in result.output


PROVEN = f"Authentication-Results: {MAIL_HOST}; dmarc=pass header.from=vclbleuven.be\n"
AGED_15 = FORM.replace("2011", str(datetime.now(BRUSSELS).year - 15)).replace("12/03", "01/01")


@pytest.mark.parametrize(
    ("form", "told"),
    [
        (
            AGED_15.replace("NAFT VBO", "De Linde"),
            (
                "would go to zorgboerderij: Zorgboerderij De Linde is de aanbieder die je koos. Against it: Zorgboerderij",
            ),
        ),
        (AGED_15, ("would go to naft-vbo: ", "is de aanbieder die je koos.")),
        (AGED_15.replace("NAFT VBO", "maakt niet uit"), ("would go where the desk chooses: ", "aanbieders passen")),
        (AGED_15.replace("Achternaam: Voorbeeld\n", ""), ("once nothing is missing, it would go to naft-vbo: ",)),
    ],
)
def test_inspect_tells_where_a_referral_would_go(tmp_path: Path, form: str, told: tuple[str, ...]):
    """As it is decided: a wish stands against what fits. The same line for programs."""
    file = eml(tmp_path, form, head=PROVEN)

    shown = " ".join(type_in("inspect", file, "--authserv-id", MAIL_HOST).output.split())
    [*_, last] = json.loads(type_in("inspect", file, "--json", "--authserv-id", MAIL_HOST).output)["trace"]

    for words in told:
        assert words in shown
        assert words in last


def test_inspect_tells_no_way_for_what_is_no_referral(tmp_path: Path):
    """Without a form, and on a case; of one that nothing proves, what must come first."""
    no_form = type_in("inspect", eml(tmp_path, "Dag!")).output
    on_a_case = type_in("inspect", eml(tmp_path, subject="Re: [MSI-2026-0001] Aanmelding")).output
    unproven = type_in("inspect", eml(tmp_path, AGED_15)).output

    assert "would go" not in no_form + on_a_case
    assert "once a CLB stands behind it, it would go to naft-vbo" in " ".join(unproven.split())


def test_inspect_judges_by_the_envelope_that_it_is_given(tmp_path: Path):
    """A result of our own mail host proves the sender, when we say which host that is; else nothing does."""
    path = eml(tmp_path, head=PROVEN)

    without = json.loads(type_in("inspect", path, "--json").output)
    trusted = json.loads(type_in("inspect", path, "--json", "--authserv-id", MAIL_HOST).output)
    via = ["--client-ip", "192.0.2.9", "--mail-from", CLB]
    elsewhere = json.loads(type_in("inspect", path, "--json", "--authserv-id", MAIL_HOST, *via).output)

    assert (without["proof"]["result"], without["sender"]["verdict"]) == ("none", "confirm")
    assert (trusted["proof"]["result"], trusted["sender"]["verdict"]) == ("pass", "accept")
    assert elsewhere["proof"]["result"] == "pass"


def test_inspect_judges_by_the_zone_that_it_is_given(tmp_path: Path):
    """--zone is the DNS: with it SPF proves the sender, without it nothing does; a zone that cannot be read is told."""
    file = tmp_path / "mail.eml"
    file.write_bytes(b"From: <an@vclbleuven.be>\r\nTo: x@meldpunt.example\r\n\r\nDag\r\n")
    zone, broken, odd = tmp_path / "zone.toml", tmp_path / "broken.toml", tmp_path / "odd.toml"
    zone.write_text('["vclbleuven.be"]\nTXT = ["v=spf1 ip4:192.0.2.1 -all"]\n')
    broken.write_text("[")
    odd.write_text('["vclbleuven.be"]\nTXT = "v=spf1 -all"\n')

    proven = type_in("inspect", file, "--json", "--client-ip", "192.0.2.1", "--zone", zone)
    alone = type_in("inspect", file, "--json", "--client-ip", "192.0.2.1")

    assert "pass" == json.loads(proven.stdout)["proof"]["result"]
    assert "none" == json.loads(alone.stdout)["proof"]["result"]
    for wrong in (broken, odd, tmp_path / "absent.toml"):
        told = type_in("inspect", file, "--zone", wrong)
        assert 2 == told.exit_code
        assert wrong.name in told.stderr.replace("\n", "")


@pytest.mark.parametrize(("role", "action"), [("provider", "accept"), ("referrer", "unclear"), ("anyone", "unclear")])
def test_inspect_takes_the_words_for_whose_they_are(tmp_path: Path, role: str, action: str):
    """The same words mean something of a provider and nothing of a referrer."""
    found = json.loads(type_in("inspect", eml(tmp_path, "Aanvaard"), "--as", role, "--json").output)

    assert (found["answer"]["action"] == action) or role != "provider"
    assert found["form"] is None


def test_what_a_stranger_wrote_does_not_steer_the_terminal(tmp_path: Path):
    """No escape sequence and no markup gets through."""
    text = FORM.replace("Noor", "No\x1b[2Jor").replace("Sint-", "[red]Sint-")
    result = type_in("inspect", eml(tmp_path, text, subject="=?utf-8?q?=1B]0;x=07?="))

    assert result.exit_code == 0
    assert "\x1b" not in result.output
    assert "[red]" in result.output


@pytest.mark.parametrize("content", [b"", b"geen mail", b"\xff\xd8\xff\0" * 50])
def test_any_file_is_shown(tmp_path: Path, content: bytes):
    """What is no mail gets a verdict too: status 0 for whatever can be read."""
    (tmp_path / "x").write_bytes(content)

    result = type_in("inspect", tmp_path / "x")

    assert result.exit_code == 0
    assert "verdict" in result.output


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty: name a file that holds one mail (.eml)"),
        (b"\xef\xbb\xbf\r\n \n", "is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is no mail: name the mail that it came with"),
        (b"%PDF-1.7\n1 0 obj\n", "is no mail"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "save that mail as .eml"),
    ],
    ids=["empty", "blank", "png", "pdf", "msg"],
)
def test_what_can_be_no_mail_is_told_in_one_line(tmp_path: Path, content: bytes, told: str):
    """With what to do, and nothing else: no table of what is not known."""
    (tmp_path / "x").write_bytes(content)

    result = type_in("inspect", tmp_path / "x")

    assert result.exit_code == 0
    assert result.stderr == ""
    assert result.stdout.count("\n") == 1
    assert told in result.stdout


def test_no_file_is_told_in_one_line(tmp_path: Path):
    """Nothing about a configuration before it."""
    assert type_in("inspect", tmp_path / "x").output.count("\n") == 1
    assert type_in("inspect", "/dev/null").stdout.startswith("/dev/null is empty: ")


def test_words_without_a_header_are_read_as_words(tmp_path: Path):
    """A form that nobody mailed yet: the first line on standard error says what is odd."""
    (tmp_path / "form.txt").write_text(f"Aanmelding\n\n{FORM}")

    result = type_in("inspect", tmp_path / "form.txt")
    mailed = type_in("inspect", eml(tmp_path))

    assert "form.txt has no header (From, Date, Subject): it is read as a mail of nobody" in result.stderr
    assert "first_name" in result.stdout
    assert "no header" not in mailed.output


@pytest.mark.parametrize(
    ("shape", "begins"), [("--docx", b"PK"), ("--odt", b"PK"), ("--pdf", b"%PDF"), ("--html", b"<!")]
)
def test_the_blank_form_comes_in_every_shape(shape: str, begins: bytes):
    """Each goes to standard output, to be kept in a file."""
    printed = type_in("form", shape)

    assert 0 == printed.exit_code
    assert printed.stdout_bytes.lstrip().lower().startswith(begins.lower())


def test_two_shapes_of_the_form_at_once_are_refused():
    """One file holds one shape."""
    printed = type_in("form", "--docx", "--pdf")

    assert 2 == printed.exit_code
    assert "one shape at a time" in printed.stderr


# To follow up


def test_who_waits_and_who_owes(house: House):
    """The waitlist of a provider with its dates, and what it still owes, as the overview would say it."""
    house.mail()
    house.at(2026, 10, 5, 9, 0)
    house.reply(house.letters(NAFT)[0], "Match, nu geen plaats: wachtlijst.")
    house.later(minutes=30)
    house.close()

    waits = type_in("waitlist", "naft-vbo", "--config", house.config, "--json")
    nobody = type_in("waitlist", "naft-ahv", "--config", house.config)
    unknown = type_in("waitlist", "naft", "--config", house.config)
    owes = type_in("overview", "an.peeters@vclbleuven.be", "--config", house.config, "--json")

    assert [(one["reference"], one["state"]) for one in json.loads(waits.stdout)] == [
        ("MSI-2026-0001", "waitlist_offered")
    ]
    assert "Nobody waits." in nobody.stdout
    assert unknown.exit_code != 0
    assert "naft-ahv, naft-vbo" in unknown.output
    assert [(one["reference"], one["waits_for"]) for one in json.loads(owes.stdout)] == [("MSI-2026-0001", "keep")]


def test_a_provider_owes_the_same_by_its_key_as_by_its_address(house: House):
    """A start is waited for; however its address is written."""
    house.mail()
    house.at(2026, 10, 5, 9, 0)
    house.reply(house.letters(NAFT)[0], "Wij nemen Noor graag op.")
    house.later(minutes=30)
    house.close()

    told = [type_in("overview", name, "--config", house.config, "--json") for name in ("naft-vbo", NAFT, NAFT.upper())]

    assert [one.exit_code for one in told] == [0, 0, 0]
    assert {one.stdout for one in told} == {told[0].stdout}
    assert [one["reference"] for one in json.loads(told[0].stdout)] == ["MSI-2026-0001"]


def test_who_is_not_known_does_not_owe_nothing(meldpunt: Path):
    """A slip of the keyboard is told; a CLB worker and a provider of whom nothing is waited for owe nothing."""
    unknown = type_in("overview", "nope", "--config", meldpunt)
    worker = type_in("overview", "nieuw@vclbleuven.be", "--config", meldpunt)
    provider = type_in("overview", "naft-ahv", "--config", meldpunt)

    assert unknown.exit_code == 1
    assert "nobody is known as nope" in unknown.output
    assert "naft-ahv, naft-vbo" in unknown.output
    assert [(one.exit_code, one.output) for one in (worker, provider)] == [(0, "That party owes nothing.\n")] * 2


def test_an_answer_is_tried_with_its_evidence():
    """The action, the day, what else the text holds, and what each phrase was taken for."""
    result = type_in("answers", "try", "Wij nemen Noor graag op. Rondetafel op 24 november.")

    assert result.exit_code == 0
    assert "read as   accept" in result.output
    assert "also      round_table" in result.output
    assert "“Wij nemen Noor graag op”" in result.output


def test_why_an_answer_would_be_asked_back():
    """In the words that the writer would get, and for programs."""
    result = type_in("answers", "try", "Als er plaats is nemen we haar op", "--json")

    found = json.loads(result.output)
    assert found["action"] == "unclear"
    assert "niet zeker" in found["why"]
    assert {one["standing"] for one in found["phrases"]} == {"perhaps"}


def test_an_answer_to_our_question():
    """A bare yes means what was asked; an action that does not exist is wrong use."""
    assert "read as   keep" in type_in("answers", "try", "ja", "--as", "referrer", "--asked", "keep").output

    wrong = type_in("answers", "try", "ja", "--asked", "houden")

    assert wrong.exit_code != 0
    assert "houden is no action" in wrong.output


def test_the_gallery_leaves_a_folder_of_somebody_else_alone(tmp_path: Path):
    """Their index.html would be lost, and hundreds of files would lie among theirs."""
    (tmp_path / "index.html").write_text("<h1>Onze site</h1>")

    refused = type_in("letters", tmp_path)

    assert refused.exit_code == 1
    assert "is not empty and holds no letters of mailflow: name a new folder" in refused.stderr
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("index.html", "<h1>Onze site</h1>")]


def test_the_gallery_holds_every_letter(tmp_path: Path):
    """As page, text and mail, with an index that leads to each; written once more, it is as new."""
    folder = tmp_path / "letters"

    for _ in range(2):
        assert type_in("letters", folder).exit_code == 0

    index = (folder / "index.html").read_text()
    assert len([*folder.glob("*.eml")]) == len([*folder.glob("*.txt")]) == index.count("<li>")
    assert {one.value for one in Kind} <= {file.stem for file in folder.glob("*.html")}


def test_the_digest_opens_in_the_browser(meldpunt: Path, monkeypatch: pytest.MonkeyPatch):
    """The page as it would be mailed, which nobody else can read, in place of the last; without a browser its path."""
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or False)
    (meldpunt / "shown").mkdir(mode=0o755)
    (meldpunt / "shown" / "yesterday.html").write_text("of before")

    result = type_in("digest", "--open", "--config", meldpunt)

    assert result.exit_code == 0
    assert "no browser" in result.output
    [page] = [Path(url.removeprefix("file://")) for url in opened]
    assert [*(meldpunt / "shown").iterdir()] == [page]
    assert page.parent.stat().st_mode & 0o077 == 0
    assert "<h1" in page.read_text()
    assert str(page) in result.output.replace("\n", "")
    assert type_in("digest", "--open", "--send", "--config", meldpunt).exit_code == 2
