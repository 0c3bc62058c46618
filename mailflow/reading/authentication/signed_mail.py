"""A mail as its signers hashed it: fields and body byte by byte, and both canonical forms (RFC 6376 3.4).

dkimpy takes quadratic time over a line of blanks (1 MB of them: a quarter of an hour), and splits a header otherwise
than mime.py does, so that we could be shown one From and have another verified. Here everything is linear, and the
header is cut by the same rules as there.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from mailflow.reading.fields import FIELD_NAME, header_start

BLANKS = re.compile(rb"[ \t]+")
BARE_RETURN = re.compile(rb"\r(?!\n)")
BARE_FEED = re.compile(rb"(?<!\r)\n")
MOST_FIELDS = 1000
MOST_HEADER_BYTES = 1_000_000
FORMS = ("simple", "relaxed")


@dataclass(frozen=True)
class RawField:
    """One field of the header: its lower-case name, and all of it as received, ending in CRLF."""

    name: str
    whole: bytes

    @property
    def value(self) -> bytes:
        """What stands after the colon, unfolded."""
        return self.whole.partition(b":")[2].replace(b"\r\n", b"")


@dataclass(frozen=True)
class SignedMail:
    """Fields in order, and the body; line ends are CRLF."""

    fields: tuple[RawField, ...]
    body: bytes
    _hashes: dict[str, bytes] = field(default_factory=dict, compare=False, repr=False)

    def named(self, name: str) -> tuple[RawField, ...]:
        """Every field of that lower-case name, topmost first."""
        return tuple(one for one in self.fields if one.name == name)

    def body_hash(self, form: str, length: int | None = None) -> bytes:
        """SHA-256 of the body in that canonical form, or of its first *length* bytes."""
        if length is not None:
            return hashlib.sha256(canonical_body(self.body, form)[:length]).digest()
        if form not in self._hashes:
            self._hashes[form] = hashlib.sha256(canonical_body(self.body, form)).digest()
        return self._hashes[form]


def split_signed(raw: bytes) -> SignedMail | None:
    """The mail in *raw*; None when its header can be read in two ways, so that no signature over it says anything."""
    if b"\n" in raw and b"\r\n" not in raw:  # a file kept with the line ends of Unix
        raw = raw.replace(b"\n", b"\r\n")
    begin = header_start(raw)
    blank = raw.find(b"\r\n\r\n", begin)
    end = blank + 2 if blank >= 0 else len(raw)
    header = raw[begin:end] if raw.endswith(b"\r\n", begin, end) else raw[begin:end] + b"\r\n"
    if len(header) > MOST_HEADER_BYTES or BARE_RETURN.search(header) or BARE_FEED.search(header):
        return None
    fields = _fields(header)
    return SignedMail(fields, raw[end + 2 :]) if fields else None


def _fields(header: bytes) -> tuple[RawField, ...] | None:
    found: list[tuple[str, list[bytes]]] = []
    for line in header.split(b"\r\n")[:-1]:
        if line[:1] in (b" ", b"\t"):
            if not found:
                return None
            found[-1][1].append(line)
        elif (name := FIELD_NAME.match(line)) and len(found) < MOST_FIELDS:
            found.append((name[1].decode("ascii").lower(), [line]))
        else:
            return None
    return tuple(RawField(name, b"\r\n".join(lines) + b"\r\n") for name, lines in found)


def has_odd_line_ends(raw: bytes) -> bool:
    """Whether *raw* mixes line ends: servers disagree on where such a mail ends, which is how mail is smuggled."""
    if BARE_RETURN.search(raw):
        return True
    return b"\r\n" in raw and BARE_FEED.search(raw) is not None


def canonical_body(body: bytes, form: str) -> bytes:
    """RFC 6376 3.4.3 and 3.4.4."""
    if form == "relaxed":
        body = BLANKS.sub(b" ", body).replace(b" \r\n", b"\r\n").removesuffix(b" ")
    words = body.rstrip(b"\r\n")
    tail = body[len(words) :]
    # After the words only whole CRLFs are empty lines; a lone CR is content.
    content = tail[: tail.rfind(b"\r\r") + 1] if tail.endswith(b"\r\n") else tail
    kept = words + content
    if not kept:
        return b"" if form == "relaxed" else b"\r\n"
    return kept + b"\r\n"


def canonical_field(whole: bytes, form: str) -> bytes:
    """RFC 6376 3.4.1 and 3.4.2, with the final CRLF."""
    if form == "simple":
        return whole
    name, _, value = whole.partition(b":")
    return name.strip().lower() + b":" + BLANKS.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ") + b"\r\n"


def select(mail: SignedMail, names: Sequence[str]) -> list[RawField]:
    """The fields that a list of names signs: each name takes the lowest one not taken yet (RFC 6376 5.4.2)."""
    left: dict[str, list[RawField]] = {}
    for one in mail.fields:
        left.setdefault(one.name, []).append(one)
    return [left[name].pop() for name in names if left.get(name)]
