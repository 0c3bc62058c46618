"""The words of an HTML part, as somebody would read them in a plain mail."""

import html
import re

MOST_HTML = 500_000
"""Characters of HTML that are read; a longer part is cut."""
MOST_LAYOUT = 20_000_000
"""Characters that laying out tables may cost: padding multiplies, a small hostile part could fill the memory."""
MOST_DEPTH = 150
"""libxml2 drops, silently, all that comes below 256 levels."""

NESTING = re.compile(
    r"<(/?)(?!(?:p|br|hr|li|d[dt]|t[rhd]|tbody|thead|tfoot|col|colgroup|option|img|meta|link|input|base|area|wbr)\b)[a-zA-Z]"
)
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
HIDDEN = re.compile(r"<(/?)(style|script|head|title|template)\b[^<>]{0,2000}>", re.IGNORECASE)
LINE = re.compile(
    r"<(?:br|/?(?:p|div|tr|table|ul|ol|blockquote|h[1-6]|pre|section|article))\b[^<>]{0,2000}>", re.IGNORECASE
)
ITEM = re.compile(r"<li\b[^<>]{0,2000}>", re.IGNORECASE)
CELL = re.compile(r"</t[dh]\s{0,20}>", re.IGNORECASE)
TAG = re.compile(r"</?[a-zA-Z!?][^<>]{0,20000}>")
SPACING = re.compile(r"(?:padding|margin)[a-z-]{0,20}\s{0,10}:[^;\"'<>]{0,200}", re.IGNORECASE)
BLANKS = re.compile(r"[ \t\r\n\f\xa0]+")
MANY_EMPTY_LINES = re.compile(r"\n{3,}")


def to_text(source: str) -> str:
    """The text of *source* with LF line ends; tables in columns while that stays cheap. Never raises."""
    source = source[:MOST_HTML].replace("\0", "")
    if _layout_cost(source) > MOST_LAYOUT or _depth(source) > MOST_DEPTH:
        return _plainly(source)
    try:
        # Imported here: it brings lxml along, and most mails have a text part.
        from inscriptis import get_text  # noqa: PLC0415 - slow to load: on first use

        return _tidy(get_text(_unspaced(source)))
    except Exception:  # whatever lxml and inscriptis make of a stranger's markup, the words are still there
        return _plainly(source)


def _depth(source: str) -> int:
    """How deep the elements nest that must be closed."""
    deepest = depth = 0
    for tag in NESTING.finditer(source):
        depth += -1 if tag[1] else 1
        deepest = max(deepest, depth)
    return deepest


def _unspaced(source: str) -> str:
    """Without padding and margins: inscriptis writes them as blanks, as many as a stranger asks for."""
    if "padding" not in source and "margin" not in source:
        return source
    return TAG.sub(lambda tag: SPACING.sub("", tag[0]), source)


def _layout_cost(source: str) -> int:
    """A generous upper bound of the characters that laid out tables and lists would take."""
    lowered = source.lower()
    rows = 1 + sum(lowered.count(tag) for tag in ("<tr", "<br", "<p", "<div", "<li", "<h"))
    tables = lowered.count("<table")
    lists = lowered.count("<ul") + lowered.count("<ol")
    width = len(TAG.sub("", source)) + 10 * (lowered.count("<td") + lowered.count("<th")) if tables else 0
    return rows * (width * max(1, min(tables, 80)) + 8 * min(lists, 250))


def _plainly(source: str) -> str:
    """Without the tags, one line for a block, a tab between cells: linear in whatever comes."""
    text = BLANKS.sub(" ", _without_hidden(COMMENT.sub(" ", source)))
    text = CELL.sub("\t", LINE.sub("\n", ITEM.sub("\n* ", text)))
    return _tidy(html.unescape(TAG.sub("", text)))


def _without_hidden(text: str) -> str:
    """Without what no reader sees; an element that never closes hides nothing."""
    kept: list[str] = []
    opened: re.Match[str] | None = None
    end = 0
    for tag in HIDDEN.finditer(text):
        if opened is None:
            opened = None if tag[1] else tag
        elif tag[1] and tag[2].lower() == opened[2].lower():
            kept += (text[end : opened.start()], " ")
            opened, end = None, tag.end()
    return "".join((*kept, text[end:]))


def _tidy(text: str) -> str:
    lines = (line.strip(" \xa0").rstrip("\t") if not line.strip() else line.rstrip() for line in text.split("\n"))
    return MANY_EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip("\n")
