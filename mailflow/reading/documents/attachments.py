"""Which reader opens this attachment, and what is said of one that no reader can open? (bijlagen)"""

import importlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Protocol, cast

from mailflow.core.mail import QUOTED, Attachment, Found, Pair
from mailflow.reading import charsets
from mailflow.reading.documents import html_form, text
from mailflow.reading.documents.archives import BROKEN, LOCKED, TOO_LARGE, member, opened
from mailflow.reading.documents.limits import DocumentLimits, Unread

Known = Callable[[str], bool]


class Reader(Protocol):
    """What a document reader answers: its pairs, () when it holds no question, or why it could not be read."""

    def __call__(
        self, content: bytes, limits: DocumentLimits, *, known: Known | None = None
    ) -> tuple[Pair, ...] | Unread:
        """Never raises; bounded in time and memory."""


# fmt: off
READERS: dict[str, str] = {
    # source    module with `pairs`; loaded on first use, some of them are slow to load
    "docx":     "docx_form",
    "odt":      "odt_form",
    "xlsx":     "xlsx_form",
    "csv":      "csv_form",
    "pdf":      "pdf_form",
    "html":     "html_form",
}
SUFFIXES: dict[str, str] = {
    ".docx": "docx", ".docm": "docx", ".dotx": "docx", ".odt": "odt", ".ott": "odt", ".ods": "odt",
    ".xlsx": "xlsx", ".xlsm": "xlsx",
    ".csv": "csv", ".tsv": "csv", ".pdf": "pdf", ".html": "html", ".htm": "html", ".mht": "unreadable",
    ".txt": "text", ".text": "text", ".eml": "mail", ".zip": "zip",
    ".jpg": "picture", ".jpeg": "picture", ".png": "picture", ".gif": "picture", ".heic": "picture", ".tif": "picture",
    ".tiff": "picture", ".bmp": "picture", ".webp": "picture",
    ".doc": "old", ".dot": "old", ".xls": "old", ".rtf": "old", ".pages": "old", ".numbers": "old",
    ".ppt": "old", ".pptx": "old", ".wps": "old", ".msg": "letter", ".rar": "packed", ".7z": "packed", ".gz": "packed",
    ".tar": "packed", ".p7m": "sealed", ".pgp": "sealed", ".gpg": "sealed",
}
TYPES: dict[str, str] = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template": "docx",
    "application/vnd.ms-word.document.macroenabled.12": "docx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.ms-excel.sheet.macroenabled.12": "xlsx",
    "text/csv": "csv", "application/csv": "csv", "text/tab-separated-values": "csv",
    "application/pdf": "pdf", "application/x-pdf": "pdf",
    "text/html": "html", "application/xhtml+xml": "html", "text/plain": "text", "message/rfc822": "mail",
    "application/zip": "zip", "application/x-zip-compressed": "zip",
    "application/msword": "old", "application/rtf": "old", "text/rtf": "old", "application/vnd.ms-excel": "old",
    "application/vnd.oasis.opendocument.spreadsheet": "odt", "application/vnd.ms-outlook": "letter",
    "application/pkcs7-mime": "sealed", "application/x-pkcs7-mime": "sealed",
    "application/ms-tnef": "broken", "application/vnd.ms-tnef": "broken",
}
# Parts that nobody attaches by hand: signatures, invitations, cards, parts of a delivery report.
NO_DOCUMENT = re.compile(
    r"(?:application/(?:pgp|pkcs7-signature|x-pkcs7-signature|ics)\S*"
    r"|text/(?:calendar|vcard|x-vcard|x-amp-html|rfc822-headers)"
    r"|message/(?!rfc822$)\S+|audio/\S+|video/\S+|multipart/\S+)$"
)
NO_DOCUMENT_NAME = re.compile(
    r".{1,200}\.(?:p7s|asc|sig|ics|vcf|mp3|mp4|wav|m4a|mov)$", re.IGNORECASE
)
WHY: dict[str, Unread] = {
    "locked":     LOCKED,
    "large":      TOO_LARGE,
    "broken":     BROKEN,
    "picture":    Unread("een scan of foto: er staat geen tekst in"),
    "old":        Unread("dit soort bestand kunnen we niet lezen; bewaar het als .docx, .odt of .pdf"),
    "letter":     Unread("een bewaarde Outlook-mail: die kunnen we niet lezen"),
    "sealed":     Unread("versleuteld: die mail kunnen we niet openen"),
    "packed":     Unread("dit soort ingepakt bestand kunnen we niet openen"),
    "unreadable": Unread("dit soort bestand kunnen we niet lezen"),
}
# fmt: on
SEVERAL_INSIDE = Unread("er zit meer dan één formulier in")
NOTHING_INSIDE = Unread("er zit geen formulier in dat we kunnen lezen")
EMPTY = Unread("het bestand is leeg")
TOO_MANY = Unread("er zitten te veel bijlagen bij deze mail")

MOST_DOCUMENTS = 20
"""Attachments of one mail that are opened."""
LEAST_PICTURE = 60_000
"""Bytes; a smaller picture is a logo or a smiley, never the scan of a page."""
LEAST_PASTED = 250_000
"""Bytes; a larger picture may be a page, whatever its name: Outlook calls all that is pasted image001."""
LOGO = re.compile(
    r"(?:image\d{1,4}|outlook-.{1,60}|logo.{0,60}|banner.{0,60}|.{0,20}(?:facebook|linkedin|instagram).{0,20})"
    r"\.\w{2,5}$",
    re.I,
)
PGP = b"-----BEGIN PGP MESSAGE-----"
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"II*\x00", b"MM\x00*")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
# Only these may stand inside an archive: an archive in an archive is not opened.
INSIDE = frozenset({"docx", "odt", "xlsx", "csv", "pdf", "html", "text"})


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What all attachments of a mail gave: the sources with a known question, and the names of what was not read."""

    found: tuple[Found, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()


def read_all(
    attachments: Sequence[Attachment],
    limits: DocumentLimits,
    known: Known | None,
    opens: Callable[[Attachment], Found | Unread | None] | None = None,
) -> Opened:
    """Every attachment, in order; past MOST_DOCUMENTS only named. Never raises. *opens* takes the place of `read`."""
    found: list[Found] = []
    unread: list[tuple[str, str]] = []
    opened_so_far = 0
    for number, one in enumerate(attachments, 1):
        kind = kind_of(one, limits)
        opened_so_far += bool(kind)
        outcome: Found | Unread | None = TOO_MANY if kind else None
        if kind and opened_so_far <= MOST_DOCUMENTS:
            outcome = opens(one) if opens else read(one, limits, known)
        name = name_of(one, number)
        if isinstance(outcome, Found):
            found.append(replace(outcome, name=name))
        elif isinstance(outcome, Unread):
            unread.append((name, outcome.why))
    return Opened(found=tuple(found), unread=tuple(unread))


def read(attachment: Attachment, limits: DocumentLimits, known: Known | None) -> Found | Unread | None:
    """The form in one attachment; Unread when it should be told to the sender; None when it is no form at all."""
    kind = kind_of(attachment, limits)
    if not kind:
        return None
    if not attachment.content:
        return TOO_LARGE if attachment.size else EMPTY
    try:
        return _read(kind, attachment, limits, known)
    except Exception:  # a fault of a reader, or of the library below it, must not hold up the mail
        return BROKEN


def name_of(attachment: Attachment, number: int) -> str:
    """What the attachment is called in letters and in `Found`: never "", never the reserved name of quoted text."""
    name = attachment.name.strip() or f"bijlage {number}"
    return f"{name} (bijlage)" if name.casefold() == QUOTED else name


def kind_of(attachment: Attachment, limits: DocumentLimits) -> str:
    """Which reader it needs (a key of READERS, or text, mail, zip, or of WHY); "" when it is no document.

    The bytes decide before the name, and the name before the declared type: octet-stream is everybody's type.
    """
    content, type_ = attachment.content, attachment.type
    suffix = PurePosixPath(attachment.name.casefold()).suffix
    if content.startswith(PGP):
        return "sealed"
    if NO_DOCUMENT.match(type_) or NO_DOCUMENT_NAME.match(attachment.name):
        return ""
    kind = _by_bytes(content, suffix, limits) or SUFFIXES.get(suffix) or TYPES.get(type_) or ""
    if not kind and type_.startswith("image/"):
        kind = "picture"
    if kind == "picture":
        return "" if attachment.size < (LEAST_PASTED if LOGO.match(attachment.name) else LEAST_PICTURE) else kind
    # What has no name and no type that we know is made by a mail program, not attached by a person.
    return kind or ("unreadable" if attachment.name else "")


def _by_bytes(content: bytes, suffix: str, limits: DocumentLimits) -> str:
    """What the first bytes say, "" when they say nothing."""
    if content.startswith(PICTURES) or content[4:12] in (b"ftypheic", b"ftypmif1") or content[8:12] == b"WEBP":
        return "picture"
    if b"%PDF-" in content[:1024]:
        return "pdf"
    if content.startswith(b"PK\x03\x04"):
        return _packed_kind(content, limits)
    if content.startswith(OLE):
        return "locked" if ENCRYPTED_STREAM in content else "letter" if suffix == ".msg" else "old"
    if content.startswith(b"{\\rtf"):
        return "old"
    if content.startswith((b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        return "packed"
    return (
        "html"
        if re.match(rb"(?:\xef\xbb\xbf)?\s{0,200}<(?:!doctype html|html)\b", content[:400], re.IGNORECASE)
        else ""
    )


def _packed_kind(content: bytes, limits: DocumentLimits) -> str:
    archive = opened(content, limits)
    if isinstance(archive, Unread):
        return {LOCKED: "locked", TOO_LARGE: "large"}.get(archive, "broken")
    with archive:
        names = set(archive.namelist())
        if "word/document.xml" in names or any(name.startswith("word/document") for name in names):
            return "docx"
        if "xl/workbook.xml" in names:
            return "xlsx"
        if "mimetype" in names:
            declared = member(archive, "mimetype", replace(limits, unpacked_bytes=200))
            if isinstance(declared, bytes) and declared.startswith(b"application/vnd.oasis.opendocument"):
                return "odt" if b".text" in declared or b".spreadsheet" in declared else "old"
        return "old" if any(name.startswith(("Index/", "ppt/")) for name in names) else "zip"


def _read(kind: str, attachment: Attachment, limits: DocumentLimits, known: Known | None) -> Found | Unread | None:
    match kind:
        case "zip":
            return _inside(attachment, limits, known)
        case "mail":
            return _forwarded(attachment, limits, known)
        case "text":
            decoded, _ = charsets.decode(attachment.content[: 4 * limits.characters])
            words = charsets.lines(decoded)[: limits.characters]
            return _found("text", text.pairs(words, known=known), attachment, known)
    if kind in WHY:
        return WHY[kind]
    if kind not in READERS:
        return WHY["unreadable"]
    pairs = _reader(kind)(attachment.content, limits, known=known)
    return pairs if isinstance(pairs, Unread) else _found(kind, pairs, attachment, known)


def _reader(kind: str) -> Reader:
    module = importlib.import_module(f"mailflow.reading.documents.{READERS[kind]}")
    return cast(Reader, module.pairs)


def _found(source: str, pairs: tuple[Pair, ...], attachment: Attachment, known: Known | None) -> Found | None:
    """The pairs as a source, None when no question of the form is among them: a report, a timetable."""
    if not any(pair.label and (known is None or known(pair.label)) for pair in pairs):
        return None
    return Found(source=source, pairs=pairs, name=name_of(attachment, 1))


def _inside(attachment: Attachment, limits: DocumentLimits, known: Known | None) -> Found | Unread:
    """The one form in an archive."""
    archive = opened(attachment.content, limits)
    if isinstance(archive, Unread):
        return archive
    found: list[Found] = []
    whys: list[Unread] = []
    with archive:
        for info in archive.infolist():
            if info.is_dir() or info.filename.startswith("__MACOSX/"):
                continue
            content = member(archive, info.filename, limits)
            if isinstance(content, Unread):
                whys.append(content)
                continue
            inner = Attachment(PurePosixPath(info.filename).name, "application/octet-stream", len(content), content)
            kind = kind_of(inner, limits)
            outcome = (
                read(inner, limits, known) if kind in INSIDE else WHY[kind] if kind in ("locked", "large") else None
            )
            if isinstance(outcome, Found):
                found.append(replace(outcome, name=name_of(attachment, 1)))
            elif outcome is not None:
                whys.append(outcome)
    if len(found) == 1:
        return found[0]
    return SEVERAL_INSIDE if found else whys[0] if whys else NOTHING_INSIDE


def _forwarded(attachment: Attachment, limits: DocumentLimits, known: Known | None) -> Found | Unread | None:
    """The form in a mail that was attached: in its text, else its HTML, else the first of its own attachments."""
    from mailflow.reading.mime import MimeLimits, parse  # noqa: PLC0415 - only few mails carry another one

    mail = parse(attachment.content, MimeLimits(mail_bytes=limits.unpacked_bytes, text_characters=limits.characters))
    written = _found("text", text.pairs(mail.text[: limits.characters], known=known), attachment, known)
    if written is None and mail.html:
        page = html_form.read(mail.html, limits, known=known)
        written = _found("text", page.written or page.quoted, attachment, known)
    if written is not None:
        return replace(written, quoted=True)
    for inner in mail.attachments[:MOST_DOCUMENTS]:
        if kind_of(inner, limits) in INSIDE and isinstance(outcome := read(inner, limits, known), Found):
            return replace(outcome, name=name_of(attachment, 1), quoted=True)
    return None
