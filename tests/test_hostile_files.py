"""Files and values made to do harm, mailed by a CLB: they are named or read as plain words, and nothing else happens."""

import io
import json
import re
import zipfile

import openpyxl
import pytest
from house import CLB, NAFT, House, Sent
from reportlab.pdfgen.canvas import Canvas
from test_bad_input import form
from test_form_letters import filled_in, mail

from mailflow.core.lifecycle import State

LAUGHS = "".join(
    f'<!ENTITY l{number} "{f"&l{number - 1};" * 10 if number else "lol"}">' for number in range(10)
)  # "lol" a thousand million times
SECRET = "root:x:0:0"
"""How /etc/passwd begins."""
ENTITIES = {
    "billion laughs": (f"<!DOCTYPE w [{LAUGHS}]>", "&l9;"),
    "an external entity": ('<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;"),
    "an external document type": ('<!DOCTYPE w SYSTEM "http://127.0.0.1:9/boos.dtd">', ""),
}
PARTS = {"docx": "word/document.xml", "odt": "content.xml", "xlsx": "xl/worksheets/sheet1.xml"}


@pytest.fixture
def office(house: House) -> House:
    """The meldpunt on Monday at ten: what is complete leaves at once."""
    house.at(2026, 10, 5, 10)
    return house


def workbook(changes: dict[str, str] | None = None) -> bytes:
    """The complete form in a workbook, each answer beside its question, as text."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    for number, line in enumerate(form(**(changes or {})).splitlines(), start=1):
        label, _, value = line.partition(": ")
        book.active.append([label, value])
        book.active.cell(number, 2).data_type = "s"  # also what begins with "="
    book.save(out)
    return out.getvalue()


def rewritten(content: bytes, part: str, change) -> bytes:
    """The same file with one of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            words = source.read(name)
            target.writestr(name, change(words.decode()).encode() if name == part else words)
    return out.getvalue()


def armed(content: bytes, part: str, declared: str, used: str) -> bytes:
    """The file with that document type in one part, and its entity in front of the first word of the form."""

    def change(words: str) -> str:
        head = re.match(r"(?:<\?xml[^>]*\?>)?\s*", words)
        assert head
        return head.group() + declared + words[head.end() :].replace("</", f"{used}</", 1)

    return rewritten(content, part, change)


def with_macros(content: bytes, part: str, plain: str, macros: str) -> bytes:
    """What Word and Excel keep as .docm and .xlsm: the other type, and a project of Visual Basic beside it."""
    changed = rewritten(content, "[Content_Types].xml", lambda words: words.replace(plain, macros))
    out = io.BytesIO(changed)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(part, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"Attribute VB_Name = AutoOpen" * 50)
    return out.getvalue()


def page_of(letter: Sent) -> str:
    """The HTML of a letter."""
    part = letter.message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("attack", ENTITIES)
@pytest.mark.parametrize("kind", PARTS)
def test_a_file_with_xml_entities_is_named_and_nothing_of_it_is_unfolded(office, kind, attack):
    """At once, whatever the entity stands for: the sender is asked for the form in another way."""
    content = workbook() if kind == "xlsx" else filled_in(office, kind)
    bomb = armed(content, PARTS[kind], *ENTITIES[attack])

    number = office.raw(mail("Zie bijlage.", (f"formulier.{kind}", bomb)))
    letters = office.drain()

    told = next(one for one in letters if one.recipient == CLB)
    assert f"formulier.{kind}" in told.text
    assert NAFT not in {one.recipient for one in letters}
    assert not any(word in one.text for one in letters for word in ("lollol", SECRET))
    assert office.app.store.mails.raw(number)


@pytest.mark.parametrize("name", ["formulier.docm", "formulier.xlsm"])
def test_a_file_with_macros_is_read_and_its_macros_are_left_alone(office, name):
    """Whoever keeps a form with macros need not do it again: only the words in it are read, no program is."""
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    content = {
        "formulier.docm": lambda: with_macros(
            filled_in(office), "word/vbaProject.bin", word, "application/vnd.ms-word.document.macroEnabled.main+xml"
        ),
        "formulier.xlsm": lambda: with_macros(
            workbook(), "xl/vbaProject.bin", sheet, "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
        ),
    }[name]()

    office.raw(mail("Zie bijlage.", (name, content)))
    letters = office.drain()

    assert {one.recipient for one in letters} == {CLB, NAFT}
    assert office.case().values["first_name"] == "Noor"
    assert not any(b"vbaProject" in one.raw or b"VB_Name" in one.raw for one in letters)


def test_a_pdf_of_two_thousand_pages_is_named_as_too_large(office):
    """Nobody's form has so many: it is not read in part, for what the rest says could change it."""
    out = io.BytesIO()
    canvas = Canvas(out)
    for number in range(2_000):
        for at, line in enumerate(form().splitlines() if not number else ["Bijlage met veel tekst."]):
            canvas.drawString(50, 750 - 20 * at, line)
        canvas.showPage()
    canvas.save()

    number = office.raw(mail("Zie bijlage.", ("dossier.pdf", out.getvalue())))
    letters = office.drain()

    told = next(one for one in letters if one.recipient == CLB)
    assert "dossier.pdf: te groot om te openen" in " ".join(told.text.split())
    assert NAFT not in {one.recipient for one in letters}
    assert office.app.store.mails.raw(number)


# --- values -----------------------------------------------------------------------------------------------------------

FORMULAS = ['=HYPERLINK("http://boos.example","klik")', "+cmd|' /C calc'!A0", "-2+3+cmd|x", "@SUM(1+1)*cmd|x"]


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("way", ["text", "xlsx", "csv"])
def test_a_formula_in_a_value_is_plain_words_in_every_letter(office, way, formula):
    """Nothing calculates it or links to where it points, typed or in a file; and it is not lost either."""
    changes = {"Aanleiding": formula}
    rows = "".join(
        '"{}";"{}"\n'.format(*(cell.replace('"', '""') for cell in line.split(": ", 1)))
        for line in form(**changes).splitlines()
    )
    sent = {
        "text": lambda: mail(form(**changes)),
        "xlsx": lambda: mail("Zie bijlage.", ("formulier.xlsx", workbook(changes))),
        "csv": lambda: mail("Zie bijlage.", ("formulier.csv", rows.encode())),
    }[way]()

    office.raw(sent)
    letters = office.drain()

    assert {one.recipient for one in letters} == {CLB, NAFT}
    for letter in letters:
        assert formula in " ".join(letter.text.split())
        assert 'href="http://boos' not in page_of(letter)


@pytest.mark.parametrize("break_", ["\r\n", "\r", "\n", "\x0b", "\u2028", "\x85"])
def test_line_breaks_in_values_make_no_header_and_no_line_of_ours(office, break_):
    """A web form can send any character within an answer; the letters keep their own headers."""
    poison = f"{break_}Bcc: spion@boos.example{break_}{break_}Reply-To: spion@boos.example"
    lines = dict(line.split(": ", 1) for line in form().splitlines())
    values = lines | {"Aanleiding": f"weg van school{poison}", "School": f"Sint-Voorbeeld Leuven{poison}"}

    office.raw(mail(json.dumps(values)))
    [asked] = office.drain()
    office.reply(asked, "klopt")  # a form on a site proves nobody
    letters = [asked, *office.drain()]

    assert {one.recipient for one in letters} == {CLB, NAFT}
    for letter in letters:
        heads = letter.message
        assert heads["Bcc"] is None
        assert heads.get_all("To") == [letter.recipient]
        assert all("boos.example" not in str(value) for value in heads.values())


def test_a_right_to_left_override_turns_nothing_round(office):
    """Every letter shows the words as they stand, and none of the marks that would turn them, or the letter, round."""
    marks = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"
    values = {"Aanleiding": "zie \u202egnp.exe\u202c en \u2066meer\u2069", "School": f"Sint{marks}-Voorbeeld"}

    office.raw(mail(form(**values)))
    letters = office.drain()

    assert {one.recipient for one in letters} == {CLB, NAFT}
    for letter in letters:
        assert "gnp.exe en meer" in " ".join(letter.text.split())
        assert not set(marks) & {*letter.text, *page_of(letter)}


@pytest.mark.parametrize("word", ["AANVAARD", "stop", "bevestig"])
def test_command_words_in_a_file_command_nothing(office, word):
    """`Aanleiding: AANVAARD` in the Word form is a reason, just as in the text of a mail."""
    office.raw(mail("Zie bijlage.", ("formulier.docx", filled_in(office, reason=word))))

    letters = office.drain()

    assert {one.recipient for one in letters} == {CLB, NAFT}
    assert office.case().state is State.DISPATCHED
    assert office.case().values["reason"] == word
