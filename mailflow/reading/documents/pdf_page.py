"""One page of a PDF as text that keeps its columns, with what the page shows as drawings, and words of ours on it."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pypdf import PageObject

MAX_INSIDE = 3
"""Drawings within drawings."""
QUARTERS = 4
"""Gaps between lines are measured in quarters of a letter's height."""
HALF_LINE = 2
_HINT = re.compile(r"([^\s:]) {2,}(?=\([^()]{2,120}\))")
_FONT = "/MailflowAnswer"
# What moves, sizes and shows text; lines and pictures are left out.
_TEXT_STEPS = frozenset({
    b"q", b"Q", b"cm", b"BT", b"ET", b"Tc", b"Tw", b"Tz", b"TL", b"Ts", b"Td", b"TD", b"Tm", b"T*", b"Tj", b"TJ", b"'",
    b'"', b"Tf", b"Do",
})  # fmt: skip


_Step = tuple[list[Any], bytes]
"""Operands and operator."""


@dataclass(frozen=True)
class Written:
    """A word (ASCII) to put on a page, in points from its lower left corner."""

    word: str
    left: float
    foot: float


@dataclass
class Room:
    """How much more may be laid out, over all pages."""

    steps: int
    """Drawing steps."""
    content: int
    """Bytes of drawing steps that are taken apart."""


def page_text(page: "PageObject", words: Sequence[Written], room: Room) -> str:
    """The text of a page and *words*; "" when its content is broken or too much. The page is changed by it."""
    from pypdf.generic import ContentStream, DictionaryObject, NameObject  # noqa: PLC0415  slow to load: on first use

    try:
        drawn = _Drawn(page.pdf, room)
        contents, resources = resolved(page.get("/Contents")), resolved(page.get("/Resources"))
        steps = [] if contents is None else list(drawn.steps(contents, resources or {}, depth=0))
        drawn.fonts[NameObject(_FONT)] = _helvetica()
        whole = ContentStream(None, page.pdf)
        whole.operations = [([], b"q"), *steps, ([], b"Q"), *(step for one in words for step in _shown(one))]
        page[NameObject("/Contents")] = whole
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): drawn.fonts})
        laid = page.extract_text(extraction_mode="layout", layout_mode_font_height_weight=1 / QUARTERS)
        return _squeezed(laid, [one.word for one in words])
    except Exception:
        return ""


def resolved(value: Any) -> Any:  # noqa: ANN401  a PDF object of any kind
    """The object itself, where *value* only points at it."""
    return value.get_object() if hasattr(value, "get_object") else value


def listed(value: Any) -> list[Any]:  # noqa: ANN401  as above
    """The elements of a list, none of anything else."""
    found = resolved(value)
    return list(found) if isinstance(found, list) else []


class _Drawn:
    """The text steps of one page, with those of the drawings it shows in their place (ISO 32000-1, 8.10)."""

    def __init__(self, reader: Any, room: Room) -> None:  # noqa: ANN401  as above
        from pypdf.generic import DictionaryObject  # noqa: PLC0415  as above

        self.fonts = DictionaryObject()
        self._reader, self._room = reader, room
        self._parsed: dict[int, list[_Step]] = {}

    def steps(self, contents: Any, resources: dict[str, Any], *, depth: int) -> Iterator[_Step]:  # noqa: ANN401  as above
        """The steps of a page or drawing, as far as there is room."""
        from pypdf.generic import FloatObject, NameObject  # noqa: PLC0415  as above

        own = resolved(resources.get("/Font")) or {}
        drawings = resolved(resources.get("/XObject")) or {}
        names: dict[str, NameObject] = {}
        for operands, operator in self._parse(contents):
            self._room.steps -= 1
            if self._room.steps <= 0:
                return
            if operator == b"Tf" and operands:
                name = str(operands[0])
                if name not in names:
                    # A name that no page tree has: its fonts of the same name would be taken for ours.
                    names[name] = NameObject(f"/Mailflow{len(self.fonts)}" if name in own else "/MailflowNone")
                    if name in own:
                        self.fonts[names[name]] = own[name]
                yield [names[name], *operands[1:]], operator
            elif operator != b"Do":
                yield operands, operator
            elif operands and depth < MAX_INSIDE:
                drawing = resolved(drawings.get(operands[0]))
                if not isinstance(drawing, dict) or drawing.get("/Subtype") != "/Form" or not self._parse(drawing):
                    continue
                matrix = [resolved(one) for one in listed(drawing.get("/Matrix"))]
                yield [], b"q"
                if len(matrix) == 6:
                    yield [FloatObject(one) for one in matrix], b"cm"
                yield from self.steps(drawing, resolved(drawing.get("/Resources")) or resources, depth=depth + 1)
                yield [], b"Q"

    def _parse(self, contents: Any) -> list[_Step]:  # noqa: ANN401  as above
        """The steps that matter of one stream; none of one that there is no room for."""
        from pypdf.generic import ContentStream  # noqa: PLC0415  as above

        if id(contents) not in self._parsed:
            parts = [resolved(one) for one in contents] if isinstance(contents, list) else [contents]
            size = sum(len(one.get_data()) for one in parts if hasattr(one, "get_data"))
            self._room.content -= size
            stream = ContentStream(contents, self._reader, "bytes") if self._room.content >= 0 else None
            found = [] if stream is None else stream.operations
            self._parsed[id(contents)] = [step for step in found if step[1] in _TEXT_STEPS]
        return self._parsed[id(contents)]


def _shown(one: Written) -> list[_Step]:
    """The steps that put a word on the page."""
    from pypdf.generic import ByteStringObject, FloatObject, NameObject  # noqa: PLC0415  as above

    return [
        ([], b"BT"),
        ([NameObject(_FONT), FloatObject(8)], b"Tf"),
        ([FloatObject(number) for number in (1, 0, 0, 1, one.left, one.foot)], b"Tm"),
        ([ByteStringObject(one.word.encode())], b"Tj"),
        ([], b"ET"),
    ]


def _helvetica() -> Any:  # noqa: ANN401  as above
    from pypdf.generic import DictionaryObject, NameObject  # noqa: PLC0415  as above

    parts = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica", "/Encoding": "/WinAnsiEncoding"}
    return DictionaryObject({NameObject(key): NameObject(value) for key, value in parts.items()})


def _squeezed(laid: str, answers: Sequence[str]) -> str:
    """The page without its margin, with an empty line only where the gap is wider than between most lines.

    A question without an answer would else take the heading below it for one. No gap is wide before *answers*.
    """
    lines: list[str] = []
    gaps: list[int] = []
    gap = 0
    for line in laid.split("\n"):
        if line.strip():
            # A hint behind its question is set apart by a wide space, as it is in other letters.
            lines.append(_HINT.sub(r"\1 ", line.rstrip()))
            gaps.append(gap)
        gap = 0 if line.strip() else gap + 1
    usual = Counter(gaps[1:]).most_common(1)[0][0] if len(gaps) > 1 else 0
    margin = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    wide = [
        gap >= usual + HALF_LINE and not line.lstrip().startswith(tuple(answers))
        for line, gap in zip(lines, gaps, strict=True)
    ]
    return "\n".join(f"\n{line[margin:]}" if apart else line[margin:] for line, apart in zip(lines, wide, strict=True))
