"""The version stands in one place, and the newest release of CHANGELOG is that one."""

import re
import tomllib
from pathlib import Path

from typer.testing import CliRunner

from mailflow import __version__
from mailflow.cli import cli

ROOT = Path(__file__).resolve().parents[1]


def test_the_command_tells_the_version():
    """And so does the program that has it from the package."""
    assert CliRunner().invoke(cli, ["--version"]).output == f"mailflow {__version__}\n"


def test_the_package_has_it_from_the_code():
    """pyproject.toml names the file, and no version of its own."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == "mailflow/__init__.py"


def test_the_changelog_begins_with_what_is_not_released_and_then_this_version():
    """Keep a Changelog: newest first, each with its day."""
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert headings[0] == "Unreleased"
    assert re.fullmatch(rf"{re.escape(__version__)} - \d{{4}}-\d\d-\d\d", headings[1])
