"""A workbook or CSV file to pairs: labels beside and above, dates, formulas, boxes; and what tries to break it."""

import csv
import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from referrals import BY_KEY, KNOWN, LIMITS, REFERRALS, form_of, spaceless, written

from mailflow.reading.documents import csv_form
from mailflow.reading.documents.limits import DocumentLimits, Unread
from mailflow.reading.documents.xlsx_form import pairs

FACTS = [("Voornaam", "Noor"), ("Achternaam", "Voorbeeld"), ("Geboortedatum", "2010-03-12")]
BORN = date(2010, 3, 12)


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet(cells, merged=()):
    """A workbook of one sheet; *cells* is a mapping of places."""
    book = openpyxl.Workbook()
    for at, value in cells.items():
        book.active[at] = value
    for one in merged:
        book.active.merge_cells(one)
    return saved(book)


def read(content, known=KNOWN):
    return [(one.label, one.value) for one in pairs(content, LIMITS, known=known) if one.label]


SHAPES = {
    "beside": {"A1": "Voornaam", "B1": "Noor", "A2": "Achternaam", "B2": "Voorbeeld", "A3": "Geboortedatum", "B3": BORN},
    "far beside": {"B2": "Voornaam", "E2": "Noor", "B4": "Achternaam", "E4": "Voorbeeld", "B9": "Geboortedatum", "E9": BORN},
    "below": {"A1": "Voornaam", "A2": "Noor", "A4": "Achternaam", "A5": "Voorbeeld", "A7": "Geboortedatum", "A8": BORN},
    "header": {"A1": "Voornaam", "B1": "Achternaam", "C1": "Geboortedatum", "A2": "Noor", "B2": "Voorbeeld", "C2": BORN},
    "four columns": {
        "A1": "Voornaam", "B1": "Noor", "C1": "Achternaam", "D1": "Voorbeeld", "A2": "Geboortedatum", "B2": BORN,
    },
    "one cell": {"A1": "Voornaam: Noor", "A2": "Achternaam: Voorbeeld", "A3": "Geboortedatum: 2010-03-12"},
    "with other things": {
        "A1": "Aanmeldingsformulier", "A3": "1", "B3": "Voornaam", "C3": "Noor", "A4": "2", "B4": "Achternaam",
        "C4": "Voorbeeld", "A5": "3", "B5": "Geboortedatum", "C5": datetime(2010, 3, 12),
    },
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_says_the_same(shape):
    """However the sheet is laid out."""
    assert [one for one in read(sheet(SHAPES[shape])) if one[1]] == FACTS


@pytest.mark.parametrize("shape", ["beside", "header", "four columns"])
def test_the_plain_shapes_need_no_form(shape):
    """Labels that nobody knows are told too."""
    assert read(sheet(SHAPES[shape]), known=None) == FACTS


def test_a_long_answer_below_its_merged_label():
    """In a sheet that has its other answers beside the labels."""
    cells = {**SHAPES["beside"], "A4": "Aanleiding", "A5": "Noor komt al weken niet meer."}

    assert read(sheet(cells, merged=["A4:B4", "A5:B5"]))[3:] == [("Aanleiding", "Noor komt al weken niet meer.")]


def test_numbers_are_written_as_people_write_them():
    """A postcode without a point, a phone number with its first zero, yes for a ticked cell."""
    book = openpyxl.Workbook()
    one = book.active
    for row, (label, value, shape) in enumerate(
        [
            ("Postcode", 3000, "General"), ("Telefoon van de ouders", 16123456, "000 00 00 00"),
            ("Aantal leerlingen in de klas", 12.5, "General"), ("Tolk nodig", True, "General"),
            ("Daar uitgeschreven op", datetime(2026, 6, 30, 14, 30), "dd/mm/yyyy hh:mm"),
            ("Datum van het akkoord", datetime(2026, 11, 2), "[$-813]d mmmm yyyy;@"),
        ],
        1,
    ):  # fmt: skip
        one.cell(row, 1, label)
        one.cell(row, 2, value).number_format = shape

    assert [value for _, value in read(saved(book))] == [
        "3000", "016123456", "12.5", "ja", "2026-06-30", "2026-11-02",
    ]  # fmt: skip


def test_a_book_that_counts_from_1904():
    """As old Macs did."""
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active["A1"], book.active["B1"] = "Geboortedatum", BORN

    assert read(saved(book)) == [("Geboortedatum", "2010-03-12")]


def changed(content, name, old, new):
    """The workbook with other words in one of its members."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for one in source.namelist():
            words = source.read(one)
            target.writestr(one, words.replace(old, new) if one == name else words)
    return out.getvalue()


def test_a_formula_counts_for_the_value_kept_with_it():
    """One that was never calculated says nothing; one that failed neither."""
    content = sheet(
        {"A1": "Voornaam", "B1": '="No"&"or"', "A2": "Achternaam", "B2": "=X1", "A3": "Functie", "B3": "=1/0"}
    )
    content = changed(content, "xl/worksheets/sheet1.xml", b'<c r="B1"><f>', b'<c r="B1" t="str"><f>')
    content = changed(content, "xl/worksheets/sheet1.xml", b'"No"&amp;"or"</f><v></v>', b'"No"&amp;"or"</f><v>Noor</v>')
    content = changed(content, "xl/worksheets/sheet1.xml", b"<f>1/0</f><v></v>", b"<f>1/0</f><v>#DIV/0!</v>")

    assert read(content) == [("Voornaam", "Noor"), ("Achternaam", ""), ("Functie", "")]


def test_text_that_looks_like_a_formula_is_text():
    """Nothing is ever calculated."""
    book = openpyxl.Workbook()
    book.active["A1"] = "Voornaam"
    book.active["B1"].value = '=HYPERLINK("http://x.example")'
    book.active["B1"].data_type = "s"

    assert read(saved(book)) == [("Voornaam", '=HYPERLINK("http://x.example")')]


def test_hidden_sheets_and_rich_text():
    """A sheet with lists is not read; words of several colours are one text."""
    book = openpyxl.Workbook()
    book.active["A1"], book.active["B1"] = "Voornaam", "Noor"
    hidden = book.create_sheet("lijsten")
    hidden.sheet_state = "hidden"
    hidden["A1"], hidden["B1"] = "Voornaam", "Niet dit"
    content = changed(
        saved(book), "xl/sharedStrings.xml", b"<t>Noor</t>", b"<r><rPr><b/></rPr><t>No</t></r><r><t>or</t></r><rPh><t>x</t></rPh>"
    )  # fmt: skip

    assert read(content) == [("Voornaam", "Noor")]


def test_cells_without_a_place_follow_each_other():
    """As small programs write them; errors and kept dates too."""
    rows = (
        '<row><c t="inlineStr"><is><t>Voornaam</t></is></c><c t="str"><v>Noor</v></c></row>'
        '<row><c t="inlineStr"><is><t>Geboortedatum</t></is></c><c t="d"><v>2010-03-12T00:00:00</v></c></row>'
        '<row><c t="inlineStr"><is><t>Functie</t></is></c><c t="e"><v>#N/A</v></c><c t="s"><v>99</v></c></row>'
    )
    content = swapped("xl/worksheets/sheet1.xml", f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>")

    assert read(content) == [("Voornaam", "Noor"), ("Geboortedatum", "2010-03-12"), ("Functie", "")]


def test_without_styles_a_number_is_a_number():
    """Nothing says that it is a date."""
    assert read(swapped("xl/styles.xml", "geen xml"))[2] == ("Geboortedatum", "40249")


@given(answers=REFERRALS)
@settings(max_examples=20, deadline=None)
def test_a_whole_referral_reads_back(answers):
    """Beside their labels in a workbook, and in a CSV file of one row below a header."""
    labels = {BY_KEY[key].label: value for key, value in written(answers).items()}
    book = openpyxl.Workbook()
    for row in labels.items():
        book.active.append(row)
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([list(labels), list(labels.values())])

    for found in (
        pairs(saved(book), LIMITS, known=KNOWN),
        csv_form.pairs(out.getvalue().encode(), LIMITS, known=KNOWN),
    ):
        assert spaceless(form_of(found).values) == spaceless(answers)


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + b"\x00" * 18, b"x" * 50, sheet({})], ids=range(4))
def test_what_is_no_workbook_is_said(content):
    """Never an exception."""
    assert isinstance(pairs(content, LIMITS, known=KNOWN), Unread)


def swapped(member, content):
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(sheet(SHAPES["beside"]))) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for one in source.namelist():
            target.writestr(one, content if one == member else source.read(one))
    return out.getvalue()


MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
HOSTILE = {
    "strings": ("xl/sharedStrings.xml", f"<sst {MAIN}>{'<si><t>x</t></si>' * 400_000}</sst>"),
    "styles": ("xl/styles.xml", f"<styleSheet {MAIN}><cellXfs>" + '<xf numFmtId="14"/>' * 300_000 + "</cellXfs></styleSheet>"),
    "formats": (
        "xl/styles.xml",
        f'<styleSheet {MAIN}><numFmts><numFmt numFmtId="200" formatCode="{"[d" * 20_000}"/></numFmts><cellXfs>'
        + '<xf numFmtId="200"/>' * 5_000 + "</cellXfs></styleSheet>",
    ),
    "rows": ("xl/worksheets/sheet1.xml", f"<worksheet {MAIN}><sheetData>{'<row/>' * 400_000}</sheetData></worksheet>"),
    "far": (
        "xl/worksheets/sheet1.xml",
        f'<worksheet {MAIN}><sheetData><row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c>'
        '<c r="A1048576" t="inlineStr"><is><t>Voornaam: Noor</t></is></c></row></sheetData></worksheet>',
    ),
    "merged": (
        "xl/worksheets/sheet1.xml",
        f'<worksheet {MAIN}><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Voornaam: Noor</t></is></c></row>'
        f'</sheetData><mergeCells>' + '<mergeCell ref="A1:XFD1048576"/>' * 20_000 + "</mergeCells></worksheet>",
    ),
    "numbers": (
        "xl/worksheets/sheet1.xml",
        f'<worksheet {MAIN}><sheetData><row r="1">' + "".join(f"<c><v>{n}</v></c>" for n in ("1e999", "nan", "-1", "x", "9" * 5000))
        + "</row></sheetData></worksheet>",
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", HOSTILE)
def test_hostile_workbooks_are_read_within_bounds(shape):
    """In a second or so, whatever a member claims."""
    found = pairs(swapped(*HOSTILE[shape]), LIMITS, known=KNOWN)

    assert isinstance(found, tuple | Unread)


def test_the_limits_are_the_callers():
    """Fewer cells."""
    assert len(pairs(sheet(SHAPES["beside"]), DocumentLimits(cells=2), known=KNOWN)) == 1


# --- CSV --------------------------------------------------------------------------------------------------------------

TABLES = {
    "two columns": "Voornaam;Noor\nAchternaam;Voorbeeld\nGeboortedatum;2010-03-12\n",
    "commas": 'Voornaam,"Noor"\nAchternaam,"Voorbeeld"\nGeboortedatum,2010-03-12\n',
    "tabs": "Voornaam\tNoor\nAchternaam\tVoorbeeld\nGeboortedatum\t2010-03-12",
    "header": "Voornaam;Achternaam;Geboortedatum\nNoor;Voorbeeld;2010-03-12\n",
    "old line ends": "Voornaam;Noor\rAchternaam;Voorbeeld\rGeboortedatum;2010-03-12\r",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("shape", TABLES)
def test_csv_in_every_dialect(shape, encoding):
    """Whatever program wrote it."""
    content = TABLES[shape].replace("Noor", "Noër").encode(encoding)

    found = [(one.label, one.value.replace("ë", "o")) for one in csv_form.pairs(content, LIMITS, known=KNOWN)]

    assert found == FACTS


def test_csv_without_knowing_the_form():
    """Two columns, or a header."""
    for shape in ("two columns", "header"):
        assert [(one.label, one.value) for one in csv_form.pairs(TABLES[shape].encode(), LIMITS)] == FACTS


def test_several_pupils_in_one_file_are_told_apart():
    """Never one of them is chosen."""
    rows = TABLES["header"].replace("Geboortedatum", "Geboortedatum;Aanleiding").replace("-12\n", "-12;x\n")

    form = form_of(csv_form.pairs((rows + "Lars;Ander;2011-01-01;y\n").encode(), LIMITS, known=KNOWN))

    assert "first_name" not in form.values
    assert form.odd


@pytest.mark.parametrize(
    "content",
    [b"", b" \n ", b"\x00\x01", b'"' * 100_000, b";" * 300_000, b"a" * 3_000_000, b"Voornaam;" * 100_000, b"x\n" * 300_000,
     b'Voornaam;"' + b"a" * 400_000, b"\xff\xfe\x00", "é;".encode("cp1252") * 50],
    ids=range(11),
)  # fmt: skip
def test_hostile_csv_is_read_within_bounds(content):
    """Never an exception."""
    found = csv_form.pairs(content, LIMITS, known=KNOWN)

    assert isinstance(found, Unread) or all(len(one.value) <= 100_000 for one in found)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")), st.booleans())
def test_any_bytes_are_read(content, with_form):
    """As CSV, and as a workbook."""
    known = KNOWN if with_form else None

    assert isinstance(csv_form.pairs(content, LIMITS, known=known), tuple | Unread)
    assert isinstance(pairs(content, LIMITS, known=known), Unread)


def test_formulas_in_a_csv_are_text():
    """As they stand."""
    found = csv_form.pairs(b"Voornaam;\"=cmd|' /C calc'!A0\"\nAchternaam;@SUM(1)", LIMITS, known=KNOWN)

    assert [one.value for one in found] == ["=cmd|' /C calc'!A0", "@SUM(1)"]
