"""Charts of a table's numbers as SVG: only what the table shows is drawn, so that no chart says more than it."""

from collections.abc import Iterator, Sequence
from html import escape

from mailflow.core.figure_tables import Table
from mailflow.core.small_cells import LEAST, Shown
from mailflow.core.wording import month_text

NOW, BEFORE, INK, LINE = "#17557e", "#8aa4bd", "#1f2933", "#d5dbe1"
WIDTH, HEIGHT = 340, 170
"""In units of the drawing: a phone shows it as it is, a desk somewhat larger."""
LEFT, BOTTOM, TOP = 30, 26, 18
STEPS = (2, 3, 4, 6, 8, 10)


def over_time(table: Table) -> str:
    """Two columns for each moment: the period, and paler the year before; a small number is a dashed stub."""
    rows = table.rows
    top = _top(max((cell.number or 0 for row in rows for cell in _numbers(row.cells)), default=0))
    room, step = HEIGHT - TOP - BOTTOM, (WIDTH - LEFT) / max(len(rows), 1)
    scale = room / top
    drawn = [_axis(value, scale) for value in (0, top // 2, top)]
    every = max(1, -(-len(rows) // 13))
    for place, row in enumerate(rows):
        left = LEFT + place * step
        for cell, at, colour in zip(_numbers(row.cells), (0.14, 0.52), (NOW, BEFORE), strict=False):
            drawn.append(_column(cell, left + at * step, 0.34 * step, scale, colour))
        if place % every == 0:
            drawn.append(_words(left + step / 2, HEIGHT - 9, _short(row.label), "middle"))
    said = "; ".join(f"{row.label}: {' en '.join(cell.text for cell in _numbers(row.cells))}" for row in rows)
    heads = " en ".join(table.heads[1:])
    name = f"chart-{table.key}"
    return (
        f'<svg class="chart" role="img" viewBox="0 0 {WIDTH} {HEIGHT}" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(table.title)}: staafdiagram, {escape(heads)}</title>'
        f'<desc id="{name}-desc">{escape(said)}</desc>{"".join(drawn)}</svg>'
    )


def bar(cell: Shown, most: int, colour: str) -> str:
    """A bar as long as its share of *most*, beside a number that is read out: itself it is silent."""
    if not cell.number:
        return ""
    long = max(1, round(100 * cell.number / max(most, 1), 1))
    return (
        '<svg class="bar" aria-hidden="true" focusable="false" viewBox="0 0 100 6" preserveAspectRatio="none">'
        f'<rect width="{long}" height="6" fill="{colour}"/></svg>'
    )


def _numbers(cells: Sequence[object]) -> list[Shown]:
    return [cell for cell in cells if isinstance(cell, Shown)]


def _top(most: int) -> int:
    """The first round number with a whole half that nothing is higher than."""
    return next(value for value in _rounds() if value >= most)


def _rounds() -> Iterator[int]:
    ten = 1
    while True:
        yield from (step * ten for step in STEPS if step * ten % 2 == 0)
        ten *= 10


def _axis(value: int, scale: float) -> str:
    at = HEIGHT - BOTTOM - value * scale
    line = f'<line x1="{LEFT}" x2="{WIDTH}" y1="{at:.1f}" y2="{at:.1f}" stroke="{LINE}"/>'
    return line + _words(LEFT - 5, at + 4, str(value), "end")


def _column(cell: Shown, left: float, wide: float, scale: float, colour: str) -> str:
    base = HEIGHT - BOTTOM
    if cell.number is None:
        high = max(3.0, LEAST * scale / 2)
        return (
            f'<rect x="{left:.1f}" y="{base - high:.1f}" width="{wide:.1f}" height="{high:.1f}" '
            f'fill="none" stroke="{colour}" stroke-dasharray="2 2"/>'
        )
    high = cell.number * scale
    return f'<rect x="{left:.1f}" y="{base - high:.1f}" width="{wide:.1f}" height="{high:.1f}" fill="{colour}"/>'


def _words(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{INK}" font-size="11">{escape(text)}</text>'


def _short(label: str) -> str:
    """`sep` of september 2026 and of 01/09/2026, `31/8` of 31/08/2026."""
    if not label[:2].isdigit():
        return label[:3]
    day, month, year = map(int, label.split("/"))
    return month_text(year, month)[:3] if day == 1 else f"{day}/{month}"
