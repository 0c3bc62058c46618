"""Rows of cells to label and value pairs: the value beside its label, below it, or ticked. (tabel, rekenblad)"""

import re
from collections.abc import Iterator, Sequence

from mailflow.core.mail import Pair
from mailflow.reading.documents import text
from mailflow.reading.documents.text import MAX_LABEL, MAX_VALUE, Known, ticked

Cell = str | None
"""The text of a cell; None when what it holds is an answer that was read already."""


class Filled(str):
    """The text of a cell that can only be an answer: "CLB-medewerker", chosen from a list, is no question."""

    __slots__ = ()


MAX_QUESTIONS = 4_000
"""Cells that are compared with the labels of the form; a table with more is no form."""
_BOXED = re.compile(r"[\[(☐☑☒□■⬜✅✔✓]")
_MARK = re.compile(r"[xXvV✓✔✗☒☑■✅]|\[[xXvV]\]")
_PARENTHESIS = re.compile(r"\([^()]{0,160}\)")


def heading_like(line: str) -> bool:
    """Can this line be a heading above questions? Only such lines between the tables of a document are kept."""
    bare = _PARENTHESIS.sub("", line).split()
    return bool(bare) and (len(bare) <= 4 or (len(bare) <= 8 and "gegevens" in line.casefold()))


def grid_pairs(rows: Sequence[Sequence[Cell]], *, known: Known | None, line: int = 1) -> tuple[Pair, ...]:
    """The pairs of a table, row by row; *line* is the number of its first row. Headings are pairs without a label."""
    if known is None:
        return tuple(_anyhow(rows, line))
    return tuple(_Reader(rows, known, line).pairs())


class _Reader:
    """One table, with what is a label in it and what is taken."""

    def __init__(self, rows: Sequence[Sequence[Cell]], known: Known, line: int) -> None:
        self.rows, self.known, self.line = rows, known, line
        self.taken: set[tuple[int, int]] = set()
        self._asked = 0
        self.labels = [[self._is_label(cell) for cell in row] for row in rows]
        self._beside = {
            at
            for row, labels in zip(rows, self.labels, strict=True)
            for at, label in enumerate(labels[:-1])
            if label and row[at + 1] and not labels[at + 1]
        }

    def _is_label(self, cell: Cell) -> bool:
        bare = _bare(cell or "")
        if (
            isinstance(cell, Filled)
            or not bare
            or len(bare) > MAX_LABEL
            or self._asked >= MAX_QUESTIONS
            or not any(c.isalpha() for c in bare)
        ):
            return False
        self._asked += 1
        return self.known(bare) or ("\n" in bare and self.known(bare.split("\n")[0]))

    def pairs(self) -> Iterator[Pair]:
        """Every pair in order."""
        for at in range(len(self.rows)):
            if self._is_header(at):
                yield from self._columns(at)
            else:
                yield from self._row(at)

    def _row(self, at: int) -> Iterator[Pair]:
        row = self.rows[at]
        left: list[int] = []
        column = 0
        while column < len(row):
            cell = row[column]
            if (at, column) in self.taken or not cell or not cell.strip():
                column += 1
            elif inner := self._inline(cell, at):
                yield from inner
                column += 1
            elif self.labels[at][column]:
                if self._names_group(at, column):
                    yield Pair("", _bare(cell), self.line + at)
                    column += 1
                    continue
                value, column = self._value(at, column)
                if value is not None:
                    yield self._pair(cell, value, at)
            else:
                left.append(column)
                column += 1
        yield from self._left(left, at)

    def _names_group(self, at: int, column: int) -> bool:
        """`Ouders | Naam | Jan`: a label before a label with its value is the heading of them."""
        row, labels = self.rows[at], self.labels[at]
        if column + 2 >= len(row) or not labels[column + 1]:
            return False
        return row[column + 2] is None or bool(row[column + 2] and not labels[column + 2])

    def _value(self, at: int, column: int) -> tuple[str | None, int]:
        """(value, next column) for the label there; None when its answer was read already."""
        row, labels = self.rows[at], self.labels[at]
        if column + 1 < len(row) and row[column + 1] is None:
            return None, column + 2
        end = next((n for n in range(column + 2, len(row)) if labels[n]), len(row))
        cells = [(n, cell) for n in range(column + 1, end) if (cell := row[n]) and cell.strip()]
        if marked := self._marked(at, cells):
            return marked, end
        if len(cells) == 1 or (cells and all(_BOXED.search(cell) for _, cell in cells)):
            return "\n".join(cell for _, cell in cells), end
        if cells and cells[0][0] == column + 1:
            return cells[0][1], column + 2
        if any(row[n] is None for n in range(column + 1, end)):
            return None, end
        return ("" if cells else self._below(at, column)), (column + 2 if cells else end)

    def _below(self, at: int, column: int) -> str:
        """The cell under a label that has nothing beside it, where the table is not one with its values beside."""
        alone = len(self.rows[at]) == 1
        if (column in self._beside and not alone) or at + 1 >= len(self.rows) or column >= len(self.rows[at + 1]):
            return ""
        cell = self.rows[at + 1][column]
        if not cell or self.labels[at + 1][column] or (alone and len(self.rows[at + 1]) > 1):
            return ""
        if self._inline(cell, at + 1):
            return ""
        self.taken.add((at + 1, column))
        return cell

    def _marked(self, at: int, cells: Sequence[tuple[int, str]]) -> str:
        """`x` in one of the columns of a table with "ja" and "nee" above them: the word above it."""
        if len(cells) != 1 or not _MARK.fullmatch(cells[0][1].strip()):
            return ""
        column = cells[0][0]
        for above in range(at - 1, max(-1, at - 30), -1):
            row = self.rows[above]
            words = [n for n, cell in enumerate(row) if n > 0 and cell]
            if len(words) >= 2 and column in words and not any(self.labels[above]):
                word = (row[column] or "").strip()
                return word if len(word.split()) <= 3 and not _MARK.fullmatch(word) else ""
        return ""

    def _is_header(self, at: int) -> bool:
        """Are all cells of this row labels, and none of the next row?"""
        row, labels = self.rows[at], self.labels[at]
        full = [n for n, cell in enumerate(row) if cell]
        if len(full) < 2 or not all(labels[n] and (at, n) not in self.taken for n in full):
            return False
        below = self.rows[at + 1] if at + 1 < len(self.rows) else ()
        filled = {n for n, cell in enumerate(below) if cell or cell is None}
        if not filled:  # not filled in; with two cells, the second may be an answer that is a label too: "school"
            return len(full) > 2 or (len(below) == len(row) and full[0] not in self._beside)
        return self._holds_values(at + 1) and bool(filled & set(full))

    def _holds_values(self, at: int) -> bool:
        """Is this row no row of questions? An answer can be a label too: "leerling", "CLB"."""
        filled = [n for n, cell in enumerate(self.rows[at]) if cell or cell is None]
        labels = [n for n in filled if self.labels[at][n]]
        return not labels or (2 * len(labels) <= len(filled) and (labels[0] != filled[0] or len(filled) > 4))

    def _columns(self, at: int) -> Iterator[Pair]:
        """The rows under a header, up to one that is empty or holds a label."""
        header = self.rows[at]
        for below in range(at + 1, len(self.rows)):
            row = self.rows[below]
            if not any(cell or cell is None for cell in row) or not self._holds_values(below):
                return
            for column, cell in enumerate(row):
                self.taken.add((below, column))
                if column < len(header) and header[column] and cell:
                    yield self._pair(header[column] or "", cell, below)

    def _inline(self, cell: str, at: int) -> list[Pair]:
        """`Voornaam: Noor` inside one cell, once or on several lines."""
        if not re.search(r"[:?=]\s*\S", cell):
            return []
        found = text.pairs(cell, known=self.known)
        if not any(one.label and one.value and self.known(one.label) for one in found):
            return []
        return [Pair(one.label, one.value, self.line + at) for one in found]

    def _left(self, columns: Sequence[int], at: int) -> Iterator[Pair]:
        """Cells that no label took: a question that we do not know with its answer, or a heading alone in its row."""
        row = self.rows[at]
        cells = [row[column] or "" for column in columns]
        if len(cells) == 2 and len(cells[0]) <= MAX_LABEL and len(cells[0].split()) <= 8:
            if columns[0] == 0 or row[columns[0] - 1]:
                yield self._pair(cells[0], cells[1], at)
        elif len(cells) == 1 and sum(1 for cell in row if cell != "") == 1 and heading_like(cells[0]):
            yield Pair("", _bare(cells[0]), self.line + at)

    def _pair(self, label: str, value: str, at: int) -> Pair:
        return Pair(" ".join(_bare(label).split())[:MAX_LABEL], ticked(value.strip()[:MAX_VALUE]), self.line + at)


def _anyhow(rows: Sequence[Sequence[Cell]], line: int) -> Iterator[Pair]:
    """Without knowing the labels: two or four cells in a row are one or two pairs, more rows of more are a header's."""
    header: list[Cell] = []
    for at, row in enumerate(rows):
        full = [cell.strip() for cell in row if cell and cell.strip()]
        if header and full:
            found = [(label, cell) for label, cell in zip(header, row, strict=False) if label and cell]
        elif len(full) in (2, 4):
            found = list(zip(full[::2], full[1::2], strict=True))
        else:
            header = list(row) if len(full) > 2 else header
            found = []
        for label, value in found:
            yield Pair(" ".join(_bare(label).split())[:MAX_LABEL], ticked(value.strip()[:MAX_VALUE]), line + at)


def _bare(cell: str) -> str:
    return cell.strip(" \t\r\n*_:\xa0")
