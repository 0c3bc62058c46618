"""A PDF to label and value pairs: the fields of a fillable form, else its text as it lies on the page. (PDF)

Forms come filled in (AcroForm), with notes typed over them (FreeText), printed to text, or flattened: then each answer
is a small drawing that the page shows, which pypdf's layout mode does not look into. So before the text is laid out,
such drawings are put in their place, and an answer without a name of its own is written where its field stands.
"""

import io
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mailflow.core.mail import Pair
from mailflow.reading.documents import pdf_cells, text
from mailflow.reading.documents.archives import BROKEN, LOCKED, TOO_LARGE
from mailflow.reading.documents.limits import DocumentLimits, Unread
from mailflow.reading.documents.pdf_page import Room, Written, listed, page_text, resolved
from mailflow.reading.documents.text import MAX_LABEL, MAX_VALUE, Known

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

SCAN = Unread("een scan of foto: er staat geen tekst in")
LIVECYCLE = Unread("een formulier dat alleen Adobe kan tonen; druk het af naar een gewone PDF")
MIXED = Unread("een PDF met kolommen die we niet kunnen volgen; mail liever het Word- of ODT-bestand zelf")
LEAST_MIXED = 2
"""So many answers that hold another question: the columns of the page ran into each other."""
LEAST_LETTERS = 20
"""A document with fewer is a scan with a stamp or page number on it."""
MAX_WORK = 400_000
"""Operators and operands of one page; a page full of text has a few thousand."""
MAX_STEPS = 150_000
"""Drawing steps of the whole document that are laid out."""
MAX_CONTENT = 4_000_000
"""Bytes of one stream once unpacked, and of the drawing steps of all pages."""
MAX_FIELDS = 2_000
MAX_PARENTS = 10
TICKED, OPEN = "ja", ""
_RADIO, _PUSH = 1 << 15, 1 << 16  # ISO 32000-1 table 226
_PLAIN_STATES = frozenset({"on", "yes", "1", "true", "checked", "aan", "ja", "x"})
_GAP = re.compile(r"\n| {2,}")
# The words that stand in an empty field of a Word form, broken over two lines.
_PLACEHOLDER = re.compile(r"\b(?:klik|tik) om (?:tekst|een datum) in te$", re.IGNORECASE)
# A word that stands for an answer while the page is laid out: nothing that people write.
_TOKEN = re.compile(r"Qzx(\d{1,6})xzQ")

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings are about the insides of other people's files


def pairs(content: bytes, limits: DocumentLimits, *, known: Known | None = None) -> tuple[Pair, ...] | Unread:
    """The pairs of a PDF in order; () without a label. Never raises; with more pages than *limits* it is too large."""
    from pypdf import apply_configuration  # noqa: PLC0415  slow to load: on first use

    try:
        with apply_configuration(
            zlib_maximum_output_length=MAX_CONTENT,
            lzw_maximum_output_length=MAX_CONTENT,
            run_length_maximum_output_length=MAX_CONTENT,
            brotli_maximum_output_length=MAX_CONTENT,
            array_based_stream_maximum_output_length=MAX_CONTENT,
            stream_decoding_work_maximum_length=4 * MAX_CONTENT,
            stream_parsing_work_maximum_count=MAX_WORK,
            page_tree_maximum_page_entries=100_000,
            jbig2dec_binary=None,
            disable_legacy_handling=True,
        ):
            return _read(content, limits, known)
    except Exception:
        return BROKEN


@dataclass
class _Field:
    """A field or note on a page: its names, what is filled in, where it stands."""

    names: tuple[str, ...]
    value: str
    box: tuple[float, float, float, float]
    label: str = ""


def _read(content: bytes, limits: DocumentLimits, known: Known | None) -> tuple[Pair, ...] | Unread:
    from pypdf import PdfReader  # noqa: PLC0415  as above

    reader = PdfReader(io.BytesIO(content), root_object_recovery_limit=1_000, xref_stream_maximum_entries=200_000)
    # A PDF that may not be changed is encrypted too, and opens without a password.
    if reader.is_encrypted and not reader.decrypt(""):
        return LOCKED
    # Not its first pages only: what the rest says could change them, and nobody would be told.
    if len(reader.pages) > limits.pages:
        return TOO_LARGE
    pages = list(reader.pages)
    fields = [_fields(page) for page in pages]
    filled = [one for page in fields for one in page if one.value]
    if known and not any(fields) and (printed := pdf_cells.pairs(pages, known)):
        return MIXED if _mixed(printed, known) else printed
    for one in filled:
        one.label = _label(one.names, known)
    answers = [one for one in filled if one.label]
    loose = [one for one in filled if not one.label]
    if filled and not loose:
        return tuple(Pair(one.label, text.ticked(one.value), line) for line, one in enumerate(answers, 1))
    laid = _laid_out(pages, fields, limits)
    found = [Pair(one.label, text.ticked(one.value), line) for line, one in enumerate(answers, 1)]
    if loose:
        return (*found, *_beside(laid, loose, known, line=len(found)))
    if sum(1 for character in laid if character.isalpha()) < LEAST_LETTERS:
        return () if any(fields) else SCAN
    if _is_livecycle(reader) and not any(fields):
        return LIVECYCLE
    found = list(text.pairs(laid, known=known))
    return MIXED if known and _mixed(found, known) else tuple(found)


def _mixed(found: Sequence[Pair], known: Known) -> bool:
    """Whether questions stand inside answers, whole or in pieces: a table whose questions take more than one line."""
    pieces = [piece.strip() for pair in found if pair.label for piece in _GAP.split(pair.value)]
    asked = sum(1 for piece in pieces if " " in piece and len(piece) <= MAX_LABEL and known(piece))
    return asked >= LEAST_MIXED or any(_PLACEHOLDER.search(piece) for piece in pieces)


def _label(names: Sequence[str], known: Known | None) -> str:
    """The first name that is a question of the form; without a form the first that is more than a number."""
    for name in names:
        bare = " ".join(name.split()).rstrip(" :")
        if 0 < len(bare) <= MAX_LABEL and (known(bare) if known else any(c.isalpha() for c in bare)):
            return bare
    return ""


def _fields(page: "PageObject") -> list[_Field]:
    """The fields and typed notes of a page in their order, the empty ones too."""
    found: list[_Field] = []
    groups: dict[int, _Field] = {}
    for reference in listed(page.get("/Annots"))[:MAX_FIELDS]:
        note = resolved(reference)
        if not isinstance(note, dict):
            continue
        box = _box(note)
        kind = note.get("/Subtype")
        if kind == "/FreeText" and box:
            found.append(_Field((), _said(note.get("/Contents")), box))
        elif kind == "/Widget" and box and (read := _widget(note, box)):
            owner = id(_owner(note))
            if owner in groups:  # the buttons of one group, or one answer that is shown twice
                groups[owner].value = groups[owner].value or read.value
            else:
                groups[owner] = read
                found.append(read)
    return found


def _widget(note: dict[str, Any], box: tuple[float, float, float, float]) -> _Field | None:
    """One field, or one button of a group; None for what cannot be filled in."""
    names = (_said(_inherited(note, "/TU")), _said(_inherited(note, "/T")), _said(_inherited(note, "/TM")))
    flags = _inherited(note, "/Ff") or 0
    value = _inherited(note, "/V")
    match _inherited(note, "/FT"):
        case "/Tx":
            return _Field(names, _said(value), box)
        case "/Ch":
            chosen = [_said(resolved(one)) for one in (value if isinstance(value, list) else [value])]
            shown = _options(note)
            return _Field(names, ", ".join(shown.get(one, one) for one in chosen if one), box)
        case "/Btn" if not flags & _PUSH:
            return _Field(names, _button(note, value, radio=bool(flags & _RADIO)), box)
        case _:
            return None


def _button(note: dict[str, Any], value: object, *, radio: bool) -> str:
    """What a box or a button of a group says: the word of its state, "ja" for a bare tick, "" when it is not on."""
    state = str(note.get("/AS") or value or "/Off").removeprefix("/")
    if state == "Off":
        return OPEN
    options = listed(_inherited(note, "/Opt"))
    if state.isdigit() and int(state) < len(options):
        return _said(resolved(options[int(state)]))
    return TICKED if state.casefold() in _PLAIN_STATES and not radio else state


def _options(note: dict[str, Any]) -> dict[str, str]:
    """Value that is kept -> words that are shown, of a list."""
    found: dict[str, str] = {}
    for one in listed(_inherited(note, "/Opt"))[:MAX_FIELDS]:
        pair = resolved(one)
        if isinstance(pair, list) and len(pair) == 2:
            found[_said(resolved(pair[0]))] = _said(resolved(pair[1]))
    return found


def _owner(note: dict[str, Any]) -> dict[str, Any]:
    """The field that a widget is part of: its parent when only that one has the name."""
    parent = resolved(note.get("/Parent"))
    return parent if "/T" not in note and isinstance(parent, dict) else note


def _inherited(note: dict[str, Any], key: str) -> Any:  # noqa: ANN401  a PDF object of any kind
    """That entry of a field, or of the nearest one above it that has it."""
    at: Any = note
    for _ in range(MAX_PARENTS):
        if not isinstance(at, dict):
            return None
        if key in at:
            return resolved(at.get(key))
        at = resolved(at.get("/Parent"))
    return None


def _said(value: Any) -> str:  # noqa: ANN401  as above
    """A text of the PDF, LF at line ends; long ones may be kept as a stream."""
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    elif not isinstance(value, str) and hasattr(value, "get_data"):
        value = value.get_data()[:MAX_VALUE].decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    return value[:MAX_VALUE].replace("\r\n", "\n").replace("\r", "\n").strip()


def _box(note: dict[str, Any]) -> tuple[float, float, float, float] | None:
    sides = [resolved(one) for one in listed(note.get("/Rect"))]
    if len(sides) != 4 or not all(isinstance(one, int | float) for one in sides):
        return None
    left, bottom, right, top = (float(one) for one in sides)
    return min(left, right), min(bottom, top), max(left, right), max(bottom, top)


def _laid_out(pages: Sequence["PageObject"], fields: Sequence[Sequence[_Field]], limits: DocumentLimits) -> str:
    """The text of the pages, with a token where an answer without a label stands."""
    room, characters, number = Room(MAX_STEPS, MAX_CONTENT), 0, 0
    read: list[str] = []
    for page, answers in zip(pages, fields, strict=True):
        tokens: list[Written] = []
        for one in answers:
            if one.value and not one.label:
                left, bottom, _, top = one.box
                foot = bottom + 3 if top - bottom < 30 else top - 10  # a high field is written from its head
                tokens.append(Written(f"Qzx{number}xzQ", left + 2, foot))
                number += 1
        if room.steps > 0 and characters < limits.characters:
            read.append(page_text(page, tokens, room))
            characters += len(read[-1])
    return "\n\n".join(read)[: limits.characters]


def _beside(laid: str, loose: Sequence[_Field], known: Known | None, *, line: int) -> Iterator[Pair]:
    """The answers without a label of their own, with the question that stands beside or above them."""
    for one in text.pairs(laid, known=known):
        # What is printed around an answer is no part of it.
        numbers = [int(number) for number in _TOKEN.findall(one.value)]
        answer = "\n".join(loose[number].value for number in numbers if number < len(loose))
        if answer and one.label:
            line += 1
            yield Pair(one.label, text.ticked(answer[:MAX_VALUE]), line)


def _is_livecycle(reader: "PdfReader") -> bool:
    """Is it a form of which the page only says that another program is needed? (XFA)"""
    form = resolved(reader.root_object.get("/AcroForm"))
    return isinstance(form, dict) and "/XFA" in form
