"""HTML to label and value pairs: tables, definition lists, labels in bold, Word's and Gmail's markup."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from mailflow.core.mail import Pair
from mailflow.reading import charsets
from mailflow.reading.documents import text
from mailflow.reading.documents.html_lines import lines_of
from mailflow.reading.documents.html_tables import MAX_LABEL, Line
from mailflow.reading.documents.limits import DocumentLimits, Unread
from mailflow.reading.quote_marks import attribution_at, divider_at, header_block_at
from mailflow.reading.signatures import FAREWELL, without_additions

Known = Callable[[str], bool]

AS_SHIPPED = DocumentLimits()
META_CHARSET = re.compile(rb"<meta[^<>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?([\w.:-]{1,40})", re.IGNORECASE)
NUMBER = re.compile(r"^\(?\d{1,3}[.)]\s{1,4}(?=\S)")
LABEL_WORDS = 6
HEADING_WORDS = 8


@dataclass(frozen=True)
class Page:
    """The pairs of one HTML part: what its writer wrote now, and what they quote or forward."""

    written: tuple[Pair, ...] = ()
    quoted: tuple[Pair, ...] = ()


def nothing(_: str) -> bool:
    """No line is skipped."""
    return False


def pairs(content: bytes, limits: DocumentLimits, *, known: Known | None = None) -> tuple[Pair, ...] | Unread:
    """The pairs of an HTML document, all of it; () when it has no label. Never raises."""
    declared = META_CHARSET.search(content, 0, 4000)
    page, _ = charsets.decode(content[: 4 * limits.characters], declared[1].decode("ascii") if declared else "")
    return _pairs(lines_of(page, limits, known or _looks_like_label), known)


def read(
    source: str,
    limits: DocumentLimits = AS_SHIPPED,
    *,
    known: Known | None = None,
    skip: Callable[[str], bool] = nothing,
) -> Page:
    """The pairs of a mail's HTML part, its writer's own words apart from what is quoted. Never raises.

    Lines of running text that *skip* says yes to are left out.
    """
    lines = [line for line in lines_of(source, limits, known or _looks_like_label) if line.pair or not skip(line.text)]
    own = _own(lines)
    written = [line for line, mine in zip(lines, own, strict=True) if mine]
    quoted = [line for line, mine in zip(lines, own, strict=True) if not mine]
    return Page(_pairs(written, known), _pairs(quoted, known))


def _own(lines: Sequence[Line]) -> list[bool]:
    """Which lines the writer wrote: not inside a quote, and not below the header block of an older message."""
    texts = [line.text for line in lines]
    own: list[bool] = []
    for at, line in enumerate(lines):
        if line.depth:
            own.append(False)
        elif (
            divider_at(texts, at)
            or header_block_at(texts, at)
            or ((after := attribution_at(texts, at)) and not any(one.depth for one in lines[after : after + 3]))
        ):
            return own + [False] * (len(lines) - at)
        else:
            own.append(True)
    return own


def _pairs(lines: Sequence[Line], known: Known | None) -> tuple[Pair, ...]:
    found: list[Pair] = []
    loose: list[str] = []
    begun = 1
    labelled: list[Line | None] = [*_with_bold_labels(lines, known or _looks_like_label), None]
    for number, line in enumerate(labelled, 1):
        if line is not None and line.pair is None:
            loose.append(line.text)
            continue
        if loose:
            found += _running_text(loose, begun, known)
        loose, begun = [], number + 1
        if line is not None and line.pair is not None:
            label, value = line.pair
            found.append(Pair(NUMBER.sub("", label, count=1)[:MAX_LABEL], text.ticked(value)[: text.MAX_VALUE], number))
    return tuple(found) if any(one.label for one in found) else ()


def _running_text(lines: list[str], begun: int, known: Known | None) -> list[Pair]:
    """The pairs of lines that no table holds; without a label only what may be a heading is kept."""
    read = text.pairs(without_additions(lines), known=known)
    if read:
        return [replace(pair, line=pair.line + begun - 1) for pair in read]
    headings = [line for line in lines if _may_be_heading(line)]
    return [Pair("", line, begun) for line in headings]


def _with_bold_labels(lines: Sequence[Line], asks: Known) -> list[Line]:
    """The lines, where words in bold that are a question became the label of what stands behind or below them."""
    bold = [_bold_label(line) for line in lines]
    certain = sum(1 for label in bold if label and asks(label)) >= 2
    found: list[Line] = []
    at = 0
    while at < len(lines):
        line, label = lines[at], bold[at]
        if not label or not (asks(label) or (certain and _alone(line))):
            found.append(line)
            at += 1
            continue
        beside = line.text[len(line.strong) :].lstrip(" :\t")
        end = _value_ends(lines, bold, at + 1, asks)
        below = [one.text for one in lines[at + 1 : end]]
        value = "\n".join([beside, *below]).strip()
        found.append(replace(line, pair=(label, value)))
        found += [Line("", depth=line.depth)] * (end - at - 1)  # every line keeps its number
        at = end
    return found


def _value_ends(lines: Sequence[Line], bold: Sequence[str], at: int, asks: Known) -> int:
    """The first line from *at* that is no longer the value of the label in bold above it."""
    while at < len(lines):
        line = lines[at]
        before, colon, _ = line.text[: MAX_LABEL + 1].partition(":")
        labelled = bool(colon) and asks(before.strip())
        if line.pair or bold[at] or line.heading or labelled or FAREWELL.match(line.text[:120]):
            break
        if line.text.strip() in ("--", "---", "____"):
            break
        at += 1
    return at


def _bold_label(line: Line) -> str:
    bare = line.strong.strip(" \t:*")
    if not bare or line.pair or line.title or len(bare) > MAX_LABEL or "\t" in line.strong:
        return ""
    return bare


def _alone(line: Line) -> bool:
    return not line.text[len(line.strong) :].strip(" :*")


def _may_be_heading(line: str) -> bool:
    words = line.split()
    return 0 < len(words) <= HEADING_WORDS and line.rstrip()[-1:] not in ".!?," and not FAREWELL.match(line[:120])


def _looks_like_label(words: str) -> bool:
    """Without a form to ask: a few words that begin with a capital and hold no number."""
    bare = words.strip(" :*")
    return bare[:1].isupper() and len(bare.split()) <= LABEL_WORDS and not any(sign.isdigit() for sign in bare)
