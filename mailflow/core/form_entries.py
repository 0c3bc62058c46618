"""Which question of the form does each label and value pair of one source answer?"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mailflow.core.form_fields import Field
from mailflow.core.form_labels import Labels, Meaning
from mailflow.core.mail import Pair
from mailflow.core.register_number import without_register_numbers


@dataclass(frozen=True)
class Entry:
    """A pair whose label is settled; *keys* is empty for an unknown label, and for loose text, which has no label."""

    label: str
    raw: str
    meaning: Meaning


def entries(pairs: Sequence[Pair], known: Labels, by_key: Mapping[str, Field]) -> Iterator[Entry]:
    """The pairs with their fields: headings and neighbours settle short labels, loose paragraphs join a long answer."""
    cut = list(_cut(pairs, known, by_key))
    meanings = [known.meaning(label) if label else Meaning() for label, _, _ in cut]
    after: list[str] = [""] * len(cut)
    for at in range(len(cut) - 2, -1, -1):
        after[at] = _group(meanings[at + 1], by_key) or after[at + 1]
    before = heading = ""
    waiting: Entry | None = None
    for at, (label, raw, under) in enumerate(cut):
        if under != heading:
            heading, before = under, ""
        if not label:
            if (
                waiting
                and len(waiting.meaning.keys) == 1
                and by_key[waiting.meaning.keys[0]].kind == "long"
                and waiting.raw
            ):
                waiting = Entry(waiting.label, f"{waiting.raw}\n\n{raw}", waiting.meaning)
            continue
        key = known.under(heading, label) if heading else ""
        if not key and not meanings[at].keys:
            beside = {"first_name"} & {*_plain_keys(meanings[:at][-1:]), *_plain_keys(meanings[at + 1 : at + 2])}
            key = known.under(by_key["first_name"].group, label) if beside else ""
            key = key or known.under(before or after[at], label)
        meaning = Meaning((key,)) if key else meanings[at]
        if waiting:
            yield waiting
        waiting = Entry(label, raw, meaning)
        before = _group(meaning, by_key) or before
    if waiting:
        yield waiting


def _cut(pairs: Sequence[Pair], known: Labels, by_key: Mapping[str, Field]) -> Iterator[tuple[str, str, str]]:
    """(label, value, heading above it): headings taken out, also from the end of a value; short answers are a line."""
    heading = ""
    for pair in pairs:
        value = without_register_numbers(pair.value)
        own = known.heading(pair.label) if not value.strip() else ""
        if own:
            heading = own
            continue
        meaning = known.meaning(pair.label) if pair.label else Meaning()
        kind = by_key[meaning.keys[0]].kind if meaning.keys else "text"
        lines = value.strip().split("\n")
        kept: list[str] = []
        under = heading
        for line in lines:
            if (found := known.heading(line)) and (kept or not pair.label):
                heading = found
                break
            kept.append(line)
        if not pair.label and (len(kept) == 1 and len(kept[0].split()) <= 4 and kept[0].rstrip()[-1:] not in ".!?"):
            continue
        if kind in ("postcode", "municipality") and not re.search(r"\d{4}", kept[0] if kept else ""):
            text = ", ".join(kept[:3])  # an address over more lines
        else:
            text = "\n".join(kept if kind in ("long", "text") else kept[:1]).strip()
        if text or pair.label:
            yield pair.label, text, under


def _plain_keys(meanings: Sequence[Meaning]) -> list[str]:
    return [key for meaning in meanings if not meaning.full for key in meaning.keys]


def _group(meaning: Meaning, by_key: Mapping[str, Field]) -> str:
    return by_key[meaning.keys[0]].group if len(meaning.keys) == 1 else ""
