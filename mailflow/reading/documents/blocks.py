"""Paragraphs, tables and filled-in fields of a document, in order, to label and value pairs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mailflow.core.mail import Pair
from mailflow.reading.documents import text
from mailflow.reading.documents.grid import Cell, grid_pairs, heading_like
from mailflow.reading.documents.limits import DocumentLimits
from mailflow.reading.documents.text import MAX_LABEL, MAX_VALUE, Known


@dataclass(frozen=True)
class Paragraph:
    """A paragraph as text; LF where it breaks off a line."""

    text: str


@dataclass(frozen=True)
class Table:
    """Rows of cells."""

    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Answer:
    """A field of the document with its own name, and what is filled in."""

    label: str
    value: str


Block = Paragraph | Table | Answer


def pairs_of(blocks: Iterable[Block], limits: DocumentLimits, *, known: Known | None) -> tuple[Pair, ...]:
    """The pairs of a document in reading order; their lines count paragraphs and rows from 1.

    Loose text is kept between the paragraphs of a form; around tables and fields only what can be a heading is.
    """
    found: list[Pair] = []
    lines: list[str] = []
    line, cells, room = 1, limits.cells, limits.characters

    def close() -> None:
        nonlocal line
        if lines:
            found.extend(_prose("\n".join(lines), line, known))
            line += sum(one.count("\n") + 1 for one in lines)
            lines.clear()

    for block in blocks:
        match block:
            case Paragraph(text=words):
                lines.append(words[:room])
                room -= min(len(words), room)
            case Table(rows=rows):
                close()
                kept = _within(rows, cells)
                cells -= sum(len(row) for row in kept)
                found.extend(grid_pairs(kept, known=known, line=line))
                line += len(kept)
            case Answer(label=label, value=value):
                close()
                found.append(Pair(" ".join(label.split())[:MAX_LABEL], text.ticked(value.strip()[:MAX_VALUE]), line))
                line += 1
    close()
    return tuple(found) if any(one.label for one in found) else ()


def _prose(words: str, line: int, known: Known | None) -> list[Pair]:
    read = text.pairs(words, known=known)
    if read:
        return [Pair(one.label, one.value, line + one.line - 1) for one in read]
    return [Pair("", one.strip(" :"), line + at) for at, one in enumerate(words.split("\n")) if heading_like(one)]


def _within(rows: Sequence[Sequence[Cell]], cells: int) -> list[Sequence[Cell]]:
    """The first rows, as long as they hold no more than that many cells."""
    kept: list[Sequence[Cell]] = []
    for row in rows:
        cells -= len(row)
        if cells < 0:
            break
        kept.append(row)
    return kept
