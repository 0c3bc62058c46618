"""A Word document to pairs: controls, old form fields, tables, text boxes, tracked changes; and what tries to break it."""

import importlib
import io
import tracemalloc
import zipfile

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from referrals import KNOWN, LIMITS, form_of

from mailflow.reading.documents.docx_form import pairs
from mailflow.reading.documents.limits import DocumentLimits, Unread

SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)


def packed(document, **more):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", document)
        for name, content in more.items():
            archive.writestr(name, content)
    return out.getvalue()


def word(body):
    return packed(f'<?xml version="1.0"?><w:document {SPACES}><w:body>{body}</w:body></w:document>')


def p(words):
    return f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>"


def sdt(content, settings=""):
    return f"<w:sdt><w:sdtPr>{settings}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def run(words):
    return f"<w:r><w:t xml:space='preserve'>{words}</w:t></w:r>"


def row(*cells):
    return "<w:tr>" + "".join(f"<w:tc>{cell if cell.startswith('<') else p(cell)}</w:tc>" for cell in cells) + "</w:tr>"


def tbl(*rows):
    return "<w:tbl>" + "".join(row(*cells) for cells in rows) + "</w:tbl>"


def read(body, known=KNOWN):
    return [(one.label, one.value) for one in pairs(word(body), LIMITS, known=known) if one.label]


NOOR = [("Voornaam", "Noor"), ("Achternaam", "Voorbeeld"), ("Geboortedatum", "12/03/2010")]
ALIAS = '<w:alias w:val="{}"/>'

SHAPES = {
    "paragraphs": p("Voornaam: Noor") + p("Achternaam: Voorbeeld") + p("Geboortedatum: 12/03/2010"),
    "value below": "".join(p(one) for pair in NOOR for one in (f"{pair[0]}:", pair[1])),
    "tabs": "".join(f"<w:p><w:r><w:t>{label}:</w:t><w:tab/><w:t>{value}</w:t></w:r></w:p>" for label, value in NOOR),
    "line breaks": "<w:p><w:r>" + "<w:br/>".join(f"<w:t>{a}: {b}</w:t>" for a, b in NOOR) + "</w:r></w:p>",
    "table of two": tbl(*NOOR),
    "table with colons": tbl(*[(f"{label} * :", value) for label, value in NOOR]),
    "table of four": tbl((*NOOR[0], *NOOR[1]), (*NOOR[2], "", "")),
    "table with numbers": tbl(*[(str(n), label, value) for n, (label, value) in enumerate(NOOR, 1)]),
    "table with a header": tbl([label for label, _ in NOOR], [value for _, value in NOOR]),
    "label above value": tbl(*[(one,) for pair in NOOR for one in pair]),
    "inside one cell": tbl([p("Voornaam: Noor") + p("Achternaam: Voorbeeld") + p("Geboortedatum: 12/03/2010")]),
    "table in a table": tbl([tbl(*NOOR) + p("")]),
    "controls with titles": "".join(f"<w:p>{sdt(run(v), ALIAS.format(a))}</w:p>" for a, v in NOOR),
    "controls with tags": "".join(
        f'<w:p>{sdt(run(v), f"""<w:alias w:val="Tekstvak 3"/><w:tag w:val="{a}"/>""")}</w:p>' for a, v in NOOR
    ),
    "controls without names": "".join(f"<w:p>{run(f'{a}: ')}{sdt(run(v))}</w:p>" for a, v in NOOR),
    "controls beside each other": f"<w:p>{''.join(run(f'{a}: ') + sdt(run(v), ALIAS.format(a)) for a, v in NOOR)}</w:p>",
    "controls around paragraphs": "".join(sdt(p(v), ALIAS.format(a)) for a, v in NOOR),
    "controls in cells": tbl(*[(a, f"<w:p>{sdt(run(v))}</w:p>") for a, v in NOOR]),
    "controls around cells": "<w:tbl>"
    + "".join(f"<w:tr><w:tc>{p(a)}</w:tc>{sdt(f'<w:tc>{p(v)}</w:tc>', ALIAS.format(a))}</w:tr>" for a, v in NOOR)
    + "</w:tbl>",
    "controls around rows": "<w:tbl>" + sdt("".join(row(a, v) for a, v in NOOR)) + "</w:tbl>",
    "controls above each other": tbl(
        [a for a, _ in NOOR], [f"<w:p>{sdt(run(v), ALIAS.format(a))}</w:p>" for a, v in NOOR]
    ),
    "split runs": "".join(f"<w:p>{''.join(run(c) for c in f'{a}: {b}')}</w:p>" for a, b in NOOR),
    "strict": "",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_says_the_same(shape):
    """However the form was made."""
    body = SHAPES[shape] or SHAPES["paragraphs"]
    content = word(body)
    if shape == "strict":
        document = zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()
        content = packed(
            document.replace(
                "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
                "http://purl.oclc.org/ooxml/wordprocessingml/main",
            )
        )

    found = [(one.label.rstrip(" *"), one.value) for one in pairs(content, LIMITS, known=KNOWN) if one.value]

    assert found == NOOR


@pytest.mark.parametrize(
    "shape", ["paragraphs", "table of two", "controls with titles", "tabs", "table of four", "table with a header"]
)
def test_the_plain_shapes_need_no_form(shape):
    """Labels that nobody knows are told too."""
    assert [(a.rstrip(" *:"), b) for a, b in read(SHAPES[shape], known=None) if b] == NOOR


def test_a_text_box_is_read_once():
    """Word keeps it twice, for old programs."""
    box = f"<w:txbxContent>{p('Voornaam: Noor')}</w:txbxContent>"
    body = (
        f"<w:p><w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing>"
        f"</mc:Choice><mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent>"
        f"</w:r></w:p><w:p><w:r><w:pict><v:textbox><w:txbxContent>{p('Achternaam: Voorbeeld')}</w:txbxContent>"
        "</v:textbox></w:pict></w:r></w:p>"
    )

    assert read(body) == NOOR[:2]


def test_of_tracked_changes_the_accepted_text_counts():
    """Inserted and moved-in text stays, deleted and moved-away text and rows are gone."""
    body = (
        f"<w:p>{run('Voornaam: ')}<w:del>{run('Nora').replace('w:t', 'w:delText')}</w:del><w:ins>{run('Noor')}</w:ins></w:p>"
        f"<w:p><w:moveFrom>{run('Achternaam: Oud')}</w:moveFrom></w:p>"
        f"<w:p><w:moveTo>{run('Achternaam: Voorbeeld')}</w:moveTo></w:p>"
        "<w:tbl><w:tr><w:trPr><w:del w:id='1'/></w:trPr>"
        f"<w:tc>{p('Geboortedatum')}</w:tc><w:tc>{p('1/1/2001')}</w:tc></w:tr>{row('Geboortedatum', '12/03/2010')}</w:tbl>"
    )

    assert read(body) == NOOR


BOX = '<w14:checkbox><w14:checked w14:val="{}"/></w14:checkbox>'


def boxes(yes, no):
    return f"<w:p>{sdt(run('?'), BOX.format(yes))}{run(' ja ')}{sdt(run('?'), BOX.format(no))}{run(' nee')}</w:p>"


def test_ticked_boxes_give_their_words():
    """Content controls, old form fields and symbols of Wingdings; none ticked is no answer."""
    old = (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="0"/>{}</w:checkBox></w:ffData>'
        '</w:fldChar></w:r><w:r><w:instrText>FORMCHECKBOX</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    body = (
        tbl(("Ouders akkoord", boxes(1, 0)), ("Leerling akkoord", boxes(0, 1)), ("School akkoord", boxes(0, 0)))
        + tbl(("Tolk nodig", f"<w:p>{old.format('<w:checked/>')}{run(' ja ')}{old.format('')}{run(' nee')}</w:p>"))
        + f"<w:p>{run('Indicatiestelling gebeurd: ')}<w:r><w:sym w:font='Wingdings' w:char='F0FE'/></w:r>{run(' ja ')}"
        f"<w:r><w:sym w:font='Wingdings' w:char='F0A8'/></w:r>{run(' nee')}</w:p>"
        + f"<w:p>{sdt(run('?'), ALIAS.format('Ouders op de hoogte') + BOX.format(1))}</w:p>"
    )

    assert read(body) == [
        ("Ouders akkoord", "ja"),
        ("Leerling akkoord", "nee"),
        ("School akkoord", ""),
        ("Tolk nodig", "ja"),
        ("Indicatiestelling gebeurd", "ja"),
        ("Ouders op de hoogte", "ja"),
    ]


def test_a_cross_in_a_column_of_ja_and_nee():
    """As in many forms on paper."""
    body = tbl(
        ("", "Ja", "Nee"), ("Ouders akkoord", "x", ""), ("Leerling akkoord", "", "X"), ("School akkoord", "", "")
    )

    assert read(body) == [("Ouders akkoord", "Ja"), ("Leerling akkoord", "Nee"), ("School akkoord", "")]


def test_old_form_fields():
    """A text field has its answer in ordinary text, a list its chosen entry by number."""
    text_field = (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="Text1"/><w:textInput/></w:ffData></w:fldChar>'
        '</w:r><w:r><w:instrText>FORMTEXT</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        f'{run("Noor")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    choice = (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="jongen"/>'
        '<w:listEntry w:val="meisje"/></w:ddList></w:ffData></w:fldChar></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )

    assert read(f"<w:p>{run('Voornaam: ')}{text_field}</w:p>" + tbl(("Geslacht", f"<w:p>{choice}</w:p>"))) == [
        ("Voornaam", "Noor"),
        ("Geslacht", "meisje"),
    ]


def test_a_placeholder_is_no_answer():
    """Also in a list, and beside a label."""
    empty = "<w:showingPlcHdr/>"
    body = (
        f"<w:p>{sdt(run('Kies maar iets'), ALIAS.format('Gewenste aanbieder') + empty)}</w:p>"
        f"<w:p>{run('Voornaam: ')}{sdt(run('Vul hier in'), empty)}</w:p>"
    )

    assert read(body) == [("Gewenste aanbieder", ""), ("Voornaam", "")]


def test_a_date_with_the_month_first_is_read_as_word_keeps_it():
    """3/12/2010 would be the third of December; other dates are read as they are shown."""
    date = '<w:date w:fullDate="2010-03-12T00:00:00Z"><w:dateFormat w:val="{}"/></w:date>'
    body = "".join(
        f"<w:p>{sdt(run('3/12/2010'), ALIAS.format('Geboortedatum') + date.format(shape))}</w:p>"
        for shape in ("M/d/yyyy", "d/MM/yyyy")
    )

    assert read(body) == [("Geboortedatum", "2010-03-12"), ("Geboortedatum", "3/12/2010")]


def test_answers_that_are_labels_too_stay_answers():
    """ "school" and "CLB" are questions elsewhere on the form."""
    body = tbl(
        ("Je bent", "CLB"), ("Aanmelding voor", "school"), ("Deel van de school", "klas"), ("Net van het CLB", "vrij")
    )

    assert read(body) == [
        ("Je bent", "CLB"), ("Aanmelding voor", "school"), ("Deel van de school", "klas"), ("Net van het CLB", "vrij"),
    ]  # fmt: skip


def test_an_empty_table_holds_no_answers():
    """A label never becomes the answer of the label before it."""
    body = (
        tbl(("Voornaam", "Achternaam", "Geboortedatum"), ("", "", ""))
        + tbl(("Voornaam", "", "Achternaam", ""), ("Geboortedatum", "", "Geslacht", ""))
        + tbl(("Voornaam",), ("Achternaam",))
    )

    assert {value for _, value in read(body)} <= {""}


def test_headings_settle_short_labels():
    """Above a table, or in a row of its own."""
    body = (
        p("Leerling")
        + tbl(("Voornaam", "Noor"), ("Naam", "Voorbeeld"))
        + p("Gegevens van de school")
        + tbl(("Naam", "De Kade"), ("Postcode", "3000"))
        + tbl(("Ouders", ""), ("Naam", "Mia Voorbeeld"), ("Telefoon", "016 12 34 56"))
    )

    form = form_of(pairs(word(body), LIMITS, known=KNOWN))

    assert form.values["last_name"] == "Voorbeeld"
    assert form.values["school_name"] == "De Kade"
    assert form.values["guardian_name"] == "Mia Voorbeeld"
    assert form.values["guardian_phone"] == "+3216123456"


def test_a_group_in_a_column_of_its_own():
    """Ouders | Naam | Mia."""
    assert read(tbl(("Ouders", "Naam", "Mia Voorbeeld"), ("", "Telefoon", "016 12 34 56"))) == [
        ("Naam", "Mia Voorbeeld"),
        ("Telefoon", "016 12 34 56"),
    ]


def test_what_python_docx_writes_is_read():
    """A whole document of its making, with a header and styles."""
    file = docx.Document()
    file.add_heading("Aanmeldingsformulier", 0)
    file.add_paragraph("Voornaam: Noor")
    table = file.add_table(rows=2, cols=2)
    for cells, (label, value) in zip((one.cells for one in table.rows), NOOR[1:], strict=True):
        cells[0].text, cells[1].text = label, value
    out = io.BytesIO()
    file.save(out)

    assert [(one.label, one.value) for one in pairs(out.getvalue(), LIMITS, known=KNOWN) if one.label] == NOOR


def test_an_unknown_question_beside_a_known_one_keeps_its_answer():
    """It is told as a question that we do not know."""
    body = tbl(("Voornaam", "Noor", "Schoenmaat", "38"), ("Lievelingsvak", "turnen"))

    assert read(body) == [("Voornaam", "Noor"), ("Schoenmaat", "38"), ("Lievelingsvak", "turnen")]


def test_a_question_with_its_answer_in_the_row_below_is_not_lost():
    """The row above had no answer of its own."""
    assert read(tbl(("Aanleiding",), ("Voornaam: Noor",))) == [("Aanleiding", ""), ("Voornaam", "Noor")]


def test_a_field_after_an_empty_cell_is_the_answer():
    """Some forms keep a column free."""
    control = f"<w:p>{sdt(run('Noor'), ALIAS.format('Voornaam'))}</w:p>"

    assert read(tbl(("Voornaam", "", control))) == [("Voornaam", "Noor")]


def test_a_hyphen_that_does_not_break_is_a_hyphen():
    """In a name, as Word keeps it."""
    assert read("<w:p><w:r><w:t>Voornaam: Anne</w:t><w:noBreakHyphen/><w:t>Lies</w:t></w:r></w:p>") == [
        ("Voornaam", "Anne-Lies")
    ]


# --- bad input --------------------------------------------------------------------------------------------------------

ENTITIES = (
    '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + ' <!ENTITY x SYSTEM "file:///etc/hostname">]>'
)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"PK", b"not a zip", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
        packed(""), packed("<w"), packed("<a/>"), packed("<w:document/>"), packed("\x00\x01"),
        packed(f"<?xml version='1.0'?>{ENTITIES}<w:document {SPACES}><w:body>{p('&j;')}</w:body></w:document>"),
        packed(f"<?xml version='1.0'?>{ENTITIES}<w:document {SPACES}><w:body>{p('&x;')}</w:body></w:document>"),
        packed("<a>" * 100_000), packed(f"<w:document {SPACES}><w:body/></w:document>"),
    ],
    ids=range(13),
)  # fmt: skip
def test_what_is_no_document_is_said(content):
    """Never an exception; entities are refused unseen."""
    found = pairs(content, LIMITS, known=KNOWN)

    assert isinstance(found, Unread)
    assert "hostname" not in found.why


def test_a_zip_bomb_is_never_unpacked():
    """A hundred megabytes of nothing in a hundred kilobytes."""
    bomb = packed(b" " * 100_000_000)
    tracemalloc.start()

    found = pairs(bomb, LIMITS, known=KNOWN)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(found, Unread)
    assert peak < 5_000_000


@pytest.mark.parametrize("reader", ["docx_form", "odt_form", "xlsx_form"])
def test_a_fault_of_ours_does_not_stop_the_mail(reader, monkeypatch):
    """The document is named as one that cannot be read."""
    module = importlib.import_module(f"mailflow.reading.documents.{reader}")
    monkeypatch.setattr(module, "_read", lambda package, limits, known: 1 / 0)
    whole = packed(f"<w:document {SPACES}><w:body>{p('Voornaam: Noor')}</w:body></w:document>")

    assert isinstance(module.pairs(whole, LIMITS, known=KNOWN), Unread)


def test_macros_and_pictures_are_not_opened():
    """Whatever else is in the file."""
    content = packed(
        f"<w:document {SPACES}><w:body>{p('Voornaam: Noor')}</w:body></w:document>",
        **{"word/vbaProject.bin": b"\x00" * 1000, "word/media/image1.png": b"\x89PNG"},
    )

    assert [(one.label, one.value) for one in pairs(content, LIMITS, known=KNOWN)] == NOOR[:1]


HOSTILE = {
    "empty paragraphs": "<w:p/>" * 400_000,
    "nested": "<w:sdt><w:sdtPr/><w:sdtContent>" * 2_000,
    "nested tables": "<w:tbl><w:tr><w:tc>" * 2_000,
    "controls": "<w:p>" + sdt(run("x"), ALIAS.format("Voornaam")) * 20_000 + "</w:p>",
    "controls, nested, with runs": ("<w:sdt><w:sdtContent>" + "<w:r/>" * 3_000) * 45,
    "one paragraph": f"<w:p>{run('Voornaam: ' * 40_000)}</w:p>",
    "labels": "".join(p(f"Vraag{n}xyz: antwoord") for n in range(30_000)),
    "cells": "<w:tbl><w:tr>" + "<w:tc><w:p><w:r><w:t>Vornaam x</w:t></w:r></w:p></w:tc>" * 60_000 + "</w:tr></w:tbl>",
    "other cells": "<w:tbl>" + "".join(row(f"Label {n} abcdefgh", "x") for n in range(15_000)) + "</w:tbl>",
    "attributes": "<w:p " + " ".join(f"a{n}='x'" for n in range(100_000)) + "/>",
    "broken off": p("Voornaam: Noor") + "<w:p><w:r>",
    "marks": p("Voornaam: &#xE000;0"),
    "long value": p("Aanleiding: " + "a" * 300_000),
}


@pytest.mark.parametrize("shape", HOSTILE)
def test_hostile_documents_are_read_within_bounds(shape):
    """In a second or so and a few tens of megabytes."""
    content = word(HOSTILE[shape])

    found = pairs(content, LIMITS, known=KNOWN)

    assert isinstance(found, Unread) or all(len(one.value) <= 100_000 and "\n" not in one.label for one in found)


def test_the_limits_are_the_callers():
    """Fewer characters, cells, bytes, members."""
    content = word(tbl(*NOOR) * 3)

    assert len(pairs(content, DocumentLimits(cells=2), known=KNOWN)) == 1
    assert isinstance(pairs(content, DocumentLimits(unpacked_bytes=100), known=KNOWN), Unread)
    assert isinstance(pairs(content, DocumentLimits(members=1), known=KNOWN), Unread)
    assert [one.value for one in pairs(word(p("Voornaam: Noor")), DocumentLimits(characters=12), known=KNOWN)] == ["No"]


TREES = st.recursive(
    st.sampled_from([run("Voornaam: Noor"), run("ja"), "<w:tab/>", "<w:br/>", "<w:fldChar w:fldCharType='end'/>", "tekst"]),
    lambda inner: st.tuples(
        st.sampled_from(["w:p", "w:tbl", "w:tr", "w:tc", "w:r", "w:sdt", "w:sdtContent", "w:sdtPr", "w:txbxContent", "w:ins", "x"]),
        st.lists(inner, max_size=4),
    ).map(lambda one: f"<{one[0]}>{''.join(one[1])}</{one[0]}>"),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(TREES, st.booleans())
def test_any_nesting_is_read(tree, with_form):
    """Elements where Word never puts them."""
    found = pairs(word(tree), LIMITS, known=KNOWN if with_form else None)

    assert isinstance(found, Unread | tuple)
    assert isinstance(found, Unread) is False or found.why != "kan niet gelezen worden"
