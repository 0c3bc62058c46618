"""What somebody wrote, without whoever it is about: what is or may be a name, number or date of a person is left out.

Rather a word too many than a name too few: the writer reads what is left, and can write it again in other words.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mailflow.core.checks import REGIONS
from mailflow.core.rules import Rules
from mailflow.core.spelling import words_of

LEFT_OUT = "[…]"
LONGEST = 2000
"""Characters of what somebody wrote that are kept."""
LONG_PLURAL = 8
"""A word of so many letters that begins a sentence and ends as a plural is hardly a name: "Wachtlijsten"."""
_SURE = re.compile(
    r"[\w.+-]{1,64}@[\w.-]{1,200}\w"  # an address
    r"|(?:https?://|www\.)\S{1,300}"
    r"|\[?\bMSI-\d{4}-\d{4,7}\b\]?"
    r"|\b\d{2}[.\- ]?\d{2}[.\- ]?\d{2}[.\- ]?\d{3}[.\- ]?\d{2}\b"  # a register number
    r"|(?<!\w)(?:\+|00)?\d(?:[ ./-]?\d){7,13}\b"  # a phone number
    r"|\b\d{1,2}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?(?:\d{4}|\d{2})\b"
    r"|\b\d{1,2}\s(?:januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december)(?:\s\d{4})?\b"
    r"|\b(?:[A-Z]\.){2,4}",  # initials
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_BEGINS = re.compile(r"(?:^|[.!?:\n•*\-–\"“(]\s{0,8})$")
_ORDINARY = """
clb clb's naft naft's go okan buso baso so bao buo dbso vbo ahv si caw vaph ocmw ggz hca adhd ass okra lop
vlaanderen vlaams vlaamse vlaams-brabant brabant brussel nederlands nederlandse franse frans engels europa meldpunt
januari februari maart april mei juni juli augustus september oktober november december maandag dinsdag woensdag
donderdag vrijdag zaterdag zondag kerst pasen krokus herfst covid
"""
_BEGINNINGS = """
de het een er dit dat deze die wij we ik jullie hij zij ze men je u ons onze hun voor van in op met bij door na als
wanneer waarom hoe wat wie waar welke omdat doordat sinds steeds nog al ook maar en of dus want toch te veel weinig
sommige alle elke elk geen niet meer minder tijdens volgens vanuit zonder over onder om naar aan uit tot kunnen kan
moet moeten zou zouden is zijn was waren wordt worden werd blijft blijven komt komen gaat gaan heeft hebben graag
misschien vaak soms nooit altijd telkens vandaag momenteel intussen ondertussen goed scholen school ouders ouder
leerling leerlingen leerkracht jongeren kinderen kind kleuters aanbieders aanbieder wachtlijst wachttijd wachttijden
aanbod vraag vragen nood noden tekort gebrek probleem signaal knelpunt knelpunten collega collega's gezinnen gezin
vervoer samenwerking dank bedankt dag beste hallo groeten mvg ps hierdoor daardoor daarnaast bovendien tegelijk
enkel alleen vooral zeker eerst dan nu daar hier beide andere anders lagere middelbaar secundair basisonderwijs
buitengewoon gewoon onderwijs zorg hulp opvang begeleiding trajecten
"""
ORDINARY, BEGINNINGS = frozenset(_ORDINARY.split()), frozenset(_BEGINNINGS.split())
"""Words with a capital that name nobody; and words that begin a sentence, where any word has one."""


@dataclass(frozen=True)
class Anonymous:
    """*text* without whoever it is about; how many words and numbers were left out, and how many are left."""

    text: str
    left_out: int
    left: int

    @property
    def tells(self) -> bool:
        """Whether enough is left to be understood."""
        return self.left >= 3 and self.left > self.left_out


def anonymous(written: str, rules: Rules, people: Iterable[str] = ()) -> Anonymous:
    """What *written* says without its people; *people* are names (lower case) that are known to be of some."""
    known, names = _known(rules), frozenset(people)
    text, out = _SURE.subn(LEFT_OUT, written.strip()[:LONGEST])
    kept, left, at = [], 0, 0
    for found in _WORD.finditer(text):
        kept.append(text[at : found.start()])
        at, word = found.end(), found[0]
        if _is_of_a_person(word, text[: found.start()], known, names):
            kept.append(LEFT_OUT)
            out += 1
        else:
            kept.append(word)
            left += 1
    return Anonymous(re.sub(r"(?:\[…\][ ,]*){2,}", f"{LEFT_OUT} ", "".join((*kept, text[at:]))).strip(), out, left)


def _is_of_a_person(word: str, before: str, known: frozenset[str], names: frozenset[str]) -> bool:
    plain = word.casefold().replace("’", "'").rstrip("'-")
    if plain in names or plain.removesuffix("'s") in names or (plain[-1:] == "s" and plain[:-1] in names):
        return True
    if not word[0].isupper() or all(part in known for part in plain.split("-")):
        return False
    if _BEGINS.search(before[-8:]):
        plural = len(plain) >= LONG_PLURAL and plain.endswith(("en", "ingen", "ties", "heid")) and plain[-3:] != "ien"
        return not (plain in BEGINNINGS or plural)
    return True


def _known(rules: Rules) -> frozenset[str]:
    """Words with a capital that name no person: providers, CLBs, places."""
    named = [*(name for one in rules.providers.values() for name in (one.name, *one.synonyms))]
    named += [clb.name for clb in rules.clbs]
    named += [place.municipality for place in rules.places]
    return ORDINARY | {
        part for name in (*named, *REGIONS.values()) for word in words_of(name) for part in word.split("-")
    }
