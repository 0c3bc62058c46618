"""The figures as one page: it holds all that it shows, can be printed, and can be listened to."""

from collections.abc import Sequence
from html import escape

from mailflow.core.figure_tables import HEADS, Cell, Figures, Table, TableRow
from mailflow.core.small_cells import Shown
from mailflow.core.wording import short_day
from mailflow.outgoing.svg import BEFORE, NOW, bar, over_time

WIDE = 4
"""A table of more columns is laid out row by row on a phone."""
STYLE = """
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0;background:#eef1f4;color:#1f2933;font-size:16px;line-height:1.5}
body{font-family:-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:760px;margin:0 auto;padding:24px 16px 48px}
header,section{background:#fff;border:1px solid #d5dbe1;border-radius:8px;padding:20px 24px;margin:0 0 16px}
h1{margin:0 0 8px;font-size:26px;line-height:1.25;color:#17405e}
h2{margin:0 0 8px;font-size:19px;line-height:1.3;color:#17405e}
p{margin:0 0 12px}
p:last-child{margin-bottom:0}
.note,.small{font-size:14px;color:#47535f}
.big{display:flex;flex-wrap:wrap;gap:8px 32px;margin:16px 0}
.big div{min-width:120px}
.big dt{font-size:14px;color:#47535f}
.big dd{margin:0;font-size:30px;font-weight:700;line-height:1.2;color:#17405e}
.big .then dd{color:#47535f}
nav ul{columns:2;column-gap:24px;margin:0;padding:0;list-style:none}
nav li{padding:2px 0;break-inside:avoid}
a{color:#17557e}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:0 0 8px;font-size:14px;color:#47535f}
th,td{padding:7px 0 7px 12px;border-bottom:1px solid #e4e8ec;text-align:right;vertical-align:top}
th:first-child{text-align:left;padding-left:0;font-weight:400;overflow-wrap:break-word}
th:not(:first-child){width:5.6em}
thead th{font-size:14px;font-weight:400;color:#47535f;vertical-align:bottom}
.talk td{text-align:left;overflow-wrap:anywhere}
.talk th:first-child{width:8em}
.talk th:last-child{text-align:left;width:auto}
tfoot th:first-child,tfoot td{font-weight:700;border-bottom:0}
.bar{display:block;width:100%;height:5px;margin:3px 0 0}
.bar+.bar{margin-top:2px}
.chart{display:block;width:100%;max-width:460px;height:auto;margin:0 0 12px;font-family:inherit}
.key{font-size:14px;color:#47535f;margin:0 0 8px}
.key span{display:inline-block;width:11px;height:11px;margin:0 6px 0 0}
.key span+span,.key b+span{margin-left:16px}
.key b{font-weight:400}
.desk{border-color:#8a5a00;border-width:2px}
@media(max-width:520px){
main{padding:0 0 32px}
header,section{border-width:0 0 1px;border-radius:0;padding:20px 16px;margin:0 0 8px}
nav ul{columns:1}
.wide thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.wide tr,.wide th,.wide td{display:block}
.wide tr{padding:8px 0;border-bottom:1px solid #e4e8ec}
.wide th,.wide td{border:0;padding:2px 0}
.wide tbody th{font-weight:700}
.wide td{display:flex;justify-content:space-between}
.wide td::before{content:attr(data-head);color:#47535f}
}
@media print{
body{background:#fff;font-size:11pt}
main{max-width:none;padding:0}
header,section{border:0;padding:0;margin:0 0 18pt;break-inside:avoid}
nav{display:none}
a{color:inherit;text-decoration:none}
.bar,.chart,.key span{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
"""


def page(figures: Figures, *, meldpunt: str, tables: Sequence[Table]) -> str:
    """The page of these tables of *figures*, in Dutch; *meldpunt* is its name."""
    return report(
        f"Cijfers van {figures.period.long_text}",
        f"{meldpunt}. Opgemaakt op {short_day(figures.made_on)}.",
        tables,
        for_the_desk=figures.for_the_desk,
        head=f'{_big(figures)}\n{_key()}<p class="note">{NOTE}</p>\n',
    )


def report(
    title: str, subtitle: str, tables: Sequence[Table], *, for_the_desk: Sequence[Table] = (), head: str = ""
) -> str:
    """A page of tables, those *for_the_desk* marked so; *head* is HTML that stands above them."""
    content = "".join(f'<li><a href="#{one.key}">{escape(one.title)}</a></li>' for one in tables)
    return (
        '<!doctype html>\n<html lang="nl">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<header>\n<h1>{escape(title)}</h1>\n<p>{escape(subtitle)}</p>\n"
        f'{head}<nav aria-label="Inhoud"><ul>{content}</ul></nav>\n</header>\n'
        + "".join(_section(one, desk=one in for_the_desk) for one in tables)
        + "</main>\n</body>\n</html>\n"
    )


NOTE = (
    "Elke aanmelding die in de periode binnenkwam telt één keer, met ernaast dezelfde dagen een jaar eerder. "
    "Een aantal van 1 tot 4 staat er als &lt;5, zodat niemand te herkennen is. "
    "Zou je dat aantal uit de andere kunnen aftrekken, dan is een ander getal afgerond: ±75 is ongeveer 75. "
    "Staat overal “-”, dan kan geen enkel aantal getoond worden."
)


def _big(figures: Figures) -> str:
    return (
        f'<dl class="big"><div><dt>Aanmeldingen, {HEADS[0]}</dt><dd>{escape(figures.came.text)}</dd></div>'
        f'<div class="then"><dt>{HEADS[1].capitalize()}</dt><dd>{escape(figures.came_before.text)}</dd></div></dl>'
    )


def _section(table: Table, *, desk: bool) -> str:
    note = f'<p class="note">{escape(table.note)}</p>\n' if table.note else ""
    chart = f"{over_time(table)}\n" if table.over_time else ""
    style = ' class="desk"' if desk else ""
    return (
        f'<section id="{table.key}" aria-labelledby="h-{table.key}"{style}>\n'
        f'<h2 id="h-{table.key}">{escape(table.title)}</h2>\n{note}{chart}{_table(table)}</section>\n'
    )


def _key() -> str:
    parts = "".join(
        f'<span style="background:{colour}" aria-hidden="true"></span><b>{head}</b>'
        for colour, head in zip((NOW, BEFORE), HEADS, strict=True)
    )
    return f'<p class="key">{parts}</p>\n'


def _table(table: Table) -> str:
    wide = len(table.heads) > WIDE
    most = max((cell.number or 0 for row in table.rows for cell in row.cells if isinstance(cell, Shown)), default=0)
    bars = most if table.parts and not table.over_time else 0
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in table.heads)
    rows = "".join(_row(row, table, bars) for row in table.rows)
    foot = f"<tfoot>\n{_row(table.total, table, 0)}</tfoot>\n" if table.total else ""
    talk = all(isinstance(cell, str) for row in table.rows for cell in row.cells)
    role = ' class="wide"' if wide else ' class="talk"' if talk and table.rows else ""
    return f"<table{role}>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n{foot}</table>\n"


def _said(cell: Cell) -> str:
    return escape(cell.text if isinstance(cell, Shown) else cell).replace("\n", "<br>")


def _row(row: TableRow, table: Table, bars: int) -> str:
    numbers = [cell for cell in row.cells if isinstance(cell, Shown)]
    drawn = (
        "".join(bar(cell, bars, colour) for cell, colour in zip(numbers, (NOW, BEFORE), strict=False)) if bars else ""
    )
    cells = "".join(
        f'<td data-head="{escape(head)}">{_said(cell)}</td>'
        for cell, head in zip(row.cells, table.heads[1:], strict=True)
    )
    return f'<tr><th scope="row">{escape(row.label)}{drawn}</th>{cells}</tr>\n'
