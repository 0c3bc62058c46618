"""What `mailflow init DIR` does: a folder of one's own, with the answers filled in and fresh keys."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mailflow.configuration.config_files import MAIN
from mailflow.configuration.mistakes import checked
from mailflow.configuration.problems import ConfigError, Problem
from mailflow.configuration.schema import MeldpuntTable
from mailflow.keys import new_keys, write_keys
from mailflow.shipped import shipped

_IN_TEXT = str.maketrans({"\\": "\\\\", '"': '\\"'})


@dataclass(frozen=True)
class Question:
    """What is asked of whoever sets mailflow up; an answer that is left out keeps the default."""

    key: str
    """The key of [meldpunt] that the answer fills in."""
    text: str
    default: str


# fmt: off
QUESTIONS = (
    Question("name",    "Name of the meldpunt",                "Meldpunt Schoolexterne Interventies"),
    Question("address", "The address that everybody mails",    "meldpunt@meldpunt.example"),
    Question("phone",   "Phone number, for in the letters",    "016 00 00 00"),
    Question("workers", "The worker's own address (several: a comma between)", "medewerker@meldpunt.example"),
)
# fmt: on


def questions() -> tuple[Question, ...]:
    """What `mailflow init` asks."""
    return QUESTIONS


def problems_with(answers: Mapping[str, str]) -> list[Problem]:
    """What is wrong with the answers so far; of those that are not given yet nothing is said."""
    table = {**_as_table({one.key: one.default for one in QUESTIONS}), **_as_table(answers)}
    return checked(MeldpuntTable, table, file="init")[1]


def init(folder: Path, answers: Mapping[str, str]) -> list[Path]:
    """Make *folder* with config, templates and keys; what was made. ConfigError when it holds anything already."""
    problems = [*_in_the_way(folder), *problems_with(answers)]
    if problems:
        raise ConfigError(problems)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        made = [_copy(one, folder / one.name) for one in sorted(shipped("config").iterdir()) if one.is_file()]
        letters = [one for one in sorted(shipped("templates").rglob("*")) if one.is_file()]
        made += [_copy(one, folder / "templates" / one.relative_to(shipped("templates"))) for one in letters]
        main = folder / MAIN
        main.write_text(fill_in(main.read_text(encoding="utf-8"), answers), encoding="utf-8")
        ignored = folder / ".gitignore"
        ignored.write_text(
            "*\n", encoding="utf-8"
        )  # keys lie here: a folder within a checkout must not be shared with it
        return [*made, ignored, *write_keys(folder / "keys", new_keys())]
    except OSError as error:
        what = f"cannot be made ({error.strerror})"
        raise ConfigError([Problem(str(folder), "", what, "Name a folder that you may write in.")]) from error


def fill_in(text: str, answers: Mapping[str, str]) -> str:
    """mailflow.toml with the answers in place of the values of [meldpunt]; every comment stays."""
    head, section, rest = text.partition("[meldpunt]\n")
    own, bracket, others = rest.partition("\n[")
    table = _as_table(answers)
    lines = [f"{key} = {_as_toml(table[key])}" if key in table else line for line, key in _keyed(own)]
    return head + section + "\n".join(lines) + bracket + others


def _keyed(text: str) -> list[tuple[str, str]]:
    """Each line with the key it gives a value to, "" for comments."""
    return [(line, line.partition(" = ")[0]) for line in text.split("\n")]


def _as_table(answers: Mapping[str, str]) -> dict[str, str | list[str]]:
    table: dict[str, str | list[str]] = {key: value.strip() for key, value in answers.items() if value.strip()}
    if "workers" in table:
        table["workers"] = [one.strip() for one in answers["workers"].split(",") if one.strip()]
    return table


def _as_toml(value: str | list[str]) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_as_toml, value))}]"
    return f'"{value.translate(_IN_TEXT)}"'


def _in_the_way(folder: Path) -> list[Problem]:
    remedy = "Name a new or an empty folder; nothing was changed."
    if folder.is_symlink() and not folder.exists():
        return [Problem(str(folder), "", "this link leads nowhere", remedy)]
    if folder.exists() and not folder.is_dir():
        return [Problem(str(folder), "", "this is no folder", remedy)]
    if folder.is_dir() and any(folder.iterdir()):
        return [Problem(str(folder), "", "this folder is not empty", remedy)]
    return []


def _copy(source: Path, to: Path) -> Path:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, to)  # not copy(): a read-only installation must not make a read-only folder
    return to
