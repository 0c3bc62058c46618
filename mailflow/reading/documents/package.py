"""Files that are a ZIP with XML inside (DOCX, ODT, XLSX), opened within bounds: no bomb, no entity, no network."""

import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from mailflow.core.mail import Pair
from mailflow.reading.documents import archives
from mailflow.reading.documents.limits import DocumentLimits, Unread

BROKEN, LOCKED = archives.BROKEN, archives.LOCKED
EMPTY = Unread("er staat geen tekst in die we kunnen lezen")

MAX_NODES = 150_000
"""Elements of one XML part that are kept; a form of ten pages has a few thousand."""
MAX_DEPTH = 60
_CHUNK = 65_536


@dataclass(slots=True)
class Node:
    """One element; *name* and the attributes carry our own short prefix ("w:p"), children are nodes and text."""

    name: str
    attributes: dict[str, str]
    children: "list[Node | str]" = field(default_factory=list)

    def first(self, name: str) -> "Node | None":
        """The first child element of that name."""
        return next((one for one in self.nodes() if one.name == name), None)

    def nodes(self) -> "list[Node]":
        """The child elements."""
        return [one for one in self.children if isinstance(one, Node)]

    def inside(self, name: str) -> "list[Node]":
        """Every element of that name below this one, in order."""
        return list(self._below(name))

    def holds(self, *names: str) -> bool:
        """Is there an element of one of these names below this one?"""
        return next(self._below(*names), None) is not None

    def _below(self, *names: str) -> "Iterator[Node]":
        waiting = self.nodes()[::-1]
        while waiting:
            one = waiting.pop()
            if one.name in names:
                yield one
            waiting += one.nodes()[::-1]

    def text(self) -> str:
        """All text below it."""
        return "".join(one if isinstance(one, str) else one.text() for one in self.children)

    def value(self, name: str, attribute: str) -> str:
        """That attribute of that child, or ""."""
        child = self.first(name)
        return child.attributes.get(attribute, "") if child else ""


@dataclass(frozen=True)
class Package:
    """The members of a ZIP, read when asked."""

    archive: zipfile.ZipFile
    limits: DocumentLimits

    def read(self, name: str) -> bytes | None:
        """That member; None when it is missing, broken or more than half of what may be unpacked."""
        half = replace(self.limits, unpacked_bytes=self.limits.unpacked_bytes // 2)
        content = archives.member(self.archive, name, half)
        return content if isinstance(content, bytes) else None

    def tree(self, name: str, *, spaces: Mapping[str, str], skip: frozenset[str] = frozenset()) -> Node | None:
        """That member as a tree, see `tree`; None when it is no XML that we read."""
        content = self.read(name)
        return None if content is None else tree(content, self.limits, spaces=spaces, skip=skip)


def opened(content: bytes, limits: DocumentLimits) -> Package | Unread:
    """The ZIP in *content*; nothing is unpacked before the sizes that it tells of itself are added up."""
    archive = archives.opened(content, limits)
    return archive if isinstance(archive, Unread) else Package(archive, limits)


def read_package(
    content: bytes, limits: DocumentLimits, read: Callable[[Package], tuple[Pair, ...] | Unread]
) -> tuple[Pair, ...] | Unread:
    """What *read* finds in the package, or why it cannot be read. Never raises."""
    try:
        package = opened(content, limits)
        return package if isinstance(package, Unread) else read(package)
    except Exception:  # noqa: BLE001, RUF100  whatever is inside, the mail goes on without this document
        return BROKEN


def tree(
    content: bytes,
    limits: DocumentLimits,
    *,
    spaces: Mapping[str, str],
    skip: frozenset[str] = frozenset(),
) -> Node | None:
    """The elements of an XML text, without those named in *skip* and what is inside them; None when it is broken.

    *spaces* gives each namespace its short prefix; other namespaces have none. A document type is refused, and with
    it every entity. What lies beyond MAX_NODES, MAX_DEPTH and the characters of *limits* is left out.
    """
    from defusedxml.ElementTree import DefusedXMLParser  # noqa: PLC0415  on first use

    builder = _Builder(spaces, skip, limits.characters)
    try:
        parser = DefusedXMLParser(target=builder, forbid_dtd=True)
        for at in range(0, len(content), _CHUNK):
            parser.feed(content[at : at + _CHUNK])
            if builder.full:
                return builder.root
        parser.close()
    except Exception:  # noqa: BLE001, RUF100  every error of a parser means the same: not XML that we read
        return None
    return builder.root


class _Builder:
    """Takes the parser's events and keeps the part of the tree that counts."""

    def __init__(self, spaces: Mapping[str, str], skip: frozenset[str], characters: int) -> None:
        self.root: Node | None = None
        self.full = False
        self._spaces, self._skip, self._room = spaces, skip, characters
        self._open: list[Node] = []
        self._skipping = 0
        self._count = 0
        self._names: dict[str, str] = {}

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element opens."""
        name = self._short(tag)
        if self._skipping or self.full or name in self._skip or len(self._open) >= MAX_DEPTH:
            self._skipping += 1
            return
        node = Node(name, {self._short(key): value for key, value in attributes.items()})
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)
        self._count += 1
        self.full = self._count >= MAX_NODES

    def end(self, tag: str) -> None:
        """An element closes."""
        if self._skipping:
            self._skipping -= 1
        else:
            self._open.pop()

    def data(self, text: str) -> None:
        """Text within the open element."""
        if self._open and not self._skipping and self._room > 0:
            kept = text[: self._room]
            self._room -= len(kept)
            self._open[-1].children.append(kept)

    def close(self) -> None:
        """The end of the document."""

    def _short(self, tag: str) -> str:
        if tag not in self._names:
            space, closed, local = tag[1:].partition("}") if tag[:1] == "{" else ("", "", tag)
            prefix = self._spaces.get(space, "")
            name = f"{prefix}:{local}" if prefix else (local if not closed else f"?:{local}")
            if len(self._names) > 2_000:
                return name
            self._names[tag] = name
        return self._names[tag]
