"""Does the form ask as was meant? Hints of `mailflow check`: it works as it stands, but people wonder at it."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from mailflow.configuration.config_files import FORM, as_shipped, read_text
from mailflow.configuration.problems import Problem
from mailflow.core.blank_form import SUBJECT_MARKS
from mailflow.core.form_fields import Field
from mailflow.shipped import shipped

ALIKE = 80.0
"""Of 100: two headings that differ by a letter or two."""
A_RULE = 3
"""Fields of a group that are asked of the same people: one more is meant for them too."""


def form_hints(text: str, fields: Sequence[Field]) -> list[str]:
    """A line for each thing that was likely forgotten or mistyped: file, line, what comes of it, what to write."""
    meant = _meant(text, fields)
    return [
        *(_heading_hint(text, one, likely, fields) for one, likely in zip(fields, meant, strict=True) if one != likely),
        *_forgotten_asked(text, meant),
        *headings_twice(text, meant),
    ]


def asked_now(folder: Path | None, fields: Sequence[Field]) -> list[str]:
    """Whom each group asks after what is missing, a line each; none for the form as shipped, which our tests know."""
    if folder is None or as_shipped(folder, FORM):
        return []
    groups = {group: [one for one in fields if one.group == group] for group in dict.fromkeys(f.group for f in fields)}
    widest = max(map(len, groups), default=0)
    return [f"{group or '(no heading)':{widest}}  {_counted(own)}" for group, own in groups.items()]


def headings_twice(text: str, fields: Sequence[Field]) -> list[str]:
    """A line for each field that stands apart from its group; *text* is that of form.toml, for the line."""
    runs = [[*run] for _, run in groupby(fields, key=lambda one: one.group)]
    last: dict[str, list[Field]] = {}
    found = []
    for run in runs:
        group, first = run[0].group, run[0]
        if group and group in last:
            before = last[group]
            alone = len(before) == 1 < len(run)  # then it is that one which stands apart
            moves, to = (
                (before[0], f"down, to [field.{first.key}]")
                if alone
                else (first, f"up, below [field.{before[-1].key}]")
            )
            found.append(
                f'{FORM}: {_line(text, moves.key)}the heading "{group}" comes twice on the form. '
                f"Move [field.{moves.key}] {to}, or give it another group."
            )
        last[group] = run
    return found


def form_text(folder: Path | None) -> str:
    """The text of form.toml in that folder, or of the shipped one."""
    text = read_text(folder or shipped("config"), FORM)
    return "" if isinstance(text, Problem) else text


def _meant(text: str, fields: Sequence[Field]) -> list[Field]:
    """The fields, each in the group that it was likely meant for: that of its neighbours, if it names none or another.

    `group = ""` is as good as any: whoever writes it means it.
    """
    tables = _tables(text)
    sizes = Counter(one.group for one in fields if one.group)
    meant: list[Field] = []
    for number, one in enumerate(fields):
        above = meant[-1].group if meant else ""
        below = fields[number + 1].group if number + 1 < len(fields) else ""
        group = _alike(one.group, sizes)
        if not one.group and "group" not in tables.get(one.key, {"group": ""}):
            group = above or below
        elif one.group and above == below:
            group = above or group
        meant.append(replace(one, group=group))
    return meant


def _alike(group: str, sizes: Counter[str]) -> str:
    """The larger group that this one, of a single field, is a slip of; else itself. "Ouder 2" is none of "Ouder 1"."""
    larger = [other for other in sizes if sizes[other] > sizes[group] == 1 and _digits(other) == _digits(group)]
    return next((one for one in larger if fuzz.ratio(one.casefold(), group.casefold()) >= ALIKE), group)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _heading_hint(text: str, one: Field, likely: Field, fields: Sequence[Field]) -> str:
    at = f"{FORM}: {_line(text, one.key)}[field.{one.key}]"
    if not one.group:
        return (
            f"{at} has no group, so it stands under no heading. "
            f'Write the one that it belongs to (beside it stands "{likely.group}"), or group = "" if that is meant.'
        )
    others = [other.key for other in fields if other.group == one.group and other is not one]
    home = [other.key for other in fields if other.group == likely.group]
    if _alike(one.group, Counter({one.group: 1, likely.group: 2})) != one.group:
        return f'{at} stands under a heading of its own, "{one.group}". Did you mean group = "{likely.group}"?'
    return (
        f'{at} is of the group "{one.group}" and stands among those of "{likely.group}": that heading comes twice. '
        f'Move it below [field.{(others or home)[-1]}], or write group = "{likely.group}".'
    )


def _forgotten_asked(text: str, fields: Sequence[Field]) -> Iterator[str]:
    """The fields without `asked` in a group whose others are all asked of the same people."""
    tables = _tables(text)
    for one in fields:
        if "asked" in tables.get(one.key, {"asked": ""}) or not one.group:
            continue
        others = Counter(f.asked for f in fields if f.group == one.group and "asked" in tables.get(f.key, {}))
        del others["never"]
        if len(others) != 1 or others.total() < A_RULE or one.asked in others:
            continue
        [whom] = others
        yield (
            f"{FORM}: {_line(text, one.key)}[field.{one.key}] does not say whom it is asked, so it is asked always; "
            f'with it "({SUBJECT_MARKS[whom]})" cannot stand under the heading "{one.group}". '
            f'Write asked = "{whom}", as its neighbours do, or asked = "always" if that is meant.'
        )


def _counted(fields: Sequence[Field]) -> str:
    """`pupil 8, always 1 (laptop), never 6`: what most are comes first, and a few that differ are named."""
    asked = Counter(one.asked for one in fields)
    told: list[str] = []
    for whom, count in sorted(asked.items(), key=lambda one: (one[0] == "never", -one[1])):
        few = count <= 2 and told and whom != "never"
        keys = ", ".join(one.key for one in fields if one.asked == whom)
        told.append(f"{whom} {count}{f' ({keys})' if few else ''}")
    return ", ".join(told)


def _tables(text: str) -> Mapping[str, Mapping[str, Any]]:
    """The sections of the fields, as written: what a Field has by default is not told from what was said."""
    tables: Mapping[str, Mapping[str, Any]] = tomllib.loads(text).get("field", {})
    return tables


def _line(text: str, key: str) -> str:
    """`line 17: ` of the section of that field; "" where it is written in another way than as [field.KEY]."""
    section = re.compile(rf"\[\s*field\s*\.\s*[\"']?{re.escape(key)}[\"']?\s*\]")
    lines = enumerate(text.splitlines(), start=1)
    return next((f"line {number}: " for number, line in lines if section.match(line.strip())), "")
