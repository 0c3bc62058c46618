"""The copy of a case as a PDF to file: form, what happened, how it ended, and the letters."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from mailflow.core.copying import Copied, Copy
from mailflow.core.shown import Row

MARGIN, LABEL = 54, 150
"""Points: around the page, and what the labels of a table have of its width."""
PADDING = 6
"""Points that reportlab leaves within the margins."""
INK, PALE, LINE = "#1f2933", "#47535f", "#d5dbe1"
WARNING = "vertrouwelijk: bevat gegevens van een leerling"
UNDERLINED = re.compile(r"(.+(?:\n.+)?)\n(?:=+|-+)")
"""A heading, as the text of a letter has it."""
PLAIN, STRONG = "Vera", "VeraBd"
"""Fonts that come with reportlab, and that hold the letters of most names in Europe: they go into the file."""


def made(copy: Copy) -> bytes:
    """The file; the same copy gives the same bytes."""
    from reportlab.lib.pagesizes import A4  # noqa: PLC0415 - only who copies needs it
    from reportlab.platypus import SimpleDocTemplate  # noqa: PLC0415 - as above

    written = BytesIO()
    paper = SimpleDocTemplate(
        written, pagesize=A4, invariant=1, lang="nl-BE", title=f"Kopie van dossier {copy.reference}", author=copy.desk,
        leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN + 14,
    )  # fmt: skip

    def foot(canvas: Any, _paper: Any) -> None:  # noqa: ANN401 - reportlab has no types
        canvas.setFont(PLAIN, 8)
        canvas.setFillColor(PALE)
        canvas.drawString(
            MARGIN + PADDING, MARGIN - 8, f"{copy.reference} · vertrouwelijk: bevat gegevens van een leerling"
        )
        canvas.drawRightString(A4[0] - MARGIN - PADDING, MARGIN - 8, f"bladzijde {canvas.getPageNumber()}")

    width = A4[0] - 2 * MARGIN - 2 * PADDING
    paper.build([*_parts(copy, width)], onFirstPage=foot, onLaterPages=foot)
    return written.getvalue()


def _parts(copy: Copy, width: float) -> Iterator[Any]:
    from reportlab.platypus import Paragraph  # noqa: PLC0415 - as above

    style = _styles()
    yield Paragraph(_words(f"Kopie van dossier {copy.reference}"), style["h1"])
    yield Paragraph(_words(f"{copy.desk}. Gemaakt op {copy.made} voor het dossier van het CLB."), style["small"])
    for title, rows in (
        ("Stand", copy.facts),
        ("Het formulier", copy.form),
        ("Wat er gebeurde", copy.timeline),
    ):
        if rows:
            yield Paragraph(_words(title), style["h2"])
            yield _table(rows, width)
    if copy.letters:
        yield Paragraph(_words("De brieven die je kreeg"), style["h2"])
    for letter in copy.letters:
        yield from _letter(letter)


def _letter(letter: Copied) -> Iterator[Any]:
    from reportlab.platypus import Paragraph  # noqa: PLC0415 - as above

    style = _styles()
    yield Paragraph(_words(f"{letter.day}: {letter.subject}"), style["h3"])
    for block in letter.text.split("\n\n"):
        heading = UNDERLINED.fullmatch(block.strip("\n"))
        words = heading[1] if heading else block.strip("\n")
        yield Paragraph(_words(words).replace("\n", "<br/>"), style["h4" if heading else "letter"])


def _table(rows: Sequence[Row], width: float) -> Any:  # noqa: ANN401 - as above
    from reportlab.platypus import Paragraph, Table, TableStyle  # noqa: PLC0415 - as above

    style = _styles()
    cells = [
        [Paragraph(_words(row.label), style["label"]), Paragraph(_words(row.value).replace("\n", "<br/>"), style["p"])]
        for row in rows
    ]
    table = Table(cells, colWidths=[LABEL, width - LABEL], splitInRow=1)
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
                ("LEFTPADDING", (0, 0), (0, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 3),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
            ]
        )
    )
    return table


@cache
def _styles() -> dict[str, Any]:
    from reportlab.lib.styles import ParagraphStyle  # noqa: PLC0415 - as above

    _fonts()
    plain = ParagraphStyle("p", fontName=PLAIN, fontSize=9, leading=12.5, textColor=INK, splitLongWords=1)
    strong = {"parent": plain, "fontName": STRONG, "keepWithNext": 1}
    return {
        "p": plain,
        "label": ParagraphStyle("label", parent=plain, textColor=PALE),
        "small": ParagraphStyle("small", parent=plain, textColor=PALE, spaceAfter=4),
        "letter": ParagraphStyle("letter", parent=plain, spaceAfter=6, leftIndent=8),
        "h1": ParagraphStyle("h1", **strong, fontSize=16, leading=20, spaceAfter=6),
        "h2": ParagraphStyle("h2", **strong, fontSize=12, leading=15, spaceBefore=14, spaceAfter=6),
        "h4": ParagraphStyle("h4", **strong, fontSize=9, leading=12.5, spaceBefore=4, spaceAfter=3, leftIndent=8),
        "h3": ParagraphStyle("h3", **strong, fontSize=9.5, leading=13, spaceBefore=10, spaceAfter=4),
    }


@cache
def _fonts() -> frozenset[int]:
    """The characters that can be drawn."""
    from reportlab.pdfbase.pdfmetrics import registerFont  # noqa: PLC0415 - as above
    from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415 - as above

    plain = TTFont(PLAIN, "Vera.ttf")
    registerFont(plain)
    registerFont(TTFont(STRONG, "VeraBd.ttf"))
    return frozenset(plain.face.charToGlyph)


def _words(text: str) -> str:
    """*text* as reportlab's markup has it; a character that no font here draws becomes one that it does."""
    drawn = _fonts()
    return escape("".join(sign if ord(sign) in drawn or sign == "\n" else _like(sign, drawn) for sign in text))


def _like(sign: str, drawn: frozenset[int]) -> str:
    base = unicodedata.normalize("NFKD", sign)[0]
    return base if ord(base) in drawn else "?"
