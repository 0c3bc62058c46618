"""What the letters say of attachments: which values came out of them, which ones we could not open, and what to do."""

import io
import zipfile
from email.message import EmailMessage

import pytest
from house import CLB, DESK, FORM, MAIL_HOST, WORKER, House
from typer.testing import CliRunner

from mailflow.cli import cli
from mailflow.core.mail import Attachment
from mailflow.outgoing.blank import document
from mailflow.reading.documents.attachments import kind_of
from mailflow.reading.documents.limits import DocumentLimits

SCAN = b"\xff\xd8\xff" + b"\0" * 100_000
VALUES = {
    "referrer_name": "An Peeters",
    "clb": "Vrij CLB Leuven",
    "referrer_email": CLB,
    "referrer_phone": "+3216123456",
    "subject_kind": "pupil",
    "first_name": "Noor",
    "last_name": "Voorbeeld",
    "birth_date": "2011-03-12",
    "postcode": "3000",
    "municipality": "Leuven",
    "school_name": "Sint-Voorbeeld Leuven",
    "agreed_guardians": "yes",
    "reason": "komt amper nog op school",
    "provider": "naft-vbo",
}


@pytest.fixture
def office(house: House) -> House:
    """The meldpunt on Monday at ten."""
    house.at(2026, 10, 5, 10)
    return house


def mail(text, *files, sender=CLB, proof="pass"):
    domain = sender.rpartition("@")[2]
    message = EmailMessage()
    message["Authentication-Results"] = f"{MAIL_HOST}; dmarc={proof} header.from={domain}"
    message["Received"] = f"by {MAIL_HOST}"
    message["From"] = sender
    message["To"] = DESK
    message["Subject"] = "Aanmelding"
    message["Message-ID"] = f"<1@{domain}>"
    message.set_content(text)
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def filled_in(office, kind="docx", **changes):
    rules = office.app.settings.rules
    return document(rules.fields, rules.providers, kind, values=VALUES | changes)


def answer(office, raw):
    office.raw(raw)
    return next(one for one in office.drain() if one.recipient == CLB)


def documents(letter):
    """(name, kind by its bytes) of what comes along with a letter."""
    files = [(part.get_filename(), part.get_content()) for part in letter.message.iter_attachments()]
    return [(name, kind_of(Attachment(name, "", len(content), content), DocumentLimits())) for name, content in files]


def locked():
    """A ZIP whose table of contents says that it is encrypted."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("formulier.docx", "x")
    content = bytearray(file.getvalue())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def test_a_scan_beside_a_complete_form_is_named_in_the_confirmation(office):
    """With what to do; no form comes along, since everything is there."""
    letter = answer(office, mail(FORM, ("toestemming.jpg", SCAN)))

    assert "goed ontvangen" in letter.subject
    assert "toestemming.jpg: een scan of foto: er staat geen tekst in" in letter.text
    assert "Typ het dan in je antwoord." in letter.text
    assert documents(letter) == []


def test_a_form_that_cannot_be_opened_is_named_and_a_blank_one_comes_along(office):
    """As text in the letter, and as Word and PDF files to fill in; the desk hears of the mail too."""
    letter = answer(office, mail("In bijlage de aanmelding.", ("aanmelding.zip", locked()), ("scan.jpg", SCAN)))

    assert "aanmelding.zip: met een wachtwoord beveiligd" in letter.text
    assert "scan.jpg: een scan of foto" in letter.text
    assert "Geboortedatum" in letter.text
    assert documents(letter) == [("aanmelding.docx", "docx"), ("aanmelding.pdf", "pdf")]
    assert office.letters(WORKER)


def test_a_mail_without_any_form_or_file_gets_the_text_only(office):
    """As before: nothing has to be opened for it."""
    letter = answer(office, mail("Dag, hoe meld ik iemand aan?"))

    assert "Dit konden we niet openen" not in letter.text
    assert documents(letter) == []


def test_a_scan_beside_half_a_form_comes_back_with_what_is_missing(office):
    """The lines to fill in, the name of the scan, and the blank form."""
    letter = answer(office, mail("Voornaam: Noor\nAchternaam: Voorbeeld\nGeboortedatum: 12/03/2011\n", ("a.jpg", SCAN)))

    assert "gegevens nodig" in letter.subject
    assert "a.jpg: een scan of foto" in letter.text
    assert documents(letter) == [("aanmelding.docx", "docx"), ("aanmelding.pdf", "pdf")]


def test_an_unproven_address_hears_of_the_number_of_files_only(office):
    """A file name is a stranger's words."""
    letter = answer(office, mail(FORM, ("grof woord.jpg", SCAN), proof="none"))

    assert "Was jij dit?" in letter.subject
    assert "We konden een bijlage van die mail niet openen." in letter.text
    assert "grof" not in letter.text
    assert documents(letter) == []


def test_an_answer_that_is_a_scan_is_asked_back_by_name(office):
    """Also on a case that is already there."""
    confirmation = answer(office, mail(FORM))
    raw = mail("Zie bijlage.", ("antwoord.jpg", SCAN)).replace(
        f"To: {DESK}".encode(), b"To: " + confirmation.reply_to.encode()
    )
    office.raw(raw.replace(b"<1@", b"<2@"), to=confirmation.reply_to)

    letter = next(one for one in office.drain() if one.recipient == CLB)

    assert "antwoord.jpg: een scan of foto" in letter.text


def test_the_writers_own_words_correct_the_attachment_and_the_letter_says_so(office):
    """Which value came from where, as soon as there are two places."""
    letter = answer(office, mail("Achternaam: Janssens\nKlas: 3B", ("aanmelding.docx", filled_in(office))))

    assert office.case().values["last_name"] == "Janssens"
    assert office.case().values["first_name"] == "Noor"
    text = " ".join(letter.text.split())
    assert "Uit je mail: Achternaam, Leerjaar" in text
    assert "Uit de bijlage aanmelding.docx: Naam van de aanmelder" in text
    assert "Dan telt wat je zelf in je mail schreef." in text


def test_one_source_needs_no_telling(office):
    """Most mail: the letter stays short."""
    letter = answer(office, mail("In bijlage.", ("aanmelding.odt", filled_in(office, "odt"))))

    assert "goed ontvangen" in letter.subject
    assert "Waar we dit gelezen hebben" not in letter.text


def test_inspect_shows_which_value_came_from_where(office, tmp_path):
    """On the terminal, behind each value; and what is missing."""
    file = tmp_path / "a.eml"
    file.write_bytes(mail("Klas: 3B", ("aanmelding.docx", filled_in(office, agreed_guardians=""))))

    shown = " ".join(CliRunner().invoke(cli, ["inspect", str(file)]).output.split())

    assert "first_name Noor (docx aanmelding.docx)" in shown
    assert "school_year 3B (text)" in shown
    assert "missing agreed_guardians" in shown


def test_the_blank_form_comes_by_mail(office):
    """Subject "formulier": as text, Word and PDF; filled in and mailed back it is a referral."""
    office.mail("", subject="Formulier")
    letter = next(one for one in office.drain() if one.recipient == CLB)

    assert documents(letter) == [("aanmelding.docx", "docx"), ("aanmelding.pdf", "pdf")]
    assert "Naam van de aanmelder" in letter.text
    assert len(office.letters(WORKER)) == 1  # the digest
    assert "goed ontvangen" in answer(office, mail("Ingevuld.", ("aanmelding.docx", filled_in(office)))).subject


def test_the_offer_comes_by_mail(office):
    """Subject "aanbod", with a few facts: who fits, and why."""
    office.mail("Jongere van 15 jaar uit 3000 Leuven", subject="aanbod")
    letter = next(one for one in office.drain() if one.recipient == CLB)

    text = " ".join(letter.text.split())
    assert "Dit past" in text
    assert text.index("NAFT VBO") < text.index("Dit past niet") < text.index("NAFT AHV")
    assert office.app.store.cases.lines() == []
