"""Which field does a label mean? Case, accents, punctuation, little words and small typing errors do not matter."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from rapidfuzz import process
from rapidfuzz.distance import OSA

from mailflow.core.places import edits_allowed, plain

if TYPE_CHECKING:
    from mailflow.core.form_fields import Field

MAX_LABEL = 160
HEADING_WORDS = 6
HEADING_SIGNS = frozenset({"gegevens", "contactgegevens", "info", "informatie", "deel", "rubriek"})
# fmt: off
LITTLE = frozenset({
    "de", "het", "een", "van", "der", "den", "uw", "u", "je", "jouw", "jullie", "deze", "dit", "is", "bij", "voor",
    "en", "vd",
    "aub", "svp", "verplicht",
})
# What stands above a form, and is two letters away from one of its questions ("Aanleiding").
TITLES = frozenset({"aanmelding", "aanmeldingen", "nieuwe aanmelding", "melding"})
# Words that people use for one and the same thing on forms; compared after accents and punctuation are gone.
SAME = {
    "tel": "telefoon", "telnr": "telefoon", "telefoonnummer": "telefoon", "telefoonnr": "telefoon", "phone": "telefoon",
    "gsmnummer": "gsm", "gsmnr": "gsm", "mobiel": "gsm", "emailadres": "email", "mailadres": "email", "mail": "email",
    "lln": "leerling", "ll": "leerling", "leerlinge": "leerling", "ouders": "ouder", "scholen": "school",
    "nr": "nummer",
    "gemeenten": "gemeente", "geboortedat": "geboortedatum", "gebdatum": "geboortedatum", "vnaam": "voornaam",
    "postnummer": "postcode", "postnr": "postcode", "zip": "postcode", "familienaam": "achternaam",
    "contactpersonen": "contactpersoon",
}  # fmt: skip
JOINED = (
    ("e mail", "email"),
    ("geboorte datum", "geboortedatum"),
    ("geb datum", "geboortedatum"),
    ("post code", "postcode"),
    ("gsm nummer", "gsm"),
    ("telefoon nummer", "telefoon"),
    ("email adres", "email"),
)
# fmt: on
_PARENTHESIS = re.compile(r"\([^()]{0,160}\)|\[[^\[\]]{0,160}\]")


@dataclass(frozen=True)
class Meaning:
    """The field of a label: *keys* holds one key, several when the label is as close to each, none when unknown."""

    keys: tuple[str, ...] = ()
    full: bool = False


@dataclass(frozen=True)
class _Index:
    """Every label of the form as it is compared."""

    exact: Mapping[str, Meaning]
    turned: Mapping[str, frozenset[Meaning]]
    """The same labels with their words in another order: "Naam school", "School naam"."""
    short: Mapping[tuple[str, str], str]
    """(group, label) -> key."""
    beneath: frozenset[str]
    """The labels of *short*."""
    groups: Mapping[str, str]
    keys: Mapping[str, str]
    """Each label as the form writes it -> as it is compared."""
    as_long: dict[tuple[int, int], list[str]] = field(default_factory=dict)
    """(length, edits) -> what _as_long found."""


class Labels:
    """The labels of the form, ready to be asked; for one mail, since it remembers what it was asked."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._index = _index(tuple(fields))
        self._asked: dict[str, Meaning] = {}
        self._keys: dict[str, str] = {}

    def meaning(self, label: str) -> Meaning:
        """The field that this label means wherever it stands."""
        key = self._key(label)
        if key not in self._asked:
            self._asked[key] = self._index.exact.get(key) or self._near(key)
        return self._asked[key]

    def under(self, group: str, label: str) -> str:
        """The key of the field that this short label means under that heading, or ""."""
        return self._index.short.get((group, self._key(label)), "")

    def knows(self, label: str) -> bool:
        """Is this the label of a field, in its own right or under a heading?"""
        return bool(self.meaning(label).keys) or self._key(label) in self._index.beneath

    def _key(self, label: str) -> str:
        if (key := self._index.keys.get(label)) is not None:
            return key
        if label not in self._keys:
            self._keys[label] = label_key(label)
        return self._keys[label]

    def heading(self, line: str) -> str:
        """The group that this line is the heading of ("Gegevens van de leerling"), or ""."""
        if len(line) > MAX_LABEL or ":" in line.rstrip(" :"):
            return ""
        words = self._key(line.strip("=#-_* ")).replace("gegevens", " gegevens ").split()
        if not 0 < len(words) <= HEADING_WORDS:
            return ""
        named = {group for key, group in self._index.groups.items() if set(key.split()) & set(words)}
        exact = self._index.groups.get(" ".join(words))
        return exact or (named.pop() if len(named) == 1 and set(words) & HEADING_SIGNS else "")

    def _near(self, key: str) -> Meaning:
        turned = self._index.turned.get(_turned(key), frozenset())
        return next(iter(turned)) if len(turned) == 1 else self._closest(key)

    def _closest(self, key: str) -> Meaning:
        allowed = edits_allowed(key)
        if not allowed or len(key) > MAX_LABEL or key in TITLES:
            return Meaning()
        near = [
            (distance, label)
            for label, distance, _ in process.extract(
                key, _as_long(self._index, len(key), allowed), scorer=OSA.distance, score_cutoff=allowed, limit=8
            )
            if _digits(label) == _digits(key) and distance <= edits_allowed(label)
        ]
        if not near:
            return Meaning()
        best = min(distance for distance, _ in near)
        means = [self._index.exact[label] for distance, label in near if distance == best]
        keys = tuple(sorted({one for meaning in means for one in meaning.keys}))
        return Meaning(keys, full=all(meaning.full for meaning in means))


@lru_cache(maxsize=4)
def _index(fields: tuple[Field, ...]) -> _Index:
    exact: dict[str, Meaning] = {}
    turned: dict[str, frozenset[Meaning]] = {}
    for one in fields:
        for label in one.labels:
            meaning, key = Meaning((one.key,), full=label in one.full), label_key(label)
            exact.setdefault(key, meaning)
            turned[_turned(key)] = turned.get(_turned(key), frozenset()) | {meaning}
    for one in fields:
        # Forms that machines fill in name their fields by the key: birth_date=2010-03-12.
        exact.setdefault(label_key(one.key), Meaning((one.key,)))
    short = {(one.group, label_key(label)): one.key for one in fields for label in one.short}
    return _Index(
        exact=exact,
        turned=turned,
        short=short,
        beneath=frozenset(label for _, label in short),
        groups={label_key(one.group): one.group for one in fields if one.group},
        keys={label: label_key(label) for one in fields for label in (*one.labels, *one.short)},
    )


def _as_long(index: _Index, length: int, edits: int) -> list[str]:
    """The labels that so many edits can turn into one of that length: no other can be near."""
    known = index.as_long.get((length, edits))
    if known is None:
        known = index.as_long[length, edits] = [label for label in index.exact if abs(len(label) - length) <= edits]
    return known


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
    # "Aanmelding voor" asks for whom, "Aanmelding" is the title of the form.
    said = [word for word in words if word not in LITTLE or (word == "voor" and word is words[-1])]
    return " ".join(said if said else words)


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
