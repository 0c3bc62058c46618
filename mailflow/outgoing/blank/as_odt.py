"""The blank form as an OpenDocument text: a table per group, cells to type in, lists to choose from. (ODT)"""

import io

from odf import dc, style, table, text
from odf.element import Element
from odf.namespaces import TEXTNS
from odf.opendocument import OpenDocumentText

from mailflow.outgoing.blank.questions import CHOOSE, EXPLANATION, PRIVACY_TITLE, TITLE, Form, Group, Question

HALF_LABEL = 44
"""Characters of a label with its hint that go beside another question."""
WIDTHS = ("4.1cm", "4.8cm", "4.1cm", "4.8cm")
MARGINS = {"margintop": "1.2cm", "marginbottom": "1.2cm", "marginleft": "1.6cm", "marginright": "1.6cm"}
FONT = {"fontname": "Liberation Sans", "language": "nl", "country": "BE"}


def made(form: Form) -> bytes:
    """The file."""
    document = OpenDocumentText()
    document.meta.addElement(dc.Title(text=TITLE))
    document.meta.addElement(dc.Language(text="nl-BE"))
    looks = _looks(document)
    body = document.text
    body.addElement(text.H(outlinelevel=1, stylename=looks["title"], text=TITLE))
    body.addElement(text.P(stylename=looks["plain"], text=EXPLANATION))
    privacy = text.P(stylename=looks["plain"])
    privacy.addElement(text.Span(stylename=looks["strong"], text=f"{PRIVACY_TITLE} "))
    privacy.addText(form.privacy)
    body.addElement(privacy)
    for group in form.groups:
        body.addElement(text.H(outlinelevel=2, stylename=looks["heading"], text=group.heading))
        body.addElement(_table(group, looks))
    written = io.BytesIO()
    document.write(written)
    return written.getvalue()


def _looks(document: OpenDocumentText) -> dict[str, Element]:
    """The styles: A4, narrow margins, small clear type, Dutch."""
    page = style.PageLayout(name="A4")
    page.addElement(style.PageLayoutProperties(pagewidth="21cm", pageheight="29.7cm", **MARGINS))
    document.automaticstyles.addElement(page)
    document.masterstyles.addElement(style.MasterPage(name="Standard", pagelayoutname=page))
    document.fontfacedecls.addElement(
        style.FontFace(name=FONT["fontname"], fontfamily=f"'{FONT['fontname']}'", fontfamilygeneric="swiss")
    )
    looks: dict[str, Element] = {}
    for name, size, above, below, weight in (
        ("title", "15pt", "0cm", "0.1cm", "bold"),
        ("heading", "10pt", "0.2cm", "0.05cm", "bold"),
        ("plain", "8.5pt", "0cm", "0.1cm", "normal"),
        ("cell", "8.5pt", "0cm", "0cm", "normal"),
    ):
        look = style.Style(name=f"form-{name}", family="paragraph")
        look.addElement(style.ParagraphProperties(margintop=above, marginbottom=below, keepwithnext="auto"))
        look.addElement(style.TextProperties(fontsize=size, fontweight=weight, **FONT))
        document.styles.addElement(look)
        looks[name] = look
    for name, properties in (("strong", {"fontweight": "bold"}), ("hint", {"fontsize": "7.5pt", "color": "#595959"})):
        look = style.Style(name=f"form-{name}", family="text")
        look.addElement(style.TextProperties(**properties))
        document.automaticstyles.addElement(look)
        looks[name] = look
    for name, shade in (("question", "#f2f2f2"), ("answer", "transparent")):
        look = style.Style(name=f"form-{name}", family="table-cell")
        look.addElement(
            style.TableCellProperties(border="0.5pt solid #7f7f7f", padding="0.04cm", backgroundcolor=shade)
        )
        document.automaticstyles.addElement(look)
        looks[name] = look
    for at, width in enumerate(WIDTHS):
        look = style.Style(name=f"form-column{at}", family="table-column")
        look.addElement(style.TableColumnProperties(columnwidth=width))
        document.automaticstyles.addElement(look)
        looks[f"column{at}"] = look
    row = style.Style(name="form-row", family="table-row")
    row.addElement(style.TableRowProperties(keeptogether="always"))
    document.automaticstyles.addElement(row)
    looks["row"] = row
    return looks


def _table(group: Group, looks: dict[str, Element]) -> Element:
    made = table.Table(name=group.title)
    for at in range(4):
        made.addElement(table.TableColumn(stylename=looks[f"column{at}"]))
    for questions in group.rows(lambda one: len(one.whole) <= HALF_LABEL):
        row = table.TableRow(stylename=looks["row"])
        for one in questions:
            row.addElement(_asked(one, looks))
            row.addElement(_answer(one, looks, columns=3 if len(questions) == 1 else 1))
            for _ in range(2 if len(questions) == 1 else 0):
                row.addElement(table.CoveredTableCell())
        made.addElement(row)
    return made


def _asked(one: Question, looks: dict[str, Element]) -> Element:
    cell = table.TableCell(stylename=looks["question"])
    words = text.P(stylename=looks["cell"])
    if one.required:
        words.addElement(text.Span(stylename=looks["strong"], text=one.marked))
    else:
        words.addText(one.label)
    if one.hint:
        words.addElement(text.Span(stylename=looks["hint"], text=f" ({one.hint})"))
    cell.addElement(words)
    return cell


def _answer(one: Question, looks: dict[str, Element], *, columns: int) -> Element:
    """A cell to type in; for a choice a list in it, named after the question."""
    spanned = {"numbercolumnsspanned": columns} if columns > 1 else {}
    cell = table.TableCell(stylename=looks["answer"], **spanned)
    for line in one.answer.split("\n"):
        words = text.P(stylename=looks["cell"])
        if one.options:
            words.addElement(_choice(one, line or CHOOSE), check_grammar=False)
        else:
            words.addText(line)
        cell.addElement(words)
    return cell


def _choice(one: Question, chosen: str) -> Element:
    """A list to choose from (ODF 1.2 part 1, 7.4.16), which odfpy does not know by name."""
    words = Element(qname=(TEXTNS, "drop-down"), qattributes={(TEXTNS, "name"): one.label}, check_grammar=False)
    for word in (CHOOSE, *one.options):
        mark = {(TEXTNS, "current-selected"): "true"} if word == chosen else {}
        label = Element(qname=(TEXTNS, "label"), qattributes={(TEXTNS, "value"): word, **mark}, check_grammar=False)
        words.addElement(label, check_grammar=False)
    words.addText(chosen, check_grammar=False)
    return words
