"""The text part of a letter: made for reading as it stands, values never broken in a way that changes them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from mailflow.outgoing.slots import CHART_LINK, SLOT, TAP_LINK

WIDTH = 78
LABEL_WIDTH = 28
"""A longer label stands on a line of its own."""
KEPT_WHOLE = 40
"""A line of a value up to this long moves to the next line rather than being broken at its spaces."""
GLUE = "\x1f"
"""A space that no line ends at; values hold no control characters, see slots.clean."""
UNDERLINE = {"h1": "=", "h2": "-"}


@dataclass(frozen=True, kw_only=True)
class Block:
    """One paragraph, heading, table, rule or preformatted text; its strings still hold slots."""

    kind: str
    """The HTML name of what it is: p, h1 to h6, table, pre or hr."""
    first: str = ""
    rest: str = ""
    """What its first line and its other lines begin with: bullets, indents, quote marks."""
    tight: bool = False
    """Whether no empty line parts it from another tight one: the items of a list."""
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


def blocks(tokens: Sequence[Token]) -> tuple[Block, ...]:
    """The blocks of a parsed letter, in order."""
    return tuple(_Walk().through(tokens))


def text_part(letter: Iterable[Block], values: Mapping[str, str]) -> str:
    """The letter with its values filled in: at most 78 characters a line where its words allow; ends with a newline."""
    lines: list[str] = []
    before: Block | None = None
    for block in letter:
        if before and not (before.tight and block.tight):
            # Within one quote, the empty line is quoted too.
            lines.append(block.rest if before.rest == block.rest else "")
        lines += _lines(block, values)
        before = block
    return "\n".join(line.replace(GLUE, " ").rstrip() for line in lines) + "\n"


def fill(text: str, values: Mapping[str, str]) -> str:
    """*text* with its slots replaced by these values as they stand."""
    return SLOT.sub(lambda found: values[found[1]], text)


class _Walk:
    """Remembers, while reading tokens, which lists and quotes the next block stands in."""

    def __init__(self) -> None:
        self.inside: list[str] = []
        self.numbers: list[int | None] = []
        self.bullet: str | None = None

    def through(self, tokens: Sequence[Token]) -> Iterator[Block]:
        """The blocks of these tokens, tables apart from the rest since their cells belong together."""
        rest = iter(enumerate(tokens))
        for at, token in rest:
            match token.type:
                case "inline" if is_chart(token):
                    continue  # its numbers stand beside it in words
                case "inline":
                    opened = tokens[at - 1]
                    yield self.block(opened.tag, text=inline_text(token), tight=opened.hidden)
                case "fence" | "code_block":
                    yield self.block("pre", text=token.content.rstrip("\n"))
                case "hr":
                    yield self.block("hr")
                case "table_open":
                    yield self.block("table", rows=_rows(one for _, one in rest))
                case _:
                    self.enter_or_leave(token)

    def enter_or_leave(self, token: Token) -> None:
        """Note the start or end of a list, item or quote."""
        match token.type:
            case "bullet_list_open":
                self.numbers.append(None)
            case "ordered_list_open":
                self.numbers.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                self.numbers.pop()
            case "list_item_open":
                self.open_item()
            case "blockquote_open":
                self.inside.append("> ")
            case "list_item_close" | "blockquote_close":
                self.inside.pop()
                self.bullet = None

    def open_item(self) -> None:
        """The next block begins with the bullet or number of this item."""
        number = self.numbers[-1]
        mark = "- " if number is None else f"{number}. "
        if number is not None:
            self.numbers[-1] = number + 1
        self.bullet = "".join(self.inside) + mark
        self.inside.append(" " * len(mark))

    def block(self, kind: str, *, text: str = "", tight: bool = False, rows: tuple[tuple[str, ...], ...] = ()) -> Block:
        """A block with the beginnings of lines that belong here."""
        rest = "".join(self.inside)
        first, self.bullet = rest if self.bullet is None else self.bullet, None
        return Block(kind=kind, first=first, rest=rest, tight=tight, text=text, rows=rows)


def is_chart(token: Token) -> bool:
    """Whether the picture of the letter's numbers stands here."""
    opened = token.children[0] if token.children else None
    return bool(opened and opened.type == "link_open" and opened.attrs["href"] == CHART_LINK)


def inline_text(token: Token) -> str:
    """The words of one line of Markdown; the address of a link is spelled out behind it."""
    words, href, since = [], "", 0
    for child in token.children or ():
        match child.type:
            case "softbreak":
                words.append(" ")
            case "hardbreak":
                words.append("\n")
            case "link_open":
                href, since = str(child.attrs["href"]), len(words)
            case "link_close":
                if href != TAP_LINK and href.removeprefix("mailto:") != "".join(words[since:]):
                    words.append(f" ({href})")
            case _:
                words.append(child.content)
    return "".join(words)


def _rows(tokens: Iterable[Token]) -> tuple[tuple[str, ...], ...]:
    """The rows of the table that was just opened, up to its end; rows without words are left out."""
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(inline_text(token))
    return tuple(tuple(row) for row in rows if any(row))


def _lines(block: Block, values: Mapping[str, str]) -> list[str]:
    match block.kind:
        case "table":
            return _table(block, values)
        case "pre":
            return [block.rest + line for line in fill(block.text, values).split("\n")]
        case "hr":
            return [block.first + "-" * 40]
        case _:
            lines = list(_wrap(_glued(block.text, values), block.first, block.rest))
            if mark := UNDERLINE.get(block.kind):
                lines.append(block.rest + mark * min(WIDTH, max(len(line) for line in lines)))
            return lines


def _table(block: Block, values: Mapping[str, str]) -> list[str]:
    """`Label:   value` lines; a value goes on under its own beginning, so that no line of it can pose as a label."""
    rows = [(_label(fill(row[0], values)), " · ".join(_glued(one, values) for one in row[1:])) for row in block.rows]
    column = max((len(label) for label, _ in rows if len(label) <= LABEL_WIDTH), default=2) + 1
    indent = block.rest + " " * column
    lines: list[str] = []
    for label, value in rows:
        if len(label) < column:
            lines += _wrap(value, block.rest + label.ljust(column), indent)
        else:
            lines += [*_wrap(label, block.rest, block.rest), *_wrap(value, indent, indent)]
    return lines


def _label(text: str) -> str:
    label = " ".join(text.split())
    return label if not label or label.endswith((":", "?")) else f"{label}:"


def _glued(text: str, values: Mapping[str, str]) -> str:
    """*text* filled in, with glue instead of spaces in the lines of values that are kept whole."""

    def value(name: str) -> str:
        lines = values[name].split("\n")
        return "\n".join(line.replace(" ", GLUE) if len(line) <= KEPT_WHOLE else line for line in lines)

    return SLOT.sub(lambda found: value(found[1]), text)


def _wrap(text: str, first: str, rest: str) -> Iterator[str]:
    """The lines of *text*, broken at its own newlines and, where it must be, at spaces; never inside a word."""
    line = first
    for given in text.split("\n"):
        begun = False
        for word in given.split(" "):
            if begun and len(line) + 1 + len(word) > WIDTH:
                yield line
                line = rest + word
            else:
                line += f" {word}" if begun else word
            begun = True
        yield line
        line = rest
