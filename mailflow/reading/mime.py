"""Bytes of a mail -> Mail. Never raises: what cannot be read is left out, and a line in *problems* says so."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mailflow.core.mail import Address, Attachment, Mail
from mailflow.reading import charsets, opaque, winmail
from mailflow.reading.addresses import mailboxes
from mailflow.reading.fields import (
    Field,
    date,
    first,
    message_ids,
    named,
    parameter,
    readable,
)
from mailflow.reading.html_text import MOST_HTML, to_text
from mailflow.reading.parts import Part, Split, content, split_mail

DELIVERED_TO = ("delivered-to", "x-original-to", "envelope-to")
QUOTE_MARKS = re.compile(r">*")
OWN_TEXT = ("text/plain", "text/html")
# Text that nobody wrote to be read, or that stands for something else.
NO_TEXT = frozenset(
    {"text/calendar", "text/csv", "text/rfc822-headers", "text/x-amp-html", "text/vcard", "text/x-vcard"}
)

MOST_WRAPPERS = 5
"""Packets and signatures of one mail that are taken off: they can stand around each other."""


@dataclass(frozen=True)
class MimeLimits:
    """How much of one mail is read; what lies beyond is left out and named in *problems*."""

    mail_bytes: int = 25_000_000
    parts: int = 200
    nesting: int = 20
    """Multiparts in multiparts. An attached mail is one part, whatever is in it."""
    attachment_bytes: int = 100_000_000
    """All attachments of a mail together, decoded."""
    header_bytes: int = 1_000_000
    fields: int = 1000
    field_bytes: int = 10_000
    """Of each field as received, in *headers* and *subject*."""
    text_characters: int = 1_000_000
    """Of *text* and of *html*, each."""


@dataclass
class _Found:
    """What is gathered on the way through the parts."""

    mail: bytes
    limits: MimeLimits
    attachments: list[Attachment] = field(default_factory=list)
    problems: dict[str, None] = field(default_factory=dict)
    unpacked: int = 0
    wrappers: int = 0
    split_short: bool = False
    """Whether parts were left out, so that a multipart without parts is no wonder."""

    def odd(self, what: str) -> None:
        """Note *what*, once."""
        self.problems.setdefault(what)


@dataclass(frozen=True)
class _Body:
    """What one branch has to say: as text, as HTML, or both as alternatives of each other."""

    text: str | None = None
    html: str | None = None
    spare: bool = False
    """Whether it counts only where nothing else says anything: a packet repeats what the mail says itself."""


AS_SHIPPED = MimeLimits()


def parse(raw: bytes, limits: MimeLimits = AS_SHIPPED) -> Mail:
    """The mail in *raw*: its fields, its own text and its attachments."""
    try:
        return _parse(raw, limits)
    except Exception as fault:  # a fault of ours must not hold up a mail; a person reads the original
        return Mail(size=len(raw), from_fields=0, problems=(f"could not be read: {type(fault).__name__}",))


def _parse(raw: bytes, limits: MimeLimits) -> Mail:
    found = _Found(raw[: limits.mail_bytes] if len(raw) > limits.mail_bytes else raw, limits)
    if len(raw) > limits.mail_bytes:
        found.odd(f"larger than {limits.mail_bytes} bytes: cut")
    split = _split(found)
    bodies = _bodies(split.root, found, root=True)
    text, html = _joined(bodies, found)
    made = bool(html) and not any((one.text or "").strip() for one in bodies)
    return replace(_mail(split.root.fields, found, size=len(raw)), text=text, html=html, made_text=made)


def _split(found: _Found) -> Split:
    """The mail that is being read, in its parts; the limits that stand in the way are noted."""
    limits = found.limits
    split = split_mail(
        found.mail,
        parts=limits.parts,
        nesting=limits.nesting,
        header_bytes=limits.header_bytes,
        fields=limits.fields,
    )
    for limit, what in (
        ("header", f"a header over {limits.header_bytes} bytes or {limits.fields} fields"),
        ("parts", f"more than {limits.parts} parts"),
        ("nesting", f"nested deeper than {limits.nesting}"),
    ):
        if limit in split.over:
            found.odd(what)
    found.split_short = found.split_short or "parts" in split.over
    return split


def _mail(fields: Sequence[Field], found: _Found, *, size: int) -> Mail:
    """All but what it says itself."""
    limit = found.limits.field_bytes
    when = first(fields, "date")
    moment = date(when) if when else None
    if when and moment is None:
        found.odd("unreadable date")
    authors = _addresses(fields, "from")
    if any(not author.address for author in authors):
        found.odd("unreadable From address")
    own_id = message_ids(named(fields, "message-id")[:1], 1)
    return Mail(
        message_id=own_id[0] if own_id else None,
        subject=readable(first(fields, "subject"), limit),
        date=moment,
        size=size,
        from_=authors,
        from_fields=len(named(fields, "from")),
        sender=next(iter(_addresses(fields, "sender")), None),
        reply_to=_addresses(fields, "reply-to"),
        to=_addresses(fields, "to"),
        cc=_addresses(fields, "cc"),
        delivered_to=tuple(
            one.address for name in DELIVERED_TO for one in _addresses(fields, name)[:10] if one.address
        ),
        in_reply_to=message_ids(named(fields, "in-reply-to")),
        references=message_ids(named(fields, "references")),
        headers=tuple((name, readable(value, limit)) for name, value in fields),
        attachments=tuple(found.attachments),
        problems=tuple(found.problems),
    )


def _addresses(fields: Sequence[Field], name: str) -> tuple[Address, ...]:
    return tuple(one for value in named(fields, name) for one in mailboxes(value))


def _bodies(part: Part, found: _Found, *, root: bool = False) -> list[_Body]:
    """What *part* says itself; every other leaf becomes an attachment. May recurse: nesting is limited."""
    if part.parts:
        inside = [_bodies(one, found) for one in part.parts]
        if part.type == "multipart/alternative":
            return _alternative([body for bodies in inside for body in bodies])
        return [body for bodies in inside for body in bodies]
    if part.type.startswith("multipart/"):
        if found.split_short:
            return []
        found.odd("a multipart that was read as plain text")
        return [_Body(text=_text(part, found))]
    if part.disposition != "attachment" and (root or not part.name) and _is_text(part, root=root):
        text = _text(part, found)
        return [_Body(html=text) if part.type == "text/html" else _Body(text=text)]
    unwrapped = _unwrapped(part, found)
    if unwrapped is None:
        _attach(part, found)
    return unwrapped or []


def _unwrapped(part: Part, found: _Found) -> list[_Body] | None:
    """What stands inside a packet of Outlook's, or inside a signature; None when *part* is neither, or stays shut."""
    packet = part.type in winmail.TYPES or part.name.casefold() == "winmail.dat"
    signed = part.type in opaque.TYPES or part.name.casefold() == "smime.p7m"
    if not (packet or signed) or found.wrappers >= MOST_WRAPPERS:
        return None
    found.wrappers += 1
    wrapped = content(found.mail, part)
    if packet and (letter := winmail.unpacked(wrapped)):
        for one in letter.attachments:
            _keep(one, found)
        return [_Body(text=letter.text or None, html=letter.html or None, spare=True)]
    entity = opaque.content_of(wrapped) if signed else None
    if entity is None:
        return None
    around, found.mail = found.mail, entity
    try:
        return _bodies(_split(found).root, found, root=True)
    finally:
        found.mail = around


def _alternative(bodies: Sequence[_Body]) -> list[_Body]:
    """One body: the writer's plain text, and the HTML beside it."""
    texts = [body.text for body in bodies if body.text is not None and body.text.strip()]
    pages = [body.html for body in bodies if body.html is not None]
    return [_Body("\n".join(texts) if texts else None, "\n".join(pages) if pages else None)]


def _joined(bodies: Sequence[_Body], found: _Found) -> tuple[str, str | None]:
    """The whole text, HTML converted where a branch has no other, and the whole HTML."""
    most = found.limits.text_characters
    room = MOST_HTML
    bodies = [one for one in bodies if not one.spare and (one.text or one.html or "").strip()] or bodies
    texts: list[str] = []
    for body in bodies:
        if body.text is not None and body.text.strip():
            texts.append(body.text)
        elif body.html is not None and body.html.strip():
            if len(body.html) > room:
                found.odd(f"only the first {MOST_HTML} characters of HTML were read")
            texts.append(to_text(body.html[:room]))
            room = max(0, room - len(body.html))
    text = texts[0] if len(texts) == 1 else "\n\n".join(one.strip("\n") for one in texts)
    pages = [body.html for body in bodies if body.html is not None]
    html = "\n".join(pages) if pages else None
    if len(text) > most or len(html or "") > most:
        found.odd(f"text longer than {most} characters: cut")
    return text[:most], html[:most] if html is not None else None


def _is_text(part: Part, *, root: bool) -> bool:
    return part.type in OWN_TEXT or (root and part.type.startswith("text/") and part.type not in NO_TEXT)


def _text(part: Part, found: _Found) -> str:
    """The text of *part*: transfer encoding, charset and format=flowed undone."""
    charset = parameter(part.given, "charset")
    # A character takes four bytes at the most, and base64 makes four of three.
    text, known = charsets.decode(content(found.mail, part, 6 * found.limits.text_characters), charset)
    if not known:
        found.odd("unknown charset")
    text = charsets.lines(text)
    if part.given.get("format", "").lower() == "flowed" and part.type != "text/html":
        return _unflowed(text, stuffed=part.given.get("delsp", "").lower() == "yes")
    return text


def _unflowed(text: str, *, stuffed: bool) -> str:
    """Paragraphs on one line each (RFC 3676 4); *stuffed*: the blank at a soft line end is no text (DelSp=yes)."""
    out: list[str] = []
    pieces: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        marks = QUOTE_MARKS.match(line)
        depth = marks.end() if marks else 0
        said = line[depth:].removeprefix(" ")
        soft = said.endswith(" ") and said != "-- "
        if pieces and (depth != open_depth or said == "-- "):
            out.append(_quoted(pieces, open_depth))
            pieces = []
        pieces.append(said[:-1] if soft and stuffed else said)
        open_depth = depth
        if not soft:
            out.append(_quoted(pieces, depth))
            pieces = []
    if pieces:
        out.append(_quoted(pieces, open_depth))
    return "\n".join(out)


def _quoted(pieces: Sequence[str], depth: int) -> str:
    said = "".join(pieces)
    return f"{'>' * depth} {said}" if depth else said


def _attach(part: Part, found: _Found) -> None:
    raw_size = part.end - part.begin
    if found.unpacked + raw_size > found.limits.attachment_bytes:
        found.odd(f"attachments over {found.limits.attachment_bytes} bytes: not unpacked")
        found.attachments.append(Attachment(part.name, part.type, raw_size))
        return
    unpacked = content(found.mail, part)
    _keep(Attachment(part.name, part.type, len(unpacked), unpacked), found)


def _keep(attachment: Attachment, found: _Found) -> None:
    found.unpacked += attachment.size
    found.attachments.append(attachment)
