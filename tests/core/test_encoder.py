"""The numbers that tell what a text means."""

import numpy as np
import pytest

from mailflow.core.encoder import HEADS, Encoder, Layer, Matrix, Norm

WIDTH = 2 * HEADS
CHANCE = np.random.default_rng(7)


def matrix(rows: int, columns: int) -> Matrix:
    weights = CHANCE.integers(-127, 128, (rows, columns), np.int8)
    return Matrix(weights, np.full(columns, 0.01, np.float32), CHANCE.normal(size=columns).astype(np.float32))


def norm() -> Norm:
    return Norm(*CHANCE.normal(size=(2, WIDTH)).astype(np.float32))


ENCODER = Encoder(
    pieces=CHANCE.integers(-127, 128, (9, WIDTH), np.int8),
    scale=np.full(9, 0.01, np.float32),
    places=CHANCE.normal(size=(12, WIDTH)).astype(np.float32),
    first=norm(),
    layers=tuple(
        Layer(matrix(WIDTH, 3 * WIDTH), matrix(WIDTH, WIDTH), norm(), matrix(WIDTH, 50), matrix(50, WIDTH), norm())
        for _ in range(2)
    ),
)


def test_each_text_means_the_same_alone_and_among_others():
    """No piece looks at another text."""
    texts = [[0, 4, 2], [0, 5, 6, 7, 2], [0, 4, 2], [8]]

    together = ENCODER.meanings(texts)

    assert together.shape == (4, 2 * WIDTH)
    for text, meaning in zip(texts, together, strict=True):
        assert ENCODER.meanings([text])[0] == pytest.approx(meaning, abs=1e-4)


def test_the_order_of_the_pieces_counts():
    """ "Niet vol, wel plaats" is not "wel vol, niet plaats"."""
    one, other = ENCODER.meanings([[0, 4, 5, 2], [0, 5, 4, 2]])

    assert not np.allclose(one, other, atol=0.01)


def test_a_piece_hears_what_stands_far_from_it():
    """Its first numbers change with the last piece."""
    one, other = ENCODER.meanings([[0, 4, 4, 4, 4, 4, 5], [0, 4, 4, 4, 4, 4, 6]])

    assert not np.allclose(one[WIDTH:], other[WIDTH:], atol=0.001)


def test_a_layer_is_what_the_paper_says():
    """Attention and the rest, written out piece by piece and head by head in whole numbers of twice the length."""
    text = [0, 4, 7, 2]
    rows = ENCODER.first.of(ENCODER.pieces[text] * ENCODER.scale[text, None] + ENCODER.places[:4]).astype(float)
    for layer in ENCODER.layers:
        asks, answers, tells = np.split(layer.looks.of(rows), 3, axis=1)
        told = np.zeros_like(rows)
        for head in range(HEADS):
            part = slice(head * 2, head * 2 + 2)
            for place in range(4):
                alike = [np.exp(asks[place, part] @ answers[at, part] / np.sqrt(2)) for at in range(4)]
                told[place, part] = sum(alike[at] * tells[at, part] for at in range(4)) / sum(alike)
        rows = layer.heard.of(rows + layer.hears.of(told))
        wide = layer.widens.of(rows)
        bent = wide * 0.5 * (1 + np.tanh(np.sqrt(2 / np.pi) * (wide + 0.044715 * wide**3)))
        rows = layer.thought.of(rows + layer.narrows.of(bent))

    assert ENCODER.meanings([text])[0] == pytest.approx(np.concatenate([rows.mean(0), rows[0]]), abs=1e-3)
