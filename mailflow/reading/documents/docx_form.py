"""A Word document to label and value pairs: content controls, old form fields, tables, paragraphs, text boxes. (DOCX)

Read from the XML itself: python-docx gives no text of content controls. Macros, links and pictures are never looked
at. Of tracked changes the text that would be accepted counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from mailflow.core.mail import Pair
from mailflow.reading.documents.blocks import Answer, Block, Paragraph, Table, pairs_of
from mailflow.reading.documents.grid import Cell, Filled
from mailflow.reading.documents.limits import DocumentLimits, Unread
from mailflow.reading.documents.package import BROKEN, EMPTY, Node, Package, read_package
from mailflow.reading.documents.text import MAX_LABEL, Known

SPACES = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
    "http://schemas.microsoft.com/office/word/2010/wordml": "w14",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
}
# What never holds an answer, what is deleted or moved away, and the second copy of a text box for old programs.
SKIP = frozenset({
    "w:rPr", "w:pPr", "w:tblPr", "w:tblGrid", "w:tcPr", "w:sectPr", "w:moveFrom", "w:delText", "w:instrText",
    "mc:Fallback", "w:background",
})  # fmt: skip
# ECMA-376 17.3.3.30: symbols of Wingdings, as people put them in for boxes.
SYMBOLS = {
    "A3": "☐", "A8": "☐", "6F": "☐", "70": "☐", "71": "☐", "78": "☒", "FD": "☒", "FE": "☑", "FC": "✓", "FB": "☒",
    "52": "☑", "53": "☒", "54": "☒", "51": "☒",
}  # fmt: skip
DOCUMENT = "word/document.xml"
_OPEN, _SHUT = "\x02", "\x03"
# Marks that XML cannot hold, around the number of a field inside its paragraph.


def pairs(content: bytes, limits: DocumentLimits, *, known: Known | None = None) -> tuple[Pair, ...] | Unread:
    """The pairs of a DOCX in order; () when it holds no label. Never raises; reads as far as *limits* goes."""
    return read_package(content, limits, lambda package: _read(package, limits, known))


def _read(package: Package, limits: DocumentLimits, known: Known | None) -> tuple[Pair, ...] | Unread:
    document = package.tree(DOCUMENT, spaces=SPACES, skip=SKIP)
    body = document.first("w:body") if document else None
    if body is None:
        return BROKEN
    blocks = _Walk(known).blocks(body)
    found = pairs_of(blocks, limits, known=known)
    if not found and not body.text().strip():
        return EMPTY
    return found


@dataclass
class _Control:
    """A content control: its title and tag, what is in it, and whether it is a box to tick."""

    names: tuple[str, ...]
    value: str
    box: bool = False


@dataclass
class _Text:
    """What a paragraph or cell says, with the fields that were read on their own, and the text boxes in it."""

    words: str
    answers: list[Answer] = field(default_factory=list)
    filled: bool = False
    """Whether it is one field that has no name, and nothing beside it."""


class _Walk:
    """Goes through a document once and hands out its blocks."""

    def __init__(self, known: Known | None) -> None:
        self._known = known
        self._controls: list[_Control] = []
        self._apart: list[Node] = []
        """Text boxes and inner tables that come after the block they stand in."""
        self._in_list = False
        """Inside the list of an old form, whose text is not its answer."""

    def blocks(self, node: Node) -> Iterator[Block]:
        """The blocks of a body, text box or cell."""
        for child in self._unwrapped(node):
            if child.name in ("w:p", "w:sdt"):
                yield from self._paragraph(child)
            elif child.name == "w:tbl":
                yield from self._table(child)
            apart, self._apart = self._apart, []
            for one in apart:
                yield from self._table(one) if one.name == "w:tbl" else self.blocks(one)

    def _unwrapped(self, node: Node) -> Iterator[Node]:
        """The children, those of whatever only wraps them too; a content control that is one answer stays whole."""
        for child in node.nodes():
            if child.name in ("w:p", "w:tbl", "w:tr", "w:tc", "w:r") or (child.name == "w:sdt" and _is_leaf(child)):
                yield child
            elif child.name not in ("w:sdtPr", "w:sdtEndPr", "w:trPr", "w:del"):
                yield from self._unwrapped(child)

    def _paragraph(self, node: Node) -> Iterator[Block]:
        self._in_list = False
        read = self._settled(self._control(node) if node.name == "w:sdt" else self._inline(node))
        if read.words.strip() or not read.answers:
            yield Paragraph(read.words)
        yield from read.answers

    def _table(self, node: Node) -> Iterator[Block]:
        rows: list[list[Cell]] = []
        answers: list[Block] = []
        for row in self._unwrapped(node):
            if row.name != "w:tr" or ((changed := row.first("w:trPr")) and changed.first("w:del")):
                continue
            cells: list[Cell] = []
            for cell in self._unwrapped(row):
                read = self._cell(cell)
                words = Filled(read.words) if read.filled else read.words
                cells.append(None if read.answers and not words.strip() else words)
                answers += read.answers
            rows.append(cells)
            if answers:
                yield Table(tuple(rows))
                yield from answers
                rows, answers = [], []
        if rows:
            yield Table(tuple(rows))

    def _cell(self, node: Node) -> _Text:
        if node.name == "w:sdt":
            return self._settled(self._control(node))
        lines: list[str] = []
        for child in self._unwrapped(node):
            if child.name == "w:tbl":
                self._apart.append(child)
            else:
                lines.append(self._control(child) if child.name == "w:sdt" else self._inline(child))
        return self._settled("\n".join(lines).strip("\n"))

    def _inline(self, node: Node) -> str:
        """The text of a paragraph, run or what wraps runs; a field in it is a mark with its number."""
        parts: list[str] = []
        for child in node.nodes():
            match child.name:
                case "w:t":
                    parts.append(child.text() if not self._in_list else "")
                case "w:tab" | "w:ptab":
                    parts.append("\t")
                case "w:br" | "w:cr":
                    parts.append("\n")
                case "w:noBreakHyphen":
                    parts.append("-")
                case "w:sym":
                    parts.append(SYMBOLS.get(child.attributes.get("w:char", "")[-2:].upper(), ""))
                case "w:fldChar":
                    parts.append(self._old_field(child))
                case "w:sdt":
                    parts.append(self._control(child))
                case "w:txbxContent":
                    self._apart.append(child)
                case "w:sdtPr" | "w:sdtEndPr" | "w:del":
                    pass
                case _:
                    parts.append(self._inline(child))
        return "".join(parts)

    def _old_field(self, node: Node) -> str:
        """A box or list of an old form (ECMA-376 17.16.17); an old text field has its answer in ordinary text."""
        kind = node.attributes.get("w:fldCharType", "")
        if kind == "end":
            self._in_list = False
        data = node.first("w:ffData")
        if data is None:
            return ""
        if box := data.first("w:checkBox"):
            state = box.first("w:checked") or box.first("w:default")
            return "☒" if state and _is_on(state.attributes.get("w:val", "1")) else "☐"
        if choices := data.first("w:ddList"):
            self._in_list = True
            words = [one.attributes.get("w:val", "") for one in choices.nodes() if one.name == "w:listEntry"]
            chosen = choices.value("w:result", "w:val")
            return words[int(chosen)] if chosen.isdigit() and int(chosen) < len(words) else ""
        return ""

    def _control(self, node: Node) -> str:
        """A content control as a mark; one that holds others as its text."""
        settings, content = node.first("w:sdtPr"), node.first("w:sdtContent")
        if settings is None or content is None or not _is_leaf(node):
            return self._inline(content) if content else ""
        lines = [
            self._inline(child) if child.name != "w:sdt" else self._control(child)
            for child in self._unwrapped_or_runs(content)
        ]
        box = settings.first("w14:checkbox")
        value = "\n".join(lines).strip("\n")
        if settings.first("w:showingPlcHdr") and _is_on(settings.value("w:showingPlcHdr", "w:val") or "1"):
            value = "" if box is None else value
        if box:
            value = "☒" if _is_on(box.value("w14:checked", "w14:val") or "0") else "☐"
        elif (date := settings.first("w:date")) and value.strip():
            value = _date(date, value)
        names = (settings.value("w:alias", "w:val"), settings.value("w:tag", "w:val"))
        self._controls.append(_Control(tuple(one for one in names if one.strip()), value, box is not None))
        return f"{_OPEN}{len(self._controls) - 1}{_SHUT}"

    def _unwrapped_or_runs(self, content: Node) -> list[Node]:
        """The paragraphs of a control, or the control itself when it stands within one."""
        return [content] if content.holds("w:txbxContent") else (content.inside("w:p") or [content])

    def _settled(self, words: str) -> _Text:
        """*words* with each mark as its value, or taken out as an answer where the field has the name of a question."""
        if _OPEN not in words:
            return _Text(words)
        kept: list[str] = []
        answers: list[Answer] = []
        head, *pieces = words.split(_OPEN)
        kept.append(head)
        alone = len(pieces) == 1
        for piece in pieces:
            number, _, rest = piece.partition(_SHUT)
            control = self._controls[int(number)]
            label = self._label(control)
            if label and (not control.box or (alone and not rest.strip())):
                kept[-1] = self._without_label(kept[-1])
                answers.append(Answer(label, control.value))
                kept.append(rest)
            else:
                kept.append(control.value + rest)
        filled = alone and not answers and not head.strip() and not kept[-1].removeprefix(control.value).strip()
        return _Text("".join(kept), answers, filled)

    def _label(self, control: _Control) -> str:
        names = [one for one in control.names if len(one) <= MAX_LABEL]
        if self._known is None:
            return names[0] if names else ""
        return next((one for one in names if self._known(one)), "")

    def _without_label(self, words: str) -> str:
        """*words* before a field without the question that stands there too."""
        before, cut, last = words.rpartition("\n")
        bare = last.strip(" \t:*_")
        return f"{before}{cut}" if not bare or (len(bare) <= MAX_LABEL and self._is_question(bare)) else words

    def _is_question(self, bare: str) -> bool:
        return self._known is None or self._known(bare)


def _is_leaf(node: Node) -> bool:
    """Does this content control hold one answer: no table row, cell or other control inside?"""
    content = node.first("w:sdtContent")
    return content is not None and not content.holds("w:sdt", "w:tbl", "w:tr")


def _is_on(value: str) -> bool:
    return value.strip().casefold() in ("1", "true", "on")


def _date(settings: Node, shown: str) -> str:
    """The date as it is shown, unless the month comes first: then as Word keeps it."""
    kept = settings.attributes.get("w:fullDate", "")[:10]
    return kept if kept and settings.value("w:dateFormat", "w:val").startswith("M") else shown
