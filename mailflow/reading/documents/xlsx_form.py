"""A workbook to label and value pairs: the value beside its label or below it; dates as dates. (XLSX)

Read from the XML itself, so that a huge sheet or style table costs no more than the limits. A formula counts for the
value that was kept with it; text that looks like a formula is text.
"""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mailflow.core.mail import Pair
from mailflow.reading.documents.blocks import Block, Table, pairs_of
from mailflow.reading.documents.grid import Cell
from mailflow.reading.documents.limits import DocumentLimits, Unread
from mailflow.reading.documents.package import BROKEN, EMPTY, Node, Package, read_package
from mailflow.reading.documents.text import MAX_VALUE, Known

SPACES = {
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main": "x",
    "http://purl.oclc.org/ooxml/spreadsheetml/main": "x",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships": "r",
    "http://purl.oclc.org/ooxml/officeDocument/relationships": "r",
    "http://schemas.openxmlformats.org/package/2006/relationships": "rel",
}
SKIP = frozenset({
    "x:rPr", "x:rPh", "x:phoneticPr", "x:f", "x:extLst", "x:fonts", "x:fills", "x:borders", "x:cellStyleXfs",
    "x:cellStyles", "x:dxfs", "x:alignment", "x:protection", "x:conditionalFormatting", "x:dataValidations", "x:cols",
    "x:hyperlinks", "x:definedNames",
})  # fmt: skip
MAX_SHEETS = 10
MAX_COLUMNS = 60
MAX_ROWS = 2_000
WORKBOOK = "xl/workbook.xml"
_AT = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_RANGE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6}):([A-Z]{1,3})([1-9]\d{0,6})")


def pairs(content: bytes, limits: DocumentLimits, *, known: Known | None = None) -> tuple[Pair, ...] | Unread:
    """The pairs of an XLSX, sheet by sheet; () when it holds no label. Never raises; reads as far as *limits* goes."""
    return read_package(content, limits, lambda package: _read(package, limits, known))


def _read(package: Package, limits: DocumentLimits, known: Known | None) -> tuple[Pair, ...] | Unread:
    workbook = package.tree(WORKBOOK, spaces=SPACES, skip=SKIP)
    if workbook is None:
        return BROKEN
    book = _Book(package, workbook)
    blocks: list[Block] = [Table(book.rows(name)) for name in book.sheets()]
    if not any(cell for one in blocks if isinstance(one, Table) for row in one.rows for cell in row):
        return EMPTY
    return pairs_of(blocks, limits, known=known)


@dataclass
class _Book:
    """A workbook with what its cells point at."""

    package: Package
    workbook: Node
    words: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    """Per style of a cell: "date", a format of zeros only, or ""."""
    from_1904: bool = False

    def __post_init__(self) -> None:
        shared = self._tree("xl/sharedStrings.xml")
        self.words = [_said(one) for one in shared.nodes()] if shared else []
        self.formats = _formats(self._tree("xl/styles.xml"))
        self.from_1904 = self.workbook.value("x:workbookPr", "date1904").casefold() in ("1", "true")

    def sheets(self) -> list[str]:
        """The names of the members that hold the visible sheets, in order."""
        related = self._tree("xl/_rels/workbook.xml.rels")
        targets: Mapping[str, str] = {
            one.attributes.get("Id", ""): one.attributes.get("Target", "")
            for one in (related.nodes() if related else [])
        }
        sheets = self.workbook.first("x:sheets")
        seen = [
            one for one in (sheets.nodes() if sheets else []) if one.attributes.get("state", "visible") == "visible"
        ]
        names = [targets.get(one.attributes.get("r:id", ""), "") for one in seen[:MAX_SHEETS]]
        return [posixpath.normpath(posixpath.join("/xl", name)).lstrip("/") for name in names if name]

    def rows(self, name: str) -> list[list[Cell]]:
        """The cells of a sheet as text; rows and columns without anything are left out."""
        sheet = self._tree(name)
        data = sheet.first("x:sheetData") if sheet else None
        if sheet is None or data is None:
            return []
        found: dict[int, dict[int, str]] = {}
        for row in data.nodes()[:MAX_ROWS]:
            number = row.attributes.get("r", "")
            at = int(number) if number.isdigit() and len(number) < 8 else max(found, default=0) + 1
            for cell in row.nodes():
                place = _AT.fullmatch(cell.attributes.get("r", ""))
                column = _column(place[1]) if place else max(found.get(at, {}), default=-1) + 1
                if column < MAX_COLUMNS and (text := self._text(cell)):
                    found.setdefault(at, {})[column] = text
        return _compact(found, _wide(sheet))

    def _text(self, cell: Node) -> str:
        kind = cell.attributes.get("t", "n")
        kept = cell.first("x:v")
        value = kept.text().strip() if kept else ""
        match kind:
            case "s":
                return self.words[int(value)] if value.isdigit() and int(value) < len(self.words) else ""
            case "inlineStr":
                inline = cell.first("x:is")
                return _said(inline) if inline else ""
            case "b":
                return {"1": "ja", "0": "nee"}.get(value, "")
            case "e":
                return ""
            case "str" | "d":
                return value[:MAX_VALUE] if kind == "str" else value[:10]
            case _:
                return self._number(value, cell.attributes.get("s", "0"))

    def _number(self, value: str, style: str) -> str:
        try:
            number = float(value)
        except ValueError:
            return ""
        shape = self.formats[int(style)] if style.isdigit() and int(style) < len(self.formats) else ""
        if shape == "date":
            return _date(number, from_1904=self.from_1904)
        whole = str(int(number)) if abs(number) < 1e15 and number == int(number) else value
        return whole.zfill(len(shape)) if shape else whole

    def _tree(self, name: str) -> Node | None:
        return self.package.tree(name, spaces=SPACES, skip=SKIP)


def _said(node: Node) -> str:
    """A shared or inline text, with the formatting of its parts left out."""
    return "".join(one.text() for one in node.inside("x:t")).strip()[:MAX_VALUE]


def _formats(styles: Node | None) -> list[str]:
    from openpyxl.styles.numbers import (  # noqa: PLC0415  on first use
        BUILTIN_FORMATS,
        is_date_format,
    )

    if styles is None:
        return []
    own = {
        one.attributes.get("numFmtId", ""): one.attributes.get("formatCode", "") for one in styles.inside("x:numFmt")
    }
    cells = styles.first("x:cellXfs")
    found: list[str] = []
    for one in cells.nodes() if cells else []:
        number = one.attributes.get("numFmtId", "0")
        code = (own.get(number) or BUILTIN_FORMATS.get(int(number) if number.isdigit() else 0, "") or "")[:200]
        # Phone numbers are kept as a number with a format of zeros, which holds their first zero.
        zeros = re.sub(r"[ ./\\-]", "", code)
        shape = "date" if is_date_format(code) else zeros if re.fullmatch("0{2,15}", zeros) and "." not in code else ""
        found.append(shape)
    return found


def _date(number: float, *, from_1904: bool) -> str:
    """A serial number as an ISO date; with its time of day when it is no date at all."""
    from openpyxl.utils.datetime import (  # noqa: PLC0415  on first use
        CALENDAR_MAC_1904,
        CALENDAR_WINDOWS_1900,
        from_excel,
    )

    try:
        moment = from_excel(number, CALENDAR_MAC_1904 if from_1904 else CALENDAR_WINDOWS_1900)
    except (ValueError, OverflowError):
        return ""
    return str(moment.isoformat())[:10] if number >= 1 else str(moment)[:5]


def _wide(sheet: Node) -> set[tuple[int, int]]:
    """(row, column) of cells that hide behind the cell to their left."""
    merged = sheet.first("x:mergeCells")
    hidden: set[tuple[int, int]] = set()
    for one in (merged.nodes() if merged else [])[:MAX_ROWS]:
        if span := _RANGE.fullmatch(one.attributes.get("ref", "")):
            left, right = _column(span[1]), min(_column(span[3]), MAX_COLUMNS)
            last = min(int(span[4]), int(span[2]) + 50)
            hidden |= {(row, column) for row in range(int(span[2]), last + 1) for column in range(left + 1, right + 1)}
    return hidden


def _compact(found: Mapping[int, Mapping[int, str]], hidden: set[tuple[int, int]]) -> list[list[Cell]]:
    """The rows up to the last one, an empty row between for any number of them; empty columns are gone."""
    columns = sorted({column for row in found.values() for column in row})
    rows: list[list[Cell]] = []
    before = 0
    for at in sorted(found):
        if at > before + 1 and rows:
            rows.append([""] * len(columns))
        before = at
        cells: list[Cell] = [found[at].get(column, "") for column in columns]
        while len(cells) > 1 and not cells[-1] and (at, columns[len(cells) - 1]) in hidden:
            cells.pop()
        rows.append(cells)
    return rows


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
