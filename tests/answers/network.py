"""Learning the network of the second reader, with numpy: one layer between marks and actions, learned with dropout.

Adam (Kingma and Ba, 2015) on the rows that a step touches; marks and inner sums are left out by chance (dropout:
Srivastava et al., 2014), and no label counts as wholly sure (label smoothing), so that what is likely is what is right.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Manner:
    """How it is learned; found by leaving files out."""

    inner: int = 64
    rounds: int = 10
    step: float = 2e-3
    marks_left_out: float = 0.15
    inner_left_out: float = 0.3
    unsure: float = 0.1
    at_once: int = 64
    start: float = 0.05


@dataclass
class Network:
    """Pulls of marks at inner sums and of those at actions, with where each starts."""

    pulls: Floats
    inner: Floats
    outer: Floats
    biases: Floats


class _Adam:
    def __init__(self, value: Floats) -> None:
        self.value, self.mean, self.spread = value, np.zeros_like(value), np.zeros_like(value)

    def step(self, slope: Floats, size: float, time: int, rows: object = ...) -> None:
        mean = self.mean[rows] = 0.9 * self.mean[rows] + 0.1 * slope
        spread = self.spread[rows] = 0.999 * self.spread[rows] + 0.001 * slope * slope
        self.value[rows] -= size * (mean / (1 - 0.9**time)) / (np.sqrt(spread / (1 - 0.999**time)) + 1e-8)


def learned(marks: csr_matrix, labels: NDArray[np.int64], actions: int, manner: Manner, seed: int = 1) -> Network:
    """From a row of marks and a label per mail; the same for the same seed."""
    chance = np.random.default_rng(seed)
    count, known = marks.shape
    flat = np.sqrt(6 / (manner.inner + actions))
    net = Network(
        chance.uniform(-manner.start, manner.start, (known, manner.inner)).astype(np.float32),
        np.zeros(manner.inner, np.float32),
        chance.uniform(-flat, flat, (manner.inner, actions)).astype(np.float32),
        np.zeros(actions, np.float32),
    )
    pulls, inner, outer, biases = map(_Adam, (net.pulls, net.inner, net.outer, net.biases))
    wanted = np.full((count, actions), manner.unsure / actions, np.float32)
    wanted[np.arange(count), labels] += 1 - manner.unsure
    time, steps = 0, manner.rounds * -(-count // manner.at_once)
    for _ in range(manner.rounds):
        order = chance.permutation(count)
        for start in range(0, count, manner.at_once):
            time += 1
            mails = order[start : start + manner.at_once]
            some = marks[mails]
            stay = chance.random(some.nnz) >= manner.marks_left_out
            rows, places = np.unique(some.indices, return_inverse=True)
            data = (some.data * stay / (1 - manner.marks_left_out)).astype(np.float32)
            batch = csr_matrix((data, places, some.indptr), shape=(len(mails), len(rows)))
            sums = batch @ net.pulls[rows] + net.inner
            passing = (chance.random(sums.shape) >= manner.inner_left_out) / (1 - manner.inner_left_out) * (sums > 0)
            above = (sums * passing).astype(np.float32)
            wrong = (_shares(above @ net.outer + net.biases) - wanted[mails]) / len(mails)
            back = ((wrong @ net.outer.T) * passing).astype(np.float32)
            size = manner.step * (1 - 0.95 * time / steps)
            outer.step(above.T @ wrong, size, time)
            biases.step(wrong.sum(0), size, time)
            inner.step(back.sum(0), size, time)
            pulls.step(batch.T @ back, size, time, rows)
    return net


def _shares(sums: Floats) -> Floats:
    powers = np.exp(sums - sums.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)
