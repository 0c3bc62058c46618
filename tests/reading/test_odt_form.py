"""An OpenDocument text to pairs: paragraphs, tables, input fields, lists, form controls; and what tries to break it."""

import io
import zipfile

import odf.opendocument
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odf import text
from referrals import KNOWN, LIMITS

from mailflow.reading.documents.limits import DocumentLimits, Unread
from mailflow.reading.documents.odt_form import pairs

NS = "urn:oasis:names:tc:opendocument:xmlns:"
SPACES = (
    f'xmlns:office="{NS}office:1.0" xmlns:text="{NS}text:1.0" xmlns:table="{NS}table:1.0" '
    f'xmlns:draw="{NS}drawing:1.0" xmlns:form="{NS}form:1.0" xmlns:xml="http://www.w3.org/XML/1998/namespace" '
    'xmlns:loext="urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0"'
)
NOOR = [("Voornaam", "Noor"), ("Achternaam", "Voorbeeld"), ("Geboortedatum", "12/03/2010")]


def packed(document, **more):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", document)
        for name, content in more.items():
            archive.writestr(name, content)
    return out.getvalue()


def odt(body, kind="text"):
    return packed(
        f"<office:document-content {SPACES}><office:body><office:{kind}>{body}</office:{kind}></office:body>"
        "</office:document-content>"
    )


def p(words):
    return f"<text:p>{words}</text:p>"


def cell(words, more=""):
    return f"<table:table-cell{more}>{words if words.startswith('<') else p(words)}</table:table-cell>"


def tbl(*rows):
    return (
        "<table:table>"
        + "".join(f"<table:table-row>{''.join(cell(one) for one in row)}</table:table-row>" for row in rows)
        + "</table:table>"
    )


def read(body, known=KNOWN, kind="text"):
    return [(one.label, one.value) for one in pairs(odt(body, kind), LIMITS, known=known) if one.label]


def typed(name, value):
    return f'<text:text-input text:description="{name}">{value}</text:text-input>'


def chosen(name, value):
    return f'<text:drop-down text:name="{name}"><text:label text:value="{value}"/>{value}</text:drop-down>'


SHAPES = {
    "paragraphs": "".join(p(f"{a}: {b}") for a, b in NOOR),
    "tabs and spans": "".join(p(f"<text:span>{a}</text:span>:<text:tab/><text:span>{b}</text:span>") for a, b in NOOR),
    "spaces": "".join(p(f"{a}:<text:s text:c='3'/>{b}") for a, b in NOOR),
    "line breaks": p("<text:line-break/>".join(f"{a}: {b}" for a, b in NOOR)),
    "lists": "<text:list>" + "".join("<text:list-item>" + p(f"{a}: {b}") + "</text:list-item>" for a, b in NOOR) + "</text:list>",
    "sections": f"<text:section>{''.join(p(f'{a}: {b}') for a, b in NOOR)}</text:section>",
    "table of two": tbl(*NOOR),
    "table of four": tbl((*NOOR[0], *NOOR[1]), (*NOOR[2], "", "")),
    "table with a header": tbl([a for a, _ in NOOR], [b for _, b in NOOR]),
    "label above value": tbl(*[(one,) for pair in NOOR for one in pair]),
    "table in a table": tbl([tbl(*NOOR)]),
    "input fields with names": "".join(p(typed(a, b)) for a, b in NOOR),
    "input fields beside labels": "".join(p(f"{a}: {typed('vul in', b)}") for a, b in NOOR),
    "input fields beside their own labels": "".join(p(f"{a}: {typed(a, b)}") for a, b in NOOR),
    "input fields in cells": tbl(*[(a, p(typed(a, b))) for a, b in NOOR]),
    "lists to choose from": tbl(*[(a, p(chosen(a, b))) for a, b in NOOR]),
    "text boxes": "".join(p("<draw:frame><draw:text-box>" + p(f"{a}: {b}") + "</draw:text-box></draw:frame>") for a, b in NOOR),
    "content controls": "".join(
        p(f"<loext:content-control loext:alias='{a}'>{b}</loext:content-control>") for a, b in NOOR
    ),
    "form controls": "<office:forms><form:form>"
    + "".join(f"<form:text form:id='c{n}' form:name='{a}' form:current-value='{b}'/>" for n, (a, b) in enumerate(NOOR))
    + "</form:form></office:forms>"
    + p("".join(f"<draw:control draw:control='c{n}'/>" for n in range(3))),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_says_the_same(shape):
    """However the form was made."""
    assert [one for one in read(SHAPES[shape]) if one[1]] == NOOR


def test_a_spreadsheet_is_a_table():
    """With its dates as dates, and empty cells that are repeated a million times."""
    row = "<table:table-row>{}</table:table-row>"
    empty = '<table:table-cell table:number-columns-repeated="16382"/>'
    body = (
        "<table:table>"
        + "".join(row.format(cell(a) + cell(b) + empty) for a, b in NOOR[:2])
        + row.format(cell("Geboortedatum") + cell("12 mrt", ' office:value-type="date" office:date-value="2010-03-12"'))
        + f'<table:table-row table:number-rows-repeated="1048000">{empty}</table:table-row>'
        + row.format(cell("Tolk nodig") + cell("WAAR", ' office:value-type="boolean" office:boolean-value="true"'))
        + "</table:table>"
    )

    assert read(body, kind="spreadsheet") == [*NOOR[:2], ("Geboortedatum", "2010-03-12"), ("Tolk nodig", "ja")]


def test_boxes_and_lists():
    """A box without a tick is no answer."""
    box = "<loext:content-control loext:checkbox='true' loext:checked='{}'>?</loext:content-control>"
    body = (
        "<office:forms><form:form><form:checkbox form:id='a' form:name='Tolk nodig' form:current-state='checked'/>"
        "<form:listbox form:id='b' form:name='Geslacht'><form:option form:label='jongen'/>"
        "<form:option form:label='meisje' form:current-selected='true'/></form:listbox></form:form></office:forms>"
        + p(f"Ouders akkoord: {box.format('true')} ja {box.format('false')} nee")
        + p("<draw:control draw:control='a'/>")
        + p("<draw:control draw:control='b'/>")
    )

    assert read(body) == [("Ouders akkoord", "ja"), ("Tolk nodig", "ja"), ("Geslacht", "meisje")]


def test_an_input_field_that_still_shows_its_prompt_is_empty():
    """As a content control tells."""
    control = (
        "<loext:content-control loext:alias='Voornaam' loext:showing-place-holder='true'>klik</loext:content-control>"
    )

    assert read(p(control)) == [("Voornaam", "")]


def test_rows_of_a_heading_and_of_a_group():
    """Wherever a table keeps them; covered cells are no cells, words around a field stay."""
    row = f"<table:table-row>{cell('Voornaam')}{cell('Noor')}</table:table-row>"
    other = f"<table:table-row>{cell('Achternaam')}<table:covered-table-cell/>{cell('Voorbeeld')}<x/></table:table-row>"
    body = (
        f"<table:table><table:table-header-rows>{row}</table:table-header-rows>"
        f"<table:table-row-group>{other}</table:table-row-group></table:table>"
        + tbl(("Geboortedatum", f"<text:list><text:list-item>{p('12/03/2010')}</text:list-item></text:list>"))
        + "<office:forms><form:form><form:textarea form:id='a' form:name='Opmerkingen'><text:p>een</text:p><text:p>twee"
        "</text:p></form:textarea><form:text form:name='Zonder plaats'/></form:form></office:forms>"
        + p("Zie ook: <draw:control draw:control='a'/><draw:control draw:control='b'/>")
    )

    assert [one for one in read(body) if one[1]] == [*NOOR, ("Opmerkingen", "een\ntwee")]


def test_deleted_text_notes_and_comments_are_left_out():
    """Of tracked changes the accepted text counts."""
    body = (
        f"<text:tracked-changes><text:changed-region><text:deletion>{p('Voornaam: Nora')}</text:deletion>"
        "</text:changed-region></text:tracked-changes>"
        + p(f"Voornaam: Noor<office:annotation>{p('klopt dit?')}</office:annotation><text:note>{p('noot')}</text:note>")
    )

    assert read(body) == NOOR[:1]


def test_what_odfpy_writes_is_read():
    """A whole document of its making."""
    file = odf.opendocument.OpenDocumentText()
    for label, value in NOOR:
        file.text.addElement(text.P(text=f"{label}: {value}"))
    out = io.BytesIO()
    file.write(out)

    assert [(one.label, one.value) for one in pairs(out.getvalue(), LIMITS, known=KNOWN)] == NOOR


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04", b"x" * 100, packed(""), packed("<a/>"), packed("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), odt("")],
    ids=range(7),
)  # fmt: skip
def test_what_is_no_document_is_said(content):
    """Never an exception."""
    assert isinstance(pairs(content, LIMITS, known=KNOWN), Unread)


def test_an_encrypted_document_is_said():
    """LibreOffice tells of it in the manifest."""
    content = packed("\x00\x01\x02", **{"META-INF/manifest.xml": "<a><manifest:encryption-data/></a>"})

    assert "wachtwoord" in pairs(content, LIMITS, known=KNOWN).why


HOSTILE = {
    "empty paragraphs": "<text:p/>" * 400_000,
    "nested": "<text:section>" * 5_000,
    "repeated rows": "<table:table>"
    + '<table:table-row table:number-rows-repeated="999999"><table:table-cell table:number-columns-repeated="99999">'
    "<text:p>x</text:p></table:table-cell></table:table-row>" * 3_000 + "</table:table>",
    "spaces": p("<text:s text:c='99999999'/>" * 20_000),
    "fields": p(typed("Voornaam", "x") * 20_000),
    "forms": "<office:forms>" * 50 + "<form:text form:id='x' form:name='Voornaam'/>" * 20_000,
}


@pytest.mark.parametrize("shape", HOSTILE)
def test_hostile_documents_are_read_within_bounds(shape):
    """In a second or so."""
    found = pairs(odt(HOSTILE[shape]), LIMITS, known=KNOWN)

    assert isinstance(found, Unread) or all(len(one.value) <= 100_000 for one in found)


def test_the_limits_are_the_callers():
    """Fewer cells, fewer bytes."""
    assert len(pairs(odt(tbl(*NOOR)), DocumentLimits(cells=2), known=KNOWN)) == 1
    assert isinstance(pairs(odt(tbl(*NOOR)), DocumentLimits(unpacked_bytes=100), known=KNOWN), Unread)


NAMES = ("text:p", "text:h", "text:list", "text:text-input", "text:drop-down", "table:table", "table:table-row",
         "table:table-cell", "draw:text-box", "draw:control", "office:forms", "form:listbox", "x")  # fmt: skip
TREES = st.recursive(
    st.sampled_from(["Voornaam: Noor", "ja", "<text:tab/>", "<text:s text:c='x'/>"]),
    lambda inner: st.tuples(st.sampled_from(NAMES), st.lists(inner, max_size=4)).map(
        lambda one: f"<{one[0]}>{''.join(one[1])}</{one[0]}>"
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(TREES, st.booleans())
def test_any_nesting_is_read(tree, with_form):
    """Elements where no program puts them."""
    found = pairs(odt(tree), LIMITS, known=KNOWN if with_form else None)

    assert not isinstance(found, Unread) or found.why != "kan niet gelezen worden"
