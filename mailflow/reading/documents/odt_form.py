"""An OpenDocument text or spreadsheet to label and value pairs: paragraphs, tables, input fields, lists. (ODT)

Read from content.xml; macros, links and pictures are never looked at. Deleted text of tracked changes stands apart in
the file and is left out; inserted text is ordinary text there.
"""

from collections.abc import Iterator

from mailflow.core.mail import Pair
from mailflow.reading.documents.blocks import Answer, Block, Paragraph, Table, pairs_of
from mailflow.reading.documents.grid import Cell
from mailflow.reading.documents.limits import DocumentLimits, Unread
from mailflow.reading.documents.package import BROKEN, EMPTY, LOCKED, Node, Package, read_package
from mailflow.reading.documents.text import MAX_LABEL, Known

_NS = "urn:oasis:names:tc:opendocument:xmlns:"
SPACES = {
    f"{_NS}office:1.0": "office",
    f"{_NS}text:1.0": "text",
    f"{_NS}table:1.0": "table",
    f"{_NS}drawing:1.0": "draw",
    f"{_NS}form:1.0": "form",
    "urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0": "loext",
}
SKIP = frozenset({
    "text:tracked-changes", "office:automatic-styles", "office:font-face-decls", "office:scripts", "office:annotation",
    "text:note", "text:sequence-decls", "text:variable-decls", "table:shapes", "table:covered-table-cell",
})  # fmt: skip
MAX_REPEATED = 50
"""Of cells and rows that are written once and repeated; spreadsheets repeat empty ones a million times."""
CONTENT = "content.xml"
MANIFEST = "META-INF/manifest.xml"
_FIELDS = ("text:text-input", "text:drop-down", "loext:content-control")


def pairs(content: bytes, limits: DocumentLimits, *, known: Known | None = None) -> tuple[Pair, ...] | Unread:
    """The pairs of an ODT (or ODS) in order; () when it holds no label. Never raises; reads as far as *limits* goes."""
    return read_package(content, limits, lambda package: _read(package, limits, known))


def _read(package: Package, limits: DocumentLimits, known: Known | None) -> tuple[Pair, ...] | Unread:
    if b"encryption-data" in (package.read(MANIFEST) or b""):
        return LOCKED
    document = package.tree(CONTENT, spaces=SPACES, skip=SKIP)
    body = document.first("office:body") if document else None
    if body is None:
        return BROKEN
    found = pairs_of(_Walk(known, _form_controls(body), limits.cells).blocks(body), limits, known=known)
    if not found and not body.text().strip():
        return EMPTY
    return found


class _Walk:
    """Goes through a document once and hands out its blocks."""

    def __init__(self, known: Known | None, controls: dict[str, Answer], cells: int) -> None:
        self._known, self._controls, self._room = known, controls, cells
        self._answers: list[Answer] = []
        """Fields that were read on their own, and come after the block they stand in."""
        self._apart: list[Node] = []
        """Text boxes and inner tables, likewise."""

    def blocks(self, node: Node) -> Iterator[Block]:
        """The blocks of a body, section, list or text box."""
        for child in node.nodes():
            if child.name in ("text:p", "text:h"):
                words = self._inline(child)
                if words.strip() or not self._answers:
                    yield Paragraph(words)
                yield from self._told()
            elif child.name == "table:table":
                yield from self._table(child)
            elif child.name != "office:forms":
                yield from self.blocks(child)
            apart, self._apart = self._apart, []
            for one in apart:
                yield from self._table(one) if one.name == "table:table" else self.blocks(one)

    def _told(self) -> list[Answer]:
        told, self._answers = self._answers, []
        return told

    def _table(self, node: Node) -> Iterator[Block]:
        rows: list[list[Cell]] = []
        width = 0
        for row in _rows(node):
            cells: list[Cell] = []
            for cell in row.nodes():
                if cell.name != "table:table-cell":
                    continue
                before = len(self._answers)
                words = self._cell(cell)
                told = len(self._answers) > before and not words.strip()
                cells += [None if told else words] * _repeated(cell, "table:number-columns-repeated")
            while cells and cells[-1] == "" and len(cells) > 1:
                cells.pop()
            cells += [""] * (min(width, MAX_REPEATED) - len(cells) if len(cells) > 1 or not any(cells) else 0)
            width = max(width, len(cells))
            copies = _repeated(row, "table:number-rows-repeated") if any(cells) else 1
            rows += [cells] * copies
            self._room -= copies * len(cells)
            if self._room < 0:
                break
            if self._answers:
                yield Table(tuple(rows))
                yield from self._told()
                rows = []
        if rows:
            yield Table(tuple(rows))

    def _cell(self, node: Node) -> str:
        if node.attributes.get("office:date-value"):
            return node.attributes["office:date-value"][:10]
        if node.attributes.get("office:value-type") == "boolean":
            return {"true": "ja", "false": "nee"}.get(node.attributes.get("office:boolean-value", ""), "")
        lines: list[str] = []
        waiting = node.nodes()[::-1]
        while waiting:
            one = waiting.pop()
            if one.name in ("text:p", "text:h"):
                lines.append(self._inline(one))
            elif one.name == "table:table":
                self._apart.append(one)
            else:
                waiting += one.nodes()[::-1]
        return "\n".join(lines).strip("\n")

    def _inline(self, node: Node) -> str:
        """The text of a paragraph; white space as ODF 1.2 part 1, 6.1.2 has it."""
        parts: list[str] = []
        for child in node.children:
            if isinstance(child, str):
                parts.append(child.replace("\n", " "))
            elif child.name in _FIELDS:
                self._field(child, parts)
            else:
                parts.append(self._other(child))
        return "".join(parts)

    def _other(self, node: Node) -> str:
        match node.name:
            case "text:s":
                count = node.attributes.get("text:c", "1")
                return " " * min(int(count) if count.isdigit() else 1, 200)
            case "text:tab":
                return "\t"
            case "text:line-break":
                return "\n"
            case "draw:text-box":
                self._apart.append(node)
                return ""
            case "draw:control":
                control = self._controls.get(node.attributes.get("draw:control", ""))
                if control and control.label and self._is_known(control.label):
                    self._answers.append(control)
                    return ""
                return control.value if control else ""
            case _:
                return self._inline(node)

    def _field(self, node: Node, parts: list[str]) -> None:
        """An input field or list: an answer of its own when it has the name of a question, else text."""
        value = self._inline(node)
        if node.attributes.get("loext:checkbox") == "true":
            value = "☒" if node.attributes.get("loext:checked") == "true" else "☐"
        elif node.attributes.get("loext:showing-place-holder") == "true":
            value = ""
        names = ("text:description", "text:name", "loext:alias", "loext:tag")
        label = next((name for one in names if self._is_known(name := node.attributes.get(one, ""))), "")
        if not label or value in ("☒", "☐"):
            parts.append(value)
            return
        before, cut, last = "".join(parts).rpartition("\n")
        bare = last.strip(" \t:*_")
        if not bare or self._is_known(bare):
            parts[:] = [before + cut]
        self._answers.append(Answer(label, value))

    def _is_known(self, name: str) -> bool:
        return bool(name.strip()) and len(name) <= MAX_LABEL and (self._known is None or self._known(name))


def _rows(table: Node) -> Iterator[Node]:
    """The rows of a table, those of header rows and row groups too, not those of inner tables."""
    for child in table.nodes():
        if child.name == "table:table-row":
            yield child
        elif child.name in ("table:table-header-rows", "table:table-row-group", "table:table-rows"):
            yield from _rows(child)


def _repeated(node: Node, attribute: str) -> int:
    count = node.attributes.get(attribute, "1")
    return min(int(count), MAX_REPEATED) if count.isdigit() and len(count) < 9 else 1


def _form_controls(body: Node) -> dict[str, Answer]:
    """The form controls of the document by id, each with its name and what is filled in. (ODF 1.2 part 1, 13)"""
    found: dict[str, Answer] = {}
    for forms in body.inside("office:forms"):
        for kind in ("text", "textarea", "combobox", "listbox", "checkbox", "date", "formatted-text"):
            for one in forms.inside(f"form:{kind}"):
                given = {name.partition(":")[2]: value for name, value in one.attributes.items()}
                value = given.get("current-value") or given.get("value") or ""
                if kind == "checkbox":
                    value = "ja" if given.get("current-state") == "checked" else ""
                elif kind == "listbox":
                    chosen = [n for n in one.nodes() if "true" in n.attributes.get("form:current-selected", "")]
                    value = chosen[0].attributes.get("form:label", "") if chosen else ""
                elif kind == "textarea" and not value:
                    value = "\n".join(line.text() for line in one.inside("text:p"))
                label = given.get("title") or given.get("name") or ""
                if given.get("id"):
                    found[given["id"]] = Answer(label, value)
    return found
