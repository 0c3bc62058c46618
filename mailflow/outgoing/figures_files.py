"""The figures as files for other programs: a workbook with a typed sheet per table, a CSV per table, or JSON."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from mailflow.core.figure_tables import Cell, Figures, Table
from mailflow.core.small_cells import Shown

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What begins so, a spreadsheet takes for a formula: in a CSV a quotation mark goes before it."""
SHEET_NAME, FORBIDDEN = 31, re.compile(r"[\\*?:/\[\]]")
"""The longest name of a sheet, and what cannot stand in it."""
WIDEST = 60


def workbook(figures: Figures, tables: Sequence[Table]) -> bytes:
    """An XLSX with one sheet per table: numbers are numbers, all else is text, nothing is ever a formula."""
    from openpyxl import Workbook  # noqa: PLC0415 - only who writes one needs it
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415 - as above
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - as above

    book = Workbook()
    book.properties.creator = "mailflow"
    book.remove(book.active)
    for table in tables:
        sheet = book.create_sheet(FORBIDDEN.sub(" ", table.title)[:SHEET_NAME])
        lines: list[Sequence[Cell]] = [table.heads, *((row.label, *row.cells) for row in table.rows)]
        if table.total:
            lines.append((table.total.label, *table.total.cells))
        for at, line in enumerate(lines, start=1):
            for column, cell in enumerate(line, start=1):
                _fill(sheet.cell(row=at, column=column), cell)
        period = figures.period
        notes = (*filter(None, [table.note]), f"Periode: {period.text}; een jaar eerder: {period.before.text}")
        for at, note in enumerate(notes, start=len(lines) + 2):
            _fill(sheet.cell(row=at, column=1), note)
        for cell in (*sheet[1], *(sheet[len(lines)] if table.total else ())):
            cell.font = Font(bold=True)
        for column in range(1, len(table.heads) + 1):
            words = [line[column - 1] for line in lines]
            wide = max(len(one.text if isinstance(one, Shown) else one) for one in words)
            sheet.column_dimensions[get_column_letter(column)].width = min(wide + 2, WIDEST)
        for row in sheet.iter_rows(min_row=1, max_row=len(lines), min_col=2):
            for cell in row:
                cell.alignment = Alignment(horizontal="right")
        sheet.freeze_panes = "B2"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _fill(place: Any, cell: Cell) -> None:  # noqa: ANN401 - a cell of openpyxl, which has no types
    """Put a number there, or text: what a sheet would read as a formula too."""
    exact = isinstance(cell, Shown) and cell.number is not None and cell.text == str(cell.number)
    if exact:
        place.value = cell.number  # type: ignore[union-attr]  # exact: it is a Shown
        return
    place.value = cell.text if isinstance(cell, Shown) else cell
    place.data_type = "s"


def sheets(tables: Sequence[Table]) -> Mapping[str, str]:
    """File name -> the table as CSV (RFC 4180, with CRLF)."""
    return {f"{table.key}.csv": _csv(table) for table in tables}


def _csv(table: Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(map(_plainly, table.heads))
    for row in (*table.rows, *([table.total] if table.total else ())):
        writer.writerow([_plainly(row.label), *map(_plainly, row.cells)])
    return out.getvalue()


def _plainly(cell: Cell) -> str:
    if isinstance(cell, Shown):
        return cell.text
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def as_json(figures: Figures, tables: Sequence[Table]) -> dict[str, Any]:
    """One object for programs: a number where it is shown exactly, else the words that stand in its place."""
    return {
        "first": figures.period.first.isoformat(),
        "last": figures.period.last.isoformat(),
        "made_on": figures.made_on.isoformat(),
        "referrals": _value(figures.came),
        "referrals_year_before": _value(figures.came_before),
        "tables": tables_json(tables),
    }


def tables_json(tables: Sequence[Table]) -> dict[str, Any]:
    """Key -> the table."""
    return {
        table.key: {
            "title": table.title,
            "columns": list(table.heads),
            "rows": [[row.label, *map(_value, row.cells)] for row in table.rows],
            "total": [_value(cell) for cell in table.total.cells] if table.total else None,
        }
        for table in tables
    }


def _value(cell: Cell) -> int | str:
    if isinstance(cell, str):
        return cell
    return cell.number if cell.number is not None and cell.text == str(cell.number) else cell.text
