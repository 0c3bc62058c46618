"""The blank form as a Word document: a table per group, with a content control for every answer. (DOCX)"""

import io
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor

from mailflow.outgoing.blank.questions import CHOOSE, EXPLANATION, PRIVACY_TITLE, TITLE, Form, Group, Question

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.table import Table, _Cell

HALF_LABEL = 44
"""Characters of a label with its hint that go beside another question."""
WIDTHS = tuple(Cm(width) for width in (4.1, 4.8, 4.1, 4.8))
PLACEHOLDERS = {"date": "Klik of tik om een datum in te voeren"}
PLACEHOLDER = "Klik of tik om tekst in te voeren"
GREY = RGBColor(0x59, 0x59, 0x59)
SHADE = "F2F2F2"


def made(form: Form) -> bytes:
    """The file."""
    document = Document()
    _set_up(document)
    document.add_paragraph(TITLE, style="Title")
    document.add_paragraph(EXPLANATION)
    paragraph = document.add_paragraph()
    paragraph.add_run(f"{PRIVACY_TITLE} ").bold = True
    paragraph.add_run(form.privacy)
    for group in form.groups:
        document.add_paragraph(group.heading, style="Heading 2")
        _table(document, group)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _set_up(document: "WordDocument") -> None:
    """A4, narrow margins, small clear type, Dutch, and the title as the name of the document."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(1.6)
    section.top_margin = section.bottom_margin = Cm(1.2)
    for name, size, before, after in (("Normal", 8.5, 0, 2), ("Title", 16, 0, 3), ("Heading 2", 10, 4, 1)):
        style: Any = document.styles[name]
        style.font.name, style.font.size = "Calibri", Pt(size)
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        style.paragraph_format.line_spacing = 1.0
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "nl-BE")
    normal: Any = document.styles["Normal"]
    normal.element.get_or_add_rPr().append(language)
    about = document.core_properties
    about.title, about.author, about.comments, about.language = TITLE, "", "", "nl-BE"


def _table(document: "WordDocument", group: Group) -> None:
    rows = list(group.rows(lambda one: len(one.whole) <= HALF_LABEL))
    table = document.add_table(rows=len(rows), cols=4, style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for number, questions in enumerate(rows):
        cells = table.rows[number].cells
        for at, cell in enumerate(cells):
            cell.width = WIDTHS[at]
        _unbroken(table, number)
        if len(questions) == 1:
            _ask(cells[0], questions[0])
            _answer(cells[1].merge(cells[3]), questions[0])
        else:
            for at, one in enumerate(questions):
                _ask(cells[2 * at], one)
                _answer(cells[2 * at + 1], one)


def _unbroken(table: "Table", number: int) -> None:
    """A row stays on one page."""
    table.rows[number]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001, RUF100  no public way


def _ask(cell: "_Cell", one: Question) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.add_run(one.marked).bold = one.required
    if one.hint:
        run = paragraph.add_run(f" ({one.hint})")
        run.font.size, run.font.color.rgb = Pt(7.5), GREY
    cell._tc.get_or_add_tcPr().append(  # noqa: SLF001, RUF100  as above
        parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{SHADE}"/>')
    )


def _answer(cell: "_Cell", one: Question) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph._p.append(parse_xml(control(one)))  # noqa: SLF001, RUF100  as above


def control(one: Question) -> str:
    """The content control of a question: its label as title, its key as tag, not to be thrown away by accident."""
    shown = one.answer or (CHOOSE.capitalize() if one.options else PLACEHOLDERS.get(one.kind, PLACEHOLDER))
    look = "" if one.answer else '<w:rPr><w:color w:val="767676"/></w:rPr>'
    lines = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in shown.split("\n"))
    empty = "" if one.answer else "<w:showingPlcHdr/>"
    return (
        f"<w:sdt {nsdecls('w')}><w:sdtPr><w:alias w:val={quoteattr(one.label)}/><w:tag w:val={quoteattr(one.key)}/>"
        f'<w:lock w:val="sdtLocked"/>{empty}{_kind(one)}</w:sdtPr>'
        f"<w:sdtContent><w:r>{look}{lines}</w:r></w:sdtContent></w:sdt>"
    )


def _kind(one: Question) -> str:
    if one.options:
        items = "".join(
            f"<w:listItem w:displayText={quoteattr(word)} w:value={quoteattr(word)}/>" for word in one.options
        )
        return f"<w:dropDownList>{items}</w:dropDownList>"
    if one.kind == "date":
        return (
            '<w:date><w:dateFormat w:val="dd/MM/yyyy"/><w:lid w:val="nl-BE"/>'
            '<w:storeMappedDataAs w:val="date"/><w:calendar w:val="gregorian"/></w:date>'
        )
    return '<w:text w:multiLine="1"/>' if one.long else "<w:text/>"
