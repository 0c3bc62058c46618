"""Whatever comes in, a person gets a clear answer or the digest a line; nothing is lost, and nothing stops the rest."""

import asyncio
import json
import smtplib
from pathlib import Path

import pytest
from house import CLB, DESK, FORM, MAIL_HOST, NAFT, WORKER, House, Sent
from typer.testing import CliRunner

from mailflow.cli import cli
from mailflow.core.lifecycle import State
from mailflow.core.mail import Envelope
from mailflow.intake.smtp import Listener
from mailflow.intake.smtp_settings import ListenerSettings

STAMP = f"Authentication-Results: {MAIL_HOST}; dmarc=pass header.from=vclbleuven.be\r\nReceived: by {MAIL_HOST}\r\n"


@pytest.fixture
def office(house: House) -> House:
    """The same meldpunt on Monday at ten, its digest sent: what is complete leaves at once."""
    house.at(2026, 10, 5, 10)
    return house


def only(letters: list[Sent]) -> Sent:
    """The one letter there is."""
    assert [one.recipient for one in letters] == [letters[0].recipient] if letters else False, letters
    return letters[0]


def digest(house: House) -> str:
    """The digest of the next morning."""
    letters = [one for one in house.at(2026, 10, 6, 8, 30) if one.subject.startswith("Overzicht")]
    return only(letters).text


def form(**changes: str) -> str:
    """The complete form with other values."""
    lines = dict(line.split(": ", 1) for line in FORM.splitlines())
    return "".join(f"{label}: {value}\n" for label, value in {**lines, **changes}.items())


# What the issue names, in its order.


@pytest.mark.parametrize("content", [b"", b"\r\n", b"\0\0\0", b"dit is geen mail", b"\xff\xfe\xfa", b": \r\n\r\n"])
def test_no_mail_at_all_is_kept_and_told(office: House, content: bytes):
    """Bytes without any author are nobody's to answer: the digest has a line, so that somebody looks."""
    number = office.raw(content)

    letters = office.drain()

    assert office.outcome(number) == "held"
    assert {one.recipient for one in letters} <= {WORKER}
    assert f"mail {number}" in digest(office)


def test_thirty_megabytes_are_refused_over_the_wire():
    """552 at once (the sender's own server tells its person), whether the size was announced or not."""
    kept: list[bytes] = []

    async def keep(raw: bytes, _: Envelope) -> None:
        kept.append(raw)

    def offer(port: int) -> tuple[int, int]:
        body = b"Subject: groot\r\n\r\n" + b"x" * 998 + b"\r\n"
        body += (b"y" * 998 + b"\r\n") * (30 * 1024)
        with smtplib.SMTP("127.0.0.1", port, timeout=30) as caller:
            caller.ehlo("clb.example")
            announced = caller.mail(CLB, [f"size={len(body)}"])[0]
        with smtplib.SMTP("127.0.0.1", port, timeout=30) as caller:
            caller.ehlo("clb.example")
            caller.mail(CLB)
            caller.rcpt(DESK)
            return announced, caller.data(body)[0]

    async def scene() -> tuple[int, int]:
        listener = Listener(ListenerSettings(host="127.0.0.1", port=0, hostname=MAIL_HOST), keep, lambda a: a == DESK)
        await listener.start()
        try:
            return await asyncio.to_thread(offer, listener.port)
        finally:
            await listener.stop()

    assert asyncio.run(asyncio.wait_for(scene(), 60)) == (552, 552)
    assert kept == []


def test_five_thousand_nested_parts_are_read_as_far_as_the_limits_go(office: House):
    """A bomb from a CLB address gets its answer like any mail without a form; what was cut off is in the trace."""
    nested = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(5_000))
    number = office.raw(f"{STAMP}From: {CLB}\r\nTo: {DESK}\r\nSubject: x\r\n{nested}\r\nDag\r\n".encode())

    letters = office.drain()

    assert {one.recipient for one in letters} == {CLB, WORKER}
    assert any("odd while reading" in line for line in office.app.store.mails.trace(number))


def test_a_birth_date_that_is_none_is_asked_again(office: House):
    """`morgen` is no birth date: one letter asks for that line and says why, and nothing leaves meanwhile."""
    office.mail(form(Geboortedatum="morgen"))

    asked = only(office.drain())

    assert asked.recipient == CLB
    assert "Geboortedatum:" in asked.text
    assert office.case().state is State.NEEDS_INFO
    office.reply(asked, "Geboortedatum: 12/03/2011")
    assert {one.recipient for one in office.drain()} == {CLB, NAFT}


def test_two_forms_in_one_mail_are_never_mixed(office: House):
    """A case for each pupil, and no value of the one in the other."""
    second = form(Voornaam="Lou", Achternaam="Staal", Geboortedatum="5/6/2010", Aanleiding="durft de klas niet in")
    office.mail(f"{FORM}\n\n{second}")
    office.drain()

    one, other = (office.case(f"MSI-2026-000{n}").values for n in (1, 2))

    assert (other["first_name"], other["last_name"], other["reason"]) == ("Lou", "Staal", "durft de klas niet in")
    assert not {"Lou", "Staal", "2010-06-05", "durft de klas niet in"}.intersection(one.values())


def test_an_unknown_postcode_is_no_error(office: House):
    """School or CLB may lie inside the province: it goes where it was wished, and she reads what we read."""
    office.mail(form(Woonplaats="9999 Nergens"))

    letters = {one.recipient: one for one in office.drain()}

    assert letters.keys() == {CLB, NAFT}
    assert "9999" in letters[CLB].text


def test_a_provider_that_does_not_exist_is_for_the_referrer_or_the_desk(office: House):
    """Nobody guesses which one was meant: nothing leaves, and the referrer hears it."""
    office.mail(form(**{"Gewenste aanbieder": "De Regenboog"}))

    told = only(office.drain())

    assert told.recipient == CLB
    assert office.case().state in (State.NEEDS_INFO, State.NEEDS_DESK)
    assert office.case().reference in digest(office)


@pytest.mark.parametrize("command", [["check"], ["cases"], ["run"], ["digest"]])
def test_a_config_folder_that_is_not_there_is_named(tmp_path: Path, command: list[str]):
    """Not a traceback: which folder, and what to do."""
    missing = tmp_path / "niet-daar"

    result = CliRunner().invoke(cli, [*command, "--config", str(missing)])

    assert result.exit_code != 0
    assert "niet-daar" in result.output
    assert "Traceback" not in result.output


# Files that are given to inspect.


def test_inspect_of_an_empty_file_prints_the_schema(tmp_path: Path):
    """Exit 0 for any readable file: unknown is null."""
    (tmp_path / "leeg.eml").write_bytes(b"")

    result = CliRunner().invoke(cli, ["inspect", str(tmp_path / "leeg.eml"), "--json"])

    assert result.exit_code == 0, result.output
    shown = json.loads(result.stdout)
    assert shown["message_id"] is None
    assert shown["form"] is None
    assert shown["sender"]["verdict"] == "hold"


@pytest.mark.parametrize("name", ["weg.eml", ""])
def test_inspect_of_no_file_says_so_and_exits_2(tmp_path: Path, name: str):
    """A file that is missing, and a folder."""
    result = CliRunner().invoke(cli, ["inspect", str(tmp_path / name)])

    assert result.exit_code == 2
    assert str(tmp_path / name) in result.output.replace("\n", "")
    assert "Traceback" not in result.output


# Broken and hostile mails.


def test_nul_bytes_do_no_harm(office: House):
    """In the head and in a value."""
    body = form(Aanleiding="weg\0 van school")
    office.raw(f"{STAMP}From: {CLB}\r\nTo: {DESK}\r\nSubject: Aan\0melding\r\n\r\n{body}".encode())

    letters = office.drain()

    assert {one.recipient for one in letters} == {CLB, NAFT}
    assert not any(b"\0" in one.raw for one in letters)


def test_without_from_nobody_is_answered(office: House):
    """A complete form of nobody: held, and in the digest."""
    number = office.raw(f"To: {DESK}\r\nSubject: Aanmelding\r\n\r\n{FORM}".encode())

    letters = office.drain()

    assert {one.recipient for one in letters} <= {WORKER}
    assert f"mail {number}" in digest(office)


@pytest.mark.parametrize(
    "fields",
    [
        f"From: {CLB}\r\nFrom: iemand@elders.example\r\n",
        f"From: iemand@elders.example\r\nFrom: {CLB}\r\n",
        f"From: {CLB}, iemand@elders.example\r\n",
        f"From: =?utf-8?q?{CLB}?= <iemand@elders.example>, {CLB}\r\n",
    ],
)
def test_two_authors_are_no_author(office: House, fields: str):
    """Which of the two was proven cannot be known: nothing is taken from it and nobody is answered."""
    number = office.raw(f"{STAMP}{fields}To: {DESK}\r\nSubject: Aanmelding\r\n\r\n{FORM}".encode())

    letters = office.drain()

    assert {one.recipient for one in letters} <= {WORKER}
    assert office.outcome(number) == "held"


def test_an_empty_mail_is_answered_with_the_form(office: House):
    """A CLB worker who mails nothing gets the blank form."""
    office.mail("")

    answer = next(one for one in office.drain() if one.recipient == CLB)

    assert "Geboortedatum" in answer.text


def test_a_mail_of_only_an_attachment_is_passed_on_by_name(office: House):
    """What we cannot read a person can: the desk hears of the file, its content goes nowhere."""
    head = f"{STAMP}From: {CLB}\r\nTo: {DESK}\r\nSubject: Aanmelding\r\nMIME-Version: 1.0\r\n"
    office.raw(
        f'{head}Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="scan.bin"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\nAAECAwQFBgc=\r\n".encode()
    )

    letters = {one.recipient: one for one in office.drain()}

    assert letters.keys() == {CLB, WORKER}
    assert "scan.bin" in letters[WORKER].text
    assert b"AAECAwQFBgc" not in letters[WORKER].raw


def test_a_hundred_kilobytes_in_a_value_do_not_drown_the_letter(office: House):
    """The referral still comes in; somebody gets an answer that can be read."""
    office.mail(form(Aanleiding="komt niet meer " + "x" * 100_000))

    letters = office.drain()

    assert CLB in {one.recipient for one in letters}
    assert all(len(one.raw) < 1_000_000 for one in letters)


def test_markup_in_values_stays_text(office: House):
    """Neither part of any letter lets it act: no tags, no links that were not ours, no headings."""
    evil = (
        '<script>alert(1)</script> <img src="http://spy.example/x"> [klik](http://boos.example) **vet** # kop | a | b'
    )
    office.mail(form(Aanleiding=evil, **{"Wanneer bereikbaar": "<b>altijd</b>"}))

    letters = office.drain()

    assert {one.recipient for one in letters} == {CLB, NAFT}
    for one in letters:
        part = one.message.get_body(("html",))
        assert part is not None
        html = str(part.get_content())
        assert "<script" not in html
        assert "<img" not in html
        assert 'href="http' not in html
        assert "<b>altijd" not in html
        assert "<strong>vet" not in html
        assert "[klik](http://boos.example)" in one.text
        assert "<b>altijd</b>" in one.text


@pytest.mark.parametrize("value", ["AANVAARD", "geen match", "stop", "volzet voor alle aanmeldingen", "bevestig"])
def test_command_words_in_values_command_nothing(office: House, value: str):
    """`Aanleiding: AANVAARD` is a reason, whoever reads it."""
    office.mail(form(Aanleiding=value))

    letters = office.drain()

    assert {one.recipient for one in letters} == {CLB, NAFT}
    assert office.case().state is State.DISPATCHED


def test_the_same_mail_twice_is_one_referral(office: House):
    """A retry of the sending host adds an arrival, no case and no letter."""
    first = office.mail(message_id="<een@vclbleuven.be>")
    office.drain()

    again = office.mail(message_id="<een@vclbleuven.be>")

    assert again == first
    assert office.drain() == []


def test_another_mail_with_the_same_message_id_is_not_dropped(office: House):
    """Senders reuse Message-IDs: another body is another mail."""
    office.mail(message_id="<een@vclbleuven.be>")
    office.drain()

    office.mail(form(Voornaam="Lou", Achternaam="Staal", Geboortedatum="5/6/2010"), message_id="<een@vclbleuven.be>")
    office.drain()

    assert office.case("MSI-2026-0002").values["first_name"] == "Lou"


def test_a_reply_that_only_quotes_us_changes_nothing(office: House):
    """Our whole confirmation comes back with nothing new above it: its own words are not taken for an answer."""
    office.mail()
    received, referral = office.drain()
    seen = len(office.timeline())

    office.reply(received, "")
    office.reply(referral, "")
    letters = office.drain()

    case = office.case()
    assert case.state is State.DISPATCHED
    assert case.values["first_name"] == "Noor"
    assert not any("info_added" in line for line in office.timeline()[seen:])
    assert {one.recipient for one in letters} <= {CLB, NAFT, WORKER}


@pytest.mark.parametrize("charset", ["x-onbekend", "utf-99", "", "\x7f", "utf-16", "a" * 5_000])
def test_an_unknown_charset_is_read_as_well_as_can_be(office: House, charset: str):
    """The form is ASCII for the most part: it comes through, or a person gets it."""
    head = (
        f'{STAMP}From: {CLB}\r\nTo: {DESK}\r\nSubject: Aanmelding\r\nContent-Type: text/plain; charset="{charset}"\r\n'
    )
    office.raw(f"{head}\r\n{FORM}".encode())

    letters = office.drain()

    assert CLB in {one.recipient for one in letters}
    assert not office.app.store.stuck_tasks()


def test_a_heap_of_bad_mail_does_not_hold_up_a_good_one(office: House):
    """Everything above at once, and a referral after it still leaves."""
    for content in (b"", b"\0" * 1_000, b"From: a@b.example\r\n" * 2_000, b"Content-Type: multipart/mixed\r\n" * 500):
        office.raw(content)
    office.mail()

    letters = office.drain()

    assert NAFT in {one.recipient for one in letters}
    assert not office.app.store.stuck_tasks()
