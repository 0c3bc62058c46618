"""A text in pieces."""

from rows import each_row

from mailflow.core.pieces import UNKNOWN, Pieces

KNOWN = {"▁wacht": -3.0, "lijst": -3.0, "▁": -2.0, "w": -5.0, "acht": -4.0, "▁plek": -2.0}
PIECES = Pieces({piece: number for number, piece in enumerate(KNOWN, 4)}, (0.0,) * 4 + (*KNOWN.values(),))


@each_row(
    ("text", "numbers"),
    [
        ("", []),
        ("wachtlijst", [4, 5]),
        ("  plek \n\t wacht ", [9, 4]),
        ("wachtplek", [4, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]),
        ("acht", [6, 8]),
        ("ﬁ", [6, UNKNOWN, UNKNOWN]),
    ],
)
def test_a_word_is_cut_where_its_pieces_weigh_most(text, numbers):
    """Two signs that are written as one are two; what is in no piece is unknown."""
    assert PIECES.of(text) == numbers


def test_a_word_of_a_whole_page_is_cut_too():
    """In the time that it takes to walk through it."""
    assert len(PIECES.of("wacht" + "lijst" * 10_000)) == 10_001
