"""A CSV file to label and value pairs: two columns, or a header row with the answers below. (CSV)"""

import csv
import io

from mailflow.core.mail import Pair
from mailflow.reading.documents.grid import Cell, grid_pairs
from mailflow.reading.documents.limits import DocumentLimits, Unread
from mailflow.reading.documents.package import BROKEN, EMPTY
from mailflow.reading.documents.text import Known

MAX_COLUMNS = 200
DELIMITERS = ";\t,|"


def pairs(content: bytes, limits: DocumentLimits, *, known: Known | None = None) -> tuple[Pair, ...] | Unread:
    """The pairs of a CSV file in order; () when it holds no label. Formulas are text. Never raises."""
    text = _decoded(content[: 4 * limits.characters])[: limits.characters]
    if "\x00" in text:
        return BROKEN
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        return EMPTY
    rows: list[list[Cell]] = []
    cells = limits.cells
    try:
        for row in csv.reader(io.StringIO(text), delimiter=_delimiter(text)):
            kept = row[:MAX_COLUMNS]
            cells -= len(kept) + 1
            if cells < 0:
                break
            rows.append([cell.strip() for cell in kept])
    except csv.Error:  # a field beyond the limit of the csv module: what stands before it counts
        pass
    return grid_pairs(rows, known=known)


def _decoded(content: bytes) -> str:
    """UTF-8, UTF-16 with its mark, else Windows-1252: what Excel writes in Belgium."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _delimiter(text: str) -> str:
    """The sign that stands on most of the first lines."""
    lines = [line for line in text[:20_000].split("\n") if line.strip()][:30]
    found = {sign: sum(1 for line in lines if sign in line) for sign in DELIMITERS}
    return max(found, key=lambda sign: (found[sign], -DELIMITERS.index(sign)))
