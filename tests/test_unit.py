"""The systemd unit: systemd itself finds nothing wrong with it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from needs import missing
from typer.testing import CliRunner

from mailflow.cli import cli
from mailflow.newcomer import init
from mailflow.service import PARTS

SCALE = (Path(__file__).parents[1] / "docs" / "scale.md").read_text(encoding="utf-8")


def unit_of(folder: Path) -> str:
    init(folder, {"name": "Meldpunt 100% Leuven"})
    printed = CliRunner().invoke(cli, ["unit", "--config", str(folder)])
    assert printed.exit_code == 0, printed.output
    return printed.stdout


@pytest.mark.parametrize("name", ["my-meldpunt", "mijn meldpunt", "50%"])
def test_systemd_finds_nothing_wrong_with_it(tmp_path: Path, name: str):
    """Whatever the folder is called."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        missing("systemd-analyze is not installed (apt-get install systemd)")
    file = tmp_path / "mailflow.service"
    file.write_text(unit_of(tmp_path / name))

    done = subprocess.run([analyze, "verify", "--man=no", file], capture_output=True, text=True, check=False)

    assert [line for line in done.stderr.splitlines() if "mailflow" in line] == []


def test_it_names_this_folder_and_its_owner(tmp_path: Path):
    """Nothing is left to fill in."""
    text = unit_of(tmp_path / "my-meldpunt")

    assert f"--config {tmp_path / 'my-meldpunt'}\n" in text
    assert f"ReadWritePaths={tmp_path / 'my-meldpunt'}\n" in text
    assert f"User={(tmp_path / 'my-meldpunt').owner()}\n" in text
    assert "{" not in text
    assert "Description=mailflow, the mailbox of Meldpunt 100%% Leuven\n" in text


def test_systemd_finds_little_that_the_service_may_do(tmp_path: Path):
    """Of ten, as `systemd-analyze security` counts: what is left is its network, /proc, and reading other folders."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        missing("systemd-analyze is not installed (apt-get install systemd)")
    file = tmp_path / "mailflow.service"
    file.write_text(unit_of(tmp_path / "my-meldpunt"))

    done = subprocess.run([analyze, "security", "--offline=true", "--threshold=25", "--no-pager", file], capture_output=True, text=True, check=False)  # fmt: skip

    assert done.returncode == 0, done.stdout


def test_a_machine_may_do_some_parts_only(tmp_path: Path):
    """The file beside the unit that docs/scale.md shows, which clears and sets what is run."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        missing("systemd-analyze is not installed (apt-get install systemd)")
    shown = re.search(r"```ini\n(.*?)```", SCALE, re.DOTALL)
    assert shown is not None
    file = tmp_path / "mailflow.service"
    file.write_text(unit_of(tmp_path / "my-meldpunt"))
    beside = tmp_path / "mailflow.service.d"
    beside.mkdir()
    (beside / "parts.conf").write_text(shown[1].replace("/opt/mailflow/bin/mailflow", "/bin/true"))

    done = subprocess.run([analyze, "verify", "--man=no", file], capture_output=True, text=True, check=False)

    assert [line for line in done.stderr.splitlines() if "mailflow" in line] == []
    assert {part for only in re.findall(r"--only,? \"?([a-z,]+)", SCALE) for part in only.split(",")} == {*PARTS}
