"""Does a heading of the form come twice? A hint of `mailflow check`: the form works, but people wonder at it."""

import re
from collections.abc import Sequence
from pathlib import Path

from mailflow.configuration.config_files import FORM, read_text
from mailflow.configuration.problems import Problem
from mailflow.core.form_fields import Field
from mailflow.shipped import shipped


def headings_twice(text: str, fields: Sequence[Field]) -> list[str]:
    """A line for each field that stands apart from its group; *text* is that of form.toml, for the line."""
    found = []
    last: dict[str, Field] = {}
    before = ""
    for one in fields:
        if one.group and one.group != before and one.group in last:
            found.append(
                f'{FORM}: {_line(text, one.key)}the heading "{one.group}" comes twice on the form. '
                f"Move [field.{one.key}] up, below [field.{last[one.group].key}], or give it another group."
            )
        last[one.group] = one
        before = one.group
    return found


def form_text(folder: Path | None) -> str:
    """The text of form.toml in that folder, or of the shipped one."""
    text = read_text(folder or shipped("config"), FORM)
    return "" if isinstance(text, Problem) else text


def _line(text: str, key: str) -> str:
    """`line 17: ` of the section of that field; "" where it is written in another way than as [field.KEY]."""
    section = re.compile(rf"\[\s*field\s*\.\s*[\"']?{re.escape(key)}[\"']?\s*\]")
    lines = enumerate(text.splitlines(), start=1)
    return next((f"line {number}: " for number, line in lines if section.match(line.strip())), "")
