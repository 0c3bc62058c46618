"""The blank form as a document: good to hand out, and read back with every field equal once it is filled in."""

import io
import re
import zipfile
from dataclasses import replace

import docx
import odf.opendocument
import odf.teletype
import pypdf
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from hypothesis import HealthCheck, given, settings
from odf import table, text
from odf.namespaces import TEXTNS
from referrals import FIELDS, KNOWN, LIMITS, NOOR, PROVIDERS, REFERRALS, form_of, spaceless, written

from mailflow.outgoing.blank import TYPES, document
from mailflow.reading.documents import docx_form, html_form, odt_form, pdf_form

BLANK = {kind: document(FIELDS, PROVIDERS, kind) for kind in TYPES}
READ = {"docx": docx_form.pairs, "odt": odt_form.pairs, "pdf": pdf_form.pairs, "html": html_form.pairs}
BY_HYPOTHESIS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(content, kind):
    return form_of(READ[kind](content, LIMITS, known=KNOWN), kind)


# --- filling in as people and programs do -----------------------------------------------------------------------------


def typed_in_word(answers):
    """Every content control filled in, as Word does: the placeholder goes, lines break within the control."""
    file = docx.Document(io.BytesIO(BLANK["docx"]))
    for control in file.element.body.iter(qn("w:sdt")):
        settings_of = control.find(qn("w:sdtPr"))
        answer = answers.get(settings_of.find(qn("w:tag")).get(qn("w:val")), "")
        if not answer:
            continue
        settings_of.remove(settings_of.find(qn("w:showingPlcHdr")))
        content = control.find(qn("w:sdtContent"))
        for run in list(content):
            content.remove(run)
        run = OxmlElement("w:r")
        for at, line in enumerate(answer.split("\n")):
            if at:
                run.append(OxmlElement("w:br"))
            words = OxmlElement("w:t")
            words.set(qn("xml:space"), "preserve")
            words.text = line
            run.append(words)
        content.append(run)
    return saved(file)


def typed_over_word(answers):
    """The content controls thrown away, the answers typed in their cells."""
    labels = {one.label: one.key for one in FIELDS}
    file = docx.Document(io.BytesIO(BLANK["docx"]))
    for rows in file.tables:
        for row in rows.rows:
            cells = list(dict.fromkeys(row.cells))
            for label, cell in zip(cells[::2], cells[1::2], strict=True):
                for control in list(cell._tc.iter(qn("w:sdt"))):
                    control.getparent().remove(control)
                key = labels[re.sub(r" \*| \([^)]*\)$", "", label.text).strip()]
                first, *more = answers.get(key, "").split("\n")
                cell.paragraphs[0].add_run(first)
                for line in more:
                    cell.add_paragraph(line)
    return saved(file)


def saved(file):
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def typed_in_odt(answers):
    """Every cell and list filled in, as LibreOffice does."""
    labels = {one.label: one.key for one in FIELDS}
    file = odf.opendocument.load(io.BytesIO(BLANK["odt"]))
    for row in file.getElementsByType(table.TableRow):
        cells = row.getElementsByType(table.TableCell)
        for label, cell in zip(cells[::2], cells[1::2], strict=True):
            key = labels[re.sub(r" \*| \([^)]*\)$", "", odf.teletype.extractText(label)).strip()]
            if key not in answers:
                continue
            paragraph = cell.firstChild
            if paragraph.firstChild is not None:
                choice = paragraph.firstChild
                choice.lastChild.data = answers[key]
                for option in choice.childNodes[:-1]:
                    chosen = option.attributes[TEXTNS, "value"] == answers[key]
                    option.attributes[TEXTNS, "current-selected"] = str(chosen).lower()
                continue
            first, *more = answers[key].split("\n")
            paragraph.addText(first)
            for line in more:
                cell.addElement(text.P(text=line))
    out = io.BytesIO()
    file.write(out)
    return out.getvalue()


def typed_in_pdf(answers, **how):
    """Every field filled in by pypdf."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(BLANK["pdf"]))
    for page in writer.pages:
        writer.update_page_form_field_values(page, answers, auto_regenerate=False, **how)
    if how.get("flatten"):
        writer.remove_annotations(subtypes="/Widget")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


FILLED = {
    "docx, typed": ("docx", typed_in_word),
    "docx, controls gone": ("docx", typed_over_word),
    "odt, typed": ("odt", typed_in_odt),
    "pdf, typed": ("pdf", typed_in_pdf),
}


@pytest.mark.parametrize("how", FILLED)
@given(answers=REFERRALS)
@BY_HYPOTHESIS
def test_a_filled_in_document_reads_back(how, answers):
    """Whatever a referral holds: every field equal, nothing odd."""
    kind, fill = FILLED[how]

    form = read(fill(written(answers)), kind)

    assert spaceless(form.values) == spaceless(answers)
    assert form.odd == ()


@pytest.mark.parametrize("kind", READ)
@given(answers=REFERRALS)
@BY_HYPOTHESIS
def test_a_document_that_we_fill_in_reads_back(kind, answers):
    """A follow-on referral starts from the earlier one."""
    form = read(document(FIELDS, PROVIDERS, kind, values=answers), kind)

    assert spaceless(form.values) == spaceless(answers)
    assert form.odd == ()


@pytest.mark.parametrize("how", FILLED)
def test_words_that_look_like_questions_stay_in_their_answer(how):
    """Paragraphs, empty lines and colons within a long answer."""
    kind, fill = FILLED[how]

    form = read(fill(written(NOOR)), kind)

    assert spaceless(form.values) == spaceless(NOOR)


def test_long_answers_keep_their_lines():
    """In Word and PDF, where a line break is a line break."""
    for kind, fill in (FILLED["docx, typed"], FILLED["pdf, typed"]):
        assert read(fill(written(NOOR)), kind).values["reason"] == NOOR["reason"]


def test_a_flattened_pdf_reads_back():
    """The answers became drawings on the page; what people printed to PDF reads the same way."""
    plain = {**NOOR, "reason": "Noor komt al weken niet meer naar school."}

    form = read(typed_in_pdf(written(plain), flatten=True), "pdf")

    assert spaceless(form.values) == spaceless(plain)


@pytest.mark.parametrize("kind", READ)
def test_the_blank_form_is_no_form(kind):
    """Mailed back as it is, it says nothing."""
    assert read(BLANK[kind], kind) is None


# --- the document itself ----------------------------------------------------------------------------------------------


def words_of(kind):
    content = BLANK[kind]
    match kind:
        case "docx":
            return "".join(docx.Document(io.BytesIO(content)).element.body.itertext())
        case "odt":
            return zipfile.ZipFile(io.BytesIO(content)).read("content.xml").decode()
        case "pdf":
            return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
        case _:
            return content.decode()


@pytest.mark.parametrize("kind", ["docx", "odt", "pdf", "html"])
def test_every_kind_holds_every_question(kind):
    """Its title, what it is for, what happens with the data, the stars and every label."""
    words = " ".join(words_of(kind).split())

    assert "Aanmelding bij het meldpunt" in words
    assert "sterretje (*)" in words
    assert "Wat gebeurt er met de gegevens?" in words
    assert "Bijlagen geven we niet door" in words
    assert [one.key for one in FIELDS if one.label not in words] == []
    assert "Geboortedatum *" in words


@pytest.mark.parametrize("kind", TYPES)
def test_the_same_form_makes_a_file_of_its_kind(kind):
    """And a name with the right ending."""
    starts = {"docx": b"PK", "odt": b"PK", "pdf": b"%PDF-", "html": b"<!DOCTYPE html>", "txt": b"Aanmelding"}

    assert BLANK[kind].startswith(starts[kind])
    assert TYPES[kind][1].endswith(f".{kind}")


def test_another_kind_is_refused():
    """A fault of the caller."""
    with pytest.raises(KeyError):
        document(FIELDS, PROVIDERS, "rtf")


def test_the_word_form_has_a_control_for_every_question():
    """With the label as its title, lists for what is chosen, and dates that Word knows."""
    controls = {
        one.find(qn("w:sdtPr")).find(qn("w:tag")).get(qn("w:val")): one.find(qn("w:sdtPr"))
        for one in docx.Document(io.BytesIO(BLANK["docx"])).element.body.iter(qn("w:sdt"))
    }

    assert list(controls) == [one.key for one in FIELDS]
    assert controls["birth_date"].find(qn("w:date")) is not None
    assert [one.get(qn("w:value")) for one in controls["agreed_pupil"].find(qn("w:dropDownList"))] == ["ja", "nee"]
    assert controls["reason"].find(qn("w:text")).get(qn("w:multiLine")) == "1"


def test_the_pdf_form_is_two_pages_with_named_fields_in_order():
    """Every field has a name to be read aloud, and the tab key goes through them as they stand."""
    reader = pypdf.PdfReader(io.BytesIO(BLANK["pdf"]))
    notes = [note.get_object() for page in reader.pages for note in page["/Annots"]]

    assert len(reader.pages) == 2
    assert [note["/T"] for note in notes] == [one.key for one in FIELDS]
    assert [note["/TU"].rstrip(" *") for note in notes] == [one.label for one in FIELDS]
    assert all(page["/Tabs"] == "/R" for page in reader.pages)
    assert reader.trailer["/Root"]["/Lang"] == "nl-BE"


def test_no_field_of_the_pdf_lies_over_its_label_or_another_field():
    """Nor outside the page."""
    for page in pypdf.PdfReader(io.BytesIO(BLANK["pdf"])).pages:
        boxes = [[float(side) for side in note.get_object()["/Rect"]] for note in page["/Annots"]]
        for at, (left, bottom, right, top) in enumerate(boxes):
            assert 30 < left < right < 570
            assert 30 < bottom < top < 830
            for other in boxes[at + 1 :]:
                assert right <= other[0] or other[2] <= left or top <= other[1] or other[3] <= bottom


def test_a_very_long_question_still_leaves_room_for_its_answer():
    """Its label is written smaller."""
    fields = [replace(one, hint="uitleg " * 20) if one.key == "clb" else one for one in FIELDS]
    reader = pypdf.PdfReader(io.BytesIO(document(fields, PROVIDERS, "pdf")))

    boxes = {note.get_object()["/T"]: note.get_object()["/Rect"] for note in reader.pages[0]["/Annots"]}

    assert boxes["clb"][2] - boxes["clb"][0] > 150


def test_the_page_is_a_table_that_survives_a_mail():
    """One row per question: its label as a heading of the row, an empty cell to type in."""
    page = BLANK["html"].decode()

    assert page.count("<tr>") == len(FIELDS)
    assert "<script" not in page
    assert "NAFT Vlaams-Brabant Oost / Zorgboerderij De Wilg / geen voorkeur" in page


@pytest.mark.parametrize("kind", TYPES)
def test_names_and_answers_cannot_break_a_document(kind):
    """Markup, quotes, control characters and other alphabets in what is filled in or configured."""
    nasty = "<b>&\"'\x00\x0b\ud800\u202e{{x}} =1+1 ]]> жук 学校 \U0001f600"
    providers = {
        "naft-vbo": replace(PROVIDERS["naft-vbo"], name='A & B <"C">'),
        "b": replace(PROVIDERS["de-wilg"], name="жук"),
    }
    values = {one.key: nasty for one in FIELDS} | {"provider": "naft-vbo"}

    content = document(FIELDS, providers, kind, values=values)

    assert content
    if kind in READ:
        assert isinstance(READ[kind](content, LIMITS, known=KNOWN), tuple)
    if kind == "html":
        assert "<b>" not in content.decode()


def test_no_answers_are_held_back_when_nothing_is():
    """What the form says of the data follows from form.toml."""
    open_fields = [replace(one, shown="always") for one in FIELDS]

    assert "ziet de aanbieder pas" in document(FIELDS, PROVIDERS, "html").decode()
    assert "ziet de aanbieder pas" not in document(open_fields, PROVIDERS, "html").decode()
