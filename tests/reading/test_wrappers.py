"""What stands inside Outlook's winmail.dat and inside a signature is read as if it had been mailed plainly."""

import base64

import pytest
from packets import attribute, properties, signed, signed_beside, winmail

from mailflow.reading import opaque
from mailflow.reading.mime import parse
from mailflow.reading.winmail import unpacked

FIELDS = (
    b"From: an.peeters@vclbleuven.be\r\nTo: meldpunt@meldpunt.example\r\nSubject: Aanmelding\r\nMIME-Version: 1.0\r\n"
)
LINES = "Voornaam: Noor\nAchternaam: Voorbeeld\n"
INNER = (
    b'Content-Type: multipart/mixed; boundary="in"\r\n\r\n'
    b"--in\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nVoornaam: Zo\xc3\xab\r\n"
    b'--in\r\nContent-Type: text/csv; name="vragen.csv"\r\n\r\nAchternaam;Voorbeeld\r\n--in--\r\n'
)


def outlook(packet, *, text="In bijlage.", type_="application/ms-tnef", name="winmail.dat"):
    return FIELDS + (
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n'
        + text.encode()
        + f'\r\n--b\r\nContent-Type: {type_}; name="{name}"\r\n'.encode()
        + b"Content-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(packet).replace(b"\n", b"\r\n")
        + b"--b--\r\n"
    )


@pytest.mark.parametrize("type_", ["application/ms-tnef", "application/octet-stream"])
def test_the_files_in_winmail_dat_are_attachments_of_the_mail(type_):
    """With their long names, byte for byte, in order; the packet itself is gone."""
    packet = winmail(("aanmelding Zoë.docx", b"PK\x03\x04\x00\r\n."), ("b.csv", b"Voornaam;Noor"))

    mail = parse(outlook(packet, type_=type_))

    assert [(one.name, one.content) for one in mail.attachments] == [
        ("aanmelding Zoë.docx", b"PK\x03\x04\x00\r\n."),
        ("b.csv", b"Voornaam;Noor"),
    ]
    assert mail.text == "In bijlage."


def test_words_in_the_packet_count_where_the_mail_has_none():
    """Outlook repeats the text in the packet: it is read once."""
    packet = winmail(text="Voornaam: Zoë", html="<p>Voornaam: Zoë")

    alone = parse(outlook(packet, text=" "))
    beside = parse(outlook(packet, text="Dag"))

    assert (alone.text.strip(), alone.html) == ("Voornaam: Zoë", "<p>Voornaam: Zoë")
    assert (beside.text, beside.html) == ("Dag", None)


def test_html_alone_in_the_packet_is_read_as_text_too():
    """Newer Outlooks leave the plain text out."""
    mail = parse(outlook(winmail(html="<p>Voornaam: Zoë</p>"), text=""))

    assert "Voornaam: Zoë" in mail.text


def test_an_attached_object_is_read_without_the_name_of_its_interface():
    """A document that was put into the letter: its bytes come after the sixteen that say what they are."""
    interface = b"\x0b\x00\x00\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46"
    start = attribute(2, 0x00069002, b"\x01\x00" + b"\xff" * 12)
    known = properties((0x000D, 0x3701, interface + b"%PDF-1.7"), (0x001E, 0x3707, b"C:\\map\\a.pdf\0"))

    letter = unpacked(winmail() + start + attribute(2, 0x00069005, known))

    assert [(one.name, one.content) for one in letter.attachments] == [("a.pdf", b"%PDF-1.7")]


def test_a_packet_that_breaks_off_gives_what_came_before():
    """At every byte: never an exception, never more than there is."""
    packet = winmail(("a.txt", b"Voornaam: Noor"), ("b.txt", b"x" * 40), text="Dag", html="<p>Dag")

    counts = [len(letter.attachments) for end in range(len(packet)) if (letter := unpacked(packet[:end]))]

    assert counts == sorted(counts)
    assert set(counts) == {0, 1, 2}


def test_a_packet_with_an_unknown_kind_of_property_keeps_its_files():
    """The rest of that list is not guessed at."""
    start = attribute(2, 0x00069002, b"\x01\x00" + b"\xff" * 12) + attribute(2, 0x00018010, b"a.txt\0")

    letter = unpacked(winmail() + start + attribute(2, 0x00069005, b"\x01\x00\x00\x00\x99\x00\x07\x37"))

    assert [one.name for one in letter.attachments] == ["a.txt"]


def test_thousands_of_files_in_a_packet_are_cut_off():
    """A few dozen is what a person attaches."""
    letter = unpacked(winmail(*((f"{number}.txt", b"x") for number in range(300))))

    assert len(letter.attachments) == 50


def test_what_is_no_packet_stays_an_attachment():
    """It is named to its sender then."""
    mail = parse(outlook(b"no packet"))

    assert [one.name for one in mail.attachments] == ["winmail.dat"]


@pytest.mark.parametrize("sign", [signed, signed_beside])
def test_a_signed_mail_is_read_as_if_it_were_not(sign):
    """Opaque or in two parts; its files are attachments of the mail."""
    mail = parse(FIELDS + sign(INNER))

    assert mail.text == "Voornaam: Zoë"
    assert [one.name for one in mail.attachments if one.name != "smime.p7s"] == ["vragen.csv"]
    assert mail.subject == "Aanmelding"


def test_a_signature_around_winmail_dat_is_taken_off_too():
    """Wrapper in wrapper."""
    inner = outlook(winmail(("a.txt", b"Voornaam: Noor")))[len(FIELDS) :]

    mail = parse(FIELDS + signed(inner))

    assert [one.name for one in mail.attachments] == ["a.txt"]


def test_signatures_around_signatures_are_taken_off_only_so_often():
    """What is left is an attachment that cannot be read."""
    inner = b"Content-Type: text/plain\r\n\r\nVoornaam: Noor\r\n"
    for _ in range(7):
        inner = signed(inner)

    mail = parse(FIELDS + inner)

    assert [one.name for one in mail.attachments] == ["smime.p7m"]


def test_a_signature_that_was_streamed_is_read():
    """Without lengths, in pieces, as programs write it that sign while they read (X.690 8.1.3.6)."""
    pieces = b"\x24\x80" + b"\x04\x04Voor" + b"\x24\x80\x04\x05naam:\x00\x00" + b"\x04\x05 Noor" + b"\x00\x00"

    assert opaque.content_of(streamed(pieces)) == b"Voornaam: Noor"


def streamed(octets, *, kind=b"\x01"):
    name = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
    data = b"\x30\x80" + name + kind + b"\xa0\x80" + octets + b"\x00\x00" * 2
    inner = b"\x30\x80\x02\x01\x01\x31\x00" + data + b"\x31\x00\x00\x00"
    return b"\x30\x80" + name + b"\x02\xa0\x80" + inner + b"\x00\x00" * 2


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\x30",
        b"\x30\x80" * 1000,
        b"\x04\x01x",
        b"\x3f\x01x",
        streamed(b"\x02\x01\x01"),
        streamed(b"\x24\x80" * 6 + b"\x00\x00" * 6),
        streamed(b"\x04\x01x", kind=b"\x03"),
        streamed(b"\x04\x01x").replace(b"\x2a\x86", b"\x2b\x86"),
        streamed(b"\x04\x01x").replace(b"\xa0", b"\xa1"),
    ],
)
def test_what_is_no_signed_mail_is_left_alone(broken):
    """Encrypted, cut off, or made to confuse."""
    assert opaque.content_of(broken) is None


def test_an_encrypted_mail_stays_an_attachment():
    """Only the one it was encrypted for can open it."""
    mail = parse(FIELDS + b'Content-Type: application/pkcs7-mime; name="smime.p7m"\r\n\r\nabc')

    assert [one.name for one in mail.attachments] == ["smime.p7m"]
