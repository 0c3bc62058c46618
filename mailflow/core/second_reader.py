"""What does a mail mean, by thousands of mails that people labelled by meaning?

Its text is cut in pieces (pieces.py), a small language model makes numbers of them that tell what they mean
(encoder.py), and those pull at the actions; learned by tests/answers/learn.py. It can always say which words weighed:
those without which it would be less sure. What may come of it is decided in two_readers.py.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

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
        parts = (texts[start : start + AT_ONCE] for start in range(0, len(texts), AT_ONCE))
        return [one for part in parts for one in self._some(part, role, asked)]

    def _some(self, texts: Sequence[str], role: str, asked: str | None) -> list[dict[str, float]]:
        before = [START, *self.pieces.of(f"{role} {asked or 'none'} :"), END]
        rows = self.pulls.of(self.encoder.meanings([self._cut(before, self.pieces.of(text)) for text in texts]))
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

    def _cut(self, before: Sequence[int], pieces: Sequence[int]) -> list[int]:
        """A long text without its middle: what somebody decides stands at the beginning or at the end."""
        room = self.encoder.longest - len(before) - 1
        if len(pieces) > room:
            pieces = [*pieces[: room - room // 2], *pieces[len(pieces) - room // 2 :]]
        return [*before, *pieces, END]
