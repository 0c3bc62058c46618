"""The text and the attachments of a mail, however it was written."""

import base64
from datetime import UTC, datetime

import pytest

from mailflow.core.mail import Address
from mailflow.reading.mime import parse


def mail(*lines: str | bytes) -> bytes:
    """These lines with CRLF between them."""
    return b"\r\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)


def test_a_plain_mail_is_read_whole():
    """Addresses, subject, date, ids and text of an ordinary mail."""
    raw = mail(
        'From: "Peeters, Els" <els@clb.example>',
        "To: meldpunt@desk.example, Jan <jan@clb.example>",
        "Cc: Team: an@clb.example, bo@clb.example;",
        "Reply-To: els.prive@mail.example",
        "Sender: secretariaat@clb.example",
        "Subject: =?utf-8?Q?Aanmelding_le=C3=ABrling?=",
        "Date: Mon, 5 Jan 2026 10:00:00 +0100",
        "Message-ID: <abc@clb.example>",
        "In-Reply-To: <one@desk.example>",
        "References: <zero@desk.example>",
        " <one@desk.example>",
        "Delivered-To: meldpunt+x@desk.example",
        "X-Original-To: <meldpunt@desk.example>",
        "",
        "Beste,",
        "groeten",
    )

    read = parse(raw)

    assert read.author == Address("els@clb.example", "Peeters, Els")
    assert read.from_fields == 1
    assert [one.address for one in read.to] == ["meldpunt@desk.example", "jan@clb.example"]
    assert [one.address for one in read.cc] == ["an@clb.example", "bo@clb.example"]
    assert read.reply_to == (Address("els.prive@mail.example"),)
    assert read.sender == Address("secretariaat@clb.example")
    assert read.subject == "Aanmelding leërling"
    assert read.date == datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    assert read.message_id == "<abc@clb.example>"
    assert read.in_reply_to == ("<one@desk.example>",)
    assert read.references == ("<zero@desk.example>", "<one@desk.example>")
    assert read.delivered_to == ("meldpunt+x@desk.example", "meldpunt@desk.example")
    assert read.header("references") == "<zero@desk.example> <one@desk.example>"
    assert read.text == "Beste,\ngroeten"
    assert read.html is None
    assert read.size == len(raw)
    assert read.problems == ()


@pytest.mark.parametrize(
    ("charset", "written", "expected"),
    [
        ("utf-8", "één".encode(), "één"),
        ("iso-8859-1", b"\x80 5 \xe9\xe9n", "€ 5 één"),
        ("us-ascii", "één".encode(), "één"),
        ("", b"\xe9\xe9n", "één"),
        ("", b"\x81\xe9", "\x81é"),
        ("utf-16le", "één".encode("utf-16le"), "één"),
        ("utf-8", b"\xff\xfe\xe9 x", "ÿþé x"),
        (
            "utf-8",
            "één goede tekst met één fout: ééééééé".encode() + b"\xff",
            "één goede tekst met één fout: ééééééé\ufffd",
        ),
    ],
)
def test_the_declared_charset_is_tried_first_then_utf_8_then_windows(charset, written, expected):
    """Umlauts and accents survive the usual lies about the charset."""
    raw = mail(f"Content-Type: text/plain; charset={charset}" if charset else "Subject: x", "", written)

    assert parse(raw).text == expected


@pytest.mark.parametrize("charset", ["x-klingon", "base64", "rot13", "idna", "unicode_escape", "a" * 500, "utf-8\x00"])
def test_an_unknown_charset_is_a_problem_and_no_exception(charset):
    """The text is read all the same."""
    read = parse(mail(f'Content-Type: text/plain; charset="{charset}"', "", "één"))

    assert read.text == "één"
    assert read.problems == ("unknown charset",)


def test_utf_7_cannot_bring_in_lone_surrogates():
    """A lone surrogate could not be written to the database."""
    read = parse(mail("Content-Type: text/plain; charset=utf-7", "", "a+2AA-b"))

    assert read.text == "a?b"


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("quoted-printable", b"Naam: Zo=C3=AB=\r\n Peeters"),
        ("base64", base64.b64encode("Naam: Zoë Peeters".encode())),
        ("BASE64 ", base64.b64encode("Naam: Zoë Peeters".encode()).rstrip(b"=")),
        ("base64", base64.b64encode("Naam: Zoë Peeters!".encode())[:-1] + b"*"),
        ("8bit", "Naam: Zoë Peeters".encode()),
        ("nonsense", "Naam: Zoë Peeters".encode()),
        ("x-uuencode", b"begin 644 x\r\n23F%A;3H@6F_#JR!0965T97)S\r\n`\r\nend\r\n"),
    ],
)
def test_every_transfer_encoding_is_undone(encoding, written):
    """Damaged base64 gives what can be read of it."""
    read = parse(mail(f"Content-Transfer-Encoding: {encoding}", "Content-Type: text/plain; charset=utf-8", "", written))

    assert read.text.startswith("Naam: Zoë Peeters")


def test_broken_base64_gives_what_is_left():
    """Five characters are three bytes and a remainder without meaning."""
    read = parse(mail("Content-Transfer-Encoding: base64", "", "TmFhb"))

    assert read.text == "Naa"


def test_flowed_text_gets_its_paragraphs_back():
    """RFC 3676: soft line ends go, quotes keep their depth, the signature mark stands alone."""
    raw = mail(
        "Content-Type: text/plain; charset=utf-8; format=flowed",
        "",
        "Een lange ",
        "zin.",
        "> wat jij ",
        "> schreef",
        ">> ouder",
        " >geen citaat",
        "open ",
        "-- ",
        "Els",
        "einde ",
    )

    assert parse(raw).text == ("Een lange zin.\n> wat jij schreef\n>> ouder\n>geen citaat\nopen \n-- \nEls\neinde ")


def test_delsp_joins_without_a_blank():
    """DelSp=yes: the blank at the line end is not part of the text."""
    raw = mail("Content-Type: text/plain; format=flowed; delsp=yes", "", "samen ", "gesteld")

    assert parse(raw).text == "samengesteld"


def test_html_alone_is_converted_and_kept():
    """A mail without a text part is still readable."""
    raw = mail(
        "Content-Type: text/html; charset=utf-8",
        "",
        '<style>p{}</style><p style="padding-left:99999px">Naam: Zoë</p>',
        "<table><tr><td>School</td><td>Atheneum</td></table>",
    )

    read = parse(raw)

    assert "Naam: Zoë" in read.text
    assert "School  Atheneum" in read.text
    assert "p{}" not in read.text
    assert len(read.text) < 100
    assert read.html is not None
    assert "<p" in read.html


def test_the_writers_plain_text_wins_over_html():
    """multipart/alternative: both are kept, the text is the plain one."""
    raw = mail(
        "Content-Type: multipart/alternative; boundary=b",
        "",
        "voorwoord",
        "--b",
        "Content-Type: text/plain",
        "",
        "gewoon",
        "--b",
        "Content-Type: multipart/related; boundary=c",
        "",
        "--c",
        "Content-Type: text/html",
        "",
        "<b>vet</b>",
        "--c",
        "Content-Type: image/png; name=logo.png",
        "Content-Disposition: inline",
        "",
        "png",
        "--c--",
        "--b--",
        "naschrift",
    )

    read = parse(raw)

    assert read.text == "gewoon"
    assert read.html == "<b>vet</b>"
    assert [(one.name, one.type, one.content) for one in read.attachments] == [("logo.png", "image/png", b"png")]


def test_an_empty_plain_part_gives_way_to_html():
    """Some phones send an empty text part."""
    raw = mail(
        "Content-Type: multipart/alternative; boundary=b",
        "",
        "--b",
        "",
        " ",
        "--b",
        "Content-Type: text/html",
        "",
        "<p>ja, graag behouden</p>",
        "--b--",
    )

    assert parse(raw).text == "ja, graag behouden"


def test_several_text_parts_are_one_text():
    """Apple Mail writes text around an attachment; a footer of a mail host follows HTML."""
    raw = mail(
        "Content-Type: multipart/mixed; boundary=b",
        "",
        "--b",
        "",
        "voor",
        "--b",
        "Content-Type: application/pdf",
        'Content-Disposition: attachment; filename="plan.pdf"',
        "",
        "%PDF",
        "--b",
        "Content-Type: text/html",
        "",
        "<p>midden</p>",
        "--b",
        "",
        "na",
        "--b--",
    )

    read = parse(raw)

    assert read.text == "voor\n\nmidden\n\nna"
    assert [one.name for one in read.attachments] == ["plan.pdf"]


def test_an_attached_mail_is_an_attachment_byte_for_byte():
    """Its text is never ours, and nothing in it is opened."""
    inner = mail("From: x@y.example", "Content-Type: multipart/mixed; boundary=z", "", "--z", "", "geheim", "--z--")
    raw = mail(
        "Content-Type: multipart/digest; boundary=b",
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        "zie bijlage",
        "--b",
        "",
        inner,
        "--b--",
    )

    read = parse(raw)

    assert read.text == "zie bijlage"
    assert [(one.type, one.content) for one in read.attachments] == [("message/rfc822", inner)]


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        (['Content-Disposition: attachment; filename="verslag.pdf"'], "verslag.pdf"),
        (["Content-Disposition: attachment; filename*=utf-8''versl%C3%A4g.pdf"], "versläg.pdf"),
        (["Content-Disposition: attachment; filename*0*=utf-8''ver%C3; filename*1*=%A9; filename*2=.pdf"], "veré.pdf"),
        (['Content-Disposition: attachment; filename="=?utf-8?Q?versl=C3=A4g.pdf?="'], "versläg.pdf"),
        (['Content-Disposition: attachment; filename="../../etc/passwd"'], "passwd"),
        (['Content-Disposition: attachment; filename="C:\\\\map\\\\b.doc"'], "b.doc"),
        (["Content-Disposition: attachment; filename*=utf-8''a%00%0D%0Ab%E2%80%AEfdp.exe"], "a b fdp.exe"),
        (["Content-Disposition: attachment; filename=.."], ""),
        (["Content-Type: text/plain; name=lijst.txt"], "lijst.txt"),
        (['Content-Disposition: attachment; filename="' + "a" * 400 + '.pdf"'], "a" * 150 + "…" + "a" * 36 + ".pdf"),
        (["Content-Disposition: attachment; filename=één.txt"], "één.txt"),
        (["Content-Disposition: attachment; filename*=plain.txt"], "plain.txt"),
    ],
)
def test_the_name_of_an_attachment_is_only_a_name(fields, name):
    """However it was encoded: no path, no control characters, no turned reading direction."""
    read = parse(mail("Content-Type: multipart/mixed; boundary=b", "", "--b", *fields, "", "inhoud", "--b--"))

    assert [one.name for one in read.attachments] == [name]
    assert read.text == ""
