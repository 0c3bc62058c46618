"""How a command shows what it found: lists, pages, and JSON for programs."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from textwrap import wrap
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

LABEL = 12
WHOLE = frozenset({"reference", "number", "key"})
"""Columns whose cells are typed again, so never broken."""
CODES = frozenset({"state", "turn", "waits_for", "kind", "outcome"})
"""Columns of identifiers, which a person reads as words."""
LONGEST_WORD = 20
"""So wide a column is at least, for its words to stay whole."""


def as_json(value: object) -> None:
    """Print for programs: unknown is null, times are ISO 8601 with zone."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=_plain)
    sys.stdout.write("\n")


def table(out: Console, rows: Sequence[Mapping[str, object]], zone: tzinfo) -> None:
    """Print rows of equal keys under a heading; nothing is cut off, whatever the width.

    For a person at a terminal the cells are folded until the table fits; in a pipe each row stays one line.
    """
    if out.is_terminal:
        out.print(_folded(rows, zone, out.width))
        return
    lines = [[*rows[0]], *([_shown(value, zone) for value in row.values()] for row in rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    for number, line in enumerate(lines):
        text = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        say(out, text, style="" if number else "bold")


def facts(out: Console, found: Mapping[str, object], zone: tzinfo) -> None:
    """Print one thing: a line for each fact, and below it what is a list, a line for each entry."""
    for key, value in found.items():
        if not isinstance(value, list):
            _line(out, key, _shown(value, zone))
    for key, value in found.items():
        if isinstance(value, list) and value:
            say(out, key, style="bold")
            for entry in value:
                _entry(out, str(entry))


def _folded(rows: Sequence[Mapping[str, object]], zone: tzinfo, width: int) -> Table:
    """The rows in *width* columns of a terminal: closer together, then with words broken, only where it must be."""
    columns = {key: [_cell(key, row[key], zone) for row in rows] for key in rows[0]}
    titles = {key: key.replace("_", " ") for key in columns}
    least = {key: max(map(_longest_word, [titles[key], *cells])) for key, cells in columns.items()}
    apart = 1 if sum(least.values()) + 2 * len(least) <= width else 0
    grid = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold", padding=(0, apart, 0, 0))
    for key, title in titles.items():
        grid.add_column(Text(title), overflow="fold", no_wrap=key in WHOLE, min_width=min(least[key], LONGEST_WORD))
    for cells in zip(*columns.values(), strict=True):
        grid.add_row(*map(Text, cells))
    return grid


def _cell(key: str, value: object, zone: tzinfo) -> str:
    words = _printable(_shown(value, zone))
    return words.replace("_", " ") if key in CODES else words


def _longest_word(words: str) -> int:
    return max(map(len, words.split()), default=0)


def say(out: Console, words: str, style: str = "") -> None:
    """Print as it stands: nothing in *words* is taken for markup."""
    out.print(Text(_printable(words), style=style), soft_wrap=True)


def inspection(out: Console, found: Mapping[str, Any]) -> None:
    """Print the object of `inspect --json` on one screen: the verdict first, the reasons below."""
    sender, form, answer, thread = found["sender"], found["form"], found["answer"], found["thread"]
    author = found["from"]
    who = f"{sender['role']} {sender['organisation'] or ''}".strip()
    _line(out, "from", f"{author['name']} <{author['address']}>".strip())
    _line(out, "subject", found["subject"] or "-")
    _line(out, "machine", found["machine"] or "no, a person")
    _line(out, "proof", f"{found['proof']['result']}: {found['proof']['reason']}")
    _line(out, "verdict", f"{sender['verdict']}, as {who}")
    _line(out, "case", f"{thread['reference']}, by {thread['by']}" if thread["reference"] else "-")
    _line(out, "answer", " ".join(filter(None, (answer["action"], answer["date"], f"({answer['evidence']})"))))
    if form:
        _form(out, form)
    for one in found["suggested_providers"]:
        _line(out, "fits", f"{one['key']}: {one['why']}")
    for one in found["attachments"]:
        read = "read" if one["read"] else "not read"
        _line(out, "attachment", f"{one['name'] or '(no name)'}, {one['type']}, {one['size']} bytes, {read}")
    say(out, "why", style="bold")
    for why in found["trace"]:
        say(out, f"  {why}")


def _form(out: Console, form: Mapping[str, Any]) -> None:
    values = form["values"]
    _line(out, "form", f"{len(values)} values, from {form['source']}")
    widest = max((len(key) for key in values), default=0)
    for key, value in values.items():
        _line(out, "", f"{key:{widest}}  {_short(value)}  ({_short(form['sources'][key])})")
    _line(out, "missing", ", ".join(form["missing"]) or "nothing")
    for odd in form["odd"]:
        _line(out, "odd", f"{odd['field']}: {odd['why']}")


def _line(out: Console, label: str, value: str) -> None:
    out.print(Text.assemble((f"{label:{LABEL}} ", "bold"), _printable(value)), soft_wrap=True)


def _entry(out: Console, words: str) -> None:
    """One entry of a list: at a terminal its next lines stand under its first."""
    if not out.is_terminal:
        say(out, f"  {words}")
        return
    for number, line in enumerate(wrap(_printable(words), out.width - 4, break_on_hyphens=False)):
        say(out, f"{'    ' if number else '  '}{line}")


def _short(value: str) -> str:
    """One line of it: a page is for a glance, --json holds all."""
    line = " ".join(value.split())
    return line if len(line) <= 100 else f"{line[:99]}…"


def _printable(words: str) -> str:
    """Without control characters: what a stranger wrote must not steer a terminal."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}" for sign in words)


def _shown(value: object, zone: tzinfo) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value in (None, "") else str(value)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)
