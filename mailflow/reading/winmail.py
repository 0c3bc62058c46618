"""winmail.dat, the packet in which Outlook sends attachments to whoever it takes for another Outlook (MS-OXTNEF)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from mailflow.core.mail import Attachment
from mailflow.reading import charsets

SIGNATURE = 0x223E9F78
TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
MOST_ATTACHMENTS = 50
MOST_PROPERTIES = 2000
"""Of one attachment, and values of one property: Outlook writes a few dozen."""

# Attributes (MS-OXTNEF 2.1.3.4).
NEW_ATTACHMENT, TITLE, DATA, PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
BODY, MESSAGE_PROPERTIES, CODE_PAGE = 0x0002800C, 0x00069003, 0x00069007
# Properties (MS-OXPROPS).
TEXT, HTML, OBJECT, LONG_NAME, MIME_TYPE = 0x1000, 0x1013, 0x3701, 0x3707, 0x370E

# fmt: off
FIXED = {0x0002: 4, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4, 0x000B: 4, 0x0014: 8,
         0x0040: 8, 0x0048: 16}
# fmt: on
OBJECT_TYPE, STRING, UNICODE, BINARY, SEVERAL = 0x000D, 0x001E, 0x001F, 0x0102, 0x1000
INTERFACE = b"\xc0\x00\x00\x00\x00\x00\x00\x46"
"""How the sixteen bytes end that name the interface of an attached object, where they stand before it."""


@dataclass(frozen=True)
class Winmail:
    """What was in the packet; *text* and *html* are what the writer wrote, "" where Outlook left it out."""

    text: str
    html: str
    attachments: tuple[Attachment, ...]


@dataclass
class _Inside:
    """One attachment while its attributes come by, in any order."""

    title: bytes = b""
    data: bytes = b""
    known: dict[int, bytes | str] = field(default_factory=dict)


def unpacked(packet: bytes) -> Winmail | None:
    """What is in *packet*, as far as it can be read; None when it is no such packet. Never raises."""
    if len(packet) < 6 or struct.unpack_from("<L", packet)[0] != SIGNATURE:  # signature and key
        return None
    code_page, text = "cp1252", ""
    message: dict[int, bytes | str] = {}
    inside: list[_Inside] = []
    for name, value in _attributes(packet):
        match name:
            case _ if name == CODE_PAGE and len(value) >= 4:  # a number
                code_page = f"cp{struct.unpack_from('<L', value)[0]}"
            case _ if name == NEW_ATTACHMENT and len(inside) >= MOST_ATTACHMENTS:
                break
            case _ if name == NEW_ATTACHMENT:
                inside.append(_Inside())
            case _ if name == BODY:
                text = _words(value, code_page)
            case _ if name == MESSAGE_PROPERTIES:
                message = _properties(value)
            case _ if inside and name == TITLE:
                inside[-1].title = value
            case _ if inside and name == DATA:
                inside[-1].data = value
            case _ if inside and name == PROPERTIES:
                inside[-1].known = _properties(value)
    return Winmail(
        text=text or _words(message.get(TEXT, b""), code_page),
        html=_words(message.get(HTML, b""), code_page),
        attachments=tuple(_attachment(one, code_page) for one in inside),
    )


def _attributes(packet: bytes) -> Iterator[tuple[int, bytes]]:
    """Each attribute with its value; the checksums are not looked at, since Outlook itself writes wrong ones."""
    at = 6
    while at + 9 <= len(packet):
        level, name, size = struct.unpack_from("<BLL", packet, at)
        at += 9
        if level not in (1, 2) or at + size > len(packet):
            return
        yield name, packet[at : at + size]
        at += size + 2


def _properties(value: bytes) -> dict[int, bytes | str]:
    """The properties that have text or bytes, the first value of each; what cannot be read ends the list."""
    found: dict[int, bytes | str] = {}
    try:
        (count,) = struct.unpack_from("<L", value)
        at = 4
        for _ in range(min(count, MOST_PROPERTIES)):
            kind, name = struct.unpack_from("<HH", value, at)
            at += 4
            if name >= 0x8000:  # from there on a property has a name of its own
                at = _after_own_name(value, at)
            values, at = _values(value, at, kind)
            if values:
                found.setdefault(name, values[0])
    except struct.error:
        pass
    return found


def _after_own_name(value: bytes, at: int) -> int:
    (by_name,) = struct.unpack_from("<L", value, at + 16)
    if not by_name:
        return at + 24
    (size,) = struct.unpack_from("<L", value, at + 20)
    return at + 24 + _padded(size)


def _values(value: bytes, at: int, kind: int) -> tuple[list[bytes | str], int]:
    """The values of one property that are text or bytes, and where the next property begins."""
    plain, count = kind & ~SEVERAL, 1
    if plain not in FIXED and plain not in (OBJECT_TYPE, STRING, UNICODE, BINARY):
        raise struct.error("an unknown kind of property")
    if kind & SEVERAL or plain not in FIXED:
        (count,) = struct.unpack_from("<L", value, at)
        at += 4
    if plain in FIXED:
        return [], at + count * FIXED[plain]
    found: list[bytes | str] = []
    for _ in range(min(count, MOST_PROPERTIES)):
        (size,) = struct.unpack_from("<L", value, at)
        content = value[at + 4 : at + 4 + size]
        if len(content) < size:
            raise struct.error("a property that ends too soon")
        found.append(content.decode("utf-16-le", "replace") if plain == UNICODE else content)
        at += 4 + _padded(size)
    return found, at


def _padded(size: int) -> int:
    return size + -size % 4


def _attachment(one: _Inside, code_page: str) -> Attachment:
    content = one.data
    if isinstance(found := one.known.get(OBJECT), bytes):  # then the data only says that an old program cannot show it
        content = found[16:] if found[8:16] == INTERFACE else found
    name = _words(one.known.get(LONG_NAME, b""), code_page) or _words(one.title, code_page)
    type_ = _words(one.known.get(MIME_TYPE, b""), code_page).strip().lower() or "application/octet-stream"
    return Attachment(" ".join(name.replace("\\", "/").rpartition("/")[2].split()), type_, len(content), content)


def _words(value: bytes | str, code_page: str) -> str:
    decoded = value if isinstance(value, str) else charsets.decode(value, code_page)[0]
    return charsets.lines(decoded.partition("\0")[0])
