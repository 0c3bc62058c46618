"""The arrows of the house run one way: who may import whom, who may ask the time, and how long a file may be."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "mailflow"

# fmt: off
# Layer -> the layers of ours that it may import, beside its own.
MAY_IMPORT: dict[str, frozenset[str]] = {
    "core":          frozenset(),
    "reading":       frozenset({"core"}),
    "storage":       frozenset({"core", "clock", "seams"}),
    "tokens":        frozenset({"clock"}),
    "outgoing":      frozenset({"core", "clock", "tokens"}),
    "intake":        frozenset({"core", "reading", "storage", "outgoing", "clock", "tokens", "seams"}),
    "means":         frozenset({"core", "reading", "storage", "outgoing", "clock"}),
    "rendering":     frozenset({"core", "storage", "outgoing", "means"}),
    "deputizing":    frozenset({"core", "means"}),
    "keeping":       frozenset({"core", "storage", "means", "rendering", "deputizing"}),
    "overviews":     frozenset({"core", "means", "rendering"}),
    "digesting":     frozenset({"core", "reading", "storage", "means", "deputizing"}),
    "figuring":      frozenset({"core", "storage", "outgoing", "means", "rendering"}),
    "surveying":     frozenset({"core", "storage", "outgoing", "means", "rendering"}),
    "kept_mail":     frozenset({"core", "reading", "means"}),
    "settling":      frozenset({"core", "means", "keeping", "kept_mail"}),
    "looking_up":    frozenset({"core", "storage"}),
    "gathering":     frozenset({"core", "reading", "storage", "means", "kept_mail", "looking_up"}),
    "taking_in":     frozenset({"core", "reading", "storage", "means", "gathering", "keeping", "kept_mail", "seams"}),
    "standstill":    frozenset({"core", "storage", "means", "keeping", "deputizing"}),
    "sent_letters":  frozenset({"core", "reading", "storage", "means"}),
    "erasing":       frozenset({"core", "storage", "means", "keeping"}),
    "housework":     frozenset({"core", "storage", "means", "keeping", "overviews", "digesting", "figuring", "surveying", "erasing"}),
    "sending":       frozenset({"core", "storage", "outgoing", "means", "keeping", "kept_mail", "standstill", "seams"}),
    "worker":        frozenset({"core", "reading", "storage", "outgoing", "clock", "discretion", "seams", "means", "keeping", "kept_mail", "taking_in", "sending", "standstill", "sent_letters", "housework"}),
    "schedule":      frozenset({"core", "storage", "clock"}),
}
# Everything else is the top of the house (cli, app, settings, demo, ...): nothing below may import it.
LEAVES = frozenset({"clock", "seams", "shipped", "discretion"})
# Layer -> the packages of others that it may import; None: any that pyproject.toml names.
OTHERS: dict[str, frozenset[str] | None] = {"core": frozenset({"rapidfuzz", "phonenumbers", "numpy"})}

FORBIDDEN = frozenset({
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today",
    "time.time", "time.monotonic", "time.time_ns", "time.perf_counter",
    "random", "secrets", "uuid1", "uuid4", "os.urandom",
})
# (file, name) that may: with the reason.
ASKS: dict[tuple[str, str], str] = {
    ("storage/vault.py", "secrets"): "a nonce of AES-GCM must never repeat, and nobody needs to know it",
}
LONGEST = 300
# File -> why it is longer.
LONG: dict[str, str] = {
    "outgoing/samples.py": "one row for each letter and each other shape of it",
    "storage/tables.py": "one class for each table",
    "reading/documents/text.py": "every shape that a typed form can have",
}
EXCEPTION = re.compile(
    r"# (?:(?:ruff: )?noqa(?:: [A-Z0-9]+(?:, [A-Z0-9]+)*)?|type: ignore(?:\[[a-z, -]+\])?|pragma: no \w+)"
    r"(?P<why>(?!.*# (?:noqa|type: ignore)).*)$"
)
VAGUE = frozenset({"utils", "util", "helpers", "helper", "common", "base", "manager", "managers", "misc"})
# fmt: on


def test_every_arrow_runs_down():
    """cli -> app -> worker, schedule, intake -> storage, outgoing, reading -> core."""
    assert list(problems(PACKAGE, wrong_arrows)) == []


def test_only_the_clock_asks_for_time_and_chance():
    """What is decided must come out the same tomorrow."""
    assert list(problems(PACKAGE, wrong_questions)) == []


def test_core_says_nothing_aloud():
    """Logging and printing belong to the shell."""
    assert list(problems(PACKAGE / "core", logs)) == []


def test_every_file_has_a_telling_name_of_its_own():
    """No utils, no second `email.py`."""
    assert [file for file in files(PACKAGE) if file.stem in VAGUE | sys.stdlib_module_names] == []


def test_files_stay_short():
    """Above 300 lines a file is asked to split, or to say here why not."""
    long = {name(file) for file in files(PACKAGE) if len(file.read_text().splitlines()) > LONGEST}

    assert long == {*LONG}


def test_each_exception_says_why():
    """A rule of ruff or mypy that is set aside on a line has its reason behind it, or "as above"."""
    bare = [
        f"{name(file)}:{number}"
        for file in files(PACKAGE)
        for number, line in enumerate(file.read_text().splitlines(), start=1)
        if (found := EXCEPTION.search(line)) and len(found["why"].strip(" #-()")) < len("SQL")
    ]

    assert bare == []


@pytest.mark.parametrize(
    ("file", "planted", "check"),
    [
        ("core/planted.py", "from mailflow.storage.store import Store", "wrong_arrows"),
        ("core/planted.py", "import mailflow.clock", "wrong_arrows"),
        ("core/planted.py", "import sqlalchemy", "wrong_arrows"),
        ("core/planted.py", "def f():\n    from mailflow import app", "wrong_arrows"),
        ("core/planted.py", "from .. import app", "wrong_arrows"),
        ("reading/planted.py", "from mailflow.clock import monotonic", "wrong_arrows"),
        ("storage/planted.py", "from mailflow.outgoing.render import Letter", "wrong_arrows"),
        ("outgoing/planted.py", "from mailflow.storage import tasks", "wrong_arrows"),
        ("worker.py", "from mailflow.app import App", "wrong_arrows"),
        ("clock.py", "from mailflow.core.mail import Mail", "wrong_arrows"),
        ("core/planted.py", "from datetime import datetime\nx = datetime.now()", "wrong_questions"),
        ("core/planted.py", "import datetime as d\nx = d.datetime.now(d.UTC)", "wrong_questions"),
        ("core/planted.py", "from datetime import date\nx = date.today", "wrong_questions"),
        ("intake/planted.py", "import time\nx = time.monotonic()", "wrong_questions"),
        ("intake/planted.py", "from time import time as now", "wrong_questions"),
        ("app.py", "from uuid import uuid4", "wrong_questions"),
        ("app.py", "import random", "wrong_questions"),
        ("storage/planted.py", "import secrets", "wrong_questions"),
        ("core/planted.py", "import structlog", "logs"),
        ("core/planted.py", "import logging.handlers", "logs"),
        ("core/planted.py", "print('x')", "logs"),
    ],
)
def test_the_checker_sees_what_is_planted(tmp_path, file, planted, check):
    """A rule that nothing can break is no rule."""
    house = tmp_path / "mailflow"
    (house / file).parent.mkdir(parents=True, exist_ok=True)
    (house / file).write_text(f"{planted}\n")

    assert list(problems(house, globals()[check]))


@pytest.mark.parametrize(
    ("file", "fine"),
    [
        ("core/planted.py", "from mailflow.core.mail import Mail\nimport phonenumbers\nfrom rapidfuzz import fuzz"),
        ("storage/vault.py", "import secrets"),
        ("clock.py", "import time, secrets\nfrom uuid import uuid4\nx = time.time()"),
        ("intake/planted.py", "from mailflow.clock import monotonic\nx = monotonic()"),
        ("app.py", "from mailflow.worker import Worker\nfrom mailflow.core.mail import Mail\nclock.now()"),
        ("outgoing/planted.py", "from mailflow.clock import monotonic"),
    ],
)
def test_the_checker_lets_pass_what_may_be(tmp_path, file, fine):
    """And one that stops everything neither."""
    house = tmp_path / "mailflow"
    (house / file).parent.mkdir(parents=True, exist_ok=True)
    (house / file).write_text(f"{fine}\n")

    found = [*problems(house, wrong_arrows), *problems(house, wrong_questions)]

    assert found == []


# -- the checker ---------------------------------------------------------------------------------------------------


def files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*.py") if not file.name.startswith("__"))


def name(file: Path) -> str:
    """The path of a file within the package."""
    return file.as_posix().rpartition("/mailflow/")[2]


def problems(folder: Path, check) -> Iterator[str]:
    for file in files(folder):
        for line, what in check(name(file), ast.parse(file.read_text())):
            yield f"{name(file)}:{line} {what}"


def layer(path: str) -> str:
    """The first step of a path within the package: core, storage, worker, ..."""
    return path.removesuffix(".py").partition("/")[0]


def imports(path: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every module that a file imports, in full, also within functions."""
    here = ["mailflow", *path.removesuffix(".py").split("/")]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            start = ".".join([*here[: -node.level], *filter(None, [node.module])]) if node.level else node.module or ""
            yield from ((node.lineno, f"{start}.{alias.name}") for alias in node.names)


def wrong_arrows(path: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Imports that MAY_IMPORT does not allow."""
    own = layer(path)
    allowed = LEAVES & {own} if own in LEAVES else MAY_IMPORT.get(own)
    for line, module in imports(path, tree):
        first, _, rest = module.partition(".")
        if first == "mailflow":
            target = rest.partition(".")[0]
            if allowed is not None and target != own and target not in allowed:
                yield line, f"{own} may not import {target or 'the package'}"
        elif (others := OTHERS.get(own)) is not None and first not in sys.stdlib_module_names | others:
            yield line, f"{own} may not import {first}"


def wrong_questions(path: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Asking the machine for the time or for chance."""
    if path == "clock.py":
        return
    for line, module in imports(path, tree):
        last = ".".join(module.split(".")[-2:])
        for forbidden in {module.partition(".")[0], last, last.rpartition(".")[2]} & FORBIDDEN:
            if (path, forbidden) not in ASKS:
                yield line, forbidden
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if f"{owner}.{node.attr}" in FORBIDDEN:
                yield node.lineno, f"{owner}.{node.attr}"


def logs(path: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Logging, warnings and printing."""
    for line, module in imports(path, tree):
        if module.partition(".")[0] in {"logging", "structlog", "warnings"}:
            yield line, module
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print":
            yield node.lineno, "print"
