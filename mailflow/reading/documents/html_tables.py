"""The rows of one table: which cells are questions, and which are their answers."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MAX_LABEL = 160
MOST_COLUMNS = 60
NUMBER = re.compile(r"\(?\d{1,3}[.):]?$")


@dataclass(frozen=True)
class Line:
    """One line as the reader of a page sees it; *pair* where its table or list says what is label and what value."""

    text: str
    strong: str = ""
    """The bold words that it begins with."""
    depth: int = 0
    """Above 0: quoted."""
    heading: bool = False
    title: bool = False
    """Of the page or a part of it: no question, whatever its words."""
    pair: tuple[str, str] | None = None


@dataclass(frozen=True)
class Cell:
    """One cell, in lines."""

    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """Its words, with a line end where the reader sees one."""
        return "\n".join(line.text for line in self.lines).strip()

    @property
    def empty(self) -> bool:
        """Nothing to read, or only the colon that some forms give a column of its own."""
        return not self.text.strip(" \n:;-–…._")

    @property
    def holds_pairs(self) -> bool:
        """Is there a table or list in it that was read already?"""
        return any(line.pair for line in self.lines)


def read_table(rows: Sequence[Sequence[Cell]], asks: Callable[[str], bool], depth: int) -> list[Line]:
    """The lines of a table: a pair for every question with its answer, other cells as they run."""
    rows = [row[:MOST_COLUMNS] for row in rows if row]
    known: dict[int, str] = {}

    def label(cell: Cell) -> str:  # each is asked about more than once
        if id(cell) not in known:
            known[id(cell)] = _label(cell, asks)
        return known[id(cell)]

    certain = sum(1 for row in rows if len(row) > 1 and label(row[0]))
    found: list[Line] = []
    at = 0
    while at < len(rows):
        below = _below_headers(rows, at, label)
        if below:
            heads = [label(cell) for cell in rows[at]]
            for row in rows[at + 1 : below]:
                found += [_pair(head, cell.text, depth) for head, cell in zip(heads, row, strict=False) if head]
            at = below
            continue
        found += _row(rows[at], label, depth, certain=certain)
        at += 1
    return found


def _below_headers(rows: Sequence[Sequence[Cell]], at: int, label: Callable[[Cell], str]) -> int:
    """Where the answers end that stand below this row of questions; 0 when it is none."""
    heads = rows[at]
    if len(heads) < 2 or not all(label(cell) for cell in heads):
        return 0
    end = at + 1
    while end < len(rows) and len(rows[end]) == len(heads) and not any(label(cell) for cell in rows[end]):
        if all(cell.empty for cell in rows[end]):
            break
        end += 1
    return end if end > at + 1 else 0


def _row(row: Sequence[Cell], label: Callable[[Cell], str], depth: int, *, certain: int) -> list[Line]:
    if any(cell.holds_pairs for cell in row):
        return [line for cell in row for line in cell.lines]
    cells = [cell for cell in row if cell.text.strip() != ":"]
    if len(cells) > 2 and NUMBER.match(cells[0].text):
        cells = cells[1:]
    if len(cells) == 3 and label(cells[1]) and not label(cells[2]) and not label(cells[0]):
        group = [Line(cells[0].text.replace("\n", " "), depth=depth, heading=True)] if not cells[0].empty else []
        return [*group, _pair(label(cells[1]), cells[2].text, depth)]
    labels = [label(cell) or _likely(cell, certain) for cell in cells[::2]]
    if (
        len(cells) in (2, 4, 6, 8)
        and labels[0]
        and all(
            one or (cell.empty and cells[2 * at + 1].empty)
            for at, (one, cell) in enumerate(zip(labels, cells[::2], strict=True))
        )
    ):
        values = [cell.text for cell in cells[1::2]]
        return [_pair(one, value, depth) for one, value in zip(labels, values, strict=True) if one]
    if len(cells) > 2 and (first := label(cells[0])):
        answer = "\n".join(cell.text for cell in cells[1:] if not cell.empty)
        if not any(label(cell) for cell in cells[1:]):
            return [_pair(first, answer, depth)]
    return _flowing([cell for cell in cells if not cell.empty], depth)


def _flowing(cells: Sequence[Cell], depth: int) -> list[Line]:
    """Cells that are no question and answer: short ones on one line, in columns; others one after the other."""
    short = len(cells) > 1 and all(len(cell.lines) == 1 and ":" not in cell.text for cell in cells)
    if short:
        return [Line("\t".join(cell.text for cell in cells), depth=depth)]
    return [line for cell in cells for line in cell.lines if line.text]


def _label(cell: Cell, asks: Callable[[str], bool]) -> str:
    """The question that the cell holds, "" when it holds none; help below it is left out."""
    lines = [line.text for line in cell.lines if line.text][:4]
    if not lines or sum(len(line) for line in lines) > 3 * MAX_LABEL:
        return ""
    for words in dict.fromkeys((" ".join(lines), lines[0])):
        bare = words.strip(" \t:*")
        if bare and len(bare) <= MAX_LABEL and asks(bare):
            return bare
    return ""


def _likely(cell: Cell, certain: int) -> str:
    """An unknown question: its table is a form, or a colon says so."""
    words = " ".join(cell.text.split())
    bare = words.strip(" :*")
    if not 0 < len(bare) <= MAX_LABEL or ":" in bare or not any(character.isalpha() for character in bare):
        return ""
    return bare if certain >= 2 or (certain and words.endswith(":")) else ""


def _pair(label: str, value: str, depth: int) -> Line:
    first = value.split("\n", 1)[0]
    return Line(f"{label}: {first}", depth=depth, pair=(label, value))
