"""New keys, whatever ends it half-way: everything can still be read, and nothing is left under the old one."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from house import BRUSSELS, CLB, FORM, NAFT, House

from mailflow import soundness
from mailflow.app import App, build
from mailflow.core.lifecycle import State
from mailflow.keys import Key
from mailflow.settings import load
from mailflow.storage.rotation import columns, left


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    one = House(tmp_path, datetime(2026, 10, 5, 10, 0, tzinfo=BRUSSELS))
    for number in range(15):  # more than one portion of mails and of letters
        one.mail(FORM.replace("Noor", f"Naam{chr(97 + number)}").replace("12/03", f"{number + 1}/03"))
        one.drain()
    yield one
    one.close()


def rotate(house: House, kill_at: str = "") -> subprocess.CompletedProcess[str]:
    """`mailflow keys rotate`, that may be killed."""
    return subprocess.run(
        [sys.executable, "-m", "mailflow", "keys", "rotate", "--config", str(house.config)],
        env={**os.environ, "MAILFLOW_DEMO": "1", "MAILFLOW_KILL_AT": kill_at},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def opened(house: House) -> App:
    return build(load(house.config), house.clock)


def test_everything_is_under_the_new_key(house: House):
    """Every sealed column; a letter that left before still brings its answer home."""
    done = rotate(house)

    with closing(opened(house)) as app:
        assert done.returncode == 0, done.stderr
        assert [key.id for key in app.settings.keys.data] == ["k2", "k1"]
        assert left(app.database, app.vault) == 0
        assert [*soundness.sealed(app.store), *soundness.cases(app.store, app.settings.rules)] == []
        assert app.store.audits.broken() is None
    house.app.close()
    house.app = house.another()
    house.reply(house.letters(NAFT)[0], "Volzet tot 30 juni.")
    house.drain()
    assert house.case().state is State.FULL


@pytest.mark.parametrize("point", ["before_file:1", "after_file:1", "before_file:2", "after_file:2", "after_commit:2", "after_commit:4", "before_commit:5"])  # fmt: skip
def test_killed_half_way_it_goes_on_where_it_was(house: House, point: str):
    """Nothing is lost at any point: what is there can be read at once, and the second time it is finished."""
    killed = rotate(house, point)
    with closing(opened(house)) as app:
        assert killed.returncode == -signal.SIGKILL, killed.stdout
        assert [*soundness.sealed(app.store), *soundness.cases(app.store, app.settings.rules)] == []

    again = rotate(house)

    with closing(opened(house)) as app:
        assert again.returncode == 0, again.stderr
        assert left(app.database, app.vault) == 0
        assert [*soundness.sealed(app.store)] == []
        assert len(app.settings.keys.data) == 2


def test_the_old_key_alone_opens_nothing_any_more(house: House):
    rotate(house)
    keys = load(house.config).keys

    with closing(opened(house)) as app, app.database.read() as tx:
        kept = [row[0] for table, name in columns() for row in tx.exec_driver_sql(f"SELECT {name} FROM {table.name}")]

    assert all(value.startswith(b"k2:") for value in kept if value)
    assert [type(key) for key in keys.data] == [Key, Key]
    assert CLB.encode() not in b"".join(value for value in kept if value)


def test_it_is_refused_under_a_running_service(house: House):
    """Which would go on sealing with the key that it knows."""
    house.app.leases.take("schedule", house.app.worker.holder, timedelta(minutes=5))

    done = rotate(house)

    assert done.returncode == 1
    assert "stop it first" in done.stderr
    assert len(load(house.config).keys.data) == 1
