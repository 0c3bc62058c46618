"""A PDF to pairs: fields of every kind, notes typed over a form, flattened and printed text; and what tries to break it."""

import io
import time
import zlib

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf.annotations import FreeText
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject
from referrals import FIELDS, KNOWN, LIMITS, NOOR, PROVIDERS, form_of, spaceless
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from mailflow.outgoing.blank import document
from mailflow.reading.documents.archives import TOO_LARGE
from mailflow.reading.documents.limits import DocumentLimits, Unread
from mailflow.reading.documents.pdf_form import pairs

FACTS = [("Voornaam", "Noor"), ("Achternaam", "Voorbeeld"), ("Geboortedatum", "12/03/2010")]


def drawn(draw, **how):
    """A PDF with what *draw* does on its canvas."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, **how)
    draw(canvas)
    canvas.save()
    return out.getvalue()


def rewritten(content, change):
    """The PDF after *change* did something with its writer."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(content))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def read(content, known=KNOWN):
    found = pairs(content, LIMITS, known=known)
    return found if isinstance(found, Unread) else [(one.label, one.value) for one in found if one.label]


def texts(*names, tooltips=None):
    """A form of text fields with a printed label beside each."""

    def draw(canvas):
        for at, ((label, value), name) in enumerate(zip(FACTS, names, strict=True)):
            canvas.drawString(50, 700 - 30 * at, f"{label}:")
            canvas.acroForm.textfield(
                name=name, value=value, x=200, y=695 - 30 * at, width=200, height=18,
                tooltip=tooltips[at] if tooltips else None,
            )  # fmt: skip

    return drawn(draw)


# --- fields -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "tooltips"),
    [
        (("Voornaam", "Achternaam", "Geboortedatum"), None),
        (("first_name", "last_name", "birth_date"), None),
        (("veld1", "veld2", "veld3"), ("Voornaam", "Achternaam *", "Geboortedatum:")),
        (("Voornaam", "Achternaam", "Geboortedatum"), ("Vul in", "Vul in", "Vul in")),
    ],
    ids=["names", "keys", "tooltips", "names under useless tooltips"],
)
def test_a_field_has_its_name_or_its_tooltip_as_label(names, tooltips):
    """Whichever is a question of the form."""
    keys = ("first_name", "last_name", "birth_date")

    form = form_of(pairs(texts(*names, tooltips=tooltips), LIMITS, known=KNOWN))

    assert [form.values[key] for key in keys] == ["Noor", "Voorbeeld", "2010-03-12"]


def test_a_field_without_a_name_has_the_printed_label_beside_it():
    """Also when other fields do have one."""
    assert read(texts("Text Box 1", "Text Box 2", "Text Box 3")) == FACTS
    assert sorted(read(texts("Voornaam", "Text Box 2", "Text Box 3"))) == sorted(FACTS)


def test_a_field_below_its_printed_label():
    """With an answer of several lines."""

    def draw(canvas):
        canvas.drawString(50, 700, "Aanleiding:")
        canvas.acroForm.textfield(name="T1", value="Een.\nTwee: drie.", x=50, y=630, width=400, height=65, maxlen=None)
        canvas.drawString(50, 600, "Voornaam:")
        canvas.acroForm.textfield(name="T2", value="Noor", x=50, y=575, width=200, height=18)

    assert read(drawn(draw)) == [("Aanleiding", "Een.\nTwee: drie."), ("Voornaam", "Noor")]


def test_without_the_form_names_are_labels():
    """As they stand."""
    assert read(texts("Voornaam", "Achternaam", "Geboortedatum"), known=None) == FACTS


def test_boxes_radio_buttons_and_lists():
    """A box without a tick and a group without a choice are no answer."""

    def draw(canvas):
        canvas.drawString(50, 800, "Formulier")
        form = canvas.acroForm
        form.checkbox(name="Tolk nodig", checked=True, x=50, y=700)
        form.checkbox(name="Ouders op de hoogte", checked=False, x=50, y=670)
        for at, word in enumerate(("ja", "nee")):
            form.radio(name="Ouders akkoord", value=word, selected=word == "nee", x=50 + 50 * at, y=640)
            form.radio(name="Leerling akkoord", value=word, selected=False, x=50 + 50 * at, y=610)
        form.choice(
            name="Geslacht", value="f", options=[("meisje", "f"), ("jongen", "m")], x=50, y=580, width=80, height=18
        )
        form.listbox(name="Soort onderwijs", value="SO", options=["BaO", "SO"], x=50, y=500, width=80, height=50)

    assert read(drawn(draw)) == [
        ("Tolk nodig", "ja"), ("Ouders akkoord", "nee"), ("Geslacht", "meisje"), ("Soort onderwijs", "SO"),
    ]  # fmt: skip


def test_pypdf_fills_in_boxes_and_radio_buttons():
    """In a form that was empty."""

    def draw(canvas):
        canvas.drawString(50, 800, "Formulier")
        canvas.acroForm.checkbox(name="Tolk nodig", x=50, y=700)
        for at, word in enumerate(("ja", "nee")):
            canvas.acroForm.radio(name="Ouders akkoord", value=word, x=50 + 50 * at, y=640)
        canvas.acroForm.textfield(name="Voornaam", x=50, y=600)

    def fill(writer):
        answers = {"Tolk nodig": "/Yes", "Ouders akkoord": "/ja", "Voornaam": "Zoë"}
        writer.update_page_form_field_values(writer.pages[0], answers, auto_regenerate=False)

    assert read(rewritten(drawn(draw), fill)) == [("Tolk nodig", "ja"), ("Ouders akkoord", "ja"), ("Voornaam", "Zoë")]


def test_a_note_typed_over_the_form_is_an_answer():
    """What programs without support for forms make of it."""

    def draw(canvas):
        for at, (label, _) in enumerate(FACTS):
            canvas.drawString(50, 700 - 30 * at, f"{label}: ........................")

    def note(writer):
        for at, (_, value) in enumerate(FACTS):
            writer.add_annotation(0, FreeText(text=value, rect=(150, 695 - 30 * at, 300, 711 - 30 * at)))

    assert read(rewritten(drawn(draw), note)) == FACTS


def test_a_note_that_holds_our_own_mark_is_a_note():
    """Nothing in it is looked up."""

    def note(writer):
        writer.add_annotation(0, FreeText(text="Qzx0xzQ Qzx1xzQ Qzx9xzQ", rect=(150, 695, 300, 711)))

    def draw(canvas):
        canvas.drawString(50, 700, "Voornaam: ")

    assert read(rewritten(drawn(draw), note)) == [("Voornaam", "Qzx0xzQ Qzx1xzQ Qzx9xzQ")]


def test_an_answer_kept_as_a_stream():
    """As long answers are, in some programs; what is pushed or signed is no answer."""
    widget = b"<</Subtype/Widget/FT/%b/Rect[0 0 9 9]/T(Aanleiding)/V %b/Ff %d>>"
    stream = b"<</Length 8>>stream\nEen\rTwee\nendstream"
    more = [widget % (b"Tx", b"6 0 R", 0), stream, widget % (b"Btn", b"/x", 1 << 16), widget % (b"Sig", b"(x)", 0)]
    content = raw(b"", b"<<>>", more, page=b"/Annots[5 0 R 7 0 R 8 0 R]")

    assert read(content) == [("Aanleiding", "Een\nTwee")]


def test_buttons_with_their_words_apart():
    """The state is the number of the word."""
    button = b"<</Subtype/Widget/FT/Btn/Rect[0 0 9 9]/T(Ouders akkoord)/AS/1/V/1/Ff 32768/Opt[(nee)(ja)]>>"

    assert read(raw(b"", b"<<>>", [button], page=b"/Annots[5 0 R]")) == [("Ouders akkoord", "ja")]


# --- text -------------------------------------------------------------------------------------------------------------


def printed(lines, left=50, pitch=18):
    def draw(canvas):
        for at, line in enumerate(lines):
            for column, words in enumerate(line if isinstance(line, tuple) else (line,)):
                canvas.drawString(left + 150 * column, 750 - pitch * at, words)

    return drawn(draw)


SHAPES = {
    "lines": printed([f"{a}: {b}" for a, b in FACTS]),
    "columns": printed([(f"{a}:", b) for a, b in FACTS]),
    "columns without colon": printed(FACTS),
    "four columns": printed([(f"{FACTS[0][0]}:", FACTS[0][1], f"{FACTS[1][0]}:", FACTS[1][1]), ("Geboortedatum:", FACTS[2][1])]),
    "compressed": drawn(
        lambda canvas: [canvas.drawString(50, 700 - 20 * at, f"{a}: {b}") for at, (a, b) in enumerate(FACTS)],
        pageCompression=1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_printed_text_is_read_as_it_lies_on_the_page(shape):
    """As a program prints a filled-in form."""
    assert read(SHAPES[shape]) == FACTS


def test_a_flattened_form_is_read_through_its_drawings():
    """Each answer is a drawing with a place of its own."""

    def flatten(writer):
        writer.update_page_form_field_values(
            writer.pages[0],
            {f"veld{n}": value for n, (_, value) in enumerate(FACTS)},
            flatten=True,
            auto_regenerate=False,
        )
        writer.remove_annotations(subtypes="/Widget")

    assert read(rewritten(texts("veld0", "veld1", "veld2"), flatten)) == FACTS


def test_a_question_without_an_answer_does_not_take_the_heading_below_it():
    """A wider gap ends it."""
    content = printed(
        ["Voornaam: Noor", "Achternaam: Voorbeeld", "Wanneer bereikbaar:", "", "Zorg", "Thuistaal: Frans"]
    )

    assert read(content) == [
        ("Voornaam", "Noor"),
        ("Achternaam", "Voorbeeld"),
        ("Wanneer bereikbaar", ""),
        ("Thuistaal", "Frans"),
    ]


def test_pages_follow_each_other():
    """One more than the limit, and none is read."""

    def draw(canvas):
        for label, value in FACTS:
            canvas.drawString(50, 700, f"{label}: {value} met nog wat woorden")
            canvas.showPage()

    content = drawn(draw)

    assert [label for label, _ in read(content)] == [label for label, _ in FACTS]
    assert pairs(content, DocumentLimits(pages=len(FACTS) - 1), known=KNOWN) == TOO_LARGE


# --- what is no form --------------------------------------------------------------------------------------------------


def test_a_scan_is_said():
    """A picture, with or without a page number."""
    for words in ("", "1"):

        def draw(canvas, words=words):
            canvas.rect(0, 0, 500, 800, fill=1)
            canvas.drawString(300, 20, words)

        assert "scan" in read(drawn(draw)).why


def test_a_pdf_with_a_password_is_said():
    """One that may only not be changed is read."""
    secret = rewritten(SHAPES["lines"], lambda writer: writer.encrypt("geheim", algorithm="AES-256"))
    locked = rewritten(SHAPES["lines"], lambda writer: writer.encrypt("", "geheim", algorithm="AES-256"))

    assert "wachtwoord" in read(secret).why
    assert read(locked) == FACTS


def test_a_form_that_only_adobe_can_show_is_said():
    """An XFA form has one page that says so."""

    def xfa(writer):
        form = DictionaryObject({NameObject("/XFA"): TextStringObject("x"), NameObject("/Fields"): ArrayObject()})
        writer.root_object[NameObject("/AcroForm")] = form

    content = rewritten(printed(["Please wait... If this message is not replaced, open it in Adobe Reader."]), xfa)

    assert "Adobe" in read(content).why


def test_a_report_holds_no_form():
    """Text without a label."""
    assert read(printed(["Verslag van de vergadering van gisteren", "Er was veel volk en weinig koffie."])) == []


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7", b"%PDF-1.7\n" + b"x" * 5_000, SHAPES["lines"][:700], b"PK\x03\x04"]
)
def test_what_is_no_pdf_is_said(content):
    """Never an exception."""
    assert isinstance(read(content), Unread)


def raw(contents, resources=b"<<>>", more=(), page=b""):
    """A PDF of one page with these bytes as its content."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources " + resources + page + b">>",
        b"<</Filter/FlateDecode/Length %d>>stream\n%b\nendstream"
        % (len(zlib.compress(contents)), zlib.compress(contents)),
        *more,
    ]
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))


FONT = b"<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>/XObject<</X 5 0 R>>>>"
SHOW = b"BT /F1 10 Tf 1 0 0 1 50 %d Tm (Voornaam: Noor) Tj ET "


def form_xobject(contents):
    return (
        b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources "
        + FONT
        + b"/Length %d>>stream\n%b\nendstream" % (len(contents), contents)
    )


HOSTILE = {
    "many letters": raw(b"".join(SHOW % (n % 800) for n in range(30_000)), FONT),
    "one long text": raw(b"BT /F1 10 Tf 1 0 0 1 50 700 Tm (" + b"Voornaam: Noor " * 100_000 + b") Tj ET", FONT),
    "a bomb": raw(b" " * 100_000_000),
    "a bomb of steps": raw(b"q Q " * 900_000, FONT),
    "nested steps": raw(b"q " * 50_000 + SHOW % 700, FONT),
    "numbers": raw(b"1 " * 1_500_000),
    "far away": raw(b"BT /F1 1 Tf 1 0 0 1 99999999 99999999 Tm (a) Tj 1 0 0 1 -99999999 -9999999 Tm (b) Tj ET " * 100, FONT),
    "a drawing in itself": raw(b"/X Do " * 1_000, FONT, [form_xobject(b"/X Do " * 1_000 + SHOW % 700)]),
    "an empty drawing, often": raw(b"/X Do " * 100_000, FONT, [form_xobject(b"0 0 m " * 50_000)]),
    "kids in a circle": raw(b"").replace(b"/Kids[3 0 R]", b"/Kids[2 0 R]"),
    "parents in a circle": raw(
        SHOW % 700, FONT, [b"<</Subtype/Widget/FT/Tx/Rect[0 0 9 9]/Parent 5 0 R>>"], page=b"/Annots[5 0 R]"
    ),
    "many fields": raw(
        b"", b"<<>>", [b"<</Subtype/Widget/FT/Tx/Rect[0 0 9 9]/V(x)/T(y)>>"], page=b"/Annots[" + b"5 0 R " * 50_000 + b"]"
    ),
    "odd fields": raw(
        b"", b"<<>>",
        [b"<</Subtype/Widget/FT/Btn/Rect[0 0 9 9]/V[1 2]/T 7/Ff(x)/Opt 3/AS/Voornaam>>", b"<</Subtype/FreeText/Rect[a]>>",
         b"<</Subtype/Widget/FT/Ch/Rect[0 0 9 9]/V[(a)(b) 3]/T(Geslacht)/Opt[[(a)(meisje)] 3 [(b)]]>>"],
        page=b"/Annots[5 0 R 6 0 R 7 0 R 8 0 R 3]",
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", HOSTILE)
def test_hostile_pdfs_are_read_within_bounds(shape):
    """In a few seconds at most, and never an exception."""
    began = time.process_time()

    found = pairs(HOSTILE[shape], LIMITS, known=KNOWN)

    assert isinstance(found, Unread) or all(len(one.value) <= 100_000 for one in found)
    assert time.process_time() - began < 10


def test_two_thousand_pages_are_too_large():
    """Although a form stands in front: what the rest says could change it."""

    def draw(canvas):
        for number in range(2_000):
            for at, (label, value) in enumerate(FACTS):
                canvas.drawString(50, 700 - 20 * at, f"{label}: {value}" if not number else "Bijlage met veel tekst.")
            canvas.showPage()

    began = time.process_time()

    found = pairs(drawn(draw), LIMITS, known=KNOWN)

    assert found == TOO_LARGE
    assert time.process_time() - began < 15


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_form_breaks_nothing(data):
    """Bytes changed or lost anywhere."""
    content = bytearray(BLANK)
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=10))

    assert isinstance(pairs(bytes(content), LIMITS, known=KNOWN), tuple | Unread)


BLANK = document(FIELDS, PROVIDERS, "pdf", values=NOOR)


def test_our_own_form_is_read_whole():
    """The one that is broken above."""
    assert spaceless(form_of(pairs(BLANK, LIMITS, known=KNOWN)).values) == spaceless(NOOR)


def shaded(canvas, rows, *, top=780.0):
    """Questions on grey rectangles, a height of 24 points each, with their answers beside them."""
    for number, (label, answer) in enumerate(rows):
        foot = top - 24 * number
        canvas.setFillGray(0.95)
        canvas.rect(45, foot, 120, 23, stroke=0, fill=1)
        canvas.setFillGray(0)
        canvas.setFont("Helvetica", 8)
        for line, words in enumerate(label.split("|")):
            canvas.drawString(50, foot + 14 - 9 * line, words)
        for line, words in enumerate(answer.split("|")):
            canvas.drawString(170, foot + 14 - 9 * line, words)


SHADED = [
    ("Naam van de|aanmelder *", "An Peeters"),
    (
        "E-mail van de|aanmelder *",
        "an.peeters.met.een.lange.naam.van.dertig.tekens.en.nog.veel.meer.letters@clb.e|xample",
    ),
    *FACTS,
    ("Telefoon van de|ouders", "Klik of tik om tekst in te voeren"),
    ("Aanleiding|(kort)", "komt niet meer."),
]


def test_questions_on_filled_rectangles_have_their_answers_beside_them():
    """As LibreOffice prints our own form: broken questions, a broken address, and an empty field."""
    form = form_of(pairs(drawn(lambda canvas: shaded(canvas, SHADED)), LIMITS, known=KNOWN))

    assert form.values["referrer_name"] == "An Peeters"
    assert form.values["referrer_email"].endswith("@clb.example")
    assert (form.values["first_name"], form.values["birth_date"]) == ("Noor", "2010-03-12")
    assert form.values["reason"] == "komt niet meer."
    assert "guardian_phone" not in form.values


def test_an_answer_goes_on_over_the_page():
    """A rectangle without a question continues the answer of the page before; a page of other things does not."""

    def two_pages(canvas):
        shaded(canvas, SHADED, top=300)
        canvas.showPage()
        shaded(canvas, [("", "En thuis gaat het ook moeilijk.")])

    form = form_of(pairs(drawn(two_pages), LIMITS, known=KNOWN))

    assert spaceless(form.values)["reason"] == "komt niet meer. En thuis gaat het ook moeilijk."


def test_filled_rectangles_without_questions_are_decoration():
    """The page is read as it lies there, as without them."""

    def decorated(canvas):
        canvas.setFillGray(0.9)
        canvas.rect(40, 700, 500, 20, stroke=0, fill=1)
        canvas.setFillGray(0)
        for number, (label, value) in enumerate(FACTS):
            canvas.drawString(50, 650 - 20 * number, f"{label}: {value}")

    assert [(one.label, one.value) for one in pairs(drawn(decorated), LIMITS, known=KNOWN)] == FACTS
