"""What is said in whatever order: a frame is a subject, a verb and an object, each out of a list of words.

"Wij nemen hem op", "hem nemen we graag op" and "we hebben beslist om Jef op te nemen" are one frame: who (the
provider), whom (the pupil), and a verb of taking on. Phrases (lexicon.py) name an order; a frame names only what must
be there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from mailflow.core.clauses import Clause
from mailflow.core.spelling import words_of

NAME = "@naam"
"""Stands in a slot for any name: a word with a capital, or a name of the case."""
SUBJECT = "aanbieder"
"""The slot that a clause may take from the one before it: "we kennen hem en nemen hem op"."""
PUPIL = "leerling"
# How many words that we do not know a frame bears for each slot beyond its first.
BEARS = 2
# An unknown word behind these may be what the verb is about: "we nemen haar op in de nieuwsbrief".
_TURNS = frozenset({"in", "aan", "over", "onder", "door", "bij"})
_TURNS_WITHOUT_PUPIL = _TURNS | {"met", "voor", "van", "op"}
_BETWEEN = frozenset({"de", "het", "een", "jullie", "je", "zijn", "haar", "hun", "die", "deze", "dit", "nieuwe"})


@dataclass(frozen=True)
class Option:
    """One way to fill a slot: words in a row ("aan de slag"), or in any order ("neem+op")."""

    words: tuple[str, ...]
    row: bool


@dataclass(frozen=True)
class Frame:
    """Slots by name that must all be filled in one clause; nothing of *without* may stand in it."""

    meaning: str
    code: str
    needs: tuple[str, ...]
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Filled:
    """A frame that was found: at which words, and how many strange ones it bears."""

    frame: Frame
    at: tuple[int, ...]
    bears: int
    pupil: bool
    """It names the pupil."""


@dataclass(frozen=True)
class Frames:
    """The frames of one role with the words of their slots."""

    frames: tuple[Frame, ...]
    slots: Mapping[str, tuple[Option, ...]]
    firsts: frozenset[str] = frozenset()
    """Verbs that begin a clause whose subject is left out: "Nemen hem graag op"."""

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of a slot."""
        return frozenset(word for options in self.slots.values() for option in options for word in option.words)

    def filled(
        self, clause: Clause, words: list[str], *, goes_on: bool, idle: frozenset[str], known: frozenset[str]
    ) -> list[Filled]:
        """The frames that this clause fills.

        *goes_on*: the clause before it named the subject. *idle* are greetings, *known* words are no names.
        """
        first = next((word for word in words if word not in idle), "")
        implied = goes_on or first in self.firsts
        names = names_in(clause, known)
        at = self._places(words, names)
        there = {*at, SUBJECT} if implied else {*at}
        found = []
        for frame in self.frames:
            if not there.issuperset(frame.needs) or not at.keys().isdisjoint(frame.without):
                continue
            if places := _fill(frame, at, implied=implied):
                found.append(Filled(frame, places, _bears(frame), PUPIL in frame.needs))
        return found

    @cached_property
    def _by_word(self) -> Mapping[str, Sequence[tuple[str, int, Option]]]:
        """First word -> slot, number and option: of thousands only those that can be there are looked at."""
        index: dict[str, list[tuple[str, int, Option]]] = {}
        for name, options in self.slots.items():
            for number, option in enumerate(options):
                index.setdefault(option.words[0], []).append((name, number, option))
        return index

    def _places(self, words: list[str], names: frozenset[str]) -> Mapping[str, Sequence[tuple[int, ...]]]:
        """Where the options of each slot stand that is filled, in their own order."""
        there = {*words, NAME}
        able: dict[str, dict[int, tuple[int, ...]]] = {}
        for word in there:
            for name, number, option in self._by_word.get(word, ()):
                if option.words[-1] in there and (places := _found(option, words, names)):
                    able.setdefault(name, {})[number] = places
        return {name: [places for _, places in sorted(found.items())] for name, found in able.items()}


NO_FRAMES = Frames((), {})


def names_in(clause: Clause, known: frozenset[str]) -> frozenset[str]:
    """The names of a clause; its first word is one when it has a capital and is no word of ours."""
    first = clause.words[:1] if clause.text[:1].isupper() else ()
    return clause.names.union(first) - known


def strange_object(clause: Clause, words: list[str], unknown: Iterable[int], *, pupil: bool) -> bool:
    """Does an unknown word stand where it may change what the verb is about?"""
    turns = _TURNS if pupil else _TURNS_WITHOUT_PUPIL
    for place in unknown:
        before = place - 1
        while before >= 0 and (words[before] in _BETWEEN or words[before] in clause.names):
            before -= 1
        if before >= 0 and words[before] in turns:
            return True
        if "door" in words[:place]:
            return True
    return False


@lru_cache(maxsize=16_384)  # as the patterns of lexicon.py
def option_of(text: str) -> Option:
    """From how configuration writes it: "neem+op", "aan de slag"."""
    if NAME in text:
        parts = text.replace(NAME, f" {NAME} ").split()
        return Option(tuple(word for part in parts for word in ((NAME,) if part == NAME else words_of(part))), row=True)
    if "+" in text:
        return Option(tuple(word for part in text.split("+") for word in words_of(part)), row=False)
    return Option(words_of(text), row=True)


def _bears(frame: Frame) -> int:
    """How many strange words may stand beside it: many when it says who does what with whom, none when it says less."""
    return BEARS * (len(frame.needs) - 1) if PUPIL in frame.needs else len(frame.needs) - 2


def _fill(frame: Frame, at: Mapping[str, Sequence[tuple[int, ...]]], *, implied: bool) -> tuple[int, ...]:
    """The places of every slot, the slots of more words first; () when one stays empty."""
    taken: set[int] = set()
    for name in frame.needs:
        places = max((one for one in at.get(name, ()) if not taken.intersection(one)), key=len, default=None)
        if places is None:
            if name == SUBJECT and implied:
                continue
            return ()
        taken.update(places)
    return tuple(sorted(taken))


def _found(option: Option, words: list[str], names: frozenset[str]) -> tuple[int, ...]:
    if option.words == (NAME,):
        return next(((at,) for at, word in enumerate(words) if word in names), ())
    if not option.row or len(option.words) == 1:
        if not all(word in words for word in option.words):
            return ()
        return tuple(sorted(words.index(word) for word in option.words))
    size = len(option.words)
    starts = (at for at, word in enumerate(words) if word == option.words[0])
    return next((tuple(range(at, at + size)) for at in starts if _same(option.words, words[at : at + size], names)), ())


def _same(row: tuple[str, ...], words: list[str], names: frozenset[str]) -> bool:
    """Does *row* stand there, with any name for @naam: "gestart met @naam"?"""
    return len(row) == len(words) and all(
        word in names if wanted == NAME else word == wanted for wanted, word in zip(row, words, strict=True)
    )
