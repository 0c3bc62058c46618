"""What do the label and value pairs of one source say, before sources are put together?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from mailflow.core.checks import regions_of
from mailflow.core.form_dates import INSIDE_DATE, date_inside, read_birth_date
from mailflow.core.form_entries import entries
from mailflow.core.form_fields import MAX_LINE, Field, Value
from mailflow.core.form_labels import Labels
from mailflow.core.form_values import (
    NO_PREFERENCE,
    TWO_PUPILS,
    clean,
    is_blank,
    name_part,
    place_in,
    read_name,
    read_provider,
    read_value,
    several_names,
    split_name,
)
from mailflow.core.mail import Pair
from mailflow.core.places import Place, locate, plain
from mailflow.core.provider import Provider
from mailflow.core.register_number import register_births

TWICE = "Dit staat er meer dan één keer, en telkens anders."
NOT_TOGETHER = "De postcode en de gemeente horen niet bij elkaar."
UNSURE = "We weten niet zeker bij welke vraag dit antwoord hoort."
OTHER_BIRTH = "De geboortedatum komt niet overeen met het rijksregisternummer."
HOME = ("postcode", "municipality")
AGREED = ("agreed_guardians", "agreed_pupil")
OTHER_PLACES = ("residence_postcode", "school_postcode")


@dataclass
class Source:
    """One source as understood; *seen* are the keys with anything real, good or odd."""

    values: dict[str, str] = field(default_factory=dict)
    odd: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    double: set[str] = field(default_factory=set)
    """Keys that have two different answers here."""

    @property
    def seen(self) -> set[str]:
        """Every key that this source says something about."""
        return {key for key in self.values if self.values[key]} | set(self.odd)

    @property
    def several(self) -> bool:
        """Does it hold the forms of two pupils: another name and another birth date?"""
        return "birth_date" in self.double and bool({"first_name", "last_name"} & self.double)

    def keep(self, key: str, value: Value) -> None:
        """Note what *value* says of *key*."""
        if value.text:
            self.values[key] = value.text
        if value.why:
            self.odd[key] = value.why


def read_source(
    pairs: Sequence[Pair],
    fields: Sequence[Field],
    known: Labels,
    *,
    providers: Mapping[str, Provider],
    places: Sequence[Place],
    today: date,
) -> Source:
    """The values of one source, each field at most once, and what is odd about it."""
    source = Source()
    raws: dict[str, list[str]] = {}
    names: list[tuple[str, str]] = []
    by_key = {one.key: one for one in fields}
    for entry in entries(pairs, known, by_key):
        raw = entry.raw
        match entry.meaning.keys:
            case ():
                source.unknown += [clean(entry.label, limit=80)] if entry.label and raw else []
            case (key,):
                # "Onbekend" is an answer to which provider; "maak een keuze" is none.
                if not raw or (is_blank(raw) and not (by_key[key].kind == "provider" and plain(raw) in NO_PREFERENCE)):
                    continue
                if entry.meaning.full:
                    names.append((entry.label, raw))
                else:
                    raws.setdefault(key, []).append(raw)
            case keys:
                source.odd |= dict.fromkeys(keys, UNSURE) if raw else {}
    for key, several in raws.items():
        if by_key[key].kind not in ("postcode", "municipality"):
            _read_key(source, by_key[key], several, providers, today)
    _read_agreed_on(source, raws, today)
    _read_part(source, raws, by_key.get("school_part"), providers, today)
    _read_names(source, names, today)
    _read_places(source, raws, places)
    _read_provider(source, raws, providers, places)
    _check_birth(source, pairs)
    return source


def _read_key(source: Source, one: Field, raws: Sequence[str], providers: Mapping[str, Provider], today: date) -> None:
    """One field: the same answer twice is one answer; two long answers are both kept; any other two are odd."""
    read = list(dict.fromkeys(read_value(one, raw, providers=providers, today=today) for raw in raws))
    if len({plain(value.text[:MAX_LINE]) or value.why for value in read}) > 1:
        source.double.add(one.key)
        if one.kind != "long":
            source.odd[one.key] = TWICE
            return
        source.keep(one.key, Value("\n".join(value.text for value in read)))
        return
    source.keep(one.key, read[0])


def _read_agreed_on(source: Source, raws: Mapping[str, Sequence[str]], today: date) -> None:
    """ "Akkoord: ja, op 12/11/2026" holds the date of the agreement too; two such dates are left to be asked."""
    dates = {date_inside(raw, today) for key in AGREED if source.values.get(key) == "yes" for raw in raws[key]} - {""}
    if len(dates) == 1 and "agreed_on" not in source.seen:
        source.values["agreed_on"] = dates.pop()


def _read_part(
    source: Source,
    raws: Mapping[str, Sequence[str]],
    part: Field | None,
    providers: Mapping[str, Provider],
    today: date,
) -> None:
    """ "Aanmelding voor: klas" names the part of the school too; "school" is the subject alone."""
    said = raws.get("subject_kind", ())
    if part is None or part.key in source.seen or source.values.get("subject_kind") != "school" or len(said) != 1:
        return
    if plain(said[0]) not in ("school", "een school"):
        source.keep(part.key, Value(read_value(part, said[0], providers=providers, today=today).text))


def _read_names(source: Source, names: Sequence[tuple[str, str]], today: date) -> None:
    """A full name against the first or last name that stands apart: "Naam" is the last name beside "Voornaam"."""
    apart = source.values.get("first_name", "")
    for label, raw in names:
        line = " ".join(clean(raw.split("\n")[0], limit=MAX_LINE).split())
        if several_names(name_part(line)):
            source.odd["first_name"] = TWO_PUPILS
            continue
        if "birth_date" not in source.seen and INSIDE_DATE.search(line):  # "Noor Voorbeeld (°12/03/2010)"
            source.keep("birth_date", read_birth_date(INSIDE_DATE.findall(line)[0], today))
        first, last = split_name(label, line)
        if apart and "first_name" not in source.double and plain(apart) != plain(first):
            # "Naam leerling: Voorbeeld" beside "Voornaam: Noor" is the last name alone.
            first, last = apart, _without(line, apart)
        for key, text in (("first_name", first), ("last_name", last)):
            value = read_name(text) if text else Value()
            if value.text and source.values.get(key) and plain(source.values[key]) != plain(value.text):
                source.double.add(key)
                source.odd[key] = TWICE
                del source.values[key]
            elif key not in source.double:
                source.keep(key, value)


def _without(line: str, name: str) -> str:
    """*line* without the words of *name*."""
    left = set(plain(name).split())
    return " ".join(word for word in line.replace(",", " ").split() if plain(word) not in left)


def _read_places(source: Source, raws: Mapping[str, Sequence[str]], places: Sequence[Place]) -> None:
    """Home from postcode and municipality together; of other places only the postcode is kept."""
    home = [place_in(raw) for key in HOME for raw in raws.get(key, ())]
    codes = list(dict.fromkeys(code for code, _, _ in home if code))
    spelled = {plain(name): name for _, name, _ in home if name}
    whys = [why for _, _, why in home if why]
    if len(codes) > 1:
        source.double.add("postcode")
        source.odd["postcode"] = TWICE
    elif codes or spelled:
        code = codes[0] if codes else ""
        found = [locate(code, name, places) for name in spelled.values()] or [locate(code, "", places)]
        written = {plain(one.municipality): one.municipality for one in found}
        if len(written) > 1 and all(one.agree for one in found):
            source.double.add("municipality")
            source.odd["municipality"] = TWICE
            source.keep("postcode", Value(code))
        elif all(one.agree for one in found):
            source.keep("postcode", Value(code))
            source.keep("municipality", Value(clean(found[0].municipality, limit=MAX_LINE)))
        else:
            source.odd["postcode"] = NOT_TOGETHER
    if whys and not codes:
        source.odd["postcode"] = whys[0]
    for key in OTHER_PLACES:
        _read_other_place(source, key, [place_in(raw) for raw in raws.get(key, ())], places)


def _read_other_place(source: Source, key: str, read: Sequence[tuple[str, str, str]], places: Sequence[Place]) -> None:
    for code, name, why in dict.fromkeys(read):
        if key in source.values and code and source.values[key] != code:
            source.double.add(key)
            source.odd[key] = TWICE
            del source.values[key]
        elif why:
            source.odd[key] = why
        elif not code:
            source.odd[key] = "Hier ontbreekt de postcode."
        elif not locate(code, name, places).agree:
            source.odd[key] = NOT_TOGETHER
        elif key not in source.double:
            source.keep(key, Value(code))


def _read_provider(
    source: Source, raws: Mapping[str, Sequence[str]], providers: Mapping[str, Provider], places: Sequence[Place]
) -> None:
    """ "NAFT" alone means the one of the region, where exactly one region is known."""
    if "provider" not in source.odd or "provider" in source.double:
        return
    options = read_provider(" ".join(clean(raws["provider"][0], limit=MAX_LINE).split()), providers).options
    regions = regions_of(source.values, places)
    there = [key for key in options if len(regions) == 1 and regions <= providers[key].regions]
    if len(there) == 1:
        del source.odd["provider"]
        source.values["provider"] = there[0]


def _check_birth(source: Source, pairs: Sequence[Pair]) -> None:
    """A national register number only checks the birth date; the number itself is gone by now."""
    births = {born for pair in pairs for born in register_births(pair.value[: 2 * MAX_LINE]) if born}
    born = source.values.get("birth_date")
    if born and len(births) == 1 and born not in births:
        source.odd["birth_date"] = OTHER_BIRTH
        del source.values["birth_date"]
