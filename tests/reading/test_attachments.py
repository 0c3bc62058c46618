"""Which reader opens an attachment, whatever it calls itself; and what is told of one that cannot be read."""

import io
import subprocess
import sys
import tomllib
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailflow.core.form import labels
from mailflow.core.form_fields import fields_from
from mailflow.core.mail import QUOTED, Attachment, Envelope, Found, Pair
from mailflow.core.rules import ProofRules
from mailflow.reading.documents import attachments
from mailflow.reading.documents.archives import BROKEN, LOCKED, TOO_LARGE, opened
from mailflow.reading.documents.attachments import READERS, kind_of, name_of, read, read_all
from mailflow.reading.documents.limits import DocumentLimits, Unread
from mailflow.reading.notices import OwnMarks
from mailflow.reading.reader import Reader

ROOT = Path(__file__).resolve().parents[2]
KNOWN = labels(fields_from(tomllib.loads((ROOT / "config" / "form.toml").read_text(encoding="utf-8"))))
LIMITS = DocumentLimits()
LINES = "Voornaam: Noor\nAchternaam: Voorbeeld\nGeboortedatum: 12/03/2011\n"
PAGE = "<html><table><tr><td>Voornaam<td>Noor<tr><td>Achternaam<td>Voorbeeld</table></html>"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def attached(content, name="", type_="application/octet-stream"):
    content = content.encode() if isinstance(content, str) else content
    return Attachment(name, type_, len(content), content)


def packed(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def reading_of(message):
    own = OwnMarks(addresses=frozenset({"meldpunt@meldpunt.example"}), instance="a")
    return Reader(own=own, proof=ProofRules(), labels=lambda: KNOWN).read(message.as_bytes(), Envelope(via="imap"))


def mail(text="In bijlage het formulier.", **fields):
    message = EmailMessage()
    message["From"] = "An Peeters <an.peeters@vclbleuven.be>"
    message["To"] = "meldpunt@meldpunt.example"
    message["Subject"] = "Aanmelding"
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


# fmt: off
KINDS = [
    # content, name, declared type, kind
    (b"%PDF-1.7 x", "scan.docx", "application/octet-stream", "pdf"),
    (packed({"word/document.xml": "x"}), "formulier", "application/octet-stream", "docx"),
    (packed({"word/document.xml": "x"}), "formulier.pdf", "application/pdf", "docx"),
    (packed({"xl/workbook.xml": "x"}), "a.zip", "application/zip", "xlsx"),
    (packed({"mimetype": "application/vnd.oasis.opendocument.text"}), "a", "application/zip", "odt"),
    (packed({"mimetype": "application/vnd.oasis.opendocument.graphics"}), "a", "application/zip", "old"),
    (packed({"formulier.docx": "x"}), "a.docx", "application/octet-stream", "zip"),
    (packed({"Index/Document.iwa": "x"}), "a.pages", "application/octet-stream", "old"),
    (b"PK\x03\x04 and nothing more", "a.docx", "application/octet-stream", "broken"),
    (OLE + b"x" * 100, "a.docx", "application/octet-stream", "old"),
    (OLE + "EncryptedPackage".encode("utf-16-le"), "a.docx", "application/octet-stream", "locked"),
    (OLE + b"x" * 100, "a.msg", "application/vnd.ms-outlook", "letter"),
    (b"{\\rtf1", "a.doc", "application/msword", "old"),
    (b"Rar!\x1a", "a.rar", "application/octet-stream", "packed"),
    (b"Voornaam;Noor", "a.CSV", "application/octet-stream", "csv"),
    (b"Voornaam: Noor", "a.txt", "application/octet-stream", "text"),
    (b"Voornaam: Noor", "", "text/plain", "text"),
    (b"  <!DOCTYPE html><p>x", "a", "application/octet-stream", "html"),
    (b"<p>x", "a.htm", "application/octet-stream", "html"),
    (b"From: a@b.example", "", "message/rfc822", "mail"),
    (b"\xff\xd8\xff" + b"x" * 100_000, "a.pdf", "application/pdf", "picture"),
    (b"\xff\xd8\xff" + b"x" * 300_000, "image001.jpg", "image/jpeg", "picture"),
    (b"x" * 100_000, "IMG_0042.HEIC", "application/octet-stream", "picture"),
    (b"x" * 100_000, "foto", "image/x-unknown", "picture"),
    (b"\xff\xd8\xff" + b"x" * 100_000, "image001.jpg", "image/jpeg", ""),
    (b"\x89PNG\r\n\x1a\n", "facebook.png", "image/png", ""),
    (b"x", "smime.p7s", "application/octet-stream", ""),
    (b"x", "", "application/pgp-signature", ""),
    (b"BEGIN:VCALENDAR", "a.txt", "text/calendar", ""),
    (b"x", "winmail.dat", "application/ms-tnef", "broken"),
    (b"x", "smime.p7m", "application/pkcs7-mime", "sealed"),
    (b"x", "smime.p7s", "application/pkcs7-signature", ""),
    (b"-----BEGIN PGP MESSAGE-----\n", "encrypted.asc", "application/octet-stream", "sealed"),
    (b"-----BEGIN PGP SIGNATURE-----\n", "signature.asc", "application/pgp-signature", ""),
    (b"x", "", "message/delivery-status", ""),
    (b"x", "spraak.m4a", "application/octet-stream", ""),
    (b"x", "iets.qqq", "application/octet-stream", "unreadable"),
    (b"x", "", "text/enriched", ""),
]
# fmt: on


@pytest.mark.parametrize(("content", "name", "type_", "kind"), KINDS)
def test_the_bytes_decide_then_the_name_then_the_type(content, name, type_, kind):
    """Mail programs and people call files anything."""
    assert kind_of(attached(content, name, type_), LIMITS) == kind


@pytest.mark.parametrize("source", READERS)
def test_every_reader_of_the_table_is_there(source):
    """A row names a module that keeps the contract: rubbish is no exception, and never a form."""
    outcome = attachments._reader(source)(b"\x00\xff rubbish", LIMITS, known=KNOWN)

    assert isinstance(outcome, Unread | tuple)
    assert not [one for one in outcome if one.label] if isinstance(outcome, tuple) else outcome.why


def test_slow_readers_are_loaded_on_first_use():
    """Nobody waits for a PDF library because a mail came in."""
    asked = (
        "import sys, mailflow.cli, mailflow.service, mailflow.reading.reader;"
        "print(sorted({'lxml', 'pypdf', 'openpyxl', 'docx', 'odf', 'reportlab'} & set(sys.modules)))"
    )

    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=ROOT)

    assert said.stdout.strip() == "[]"


def test_a_text_file_and_a_page_are_read():
    """The plain ones, by whatever name."""
    text, page = read(attached(LINES, "a.txt"), LIMITS, KNOWN), read(attached(PAGE, "formulier"), LIMITS, KNOWN)

    assert isinstance(text, Found)
    assert isinstance(page, Found)
    assert (text.source, text.name, text.pairs[0]) == ("text", "a.txt", Pair("Voornaam", "Noor", 1))
    assert (page.source, page.name, page.pairs[0]) == ("html", "formulier", Pair("Voornaam", "Noor", 1))


def test_a_document_without_a_question_of_the_form_is_no_form():
    """A report or a timetable is neither read nor complained about."""
    assert read(attached("Verslag\n\nHet gaat goed.\n", "verslag.txt"), LIMITS, KNOWN) is None


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"", "a.txt", "het bestand is leeg"),
        (b"\xff\xd8\xff" + b"x" * 100_000, "a.jpg", "een scan of foto: er staat geen tekst in"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "a.docx", LOCKED.why),
        (b"PK\x03\x04", "a.odt", BROKEN.why),
        (packed({"brief.doc": OLE}), "a.zip", "er zit geen formulier in dat we kunnen lezen"),
        (packed({"1.txt": LINES, "2.txt": LINES}), "a.zip", "er zit meer dan één formulier in"),
    ],
)
def test_what_cannot_be_read_says_why(content, name, why):
    """In Dutch, for the sender, and without a word of what is inside."""
    assert read(attached(content, name), LIMITS, KNOWN) == Unread(why)


def test_a_file_that_a_limit_kept_shut_is_too_large():
    """The mail says its size, and nothing was unpacked."""
    assert read(Attachment("a.pdf", "application/pdf", 99_000_000), LIMITS, KNOWN) == TOO_LARGE


def test_a_reader_with_a_fault_does_not_hold_up_the_mail(monkeypatch):
    """Whatever a library raises, the sender is told that it could not be read."""
    monkeypatch.setattr("mailflow.reading.documents.html_form.lines_of", None)

    assert read(attached(PAGE, "a.html"), LIMITS, KNOWN) == BROKEN


def test_one_form_in_a_zip_is_found_between_other_files():
    """The form's own source, the archive's name; what a Mac adds and what is no form are passed over."""
    content = packed({"map/": "", "map/formulier.txt": LINES, "__MACOSX/._formulier.txt": LINES, "x.txt": "Dag."})

    found = read(attached(content, "aanmelding.zip"), LIMITS, KNOWN)

    assert isinstance(found, Found)
    assert (found.source, found.name, len(found.pairs)) == ("text", "aanmelding.zip", 3)


def test_an_archive_in_an_archive_stays_shut():
    """One level: what is deeper is named, not opened."""
    inner = packed({"formulier.txt": LINES})

    assert read(attached(packed({"a.zip": inner}), "b.zip"), LIMITS, KNOWN) == Unread(
        "er zit geen formulier in dat we kunnen lezen"
    )


def test_a_zip_bomb_is_too_large():
    """Its own table says so, before anything is unpacked."""
    content = packed({"formulier.txt": b"0" * 30_000_000})

    assert len(content) < 100_000
    assert read(attached(content, "a.zip"), LIMITS, KNOWN) == TOO_LARGE


def test_a_zip_bomb_that_lies_about_its_size_is_stopped():
    """Unpacking ends at the limit, whatever the header claims."""
    content = bytearray(packed({"a.txt": b"0" * 3_000_000}))
    real, claimed = (3_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")
    lying = bytes(content).replace(real, claimed)

    outcome = read(attached(lying, "a.zip"), DocumentLimits(unpacked_bytes=1000), KNOWN)

    assert isinstance(outcome, Unread)


def test_a_table_of_contents_without_end_is_not_read():
    """Many members in a small file: measured before Python builds a list of them."""
    content = packed({f"{number}.txt": "" for number in range(3000)})

    assert opened(content, LIMITS) == TOO_LARGE
    assert read(attached(content, "a.docx"), LIMITS, KNOWN) == TOO_LARGE


def test_a_zip_with_a_password_is_locked():
    """The flag of its first member says it."""
    content = bytearray(packed({"formulier.txt": LINES}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(mark) + offset] |= 1

    assert read(attached(bytes(content), "a.zip"), LIMITS, KNOWN) == LOCKED


def test_a_mail_that_was_attached_is_somebody_elses_words():
    """On a case it is our own letter that comes back: it counts as quoted text does, under its own name."""
    inner = mail(LINES)
    outer = mail()
    outer.add_attachment(inner, filename="FW.eml")

    reading = reading_of(outer)

    assert [(one.source, one.name, one.quoted) for one in reading.found] == [("text", "FW.eml", True)]


def test_a_form_attached_to_an_attached_mail_is_found():
    """Forwarded as an attachment, with the form attached to that."""
    inner = mail("Zie bijlage.")
    inner.add_attachment(PAGE.encode(), maintype="application", subtype="octet-stream", filename="formulier.html")
    outer = mail()
    outer.add_attachment(inner)

    reading = reading_of(outer)

    assert [(one.source, one.name, one.quoted) for one in reading.found] == [("html", "bijlage 1", True)]


def test_the_writers_words_come_before_attachments_and_those_before_quotes():
    """The order is the order of trust: the first source corrects the others."""
    message = mail("Voornaam: Noor\n\n> Voornaam: Sam\n> Achternaam: Anders\n")
    message.add_attachment(LINES, filename="a.txt")

    reading = reading_of(message)

    assert [(one.source, one.name) for one in reading.found] == [("text", ""), ("text", "a.txt"), ("text", QUOTED)]


def test_no_attachment_can_pass_for_quoted_text():
    """The name of quoted text is ours; and a file without a name still has one in a letter."""
    message = mail()
    message.add_attachment(LINES, filename="quoted")

    reading = reading_of(message)

    assert [one.name for one in reading.found] == ["quoted (bijlage)"]
    assert name_of(attached(b"x"), 2) == "bijlage 2"


def test_what_a_machine_sends_along_is_not_opened():
    """A delivery report returns our own letter: nobody filled that in."""
    message = mail("Afwezig.", Auto_Submitted="auto-replied")
    message.add_attachment(LINES, filename="a.txt")

    reading = reading_of(message)

    assert reading.notice.kind
    assert reading.found == ()


def test_only_so_many_documents_are_opened():
    """A mail with a hundred files costs as much as one with twenty; the rest is named."""
    several = [attached(LINES, f"{number}.txt") for number in range(25)]

    outcome = read_all(several, LIMITS, KNOWN)

    assert len(outcome.found) == 20
    assert outcome.unread == tuple(
        (f"{number}.txt", "er zitten te veel bijlagen bij deze mail") for number in range(20, 25)
    )


def test_unread_attachments_are_named_in_the_reading():
    """For the letter: the name, and why."""
    message = mail()
    message.add_attachment(b"\xff\xd8\xff" + b"x" * 100_000, maintype="image", subtype="jpeg", filename="scan.jpg")

    assert reading_of(message).unread == (("scan.jpg", "een scan of foto: er staat geen tekst in"),)


def test_html_counts_where_the_text_part_says_less():
    """A stub of text beside a form in HTML: the HTML is the source; an equal text part stays the source."""
    stub = mail("Deze mail heeft opmaak nodig.")
    stub.add_alternative(PAGE, subtype="html")
    equal = mail("Voornaam: Noor\nAchternaam: Voorbeeld\n")
    equal.add_alternative(PAGE, subtype="html")

    assert [one.source for one in reading_of(stub).found] == ["html"]
    assert [one.source for one in reading_of(equal).found] == ["text"]


def test_html_that_hides_a_quote_is_not_trusted_as_new():
    """The text shows a quote and the markup none: then the form in the markup may be what is quoted."""
    message = mail("Prima.\n\n> Voornaam: Noor\n")
    message.add_alternative(f"<p>Prima.</p>{PAGE}", subtype="html")

    assert {one.name for one in reading_of(message).found} == {QUOTED}
