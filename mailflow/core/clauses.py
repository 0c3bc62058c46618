"""Where does one statement end and the next begin? Mail text -> sentences -> clauses -> plain words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mailflow.core.spelling import Spelling, Variants, words_of

# A line shorter than this was ended by its writer, not by a mail program that wraps.
WRAPPED_FROM = 45
# A question of no more words is one, whatever it ends with: "Plaats ok?"
SHORT_QUESTION = 4
# fmt: off
# Words before a dot that do not end a sentence.
_ABBREVIATIONS = frozenset({
    "bv", "bvb", "nl", "evt", "ca", "nr", "dhr", "mevr", "mw", "mvr", "o.a", "m.b.t", "i.v.m", "a.u.b", "t.e.m",
    "t.o.v", "i.f.v", "incl", "max", "min", "enz", "ev", "jl", "ll", "dd", "tel", "jan", "feb", "febr", "mrt",
    "apr", "jun", "jul", "aug", "sept", "sep", "okt", "nov", "dec", "ma", "di", "wo", "woe", "do", "vr", "za",
    "zo", "p.s", "st",
})
# fmt: on
# Who closes a mail with these begins a line of its own, with or without a capital.
_CLOSINGS = ("mvg", "gr", "groet", "grtz", "vriendelijk", "hartelijk", "bedankt", "dank", "merci", "alvast")
_SIGNED = frozenset({"mvg", "gr", "grt", "grtz", "grtjs", "groet", "groeten", "groetjes"})
_ENDS = re.compile(r"[.!?;]+(?=\s|$)|(?<=[^\W\d_])[.!?;]+(?=[A-Z])|\n")
_PARTS = re.compile(r",(?!\d)|(?<!\d):|:(?=\s|$)|[()]|\s(?:[-–—/]+|[-=]+>|→)\s|^\s*[-–—*•]\s?|[–—…]|\.\.+")
# "An (an@clb.example) neemt over" says no less without the address, whose brackets would part it.
_ADDRESS = re.compile(r"[(<\[]?(?:mailto:)?[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}[)>\]]?")
# A word or two in brackets part nothing: "mevrouw Peeters (CLB) belde".
_ASIDE = re.compile(r"\(((?:[\w.'-]{1,30} ?){1,2})\)")
# "Plaats: nee" says one thing.
_SHORT_ANSWER = re.compile(
    r"(?<=\w) ?: ?(?=(?:ja|nee|neen|geen|nog niet|nog geen|niet|pas|ok|oké|gunstig|ongunstig|positief|negatief)\b)",
    re.IGNORECASE,
)
# A statement that only asks for a nod: "we zetten hem op de wachtlijst, ok?"
_NOD = re.compile(r"(?<=\w),? (?:ok|oke|oké|okee|goed|akkoord|hé|he)$", re.IGNORECASE)
# After one of these words a sentence's first word is its subject, so perhaps a name.
# fmt: off
_VERBS = frozenset({
    "is", "kan", "mag", "komt", "staat", "past", "heeft", "wordt", "zal", "start", "gaat", "was", "matcht", "werd",
    "kwam", "begint", "moet", "hoort", "kreeg", "krijgt", "blijft", "wil", "zit", "mocht", "ging", "hebben", "zijn",
    "kunnen", "mogen",
})
# "Nog maar negen", "dan maar wachten", "wel op de wachtlijst maar" oppose nothing.
_SOFTENED = frozenset({"nog", "dan", "toch", "slechts", "alleen", "enkel"})
# "Wij werken alleen op het veld" opposes nothing: these do at the beginning only.
_FRONTED = frozenset({"alleen", "behalve"})
# "We zetten haar dus op de wachtlijst": behind these "dus" goes on with the clause.
_SELVES = frozenset({
    "we", "wij", "ik", "ze", "hij", "haar", "hem", "worden", "moeten", "willen", "gaan", "heb", "zetten",
})
# fmt: on
# Two of these with "en" between are one thing.
_TWINS = frozenset(
    {
        "maandag",
        "dinsdag",
        "woensdag",
        "donderdag",
        "vrijdag",
        "ma",
        "di",
        "wo",
        "do",
        "vr",
        "ouders",
        "school",
        "clb",
        "mama",
        "papa",
        "moeder",
        "vader",
        "leerling",
        "jongere",
        "voormiddag",
        "namiddag",
        "november",
        "december",
        "januari",
        "februari",
        "oktober",
        "september",
        "maart",
        "hij",
        "zij",
        "hem",
        "haar",
        "ons",
        "jullie",
        "coach",
        "plaats",
        "tijd",
        "leerkracht",
        "gezin",
        "naft",
    }
)
_QUOTE_MARKS = '"“”„«»'


@dataclass(frozen=True)
class Clause:
    """A piece of a sentence that says one thing; *words* are standard Dutch, lower case without accents."""

    text: str
    words: tuple[str, ...]
    opener: str = ""
    """The joint before it: "maar", "en"; "" after a comma or at the beginning."""
    names: frozenset[str] = frozenset()
    """Words that are written with a capital where no sentence begins, or as its subject: people and places."""
    quoted: bool = False
    """It holds a quotation mark: words that somebody mentions rather than says."""


@dataclass(frozen=True)
class Sentence:
    """One sentence of a mail."""

    text: str
    clauses: tuple[Clause, ...]
    question: bool
    """It ends with a question mark."""


@dataclass(frozen=True)
class Joints:
    """The words that begin a new clause; after an order "maar" does not: "zet haar maar op de wachtlijst"."""

    words: frozenset[str] = frozenset()
    orders: frozenset[str] = frozenset()
    spelling: Spelling = field(default_factory=Spelling)

    def parts(self, word: str, before: list[str]) -> bool:
        """Does *word* begin a clause, after the words *before* of the same one?"""
        if word not in self.words or (word == "dus" and before and before[-1].lower() in _VERBS | _SELVES):
            return False
        if (word == "maar" and before and before[-1].lower() in _SOFTENED) or (word in _FRONTED and before):
            return False
        return word != "maar" or not any(plain in self.orders for held in before for plain in words_of(held))


def sentences_of(text: str, joints: Joints, names: frozenset[str] = frozenset()) -> tuple[Sentence, ...]:
    """The sentences of a mail, each split in clauses at commas, dashes, brackets and at *joints*.

    *names* (lower case) are known to be names, with or without a capital: "wij nemen noor aan".
    """
    return tuple(
        Sentence(raw, clauses, "?" in ends and not (len(raw.split()) > SHORT_QUESTION and _NOD.search(raw)))
        for raw, ends in _sentences(_unwrapped(_plain(text)))
        if (clauses := tuple(_clauses(raw, joints, names, joints.spelling.of(words_of(raw)))))
    )


def _plain(text: str) -> str:
    """Without addresses, and with what belongs together in one piece."""
    return _SHORT_ANSWER.sub(" ", _ASIDE.sub(r" \1 ", _ADDRESS.sub(" ", text)))


def _unwrapped(text: str) -> str:
    """One line per statement: what a mail program wrapped is joined again, so that a "niet" keeps its verb.

    The first line stands alone when the next begins with a capital: a tap sends one.
    """
    joined: list[str] = []
    for line in text.split("\n"):
        bare = line.strip()
        if joined and bare and _goes_on(joined[-1], bare):
            joined[-1] = f"{joined[-1]} {bare}"
        else:
            joined.append(bare)
    return "\n".join(joined)


def _goes_on(before: str, line: str) -> bool:
    if (
        not before
        or before.endswith((".", "!", "?", ";", ":"))
        or line[0] in "-–—*•"
        or line.lower().startswith(_CLOSINGS)
    ):
        return False
    return line[0].islower() or (len(before.rpartition("\n")[2]) >= WRAPPED_FROM)


def _sentences(text: str) -> Iterator[tuple[str, str]]:
    """Each sentence with the marks that end it."""
    start = 0
    for end in _ENDS.finditer(text):
        before = text[start : end.start()]
        if end[0] == "." and before.split(" ")[-1].lower().lstrip("(") in _ABBREVIATIONS:
            continue
        yield before, end[0]
        start = end.end()
    yield text[start:], ""


def _clauses(sentence: str, joints: Joints, names: frozenset[str], variants: Variants) -> Iterator[Clause]:
    for part in _PARTS.split(sentence):
        opener = ""
        held: list[str] = []
        parts = part.split()
        for place, word in enumerate(parts):
            after = parts[place + 1] if place + 1 < len(parts) else ""
            plain = variants.dutch(words_of(word))
            if len(plain) == 1 and joints.parts(plain[0], held) and not _pairs(plain[0], held, after):
                yield from _clause(held, opener, names, variants)
                opener, held = plain[0], []
            else:
                held.append(word)
        yield from _clause(held, opener, names, variants)


def _pairs(joint: str, before: list[str], after: str) -> bool:
    """Does this "en" join two things rather than two statements: "dinsdag en donderdag", "An en Tom", "16 en 18"?"""
    if joint not in ("en", "et", "and") or not before or not after:
        return False
    one, other = before[-1], after
    if {*words_of(one), *words_of(other)} <= _TWINS or (one[0].isdigit() and other[0].isdigit()):
        return True
    return one[0].isupper() and other[0].isupper() and len(before) > 1


def _clause(held: list[str], opener: str, known: frozenset[str], variants: Variants) -> Iterator[Clause]:
    held = _unsigned(held)
    text = " ".join(held)
    words = variants.dutch(words_of(text))
    if words or opener:
        first = 0 if opener else _first_name(held)  # behind a "dus" no sentence begins
        capitals = (part for part in held[first:] if part[:1].isupper())
        names = known.union(word for part in capitals for word in words_of(part))
        yield Clause(text, words, opener, names, quoted=any(mark in text for mark in _QUOTE_MARKS))


def _unsigned(held: list[str]) -> list[str]:
    """Without the name behind a closing word: "aanvaard gr stijn"; more than a name may well say something."""
    at = next((at for at, word in enumerate(held) if word.lower().strip(".!") in _SIGNED), len(held))
    return held[:at] if len(held) - at <= 3 else held


def _first_name(held: list[str]) -> int:
    """Where names may begin: at once in "Noor kan starten" and in a short signature, else at the second word."""
    subject = len(held) > 1 and held[1].lower() in _VERBS
    signature = len(held) <= 3 and all(part[:1].isupper() for part in held)
    return 0 if subject or signature else 1
