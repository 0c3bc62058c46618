"""Letters become messages: readable in text and HTML, and nothing that a stranger wrote gets out of its place."""

import email
import email.policy
import html
import re
import shutil
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from mailflow.core.answer import Words
from mailflow.core.digest import Line, Section
from mailflow.core.letters import LETTERS, Kind
from mailflow.core.requests import Offered
from mailflow.core.rules import Rules
from mailflow.core.shown import Row
from mailflow.core.taps import PROVIDER_TAPS
from mailflow.core.thread import Seal
from mailflow.core.workdays import Calendar
from mailflow.outgoing import compose
from mailflow.outgoing.digest_samples import QUIET_DAY
from mailflow.outgoing.render import BARE, Renderer, Unwritten
from mailflow.outgoing.samples import DESK, HEADER, ROWS, SAMPLES, every_letter, sample

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
RULES = Rules(
    desk=DESK,
    calendar=Calendar(),
    clb_calendar=Calendar(),
    providers={},
    fields=(),
    places=(),
    worded=Words,
    seal=Seal(keys=(b"0" * 32,)),
)
HOSTILE = (
    "](http://evil.example)",
    "[klik](http://evil.example/x)",
    "![x](http://evil.example/x.png)",
    "<http://evil.example>",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</td></tr></table>\"' & &amp; &lt;",
    "| a | b |",
    "# kop",
    "eerst\n# kop\n- punt\n> citaat\n```\ncode\n---\n| a |",
    "{{ desk.workers }} {% for x in y %} {# weg #}",
    "**vet** _schuin_ `code` ~~weg~~ \\* \\n",
    "--=_abc\nContent-Type: text/html\n\n<b>x</b>",
    ".\nFrom iemand\n..",
    "=?utf-8?q?verborgen?= =3D =\n=",
    "é ü € 你好 🙂 " + "x" * 200,
    "\ue0000\ue001 \ue000tap0\ue001",
    "https://meldpunt.example/een/heel/lang/adres?" + "a=b&" * 60,
)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(TEMPLATES, RULES, "instance-1")


def parsed(message: bytes) -> email.message.EmailMessage:
    mail = email.message_from_bytes(message, policy=email.policy.default)
    assert isinstance(mail, email.message.EmailMessage)
    return mail


def text_of(message: bytes) -> str:
    return parsed(message).get_body(("plain",)).get_content().replace("\r\n", "\n")


def html_of(message: bytes) -> str:
    return parsed(message).get_body(("html",)).get_content().replace("\r\n", "\n")


class Reader(HTMLParser):
    """What a person sees of the HTML part, and which tags and links make it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.pictures: list[str] = []
        self.hidden = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        if tag == "img":
            assert given["alt"]
            self.pictures.append(given["src"] or "")
        if tag == "a":
            self.links.append(given["href"] or "")
        if tag in ("title", "style", "script") or given.get("class") == "preview":
            self.hidden += 1
        if tag in ("p", "br", "td", "th", "li", "h1", "h2", "pre"):
            self.seen.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("title", "style", "script", "div") and self.hidden:
            self.hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.seen.append(data)

    @property
    def text(self) -> str:
        return "".join(self.seen)


TAP_SPELLED_OUT = re.compile(r':\s+mail\s+"[^"]*"\s+naar\s+\S+@\S+')


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


def test_the_shipped_templates_are_whole(renderer):
    """`mailflow check` finds nothing wrong with the folder as shipped, and there is a sample of every letter."""
    assert renderer.check() == []
    assert set(SAMPLES) == set(Kind)


def test_each_letter_goes_to_those_whom_its_row_names():
    """Those of the gallery here; those of every decision are looked at in `mailbag.check`."""
    letters = list(every_letter())

    assert {letter.kind for letter in letters} == {*Kind}
    assert [letter.kind for letter in letters if letter.to not in LETTERS[letter.kind].to] == []


@pytest.mark.parametrize("letter", every_letter(), ids=lambda letter: letter.kind)
def test_every_letter_is_a_sound_message(renderer, letter):
    """Parsed back by the strict parser: no defects, ASCII, CRLF, short lines, text before HTML, and our headers."""
    message = renderer.render(letter, HEADER)

    mail = parsed(message)
    assert not mail.defects
    assert not [defect for part in mail.walk() for defect in part.defects]
    assert not [defect for part in mail.walk() for value in part.values() for defect in value.defects]
    assert [part.get_content_type() for part in mail.walk()] == [
        *(["multipart/mixed"] if letter.copy else []),
        *("multipart/alternative", "text/plain"),
        *(["multipart/related", "text/html", "image/png"] if letter.chart else ["text/html"]),
        *(["application/pdf"] if letter.copy else []),
    ]
    assert message.isascii()
    assert b"\n" not in message.replace(b"\r\n", b"")
    assert b"\r" not in message.replace(b"\r\n", b"")
    assert max(len(line) for line in message.split(b"\r\n")) <= 998
    assert mail["From"].addresses[0].addr_spec == DESK.address
    assert mail["From"].addresses[0].display_name == DESK.name
    assert mail["To"].addresses[0].addr_spec == letter.address
    assert mail["Reply-To"].addresses[0].addr_spec == HEADER.reply_to
    assert mail["Date"].datetime == HEADER.at
    assert mail["Message-ID"] == HEADER.message_id
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Mailflow-Instance"] == "instance-1"
    assert mail["X-Auto-Response-Suppress"] == "DR, RN, NRN, AutoReply"
    assert mail["Content-Language"] == "nl"
    assert mail["In-Reply-To"] == HEADER.in_reply_to
    assert mail["References"].split() == list(HEADER.references)


@pytest.mark.parametrize("letter", every_letter(), ids=lambda letter: letter.kind)
def test_text_and_html_say_the_same(renderer, letter):
    """The same words in the same order; only the text has to say where a tap would mail."""
    message = renderer.render(letter, HEADER)

    text = TAP_SPELLED_OUT.sub("", text_of(message))
    assert words(text) == words(Reader(html_of(message)).text)
    assert len(words(text_of(message))) > 8


@pytest.mark.parametrize("letter", every_letter(), ids=lambda letter: letter.kind)
def test_text_lines_are_short(renderer, letter):
    """No line of the text part is longer than 78 characters when no single word is, and no blank lines pile up."""
    text = text_of(renderer.render(letter, HEADER))

    assert [line for line in text.splitlines() if len(line) > 78] == []
    assert "\n\n\n" not in text
    assert not re.search(r"[ \t]\n", text)
    assert "None" not in text
    assert "**" not in text


@pytest.mark.parametrize("letter", every_letter(), ids=lambda letter: letter.kind)
def test_html_needs_nothing_from_elsewhere(renderer, letter):
    """Dutch, titled, inlined, under Gmail's 102 kB; tables and no flex; nothing remote, no scripts; mailto links only."""
    page = html_of(renderer.render(letter, HEADER))
    reader = Reader(page)

    assert '<html lang="nl">' in page
    assert len(page.encode()) < 102_000
    assert reader.pictures == (["cid:chart@mailflow"] if letter.chart else [])
    assert not {"script", "link", "iframe"} & set(reader.tags)
    assert "url(" not in page
    assert not re.search(r"display:\s*(?:inline-)?(?:flex|grid)", page)
    assert "http" not in page
    assert all(link.startswith("mailto:") for link in reader.links)
    assert "\ue000" not in page
    assert reader.tags.count("h1") == (0 if letter.kind is Kind.NEUTRAL else 1)
    assert "<p style=" in page


def test_the_table_of_a_referral_reads_as_aligned_lines(renderer):
    """Label and value stand in two columns; a long value goes on under itself, and its own line breaks stay."""
    text = text_of(renderer.render(sample(Kind.REFERRAL), HEADER))

    assert "Naam aanmelder:          Els Claes\nTelefoon:                016 12 34 56\n" in text
    assert "Postcode en gemeente van de woonplaats:\n                         3000 Leuven\n" in text
    assert (
        "Reden van de aanmelding: Noor komt al zes weken bijna niet meer naar school.\n"
        "                         Thuis gaat het beter.\n"
    ) in text


def test_a_table_has_row_headers(renderer):
    """A screen reader hears the label with each value."""
    page = html_of(renderer.render(sample(Kind.REFERRAL), HEADER))

    assert page.count('<th scope="row"') == len(ROWS)
    assert "<thead" not in page


@pytest.mark.parametrize("evil", HOSTILE)
def test_what_a_stranger_wrote_stays_plain_text(renderer, evil):
    """In every string of every letter: shown literally, no tag or link more than with harmless words."""
    for kind in Kind:
        letter = sample(kind, **_everywhere(SAMPLES[kind][1], evil))
        plain = sample(kind, **_everywhere(SAMPLES[kind][1], "\n".join("w" for _ in evil.split("\n"))))

        message = renderer.render(letter, HEADER)

        assert not parsed(message).defects
        reader = Reader(html_of(message))
        harmless = Reader(html_of(renderer.render(plain, HEADER)))
        assert reader.tags == harmless.tags
        assert reader.links == harmless.links
        if _everywhere(SAMPLES[kind][1], evil) and kind not in NOTHING_SHOWN:
            shown = [line.strip() for line in evil.split("\n") if line.strip()]
            text = text_of(message)
            told = (_squeezed(text), _squeezed(text.replace("\n> ", "\n")))  # a quoted line can go on in the next
            assert all(_squeezed(line) in told[0] or _squeezed(line) in told[1] for line in shown)
            assert all(_squeezed(line) in _squeezed(reader.text) for line in shown)


# Its only value chooses a branch.
NOTHING_SHOWN = frozenset({Kind.WITHDRAWN, Kind.WAITLIST_KEPT})


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _everywhere(values: dict[str, object], evil: str) -> dict[str, object]:
    """The same values with *evil* for every string in them."""
    return {key: _replaced(value, evil) for key, value in values.items()}


def _replaced(value: object, evil: str) -> object:
    match value:
        case str():
            return evil if value else ""
        case Row():
            return Row(evil, evil)
        case Offered():
            return Offered(evil, tuple(evil for _ in value.lines), evil if value.why else "")
        case Line():
            return replace(value, reference=value.reference and evil, initials=value.initials and evil, text=evil)
        case Section():
            return Section(evil, tuple(_replaced(one, evil) for one in value.lines), value.more)
        case list():
            return [_replaced(one, evil) for one in value]
        case _:
            return value


def test_words_of_a_stranger_cannot_pose_as_ours(renderer):
    """Each line of quoted words is marked, and a value's second line stands under the first."""
    forged = "ja\nTelefoon: 0900 12 345\n\nLiever bellen? 0900 12 345"

    quoted = text_of(renderer.render(sample(Kind.PASSED_ON, words=forged), HEADER))
    table = text_of(renderer.render(sample(Kind.REFERRAL, rows=[Row("Reden", forged)]), HEADER))

    assert "> ja\n> Telefoon: 0900 12 345\n>\n> Liever bellen? 0900 12 345\n" in quoted
    assert "Reden: ja\n       Telefoon: 0900 12 345\n\n       Liever bellen? 0900 12 345\n" in table


def test_line_breaks_of_any_kind_stay_line_breaks(renderer):
    """CR, CRLF and Unicode's own separators; controls and text direction marks vanish, half characters are shown so."""
    words_given = "a\r\nb\rc\u2028d\x00\x1f\u202ee\ud800f"

    message = renderer.render(sample(Kind.PASSED_ON, words=words_given), HEADER)

    assert "> a\n> b\n> c\n> de\ufffdf\n" in text_of(message)
    assert "a<br>\nb<br>\nc<br>\nde\ufffdf" in html_of(message)


def test_short_values_are_not_broken_and_long_words_stay_whole(renderer):
    """A phone number or date moves to the next line as one; a word of any length is never cut."""
    name = "n" * 300

    text = text_of(renderer.render(sample(Kind.REFERRAL, provider=name, contact_by="maandag 30 november 2026"), HEADER))

    assert f"\n{name}\n" in text
    assert "\nBel de aanmelder ten laatste op maandag 30 november 2026." in text


def test_headers_cannot_be_injected(renderer):
    """A line break in a subject, address, name or id of another mail makes no new header."""
    desk = replace(DESK, name='Meld"punt\r\nBcc: x@evil.example')
    odd = Renderer(TEMPLATES, replace(RULES, desk=desk), "1\r\nX-Evil: 1")
    letter = replace(
        sample(Kind.DIGEST, day="vandaag\r\nBcc: x@evil.example"), address="a@b.example\r\nBcc: x@evil.example"
    )
    header = replace(
        HEADER,
        reference="MSI-2026-0042\r\nX-Evil: 1",
        in_reply_to="<a@b>\r\nX-Evil: 1",
        references=("<a b@c>", "<a@b\r\nX-Evil: 1>", "<ok@b.example>"),
    )

    mail = parsed(odd.render(letter, header))

    assert mail["Bcc"] is None
    assert mail["X-Evil"] is None
    assert mail["Subject"] == "[MSI-2026-0042 X-Evil: 1] Overzicht van vandaag Bcc: x@evil.example"
    assert mail["From"].addresses[0].display_name == 'Meld"punt Bcc: x@evil.example'
    assert mail["To"].addresses == ()
    assert mail["In-Reply-To"] is None
    assert mail["References"] == "<ok@b.example>"


@pytest.mark.parametrize(
    "changed", [{"message_id": "geen"}, {"message_id": "<a@b>\r\nX: 1"}, {"reply_to": "a@b\r\nX: 1"}]
)
def test_an_address_or_id_of_ours_that_is_none_is_a_bug(renderer, changed):
    """What we made ourselves is not mended silently."""
    with pytest.raises(ValueError, match=r"of ours|our own"):
        renderer.render(sample(Kind.STATUS), replace(HEADER, **changed))


def test_a_time_without_a_zone_is_a_bug(renderer):
    """Aware times only."""
    with pytest.raises(ValueError, match="aware"):
        renderer.render(sample(Kind.STATUS), replace(HEADER, at=datetime(2026, 1, 1, 9, 0)))


@pytest.mark.parametrize("name", ["Meldpunt één", "Meldpunt, het =?utf-8?q?x?=", "M" * 70, "Meldpunt " + "één " * 20])
def test_any_name_of_the_desk_fits_its_header(name):
    """Non-ASCII, special characters and long names come back as they were."""
    renderer = Renderer(TEMPLATES, replace(RULES, desk=replace(DESK, name=name)), "1")

    mail = parsed(renderer.render(sample(Kind.STATUS), HEADER))

    assert not mail.defects
    assert not mail["From"].defects
    # The standard library keeps a space between two encoded words (RFC 2047 6.2 says to drop it).
    assert _squeezed(mail["From"].addresses[0].display_name) == _squeezed(name)
    assert mail["From"].addresses[0].addr_spec == DESK.address


@pytest.mark.parametrize("day", ["één", "=?utf-8?q?x?=", "d" * 300, "dag " * 40, "één " * 60])
def test_any_subject_comes_back(renderer, day):
    """Encoded where it must be, folded, and cut at 200 characters."""
    mail = parsed(renderer.render(sample(Kind.DIGEST, day=day), replace(HEADER, reference="")))

    assert not mail["Subject"].defects
    assert mail["Subject"].rstrip() == f"Overzicht van {day}".strip()[:200].rstrip()


TELL_DAYS = frozenset({Kind.DIGEST, Kind.SURVEY, Kind.SURVEY_KEPT, Kind.FIGURES})
"""Whose subject names the days that they are about."""


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in TELL_DAYS])
def test_subjects_tell_nothing_about_anybody(renderer, kind):
    """The reference in brackets and our own words: no value of the letter."""
    letter = sample(kind, **_everywhere(SAMPLES[kind][1], "Geheim"))

    subject = parsed(renderer.render(letter, HEADER))["Subject"]

    assert "Geheim" not in subject
    assert subject.startswith("[MSI-2026-0042] ") is (kind not in BARE)


@pytest.mark.parametrize("kind", [Kind.NEUTRAL, Kind.FAMILY])
def test_strangers_learn_nothing(renderer, kind):
    """The same words whatever the header knows: no reference, no initials, no taps."""
    letter = replace(sample(kind), taps=PROVIDER_TAPS)
    nothing = replace(HEADER, reference="", initials="")

    assert renderer.render(letter, HEADER) == renderer.render(letter, nothing)
    assert "MSI-" not in text_of(renderer.render(letter, HEADER))


def test_an_answer_says_that_it_is_one(renderer):
    """Auto-Submitted: auto-replied on what answers a mail; no threading headers on a first letter."""
    letter = replace(sample(Kind.UNCLEAR), answers_mail=True)

    mail = parsed(renderer.render(letter, replace(HEADER, in_reply_to=None, references=())))

    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["In-Reply-To"] is None
    assert mail["References"] is None


def test_the_newest_references_are_kept(renderer):
    """As many as we look at ourselves; each on a line of its own."""
    many = tuple(f"<{number}@vclbleuven.be>" for number in range(100))

    mail = parsed(renderer.render(sample(Kind.STATUS), replace(HEADER, references=many)))

    assert mail["References"].split() == list(many[-32:])


def test_a_tap_mails_its_word(renderer):
    """Address, subject and word are filled in, in text as words; an action without a seal goes to Reply-To."""
    header = replace(
        HEADER, tap_addresses={"accept": "meldpunt+msi-2026-0042.abcdefghij@meldpunt.example"}, reply_to="m@m.example"
    )

    message = renderer.render(sample(Kind.REFERRAL), header)

    links = Reader(html_of(message)).links
    assert links[1] == (
        "mailto:meldpunt%2Bmsi-2026-0042.abcdefghij@meldpunt.example"
        "?subject=%5BMSI-2026-0042%5D%20Aanvaard&body=aanvaard"
    )
    assert links[4] == "mailto:m@m.example?subject=%5BMSI-2026-0042%5D%20Geen%20match&body=geen%20match"
    assert len(links) == len(PROVIDER_TAPS)
    text = text_of(message)
    assert '- Aanvaard: mail "aanvaard" naar\n  meldpunt+msi-2026-0042.abcdefghij@meldpunt.example\n' in text
    assert '- Geen match: mail "geen match" naar m@m.example\n' in text
    assert 'Je kan op deze mail antwoorden met "gesproken", "aanvaard", "wachtlijst",\n' in text


def test_a_tap_without_a_case_has_no_brackets(renderer):
    """The subject of its mail is its label."""
    page = html_of(renderer.render(sample(Kind.CONFIRM), replace(HEADER, reference="")))

    assert "?subject=Bevestig&body=bevestig" in html.unescape(page)


def test_the_same_letter_gives_the_same_bytes(renderer):
    """Also from another renderer; another Message-ID gives another boundary."""
    once = renderer.render(sample(Kind.REFERRAL), HEADER)
    again = Renderer(TEMPLATES, RULES, "instance-1").render(sample(Kind.REFERRAL), HEADER)
    other = renderer.render(sample(Kind.REFERRAL), replace(HEADER, message_id="<b@meldpunt.example>"))

    assert once == again
    assert parsed(once).get_boundary() != parsed(other).get_boundary()


def test_values_are_never_kept_with_the_shape(renderer):
    """Two letters with as many rows share a shape; the second shows only its own values."""
    renderer.render(sample(Kind.SUPPLEMENTED, rows=[Row("Voornaam", "Noor")]), HEADER)

    second = renderer.render(sample(Kind.SUPPLEMENTED, rows=[Row("Voornaam", "Sam")]), HEADER)

    assert "Noor" not in text_of(second) + html_of(second)
    assert "Voornaam: Sam" in text_of(second)


@pytest.mark.parametrize("kind", [kind for kind in Kind if SAMPLES[kind][1]])
def test_a_missing_value_is_an_error(renderer, kind):
    """A letter with a hole in it never leaves."""
    letter = replace(sample(kind), values={})

    with pytest.raises(UndefinedError):
        renderer.render(letter, HEADER)


@pytest.mark.parametrize("value", [None, True, 1.5, ["a"], b"bytes"])
def test_only_words_and_numbers_are_shown(renderer, value):
    """None, a list or bytes in a sentence is a bug, not a word."""
    with pytest.raises(TypeError, match="cannot show"):
        renderer.render(sample(Kind.STATUS, state=value), HEADER)


def test_the_desk_is_asked_back_without_taps(renderer):
    """A letter without taps speaks of no words below, and the desk is not told that the desk reads along."""
    letter = replace(sample(Kind.UNCLEAR), to="desk", taps=())

    text = text_of(renderer.render(letter, HEADER))

    assert "in andere woorden" in text
    assert "hieronder" not in text
    assert "medewerker" not in text


def test_a_quiet_day_is_three_lines(renderer):
    """The digest of a day without news: the day, that nothing waits, and health."""
    text = text_of(renderer.render(sample(Kind.DIGEST, **QUIET_DAY), replace(HEADER, reference="")))

    body = text.split("-" * 40)[0].split("=" * 5)[-1]
    assert [line for line in body.strip("=\n").split("\n") if line] == [
        "Niets wacht op jou en niemand is te laat. Er lopen 31 dossiers volgens plan.",
        "Alles loopt.",
    ]


@pytest.fixture
def folder(tmp_path) -> Path:
    return Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))


# File, what stands in it (None: nothing), and how the problem begins.
# fmt: off
BROKEN = (
    ("full.md.j2",     None,                                        "full.md.j2: is missing"),
    ("full.md.j2",     "# Zonder onderwerp\n",                      "full.md.j2: the first line must be `Subject:"),
    ("full.md.j2",     "Subject:  \n\nx\n",                         "full.md.j2: the first line must be `Subject:"),
    ("full.md.j2",     "Subject: a\nx\n",                           "full.md.j2: after the subject come an empty line"),
    ("full.md.j2",     "Subject: a\n\n\n",                          "full.md.j2: after the subject come an empty line"),
    ("full.md.j2",     "Subject: a\n\n{% if x %}\n",                "full.md.j2: line 3:"),
    ("full.md.j2",     "Subject: {{ a\n\nx\n",                      "full.md.j2: line 1:"),
    ("full.md.j2",     'Subject: a\n\n{% include "weg.md.j2" %}\n', "full.md.j2: "),
    ("full.md.j2",     "Subject: a\n\n\ue000\n",                    "full.md.j2: holds a character of the private use"),
    ("full.md.j2",     b"Subject: a\n\n\xff\n",                     "full.md.j2: cannot be read (UnicodeDecodeError)"),
    ("_rows.md.j2",    "{% for %}\n",                               "_rows.md.j2: line 1:"),
    ("_rows.md.j2",    b"\xff",                                     "received.md.j2: "),
    ("frame.md.j2",    "Dag\n",                                     "frame.md.j2: must hold {% include body %}"),
    ("frame.md.j2",    None,                                        "frame.md.j2: is missing"),
    ("layout.html.j2", "<p>\n",                                     "layout.html.j2: must hold {{ content }}"),
    ("layout.html.j2", None,                                        "layout.html.j2: is missing"),
)
# fmt: on


def test_a_letter_under_a_name_with_a_slip_is_told(folder):
    """The letter that is missing, and the file that is meant for it; a part of letters is not meant."""
    (folder / "accepted.md.j2").rename(folder / "acepted.md.j2")
    (folder / "full.md.j2").rename(folder / "_full.md.j2")

    assert set(Renderer(folder, RULES, "1").check()) == {
        "accepted.md.j2: is missing; acepted.md.j2 is no letter: did you mean accepted.md.j2?",
        "full.md.j2: is missing",
    }


@pytest.mark.parametrize(("name", "content", "problem"), BROKEN)
def test_a_broken_folder_is_told(folder, name, content, problem):
    """`mailflow check` names the file and what is wrong, and starting with it does not crash."""
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    renderer = Renderer(folder, RULES, "1")

    assert any(one.startswith(problem) for one in renderer.check())
    with pytest.raises(Unwritten):
        renderer.render(sample(Kind.RECEIVED if name.startswith("_") else Kind.FULL), HEADER)


def test_a_folder_that_is_not_there_is_told(tmp_path):
    """Every letter is named, once."""
    problems = Renderer(tmp_path / "nergens", RULES, "1").check()

    assert len(problems) == len(Kind) + 2


def test_a_template_that_is_edited_meanwhile_counts_from_the_next_start(folder):
    """A running service writes its letters by the folder as it was, whole, though it compiles each when it comes."""
    running = Renderer(folder, RULES, "1")
    before = Renderer(folder, RULES, "1").render(sample(Kind.RECEIVED), HEADER)

    for name in ("received.md.j2", "_rows.md.j2"):
        (folder / name).write_text("Subject: half")

    assert running.render(sample(Kind.RECEIVED), HEADER) == before
    assert Renderer(folder, RULES, "1").check()


@pytest.mark.parametrize(
    "body", ["[x](http://{{ provider }}/)", "[x](mailto:{{ provider }})", "```{{ provider }}\nx\n```"]
)
def test_a_template_cannot_put_a_value_inside_a_tag(folder, body):
    """The one thing that escaping would not make safe is refused."""
    (folder / "full.md.j2").write_text(f"Subject: a\n\n{body}\n")

    with pytest.raises(ValueError, match="a value cannot be part of"):
        Renderer(folder, RULES, "1").render(sample(Kind.FULL), HEADER)


def test_a_template_may_use_all_of_plain_markdown(folder):
    """Numbered and nested lists, links, hard breaks, code and real table heads, in text and in HTML."""
    (folder / "full.md.j2").write_text(
        "Subject: a\n\n# T\n\nEen  \ntwee `code` [site](https://meldpunt.example/x) <mailto:a@b.example>\n\n"
        "7. zeven\n8. acht\n\n   verder\n   - diep\n\n| Wie | Wat |\n|---|---|\n| {{ provider }} | b |\n\n"
        "### Kop\n\n    vast  recht\n"
    )
    letter = replace(sample(Kind.FULL), taps=())

    message = Renderer(folder, RULES, "1").render(letter, HEADER)

    text = text_of(message)
    assert "Een\ntwee code site (https://meldpunt.example/x) a@b.example\n" in text.replace("mailto:", "")
    assert "7. zeven\n\n8. acht\n\n   verder\n\n   - diep\n" in text
    assert "Wie:      Wat\nNAFT VBO: b\n" in text
    assert "vast  recht" in text
    assert '<th scope="col"' in html_of(message)


def test_a_long_letter_is_still_quick_and_whole(renderer):
    """A mail of a megabyte that is passed on keeps its words."""
    long = "appel " * 50_000 + "\n" * 1000 + "einde" + "x" * 500_000

    text = text_of(renderer.render(sample(Kind.OTHER_MAIL, text=long), HEADER))

    assert text.count("appel") == 50_000
    assert "einde" + "x" * 500_000 in text


def test_an_address_that_no_header_can_hold_is_left_to_the_envelope():
    """A quoted or international local part of somebody else must not stop a letter."""
    assert compose.recipient('"a b"@c.example') == "To: undisclosed-recipients:;"
    assert compose.recipient("zoë@c.example") == "To: undisclosed-recipients:;"
    assert compose.recipient("o'neil+x@c.example") == "To: o'neil+x@c.example"


def test_a_chart_is_a_picture_of_its_own_mail(renderer):
    """A PNG that the HTML names by its Content-ID, the same for the same numbers, another for others."""
    digest = sample(Kind.DIGEST, week=[Row("Gestart", "3")], trend="1 · 2")

    def picture(*counts: int) -> bytes:
        mail = parsed(renderer.render(replace(digest, chart=counts), HEADER))
        [part] = [one for one in mail.walk() if one.get_content_type() == "image/png"]
        assert part["Content-ID"] == "<chart@mailflow>"
        return part.get_content()

    assert picture(1, 2).startswith(b"\x89PNG")
    assert picture(1, 2) == picture(1, 2) != picture(2, 1)
    assert len(picture(*range(8))) < 8_000
    assert picture(0, 0)
