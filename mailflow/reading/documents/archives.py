"""ZIP files of strangers: opened only while small, never unpacked beyond a limit. DOCX, ODT and XLSX are such files."""

import io
import struct
import zipfile

from mailflow.reading.documents.limits import DocumentLimits, Unread

LOCKED = Unread("met een wachtwoord beveiligd")
TOO_LARGE = Unread("te groot om te openen")
BROKEN = Unread("kan niet gelezen worden")

END = b"PK\x05\x06"
END_SIZE = 22
BIG_END = b"PK\x06\x07"
MOST_COMMENT = 65_535
ENTRY_BYTES = 400
"""Generous for one row of the table of contents, its name included."""
ENCRYPTED = 0x1


def opened(content: bytes, limits: DocumentLimits) -> zipfile.ZipFile | Unread:
    """The archive in *content*, with few and honest members; nothing is unpacked yet. Never raises.

    The table of contents is measured before Python reads it: a small file can claim millions of members.
    """
    at = content.rfind(END, max(0, len(content) - END_SIZE - MOST_COMMENT))
    if at < 0 or at + END_SIZE > len(content):
        return BROKEN
    members, table_bytes = struct.unpack_from("<HL", content, at + 10)
    if members > limits.members or table_bytes > limits.members * ENTRY_BYTES or content[at - 20 : at - 16] == BIG_END:
        return TOO_LARGE
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except Exception:  # zipfile raises half a dozen kinds on a table that lies
        return BROKEN
    infos = archive.infolist()
    if any(info.flag_bits & ENCRYPTED for info in infos):
        return LOCKED
    if len(infos) > limits.members or sum(info.file_size for info in infos) > limits.unpacked_bytes:
        return TOO_LARGE
    return archive


def member(archive: zipfile.ZipFile, name: str, limits: DocumentLimits) -> bytes | Unread:
    """One member, unpacked to at most the limit whatever its header claims. Never raises."""
    try:
        with archive.open(name) as stream:
            content = stream.read(limits.unpacked_bytes + 1)
    except Exception:  # a broken stream, an unknown method, a wrong checksum
        return BROKEN
    return TOO_LARGE if len(content) > limits.unpacked_bytes else content
