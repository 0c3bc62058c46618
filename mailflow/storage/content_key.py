"""Is this the same mail? A key over what a sender wrote, the same by SMTP and by IMAP."""

import re

_FIELDS = (b"from", b"date", b"message-id", b"subject", b"to", b"cc")
_HEADER_END = re.compile(rb"(?:\A|\n)\r?\n")
_MESSAGE_ID = re.compile(r"^message-id[ \t]*:\s*(<[\x21-\x7e]{1,990}>)", re.IGNORECASE | re.MULTILINE)
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")


def content_of(raw: bytes) -> bytes:
    """What the inbound key is computed over: these six fields as received, unfolded, and the body bytes.

    Message-ID alone is no key, senders reuse it; Received and the like differ per arrival.
    """
    plain = raw.replace(b"\r\n", b"\n")
    end = _HEADER_END.search(plain)
    head, body = (plain[: end.start()], plain[end.end() :]) if end else (plain, b"")
    found: dict[bytes, list[bytes]] = {name: [] for name in _FIELDS}
    odd: list[bytes] = []  # what is no field: without it, two mails that begin without a header would be one
    current: list[bytes] = odd
    for line in head.split(b"\n"):
        if line[:1] in (b" ", b"\t") and current:
            current[-1] += b" " + line.strip()
        elif _FIELD.match(line):
            name, _, value = line.partition(b":")
            current = found.get(name.strip().lower(), [])  # a field that does not count: its lines go nowhere
            current.append(value.strip())
        elif line:
            odd.append(line)
            current = odd
    fields = b"\n".join(b"%s:%s" % (name, value) for name in _FIELDS for value in found[name])
    return b"\n".join([fields, *odd]) + b"\n\n" + body.rstrip(b"\n")


def headed(raw: bytes) -> tuple[bytes, bytes]:
    """(the header block, the rest with the empty line that begins it)."""
    end = _HEADER_END.search(raw)
    return (raw[: end.start()], raw[end.start() :]) if end else (raw, b"")


def head_of(raw: bytes) -> str:
    """The header block as text, for hints; at most its first 64 kB."""
    end = _HEADER_END.search(raw[:65_536])
    return raw[: end.start() if end else 65_536].decode("latin-1")


def message_id_of(raw: bytes) -> str:
    """The Message-ID as it stands in the header, with its angle brackets; "" without one."""
    found = _MESSAGE_ID.search(head_of(raw))
    return found[1] if found else ""
