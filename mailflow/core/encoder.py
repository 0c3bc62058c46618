"""From the pieces of a text to numbers that tell what it means: the lower layers of multilingual-e5-small.

That is a transformer encoder (Vaswani et al., 2017; Wang et al., 2024, MIT licence) which learned from texts in a
hundred languages that "plek", "plaats" and "place" are alike and what a "niet" belongs to. Weights are whole numbers
from -127 to 127 with a scale per column, so that they take a quarter of the room.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
SMALL = np.float32(1e-12)
HALF, SLOPE, BEND = np.float32(0.5), np.float32(np.sqrt(2 / np.pi)), np.float32(0.044715)
HEADS = 12


@dataclass(frozen=True, eq=False)
class Matrix:
    """Weights between a row of numbers and the next."""

    weights: NDArray[np.int8]
    """What comes in, by what goes out."""
    scale: Floats
    """By what goes out, how much a weight of 1 is."""
    start: Floats
    """What goes out when nothing comes in."""

    def of(self, rows: Floats) -> Floats:
        """The next numbers of each row."""
        out: Floats = rows @ self.weights.astype(np.float32)
        return out * self.scale + self.start


@dataclass(frozen=True, eq=False)
class Norm:
    """Brings each row to one middle and one spread."""

    scale: Floats
    start: Floats

    def of(self, rows: Floats) -> Floats:
        """The same rows, alike."""
        rows = rows - rows.mean(axis=-1, keepdims=True)
        spread: Floats = np.sqrt((rows * rows).mean(axis=-1, keepdims=True) + SMALL)
        return rows / spread * self.scale + self.start


@dataclass(frozen=True, eq=False)
class Layer:
    """Each piece looks at the others of its text, and thinks."""

    looks: Matrix
    """What it asks, what it answers, what it tells: three numbers of each place after one another."""
    hears: Matrix
    heard: Norm
    widens: Matrix
    narrows: Matrix
    thought: Norm


@dataclass(frozen=True, eq=False)
class Encoder:
    """What was learned."""

    pieces: NDArray[np.int8]
    """By piece, its numbers before anything around it is seen."""
    scale: Floats
    """By piece, how much a number of 1 is."""
    places: Floats
    """What is added for the place in the text."""
    first: Norm
    layers: tuple[Layer, ...]

    @property
    def longest(self) -> int:
        """So many pieces a text may have."""
        return len(self.places)

    def meanings(self, texts: Sequence[Sequence[int]]) -> Floats:
        """Per text, by the numbers of its pieces: the middle of what its pieces came to mean, then its first piece."""
        ends = np.cumsum([0, *map(len, texts)])
        numbers = np.concatenate([np.asarray(text, np.int64) for text in texts])
        places = np.concatenate([self.places[: len(text)] for text in texts])
        rows = self.first.of(self.pieces[numbers].astype(np.float32) * self.scale[numbers, None] + places)
        spans = [slice(start, end) for start, end in pairwise(ends.tolist())]
        for layer in self.layers:
            told = np.concatenate([_told(part) for part in np.split(layer.looks.of(rows), ends[1:-1])])
            rows = layer.heard.of(rows + layer.hears.of(told))
            rows = layer.thought.of(rows + layer.narrows.of(_bent(layer.widens.of(rows))))
        return np.stack([np.concatenate([rows[span].mean(axis=0), rows[span.start]]) for span in spans])


def _told(looks: Floats) -> Floats:
    """What each piece of one text hears of the others: most from those that answer to what it asks."""
    length, width = len(looks), looks.shape[1] // 3
    asks, answers, tells = looks.reshape(length, 3, HEADS, width // HEADS).transpose(1, 2, 0, 3)
    alike: Floats = asks @ answers.transpose(0, 2, 1) / np.float32(np.sqrt(width // HEADS))
    powers = np.exp(alike - alike.max(axis=-1, keepdims=True))
    shares = powers / powers.sum(axis=-1, keepdims=True)
    heard: Floats = shares @ tells
    return heard.transpose(1, 0, 2).reshape(length, width)


def _bent(rows: Floats) -> Floats:
    """GELU (Hendrycks and Gimpel, 2016), by its tanh."""
    share: Floats = np.tanh(SLOPE * (rows + BEND * rows * rows * rows))
    return rows * (share + 1) * HALF
