"""Too large, too deep, damaged or hostile: what can be read is read, and a line in problems says the rest."""

import random

import pytest
from needs import CORPUS

from mailflow.core.mail import Mail
from mailflow.reading.mime import MimeLimits, parse


def mail(*lines: str | bytes) -> bytes:
    """These lines with CRLF between them."""
    return b"\r\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)


def nested(levels: int) -> bytes:
    starts = (f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(levels))
    return ("From: a@x.example\r\n" + "".join(starts) + "\r\nbinnenin").encode()


def test_five_thousand_nested_parts_are_a_line_in_problems():
    """Nothing recurses, and the raw text is there for a person."""
    read = parse(nested(5000))

    assert read.author.address == "a@x.example"
    assert "nested deeper than 20" in read.problems
    assert "binnenin" in read.text


def test_what_nests_less_deep_is_read():
    """Twenty levels are allowed."""
    read = parse(nested(20))

    assert read.text == "binnenin"
    assert read.problems == ()


def test_the_first_parts_are_read_when_there_are_too_many():
    """5,000 parts beside each other, and a multipart that no part is left for."""
    many = mail("Content-Type: multipart/mixed; boundary=b", "", *["--b\r\n\r\nx"] * 5000)
    spent = mail(
        "Content-Type: multipart/mixed; boundary=b",
        "",
        "--b",
        "Content-Type: multipart/mixed; boundary=c",
        "",
        "--c",
        "",
        "x",
    )

    assert parse(many).problems == ("more than 200 parts",)
    assert parse(many).text.count("x") == 199
    assert parse(spent, MimeLimits(parts=2)) == Mail(
        size=len(spent),
        from_fields=0,
        headers=(("content-type", "multipart/mixed; boundary=b"),),
        problems=("more than 2 parts",),
    )


def test_limits_cut_and_say_so():
    """Each limit on its own: what could be read, and a line."""
    attached = mail("Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: a/b", "", "x" * 200, "--b--")

    whole = parse(mail("Subject: x", "", "a" * 100), MimeLimits(mail_bytes=50))
    header = parse(mail("Subject: x", *["X-Y: z"] * 50, "", "tekst"), MimeLimits(header_bytes=100))
    fields = parse(mail(*["X-Y: z"] * 50, "", "tekst"), MimeLimits(fields=10))
    value = parse(mail("Subject: " + "a" * 500, "", "tekst"), MimeLimits(field_bytes=100))
    text = parse(mail("Subject: x", "", "a" * 100), MimeLimits(text_characters=10))
    heavy = parse(attached, MimeLimits(attachment_bytes=100))

    assert (whole.size, whole.text) == (114, "a" * 36)
    assert "cut" in whole.problems[0]
    assert header.text == "tekst"
    assert "header" in header.problems[0]
    assert (len(fields.headers), fields.text) == (10, "tekst")
    assert len(value.subject) < 100
    assert text.text == "a" * 10
    assert text.problems == ("text longer than 10 characters: cut",)
    assert [(one.size, one.content) for one in heavy.attachments] == [(200, b"")]
    assert "not unpacked" in heavy.problems[0]


def test_very_large_html_is_read_in_part():
    """The first half million characters, and a line."""
    read = parse(mail("Content-Type: text/html", "", "<p>woord</p>\r\n" * 60_000))

    assert read.text.startswith("woord")
    assert read.problems == ("only the first 500000 characters of HTML were read",)


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 5000 + "woord",
        "<ul><li>" * 2000 + "woord",
        "<table><tr><td>" * 500 + "woord",
        "<table><tr><td>" + "w" * 100_000 + "woord</td></tr>" + "<tr><td>a<td>b</tr>" * 10_000,
        "<!-- x --><head><title>t</title></head>" + "<div>" * 300 + "<script>nee</script>een<br>woord",
        "<style>open woord",
        "<?xml version='1.0' encoding='latin-1'?><p>woord",
        "<div>" * 200 + "<style>a</style>woord</script><td>x</td><li>y",
    ],
)
def test_hostile_html_keeps_its_words_and_no_more(page):
    """Depth, padding and tables that would multiply cost nothing."""
    text = parse(mail("Content-Type: text/html; charset=utf-8", "", page)).text

    assert len(text) < len(page) + 200_000
    assert "woord" in text or "<style>" in page


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n",
        b"\x00",
        b"\xef\xbb\xbfSubject: x\n\n",
        b"Content-Type: multipart/mixed\r\n\r\nzonder grens",
        b"Content-Type: multipart/mixed; boundary=\r\n\r\nlege grens",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b--",
        b"Content-Type: ;;;\r\nContent-Disposition: ;=\r\n\r\nx",
        b"Content-Type: text/plain; charset*0*=x; charset*1=y; name*=''%\r\n\r\nx",
        b'From: :;:;<>(((\r\nTo: "\\\r\nReferences: <<<>>>\r\n\r\n',
        b"Content-Transfer-Encoding: uuencode\r\n\r\nbegin\r\n#\xff\xff\r\nM!\r\nend",
        b"From\r\nSubject: x",
    ],
)
def test_nonsense_never_raises(raw):
    """And what comes out can be written as UTF-8."""
    repr(parse(raw)).encode()


def test_a_boundary_without_its_semicolon_is_found():
    """Some senders forget it."""
    raw = mail("Content-Type: multipart/mixed boundary=b", "", "--b", "", "tekst", "--b--")

    assert parse(raw).text == "tekst"


def test_a_fault_of_ours_still_gives_a_mail(monkeypatch):
    """The mail is kept and a person reads it; only the kind of fault is named."""

    def broken(*_args, **_named):
        raise RuntimeError("geheim")

    monkeypatch.setattr("mailflow.reading.mime.split_mail", broken)

    assert parse(b"x") == Mail(size=1, from_fields=0, problems=("could not be read: RuntimeError",))


def test_html_that_the_converter_chokes_on_is_read_plainly(monkeypatch):
    """The words are still there."""

    def broken(_source):
        raise RuntimeError

    monkeypatch.setattr("inscriptis.get_text", broken)

    assert parse(mail("Content-Type: text/html", "", "<p>een</p><p>twee")).text == "een\n\ntwee"


def test_damaged_mail_never_raises():
    """A thousand random damages to one real structure; the seed is fixed."""
    dice = random.Random(20260105)
    sound = mail(
        "From: =?utf-8?Q?Els?= <els@clb.example>",
        "Date: Mon, 5 Jan 2026 10:00:00 +0100",
        "Content-Type: multipart/mixed; boundary=b",
        "",
        "--b",
        "Content-Type: text/plain; charset=utf-8; format=flowed",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        "dag =C3=A9",
        "--b",
        "Content-Type: text/html",
        "",
        "<p>x</p>",
        "--b",
        "Content-Disposition: attachment; filename*0*=utf-8''a; filename*1*=%C3%A9",
        "Content-Transfer-Encoding: base64",
        "",
        "QUJD",
        "--b--",
    )
    for _ in range(1000):
        damaged = bytearray(sound)
        for _ in range(dice.randrange(1, 8)):
            at = dice.randrange(len(damaged))
            damaged[at : at + dice.randrange(4)] = dice.randbytes(dice.randrange(3))

        read = parse(bytes(damaged))

        repr(read).encode()
        assert not any(problem.startswith("could not") for problem in read.problems)


@pytest.mark.usefixtures("corpus")
def test_every_mail_of_the_corpus_is_read():
    """No exception on any of them, no fault of ours caught on the way, no lone surrogate."""
    folders = ("bounces", "malformed", "ruby-mail", "node-mail", "replies", "arc")
    files = sorted(file for folder in folders for file in (CORPUS / folder).iterdir())

    for file in files:
        read = parse(file.read_bytes())

        repr(read).encode()
        assert not any(problem.startswith("could not") for problem in read.problems), file.name
    assert len(files) > 400
