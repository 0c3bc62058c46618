"""The links of the audit outside the database: what a crash cut off accuses nobody."""

from pathlib import Path

import pytest

from mailflow.audit_log import NAME, read, write

FIRST, SECOND, THIRD = "1f" * 32, "2e" * 32, "3d" * 32


@pytest.mark.parametrize("left", ["2", "2 ", f"2 {SECOND[:5]}"])
def test_a_line_that_a_crash_cut_off_is_left_out_and_costs_no_other(left: str, tmp_path: Path):
    """Else `audit verify` would say of it, and of the next one, that somebody changed them."""
    write(tmp_path, 1, FIRST)
    with (tmp_path / NAME).open("a") as file:
        file.write(left)

    write(tmp_path, 3, THIRD)

    assert read(tmp_path) == {1: FIRST, 3: THIRD}


def test_what_was_written_first_counts(tmp_path: Path):
    """Who changes the database cannot add another link to a line here."""
    write(tmp_path, 1, FIRST)
    write(tmp_path, 1, SECOND)

    assert read(tmp_path) == {1: FIRST}


def test_before_the_first_line_there_is_nothing(tmp_path: Path):
    """Nor where the keys are in memory, and there is no folder."""
    write(None, 1, FIRST)

    assert read(tmp_path) == read(None) == {}
