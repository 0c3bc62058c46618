"""A printed form in a PDF: each question stands on a filled rectangle, and its answer beside that. (LibreOffice, Word)

That is how our own Word and ODT form looks once it is printed. Laid out as text its narrow columns run into each
other; by the rectangles each answer is certain.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mailflow.core.mail import Pair
from mailflow.reading.documents import text
from mailflow.reading.documents.pdf_page import resolved
from mailflow.reading.documents.text import MAX_LABEL, MAX_VALUE, Known

if TYPE_CHECKING:
    from pypdf import PageObject

LEAST_QUESTIONS = 5
"""Fewer questions on filled rectangles are decoration."""
MOST_PAGES = 10
"""A form takes two, and one with long answers a few more."""
MAX_CONTENT = 1_000_000
"""Bytes of drawing steps of all pages."""
MAX_RECTANGLES = 2_000
MAX_CHUNKS = 20_000
"""On one page."""
LETTER = 0.6
"""The width of a letter, in heights of a letter: rather too wide than too narrow, see _was_full."""
PADDING = 8
"""Points of a cell beside its text."""
PARAGRAPH = 1.6
"""An empty line stands between lines that are further apart than so many heights of a letter."""
_FILLS = frozenset({b"f", b"F", b"f*", b"B", b"B*"})
_EMPTY = re.compile(
    r"(?:klik|tik)(?: of (?:klik|tik))? (?:hier )?om (?:tekst|een datum) in te (?:voeren|vullen)\.?", re.I
)


@dataclass(frozen=True)
class _Box:
    left: float
    foot: float
    right: float
    head: float

    def holds(self, left: float, foot: float) -> bool:
        return self.left - 1 <= left < self.right and self.foot - 1 <= foot < self.head


@dataclass(frozen=True)
class _Chunk:
    """Words on one line, in points from the lower left corner of the page."""

    words: str
    left: float
    foot: float
    size: float


@dataclass
class _Page:
    boxes: list[_Box] = field(default_factory=list)
    chunks: list[_Chunk] = field(default_factory=list)


def pairs(pages: Sequence["PageObject"], known: Known) -> tuple[Pair, ...]:
    """The questions of the form that stand on filled rectangles, each with the answer beside it; () for other pages.

    An answer goes on below on the next page, where its rectangle does so without a question on it.
    """
    if len(pages) > MOST_PAGES or sum(map(_size, pages)) > MAX_CONTENT:
        return ()
    try:
        return tuple(_asked(pages, known))
    except Exception:  # pypdf raises whatever the page makes it raise; its text may still be laid out
        return ()


def _asked(pages: Sequence["PageObject"], known: Known) -> Iterator[Pair]:
    found: list[tuple[str, list[str]]] = []
    for page in pages:
        read = _drawn(page)
        for box in sorted(set(read.boxes), key=lambda one: (-one.head, one.left)):
            label = " ".join(_lines(read, box)).strip()
            answer = _lines(read, _beside(box, read.boxes, _edge(page, read.boxes)))
            asked = next((one for one in _spelled(label) if known(one)), "")
            if asked:
                found.append((asked, answer))
            elif not label and found and answer:
                found[-1][1].extend(answer)
    if len({label for label, _ in found}) >= LEAST_QUESTIONS:
        for line, (label, lines) in enumerate(found, 1):
            yield Pair(label, text.ticked(_said(lines)[:MAX_VALUE]), line)


def _size(page: "PageObject") -> int:
    """Bytes of drawing steps; too many of a page that shows drawings within it, which nobody prints a form as."""
    drawings = resolved((resolved(page.get("/Resources")) or {}).get("/XObject")) or {}
    if any(resolved(one).get("/Subtype") == "/Form" for one in drawings.values()):
        return MAX_CONTENT + 1
    contents = page.get_contents()
    return len(contents.get_data()) if contents is not None else 0


def _said(lines: Sequence[str]) -> str:
    value = "\n".join(lines).strip()
    return "" if _EMPTY.fullmatch(" ".join(value.split())) else value


def _spelled(label: str) -> Iterator[str]:
    """The label as printed, and without the mark and the hint that the form prints behind it."""
    if 0 < len(label) <= 2 * MAX_LABEL:
        yield label
        yield label.rstrip(" *:")
        yield re.sub(r"\s*\([^()]*\)\s*$", "", label.rstrip(" *:")).rstrip(" *:")


def _edge(page: "PageObject", boxes: Sequence[_Box]) -> float:
    """Where the table ends: its right margin is as wide as its left one."""
    return float(page.mediabox.right) - max(0.0, min(one.left for one in boxes) - float(page.mediabox.left))


def _beside(box: _Box, boxes: Sequence[_Box], right: float) -> _Box:
    """From the question to the next one in its row, or to the edge of the table."""
    row = [one.left for one in boxes if one.left >= box.right and one.foot < box.head and one.head > box.foot]
    return _Box(box.right, box.foot, min([*row, right]), box.head)


def _lines(page: _Page, box: _Box) -> list[str]:
    """What stands in a cell, line by line from its head; a line that was full takes in the next one."""
    inside = [one for one in page.chunks if box.holds(one.left, one.foot)]
    rows: list[list[_Chunk]] = []
    for one in sorted(inside, key=lambda chunk: (-chunk.foot, chunk.left)):
        if rows and abs(rows[-1][0].foot - one.foot) < one.size / 2:
            rows[-1].append(one)
        else:
            rows.append([one])
    lines: list[str] = []
    above: _Chunk | None = None
    for row in rows:
        words = "".join(one.words for one in sorted(row, key=lambda chunk: chunk.left)).strip()
        if above and above.foot - row[0].foot > PARAGRAPH * row[0].size:
            lines += ["", words]
        elif above and _was_full(lines[-1], words, row[0].size, box):
            one_word = "@" in lines[-1] + words and " " not in lines[-1] + words
            lines[-1] += f"{'' if one_word or lines[-1].endswith('-') else ' '}{words}"
        else:
            lines.append(words)
        above = row[0]
    return lines


def _was_full(line: str, after: str, size: float, box: _Box) -> bool:
    """Whether the line broke because the next word did not fit: in doubt it did, for then nothing is cut off."""
    last = len(line.rpartition("\n")[2])
    return (last + 1 + len(after.split(" ", maxsplit=1)[0])) * size * LETTER > box.right - box.left - PADDING


def _drawn(page: "PageObject") -> _Page:
    """The filled rectangles and the words of a page."""
    read = _Page()
    waiting: list[_Box] = []

    def step(operator: bytes, operands: Any, matrix: Sequence[float], _text: Sequence[float]) -> None:  # noqa: ANN401  an object of pypdf
        if operator == b"re" and len(operands) == 4 and len(read.boxes) < MAX_RECTANGLES:
            left, foot, width, height = (float(one) for one in operands)
            (x, y), (other_x, other_y) = _at(matrix, left, foot), _at(matrix, left + width, foot + height)
            waiting.append(_Box(min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y)))
        elif operator in _FILLS:
            read.boxes.extend(waiting)
            waiting.clear()
        elif operator in (b"n", b"S", b"s"):
            waiting.clear()

    def shown(words: str, matrix: Sequence[float], at: Sequence[float], _font: Any, size: float) -> None:  # noqa: ANN401  an object of pypdf
        if words.strip() and len(read.chunks) < MAX_CHUNKS:
            left, foot = _at(matrix, at[4], at[5])
            read.chunks.append(
                _Chunk(words.replace("\n", " "), left, foot, abs(size * (at[3] or 1) * (matrix[3] or 1)))
            )

    page.extract_text(visitor_operand_before=step, visitor_text=shown)
    return read


def _at(matrix: Sequence[float], x: float, y: float) -> tuple[float, float]:
    return matrix[0] * x + matrix[2] * y + matrix[4], matrix[1] * x + matrix[3] * y + matrix[5]
