"""Dialect, chat, French and English, word by word in the Dutch that answers.toml is written in.

Only the words are put over, not their order: frames (frames.py) do not mind the order, and what stays unknown makes a
mail uncertain as any unknown word does.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

# A sentence is in another language when it holds so many words that only that language has; a short one needs one.
MARKS, MARKS_OF_SHORT, SHORT = 2, 1, 4
# Words that no other language here has: "sorry, geen match" is Dutch.
_DUTCH = frozenset({
    "geen", "niet", "een", "het", "voor", "van", "die", "dat", "dit", "wij", "hij", "ik", "maar", "met", "zijn", "op",
    "naar", "kan", "mag", "plaats", "bij", "ons", "wachtlijst", "volzet", "te", "hier", "dus", "ook", "jullie",
})  # fmt: skip
_SIGNS = re.compile(r"(=|\+|…|@\w+)")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
# French joins these to the next word: "l'équipe", "n'avons", "qu'il".
_ELIDED = frozenset({"l", "d", "j", "n", "c", "s", "qu", "m", "t"})


def words_of(text: str) -> tuple[str, ...]:
    """The words of *text* for comparison: lower case, no accents, no punctuation."""
    if text.isascii():  # as most words are: several times faster
        return tuple(_WORD.findall(text.lower()))
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").replace("‘", "'"))
    return tuple(_WORD.findall("".join(c for c in plain if not unicodedata.combining(c)).lower()))


@dataclass(frozen=True)
class Variants:
    """Other ways to write Dutch words: several words of theirs may be several of ours, or none."""

    into: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)

    def dutch(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """The same words as standard Dutch, the longest variant first."""
        return words if self._longest.keys().isdisjoint(words) else tuple(self._each(words))

    def standard(self, wording: str) -> str:
        """The same wording of answers.toml in standard Dutch: its "=", "+" and dots stay where they are."""
        if wording not in self._standard:  # the same wordings are asked for by each role
            parts = enumerate(_SIGNS.split(wording))  # every second one is a sign
            said = (part if place % 2 else " ".join(self.dutch(words_of(part))) for place, part in parts)
            standard = "".join(said)
            self._standard[wording] = wording if standard == wording else standard  # most are: one text, not two
        return self._standard[wording]

    @cached_property
    def _standard(self) -> dict[str, str]:
        """Wordings of answers.toml that were asked for before."""
        return {}

    @cached_property
    def _longest(self) -> Mapping[str, int]:
        """First word -> how many words its longest variant has: most words begin none."""
        longest: dict[str, int] = {}
        for words in self.into:
            longest[words[0]] = max(len(words), longest.get(words[0], 0))
        return longest

    def _each(self, words: tuple[str, ...]) -> Iterator[str]:
        at = 0
        while at < len(words):
            for size in range(min(self._longest.get(words[at], 0), len(words) - at), 0, -1):
                if (ours := self.into.get(words[at : at + size])) is not None:
                    yield from ours
                    at += size
                    break
            else:
                yield words[at]
                at += 1


@dataclass(frozen=True)
class Language:
    """Another language: the words that only it has, and its words as Dutch."""

    marks: frozenset[str]
    variants: Variants


@dataclass(frozen=True)
class Spelling:
    """Everything that puts a clause into standard Dutch."""

    dialect: Variants = field(default_factory=Variants)
    languages: tuple[Language, ...] = ()

    def of(self, words: tuple[str, ...]) -> Variants:
        """The variants for a sentence with these words: those of its language, else those of Dutch dialect."""
        needed = MARKS_OF_SHORT if len(words) <= SHORT else MARKS
        flat = [part for word in words for part in _apart(word)]
        counts = [(sum(word in one.marks for word in flat), one) for one in self.languages]
        most, language = max(counts, key=lambda count: count[0], default=(0, None))
        foreign = most >= needed and most > sum(word in _DUTCH for word in words)
        return _Apart(language.variants.into) if language and foreign else self.dialect


class _Apart(Variants):
    """Variants of a language that joins words with an apostrophe."""

    def dutch(self, words: tuple[str, ...]) -> tuple[str, ...]:
        return super().dutch(tuple(part for word in words for part in _apart(word)))


def _apart(word: str) -> tuple[str, ...]:
    head, mark, tail = word.partition("'")
    if head == "s" and tail in ("il", "ils"):
        return ("si", tail)
    return (tail,) if mark and head in _ELIDED else (word,)
