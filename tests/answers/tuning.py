"""Learning the upper layers of a language model for the second reader, with jax.

Mails of about the same length are learned together; Adam (Kingma and Ba, 2015) with weight decay, dropout (Srivastava
et al., 2014), and no label counts as wholly sure (label smoothing), so that what is likely is what is right.
"""

import math
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from model import Model, installed
from wordfreq import top_n_list

from mailflow.core.encoder import HEADS, Layer, Matrix, Norm
from mailflow.core.pieces import MARK, UNKNOWN, Pieces
from mailflow.core.second_reader import SecondReader, before, between

jax.config.update("jax_default_prng_impl", "rbg")  # chance costs more than learning otherwise

LAYERS, LEFT_ALONE = 8, 4
"""So many layers of the model are taken, and so many of them stay as they are."""
ROUNDS, STEP = 5, 2e-4
"""So often every mail is learned from, and so far a step goes at most, from the model as it came."""
ROUNDS_ON, STEP_ON = 2, 2e-4
"""The same, from weights that know most of these mails."""
HEAD_STEP = 10
"""The pulls at the actions start from nothing and go ten times as far."""
WARM_UP = 0.06
AT_ONCE = 32
LEFT_OUT = 0.1
UNSURE = 0.05
FADES = 0.01
LONGEST = 96
"""Pieces of a mail that is learned from."""
LENGTHS = (16, 20, 24, 28, 32, 40, 48, 64, LONGEST)
LONGEST_KEPT = 256
"""Pieces of a mail that is read later."""
COMMON = {"nl": 100_000, "en": 10_000, "fr": 10_000}
"""Of these languages so many words are known by their pieces; all others by letters."""
SHORT = re.compile(rf"{MARK}?[!-\u024f]{{1,2}}")
"""Pieces that are kept whatever is common, so that any word can be cut."""
MATRICES = ("looks", "hears", "widens", "narrows")
Params = dict[str, Any]


@dataclass(frozen=True)
class Lesson:
    """A mail, and what it means."""

    text: str
    role: str
    asked: str | None
    label: str


def learned_files(file: Path) -> frozenset[str]:
    """The files of mails that these weights learned from."""
    with np.load(file, allow_pickle=False) as arrays:
        return frozenset(bytes(arrays["learned"]).decode().split()) if "learned" in arrays else frozenset()


def learned(lessons: Sequence[Lesson], file: Path, on_from: SecondReader | None, files: Sequence[str]) -> None:
    """Learn from these, which stand in *files*, and write into *file* what mailflow/configuration/weights.py reads.

    From what *on_from* knows, or from the model as it came.
    """
    model = installed()
    numbers, pieces = _known(model, lessons, on_from)
    actions = sorted({one.label for one in lessons})
    rows = [_cut(pieces, one) for one in lessons]
    words = model.words[numbers]
    places = (model.row("emb.pos").reshape(-1, model.width) + model.row("emb.type")[: model.width])[:LONGEST_KEPT]
    first = {"scale": model.row("emb.ln.w"), "start": model.row("emb.ln.b")}
    low = [model.layer(number) for number in range(LEFT_ALONE)]
    high = [model.layer(number) for number in range(LEFT_ALONE, LAYERS)]
    if on_from:
        high = [_weights_of(layer) for layer in on_from.encoder.layers[LEFT_ALONE:]]
    start = {"layers": high, **_pulls(actions, 2 * model.width, on_from)}
    below = _below(rows, words, places, first, low)
    labels = np.array([actions.index(one.label) for one in lessons])
    rounds, step = (ROUNDS_ON, STEP_ON) if on_from else (ROUNDS, STEP)
    params = _rounds(below, labels, len(actions), start, rounds, step)
    arrays = {
        "known": np.frombuffer(
            "\n".join([*[""] * (UNKNOWN + 1), *(model.pieces[n] for n in numbers[4:])]).encode(), np.uint8
        ),
        "often": np.array([model.often[n] for n in numbers], np.float32),
        "actions": np.frombuffer(" ".join(actions).encode(), np.uint8),
        "learned": np.frombuffer(" ".join(files).encode(), np.uint8),
        "layers": np.array(LAYERS),
        "places": places,
        "first.scale": first["scale"],
        "first.start": first["start"],
        **_small("pulls", params),
    }
    scale = np.abs(words).max(1) / 127
    arrays |= {"pieces": np.rint(words / scale[:, None]).astype(np.int8), "scale": scale.astype(np.float32)}
    for number, layer in enumerate([*low, *params["layers"]]):
        for name in MATRICES:
            arrays |= {f"{number}.{key}": value for key, value in _small(name, layer).items()}
        arrays |= {f"{number}.{key}": np.asarray(layer[key]) for key in layer if key.startswith(("heard", "thought"))}
    np.savez(file, **arrays)


def _known(model: Model, lessons: Sequence[Lesson], on_from: SecondReader | None) -> tuple[list[int], Pieces]:
    """The numbers in the model of the pieces that are kept, and the pieces by their new numbers."""
    every = Pieces({piece: n for n, piece in enumerate(model.pieces) if n > UNKNOWN}, model.often)
    texts = [word for language, most in COMMON.items() for word in top_n_list(language, most)]
    texts += [word.capitalize() for word in texts]
    texts += [text for one in lessons for text in (one.text, before(one.role, one.asked))]
    used = {number for text in texts for number in every.of(text)}
    used |= {n for n, piece in enumerate(model.pieces) if n > UNKNOWN and SHORT.fullmatch(piece)}
    known = on_from.pieces.known if on_from else {}
    used |= {n for n, piece in enumerate(model.pieces) if n > UNKNOWN and piece in known}
    numbers = [*range(UNKNOWN + 1), *sorted(used - {*range(UNKNOWN + 1)})]
    kept = {model.pieces[old]: new for new, old in enumerate(numbers) if new > UNKNOWN}
    return numbers, Pieces(kept, [model.often[old] for old in numbers])


def _cut(pieces: Pieces, one: Lesson) -> list[int]:
    return between(pieces.of(before(one.role, one.asked)), pieces.of(one.text), LONGEST)


def _weights_of(layer: Layer) -> Params:
    """As they were learned, but for what was rounded off."""
    found: Params = {}
    for name in MATRICES:
        matrix: Matrix = getattr(layer, name)
        found |= {f"{name}.weights": matrix.weights * matrix.scale, f"{name}.start": matrix.start}
    for name in ("heard", "thought"):
        norm: Norm = getattr(layer, name)
        found |= {f"{name}.scale": norm.scale, f"{name}.start": norm.start}
    return found


def _pulls(actions: Sequence[str], width: int, known: SecondReader | None) -> Params:
    """At each of *actions*: those that are known, hardly any at the others."""
    weights = np.random.default_rng(1).normal(0, 0.02, (width, len(actions))).astype(np.float32)
    start = np.zeros(len(actions), np.float32)
    for old, action in enumerate(known.actions if known else ()):
        if action in actions:
            new = actions.index(action)
            weights[:, new] = known.pulls.weights[:, old] * known.pulls.scale[old]
            start[new] = known.pulls.start[old]
    return {"pulls.weights": weights, "pulls.start": start}


def _small(name: str, layer: Params) -> Params:
    """Weights as whole numbers from -127 to 127."""
    weights = np.asarray(layer[f"{name}.weights"])
    scale = np.maximum(np.abs(weights).max(0) / 127, 1e-9).astype(np.float32)
    start = np.asarray(layer[f"{name}.start"])
    return {f"{name}.weights": np.rint(weights / scale).astype(np.int8), f"{name}.scale": scale, f"{name}.start": start}


def _norm(rows: jax.Array, scale: jax.Array, start: jax.Array) -> jax.Array:
    rows = rows - rows.mean(-1, keepdims=True)
    return rows / jnp.sqrt((rows * rows).mean(-1, keepdims=True) + 1e-12) * scale + start


def _left_out(rows: jax.Array, chance: jax.Array | None) -> jax.Array:
    return rows if chance is None else rows * jax.random.bernoulli(chance, 1 - LEFT_OUT, rows.shape) / (1 - LEFT_OUT)


def _layer(rows: jax.Array, there: jax.Array, layer: Params, chances: Sequence[jax.Array | None]) -> jax.Array:
    """As in mailflow/core/encoder.py, of several mails that are filled up to one length."""
    mails, length, width = rows.shape
    looks = (rows @ layer["looks.weights"] + layer["looks.start"]).reshape(mails, length, 3, HEADS, width // HEADS)
    asks, answers, tells = looks.transpose(2, 0, 3, 1, 4)
    alike = asks @ answers.transpose(0, 1, 3, 2) / math.sqrt(width // HEADS)
    shares = jax.nn.softmax(jnp.where(there[:, None, None, :], alike, -1e9), -1)
    told = (shares @ tells).transpose(0, 2, 1, 3).reshape(mails, length, width)
    hears = told @ layer["hears.weights"] + layer["hears.start"]
    rows = _norm(rows + _left_out(hears, chances[0]), layer["heard.scale"], layer["heard.start"])
    thinks = jax.nn.gelu(rows @ layer["widens.weights"] + layer["widens.start"]) @ layer["narrows.weights"]
    thinks = _left_out(thinks + layer["narrows.start"], chances[1])
    return _norm(rows + thinks, layer["thought.scale"], layer["thought.start"])


def _filled(rows: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Mails of one length, and where they are no filling."""
    length = next(length for length in LENGTHS if length >= max(map(len, rows)))
    filled = np.zeros((AT_ONCE, length, *rows[0].shape[1:]), np.float32 if rows[0].ndim > 1 else np.int32)
    there = np.zeros((AT_ONCE, length), bool)
    there[:, 0] = True
    for number, row in enumerate(rows):
        filled[number, : len(row)], there[number, : len(row)] = row, True
    return filled, there


def _below(
    rows: Sequence[Sequence[int]], words: Any, places: Any, first: Params, layers: Sequence[Params]
) -> list[Any]:
    """What the layers make of each mail that stay as they are: once, for it is the same in each round."""

    @jax.jit
    def below(numbers: jax.Array, there: jax.Array) -> jax.Array:
        made = _norm(jnp.asarray(words)[numbers] + places[: numbers.shape[1]], first["scale"], first["start"])
        for layer in layers:
            made = _layer(made, there, layer, (None, None))
        return made

    found: list[Any] = [None] * len(rows)
    order = sorted(range(len(rows)), key=lambda number: len(rows[number]))
    for start in range(0, len(order), AT_ONCE):
        some = order[start : start + AT_ONCE]
        made = np.asarray(below(*_filled([np.asarray(rows[number]) for number in some])))
        for place, number in enumerate(some):
            found[number] = made[place, : len(rows[number])].astype(np.float16)
    return found


def _likely(params: Params, rows: jax.Array, there: jax.Array, chance: jax.Array) -> jax.Array:
    chances = jax.random.split(chance, 2 * len(params["layers"]) + 2)
    rows = _left_out(rows, chances[-1])
    for number, layer in enumerate(params["layers"]):
        rows = _layer(rows, there, layer, chances[2 * number : 2 * number + 2])
    there = there[..., None]
    meant = jnp.concatenate([(rows * there).sum(1) / there.sum(1), rows[:, 0]], -1)
    return jax.nn.log_softmax(_left_out(meant, chances[-2]) @ params["pulls.weights"] + params["pulls.start"])


def _rounds(
    below: Sequence[Any], labels: np.ndarray, actions: int, params: Params, rounds: int, far_at_most: float
) -> Params:
    def loss(params: Params, rows: jax.Array, there: jax.Array, wanted: jax.Array, chance: jax.Array) -> jax.Array:
        wanted = jax.nn.one_hot(wanted, actions) * (1 - UNSURE) + UNSURE / actions
        return -(wanted * _likely(params, rows, there, chance)).sum(-1).mean()

    @jax.jit
    def step(params, mean, spread, rows, there, wanted, chance, size, time):
        told, slopes = jax.value_and_grad(loss)(params, rows, there, wanted, chance)
        steepest = jnp.sqrt(sum((one**2).sum() for one in jax.tree.leaves(slopes)))
        slopes = jax.tree.map(lambda one: one * jnp.minimum(1, 1 / steepest), slopes)
        mean = jax.tree.map(lambda old, new: 0.9 * old + 0.1 * new, mean, slopes)
        spread = jax.tree.map(lambda old, new: 0.999 * old + 0.001 * new * new, spread, slopes)

        def moved(value, mean, spread, far):
            way = mean / (1 - 0.9**time) / (jnp.sqrt(spread / (1 - 0.999**time)) + 1e-8) + FADES * value
            return value - size * far * way

        far = {
            key: jax.tree.map(lambda _, key=key: HEAD_STEP if key.startswith("pulls") else 1, params[key])
            for key in params
        }
        return jax.tree.map(moved, params, mean, spread, far), mean, spread, told

    params = jax.tree.map(jnp.asarray, params)
    mean, spread = (jax.tree.map(jnp.zeros_like, params) for _ in range(2))
    order, chance, time, told = random.Random(1), jax.random.key(1), 0, 0.0
    steps = rounds * (len(below) // AT_ONCE)
    for number in range(rounds):
        for some in _in_order(below, order):
            time += 1
            chance, now = jax.random.split(chance)
            size = far_at_most * min(time / (WARM_UP * steps), 1 - 0.98 * time / steps)
            given = (*_filled([below[one] for one in some]), labels[some], now, size, float(time))
            params, mean, spread, wrong = step(params, mean, spread, *given)
            told += float(wrong)
        print(f"round {number + 1} of {rounds}: {told * rounds / steps:.3f}", flush=True)
        told = 0.0
    return jax.tree.map(np.asarray, params)


def _in_order(below: Sequence[Any], order: random.Random) -> Iterator[list[int]]:
    """Every mail once, by chance, those of about the same length together."""
    mails = [*range(len(below))]
    order.shuffle(mails)
    together: list[list[int]] = []
    for start in range(0, len(mails), 50 * AT_ONCE):
        near = sorted(mails[start : start + 50 * AT_ONCE], key=lambda one: len(below[one]))
        together += [near[at : at + AT_ONCE] for at in range(0, len(near) - AT_ONCE + 1, AT_ONCE)]
    order.shuffle(together)
    return iter(together)
