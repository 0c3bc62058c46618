"""A text cut in the pieces that the second reader knows: the words that are used most, and parts of the others.

The pieces and their weights are those of XLM-R (Conneau et al., 2020), cut as its unigram model does (Kudo, 2018):
of all ways to cut a word, the one whose pieces weigh most together.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

START, END, UNKNOWN = 0, 2, 3
"""The numbers of what stands before a text, behind it, and for a sign that is in no piece."""
MARK = "▁"
"""What a piece begins with that begins a word."""
MUCH = 10.0
"""How much less an unknown sign weighs than the lightest piece."""


@dataclass(frozen=True)
class Pieces:
    """What is known."""

    known: Mapping[str, int]
    """By piece its number."""
    weights: Sequence[float]
    """By number, the logarithm of how often the piece is used."""

    def of(self, text: str) -> list[int]:
        """The numbers of the pieces of *text*, one after the other."""
        words = unicodedata.normalize("NFKC", text).split()
        return [number for word in words for number in self._of_word(MARK + word)]

    def _of_word(self, word: str) -> list[int]:
        best = [0.0] + [float("-inf")] * len(word)
        last = [(0, UNKNOWN)] * (len(word) + 1)
        for start in range(len(word)):
            for end, number, weight in self._from(word, start):
                if best[start] + weight > best[end]:
                    best[end], last[end] = best[start] + weight, (start, number)
        found, end = [], len(word)
        while end:
            end, number = last[end]
            found.append(number)
        return found[::-1]

    def _from(self, word: str, start: int) -> Iterator[tuple[int, int, float]]:
        """Each piece that begins at *start*: where it ends, its number and its weight."""
        for end in range(start + 1, min(len(word), start + self._longest) + 1):
            if number := self.known.get(word[start:end]):
                yield end, number, self.weights[number]
        yield start + 1, UNKNOWN, self._unknown

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self.known), default=1)

    @cached_property
    def _unknown(self) -> float:
        return min(self.weights, default=0.0) - MUCH
