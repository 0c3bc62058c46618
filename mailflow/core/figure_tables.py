"""What figures are told in: a period, and tables of numbers as they may be shown."""

from dataclasses import dataclass
from datetime import date

from mailflow.core.small_cells import Shown
from mailflow.core.wording import month_text, short_day

HEADS = ("deze periode", "een jaar eerder")


@dataclass(frozen=True)
class Period:
    """Local days, both included."""

    first: date
    last: date

    @property
    def before(self) -> "Period":
        """The same days of the year before."""
        return Period(year_before(self.first), year_before(self.last))

    def holds(self, day: date) -> bool:
        """Whether that day is one of them."""
        return self.first <= day <= self.last

    @property
    def text(self) -> str:
        """`01/09/2026 tot en met 31/08/2027`."""
        return f"{short_day(self.first)} tot en met {short_day(self.last)}"

    @property
    def long_text(self) -> str:
        """`1 september 2026 tot en met 31 augustus 2027`."""
        return " tot en met ".join(f"{day.day} {month_text(day.year, day.month)}" for day in (self.first, self.last))


Cell = Shown | str
"""A number, or words."""


@dataclass(frozen=True)
class TableRow:
    """A label and its cells."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table, ready to be shown: *heads* are those of its columns, the labels' first."""

    key: str
    title: str
    note: str = ""
    heads: tuple[str, ...]
    rows: tuple[TableRow, ...]
    total: TableRow | None = None
    over_time: bool = False
    """Its rows are moments: a chart draws them from left to right."""
    parts: bool = True
    """Its rows are parts of a whole, or counts to compare: a bar beside each tells how large it is."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Everything of one period; *for_the_desk* holds what nobody else may see."""

    period: Period
    made_on: date
    came: Shown
    came_before: Shown
    tables: tuple[Table, ...]
    for_the_desk: tuple[Table, ...] = ()


def year_before(day: date) -> date:
    """The same day of the year before; of 29 February the 28th."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
