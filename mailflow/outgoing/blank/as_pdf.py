"""The blank form as a PDF to fill in: a field beside every label, named for who hears it, in tab order. (PDF)"""

import io
from dataclasses import dataclass
from typing import Any

from pypdf import PdfWriter
from pypdf.generic import NameObject
from reportlab.lib.colors import Color, black
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from mailflow.outgoing.blank.questions import EXPLANATION, PRIVACY_TITLE, TITLE, Form, Group, Question

PLAIN, STRONG = "Helvetica", "Helvetica-Bold"
WIDTH, HEIGHT = A4
MARGIN = 36
COLUMN = (WIDTH - 2 * MARGIN - 10) / 2
"""Points; two columns with a gutter of ten between."""
LABEL = 128
"""Points of half a row that the label has; the field has the rest."""
MOST_LABEL = 0.6
"""Of a whole row; a longer label is written smaller."""
SIZE = 8
LINE = 16
LONG = 52
FRAME = Color(0.45, 0.45, 0.45)
PAPER = Color(0.96, 0.97, 1)
SHADE = Color(0.91, 0.91, 0.91)


def made(form: Form) -> bytes:
    """The file."""
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=A4, lang="nl-BE", invariant=1)
    canvas.setTitle(TITLE)
    canvas.setAuthor("")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    page = _Page(canvas, HEIGHT - MARGIN)
    page.words(TITLE, STRONG, 15)
    page.words(EXPLANATION, PLAIN, SIZE)
    page.words(f"{PRIVACY_TITLE} {form.privacy}", PLAIN, SIZE)
    for group in form.groups:
        page.group(group)
    canvas.save()
    return _in_rows(written)


def _in_rows(written: io.BytesIO) -> bytes:
    """The file with its tab order set: row by row (ISO 32000-1, table 30), which reportlab cannot say."""
    writer = PdfWriter(clone_from=written)
    for page in writer.pages:
        page[NameObject("/Tabs")] = NameObject("/R")
    finished = io.BytesIO()
    writer.write(finished)
    return finished.getvalue()


@dataclass
class _Page:
    """Where we are on the page: *foot* is the height, in points, below which there is still room."""

    canvas: Any
    foot: float

    def words(self, words: str, font: str, size: float) -> None:
        """A paragraph over the whole width."""
        for line in simpleSplit(words, font, size, WIDTH - 2 * MARGIN):
            self.foot -= size + 2.5
            self.canvas.setFont(font, size)
            self.canvas.drawString(MARGIN, self.foot, line)
        self.foot -= 3

    def group(self, group: Group) -> None:
        """A heading with its questions; the heading never stands alone at the foot of a page."""
        rows = list(group.rows(_fits))
        self._room(25 + _height(rows[0]))
        self.foot -= 19
        self.canvas.setFillColor(SHADE)
        self.canvas.rect(MARGIN, self.foot - 3, WIDTH - 2 * MARGIN, 13, stroke=0, fill=1)
        self.canvas.setFillColor(black)
        self.canvas.setFont(STRONG, 9)
        self.canvas.drawString(MARGIN + 3, self.foot, group.heading)
        self.foot -= 6
        for row in rows:
            height = _height(row)
            self._room(height)
            self.foot -= height
            if len(row) == 1:
                self._ask(row[0], MARGIN, WIDTH - 2 * MARGIN, height)
            else:
                for at, one in enumerate(row):
                    self._ask(one, MARGIN + at * (COLUMN + 10), COLUMN, height)

    def _room(self, height: float) -> None:
        if self.foot - height < MARGIN:
            self.canvas.showPage()
            self.foot = HEIGHT - MARGIN

    def _ask(self, one: Question, left: float, width: float, height: float) -> None:
        top = self.foot + height - 11
        beside = max(LABEL, min(_width(one) + 6, width * MOST_LABEL))
        self.canvas.setFont(_font(one), SIZE * min(1, (beside - 2) / _width(one)))
        self.canvas.drawString(left, top, _printed(one))
        # The label is written once more for who hears the form: ISO 32000-1, 14.9.3.
        place = {
            "name": one.key, "tooltip": one.marked, "x": left + beside, "y": self.foot + 1,
            "width": width - beside, "height": height - 3, "fontName": PLAIN, "fontSize": 9,
            "borderWidth": 0.5, "borderColor": FRAME, "fillColor": PAPER, "forceBorder": True,
        }  # fmt: skip
        flags = " ".join(["required"] if one.required else [])
        drawn = _drawable(one.answer)
        if one.options:
            words = [" ", *one.options]
            self.canvas.acroForm.choice(
                value=drawn if drawn in words else " ", options=words, fieldFlags=f"combo {flags}".strip(), **place
            )
        else:
            flags = f"multiline {flags}".strip() if one.long else flags
            self.canvas.acroForm.textfield(value=drawn, maxlen=None, fieldFlags=flags, **place)


def _printed(one: Question) -> str:
    """The question with the colon that makes a printed answer readable again."""
    return f"{one.whole}:"


def _font(one: Question) -> str:
    return STRONG if one.required else PLAIN


def _width(one: Question) -> float:
    return float(stringWidth(_printed(one), _font(one), SIZE))


def _fits(one: Question) -> bool:
    return _width(one) <= LABEL - 4


def _height(row: tuple[Question, ...]) -> float:
    return LONG if any(one.long for one in row) else LINE


def _drawable(answer: str) -> str:
    """*answer* with what the fonts of every PDF program can show; other characters would break the drawing."""
    return answer.encode("cp1252", "replace").decode("cp1252")
