"""Bytes to text: the declared charset, then UTF-8, then what Windows writes. Never raises, no lone surrogate."""

import binascii
import codecs
import re
from functools import lru_cache

# What senders declare and what they mean (WHATWG Encoding: browsers read these the same way).
# fmt: off
MEANT = {
    "iso-8859-1": "cp1252",   "iso8859-1": "cp1252",  "latin1": "cp1252",  "latin-1": "cp1252",
    "iso-8859-9": "cp1254",   "gb2312": "gb18030",    "gbk": "gb18030",    "x-gbk": "gb18030",
    "euc-kr": "cp949",        "ks_c_5601-1987": "cp949", "shift_jis": "cp932", "x-sjis": "cp932",
    "iso-8859-8-i": "iso-8859-8", "iso-8859-6-i": "iso-8859-6", "utf8mb4": "utf-8", "x-mac-roman": "mac_roman",
}
# fmt: on
# Codecs that are no charset of mail: some are slow on hostile input (idna), some read escapes instead of text.
REFUSED = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
# Charsets in which plain ASCII bytes are not plain ASCII letters.
SHIFTED = ("utf7", "utf16", "utf32", "ucs", "iso2022", "hz", "csiso2022", "unicode")
ENCODED_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]*)\?=")
LINE_END = re.compile(r"\r\n?")
# Control characters, line and paragraph separators, and what turns the direction of reading (spoofed file names).
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+")
BASE64_NOISE = re.compile(rb"[^A-Za-z0-9+/]+")


def decode(content: bytes, charset: str = "") -> tuple[str, bool]:
    """*content* as text, and whether the declared *charset* was one that we know ("" counts as known)."""
    if content.isascii() and not charset.lower().replace("-", "").startswith(SHIFTED):
        return content.decode("ascii"), not charset or _codec(charset) is not None
    codec = _codec(charset) if charset else ""
    if codec:
        read = _declared(content, codec)
        if read is not None:
            return sound(read), True
    return sound(_guessed(content)), codec is not None


def guess(content: bytes) -> str:
    """Text without a declared charset: a header field, a file name."""
    return decode(content)[0]


def decode_words(value: str) -> str:
    """*value* with its encoded-words (RFC 2047) read; what cannot be read stays as written."""
    if "=?" not in value:
        return value
    out: list[str] = []
    charset, pending = "", b""
    end = 0
    for word in ENCODED_WORD.finditer(value):
        between = value[end : word.start()]
        content = _word_bytes(word[3], word[2])
        # White space between two encoded-words is no text (6.2); bytes of one letter may be split over two words.
        apart = bool(between.strip()) or end == 0
        if pending and (apart or word[1].lower() != charset):
            out.append(decode(pending, charset)[0])
            pending = b""
        if apart:
            out.append(between)
        charset, pending, end = word[1].lower(), pending + content, word.end()
    if pending:
        out.append(decode(pending, charset)[0])
    out.append(value[end:])
    return "".join(out)


def visible(value: str) -> str:
    """*value* on one line, without characters that nobody sees."""
    if value.isprintable():
        return value.strip()
    return UNSEEN.sub(" ", value).strip()


def lines(text: str) -> str:
    """*text* with LF line ends and without NUL."""
    if "\r" in text:
        text = LINE_END.sub("\n", text)
    return text.replace("\0", "").removeprefix("\ufeff")


def sound(text: str) -> str:
    """*text* with every lone surrogate replaced: it can be written as UTF-8."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def from_base64(content: bytes) -> bytes:
    """Decoded base64, as much of it as can be read."""
    try:
        return binascii.a2b_base64(content)
    except binascii.Error:
        digits = BASE64_NOISE.sub(b"", content)
        over = len(digits) % 4
        return binascii.a2b_base64(digits[:-1] if over == 1 else digits + b"=" * (-len(digits) % 4))


@lru_cache(maxsize=256)
def _codec(charset: str) -> str | None:
    """The codec for a declared charset, None when there is none that reads text."""
    name = charset.strip().strip("\"'").lower()
    name = MEANT.get(name, name)
    if len(name) > 40 or not name.isascii() or "\0" in name:
        return None
    try:
        if codecs.lookup(name).name.replace("_", "-") in REFUSED:
            return None
        b"a".decode(name)  # no charset at all: base64, rot13, zlib
    except UnicodeError:  # half a letter of a wide charset: a charset it is
        return name
    except (LookupError, ValueError):
        return None
    return name


def _declared(content: bytes, codec: str) -> str | None:
    try:
        return content.decode(codec)
    except ValueError:
        read = content.decode(codec, "replace")
    spoiled = read.count("\ufffd")
    # One damaged letter in a long text: the declaration was right. Mostly damage: it was wrong.
    return read if spoiled * 10 < sum(not letter.isascii() for letter in read[:100_000]) else None


def _guessed(content: bytes) -> str:
    for codec in ("utf-8", "cp1252"):
        try:
            return content.decode(codec)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _word_bytes(text: str, encoding: str) -> bytes:
    raw = text.encode("utf-8", "replace")
    if encoding in "bB":
        return from_base64(raw)
    return binascii.a2b_qp(raw.replace(b"\n", b""), header=True)
