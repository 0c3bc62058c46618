"""Whoever wants more than is theirs: what each of them gets. docs/security.md says what remains."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from house import BRUSSELS, CLB, FORM, NAFT, WORKER, House, Sent
from sqlalchemy import update
from typer.testing import CliRunner

from mailflow.cli import cli
from mailflow.core.lifecycle import State
from mailflow.storage.tables import EVENT

ONE = "MSI-2026-0001"
PARENT = "ouder@gezin.example"
OTHER_PROVIDER = "aanmelding@naft-ahv.example"
NAMES = ("Noor", "Voorbeeld", "Sint-Voorbeeld")
_SEALS = re.compile(r"\+[0-9a-z.-]+@|MSI-\d{4}-\d{4}|<[^<>\s]+@[^<>\s]+>")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A meldpunt on Monday, with one referral at NAFT VBO."""
    house = House(tmp_path, datetime(2026, 10, 5, 10, 0, tzinfo=BRUSSELS))
    house.mail()
    house.drain()
    assert house.case().state is State.DISPATCHED
    yield house
    house.close()


def plain(letter: Sent) -> str:
    """A letter without what differs in each."""
    return _SEALS.sub("*", letter.text)


def to(letters: list[Sent], address: str) -> list[Sent]:
    return [one for one in letters if one.recipient == address]


# --- a parent who wants to know where a child is -------------------------------------------------------------------------


def test_a_parent_hears_the_same_whether_the_child_is_known_or_not(house: House):
    """Word for word; and nothing that only a known child could bring about reaches the parent."""
    house.mail("Waar zit mijn dochter Noor Voorbeeld, geboren 12/03/2011?", sender=PARENT, subject="Noor")
    known = to(house.drain(), PARENT)
    house.mail("Waar zit mijn dochter Zoë Niemand, geboren 1/4/2012?", sender="vader@gezin2.example", subject="Zoë")
    unknown = to(house.drain(), "vader@gezin2.example")

    assert [plain(one) for one in known] == [plain(one) for one in unknown]
    assert not any(name in one.text for one in known for name in (*NAMES, "NAFT", ONE))


@pytest.mark.parametrize("words", ["Status van MSI-2026-0001?", "toon 0001", "0001: wachtlijst", "zoek Voorbeeld 12/03/2011", "wachtlijst?", "export 0001"])  # fmt: skip
def test_a_parent_who_knows_the_number_gets_nothing_by_it(house: House, words: str):
    before = house.timeline()

    house.mail(words, sender=PARENT, subject=f"[{ONE}] vraag")
    letters = to(house.drain(), PARENT)

    assert not any(name in f"{one.subject} {one.text}" for one in letters for name in (*NAMES, "NAFT VBO"))
    assert house.case().state is State.DISPATCHED
    assert house.timeline() == before


# --- an ex-partner who pretends to be a CLB --------------------------------------------------------------------------------


@pytest.mark.parametrize("proof", ["fail", ""])
def test_who_pretends_to_be_a_clb_gets_no_letter(house: House, proof: str):
    """Disowned: quarantine. Not proven: only the CLB's own address hears of it, and nothing moves before it says so."""
    house.mail(f"Status van {ONE}? Waar is Noor?", proof=proof, headers="Reply-To: ex@boos.example\r\n")
    house.mail(FORM.replace("Noor", "Mila").replace("12/03", "2/04"), proof=proof, headers="Reply-To: ex@boos.example\r\n")  # fmt: skip
    letters = house.drain()

    assert to(letters, "ex@boos.example") == []
    assert to(letters, NAFT) == []
    if proof == "fail":
        assert {one.recipient for one in letters} <= {WORKER}


@pytest.mark.parametrize(("headers", "proof"), [("", "fail"), ("Auto-Submitted: auto-replied\r\n", ""), ("List-Id: <x.boos.example>\r\nPrecedence: bulk\r\n", "")])  # fmt: skip
def test_a_copy_that_was_sent_ahead_does_not_smother_the_real_mail(house: House, headers: str, proof: str):
    """Who knows a CLB's mail to the letter sends it first, disowned or as if a machine did: the real one counts."""
    text, same = FORM.replace("Noor", "Mila").replace("12/03", "2/04"), "<echt@vclbleuven.be>"
    house.mail(text, proof=proof, headers=headers, message_id=same)
    assert not [one for one in house.drain() if one.recipient in (CLB, NAFT)]

    house.mail(text, message_id=same)
    letters = house.drain()
    house.mail(text, proof=proof, headers=headers, message_id=same)

    assert {one.recipient for one in letters} == {CLB, NAFT}
    assert house.drain() == []
    assert house.case("MSI-2026-0002").state is State.DISPATCHED


@pytest.mark.parametrize("first", ["forged", "real"])
@pytest.mark.parametrize(("headers", "proof"), [
    ("", "fail"), ("", ""), ("Auto-Submitted: auto-replied\r\n", ""), ("List-Id: <x.boos.example>\r\n", "pass"),
    ("Content-Transfer-Encoding: base64\r\n", ""), ("Content-Type: image/png\r\n", ""),
])  # fmt: skip
def test_of_copies_that_come_together_the_proven_one_counts(house: House, headers: str, proof: str, first: str):
    """Before either was read, as after a night without reading: whichever came first, and whatever its header says."""
    text, same = FORM.replace("Noor", "Mila").replace("12/03", "2/04"), "<echt@vclbleuven.be>"
    copies = [(headers, proof), ("", "pass")]
    for extra, stamp in copies if first == "forged" else reversed(copies):
        house.mail(text, proof=stamp, headers=extra, message_id=same)
    letters = house.drain()

    assert [one.recipient for one in letters] == [CLB, NAFT]
    assert house.case("MSI-2026-0002").state is State.DISPATCHED


def test_a_mail_that_is_held_is_read_again_when_a_better_copy_comes(house: House):
    """And a worse or equal one says nothing new to anybody."""
    text, same = "Wat bieden jullie aan voor een klas van dertig?", "<echt@vclbleuven.be>"
    headers = "Reply-To: <jan@clb-leuven.example>\r\nSender: <jan@boos.example>\r\n"
    house.mail(text, sender="an@vclbleuven.be.boos.example", headers=headers, proof="", message_id=same)
    first = house.drain()
    house.mail(text, sender="an@vclbleuven.be.boos.example", headers="X-Other: 1\r\n", proof="", message_id=same)

    assert {one.recipient for one in first} == {WORKER}
    assert house.drain() == []
    assert house.app.store.stuck_tasks() == []


# --- losing a mail by what a machine wrote on it ---------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [
    "Precedence: bulk", "Precedence: list", "Auto-Submitted: auto-generated", "List-Unsubscribe: <https://x.example>",
    "X-Autoreply: yes", "Return-Path: <>", "From: <meldpunt@meldpunt.example>\r\nX-Site: 1",
])  # fmt: skip
def test_a_form_that_a_website_or_a_gateway_marked_is_not_lost(house: House, mark: str):
    """No machine is answered; the desk looks, and its word makes a referral of it that the CLB confirms."""
    sender = mark.partition("From: <")[2].partition(">")[0] or CLB
    head = "" if sender != CLB else f"{mark}\r\n"
    mail = house.mail(FORM.replace("Noor", "Mila").replace("12/03", "2/04"), headers=head, sender=sender)
    [asked] = house.drain()

    assert house.outcome(mail) == "held"
    assert asked.recipient == WORKER
    assert "gemerkt als automatische mail" in " ".join(asked.text.split())
    house.reply(asked, "CLB: Vrij CLB Leuven")
    assert CLB in {one.recipient for one in house.drain()}
    assert house.case("MSI-2026-0002").state is State.UNCONFIRMED


@pytest.mark.parametrize("subject", ["Afwezig", "Out of office", "Afwezigheidsassistent"])
def test_a_form_with_the_words_of_an_absence_is_not_lost(house: House, subject: str):
    """Absence is what many referrals are about; only a notice that says it is automatic is taken for one unseen."""
    form = FORM.replace("Noor", "Mila").replace("12/03", "2/04")
    mail = house.mail(f"{form}\nIk ben niet op kantoor op woensdag.", subject=subject)

    [asked] = house.drain()

    assert house.outcome(mail) == "held"
    assert asked.recipient == WORKER


@pytest.mark.parametrize("words", ["Aanvaard", "Wachtlijst", "Wij hebben plaats, start op 12 oktober"])
def test_a_machine_with_a_decision_in_its_standard_words_is_not_told_for_ever(house: House, words: str):
    """It answers each letter of ours, without any mark: some echoes, a notice to the desk, and the rest in its digest."""
    done = 0
    for _ in range(30):
        new, done = house.courier.sent[done:], len(house.courier.sent)
        for letter in to(new, NAFT):
            house.reply(letter, words, quote=False)
        house.later(minutes=16)

    assert len(house.letters(NAFT)) <= 12
    assert any("te veel heen en weer" in one.text for one in house.letters(WORKER))


@pytest.mark.parametrize("answers", ["the question about it", "the digest", "the referral"])
def test_an_answering_machine_that_sends_our_letter_back_makes_no_loop(house: House, answers: str):
    """Unmarked, to our plain address, and without a trace of which letter it was: it ends there."""
    house.mail(FORM.replace("Noor", "Mila").replace("12/03", "2/04"), headers="Precedence: bulk\r\n")
    [asked] = house.drain()
    letter = {
        "the question about it": asked,
        "the digest": next(one for one in house.letters(WORKER) if "Overzicht" in one.subject),
        "the referral": house.letters(NAFT)[0],
    }[answers]
    for _ in range(3):
        body = "\n".join(line.lstrip("> ") for line in letter.text.splitlines())
        house.mail(f"Bedankt voor je bericht.\n\n{body}", sender=letter.recipient, subject="Ontvangen", headers="Auto-Submitted: auto-replied\r\n")  # fmt: skip
        assert house.drain() == []


def test_our_own_letter_and_an_absence_notice_stay_what_they_are(house: House):
    """Also where the letter holds a form: neither is put to the desk."""
    received = house.letters(CLB)[0]
    house.raw(received.raw)
    house.mail(f"Ik ben afwezig tot maandag.\n\n{FORM}", headers="Auto-Submitted: auto-replied\r\n")

    assert house.drain() == []


# --- a provider that guesses another case's reference -----------------------------------------------------------------------


@pytest.mark.parametrize("words", ["{}: wachtlijst", "toon {}", "{}: status?", "Hoe zit het met {}?"])
def test_another_providers_number_is_answered_as_a_number_of_nobody(tmp_path: Path, words: str):
    """The same letters, or none, in two meldpunten where one mail came each; and nothing happens to the case."""
    answers = []
    for reference in (ONE, "MSI-2026-0777"):
        house = House(tmp_path / reference, datetime(2026, 10, 5, 10, 0, tzinfo=BRUSSELS))
        house.mail()
        house.drain()
        before = house.timeline()
        house.mail(words.format(reference), sender=OTHER_PROVIDER, subject="vraag")
        answers.append([plain(one) for one in to(house.drain(), OTHER_PROVIDER)])
        assert house.timeline() == before
        house.close()

    assert answers[0] == answers[1]
    assert not any(name in text for text in answers[0] for name in NAMES)


# --- a stolen reply address -------------------------------------------------------------------------------------------------


def test_a_stolen_reply_address_shows_nothing_and_moves_nothing_by_itself(house: House):
    """The party of the case is asked at her own address; the thief hears nothing of it, and "nee" ends it."""
    letter = house.letters(NAFT)[-1]

    house.reply(letter, "We hebben plaats, Noor kan maandag starten.", sender="dief@boos.example", proof="pass")
    letters = house.drain()

    assert not any(name in one.text for one in to(letters, "dief@boos.example") for name in NAMES)
    assert house.case().state is State.DISPATCHED
    [asked] = to(letters, NAFT)
    house.reply(asked, "nee")
    house.drain()
    assert house.case().state is State.DISPATCHED


@pytest.mark.parametrize("words", ["stop", "Telefoon aanmelder: 0499 99 99 99", "liever sneller", "geef dit door aan eva.claes@vclbleuven.be"])  # fmt: skip
@pytest.mark.parametrize("sender", [CLB, "collega@vclbleuven.be"])
def test_a_stolen_reply_address_and_the_name_of_the_referrer_move_nothing(house: House, words: str, sender: str):
    """She forwarded our letter with its taps; From is only words, and her domain proved it before: she is asked."""
    letter = house.letters(CLB)[0]
    values = dict(house.case().values)

    house.mail(words, sender=sender, to=letter.reply_to, proof="", subject="Re: Aanmelding")
    letters = house.drain()
    house.later(minutes=20)

    assert house.case().state is State.DISPATCHED
    assert dict(house.case().values) == values
    assert [one.recipient for one in letters] == [CLB]
    assert len(house.letters(NAFT)) == 1


@pytest.mark.parametrize("by", ["tap", "reply"])
def test_a_referrer_whose_mail_proves_nothing_today_says_so_once(house: House, by: str):
    """Her answer to the question is as unproven, but it bears what only she got; then her words count."""
    house.mail("stop", to=house.letters(CLB)[0].reply_to, proof="", subject="Re: Aanmelding")
    [asked] = to(house.drain(), CLB)
    tap = re.search(r'mail "ja" naar\s+(\S+)', asked.text)
    assert tap

    if by == "tap":
        house.mail("ja", to=tap[1], proof="", subject="Re")
    else:
        house.reply(asked, "ja", proof="")
    house.drain()

    assert house.case().state is State.WITHDRAWN


def test_a_seal_cannot_be_made(house: House):
    """One letter of it changed, or that of another case: as any mail without a seal."""
    letter = house.letters(NAFT)[-1]
    local, _, domain = letter.reply_to.rpartition("@")
    forged = f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}"

    house.mail("Volzet tot juni.", sender=NAFT, to=forged, subject="vol", proof="")
    house.drain()

    assert house.case().state is State.DISPATCHED


# --- a compromised CLB mailbox ------------------------------------------------------------------------------------------------


def test_a_mailbox_that_was_taken_over_reaches_providers_so_often_and_no_more(house: House):
    """Proven as ever; but after [brakes] letters_a_day each further referral waits for a person, and the digest says so."""
    for number in range(40):
        house.mail(FORM.replace("Noor", f"Naam{chr(65 + number % 26)}{chr(65 + number // 26)}").replace("12/03", f"{number % 28 + 1}/03"))  # fmt: skip
        house.drain()
    house.later(hours=2)
    lines = house.app.store.cases.lines()
    waiting = [line.reference for line in lines if line.state is State.NEEDS_DESK]
    digest = next(one for one in house.at(2026, 10, 6, 8, 30) if one.recipient == WORKER)

    assert len([one for one in house.letters(NAFT) if "Nieuwe aanmelding" in one.subject]) <= 20
    assert len(waiting) >= 20
    assert waiting[0] in digest.text


def test_a_mailbox_that_was_taken_over_sees_only_its_own_cases(house: House):
    """A CLB worker is a party of what she referred, and of nothing of another CLB."""
    before = house.timeline()

    house.mail(f"{ONE}: status?", sender="iemand@clbkompas.be", subject=f"[{ONE}]")
    letters = house.drain()

    assert not any(name in one.text for one in to(letters, "iemand@clbkompas.be") for name in NAMES)
    assert house.timeline() == before


# --- a curious operator -------------------------------------------------------------------------------------------------------


def test_a_curious_operator_leaves_a_trail_that_cannot_be_wiped_unseen(house: House):
    """Each look by a command is a line; lines and events are chained, and `audit verify` names the case that was touched."""
    runner, config = CliRunner(), ["--config", str(house.config)]
    for command in (["case", "0001"], ["mail", "1"], ["export", "0001"]):
        assert runner.invoke(cli, [*command, *config]).exit_code == 0
    looked = [(line.what, line.about) for line in house.app.store.audits.lines()]
    well = runner.invoke(cli, ["audit", "verify", *config])
    with house.app.database.write() as tx:
        tx.execute(update(EVENT).where(EVENT.c.number == 1).values(at=datetime(2026, 10, 1, tzinfo=BRUSSELS)))
    touched = runner.invoke(cli, ["audit", "verify", *config])

    assert looked == [("case", ONE), ("mail", "mail 1"), ("export", ONE)]
    assert well.exit_code == 0, well.output
    assert touched.exit_code == 1
    assert ONE in touched.output


def test_the_database_without_its_keys_tells_no_name(house: House):
    """Whoever has the file, or a backup of it, reads states and times."""
    house.app.database.wipe()
    kept = (house.config / "mailflow.sqlite3").read_bytes()

    assert not any(word.encode() in kept for word in (*NAMES, "an.peeters", "2011", "3000 Leuven"))


# --- command words where they are none ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["AANVAARD", "0001 sluit", "mail 1 negeer", "stop", "volzet", "oeps", "alles opnieuw", "gesloten van 1 november tot en met 30 juni"])  # fmt: skip
@pytest.mark.parametrize("label", ["Aanleiding", "School", "Opmerkingen"])
def test_command_words_in_a_form_command_nothing(house: House, label: str, word: str):
    lines = dict(line.split(": ", 1) for line in FORM.replace("Noor", "Mila").replace("12/03", "2/04").splitlines())
    form = "".join(f"{key}: {value}\n" for key, value in {**lines, label: word}.items())

    house.mail(form)
    house.drain()

    assert house.case().state is State.DISPATCHED
    assert house.case("MSI-2026-0002").state is State.DISPATCHED
    assert list(house.app.store.closures.told()) == []


# --- a forged proof --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("results", [
    "spf=fail smtp.mailfrom=x; dmarc=pass header.from=vclbleuven.be; dmarc=none header.from=vclbleuven.be",
    'spf=fail smtp.mailfrom="x; dmarc=pass header.from=vclbleuven.be"@boos.example; dmarc=none header.from=vclbleuven.be',
    "spf=fail (helo; dmarc=pass header.from=vclbleuven.be) smtp.mailfrom=x; dmarc=none header.from=vclbleuven.be",
    "dmarc=pass header.from=boos.example",
])  # fmt: skip
def test_what_a_stranger_has_copied_into_our_hosts_results_proves_nothing(house: House, results: str):
    """His own address, greeting or domain, as a careless host writes it there: the CLB is asked, nothing leaves."""
    host = "mx.meldpunt.example"
    head = f"Authentication-Results: {host}; {results}\r\nReceived: from x by {host}\r\nFrom: <{CLB}>\r\nTo: meldpunt@meldpunt.example\r\n"
    text = FORM.replace("Noor", "Mila").replace("12/03", "2/04").replace("\n", "\r\n")

    house.raw(
        f"{head}Subject: Aanmelding\r\nMessage-ID: <q@boos.example>\r\n\r\n{text}".encode(), sender="x@boos.example"
    )
    letters = house.drain()

    assert [one.recipient for one in letters] == [CLB]
    assert house.case("MSI-2026-0002").state is State.UNCONFIRMED
