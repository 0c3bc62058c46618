"""A mail inside its signature: smime.p7m with signed data, taken out without judging the signature (RFC 5652, 8551)."""

from collections.abc import Iterator

TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
MOST_ELEMENTS = 50_000
"""Pieces of one level: a stream is cut in pieces of a kilobyte or more."""
MOST_LEVELS = 4
"""Pieces of pieces (BER allows any number): no program makes more than two."""

SEQUENCE, OCTETS, OBJECT_NAME, EXPLICIT = 0x30, 0x04, 0x06, 0xA0
OCTETS_IN_PIECES = 0x24
SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
PLAIN_DATA = bytes.fromhex("2a864886f70d010701")
END = (0, b"")


def content_of(signed: bytes) -> bytes | None:
    """The MIME entity that was signed; None when it is no signed data, or encrypted. Never raises."""
    try:
        name, wrapped = _pair(_value(signed, SEQUENCE))
        if name != SIGNED_DATA:
            return None
        _, _, (tag, inner), *_ = _elements(_value(wrapped, SEQUENCE))
        name, wrapped = _pair(inner)
        if tag != SEQUENCE or name != PLAIN_DATA:
            return None
        return _octets(next(_elements(wrapped)), MOST_LEVELS)
    except (ValueError, IndexError, StopIteration):
        return None


def _pair(content: bytes) -> tuple[bytes, bytes]:
    """The name of a kind of content, and the content itself."""
    (name_tag, name), (tag, wrapped), *_ = _elements(content)
    if (name_tag, tag) != (OBJECT_NAME, EXPLICIT):
        raise ValueError("no content of a named kind")
    return name, wrapped


def _value(content: bytes, tag: int) -> bytes:
    found, value = next(_elements(content))
    if found != tag:
        raise ValueError("another kind of element")
    return value


def _octets(element: tuple[int, bytes], levels: int) -> bytes:
    tag, value = element
    if tag == OCTETS:
        return value
    if tag != OCTETS_IN_PIECES or not levels:
        raise ValueError("no octets")
    return b"".join(_octets(piece, levels - 1) for piece in _elements(value))


def _elements(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and value of the elements that *content* consists of (X.690); tags of more than one byte do not occur."""
    at = 0
    while at < len(content):
        tag, value, at = _element(content, at, MOST_LEVELS * 4)
        if (tag, value) == END:
            return
        yield tag, value


def _element(content: bytes, at: int, levels: int) -> tuple[int, bytes, int]:
    """One element: its tag, its value, and where the next one begins."""
    tag, length, at = content[at], content[at + 1], at + 2
    if tag & 0x1F == 0x1F or not levels:  # the mark of a long tag
        raise ValueError("an element that does not occur")
    if length == 0x80:  # no length given: up to the mark of the end
        begin = at
        for _ in range(MOST_ELEMENTS):
            inner, value, after = _element(content, at, levels - 1)
            if (inner, value) == END:
                return tag, content[begin:at], after
            at = after
        raise ValueError("an element without end")
    if length > 0x80:  # so many bytes hold the length
        size = length - 0x80
        length, at = int.from_bytes(content[at : at + size]), at + size
    if at + length > len(content):
        raise ValueError("an element that ends too soon")
    return tag, content[at : at + length], at + length
