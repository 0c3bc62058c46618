"""What an operator reads about a fault that only an operator can mend: what is wrong, and what to do."""

import errno
import os
from pathlib import Path

import pytest
from house import House

from mailflow.faults import remedy
from mailflow.storage.cases import MovedOn
from mailflow.storage.engine import Corrupted


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "this user may not: ports below 1024 are for root"),
        (errno.EADDRNOTAVAIL, "this machine does not have that address: change [listener] host"),
    ],
)
def test_why_it_cannot_listen_is_told_with_a_way_out(number: int, words: str, house: House):
    """Which host and port, and what to change where."""
    told = remedy(OSError(number, os.strerror(number)), house.app.settings)

    assert told == f"mailflow cannot listen on 127.0.0.1 port 2525: {words}, or change [listener] port in mailflow.toml"


def test_a_file_that_this_user_may_not_read_is_no_matter_of_the_listener(house: House, tmp_path: Path):
    """The same number of a fault; the file is told."""
    fault = PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(tmp_path / "keys"))

    assert remedy(fault, house.app.settings) == f"Permission denied: {tmp_path / 'keys'}"


def test_a_damaged_database_is_told_with_the_way_back():
    """That nothing was changed, which command brings it back, and the mail since the last backup."""
    told = remedy(Corrupted("page 7"), None) or ""

    assert told.startswith("the database file is damaged (page 7). Nothing was changed.")
    assert "mailflow restore FILE.age" in told
    assert "mail since then from Verwerkt to the inbox" in told


def test_a_case_that_is_busy_is_tried_again_in_a_minute():
    """A letter of it leaves just now, or mail on it is being read."""
    assert (remedy(MovedOn(), None) or "").endswith("try again in a minute")


def test_a_fault_of_ours_keeps_its_traceback():
    """Nobody but us can mend it."""
    assert remedy(KeyError("desk"), None) is None
