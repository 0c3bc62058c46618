"""Which field does a label mean? Case, accents, punctuation, little words and small typing errors do not matter."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA

from mailflow.core.places import edits_allowed, plain

if TYPE_CHECKING:
    from mailflow.core.form_fields import Field

MAX_LABEL = 160
HEADING_WORDS = 6
HEADING_SIGNS = frozenset({"gegevens", "contactgegevens", "info", "informatie", "deel", "rubriek"})
LITTLE = frozenset("de het een van der den uw u je jouw jullie deze dit is bij voor en aub svp verplicht".split())
# Words that people use for one and the same thing on forms; compared after accents and punctuation are gone.
SAME = {
    "tel": "telefoon", "telnr": "telefoon", "telefoonnummer": "telefoon", "telefoonnr": "telefoon", "phone": "telefoon",
    "gsmnummer": "gsm", "gsmnr": "gsm", "mobiel": "gsm", "emailadres": "email", "mailadres": "email", "mail": "email",
    "lln": "leerling", "ll": "leerling", "leerlinge": "leerling", "ouders": "ouder", "scholen": "school", "nr": "nummer",
    "gemeenten": "gemeente", "geboortedat": "geboortedatum", "gebdatum": "geboortedatum", "vnaam": "voornaam",
    "postnummer": "postcode", "postnr": "postcode", "zip": "postcode", "familienaam": "achternaam", "contactpersonen": "contactpersoon",
}  # fmt: skip
JOINED = (("e mail", "email"), ("geboorte datum", "geboortedatum"), ("geb datum", "geboortedatum"), ("post code", "postcode"), ("gsm nummer", "gsm"),
          ("telefoon nummer", "telefoon"), ("email adres", "email"))
_PARENTHESIS = re.compile(r"\([^()]{0,160}\)|\[[^\[\]]{0,160}\]")


@dataclass(frozen=True)
class Meaning:
    """The field of a label: *keys* holds one key, several when the label is as close to each, none when unknown."""

    keys: tuple[str, ...] = ()
    full: bool = False


@dataclass
class Labels:
    """Every label of the form, ready to be asked; remembers its answers, since a form asks the same ones again."""

    fields: Sequence[Field]
    exact: dict[str, Meaning] = field(default_factory=dict)
    short: dict[tuple[str, str], str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    _turned: dict[str, set[Meaning]] = field(default_factory=dict)
    """The same labels with their words in another order: "Naam school", "School naam"."""
    _asked: dict[str, Meaning] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.fields:
            for label in one.labels:
                meaning, key = Meaning((one.key,), full=label in one.full), label_key(label)
                self.exact.setdefault(key, meaning)
                self._turned.setdefault(_turned(key), set()).add(meaning)
            for label in one.short:
                self.short.setdefault((one.group, label_key(label)), one.key)
            if one.group:
                self.groups.setdefault(label_key(one.group), one.group)

    def meaning(self, label: str) -> Meaning:
        """The field that this label means wherever it stands."""
        key = label_key(label)
        if key not in self._asked:
            turned = self._turned.get(_turned(key), set())
            self._asked[key] = self.exact.get(key) or (next(iter(turned)) if len(turned) == 1 else self._closest(key))
        return self._asked[key]

    def under(self, group: str, label: str) -> str:
        """The key of the field that this short label means under that heading, or ""."""
        return self.short.get((group, label_key(label)), "")

    def knows(self, label: str) -> bool:
        """Is this the label of a field, in its own right or under a heading?"""
        key = label_key(label)
        return bool(self.meaning(label).keys) or any(key == short for _, short in self.short)

    def heading(self, line: str) -> str:
        """The group that this line is the heading of ("Gegevens van de leerling"), or ""."""
        if len(line) > MAX_LABEL or ":" in line.rstrip(" :"):
            return ""
        words = label_key(line.strip("=#-_* ")).replace("gegevens", " gegevens ").split()
        if not 0 < len(words) <= HEADING_WORDS:
            return ""
        named = {group for key, group in self.groups.items() if set(key.split()) & set(words)}
        exact = self.groups.get(" ".join(words))
        return exact or (named.pop() if len(named) == 1 and set(words) & HEADING_SIGNS else "")

    def _closest(self, key: str) -> Meaning:
        allowed = edits_allowed(key)
        if not allowed or len(key) > MAX_LABEL:
            return Meaning()
        near = [
            (distance, label)
            for label, distance, _ in process.extract(key, list(self.exact), scorer=OSA.distance, score_cutoff=allowed, limit=8)
            if _digits(label) == _digits(key) and distance <= edits_allowed(label)
        ]
        if not near:
            return Meaning()
        best = min(distance for distance, _ in near)
        means = [self.exact[label] for distance, label in near if distance == best]
        keys = tuple(sorted({one for meaning in means for one in meaning.keys}))
        return Meaning(keys, full=all(meaning.full for meaning in means))


def label_key(label: str) -> str:
    """*label* as it is compared: "Tel. (gsm) van de ouders *" is "telefoon ouder"."""
    bare = label[:MAX_LABEL]
    words = plain(_PARENTHESIS.sub(" ", bare)).split() or plain(bare).split()
    while len(words) > 1 and words[0].isdigit():
        words = words[1:]
    joined = " ".join(words)
    for apart, together in JOINED:
        joined = joined.replace(apart, together)
    words = [SAME.get(word, word) for word in joined.split()]
    return " ".join([word for word in words if word not in LITTLE] or words)


def same_words(known: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Word as compared -> the value that it means; a word of two values is left out."""
    owners: dict[str, set[str]] = {}
    for value, words in known.items():
        for word in words:
            owners.setdefault(label_key(word), set()).add(value)
    return {word: next(iter(values)) for word, values in owners.items() if len(values) == 1}


def _turned(key: str) -> str:
    return " ".join(sorted(key.split()))


def _digits(label: str) -> list[str]:
    return [word for word in label.split() if word.isdigit()]
