"""How much of one document is read, and what is said of a document that is not."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Unread:
    """A document that holds no form for us; *why* is Dutch, for the sender, and fits after "NAAM: "."""

    why: str


@dataclass(frozen=True, kw_only=True)
class DocumentLimits:
    """Bounds for one document; what lies beyond them is left out, or makes the document Unread."""

    unpacked_bytes: int = 20_000_000
    pages: int = 50
    cells: int = 20_000
    characters: int = 500_000
    members: int = 200
    """Files inside a ZIP container: a DOCX, ODT and XLSX are such containers too."""
