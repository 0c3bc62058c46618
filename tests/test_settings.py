"""The configuration as it is shipped, changed, and made by `mailflow init`."""

import os
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import create_engine, make_url

from mailflow.configuration.fingerprint import fingerprint
from mailflow.configuration.problems import ConfigError, Problem, nearest, render_problems
from mailflow.core.workdays import Hours
from mailflow.keys import Keys, as_text, new_keys, read_keys, variable, write_keys
from mailflow.newcomer import fill_in, init, problems_with, questions
from mailflow.settings import Settings, check, instance_of, load
from mailflow.shipped import shipped

ANSWERS = {
    "name": 'Meldpunt "De Brug"',
    "address": "hulp@brug.example",
    "phone": "016 12 34 56",
    "workers": "els@brug.example, jan@brug.example",
}


@pytest.fixture(scope="module")
def defaults() -> Settings:
    """The shipped configuration, read once."""
    return load(None, {})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that `mailflow init` made."""
    init(tmp_path / "config", ANSWERS)
    return tmp_path / "config"


def add_to(file: Path, text: str) -> None:
    """Write *text* at the end of *file*."""
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")


def change(file: Path, old: str, new: str) -> None:
    """Put *new* in the place of *old*, which must be there."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def keys_of(problems: list[Problem]) -> list[str]:
    """At which keys the problems are."""
    return [one.key for one in problems]


# As shipped


def test_the_shipped_configuration_has_no_problem():
    """What comes with this release starts as it stands."""
    assert render_problems(check(None, {})) == "mailflow cannot start:"


def test_the_shipped_service_stays_on_this_machine(defaults: Settings):
    """Nothing of a trial leaves the machine: loopback both ways, a database in memory, no mailbox."""
    assert defaults.listener is not None
    assert (defaults.listener.host, defaults.listener.port) == ("127.0.0.1", 2525)
    assert (defaults.submission.host, defaults.submission.port) == ("127.0.0.1", 2526)
    assert defaults.mailboxes == ()
    assert defaults.database == "sqlite://"
    assert defaults.demo_clock is None


def test_the_shipped_organisations_have_addresses_that_reach_nobody(defaults: Settings):
    """Every address that a letter could go to lies under .example; the CLBs' public domains are only recognised."""
    rules = defaults.rules
    addresses = [rules.desk.address, *rules.desk.workers]
    for provider in rules.providers.values():
        addresses += [provider.address, *provider.addresses, *provider.domains]

    assert [one for one in addresses if not one.endswith(".example")] == []
    assert {domain for clb in rules.clbs for domain in clb.domains} == {"vclbleuven.be", "vrijclbbro.be", "clbvgc.be"}


def test_the_shipped_terms_are_the_ones_of_the_design(defaults: Settings):
    """mailflow.toml shows each default as its value."""
    terms = defaults.rules.terms

    assert (terms.contact_after_reminder, terms.decision, terms.keep, terms.start) == (5, 10, 10, 20)
    assert (terms.waitlist_review, terms.pause) == (timedelta(weeks=4), timedelta(minutes=15))
    assert defaults.rules.digest_at == time(8, 30)


def test_every_default_in_mailflow_toml_is_the_default(tmp_path: Path, defaults: Settings):
    """A mailflow.toml of four lines means the same as the shipped one."""
    config = tmp_path / "config"
    shutil.copytree(shipped("config"), config)
    write_keys(config / "keys", new_keys())
    lines = (config / "mailflow.toml").read_text(encoding="utf-8").split("\n")
    kept = [line for line in lines if line.startswith(("[meldpunt]", "name =", "address =", "phone =", "workers ="))]
    (config / "mailflow.toml").write_text("\n".join(kept), encoding="utf-8")

    short = load(config, {})

    assert replace(short.rules, seal=defaults.rules.seal, worded=defaults.rules.worded) == defaults.rules
    assert short.rules.words == defaults.rules.words
    assert short.listener == defaults.listener
    assert short.submission == defaults.submission
    assert (short.limits, short.documents) == (defaults.limits, defaults.documents)
    assert short.seconds_per_document == defaults.seconds_per_document
    assert (short.document_megabytes, short.keep_free) == (defaults.document_megabytes, defaults.keep_free)
    assert (short.rules.retention, short.alarm) == (defaults.rules.retention, defaults.alarm)
    assert (short.log_format, short.log_level) == (defaults.log_format, defaults.log_level)


def test_the_shipped_defaults_have_fresh_keys_each_time(defaults: Settings):
    """Without a folder nothing is sealed or encrypted with a key that somebody else could know."""
    again = load(None, {})

    assert again.keys != defaults.keys
    assert again.instance != defaults.instance


def test_a_provider_keeps_its_own_hours_and_has_the_rest_from_the_calendar(defaults: Settings):
    """The care farm: its own Tuesday and summer, the shared weekend and public holidays."""
    farm = defaults.rules.providers["zorgboerderij"]

    assert farm.calendar.week[0] == ()
    assert farm.calendar.week[1] == (Hours(time(9), time(12)), Hours(time(13), time(16)))
    assert [one.first for one in farm.calendar.yearly_closures] == ["07-15"]
    assert farm.calendar.public_holidays_off
    assert (farm.minimum_age, farm.maximum_age) == (6, 11)
    assert defaults.rules.providers["naft-ahv"].round_table_by == "clb"


def test_closures_and_changed_holidays_reach_the_calendars(folder: Path):
    """A dated closure is the meldpunt's own; a school holiday that differs holds for every party."""
    calendar = folder / "calendar.toml"
    add_to(calendar, '\n[[school_holiday]]\nname = "kerst"\nfirst = 2026-12-14\nlast = 2026-12-27\n')
    add_to(calendar, "\n[[closed]]\nfirst = 2026-11-12\nlast = 2026-11-13\n")

    rules = load(folder, {}).rules

    assert not rules.calendar.is_working_day(date(2026, 11, 12))
    assert rules.clb_calendar.is_working_day(date(2026, 11, 12))
    assert not rules.clb_calendar.is_working_day(date(2026, 12, 14))
    assert rules.clb_calendar.is_working_day(date(2026, 12, 28))
    assert not rules.providers["naft-vbo"].calendar.is_working_day(date(2026, 12, 14))


# mailflow init


def test_what_init_makes_can_be_loaded(folder: Path):
    """An unedited folder starts, with the answers in their places."""
    settings = load(folder, {})

    desk = settings.rules.desk
    assert (desk.name, desk.address, desk.phone) == ('Meldpunt "De Brug"', "hulp@brug.example", "016 12 34 56")
    assert desk.workers == ("els@brug.example", "jan@brug.example")
    assert settings.database == f"sqlite:///{folder}/mailflow.sqlite3"
    assert settings.templates == (folder / "templates" if (folder / "templates").is_dir() else shipped("templates"))
    assert settings.keys_folder == folder / "keys"


def test_init_copies_all_that_is_shipped(folder: Path):
    """Every config file and every letter lies in the new folder, byte for byte but for the answers."""
    for kind, target in (("config", folder), ("templates", folder / "templates")):
        for source in (one for one in shipped(kind).rglob("*") if one.is_file() and one.name != "mailflow.toml"):
            assert (target / source.relative_to(shipped(kind))).read_bytes() == source.read_bytes()


def test_init_keeps_every_comment(folder: Path):
    """Only the lines of the four answers differ from the shipped mailflow.toml."""
    before = (shipped("config") / "mailflow.toml").read_text(encoding="utf-8").split("\n")
    after = (folder / "mailflow.toml").read_text(encoding="utf-8").split("\n")

    changed = [old.partition(" = ")[0] for old, new in zip(before, after, strict=True) if old != new]

    assert changed == ["name", "address", "phone", "workers"]


def test_init_makes_keys_that_only_this_user_can_read(folder: Path):
    """Mode 0600 in a folder of mode 0700, whatever the umask."""
    modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in (folder / "keys").iterdir()}

    assert modes == {"data.key": 0o600, "seal.key": 0o600, "index.key": 0o600}
    assert stat.S_IMODE((folder / "keys").stat().st_mode) == 0o700


def test_init_never_writes_into_a_folder_that_holds_anything(folder: Path):
    """A second init is refused, and changes nothing."""
    before = {one: one.read_bytes() for one in folder.rglob("*") if one.is_file()}

    with pytest.raises(ConfigError, match="is not empty"):
        init(folder, ANSWERS)

    assert before == {one: one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def test_init_refuses_a_file_in_the_place_of_a_folder(tmp_path: Path):
    """Also where the file is above the folder."""
    (tmp_path / "file").write_text("mine")

    with pytest.raises(ConfigError, match="this is no folder"):
        init(tmp_path / "file", ANSWERS)
    with pytest.raises(ConfigError, match="cannot be made"):
        init(tmp_path / "file" / "config", ANSWERS)

    assert (tmp_path / "file").read_text() == "mine"


def test_init_refuses_a_link_that_leads_nowhere(tmp_path: Path):
    """Rather than make what it points at."""
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")

    with pytest.raises(ConfigError, match="leads nowhere"):
        init(tmp_path / "link", ANSWERS)


def test_init_makes_nothing_when_an_answer_cannot_be_right(tmp_path: Path):
    """The mistakes are told before anything is written."""
    with pytest.raises(ConfigError) as told:
        init(tmp_path / "config", {**ANSWERS, "address": "hulp", "phone": "nul"})

    assert keys_of(list(told.value.problems)) == ["address", "phone"]
    assert not (tmp_path / "config").exists()


def test_the_questions_can_all_be_answered_with_enter(tmp_path: Path):
    """No answer keeps the shipped value, so the defaults that are shown are those that are used."""
    init(tmp_path / "config", {one.key: "" for one in questions()})

    desk = load(tmp_path / "config", {}).rules.desk

    shown = {one.key: one.default for one in questions()}
    assert (desk.name, desk.address, desk.phone) == (shown["name"], shown["address"], shown["phone"])
    assert ", ".join(desk.workers) == shown["workers"]


def test_an_answer_that_nobody_asked_for_is_a_problem():
    """A slip in the name of a question does not vanish."""
    assert keys_of(problems_with({"adress": "hulp@brug.example"})) == ["adress"]


def test_filling_in_touches_only_the_meldpunt():
    """Another section's name stays as it is."""
    text = '[meldpunt]\nname = "A"  # how it is signed\n\n[other]\nname = "B"\n'

    assert fill_in(text, {"name": "C\\D"}) == '[meldpunt]\nname = "C\\\\D"\n\n[other]\nname = "B"\n'


# Keys


def test_a_key_file_that_others_can_read_is_a_problem(folder: Path):
    """The file and its mode are named, never what is in it."""
    (folder / "keys" / "seal.key").chmod(0o644)

    problems = check(folder, {})

    assert [(one.file, one.remedy) for one in problems] == [("keys/seal.key", "Close it: chmod 600 keys/seal.key.")]
    assert "0644" in problems[0].what


def test_a_group_may_read_a_key_but_not_write_it(folder: Path):
    """A service often has its secrets through its group."""
    (folder / "keys" / "seal.key").chmod(0o640)
    assert check(folder, {}) == []

    (folder / "keys" / "seal.key").chmod(0o660)
    assert [one.file for one in check(folder, {})] == ["keys/seal.key"]


def test_keys_can_come_from_the_environment(folder: Path):
    """Then no file is needed, and none is looked at."""
    keys = new_keys()
    shutil.rmtree(folder / "keys")
    environment = {variable(kind): as_text(getattr(keys, kind)) for kind in ("data", "seal", "index")}

    assert load(folder, environment).keys == keys


def test_the_environment_wins_from_a_key_file(folder: Path):
    """Each kind for itself."""
    seal = new_keys().seal

    settings = load(folder, {"MAILFLOW_KEY_SEAL": as_text(seal)})

    assert settings.keys.seal == seal
    assert settings.rules.seal.keys == tuple(key.secret for key in seal)


def test_a_bad_key_in_the_environment_is_told_without_the_key(folder: Path):
    """The variable is named; what it holds is not."""
    problems = check(folder, {"MAILFLOW_KEY_DATA": "k1:notreallysecret"})

    assert [one.file for one in problems] == ["environment MAILFLOW_KEY_DATA"]
    assert "notreallysecret" not in render_problems(problems)


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"\xff\xfe", "this is no text"), (None, "cannot be read"), (b"k1:A\n", "key 1"), (b"k1:" + b"A" * 43, "key 1")],
)
def test_a_key_file_that_holds_no_key_is_told(folder: Path, content: bytes | None, what: str):
    """Another file's bytes, a folder, a piece of a key, or the zeroes of a broken disk."""
    path = folder / "keys" / "index.key"
    path.unlink()
    path.mkdir() if content is None else path.write_bytes(content)
    path.chmod(0o600)

    (problem,) = check(folder, {})

    assert problem.file == "keys/index.key"
    assert what in str(problem)


def test_several_keys_are_read_newest_first(tmp_path: Path):
    """A key file with two lines: the first makes, both recognise."""
    old, new = new_keys(), new_keys()
    newer = replace(new.seal[0], id="k2")
    write_keys(tmp_path / "keys", Keys(data=old.data, seal=(newer, *old.seal), index=old.index))

    keys = read_keys(tmp_path / "keys", "keys", {})

    assert isinstance(keys, Keys)
    assert [key.id for key in keys.seal] == ["k2", "k1"]
    assert instance_of(keys) == instance_of(old)


def test_writing_keys_never_replaces_a_key(tmp_path: Path):
    """A key that is overwritten is a database that nobody can read."""
    write_keys(tmp_path, new_keys())
    before = (tmp_path / "data.key").read_bytes()

    with pytest.raises(FileExistsError):
        write_keys(tmp_path, new_keys())

    assert (tmp_path / "data.key").read_bytes() == before


def test_no_secret_shows_when_settings_are_printed(folder: Path):
    """A traceback or a log line with the settings in it tells no key and no password."""
    change(folder / "mailflow.toml", 'user = ""', 'user = "meldpunt"')
    settings = load(folder, {"MAILFLOW_SENDING_PASSWORD": "invented-one"})

    shown = repr(settings)

    assert settings.submission.password == "invented-one"
    assert "invented-one" not in shown
    assert repr(settings.keys.seal[0].secret) not in shown


# Secrets and the environment


def test_a_password_can_come_from_a_file(folder: Path):
    """Its line end is not part of it."""
    (folder / "sending.password").write_text("invented-two\n")
    (folder / "sending.password").chmod(0o600)
    change(folder / "mailflow.toml", 'user = ""\npassword_file = ""', 'user = "me"\npassword_file = "sending.password"')

    assert load(folder, {}).submission.password == "invented-two"


def test_an_open_or_empty_password_file_is_a_problem(folder: Path):
    """As a key file is."""
    change(folder / "mailflow.toml", 'user = ""\npassword_file = ""', 'user = "me"\npassword_file = "sending.password"')
    (folder / "sending.password").write_text("\n")
    (folder / "sending.password").chmod(0o600)
    assert keys_of(check(folder, {})) == ["sending.password_file"]

    (folder / "sending.password").chmod(0o644)
    assert [one.file for one in check(folder, {})] == ["sending.password"]


def test_our_letters_are_signed_with_a_key_that_only_we_can_read(folder: Path):
    """An open key file is a problem, and so is one that holds no key that can sign mail."""
    change(folder / "mailflow.toml", 'dkim_selector = ""', 'dkim_selector = "mail1"')
    change(folder / "mailflow.toml", 'dkim_key_file = ""', 'dkim_key_file = "dkim.pem"')
    key = folder / "dkim.pem"
    key.write_text("geen sleutel")
    key.chmod(0o600)
    (no_key,) = check(folder, {})
    new = generate_private_key(65537, 2048)
    key.write_bytes(new.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    signer = load(folder, {}).signer
    key.chmod(0o644)
    (is_open,) = check(folder, {})

    assert str(no_key).startswith(
        "mailflow.toml: sending.dkim_key_file: dkim.pem: this is no private key in PEM form. "
    )
    assert signer is not None
    assert (signer.domain, signer.selector) == ("brug.example", "mail1")
    assert is_open.what.startswith("other users of this machine can get at it")


def test_a_certificate_has_a_key_that_only_we_can_read(folder: Path):
    """Paths count from the config folder; an open key is a problem as any secret is."""
    for name in ("mx.pem", "mx.key"):
        (folder / name).write_text("pem")
        (folder / name).chmod(0o644)
    change(folder / "mailflow.toml", 'certificate = ""\nkey = ""', 'certificate = "mx.pem"\nkey = "mx.key"')
    assert [one.file for one in check(folder, {})] == ["mx.key"]

    (folder / "mx.key").chmod(0o600)

    listener = load(folder, {}).listener
    assert listener is not None
    assert (listener.certificate, listener.key) == (folder / "mx.pem", folder / "mx.key")


def test_localhost_is_this_machine(folder: Path):
    """As 127.0.0.1 and ::1 are."""
    change(folder / "mailflow.toml", 'host = "127.0.0.1"', 'host = "localhost"')

    assert load(folder, {}).submission.host == "localhost"


MAILBOX = """
[[mailbox]]
name = "post-een"
host = "imap.meldpunt.example"
user = "meldpunt"
"""


def test_a_mailbox_is_one_section_and_a_password(folder: Path):
    """As README shows: name, host and user; everything else has a default."""
    add_to(folder / "mailflow.toml", MAILBOX)

    (mailbox,) = load(folder, {"MAILFLOW_MAILBOX_POST_EEN_PASSWORD": "invented-three"}).mailboxes

    assert (mailbox.host, mailbox.port, mailbox.security) == ("imap.meldpunt.example", 993, "tls")
    assert (mailbox.folder, mailbox.done, mailbox.failed) == ("INBOX", "Verwerkt", "Te bekijken")
    assert mailbox.password == "invented-three"


def test_without_a_listener_mail_comes_from_the_mailbox(folder: Path):
    """Then nothing listens at all."""
    add_to(folder / "mailflow.toml", MAILBOX)
    change(folder / "mailflow.toml", "enabled = true", "enabled = false")

    assert load(folder, {"MAILFLOW_MAILBOX_POST_EEN_PASSWORD": "x"}).listener is None


def test_postgresql_has_its_password_from_the_environment(folder: Path):
    """Signs that mean something in a URL are written so that they do not."""
    change(
        folder / "mailflow.toml", 'sqlite:///mailflow.sqlite3"\n# For', 'postgresql://me@db.example/mailflow"\n# For'
    )

    settings = load(folder, {"MAILFLOW_DATABASE_PASSWORD": "p@ss/w:rd"})

    assert settings.database == "postgresql+psycopg://me:p%40ss%2Fw%3Ard@db.example/mailflow"


def test_the_whole_database_url_can_come_from_the_environment(folder: Path):
    """With its password, which has no business in the file."""
    url = "postgresql://me:secret@db.example:5433/mailflow"

    assert load(folder, {"MAILFLOW_DATABASE_URL": url}).database == url.replace("://", "+psycopg://")


def test_the_driver_for_postgresql_is_asked_for_before_it_is_needed(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """PostgreSQL is an extra of the installation."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    (problem,) = check(folder, {"MAILFLOW_DATABASE_URL": "postgresql://me:x@db.example/mailflow"})

    assert "mailflow[postgres]" in problem.remedy


def test_a_database_url_may_name_both_servers_of_a_pair(folder: Path):
    """As docs/scale.md shows it: whichever can be written to is used."""
    url = "postgresql://me:x@db1.example,db2.example/mailflow?target_session_attrs=read-write"

    settings = load(folder, {"MAILFLOW_DATABASE_URL": url})

    arguments = create_engine(settings.database).dialect.create_connect_args(make_url(settings.database))[1]
    assert (arguments["host"], arguments["target_session_attrs"]) == ("db1.example,db2.example", "read-write")


@pytest.mark.parametrize(
    "url", ["postgresql://db.example/mailflow", "postgresql://me@db.example:port/x", "postgresql://", "oracle://x", ""]
)
def test_a_database_url_that_says_too_little_is_told(folder: Path, url: str):
    """Before anything tries to connect."""
    assert keys_of(check(folder, {"MAILFLOW_DATABASE_URL": url})) == ["database.url (from MAILFLOW_DATABASE_URL)"]


@pytest.mark.parametrize("name", ["", "daar/x.sqlite3", "keys", "x?mode=ro", "n" * 300, f"{'n' * 300}/x"])
def test_a_database_file_that_cannot_be_is_told(folder: Path, name: str):
    """A folder, a place that is not there, a name that no file can have."""
    problems = check(folder, {"MAILFLOW_DATABASE_URL": f"sqlite:///{name}"})

    assert keys_of(problems) == ["database.url (from MAILFLOW_DATABASE_URL)"]


# The demo's clock


def test_the_demo_clock_needs_the_environment_to_say_so(folder: Path):
    """On loopback with MAILFLOW_DEMO=1 it is allowed; a mailbox forbids it."""
    add_to(folder / "mailflow.toml", '\n[demo]\nclock = "clock"\n')
    assert keys_of(check(folder, {})) == ["demo.clock"]

    assert load(folder, {"MAILFLOW_DEMO": "1"}).demo_clock == folder / "clock"

    add_to(folder / "mailflow.toml", MAILBOX)
    environment = {"MAILFLOW_DEMO": "1", "MAILFLOW_MAILBOX_POST_EEN_PASSWORD": "x"}
    assert keys_of(check(folder, environment)) == ["demo.clock"]


def test_the_demo_clock_never_reaches_another_machine(folder: Path):
    """Letters that leave are dated by real time."""
    add_to(folder / "mailflow.toml", '\n[demo]\nclock = "clock"\n')
    text = (folder / "mailflow.toml").read_text(encoding="utf-8")
    before, _, after = text.partition("[sending]")
    after = after.replace('host = "127.0.0.1"', 'host = "smtp.example"', 1).replace('"none"\n', '"starttls"\n', 1)
    (folder / "mailflow.toml").write_text(f"{before}[sending]{after}", encoding="utf-8")

    problems = check(folder, {"MAILFLOW_DEMO": "1"})

    assert keys_of(problems) == ["demo.clock"]
    assert "letters go to another machine" in problems[0].what


# Files


def test_a_folder_that_is_not_there_is_told_with_what_to_do(tmp_path: Path):
    """The remedy is a command."""
    (problem,) = check(tmp_path / "nowhere", {})

    assert problem.what == "this folder does not exist"
    assert f"mailflow init {tmp_path / 'nowhere'}" in problem.remedy


def test_a_file_is_no_folder(tmp_path: Path):
    """mailflow.toml itself is an easy slip."""
    (tmp_path / "mailflow.toml").write_text("")

    assert [one.what for one in check(tmp_path / "mailflow.toml", {})] == ["this is no folder"]


def test_what_a_folder_leaves_out_is_taken_from_the_release(folder: Path, defaults: Settings):
    """form.toml, answers.toml, postcodes.csv and calendar.toml; templates too."""
    for name in ("form.toml", "answers.toml", "postcodes.csv", "calendar.toml"):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "templates", ignore_errors=True)

    settings = load(folder, {})

    assert settings.rules.fields == defaults.rules.fields
    assert settings.rules.places == defaults.rules.places
    assert settings.rules.calendar == defaults.rules.calendar
    assert settings.templates == shipped("templates")


def test_a_file_saved_by_notepad_is_read(folder: Path):
    """A byte order mark and Windows line ends are no mistakes."""
    text = (folder / "clbs.toml").read_text(encoding="utf-8").replace("\n", "\r\n")
    (folder / "clbs.toml").write_bytes(b"\xef\xbb\xbf" + text.encode())

    assert check(folder, {}) == []


def test_a_folder_or_a_pipe_in_the_place_of_a_file_is_told(folder: Path):
    """And nothing waits for what a pipe may say."""
    (folder / "clbs.toml").unlink()
    (folder / "clbs.toml").mkdir()
    (folder / "providers.toml").unlink()
    os.mkfifo(folder / "providers.toml")

    assert [one.file for one in check(folder, {})] == ["clbs.toml", "providers.toml"]


def test_a_link_that_leads_nowhere_is_not_a_file_left_out(folder: Path):
    """The calendar that somebody meant is missing: the shipped one in its place would pass unnoticed."""
    for name, target in (("calendar.toml", "moved-away.toml"), ("clbs.toml", "clbs.toml")):
        (folder / name).unlink()
        (folder / name).symlink_to(target)

    assert [(one.file, one.what[:14]) for one in check(folder, {})] == [
        ("clbs.toml", "cannot be read"),
        ("calendar.toml", "this file is m"),
    ]


def test_a_folder_that_may_not_be_read_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """The service often runs as another user than the one who made the folder."""

    def refuse(self: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "iterdir", refuse)

    assert [one.what for one in check(folder, {})] == ["this folder cannot be read"]


def test_loading_stops_with_everything_that_is_wrong(folder: Path):
    """Not with the first thing."""
    (folder / "clbs.toml").unlink()
    (folder / "keys" / "data.key").unlink()

    with pytest.raises(ConfigError) as told:
        load(folder, {})

    assert [one.file for one in told.value.problems] == ["clbs.toml", "keys/data.key"]


def test_brackets_without_end_are_told(folder: Path):
    """A hostile or broken file ends in a message, not in a traceback."""
    (folder / "clbs.toml").write_text("x = " + "[" * 100_000)

    (problem,) = check(folder, {})

    assert problem.file == "clbs.toml"


@pytest.mark.parametrize("name", ["mailflow.toml", "clbs.toml", "providers.toml", "calendar.toml"])
@pytest.mark.parametrize("value", ["1", '"x"', "[]", "[[]]", "[1, {}]", "{}", "{x = {}}", "nan", "2026-01-01", "false"])
def test_any_key_may_hold_anything_and_is_told(folder: Path, name: str, value: str):
    """Whatever stands at a top-level key, the answer is a list of problems, never a traceback."""
    known = {
        "mailflow.toml": ("meldpunt", "listener", "mailbox", "terms", "demo", "keys", "database", "proof"),
        "clbs.toml": ("clb", "form_service"),
        "providers.toml": ("provider",),
        "calendar.toml": ("zone", "hours", "closed", "closed_yearly", "school_holiday", "open_days", "clb", "provider"),
    }[name]
    (folder / name).write_text("\n".join(f"{key} = {value}" for key in known))

    problems = check(folder, {})

    assert all(one.what and one.remedy for one in problems)
    assert problems or value in ("[]", "{}")


def test_an_answer_that_would_be_misread_is_told_before_the_service_starts(folder: Path):
    """Who edits answers.toml writes examples beside the words; one that reads otherwise stops the start."""
    add_to(
        folder / "answers.toml", '\n[[example]]\ntext = "we nemen contact op"\naction = "withdraw"\nrole = "provider"\n'
    )

    (problem,) = check(folder, {})

    assert problem.file == "answers.toml"
    assert "we nemen contact op" in problem.what


@pytest.mark.parametrize(
    ("name", "section"), [("mailflow.toml", "mailbox"), ("clbs.toml", "clb"), ("clbs.toml", "form_service")]
)
def test_an_example_in_the_comments_works_when_its_hashes_are_taken_away(folder: Path, name: str, section: str):
    """What the shipped files show as an example is right."""
    text = (folder / name).read_text(encoding="utf-8")
    before, _, after = text.partition(f"# [[{section}]]\n")
    example, blank, rest = after.partition("\n\n")
    shown = "\n".join(line.removeprefix("# ") for line in example.split("\n"))
    (folder / name).write_text(f"{before}[[{section}]]\n{shown}{blank}{rest}", encoding="utf-8")
    (folder / "mailbox.password").write_text("invented")
    (folder / "mailbox.password").chmod(0o600)

    settings = load(folder, {})

    made = {"mailbox": settings.mailboxes, "clb": settings.rules.clbs[3:], "form_service": settings.rules.form_services}
    assert len(made[section]) == 1


def test_an_alarm_that_is_not_there_is_told(folder: Path):
    """It is the last resort: not found on the day it is needed would be too late."""
    change(folder / "mailflow.toml", "\ncommand = []", '\ncommand = ["/nowhere/ring-the-bell", "duty"]')
    assert keys_of(check(folder, {})) == ["alarm.command"]

    change(folder / "mailflow.toml", "/nowhere/ring-the-bell", sys.executable)
    assert load(folder, {}).alarm == (sys.executable, "duty")


# The fingerprint


def test_the_fingerprint_is_the_same_in_every_process(defaults: Settings):
    """Sets have no order of their own: the hash must not depend on this process."""
    program = "from mailflow.settings import load; print(load(None, {}).rules.fingerprint)"

    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert other.stdout.strip() == defaults.rules.fingerprint


def test_the_fingerprint_follows_what_terms_depend_on(defaults: Settings):
    """A term, a calendar or a provider's agreement changes it; a name or a key does not."""
    rules = defaults.rules
    slower = {**rules.providers, "naft-vbo": replace(rules.providers["naft-vbo"], contact_days=7)}
    renamed = {**rules.providers, "naft-vbo": replace(rules.providers["naft-vbo"], name="NAFT")}

    assert fingerprint(replace(rules, terms=replace(rules.terms, decision=11))) != rules.fingerprint
    assert fingerprint(replace(rules, calendar=replace(rules.calendar, public_holidays_off=False))) != rules.fingerprint
    assert fingerprint(replace(rules, providers=slower)) != rules.fingerprint
    assert fingerprint(replace(rules, providers=renamed)) == rules.fingerprint
    assert load(None, {}).rules.fingerprint == rules.fingerprint


# Wording


def test_every_problem_is_told_once():
    """The same problem found twice is one line."""
    one = Problem("clbs.toml", "clb[1].key", "is missing", "Fill it in.")

    assert ConfigError([one, one]).problems == (one,)
    assert str(ConfigError([one])) == "mailflow cannot start:\n  clbs.toml: clb[1].key: is missing. Fill it in."


@pytest.mark.parametrize(("word", "near"), [("lisener", "listener"), ("qqqq", None), ("", None), ("x" * 10_000, None)])
def test_a_slip_is_recognised_and_nonsense_is_not(word: str, near: str | None):
    """One or two letters off."""
    assert nearest(word, ["listener", "sending"]) == near
