"""A letter's Markdown becomes its shape, text and HTML, with slots where values go: so it can be kept."""

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING

from jinja2 import Template
from markdown_it import MarkdownIt
from markdown_it.token import Token

from mailflow.outgoing.chart import HEIGHT, WIDTH
from mailflow.outgoing.plain import Block, blocks, is_chart
from mailflow.outgoing.slots import SLOT, TAP_LINK, mark

if TYPE_CHECKING:
    from css_inline import CSSInliner

LOGO_ID = "logo@mailflow"
CHART_ID = "chart@mailflow"
"""The Content-ID of the picture, within its own mail."""
_MARKUP = re.compile("[&<>\"'\n]")
"""What stands in HTML as something else; most values have none of it."""
_SLOT_IN_TAG = re.compile("<[^<>\ue000]{0,2000}\ue000(?!tap)")


@dataclass(frozen=True)
class Shape:
    """A letter without its values; *html* is literal, slot, literal, slot, ..., literal."""

    plain: tuple[Block, ...]
    html: tuple[str, ...]
    preview: str
    """The first paragraph under the title: what a mailbox shows beside the subject."""


class Layout:
    """Makes shapes: Markdown without raw HTML and pictures, in the one HTML frame, its CSS inlined."""

    def __init__(self, frame: Template, *, logo: bool = False) -> None:
        """*logo*: whether a picture goes along that stands above the words."""
        self.frame, self.logo = frame, logo
        self.markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
        self.markdown.normalizeLink = _as_written  # type: ignore[method-assign]  # its documented hook

    def shape(self, source: str) -> Shape:
        """The shape of this Markdown; raises ValueError where a value would stand inside a tag."""
        tokens = self.markdown.parse(source)
        plain = blocks(tokens)
        body = self.markdown.renderer.render(list(for_mail(tokens)), self.markdown.options, {})
        if _SLOT_IN_TAG.search(body):
            raise ValueError("a value cannot be part of a link's address or of a code block's first line")
        page = self.frame.render(content=body, title=mark("title"), preview=mark("preview"), logo=self.logo)
        return Shape(plain=plain, html=tuple(SLOT.split(self.inline(page))), preview=_preview(plain))

    def inline(self, page: str) -> str:
        """*page* with its CSS at each element; rules for small screens stay in the head."""
        return str(self._inliner.inline(page))

    @cached_property
    def _inliner(self) -> "CSSInliner":
        from css_inline import CSSInliner  # noqa: PLC0415  (only who renders needs it)

        return CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def html_part(shape: Shape, values: Mapping[str, str]) -> str:
    """The letter in HTML with its values filled in: escaped, with their line breaks."""
    pieces = list(shape.html)
    for at in range(1, len(pieces), 2):
        value = values[pieces[at]]
        pieces[at] = html.escape(value).replace("\n", "<br>\n") if _MARKUP.search(value) else value
    return "".join(pieces)


def for_mail(tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens as HTML mail wants them: row headers in tables, lists of taps as buttons."""
    yield from _for_mail(tokens, count())


def _for_mail(tokens: Iterable[Token], numbers: Iterator[int]) -> Iterator[Token]:
    """*numbers* are those of the taps that are still to come; a list of taps can stand under a point of another."""
    rest = iter(tokens)
    for token in rest:
        match token.type:
            case "table_open":
                yield from _table([token, *_until(rest, "table_close")])
            case "bullet_list_open":
                items = [*_until(rest, "bullet_list_close", level=token.level)]
                own = [one for one in items if one.type == "inline" and one.level == token.level + 3]
                labels = [one for one in own if _is_tap(one)]
                if labels and len(labels) < len(own):
                    raise ValueError("a list holds taps only, or none")
                yield from _buttons(labels, numbers) if labels else (token, *_for_mail(items, numbers))
            case "inline" if is_chart(token):
                alt = html.escape("".join(child.content for child in _linked(token)))
                yield _raw(f'<img class="chart" src="cid:{CHART_ID}" width="{WIDTH}" height="{HEIGHT}" alt="{alt}">')
            case _:
                yield token


def _as_written(url: str) -> str:
    """No punycode or percent signs: a slot in an address must still be seen as one."""
    return url


def _table(tokens: list[Token]) -> Iterator[Token]:
    """The first cell of each row heads it; a head without words is left out."""
    head = [one for one in tokens if one.type == "thead_open"]
    end = next(at for at, one in enumerate(tokens) if one.type == "thead_close") if head else -1
    silent = not any(one.content.strip() for one in tokens[: end + 1] if one.type == "inline")
    tokens = [tokens[0], *tokens[end + 1 :]] if silent else tokens
    first = False
    for token in tokens:
        if token.type == "tr_open":
            first = True
        elif token.type == "td_open" and first:
            token.tag = "th"
            token.attrs["scope"] = "row"
        elif token.type == "td_close" and first:
            token.tag, first = "th", False
        elif token.type == "th_open":
            token.attrs["scope"] = "col"
        yield token


def _buttons(labels: Sequence[Token], numbers: Iterator[int]) -> Iterator[Token]:
    """One row of a table per tap, since Outlook gives padding to cells only; the label is escaped already or a slot."""
    yield _raw('<table role="presentation" class="taps" cellpadding="0" cellspacing="0" border="0">\n')
    for label in labels:
        words = html.escape("".join(child.content for child in _linked(label)))
        yield _raw(f'<tr><td class="tap"><a href="{mark(f"tap{next(numbers)}")}">{words}</a></td></tr>\n')
        yield _raw('<tr><td class="gap">&nbsp;</td></tr>\n')
    yield _raw("</table>\n")


def _is_tap(token: Token) -> bool:
    opened = token.children[0] if token.children else None
    return bool(opened and opened.type == "link_open" and opened.attrs["href"] == TAP_LINK)


def _linked(token: Token) -> Iterator[Token]:
    """What stands in the link that the line begins with."""
    for child in (token.children or [])[1:]:
        if child.type == "link_close":
            return
        yield child


def _until(rest: Iterator[Token], kind: str, *, level: int | None = None) -> Iterator[Token]:
    """The tokens up to and with the one of that kind (and level)."""
    for token in rest:
        yield token
        if token.type == kind and level in (None, token.level):
            return


def _raw(markup: str) -> Token:
    return Token("html_block", "", 0, content=markup)


def _preview(plain: Sequence[Block]) -> str:
    titled = False
    for block in plain:
        if titled and block.kind == "p":
            return block.text
        titled = titled or block.kind == "h1"
    return ""
