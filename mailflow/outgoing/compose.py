"""One message as bytes: our own few headers and two quoted-printable parts that nothing can break out of."""

import hashlib
import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from email.header import Header
from email.utils import format_datetime, formataddr

from mailflow.outgoing.slots import one_line

LINE = 78
NEWEST_REFERENCES = 32
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")


def subject(words: str) -> str:
    """The Subject field: folded, and encoded (RFC 2047) where it is not plain ASCII."""
    return f"Subject: {_unstructured(one_line(words), name='Subject')}"


def sender(name: str, address: str) -> str:
    """The From field; raises ValueError for an address that is not plain."""
    words = one_line(name)
    whole = f"From: {formataddr((words, plain_address(address)))}"
    if words.isascii() and "=?" not in words:
        return whole if len(whole) <= LINE else "\r\n <".join(whole.rsplit(" <", 1))
    return f"From: {_unstructured(words, name='From')}\r\n <{address}>"


def recipient(address: str) -> str:
    """The To field; an address that no header can hold as it stands is left to the envelope."""
    return f"To: {address}" if _PLAIN_ADDRESS.fullmatch(address) else "To: undisclosed-recipients:;"


def plain_address(address: str) -> str:
    """*address* if it can stand in a header as it is; raises ValueError otherwise: our configuration is wrong then."""
    if not _PLAIN_ADDRESS.fullmatch(address):
        raise ValueError("one of our own addresses cannot stand in a header")
    return address


def own_id(message_id: str) -> str:
    """*message_id* if it is one, with its angle brackets; raises ValueError otherwise."""
    if not _MESSAGE_ID.fullmatch(message_id):
        raise ValueError("a Message-ID of ours is none")
    return message_id


def threading(in_reply_to: str | None, references: Iterable[str]) -> list[str]:
    """The In-Reply-To and References fields that there are; what is no Message-ID is left out."""
    fields = [f"In-Reply-To: {in_reply_to}"] if in_reply_to and _MESSAGE_ID.fullmatch(in_reply_to) else []
    earlier = [one for one in references if _MESSAGE_ID.fullmatch(one)][-NEWEST_REFERENCES:]
    return [*fields, "References: " + "\r\n ".join(earlier)] if earlier else fields


def date(at: datetime, zone: tzinfo) -> str:
    """The Date field in that time zone; raises ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError("a letter needs an aware time")
    return f"Date: {format_datetime(at.astimezone(zone))}"


@dataclass(frozen=True)
class File:
    """A file of ours that comes along; *name* and *type* are ASCII."""

    name: str
    type: str
    content: bytes


def message(
    fields: Iterable[str],
    *,
    text: str,
    html: str,
    seed: str,
    files: Sequence[File] = (),
    pictures: Sequence[tuple[str, bytes]] = (),
    calendar: tuple[str, bytes] | None = None,
) -> bytes:
    """The whole message with CRLF; *calendar* is (method, iCalendar), *pictures* (Content-ID, PNG) stand in the HTML.

    The same *seed* (a Message-ID) gives the same boundary.

    "=_" cannot occur in quoted-printable or base64, so no content can hold the boundary (RFC 2045 6.7, 6.8).
    """
    boundary = f"=_{hashlib.sha256(seed.encode()).hexdigest()[:32]}"
    inner = _part(boundary, "plain", text)
    inner += _with_pictures(boundary, html, pictures) if pictures else _part(boundary, "html", html)
    inner += _calendar(boundary, *calendar) if calendar else b""
    body = _multipart("alternative", boundary, inner)
    if files:
        around = f"{boundary}.files"
        parts = b"".join(f"--{around}\r\n".encode() + part + b"\r\n" for part in (body, *map(_file, files)))
        body = _multipart("mixed", around, parts)
    return "\r\n".join([*fields, "MIME-Version: 1.0", ""]).encode("ascii") + body


def _multipart(kind: str, boundary: str, parts: bytes) -> bytes:
    head = f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'
    return head.encode("ascii") + parts + f"--{boundary}--\r\n".encode("ascii")


def _with_pictures(boundary: str, html: str, pictures: Sequence[tuple[str, bytes]]) -> bytes:
    """The HTML and the pictures in it, as one alternative (RFC 2387)."""
    around = f"{boundary}.related"
    parts = _part(around, "html", html) + b"".join(_picture(around, *one) for one in pictures)
    return f"--{boundary}\r\n".encode("ascii") + _multipart("related", around, parts)


def _picture(around: str, content_id: str, png: bytes) -> bytes:
    head = (
        f"--{around}\r\n"
        "Content-Type: image/png\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        f"Content-ID: <{content_id}>\r\n"
        "Content-Disposition: inline\r\n\r\n"
    )
    return head.encode("ascii") + encodebytes(png).replace(b"\n", b"\r\n")


def _calendar(boundary: str, method: str, content: bytes) -> bytes:
    """An alternative of the words, with its method: so Outlook and Gmail offer to put it in a calendar (RFC 6047)."""
    head = (
        f"--{boundary}\r\n"
        f"Content-Type: text/calendar; charset=utf-8; method={method}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode("ascii") + encodebytes(content).replace(b"\n", b"\r\n")


def _file(file: File) -> bytes:
    head = (
        f'Content-Type: {file.type};\r\n name="{file.name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment;\r\n filename="{file.name}"\r\n\r\n'
    )
    return head.encode("ascii") + encodebytes(file.content).replace(b"\n", b"\r\n")


def _part(boundary: str, kind: str, content: str) -> bytes:
    head = (
        f"--{boundary}\r\n"
        f"Content-Type: text/{kind}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    lines = content.replace("\n", "\r\n").encode("utf-8")
    return head.encode("ascii") + b2a_qp(lines, istext=True) + b"\r\n"


def _unstructured(words: str, *, name: str) -> str:
    # "=?" in plain words would be read as an encoded word, so those are encoded too.
    charset = "us-ascii" if words.isascii() and "=?" not in words else "utf-8"
    if charset == "us-ascii" and len(name) + 2 + len(words) <= LINE - 3:  # stands on one line as it is
        return words
    return Header(words, charset, maxlinelen=LINE - 3, header_name=name).encode(linesep="\r\n")
