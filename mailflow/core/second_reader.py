"""What does a mail mean, by thousands of mails that people labelled by meaning?

Its text is cut in pieces (pieces.py), a small language model makes numbers of them that tell what they mean
(encoder.py), and those pull at the actions; learned by tests/answers/learn.py. It can always say which words weighed:
those without which it would be less sure. What may come of it is decided in two_readers.py.
"""

import re
from collections.abc import Iterator, Sequence
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


@dataclass(frozen=True, eq=False)
class SecondReader:
    """What was learned."""

    actions: tuple[str, ...]
    pieces: Pieces
    encoder: Encoder
    pulls: Matrix
    """How much each number of a text pulls at each of *actions*."""

    def opinion(self, text: str, role: str, asked: str | None) -> dict[str, float]:
        """How likely each action is, from 0 to 1; together they are 1."""
        return self.opinions([text], role, asked)[0]

    def opinions(self, texts: Sequence[str], role: str, asked: str | None) -> list[dict[str, float]]:
        """The same of several texts."""
        return [_by_action(shares) for shares in self._shares(texts, role, asked)]

    def code(self, text: str, role: str, asked: str | None, action: str, certain: float) -> str:
        """The code that goes with *action* (how it turned out, until when), "" where none is certain."""
        start = action + CODED
        if not any(name.startswith(start) for name in self.actions):
            return ""
        (shares,) = self._shares([text], role, asked)
        certainly = (name for name, share in shares.items() if name.startswith(start) and share >= certain)
        return next(certainly, start).removeprefix(start)

    def _shares(self, texts: Sequence[str], role: str, asked: str | None) -> Iterator[dict[str, float]]:
        """By action and code."""
        for start in range(0, len(texts), AT_ONCE):
            yield from self._some(texts[start : start + AT_ONCE], role, asked)

    def _some(self, texts: Sequence[str], role: str, asked: str | None) -> list[dict[str, float]]:
        first, longest = self.pieces.of(before(role, asked)), self.encoder.longest
        rows = self.pulls.of(self.encoder.meanings([between(first, self.pieces.of(text), longest) for text in texts]))
        powers = np.exp(rows - rows.max(axis=-1, keepdims=True))
        shares = powers / powers.sum(axis=-1, keepdims=True)
        return [dict(zip(self.actions, map(float, row), strict=True)) for row in shares]

    def because(self, text: str, role: str, asked: str | None, action: str, most: int = 5) -> tuple[str, ...]:
        """The words without which *action* would be less likely, what it hangs on most first."""
        words = [*islice(WORD.finditer(text), MOST_WORDS)]
        whole, *without = self.opinions(
            [text, *(text[: one.start()] + text[one.end() :] for one in words)], role, asked
        )
        lost: dict[str, float] = {}
        for one, left in zip(words, without, strict=True):
            word = one[0].lower()
            lost[word] = max(lost.get(word, 0.0), whole[action] - left[action])
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


def _by_action(shares: dict[str, float]) -> dict[str, float]:
    """An action is as likely as all its codes together."""
    found: dict[str, float] = {}
    for name, share in shares.items():
        action, _, _ = name.partition(CODED)
        found[action] = found.get(action, 0.0) + share
    return found
