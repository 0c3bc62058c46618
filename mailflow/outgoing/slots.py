"""Where a value goes in a letter: a mark that Markdown sees as a word, filled in only after all Markdown is gone.

So nothing that a stranger wrote is ever read as Markdown, HTML or a template, and no template can forget to escape.
"""

import re
from dataclasses import dataclass, field

from jinja2 import pass_context
from jinja2.runtime import Context, Undefined

SLOT = re.compile("\ue000([a-z0-9]{1,12})\ue001")
TAP_LINK = "#tap"
"""The link in a template that becomes the next tap's button."""
CHART_LINK = "#chart"
"""The link in a template that becomes the picture of the letter's numbers; its words are the alternative text."""
SLOTS = "the slots of this letter"
"""The name of the list of values while rendering: no identifier, so that no template can reach it."""

_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_HALVES = re.compile("[\ud800-\udfff]")


@dataclass
class Slots:
    """The values of one letter in the order of their slots."""

    values: list[str] = field(default_factory=list)

    def take(self, value: str) -> str:
        """A new slot for *value*."""
        self.values.append(clean(value))
        return mark(str(len(self.values) - 1))

    def named(self) -> dict[str, str]:
        """Name of the slot -> value."""
        return {str(number): value for number, value in enumerate(self.values)}


def mark(name: str) -> str:
    """The slot of that name (lower-case letters and digits, at most 12)."""
    return f"\ue000{name}\ue001"


def clean(value: str) -> str:
    """*value* with one kind of line break and without what nobody sees: controls, text direction, half characters."""
    if value.isprintable():  # as most are: no break, nothing unseen, no half character
        return value.strip()
    text = _UNSEEN.sub("", _BREAKS.sub("\n", value)).replace("\t", " ").strip()
    return text if text.isascii() else _HALVES.sub("\ufffd", text)


def one_line(value: str) -> str:
    """*value* clean and without line breaks, for headers and titles."""
    return " ".join(clean(value).split())


@pass_context
def to_slot(context: Context, value: object) -> str:
    """What Jinja does with the value of every expression: words and numbers get a slot, anything else (None) raises."""
    if isinstance(value, Undefined):
        return str(value)  # StrictUndefined raises here and names what is missing
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError(f"a letter cannot show a {type(value).__name__}")
    slots: Slots = context[SLOTS]
    return slots.take(str(value))
