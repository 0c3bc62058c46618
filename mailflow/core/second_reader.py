"""Towards which action do the words of a mail weigh, by thousands of mails that people labelled by meaning?

Each mark of a mail (marks.py) pulls at some sixty inner sums, and those above zero pull at the actions: a neural
network with one layer between, learned by tests/answers/learn.py. It can always say which words weighed: those
without which it would be less sure. What may come of it is decided in two_readers.py.
"""

import gzip
import json
import math
import sys
from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import mul
from zlib import crc32

from mailflow.core.marks import NO_WORDS, marks_of, words_weighed
from mailflow.core.statements import Heard

CERTAIN, DOUBTFUL = 0.6, 0.2
"""From which likelihood on it may tell what no wording knows; below which it doubts what a wording says."""


@dataclass(frozen=True)
class SecondReader:
    """What was learned. A mark is known by the CRC-32 of its UTF-8: the marks themselves would take three times the
    room, and those of a mail are at hand when it is asked why."""

    actions: tuple[str, ...]
    concepts: Mapping[str, str]
    """By word in standard Dutch, what it has in common with others."""
    marks: bytes
    """The CRC-32 of each mark that is known, ascending, four bytes each with the lowest first."""
    pulls: bytes
    """For each of *marks*, in the same order: one signed byte per inner sum."""
    scale: float
    """A pull of 1 is kept as so much."""
    inner: tuple[float, ...]
    """Where each inner sum starts."""
    outer: tuple[tuple[float, ...], ...]
    """For each action, how much each inner sum pulls at it."""
    biases: tuple[float, ...]
    """Where each action starts."""

    def opinion(self, said: Heard, role: str, asked: str | None) -> dict[str, float]:
        """How likely each action is, from 0 to 1; together they are 1."""
        return self._weighed(words_weighed(said), role, asked)

    def because(self, said: Heard, role: str, asked: str | None, action: str, most: int = 5) -> tuple[str, ...]:
        """The words without which *action* would be less likely, first what it hangs on most."""
        words = words_weighed(said)
        whole = self._weighed(words, role, asked)[action]
        lost = {
            word: whole - self._weighed([one for one in words if one != word], role, asked)[action]
            for word in dict.fromkeys(words)
            if word not in NO_WORDS
        }
        return tuple(word for word in sorted(lost, key=lambda one: -lost[one])[:most] if lost[word] > 0)

    def _weighed(self, words: Sequence[str], role: str, asked: str | None) -> dict[str, float]:
        alike: dict[float, list[memoryview]] = {}
        for mark, value in marks_of(words, role, asked, self.concepts).items():
            if pulls := self._pulls_of(mark):
                alike.setdefault(value, []).append(pulls)
        inner: Sequence[float] = self.inner
        for value, rows in alike.items():  # nearly all marks weigh the same: their whole numbers are added first
            factor = value / self.scale
            columns = map(sum, zip(*rows, strict=True))
            inner = [so_far + column * factor for so_far, column in zip(inner, columns, strict=True)]
        above = [max(0.0, one) for one in inner]
        sums = [bias + sum(map(mul, above, row)) for bias, row in zip(self.biases, self.outer, strict=True)]
        most = max(sums)
        powers = [math.exp(one - most) for one in sums]
        whole = sum(powers)
        return {action: power / whole for action, power in zip(self.actions, powers, strict=True)}

    def _pulls_of(self, mark: str) -> memoryview | None:
        code = crc32(mark.encode())
        place = bisect_left(self._codes, code)
        if place == len(self._codes) or self._codes[place] != code:
            return None
        width = len(self.inner)
        return self._signed[place * width : (place + 1) * width]

    @cached_property
    def _codes(self) -> "array[int]":
        codes = array("I", self.marks)
        if sys.byteorder == "big":  # pragma: no cover - the bytes are kept lowest first
            codes.byteswap()
        return codes

    @cached_property
    def _signed(self) -> memoryview:
        return memoryview(self.pulls).cast("b")


_TOLD = ("actions", "concepts", "scale", "inner", "outer", "biases")


def kept(reader: SecondReader) -> bytes:
    """What was learned, as it lies in a file: the same bytes for the same reader."""
    head = {key: getattr(reader, key) for key in _TOLD} | {"marks": len(reader.marks) // 4}
    told = json.dumps(head, ensure_ascii=False, sort_keys=True).encode()
    return gzip.compress(told + b"\n" + reader.marks + reader.pulls, mtime=0)


def read_back(content: bytes) -> SecondReader:
    """What was learned, from such a file; ValueError when it is none."""
    try:
        head, _, rest = gzip.decompress(content).partition(b"\n")
        told = json.loads(head)
        known = 4 * told["marks"]
        reader = SecondReader(
            actions=tuple(told["actions"]),
            concepts=told["concepts"],
            marks=rest[:known],
            pulls=rest[known:],
            scale=told["scale"],
            inner=tuple(told["inner"]),
            outer=tuple(map(tuple, told["outer"])),
            biases=tuple(told["biases"]),
        )
    except (OSError, EOFError, KeyError, TypeError) as fault:
        raise ValueError("these are no weights of a second reader") from fault
    widths = {len(row) for row in reader.outer} | {len(reader.inner)}
    whole = len(reader.pulls) == len(reader.marks) // 4 * len(reader.inner) and len(reader.marks) == known
    if not whole or len(widths) != 1 or not len(reader.outer) == len(reader.biases) == len(reader.actions):
        raise ValueError("these weights of a second reader are cut off")
    return reader


def thresholds_in(table: object, problems: list[str]) -> tuple[float, float]:
    """*certain* and *doubtful* of [second_reader] in answers.toml; what is wrong with it is added to *problems*."""
    given = table if isinstance(table, Mapping) else {}
    if given is not table:
        problems.append("second_reader: must be a table")
    problems += [f"second_reader.{key}: unknown key" for key in given if key not in ("certain", "doubtful")]
    return _share(given, "certain", CERTAIN, problems), _share(given, "doubtful", DOUBTFUL, problems)


def _share(given: Mapping[str, object], key: str, otherwise: float, problems: list[str]) -> float:
    value = given.get(key, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        problems.append(f"second_reader.{key}: must be a number from 0 to 1")
        return otherwise
    return float(value)
