"""Which numbers of a table can be shown without giving a person away? (kleine aantallen)

A number from 1 to 4 reads "<5". What stands beside it must not give it away by subtraction: then a total is rounded,
or, where that total stands in other tables too, the largest number beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LEAST = 5
"""A smaller number, nought apart, is not shown."""
ROUNDED_TO = (5, 10, 20, 50)
"""A number that must not be exact is rounded to the first of these that hides enough."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A number as it is shown; whoever reads it knows no more than that it lies from *least* to *most*."""

    text: str
    least: int
    most: int
    number: int | None
    """What a chart draws and a sheet reckons with; None where nothing may be drawn."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """The numbers of one column, in their order, and their total."""

    cells: tuple[Shown, ...]
    total: Shown


def shown(count: int) -> Shown:
    """A number by itself: exact, or "<5"."""
    if 0 < count < LEAST:
        return Shown(f"<{LEAST}", 1, LEAST - 1, None)
    return Shown(str(count), count, count, count)


def rounded(count: int, to: int) -> Shown:
    """A number of at least LEAST, rounded to a multiple of *to* (a half upwards): `±75`."""
    nearest = (count + to // 2) // to * to
    least, most = nearest - to // 2, nearest - to // 2 + to - 1
    return Shown(f"±{nearest}", max(LEAST, least), most, nearest)


def guarded(counts: Sequence[int], *, total_is_known: bool) -> Guarded:
    """These numbers, that no person is in twice, as they may be shown together with their total.

    *total_is_known*: it stands elsewhere too, so that rounding it here would hide nothing. For each number from 1 to 4
    at least two values agree with all that is shown.
    """
    return next(one for one in _ways(counts, total_is_known=total_is_known) if _is_safe(one))


def _ways(counts: Sequence[int], *, total_is_known: bool) -> Iterator[Guarded]:
    """What could be shown, the most telling first; the last one tells nothing."""
    total = sum(counts)
    cells = tuple(map(shown, counts))
    yield Guarded(cells, shown(total))
    if total >= LEAST and not total_is_known:
        yield from (Guarded(cells, rounded(total, to)) for to in ROUNDED_TO)
    large = sorted((at for at, count in enumerate(counts) if count >= LEAST), key=lambda at: (-counts[at], at))
    for at in large:
        for to in ROUNDED_TO:
            yield Guarded((*cells[:at], rounded(counts[at], to), *cells[at + 1 :]), shown(total))
    most = shown(total).most
    yield Guarded(tuple(Shown("-", 0, most, None) for _ in counts), shown(total))


def _is_safe(one: Guarded) -> bool:
    """Whether each number that is not shown can have two values: within its own bounds and what the total leaves."""
    least, most = sum(cell.least for cell in one.cells), sum(cell.most for cell in one.cells)
    return all(
        max(cell.least, one.total.least - (most - cell.most)) < min(cell.most, one.total.most - (least - cell.least))
        for cell in one.cells
        if cell.number is None
    )
