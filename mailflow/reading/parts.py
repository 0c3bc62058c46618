"""A mail in its parts (RFC 2046), iteratively and as slices of the bytes received: nothing nests deeper than it may.

The standard library's parser recurses once a level, tries every open boundary at every line, and gives an attached
mail back rewritten. A mail of 5,000 nested parts costs it minutes; here each level costs one search.
"""

import binascii
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mailflow.reading.charsets import from_base64
from mailflow.reading.fields import (
    Field,
    file_name,
    first,
    header_start,
    media_type,
    parameters,
    split_fields,
)

BLANKS = b" \t"
BARE_BOUNDARY = re.compile(rb"\sboundary=\"?([^\s\";]{1,200})", re.IGNORECASE)
HEADER_BYTES_OF_A_PART = 65_536
FIELDS_OF_A_PART = 200


@dataclass
class Part:
    """One part: its own fields, its body as *begin* to *end* of the mail, and the parts in it."""

    fields: Sequence[Field]
    begin: int
    end: int
    type: str
    given: Mapping[str, str]
    parts: list["Part"] = field(default_factory=list)

    @property
    def disposition(self) -> str:
        """The first word of Content-Disposition in lower case, "" without one."""
        return first(self.fields, "content-disposition")[:80].partition(b";")[0].strip().lower().decode("latin-1")

    @property
    def encoding(self) -> str:
        """Content-Transfer-Encoding in lower case."""
        return first(self.fields, "content-transfer-encoding")[:80].strip(b" \t;\"'").lower().decode("latin-1")

    @property
    def name(self) -> str:
        """The file name it goes by, "" without one."""
        return file_name(parameters(first(self.fields, "content-disposition")), self.given)


@dataclass(frozen=True)
class Split:
    """A mail that was taken apart, and which limits stood in the way ("parts", "nesting", "header")."""

    root: Part
    over: frozenset[str]


def split_mail(mail: bytes, *, parts: int, nesting: int, header_bytes: int, fields: int) -> Split:
    """*mail* taken apart, at most *parts* parts and *nesting* levels of multiparts."""
    header, body, cut = split_fields(mail, header_start(mail), max_bytes=header_bytes, max_fields=fields)
    root = _part(header, body, len(mail), "text/plain")
    over = {"header"} if cut else set()
    count = 1
    level = [root]
    for depth in range(nesting + 1):
        inner: list[Part] = []
        for part in level:
            if not part.type.startswith("multipart/"):
                continue
            if depth == nesting:
                over.add("nesting")
                continue
            inside = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
            for begin, end in _slices(mail, part, parts - count + 1):
                if count >= parts:
                    over.add("parts")
                    break
                own, at, _ = split_fields(
                    mail[begin : min(end, begin + HEADER_BYTES_OF_A_PART)],
                    0,
                    max_bytes=HEADER_BYTES_OF_A_PART,
                    max_fields=FIELDS_OF_A_PART,
                )
                part.parts.append(_part(own, begin + at, end, inside))
                count += 1
            inner += part.parts
        level = inner
    return Split(root, frozenset(over))


def content(mail: bytes, part: Part, most: int = sys.maxsize) -> bytes:
    """The bytes of *part* with its transfer encoding undone (of the first *most*); what cannot be stays as it is."""
    raw = mail[part.begin : min(part.end, part.begin + most)]
    match part.encoding:
        case "base64":
            return from_base64(raw)
        case "quoted-printable":
            return binascii.a2b_qp(raw)
        case "x-uuencode" | "uuencode" | "x-uue" | "uue":
            return _from_uuencode(raw)
    return raw


def _part(fields: Sequence[Field], begin: int, end: int, default: str) -> Part:
    value = first(fields, "content-type")
    return Part(fields, min(begin, end), end, media_type(value, default), parameters(value))


def _boundary(part: Part) -> bytes:
    if given := part.given.get("boundary"):
        return given.rstrip().encode("latin-1", "replace")
    # Some senders forget the semicolon before it.
    bare = BARE_BOUNDARY.search(first(part.fields, "content-type")[:1000])
    return bare[1] if bare else b""


def _slices(mail: bytes, part: Part, most: int) -> list[tuple[int, int]]:
    """Begin and end of each part inside *part*, without the line end before the next delimiter (RFC 2046 5.1.1)."""
    found: list[tuple[int, int]] = []
    mark = b"--" + _boundary(part)
    if mark == b"--":
        return found
    begin = -1
    at = mail.find(mark, part.begin, part.end)
    while at >= 0:
        after = at + len(mark)
        closing = mail.startswith(b"--", after)
        line_end = _rest_of_line(mail, after + 2 * closing, part.end)
        if line_end >= 0 and (at == part.begin or mail[at - 1 : at] in (b"\r", b"\n")):
            if begin >= 0:
                found.append((begin, max(begin, _before_line_end(mail, at))))
            if closing or len(found) >= most:
                return found
            begin = line_end
        at = mail.find(mark, after, part.end)
    if begin >= 0:
        found.append((begin, part.end))
    return found


def _rest_of_line(mail: bytes, at: int, end: int) -> int:
    """Where the next line starts when only blanks follow on this one, else -1."""
    while at < end and mail[at] in BLANKS:
        at += 1
    if mail.startswith(b"\r\n", at):
        return min(at + 2, end)
    return min(at + 1, end) if at >= end or mail[at] in b"\r\n" else -1


def _before_line_end(mail: bytes, at: int) -> int:
    return at - (2 if mail[max(0, at - 2) : at] == b"\r\n" else 1)


def _from_uuencode(raw: bytes) -> bytes:
    out: list[bytes] = []
    for line in raw.splitlines():
        if line.startswith(b"begin ") or not line:
            continue
        if line == b"end":
            break
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            # Some encoders count a line wrongly: read what its length byte promises.
            wanted = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                out.append(binascii.a2b_uu(line[:wanted]))
            except binascii.Error:
                continue
    return b"".join(out)
