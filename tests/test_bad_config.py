"""A folder of broken files for each way to get the configuration wrong, and what the operator is told."""

import re
import shutil
from pathlib import Path

import pytest

from mailflow.configuration.problems import render_problems
from mailflow.keys import new_keys, write_keys
from mailflow.settings import check
from mailflow.shipped import shipped

HERE = Path(__file__).parent / "bad_config"
FOLDERS = sorted(one.name for one in HERE.iterdir() if one.is_dir())


def lay_over_the_shipped_config(broken: Path, folder: Path) -> None:
    """The shipped config with keys, then the files of *broken*; absent.txt names the files that are taken away."""
    shutil.copytree(shipped("config"), folder)
    write_keys(folder / "keys", new_keys())
    for source in sorted(one for one in broken.rglob("*") if one.is_file()):
        target = folder / source.relative_to(broken)
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(source, target)  # keeps the mode of a key file that is there: 0600
    for name in ("expected_error.txt", "absent.txt"):
        (folder / name).unlink(missing_ok=True)
    if (broken / "absent.txt").exists():
        for name in (broken / "absent.txt").read_text().split():
            (folder / name).unlink()


@pytest.mark.parametrize("name", FOLDERS)
def test_each_mistake_is_told_with_file_key_and_remedy(name: str, tmp_path: Path):
    """What is printed for a broken folder is its expected_error.txt, in which a * stands for any text."""
    lay_over_the_shipped_config(HERE / name, tmp_path / "config")

    told = render_problems(check(tmp_path / "config", {}))

    expected = (HERE / name / "expected_error.txt").read_text(encoding="utf-8").strip()
    assert re.fullmatch(re.escape(expected).replace(r"\*", ".*"), told, re.DOTALL), told


def test_there_are_at_least_fifteen_broken_folders():
    """The folders are found at all: an empty list would test nothing."""
    assert len(FOLDERS) >= 15
