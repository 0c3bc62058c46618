"""The wheel alone, in a venv of its own: it brings its configuration and letters along."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built without a network, as `pip wheel` does it, from what the image of docker-compose.yml is built from."""
    folder, source = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("source")
    for line in re.findall(r"^ *COPY (?!--)(.+) \S+$", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE):
        for name in line.split():
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, source / name)
            else:
                shutil.copy(ROOT / name, source)
    pip(sys.executable, "wheel", "--no-build-isolation", "--no-deps", "--no-index", "--wheel-dir", folder, source)
    [made] = folder.glob("mailflow-*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a venv that holds this wheel, and sees only the dependencies of the venv that runs the tests."""
    home = tmp_path_factory.mktemp("venv") / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    pip(sys.executable, "--python", python, "install", "--no-deps", "--no-index", wheel)
    [packages] = (home / "lib").glob("python*/site-packages")
    # After the venv's own folder on the path, and a plain line: so its mailflow is the wheel's, and the .pth file of
    # our editable install is not followed.
    (packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return home / "bin"


def pip(python: object, *words: object) -> None:
    command = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", *words]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr


def run(bin_: Path, *words: str, folder: Path) -> str:
    """What a program of the venv prints, started in *folder* with nothing of ours in its environment."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "MAILFLOW", "VIRTUAL"))}
    command = [str(bin_ / words[0]), *words[1:]]
    done = subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_all_that_is_shipped(wheel: Path) -> None:
    """Each file of config/ and templates/, and of the package; no test and nothing that git does not know."""
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
    tracked = [path for folder in ("config", "templates") for path in (ROOT / folder).rglob("*") if path.is_file()]
    code = [path for path in (ROOT / "mailflow").rglob("*.py") if "__pycache__" not in path.parts]

    missing = [path for path in tracked if f"mailflow/_shipped/{path.relative_to(ROOT)}" not in names]
    missing += [path for path in code if str(path.relative_to(ROOT)) not in names]

    assert not missing
    assert not [name for name in names if name.startswith(("tests", "config", "templates")) or "__pycache__" in name]


def test_it_is_the_wheel_that_runs(installed: Path, tmp_path: Path) -> None:
    """Not the checkout, which the dependencies' folder could lead to."""
    where = run(installed, "python", "-c", "import mailflow; print(mailflow.__file__)", folder=tmp_path)

    assert Path(where.strip()).is_relative_to(installed.parent)


def test_its_configuration_is_in_order(installed: Path, tmp_path: Path) -> None:
    """`mailflow check` from an unrelated folder, on what is in the wheel and on a folder that it makes."""
    shipped = run(installed, "mailflow", "check", folder=tmp_path)
    run(installed, "mailflow", "init", "mine", "--yes", folder=tmp_path)
    own = run(installed, "mailflow", "check", "--config", "mine", folder=tmp_path)

    assert shipped.startswith("the shipped defaults: all is well")
    assert own.startswith("mine: all is well")


def test_it_prints_the_form_and_keeps_cases(installed: Path, tmp_path: Path) -> None:
    """The form comes from form.toml, the database from the migrations: both are in the wheel."""
    form = run(installed, "mailflow", "form", "--txt", folder=tmp_path)
    run(installed, "mailflow", "init", "mine", "--yes", folder=tmp_path)
    cases = run(installed, "mailflow", "cases", "--config", "mine", folder=tmp_path)

    assert "Voornaam" in form
    assert "NAFT VBO" in form
    assert cases == "No open cases.\n"


def test_it_plays_the_demo(installed: Path, tmp_path: Path) -> None:
    """The whole story, service and all, in a folder that knows nothing of this repository."""
    told = run(installed, "mailflow", "demo", "--out", "played", folder=tmp_path)

    played = tmp_path / "played"
    came, left = (len([*played.glob(f"*-{way}.eml")]) for way in ("in", "out"))
    assert f"{came} mails in, {left} letters out" in " ".join(told.split())
    assert min(came, left) > 0
    assert "[MSI-2026-0001] Het traject is gestart" in (played / "index.html").read_text(encoding="utf-8")


def test_it_tells_its_version(installed: Path, wheel: Path, tmp_path: Path) -> None:
    """The one in the name of the file."""
    told = run(installed, "mailflow", "--version", folder=tmp_path)

    assert told == f"mailflow {wheel.name.split('-')[1]}\n"
