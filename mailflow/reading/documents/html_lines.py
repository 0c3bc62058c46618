"""HTML to lines: what stands on one line for the reader, what of it is bold, what is quoted, and the rows of tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from mailflow.reading.documents.html_tables import Cell, Line, read_table
from mailflow.reading.html_text import MOST_DEPTH, MOST_HTML, NESTING, to_text

if TYPE_CHECKING:
    from mailflow.reading.documents.limits import DocumentLimits

# fmt: off
BLOCKS = frozenset({
    "address", "article", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset", "figure", "footer", "form", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hr", "legend", "li", "main", "nav", "ol", "p", "pre", "section", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "caption", "body",
})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "legend", "caption"})
BOLD = frozenset({"b", "strong", "th", "dt"}) | HEADINGS
UNSEEN = frozenset({"script", "style", "head", "title", "template", "noscript", "object", "svg", "button", "option"})
# What mail programs put around the message that is answered or forwarded: quoted, like a blockquote.
QUOTE_CLASSES = frozenset({
    "gmail_quote", "gmail_quote_container", "yahoo_quoted", "protonmail_quote", "moz-forward-container", "zmail_extra",
})
# All that comes after these is the older message.
OLDER_BELOW = frozenset({
    "divrplyfwdmsg", "appendonsend", "ms-outlook-mobile-reference-message", "mail-editor-reference-message-container",
    "olk_src_body_section", "x_divrplyfwdmsg",
})
SIGNATURE_CLASSES = frozenset({"gmail_signature", "moz-signature", "gmail_signature_prefix"})
# Word writes its check boxes in a font of pictures.
WINGDINGS = str.maketrans({"þ": "☑", "ý": "☒", "x": "☒", "¨": "☐", "o": "☐", "q": "☐", "ü": "✓"})
# fmt: on
SPACES = " \t\r\n\f\xa0"
BLANKS = re.compile(r"[ \t\r\n\f\xa0\u2007\u202f]+")
HIDDEN = re.compile(
    r"display\s{0,9}:\s{0,9}none|mso-hide\s{0,9}:\s{0,9}all|visibility\s{0,9}:\s{0,9}hidden", re.IGNORECASE
)
BOLD_STYLE = re.compile(r"font-weight\s{0,9}:\s{0,9}(?:bold|[6-9]00)", re.IGNORECASE)
NOT_BOLD_STYLE = re.compile(r"font-weight\s{0,9}:\s{0,9}(?:normal|[1-5]00)", re.IGNORECASE)
BORDERLESS = re.compile(r"border(?:-left)?\s{0,9}:\s{0,9}(?:none|0)", re.IGNORECASE)
# A form is not written in so many lines: what comes after them is left out.
MOST_LINES = 10_000


class _Element(Protocol):
    """What we use of lxml's elements, which come without types."""

    tag: str
    text: str | None
    tail: str | None

    def get(self, key: str) -> str | None:
        """An attribute."""

    def iterchildren(self, tag: str) -> Iterator[_Element]:
        """The child elements of that name."""


@dataclass
class _Flow:
    """Text that runs on: of the page, or of one cell."""

    lines: list[Line] = field(default_factory=list)
    pieces: list[tuple[str, bool]] = field(default_factory=list)

    def add(self, text: str, *, bold: bool) -> None:
        if self.pieces or text.strip(SPACES):  # a line does not begin with them
            self.pieces.append((text, bold))

    def end_line(self, depth: int, *, heading: bool = False, title: bool = False, blank: bool = False) -> None:
        """Close the line; *blank*: an empty one counts too, once."""
        whole = BLANKS.sub(" ", "".join(text for text, _ in self.pieces)).strip()
        if whole:
            strong = _strong(self.pieces, whole)
            self.lines.append(Line(whole, strong=strong, depth=depth, heading=heading, title=title))
        elif blank and (not self.lines or self.lines[-1].text):
            self.lines.append(Line("", depth=depth))
        self.pieces = []


@dataclass
class _Open:
    """An element that is being read, with what must be put back when it ends."""

    tag: str
    bold: bool = False
    depth: int = 0
    before: int = 0
    """How many lines there were when it began."""
    unseen: bool = False
    wingdings: bool = False
    signature: bool = False
    flow: _Flow | None = None
    """The flow around it, where it has one of its own."""


@dataclass
class _Table:
    rows: list[list[Cell]] = field(default_factory=list)


@dataclass
class _Walk:
    """Where the reading stands; elements are visited one by one, never recursively."""

    asks: Callable[[str], bool]
    cells: int
    flow: _Flow = field(default_factory=_Flow)
    opened: list[_Open] = field(default_factory=list)
    tables: list[_Table] = field(default_factory=list)
    depth: int = 0
    older: int = 0
    """1 once the older message below was reached."""
    label: list[str] = field(default_factory=list)
    """The words of the last dt that waits for its dd."""

    @property
    def now(self) -> _Open:
        return self.opened[-1] if self.opened else _Open("")

    def text(self, words: str | None) -> None:
        if not words or self.now.signature:
            return
        if self.now.wingdings:
            words = words.translate(WINGDINGS)
        if self.now.tag in ("pre", "textarea") and "\n" in words:
            for line in words.split("\n"):
                self.flow.add(line, bold=self.now.bold)
                self.end_line(blank=True)
            return
        self.flow.add(words, bold=self.now.bold)

    def end_line(self, *, blank: bool = False) -> None:
        if not self.flow.pieces and not blank:
            return
        tags = {one.tag for one in self.opened[-4:]}
        self.flow.end_line(
            max(self.depth, self.older), heading=bool(tags & HEADINGS), title=bool(tags & {"h1", "h2"}), blank=blank
        )

    def start(self, element: _Element, tag: str, style: str) -> None:
        ids = {one.lower() for key in ("id", "name") if (one := element.get(key))}
        classes = {one.lower() for one in named.split()[:20]} if (named := element.get("class")) else set()
        if tag in BLOCKS:
            self.end_line()
        if ids & OLDER_BELOW:
            self.older = 1
        quoted = (tag == "blockquote" and not BORDERLESS.search(style)) or bool(classes & QUOTE_CLASSES)
        around = self.now
        bold = tag in BOLD or (around.bold and tag not in ("td", "dd"))
        if style:
            bold = (bold or bool(BOLD_STYLE.search(style))) and not NOT_BOLD_STYLE.search(style)
        self.opened.append(
            _Open(
                tag,
                bold=bold,
                depth=self.depth,
                before=len(self.flow.lines),
                wingdings=around.wingdings or "wingdings" in style.lower(),
                signature=around.signature or bool(classes & SIGNATURE_CLASSES),
            )
        )
        self.depth += quoted
        match tag:
            case "br":
                self.end_line(blank=True)
            case "table":
                self.tables.append(_Table())
            case "tr" if self.tables:
                self.tables[-1].rows.append([])
            case "td" | "th" if self.tables:
                self.cells -= 1
                self.now.flow, self.flow = self.flow, _Flow()
            case "dt" | "dd":
                self.now.flow, self.flow = self.flow, _Flow()
            case "input" | "select":
                self._control(tag, element)
        self.text(element.text if tag not in ("select", "input") else None)

    def end(self, element: _Element) -> None:
        one = self.opened[-1]
        if one.tag in BLOCKS:
            self.end_line(blank=one.tag in ("p", "div") and len(self.flow.lines) == one.before)
        if one.tag == "table":
            rows = self.tables.pop().rows
            self.flow.lines += read_table(rows, self.asks, max(self.depth, self.older))
        elif one.flow is not None:
            self._close_box(one)
        self.opened.pop()
        self.depth = one.depth
        self.text(element.tail)

    def _close_box(self, one: _Open) -> None:
        inner, self.flow = self.flow, one.flow or _Flow()
        lines = [line for line in inner.lines if line.text or line.pair]
        words = "\n".join(line.text for line in lines)
        if one.tag == "dt":
            self.label = [*self.label, " ".join(words.split())] if words else self.label
        elif one.tag == "dd" and self.label and not any(line.pair for line in lines):
            depth = max(self.depth, self.older)
            self.flow.lines += [Line(f"{label}: {words}", pair=(label, words), depth=depth) for label in self.label]
            self.label = []
        elif one.tag in ("td", "th") and self.tables:
            rows = self.tables[-1].rows
            if not rows:
                rows.append([])
            rows[-1].append(Cell(tuple(inner.lines)))
        else:
            self.flow.lines += inner.lines

    def _control(self, tag: str, element: _Element) -> None:
        kind = (element.get("type") or "text").lower()
        if tag == "select":
            chosen = [one for one in element.iterchildren("option") if one.get("selected") is not None]
            self.flow.add(", ".join((one.text or "").strip() for one in chosen[:20]), bold=False)
        elif kind in ("checkbox", "radio"):
            self.flow.add(" [x] " if element.get("checked") is not None else " [ ] ", bold=False)
        elif kind in ("text", "email", "tel", "date", "number", "url"):
            self.flow.add(element.get("value") or "", bold=False)


def lines_of(source: str, limits: DocumentLimits, asks: Callable[[str], bool]) -> list[Line]:
    """The lines of *source* in reading order; rows that *asks* makes questions of carry their pair. Never raises."""
    source = source[: min(MOST_HTML, limits.characters)].replace("\0", "")
    if _nested_too_deep(source):
        return [Line(line.strip()) for line in to_text(source).split("\n")][:MOST_LINES]
    try:
        return _walked(source, limits, asks)[:MOST_LINES]
    except Exception:  # whatever lxml makes of a stranger's markup, the words are still there
        return [Line(line.strip()) for line in to_text(source).split("\n")][:MOST_LINES]


def _walked(source: str, limits: DocumentLimits, asks: Callable[[str], bool]) -> list[Line]:
    # Imported here: it is slow to load, and most mails have their form in the text part.
    from lxml import etree, html  # noqa: PLC0415 - slow to load: on first use

    if not source.strip():
        return []
    parser = html.HTMLParser(remove_comments=True, remove_pis=True, no_network=True)
    root = html.document_fromstring(source, parser=parser, ensure_head_body=True)
    walk = _Walk(asks=asks, cells=limits.cells)
    steps = etree.iterwalk(root, events=("start", "end"))
    for event, element in steps:
        if event == "end":
            walk.end(element)
            continue
        if walk.cells <= 0:
            break
        tag, style = str(element.tag).lower(), element.get("style") or ""
        if tag in UNSEEN or (style and HIDDEN.search(style)):
            walk.opened.append(_Open("", depth=walk.depth, unseen=True))
            steps.skip_subtree()
            continue
        walk.start(element, tag, style)
    while walk.opened:  # only where the limit on cells broke off
        _break_off(walk)
    walk.end_line()
    return walk.flow.lines


def _break_off(walk: _Walk) -> None:
    one = walk.opened.pop()
    walk.end_line()
    if one.tag == "table" and walk.tables:
        walk.flow.lines += read_table(walk.tables.pop().rows, walk.asks, walk.depth)
    elif one.flow is not None:
        walk._close_box(one)


def _nested_too_deep(source: str) -> bool:
    """libxml2 drops, silently, what lies too deep."""
    depth = 0
    for tag in NESTING.finditer(source):
        depth += -1 if tag[1] else 1
        if depth > MOST_DEPTH:
            return True
    return False


def _strong(pieces: list[tuple[str, bool]], whole: str) -> str:
    """The bold words that the line begins with."""
    begun: list[str] = []
    for text, bold in pieces:
        if not bold and text.strip(SPACES):
            break
        begun.append(text)
    strong = BLANKS.sub(" ", "".join(begun)).strip()
    return strong if whole.startswith(strong) else ""
