"""A backup can be put back, whole or not at all; and nobody without our keys can read it."""

import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pyrage
import pytest
from house import BRUSSELS, CLB, FORM, NAFT, House
from sqlalchemy import update
from typer.testing import CliRunner, Result

from mailflow.age_key import identity_of, identity_text
from mailflow.backup import GAP
from mailflow.cli import cli
from mailflow.core.lifecycle import State
from mailflow.forgetting import erase, replay
from mailflow.keys import new_keys, write_keys
from mailflow.storage import dump
from mailflow.storage.tables import CARE_CASE, EVENT


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A meldpunt with one referral that was delivered."""
    one = House(tmp_path, datetime(2026, 10, 4, 22, 14, tzinfo=BRUSSELS))
    one.mail()
    one.drain()
    one.at(2026, 10, 5, 9, 0)
    yield one
    one.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "monday.age"


def type_in(house: House, *words: object) -> Result:
    """A command on this meldpunt, as if typed."""
    return CliRunner().invoke(cli, [*map(str, words), "--config", str(house.config)])


def reopened(house: House) -> None:
    """As after a restart of the service."""
    house.close()
    house.app = house.another()


def test_the_database_comes_back_as_it_was(house: House, file: Path):
    """Cases, mails and letters; what came since is gone, and letters wait until somebody looked."""
    before = house.timeline()
    assert type_in(house, "backup", file).exit_code == 0
    house.reply(house.letters(NAFT)[-1], "aanvaard")
    house.mail(message_id="<nog-een@vclbleuven.be>", text="Dag")
    house.drain()

    done = type_in(house, "restore", file, "--replace")
    reopened(house)

    assert done.exit_code == 0, done.output
    assert house.timeline() == before
    assert house.case().values["first_name"] == "Noor"
    assert [line.outcome for line in house.app.store.mails.lines()] == ["restored", "referral"]
    assert house.app.store.paused() == {"send"}
    assert "move it back from Verwerkt to the inbox" in done.output.replace("\n", " ")


def test_life_goes_on_after_a_restore(house: House, file: Path):
    """New mails, cases and letters get numbers that are free, and that no letter since the backup can have named."""
    type_in(house, "backup", file)
    type_in(house, "restore", file, "--replace")
    reopened(house)
    house.app.store.resume("all")

    house.reply(house.letters(NAFT)[-1], "aanvaard")
    house.mail(FORM.replace("Noor", "Mila"), message_id="<nog-een@vclbleuven.be>")
    house.later(minutes=20)

    assert house.case().state is State.ACCEPTED
    assert house.app.store.cases.get("MSI-2026-0002") is None
    assert house.case("MSI-2026-1002").values["first_name"] == "Mila"
    *fresh, marked, first = house.app.store.mails.lines()
    new = house.app.store.cases.get("MSI-2026-1002")
    assert min(one.id for one in house.app.store.letters.of_case(new.id)) > GAP
    assert (first.id, marked.id, [line.id for line in fresh]) == (1, 1 + GAP, [3 + GAP, 2 + GAP])


def test_a_database_that_holds_something_is_not_overwritten_unasked(house: House, file: Path):
    """The message says what would be gone, and what to do first."""
    type_in(house, "backup", file)

    told = type_in(house, "restore", file)

    assert told.exit_code == 1
    assert "the database holds 1 cases and 1 mails, which would be gone" in told.stderr
    assert f"mailflow restore {file} --replace" in told.stderr.replace("\n", " ")
    assert house.case().state is State.DISPATCHED


def test_nothing_is_put_back_under_a_running_service(house: House, file: Path):
    """It would go on with what it holds in its hands."""
    type_in(house, "backup", file)
    with subprocess.Popen(["sleep", "60"]) as other:
        house.app.leases.take("schedule", f"{other.pid}-abcdef", timedelta(minutes=1))
        told = type_in(house, "restore", file, "--replace")
        other.kill()
    house.app.leases.rescue(lambda _: False)

    again = type_in(house, "restore", file, "--replace")

    assert (told.exit_code, "mailflow is running on this database" in told.stderr) == (1, True)
    assert again.exit_code == 0, again.output


def test_what_was_erased_stays_erased(house: House, file: Path):
    """Also when the backup is from before."""
    type_in(house, "backup", file)
    erase(house.app, house.app.store.cases.get("MSI-2026-0001"))

    done = type_in(house, "restore", file, "--replace")
    reopened(house)

    assert "1 cases were erased since, and are erased again." in done.output
    assert (house.case().values, house.case().state) == ({}, State.WITHDRAWN)
    assert house.app.store.mails.raw(1) == b""


def test_a_reference_that_comes_back_is_not_taken_for_the_erased_one(house: House):
    """A line of erased.log from before a case was opened is about another case."""
    (house.config / "keys" / "erased.log").write_text("2026-10-01T10:00:00+00:00 MSI-2026-0001\n")

    assert replay(house.app) == 0
    assert house.case().values["first_name"] == "Noor"


def test_a_backup_is_verified_by_trying_it(house: House, file: Path):
    """Every case replayed, every column opened; nothing of ours is touched."""
    type_in(house, "backup", file)

    done = type_in(house, "verify", file)

    assert done.exit_code == 0, done.output
    assert "1 cases, 1 mails, 3 letters" in done.output
    assert "All of it can be put back." in done.output


def test_a_database_that_was_tampered_with_is_told(house: House, file: Path):
    """A changed event breaks its chain, a changed row is not what the events come to."""
    with house.app.database.write() as tx:
        tx.execute(update(EVENT).where(EVENT.c.number == 2).values(party="desk"))
        tx.execute(update(CARE_CASE).values(state="started"))
    type_in(house, "backup", file)

    told = type_in(house, "verify", file)

    assert told.exit_code == 1
    assert "MSI-2026-0001: event 2 was changed, taken out or put in" in told.stderr
    assert "MSI-2026-0001: its row is not what its events come to" in told.stderr


@pytest.mark.parametrize("spoil", ["cut", "changed", "empty", "no backup", "not there"])
def test_a_file_that_is_no_whole_backup_changes_nothing(house: House, file: Path, spoil: str):
    """It is refused in plain words before anything is touched."""
    type_in(house, "backup", file)
    whole = file.read_bytes()
    spoilt = {
        "cut": whole[:-40],
        "changed": whole[:500] + bytes([whole[500] ^ 1]) + whole[501:],
        "empty": b"",
        "no backup": b"Dag, ik ben een brief.",
    }
    if spoil == "not there":
        file.unlink()
    else:
        file.write_bytes(spoilt[spoil])

    for command in (["verify", file], ["restore", file, "--replace"]):
        told = type_in(house, *command)
        assert told.exit_code == 1
        assert file.name in told.stderr.replace("\n", "")
        assert "Traceback" not in told.output + told.stderr
    assert house.case().state is State.DISPATCHED


def test_other_keys_open_nothing(house: House, file: Path, tmp_path: Path):
    """Whoever has the file without the keys has nothing."""
    type_in(house, "backup", file)
    shutil.rmtree(house.config / "keys")
    write_keys(house.config / "keys", new_keys())

    told = type_in(house, "verify", file)

    assert told.exit_code == 1
    assert "belongs to other keys" in told.stderr.replace("\n", " ")


def test_nothing_can_be_read_in_the_file(house: House, file: Path):
    """No name, no address, no reference; and only its owner may open it."""
    type_in(house, "backup", file)

    whole = file.read_bytes()

    assert not [word for word in (b"Noor", b"MSI-2026", CLB.encode(), b"care_case") if word in whole]
    assert whole.startswith(b"age-encryption.org/v1\n")
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_there_is_not_overwritten(house: House, file: Path):
    """Yesterday's backup is not lost by a slip; no half file is left."""
    file.write_text("gisteren")

    told = type_in(house, "backup", file)

    assert told.exit_code == 1
    assert "name another" in told.stderr
    assert file.read_text() == "gisteren"
    assert [one.name for one in file.parent.iterdir() if one.suffix == ".part"] == []


def test_the_service_may_go_on_meanwhile(house: House, file: Path):
    """What is written during a backup is not half in it."""
    told = dump.lines(house.app.database, {"mailflow": "x", "made_at": "2026-10-05T09:00:00+02:00"})
    first, *_ = [next(told) for _ in range(3)]
    house.mail(message_id="<intussen@vclbleuven.be>")
    house.drain()
    rest = [*told]

    assert '"revision"' in first
    assert sum("MSI-2026-0002" in line for line in rest) == 0


def test_the_identity_is_one_that_age_knows():
    """Bech32 of age's own test vector; and the key of another installation is another one."""
    known = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"

    assert identity_text(b"\x42" * 32) == known
    assert str(identity_of(b"1" * 32)) != str(identity_of(b"2" * 32))
    sealed = pyrage.encrypt(b"Noor", [identity_of(b"1" * 32).to_public()])
    assert pyrage.decrypt(sealed, [identity_of(b"1" * 32)]) == b"Noor"
