"""What a letter shows of a form, as rows: a label of ours, and a value worded for people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mailflow.core.checks import age_on
from mailflow.core.fitting import Fit
from mailflow.core.form import ASSUMED, Form
from mailflow.core.mail import QUOTED
from mailflow.core.rules import Rules
from mailflow.core.wording import value_text

Unread = Sequence[tuple[str, str]]
"""Attachments that could not be read: name and why, in Dutch."""


@dataclass(frozen=True)
class Guess:
    """A case that a mail may be about; *why* is Dutch, for the desk, and names nobody."""

    reference: str
    initials: str
    why: str


@dataclass(frozen=True)
class Row:
    """One line of a table: a label of ours, a value that a stranger may have written."""

    label: str
    value: str
    was: str = ""
    """What stood there before, where that was replaced."""


GONE = "(geldt niet meer)"


def rows(
    values: Mapping[str, str], rules: Rules, *, shown: Iterable[str] = ("always", "accepted", "never")
) -> list[Row]:
    """The filled-in fields in form order, worded for people; only those that a provider sees at these moments."""
    seen = frozenset(shown)
    return [
        Row(one.label, value_text(one, values[one.key], rules.providers))
        for one in rules.fields
        if values.get(one.key) and one.shown in seen
    ]


def changes(
    before: Mapping[str, str],
    after: Mapping[str, str],
    rules: Rules,
    *,
    today: date,
    shown: Iterable[str] = ("always", "accepted", "never"),
) -> list[Row]:
    """What of a form was added or corrected, each with what stood there before; of these moments, as in `rows`.

    A provider that does not see the birth date sees the age.
    """
    seen = frozenset(shown)
    found = [
        Row(
            one.label,
            value_text(one, after[one.key], rules.providers) if after.get(one.key) else GONE,
            value_text(one, before[one.key], rules.providers) if before.get(one.key) else "",
        )
        for one in rules.fields
        if one.shown in seen and before.get(one.key, "") != after.get(one.key, "")
    ]
    was, now = (age_on(values.get("birth_date", ""), today) for values in (before, after))
    birth = rules.field("birth_date")
    if birth and birth.shown not in seen and now is not None and was != now:
        found.append(Row("Leeftijd", f"{now} jaar", f"{was} jaar" if was is not None else ""))
    return found


def labels(keys: Sequence[str], rules: Rules) -> list[str]:
    """The Dutch labels of these fields."""
    return [one.label for key in keys if (one := rules.field(key))]


def odd_rows(form: Form, rules: Rules) -> list[Row]:
    """Label and reason of each odd value; the value itself is not repeated."""
    return [Row(one.label if (one := rules.field(odd.field)) else "Let op", odd.why) for odd in form.odd]


def origins(form: Form | None, rules: Rules) -> list[Row]:
    """Where which values came from; none when all of them came from one place."""
    if form is None:
        return []
    found: dict[str, list[str]] = {}
    for key in form.values:
        if form.sources.get(key, ASSUMED) != ASSUMED:
            found.setdefault(form.files.get(key, ""), []).append(key)
    if len(found) < 2:
        return []
    return [
        Row(_place_of(name), ", ".join(labels(keys, rules)))
        for name, keys in sorted(found.items(), key=lambda one: one[0] != "")
    ]


def _place_of(name: str) -> str:
    return {"": "Uit je mail", QUOTED: "Uit de tekst onder je mail"}.get(name) or f"Uit de bijlage {name}"


def unread_rows(unread: Unread) -> list[Row]:
    """Name and reason of each attachment that could not be read."""
    return [Row(name, why) for name, why in unread]


def options(fits: Iterable[Fit], rules: Rules) -> list[Row]:
    """Name and reasons of each provider, in that order."""
    return [Row(rules.providers[fit.key].name, "; ".join(fit.reasons)) for fit in fits if fit.key in rules.providers]
