"""What does one value of a form say? A normalised string, or why not, in Dutch and without the value. (waarden)"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

import phonenumbers
from rapidfuzz.distance import OSA

from mailflow.core.form_dates import AROUND, INSIDE_DATE, read_birth_date, read_date
from mailflow.core.form_fields import MAX_LINE, MAX_LONG, Field, Value
from mailflow.core.form_labels import label_key, same_words
from mailflow.core.places import edits_allowed, plain
from mailflow.core.provider import Provider

TOO_LONG = f"Dit antwoord is te lang; we bewaren het begin. Hou het korter dan {MAX_LONG} tekens."
TWO_PUPILS = "Hier staan meer namen. Gebruik één formulier per leerling."

# fmt: off
NOTHING = frozenset({
    "", "nvt", "n v t", "niet van toepassing", "onbekend", "niet gekend", "weet niet", "weet ik niet", "geen idee",
    "tba", "in te vullen", "vul in", "invullen",
    "klik of tik om tekst in te voeren", "klik om tekst in te voeren", "klik hier als u tekst wilt invoeren",
    "kies een item", "maak een keuze",
    "klik of tik om een datum in te voeren", "choose an item", "selecteer",
})
YES = frozenset({
    "ja", "j", "yes", "y", "oui", "x", "akkoord", "ok", "oke", "in orde", "jawel", "jazeker", "zeker", "wel", "waar",
    "true", "1",
})
NO = frozenset({
    "nee", "neen", "n", "no", "non", "niet", "nog niet", "niet akkoord", "nog niet gevraagd", "niet gevraagd",
    "onwaar", "false", "0",
})
# A yes or no with one of these behind it says something else; a person reads it.
BUT = frozenset({
    "maar", "nee", "neen", "niet", "geen", "nog", "behalve", "enkel", "alleen", "tenzij", "misschien", "twijfel",
    "twijfelt", "voorbehoud", "voorwaarde", "voorlopig", "deels", "half",
})
NO_BUT = frozenset({"maar", "ja", "wel", "behalve", "tenzij", "misschien", "twijfel", "twijfelt"})
NO_PREFERENCE = frozenset({
    "geen", "none", "geen voorkeur", "maakt niet uit", "maakt niets uit", "om het even", "geen specifieke voorkeur",
    "geen aanbieder", "weet niet",
    "weet ik niet", "vrij te kiezen", "jullie keuze", "geen keuze", "onbekend", "kies maar", "meldpunt kiest",
    "geen idee",
})
# fmt: on
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_CODE = re.compile(r"(?<![\w+])(?:B(?:E)?[- ]?)?([1-9]\d{3})(?!\d)")


def clean(text: str, *, limit: int) -> str:
    """*text* as it may be kept: no control or direction characters, LF line ends, at most *limit* characters."""
    kept = text[: limit * 2]
    if kept.isascii() and kept.isprintable():  # as most answers are
        return kept.strip()[:limit].strip()
    kept = kept.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    kept = re.sub("[\v\f\x85\u2028\u2029]", "\n", kept)
    kept = "".join(c for c in kept if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return unicodedata.normalize("NFC", kept).replace("\xa0", " ").strip()[:limit].strip()


def is_blank(text: str) -> bool:
    """Does it say nothing: empty, a dash, dots to write on, "n.v.t."?"""
    return len(text) <= MAX_LINE and plain(text) in NOTHING


def read_value(field: Field, raw: str, *, providers: Mapping[str, Provider], today: date) -> Value:
    """The value of *field* in *raw*, which is not blank; places are read with `place_in`."""
    if field.kind == "long":
        text = _lines(clean(raw, limit=MAX_LONG))
        return Value(text, TOO_LONG if len(raw.strip()) > MAX_LONG else "")
    line = " ".join(clean(raw, limit=MAX_LINE).split()).strip("_… ")
    match field.kind:
        case "name":
            return read_name(line)
        case "date":
            return (
                read_birth_date(line, today)
                if field.key == "birth_date"
                else read_date(line, today, future=field.key != "agreed_on")
            )
        case "phone":
            return read_phone(line)
        case "email":
            return read_email(line)
        case "yes_no":
            return read_yes_no(line)
        case "choice":
            return read_choice(line, field.choices)
        case "provider":
            return read_provider(line, providers)
        case _:
            return Value(line, TOO_LONG.replace(str(MAX_LONG), str(MAX_LINE)) if len(raw.strip()) > MAX_LINE else "")


def read_name(line: str) -> Value:
    """A first or last name as written."""
    if re.search(r"[\d@<>]", line):
        return Value(why="Hier verwachten we alleen een naam.")
    return Value(line.strip(" .,;:"))


def name_part(line: str) -> str:
    """The part of a line that can be a name: without what is between parentheses, and up to a birth date."""
    return re.split(r"[°*]|\b(?:geb|geboren)\b|\d", AROUND.sub(" ", line), maxsplit=1)[0].strip(" ,;-–.")


def split_name(label: str, line: str) -> tuple[str, str]:
    """(first, last) of a full name: "Noor Voorbeeld", "Voorbeeld, Noor", "VOORBEELD Noor", or as the label says."""
    bare = name_part(line)
    last, comma, first = bare.partition(",")
    if comma:
        return first.strip(), last.strip()
    words = bare.split()
    capitals = [len(word) > 1 and word == word.upper() != word.lower() for word in words]
    if capitals and capitals[0] and not capitals[-1]:
        cut = capitals.index(False)
        return " ".join(words[cut:]), " ".join(words[:cut])
    asked = plain(label)
    if len(words) > 1 and asked.startswith(("naam en voornaam", "naam voornaam", "achternaam", "familienaam")):
        return words[-1], " ".join(words[:-1])
    return (words[0] if words else ""), " ".join(words[1:])


def several_names(line: str) -> bool:
    """Does it name more than one person: "Noor en Lars Voorbeeld"?"""
    return bool(re.search(r" (?:en|and|et|&|\+) |[/;&+]", line))


def read_phone(line: str) -> Value:
    """The first valid number, as E.164; numbers without a country are Belgian."""
    matcher = phonenumbers.PhoneNumberMatcher(line, "BE", leniency=phonenumbers.Leniency.VALID, max_tries=50)
    numbers: list[str] = []
    for match in matcher:
        number = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
        if number not in numbers:
            numbers.append(number)
    if not numbers:
        return Value(why="Dit is geen geldig telefoonnummer. Schrijf het zoals 016 12 34 56 of +32 475 12 34 56.")
    return Value(numbers[0], "Hier staan meer nummers; we nemen het eerste." if len(numbers) > 1 else "")


def read_email(line: str) -> Value:
    """The first mail address, as written."""
    found = list(dict.fromkeys(one.lower() for one in _EMAIL.findall(line)))
    if not found:
        return Value(why="Dit is geen volledig e-mailadres.")
    first = _EMAIL.search(line)
    text = first[0] if first else ""
    return Value(text, "Hier staan meer adressen; we nemen het eerste." if len(found) > 1 else "")


def read_yes_no(line: str) -> Value:
    """yes or no; a yes or no with a reservation behind it is neither."""
    text = plain(INSIDE_DATE.sub(" ", AROUND.sub(" ", line)))
    if "?" in line:
        return Value(why="Antwoord met ja of nee.")
    if text in YES or text.removesuffix(" op") in YES:
        return Value("yes")
    if text in NO:
        return Value("no")
    words = text.split()
    rest = set(words[1:])
    if words and words[0] in ("ja", "yes", "oui", "akkoord") and not rest & BUT:
        return Value("yes")
    if words and words[0] in ("nee", "neen", "no", "non") and not rest & NO_BUT:
        return Value("no")
    return Value(why="Antwoord met ja of nee.")


def read_choice(line: str, choices: Mapping[str, Sequence[str]]) -> Value:
    """The one value whose words these are: exactly, with a typing error, or inside a longer answer."""
    means = _means(line, {key: (key, *words) for key, words in choices.items()})
    if len(means) == 1:
        return Value(next(iter(means)))
    return Value(why=f"Kies één van: {', '.join(words[0] for words in choices.values())}.")


def read_provider(line: str, providers: Mapping[str, Provider]) -> Value:
    """The key of a provider, or "none"; *options* when the words fit several and the region may decide."""
    asked = plain(line)
    if asked in NO_PREFERENCE or asked.startswith("geen voorkeur"):
        return Value("none")
    means = _means(line, {one.key: (one.key, one.name, *one.synonyms) for one in providers.values()})
    if len(means) == 1:
        return Value(next(iter(means)))
    named = ", ".join(one.name for one in providers.values())
    if means:
        return Value(
            why=f"Dit kan meer dan één aanbieder zijn. Kies uit: {named}, of geen voorkeur.",
            options=tuple(sorted(means)),
        )
    return Value(why=f"Deze aanbieder kennen we niet. Kies uit: {named}, of geen voorkeur.")


def place_in(raw: str) -> tuple[str, str, str]:
    """(postcode, name, why) of "1800 Vilvoorde", "Vilvoorde (1800)", "Dorpsstraat 1, 1800 Vilvoorde" or either half."""
    line = " ".join(clean(raw, limit=MAX_LINE).split()).strip("_… ")
    found = list(_CODE.finditer(line))
    if not found:
        return (
            ("", "", "Een Belgische postcode heeft vier cijfers.")
            if re.search(r"\d", line)
            else ("", line.strip(" ,.-"), "")
        )
    behind = line[found[-1].end() :].strip(" ,.-–:()")
    if re.match(r"[A-Z]{2}\b", behind):
        return "", "", "Dit lijkt een buitenlandse postcode; een Belgische heeft vier cijfers."
    before = line[: found[-1].start()].strip(" ,.-–:(")
    name = behind or before.rpartition(",")[2].strip()
    return found[-1][1], "" if re.search(r"\d", name) else name, ""


def _means(line: str, known: Mapping[str, Sequence[str]]) -> set[str]:
    """The values that *line* can mean; a word that belongs to several values means each."""
    asked = label_key(line)
    sole, every = _compared(tuple((value, tuple(words)) for value, words in known.items()))
    if asked in sole:
        return {sole[asked]}
    if shared := {value for value, words in every.items() if asked in words}:
        return shared
    if close := {value for value, words in every.items() if any(_typed(asked, word) for word in words)}:
        return close
    if {"geen", "niet", "nooit"} & set(asked.split()):
        return set()
    inside = {
        (word, value)
        for value, words in every.items()
        for word in words
        if len(word) > 1 and f" {word} " in f" {asked} "
    }
    # "niet-katholiek vrij onderwijs" holds "vrij" too: the longest words speak for those inside them.
    return {
        value for word, value in inside if not any(word != other and f" {word} " in f" {other} " for other, _ in inside)
    }


@lru_cache(maxsize=64)
def _compared(known: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[Mapping[str, str], Mapping[str, frozenset[str]]]:
    """What the configuration knows, as it is compared: the words of one value only, and those of each."""
    return same_words(dict(known)), {value: frozenset(map(label_key, words)) for value, words in known}


def _typed(asked: str, word: str) -> bool:
    return abs(len(asked) - len(word)) <= 2 and OSA.distance(asked, word) <= min(
        edits_allowed(asked), edits_allowed(word)
    )


def _lines(text: str) -> str:
    """Paragraphs as they are, without space at line ends and with one empty line between at most."""
    lines = [line.strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
