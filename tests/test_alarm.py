"""The operator's alarm command: it hears why, and an alarm that cannot be raised or counted stops no work."""

import sys
from pathlib import Path

from house import House
from sqlalchemy import text

from mailflow.alarm import raise_alarm
from mailflow.storage.store import ALARMS

WHY = "the mail server is down"


def writes(file: Path) -> list[str]:
    """A command that writes its last word to a file."""
    return [sys.executable, "-c", "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text(sys.argv[2])", str(file)]


def test_the_command_hears_why_as_its_last_word(house: House, tmp_path: Path):
    """Without a shell: what it says is one word, whatever is in it."""
    raise_alarm(house.app.store, writes(tmp_path / "told"), f"{WHY}; $(id)")

    assert (tmp_path / "told").read_text() == f"{WHY}; $(id)"


def test_a_command_that_is_not_there_stops_no_work(house: House, tmp_path: Path):
    """It is counted, so a monitor sees it all the same."""
    raise_alarm(house.app.store, [str(tmp_path / "nothing")], WHY)

    assert house.app.store.remembered(ALARMS) == 1


def test_an_alarm_that_the_database_cannot_count_is_raised(house: House, tmp_path: Path):
    """It may well be about the database."""
    with house.app.database.write() as tx:
        tx.execute(text("DROP TABLE counter"))

    raise_alarm(house.app.store, writes(tmp_path / "told"), WHY)

    assert (tmp_path / "told").read_text() == WHY
