"""How long do things take? Of many spans the median and the 90th percentile, as far as they tell of nobody alone."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date

from mailflow.core.small_cells import LEAST, Shown
from mailflow.core.workdays import Calendar

LEAST_FOR_NINE_IN_TEN = 2 * LEAST
"""Among fewer the 90th percentile is the span of the slowest one: somebody's own."""


def span(found: Sequence[int]) -> tuple[Shown, Shown]:
    """Within how many days half of these (in order, from the shortest), and nine in ten: "-" for too few."""
    return (
        _within(found, 50) if len(found) >= LEAST else HIDDEN,
        _within(found, 90) if len(found) >= LEAST_FOR_NINE_IN_TEN else HIDDEN,
    )


def _within(found: Sequence[int], percent: int) -> Shown:
    """The shortest span that so many percent are within (nearest rank)."""
    at = -(-len(found) * percent // 100) - 1
    return Shown(str(found[at]), found[at], found[at], found[at])


HIDDEN = Shown("-", 0, 10_000, None)


class Workdays:
    """Counts the working days between two days, for very many pairs."""

    def __init__(self, calendar: Calendar, first: date, last: date) -> None:
        """*first* and *last* are the outermost days that will be asked about."""
        span_ = range(first.toordinal(), last.toordinal() + 1)
        self._days = [day for day in span_ if calendar.is_working_day(date.fromordinal(day))]

    def between(self, first: date, last: date) -> int:
        """The working days after *first*, up to and including *last*; 0 when it is not after that."""
        return max(0, bisect_left(self._days, last.toordinal() + 1) - bisect_left(self._days, first.toordinal() + 1))
