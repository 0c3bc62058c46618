"""A small number is not shown, and nothing that is shown beside it gives it away."""

from collections.abc import Iterator
from itertools import product
from random import Random

from rows import each_row

from mailflow.core.small_cells import LEAST, Guarded, Shown, guarded, rounded, shown

CHANCE = Random(5)
SMALL = [counts for length in (1, 2, 3) for counts in product(range(9), repeat=length)]
"""Every table of up to three numbers around the least that is shown."""
LONGER = [tuple(CHANCE.choices(range(10), k=4)) for _ in range(60)]
LARGE = [
    tuple(CHANCE.choice((CHANCE.randint(0, 6), CHANCE.randint(0, 400))) for _ in range(CHANCE.randint(1, 6)))
    for _ in range(120)
]
TABLES = [*SMALL, *LONGER, *LARGE]


def texts(one: Guarded) -> list[str]:
    return [*(cell.text for cell in one.cells), one.total.text]


@each_row(
    ("counts", "total_is_known", "as_shown"),
    [
        ([40, 12, 0], True, ["40", "12", "0", "52"]),
        ([40, 12, 3, 2], True, ["40", "12", "<5", "<5", "57"]),
        ([40, 12, 3], False, ["40", "12", "<5", "±55"]),
        ([42, 12, 3], True, ["±40", "12", "<5", "57"]),
        ([12, 42, 3], True, ["12", "±40", "<5", "57"]),
        ([5, 3], True, ["±5", "<5", "8"]),
        ([3, 1], True, ["<5", "<5", "<5"]),
        ([1, 1, 1, 1, 1], False, ["<5", "<5", "<5", "<5", "<5", "±5"]),
        ([40, 1, 1], False, ["40", "<5", "<5", "±40"]),
        ([3], True, ["<5", "<5"]),
        ([4, 4], True, ["-", "-", "8"]),
        ([1, 5], True, ["-", "-", "6"]),
        ([4, 4], False, ["<5", "<5", "±10"]),
        ([1, 1, 1, 1], False, ["-", "-", "-", "-", "<5"]),
        ([0, 0], True, ["0", "0", "0"]),
    ],
)
def test_what_is_shown(counts, total_is_known, as_shown):
    """Two small numbers hide each other; one alone needs a rounded total, or a rounded neighbour."""
    assert texts(guarded(counts, total_is_known=total_is_known)) == as_shown


@each_row("total_is_known", [True, False])
@each_row("counts", TABLES)
def test_what_is_shown_is_true(counts, total_is_known):
    """Each number lies within what its cell tells, an exact one is itself, and no small one is exact."""
    one = guarded(counts, total_is_known=total_is_known)

    for count, cell in zip([*counts, sum(counts)], [*one.cells, one.total], strict=True):
        assert cell.least <= count <= cell.most
        if cell.text == str(cell.number):
            assert cell.number == count
            assert not 0 < count < LEAST


@each_row("total_is_known", [True, False])
@each_row("counts", [*SMALL, *LONGER])
def test_no_small_number_can_be_worked_out(counts, total_is_known):
    """Of all tables that would be shown so, as far as anybody can tell, each small number has another value in one."""
    one = guarded(counts, total_is_known=total_is_known)
    could_be = list(_agree(one))

    assert counts in could_be
    for at, count in enumerate(counts):
        if 0 < count < LEAST:
            assert len({table[at] for table in could_be}) > 1


def _agree(one: Guarded) -> Iterator[tuple[int, ...]]:
    """Every table of whole numbers that these cells and this total may stand for: by trying all."""
    for table in product(*(range(cell.least, min(cell.most, 40) + 1) for cell in one.cells)):
        if one.total.least <= sum(table) <= one.total.most:
            yield table


@each_row("counts", TABLES)
def test_a_total_that_stands_elsewhere_is_never_another_number_here(counts):
    """Else whoever lays two tables side by side learns what each was to hide."""
    total = guarded(counts, total_is_known=True).total

    assert total == shown(sum(counts))


@each_row("to", [5, 10, 20, 50])
@each_row("count", [*range(LEAST, 120), *CHANCE.sample(range(120, 10_000), 60), 10_000])
def test_a_rounded_number_is_near(count, to):
    """At most half a step off, and it tells its own bounds."""
    cell = rounded(count, to)

    assert cell.number is not None
    assert abs(cell.number - count) <= to // 2
    assert cell.least <= count <= cell.most


@each_row(
    ("count", "to", "as_shown"),
    [
        (57, 5, Shown("±55", 53, 57, 55)),
        (58, 5, Shown("±60", 58, 62, 60)),
        (57, 10, Shown("±60", 55, 64, 60)),
        (6, 10, Shown("±10", 5, 14, 10)),
        (25, 20, Shown("±20", 10, 29, 20)),
    ],
)
def test_a_rounded_number_tells_exactly_which_numbers_it_may_be(count, to, as_shown):
    """Those that round to it, and none that would not be shown at all."""
    assert rounded(count, to) == as_shown


@each_row("counts", TABLES)
def test_most_tables_are_shown_whole(counts):
    """Without a small number nothing is rounded."""
    whole = guarded([count + LEAST for count in counts], total_is_known=True).cells

    assert [cell.number for cell in whole] == [count + LEAST for count in counts]
