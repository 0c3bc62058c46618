"""What does a mail mean, by thousands of mails that people labelled by meaning?

Its text is cut in pieces (pieces.py), a small language model makes numbers of them that tell what they mean
(encoder.py), and those pull at the actions; learned by tests/answers/learn.py. It can always say which words weighed:
those without which it would be less sure. What may come of it is decided in two_readers.py.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from mailflow.core.certainty import CODED
from mailflow.core.encoder import Encoder, Matrix
from mailflow.core.pieces import END, START, Pieces

AT_ONCE = 16
"""So many texts are read together: more take memory and no less time."""
MOST_WORDS = 40
WORD = re.compile(r"\w+(?:['’-]\w+)*")


@dataclass(frozen=True)
class Opinion:
    """What one mail may mean."""

    likely: Mapping[str, float]
    """How likely each action is, from 0 to 1; together they are 1."""
    likely_with_code: Mapping[str, float]
    """The same of those that have a code (how it turned out, until when): "outcome:goal_reached"."""

    @property
    def likeliest(self) -> str:
        """The likeliest action."""
        return max(self.likely, key=lambda action: self.likely[action])

    def code(self, action: str, certain: float) -> str:
        """The code that goes with *action*, "" where none is certain."""
        start = action + CODED
        certainly = (name for name, share in self.likely_with_code.items() if share >= certain)
        return next((name for name in certainly if name.startswith(start)), start).removeprefix(start)


@dataclass(frozen=True, eq=False)
class SecondReader:
    """What was learned."""

    actions: tuple[str, ...]
    pieces: Pieces
    encoder: Encoder
    pulls: Matrix
    """How much each number of a text pulls at each of *actions*."""

    def opinion(self, text: str, role: str, asked: str | None) -> Opinion:
        """What *text* may mean, written by *role*, to whom our last question offered *asked* for a yes."""
        return self.opinions([text], role, asked)[0]

    def opinions(self, texts: Sequence[str], role: str, asked: str | None) -> list[Opinion]:
        """The same of several texts."""
        starts = range(0, len(texts), AT_ONCE)
        return [one for start in starts for one in self._some(texts[start : start + AT_ONCE], role, asked)]

    def _some(self, texts: Sequence[str], role: str, asked: str | None) -> list[Opinion]:
        first, longest = self.pieces.of(before(role, asked)), self.encoder.longest
        rows = self.pulls.of(self.encoder.meanings([between(first, self.pieces.of(text), longest) for text in texts]))
        powers = np.exp(rows - rows.max(axis=-1, keepdims=True))
        shares = powers / powers.sum(axis=-1, keepdims=True)
        return [_opinion(dict(zip(self.actions, map(float, row), strict=True))) for row in shares]

    def because(self, text: str, role: str, asked: str | None, action: str, most: int = 5) -> tuple[str, ...]:
        """The words without which *action* would be less likely, what it hangs on most first."""
        words = [*islice(WORD.finditer(text), MOST_WORDS)]
        whole, *without = self.opinions(
            [text, *(text[: one.start()] + text[one.end() :] for one in words)], role, asked
        )
        lost: dict[str, float] = {}
        for one, left in zip(words, without, strict=True):
            word = one[0].lower()
            lost[word] = max(lost.get(word, 0.0), whole.likely[action] - left.likely[action])
        return tuple(word for word in sorted(lost, key=lambda one: -lost[one])[:most] if lost[word] > 0)


def before(role: str, asked: str | None) -> str:
    """What is read before the text: who writes it, and what our last question offered for a yes."""
    return f"{role} {asked or 'none'} :"


def between(first: Sequence[int], pieces: Sequence[int], longest: int) -> list[int]:
    """A text behind what is read before it; a long one without its middle.

    What somebody decides stands at the beginning or at the end.
    """
    room = longest - len(first) - 3
    if len(pieces) > room:
        pieces = [*pieces[: room - room // 2], *pieces[len(pieces) - room // 2 :]]
    return [START, *first, END, *pieces, END]


def _opinion(shares: Mapping[str, float]) -> Opinion:
    """An action is as likely as all its codes together."""
    likely: dict[str, float] = {}
    for name, share in shares.items():
        action, _, _ = name.partition(CODED)
        likely[action] = likely.get(action, 0.0) + share
    return Opinion(likely, {name: share for name, share in shares.items() if CODED in name})
