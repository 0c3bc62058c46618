"""Which municipality do a postcode and a name mean? (postcode, gemeente, deelgemeente)"""

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

# Two municipalities of the province share their name with a village elsewhere: Halle in Zoersel, Machelen in Zulte.
ELSEWHERE = {"halle": frozenset({"2980"}), "machelen": frozenset({"9870"})}
COUNTRY = frozenset({"belgie", "belgium", "belgique", "vlaanderen", "vlaams brabant", "be", "b"})


@dataclass(frozen=True)
class Place:
    """One row of postcodes.csv: a postcode can lie in two municipalities, a municipality has several postcodes."""

    postcode: str
    municipality: str
    region: str
    names: tuple[str, ...] = ()
    """Other names that people use for what lies under this postcode: villages, old municipalities, French names."""


_ASCII_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class Located:
    """A postcode and name that go together (*agree*) or not; *municipality* "": the postcode alone cannot tell."""

    municipality: str
    agree: bool = True


def plain(text: str) -> str:
    """The words of *text* for comparison: lower case, without accents and punctuation, single spaces."""
    if text.isascii():  # as most words are: several times faster
        return " ".join(_ASCII_WORD.findall(text.lower()))
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[\W_]", " ", bare).split())


def edits_allowed(text: str) -> int:
    """How many typing errors a word or label of this length may hold: none in a short one."""
    return 0 if len(text) < 5 else 1 if len(text) < 10 else 2


def locate(postcode: str, name: str, places: Sequence[Place]) -> Located:
    """The municipality as the table writes it, for a postcode of four digits and a name; either may be "".

    A name is accepted under every postcode of its own municipality: people write "3000 Heverlee".
    A postcode outside the table is no error, unless the name is a municipality that the table does hold.
    """
    here = {place.municipality for place in places if place.postcode == postcode}
    if not name:
        return Located(next(iter(here)) if len(here) == 1 else "")
    means = _municipalities(name, [place for place in places if not here or place.municipality in here])
    if not postcode:
        return Located(next(iter(means)) if len(means) == 1 else name)
    if here:
        return Located(next(iter(means)) if len(means) == 1 else name, agree=bool(means))
    own = {plain(place.municipality) for place in places}
    elsewhere = plain(name) not in own or postcode in ELSEWHERE.get(plain(name), ())
    return Located(name, agree=elsewhere)


def places_from(csv_text: str) -> tuple[Place, ...]:
    """The rows of postcodes.csv (a spreadsheet's semicolons will do); ValueError names every bad line."""
    text = csv_text.removeprefix("\ufeff")
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    rows = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    absent = [name for name in ("postcode", "municipality", "region") if name not in (rows.fieldnames or ())]
    if absent:
        raise ValueError(f"line 1: column {', '.join(absent)} is missing; expected postcode,municipality,region,names")
    found: list[Place] = []
    problems: list[str] = []
    for row in rows:
        read = {
            key: (value or "").strip()
            for key, value in row.items()
            if isinstance(key, str) and not isinstance(value, list)
        }
        if not re.fullmatch(r"[1-9][0-9]{3}", read["postcode"]):
            problems.append(f"line {rows.line_num}: a postcode is four digits")
        elif not read["municipality"] or not read["region"]:
            problems.append(f"line {rows.line_num}: municipality and region must be filled in")
        else:
            names = tuple(name.strip() for name in read.get("names", "").split("|") if name.strip())
            found.append(Place(read["postcode"], read["municipality"], read["region"], names))
    if problems or not found:
        raise ValueError("\n".join(problems or ["no postcode in this file"]))
    return tuple(found)


def _municipalities(name: str, among: Sequence[Place]) -> set[str]:
    """The municipalities of *among* that every part of *name* can mean; typing errors only when nothing else fits."""
    parts = [_spelled(part) for part in re.split(r"[/(),]", name[:100])]
    wanted = [part for part in parts if part and part not in COUNTRY]
    found: set[str] = set()
    for number, part in enumerate(wanted):
        exact = {place.municipality for place in among if part in _names(place)}
        close = exact or {place.municipality for place in among if any(_close(part, known) for known in _names(place))}
        found = close if number == 0 else found & close
    return found


def _names(place: Place) -> set[str]:
    return {_spelled(name) for name in (place.municipality, *place.names)}


def _close(part: str, known: str) -> bool:
    return abs(len(part) - len(known)) <= 2 and OSA.distance(part, known) <= edits_allowed(part)


def _spelled(name: str) -> str:
    """`St.-Genesius-Rode` and `Sint Genesius Rode` are one name."""
    words = ["sint" if word == "st" else word for word in plain(name).split()]
    return " ".join(words).replace("o l v ", "onze lieve vrouw ").replace("olv ", "onze lieve vrouw ")
