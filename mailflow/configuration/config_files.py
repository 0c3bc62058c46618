"""Reads the files of a config folder: text and TOML, with the shipped file where one may be left out."""

import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from mailflow.configuration.problems import Problem, nearest
from mailflow.shipped import shipped

MAIN, CLBS, PROVIDERS = "mailflow.toml", "clbs.toml", "providers.toml"
CALENDAR, FORM, ANSWERS, POSTCODES = "calendar.toml", "form.toml", "answers.toml", "postcodes.csv"
NEEDED = (MAIN, CLBS, PROVIDERS)
MAY_BE_LEFT_OUT = (CALENDAR, FORM, ANSWERS, POSTCODES)
"""The shipped file is used when the folder has none."""

_WHERE = re.compile(r" ?\(at (?:line (\d{1,9}), column \d{1,9}|end of document)\)$")
_LARGEST = 5_000_000  # bytes: a hundred times the longest shipped file


def unknown_files(folder: Path) -> list[Problem]:
    """The .toml and .csv files that nothing reads: a slip in a name would otherwise go unnoticed."""
    known = (*NEEDED, *MAY_BE_LEFT_OUT)
    found = sorted(one.name for one in folder.iterdir() if one.suffix in (".toml", ".csv") and one.name not in known)
    return [Problem(name, "", "nothing reads this file", _perhaps(name, known)) for name in found]


def read_text(folder: Path, name: str) -> str | Problem:
    """The text of a file of the folder (or of the shipped one), or what is wrong with the file."""
    path = folder / name
    if name in MAY_BE_LEFT_OUT and not path.exists() and not path.is_symlink():  # a broken link was meant to be there
        path = shipped("config") / name
    try:
        about = path.stat()
        if about.st_size > _LARGEST or not stat.S_ISREG(about.st_mode):  # reading from a pipe would wait for ever
            return Problem(name, "", "this is no file of a configuration's size", "Put the right file there.")
        return path.read_bytes().decode("utf-8-sig")  # Notepad writes that mark
    except FileNotFoundError:
        return Problem(name, "", "this file is missing", "Copy it from a folder that 'mailflow init' makes.")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return Problem(name, f"line {line}", "this is no UTF-8 text", "Save the file as UTF-8.")
    except OSError as error:
        remedy = "Make it a file that the user who runs mailflow may read."
        return Problem(name, "", f"cannot be read ({error.strerror})", remedy)


def as_shipped(folder: Path, name: str) -> bool:
    """Whether the folder has no such file of its own, or one that nobody changed."""
    own = read_text(folder, name)
    return not isinstance(own, Problem) and own == read_text(shipped("config"), name)


def read_toml(folder: Path, name: str) -> dict[str, Any] | Problem:
    """The tables of a TOML file, or what is wrong with the file."""
    text = read_text(folder, name)
    if isinstance(text, Problem):
        return text
    try:
        return tomllib.loads(text)
    except RecursionError:
        return Problem(name, "", "brackets stand in brackets too deep", "Take them out.")
    except (tomllib.TOMLDecodeError, ValueError) as error:  # ValueError: a date such as 2026-02-30
        message = str(error)
        found = _WHERE.search(message)
        line = (found[1] if found else None) or str(text.count("\n") + 1)
        what = f"this is no TOML ({_WHERE.sub('', message)})"
        return Problem(name, f"line {line}", what, "Mend that line: text in quotes, lists in square brackets.")


def _perhaps(name: str, known: tuple[str, ...]) -> str:
    near = nearest(name, known)
    return f"Did you mean {near}?" if near else "Take it out of this folder, or give it another ending."
