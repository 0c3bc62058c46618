"""The header of a mail: fields, parameters, Message-IDs and dates, out of bytes that nobody checked."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from mailflow.reading.charsets import decode, decode_words, guess, visible

Field = tuple[str, bytes]
"""A lower-case name and the unfolded value, as received."""

BLANK_LINE = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)")
LINE = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r)?")
FIELD_NAME = re.compile(rb"([!-9;-~]{1,200})[ \t]{0,20}:")
MESSAGE_ID = re.compile(r"<([^<>]{1,1200})>")
TYPE = re.compile(rb"\s{0,80}([!-.0-:<-~]{1,80}/[!-.0-:<-~]{1,120})(?=[\s;]|$)")
PARAMETER = re.compile(r""";\s*([^\s=;"]{1,80})\s{0,20}=\s{0,20}("(?:[^"\\]|\\.)*"|[^;]*)""", re.DOTALL)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
SPACE = re.compile(r"\s+")

MAX_ID = 998
STRUCTURED_BYTES = 65_536


def header_start(content: bytes) -> int:
    """Where the header of a whole mail starts: after a byte order mark, empty lines, and an mbox "From " line."""
    begin = 3 if content.startswith(b"\xef\xbb\xbf") else 0
    while begin < 100 and content[begin : begin + 1] in (b"\r", b"\n"):
        begin += 1
    if content.startswith((b"From ", b">From "), begin):
        line = LINE.match(content, begin)
        begin = line.end() if line else begin
    return begin


def split_fields(content: bytes, begin: int, *, max_bytes: int, max_fields: int) -> tuple[list[Field], int, bool]:
    """The fields from *begin*, where the body begins, and whether any were left out for a limit.

    As in the standard library, the first line that is no field ends the header: the body follows it at once.
    """
    if content[begin : begin + 1] in b"\r\n":
        return [], begin + (2 if content.startswith(b"\r\n", begin) else 1), False
    blank = BLANK_LINE.search(content, begin)
    stop, body = (blank.start(), blank.end()) if blank else (len(content), len(content))
    cut = stop - begin > max_bytes
    block = content[begin : begin + max_bytes] if cut else content[begin:stop]
    found: list[tuple[str, list[bytes]]] = []
    position = begin
    for line in block.splitlines(keepends=True):
        if line[:1] in (b" ", b"\t"):
            if found:
                found[-1][1].append(line.rstrip(b"\r\n"))
        elif name := FIELD_NAME.match(line):
            if len(found) >= max_fields:
                cut = True
                break
            found.append((name[1].decode("ascii").lower(), [line[name.end() :].rstrip(b"\r\n")]))
        elif not (cut and position + len(line) >= begin + max_bytes):  # else: only the end of what was cut
            body = position
            break
        position += len(line)
    return [(name, b"".join(value)) for name, value in found], body, cut


def named(fields: Iterable[Field], name: str) -> list[bytes]:
    """Every value of that lower-case name, topmost first."""
    return [value for key, value in fields if key == name]


def first(fields: Iterable[Field], name: str) -> bytes:
    """The topmost value of that lower-case name, b"" when absent."""
    return next((value for key, value in fields if key == name), b"")


def readable(value: bytes, max_bytes: int) -> str:
    """A field's value for people: charset guessed, encoded-words read, on one line, at most *max_bytes* as received."""
    return visible(decode_words(guess(value[:max_bytes])))


def message_ids(values: Iterable[bytes], newest: int = 32) -> tuple[str, ...]:
    """The last *newest* ids of these fields, with angle brackets, in order; longer than 998 characters is no id."""
    text = guess(b" ".join(values)[-STRUCTURED_BYTES:])
    whole = (SPACE.sub("", found) for found in MESSAGE_ID.findall(text))
    return tuple(f"<{one}>" for one in whole if one and len(one) + 2 <= MAX_ID and one.isprintable())[-newest:]


def date(value: bytes) -> datetime | None:
    """The moment a Date field names, aware; None when it names none that UTC can hold."""
    try:
        moment = parsedate_to_datetime(guess(value[:200]))
        if moment.tzinfo is None:  # "-0000": the time is UTC, the place unknown (RFC 5322 3.3)
            moment = moment.replace(tzinfo=UTC)
        moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None
    return moment


def media_type(value: bytes, default: str) -> str:
    """The type/subtype of a Content-Type field in lower case; text/plain when malformed (RFC 2045 5.2)."""
    if not value:
        return default
    found = TYPE.match(value)
    return found[1].decode("ascii").lower() if found else "text/plain"


def parameters(value: bytes) -> dict[str, str]:
    """The parameters of a Content-* field, each byte one character; RFC 2231 pieces stay apart (see file_name)."""
    found: dict[str, str] = {}
    if b";" not in value:
        return found
    for name, raw in PARAMETER.findall(value[:STRUCTURED_BYTES].decode("latin-1")):
        unquoted = ESCAPED.sub(r"\1", raw[1:-1]) if len(raw) > 1 and raw[0] == raw[-1] == '"' else raw.strip()
        found.setdefault(name.lower(), unquoted)
        if len(found) > 100:
            break
    return found


def parameter(given: Mapping[str, str], name: str) -> str:
    """One parameter as text: RFC 2231 (charset and pieces) first, then RFC 2047 inside quotes, which many write."""
    extended = _extended(given, name)
    if extended is not None:
        return extended
    plain = given.get(name, "")
    return decode_words(guess(plain.encode("latin-1", "replace"))) if plain else ""


def file_name(*sources: Mapping[str, str]) -> str:
    """The name that Content-Disposition or else Content-Type gives a part: no path, nothing unseen, "" without one."""
    for given, key in zip(sources, ("filename", "name"), strict=True):
        bare = visible(parameter(given, key)).replace("\\", "/").rpartition("/")[2].strip(" .\"'")
        if bare:
            return bare if len(bare) <= 200 else bare[:150] + "…" + bare[-40:]
    return ""


def _extended(given: Mapping[str, str], name: str) -> str | None:
    whole = given.get(f"{name}*")
    if whole is not None:
        charset, text = _charset_of(whole)
        return decode(unquote_to_bytes(text.encode("latin-1")), charset)[0]
    pieces: list[bytes] = []
    charset = ""
    for number in range(100):
        coded, plain = given.get(f"{name}*{number}*"), given.get(f"{name}*{number}")
        if coded is not None:
            if number == 0:
                charset, coded = _charset_of(coded)
            pieces.append(unquote_to_bytes(coded.encode("latin-1")))
        elif plain is not None:
            pieces.append(plain.encode("latin-1"))
        else:
            break
    return decode_words(decode(b"".join(pieces), charset)[0]) if pieces else None


def _charset_of(value: str) -> tuple[str, str]:
    charset, quote, rest = value.partition("'")
    _language, second, text = rest.partition("'")
    return (charset, text) if quote and second else ("", value)
