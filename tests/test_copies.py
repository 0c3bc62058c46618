"""The copy of a case for the CLB dossier: for the CLB worker behind it, on request and at its end; a PDF that reads well."""

import io
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from house import BRUSSELS, CLB, DESK, FORM, NAFT, WORKER, House, Sent
from pypdf import PdfReader

from mailflow.core.copied import copy_of
from mailflow.core.lifecycle import Event, State
from mailflow.forgetting import erase
from mailflow.outgoing.copy_pdf import made
from mailflow.outgoing.samples import COPY
from mailflow.sent_letters import said, sent_letters

NAME = "Çelik-Şahin"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A referral at its provider, which offers the waitlist; the referrer kept it."""
    house = House(tmp_path, datetime(2026, 10, 5, 10, 0, tzinfo=BRUSSELS))
    house.mail(FORM.replace("Achternaam: Voorbeeld", f"Achternaam: {NAME}"))
    house.drain()
    house.reply(house.letters(NAFT)[0], "Wachtlijst, we bellen terug in maart. De stallen zitten vol.")
    house.later(minutes=16)
    house.reply(house.letters(CLB)[-1], "akkoord, we blijven op de wachtlijst")
    house.later(minutes=16)
    return house


def copies(house: House) -> list[Sent]:
    """The letters with a copy that left so far."""
    return [one for one in house.courier.sent if "Kopie" in one.subject]


def words(letter: Sent) -> str:
    """All that stands in its PDF, in one line."""
    [file] = letter.message.iter_attachments()
    assert file.get_filename() == "kopie-MSI-2026-0001.pdf"
    assert file.get_content_type() == "application/pdf"
    pages = PdfReader(io.BytesIO(file.get_content())).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_a_clb_worker_asks_for_a_copy(house: House):
    """By one word; it holds her form, what happened, where it stands, and the letters that she got."""
    house.reply(house.letters(CLB)[-1], "kopie")
    house.drain()

    [letter] = copies(house)
    assert letter.recipient == CLB
    told = words(letter)
    for expected in (
        NAME, "12/03/2011", "op de wachtlijst sinds 05/10/2026", "bezorgd aan de aanbieder (NAFT VBO)",
        "aanmelder: behouden op de wachtlijst", "Aanmelding goed ontvangen", "De stallen zitten vol.",
    ):  # fmt: skip
        assert expected in told, expected
    assert house.case().state is State.WAITLISTED


def test_nothing_in_it_answers_for_anybody(house: House):
    """No sealed address, no button, no letter to the provider or the desk."""
    house.reply(house.letters(CLB)[-1], "graag een kopie van het dossier")
    house.drain()

    told = words(copies(house)[0])
    assert "meldpunt+" not in told
    assert "Eén woord volstaat" not in told
    assert "Overzicht van" not in told
    assert "kan je goed bellen" not in told


@pytest.mark.parametrize(
    ("sender", "proof"),
    [(NAFT, "pass"), ("ouder@familie.example", "pass"), ("iemand@clbvgc.be", "pass"), (CLB, "fail")],
)
def test_nobody_else_gets_one(house: House, sender: str, proof: str):
    """Not the provider, a parent or another CLB, nor who only pretends to be her: nothing is asked or written."""
    house.reply(house.letters(CLB)[-1], "kopie", sender=sender, proof=proof)
    house.mail("kopie", sender=sender, subject="[MSI-2026-0001] kopie", proof=proof)
    house.drain()

    assert copies(house) == []
    assert not any(h.kind is Event.COPY_ASKED for h in house.case().history)


def test_the_provider_who_asks_for_one_gets_none(house: House):
    """Also not from its own letter."""
    house.reply(house.letters(NAFT)[-1], "kopie")
    house.drain()

    assert copies(house) == []


def test_a_colleague_asks_and_the_known_address_gets_it(house: House):
    """The copy goes to the CLB worker of the case, whoever at her CLB asked."""
    house.reply(house.letters(CLB)[-1], "kopie", sender="bram.claes@vclbleuven.be")
    house.drain()

    assert [one.recipient for one in copies(house)] == [CLB]


def test_without_proof_it_goes_to_her_own_address(house: House):
    """A stolen letter brings its thief nothing."""
    house.reply(house.letters(CLB)[-1], "kopie", proof="")
    house.drain()

    assert {one.recipient for one in copies(house)} <= {CLB}


def test_a_copy_comes_at_the_end(house: House):
    """Once the case closed and the last letters left; also afterwards on request."""
    house.reply(house.letters(NAFT)[-1], "er is plaats")
    house.later(minutes=16)
    house.reply(house.letters(NAFT)[-1], "gestart")
    house.later(days=30)
    house.reply(house.letters(NAFT)[-1], "afgerond, terug naar school")
    house.later(minutes=16)
    house.reply(house.letters(CLB)[-1], "terugkoppeling gedaan")
    house.drain()
    assert house.case().state is State.CLOSED
    assert copies(house) == []

    house.later(minutes=17)

    [letter] = copies(house)
    told = words(letter)
    assert "Deze aanmelding is afgesloten." in letter.text
    assert "terug naar school" in told
    assert "afgesloten" in told
    house.reply(letter, "kopie")
    house.drain()
    assert len(copies(house)) == 2


def test_an_end_that_is_taken_back_brings_none(house: House):
    """Withdrawn, and opened again before the copy was made."""
    house.reply(house.letters(CLB)[-1], "we trekken de aanmelding in")
    house.drain()
    assert house.case().state is State.WITHDRAWN
    house.reply(house.letters(CLB)[-1], "heropen")

    house.later(minutes=17)

    assert copies(house) == []


def test_a_referral_that_never_left_has_no_copy_of_its_own_accord(tmp_path: Path):
    """Stopped on Sunday: there is nothing that her own mail does not say."""
    house = House(tmp_path, datetime(2026, 10, 4, 22, 0, tzinfo=BRUSSELS))
    house.mail()
    house.drain()
    house.reply(house.letters(CLB)[-1], "we trekken de aanmelding in")
    house.later(days=1)

    assert house.case().state is State.WITHDRAWN
    assert copies(house) == []


def test_a_meldpunt_that_wants_none_at_the_end(house: House):
    """`copy_at_end = false`; who asks still gets one."""
    file = house.config / "mailflow.toml"
    file.write_text(file.read_text().replace("copy_at_end = true", "copy_at_end = false"))
    house.restart()
    house.reply(house.letters(CLB)[-1], "we trekken de aanmelding in")
    house.later(minutes=17)
    assert copies(house) == []

    house.reply(house.letters(CLB)[-1], "kopie")
    house.drain()

    assert len(copies(house)) == 1


def test_what_is_erased_is_not_copied(house: House):
    """The case ends by it, and nobody can tell any more whom it was about."""
    stored = house.app.store.cases.get("MSI-2026-0001")
    assert stored
    erase(house.app, stored)

    house.later(minutes=30)

    assert copies(house) == []


def test_a_worker_of_another_clb_who_took_over_reads_no_letters_of_before(house: House):
    """The letters to the first CLB are that CLB's."""
    stored = house.app.store.cases.get("MSI-2026-0001")
    assert stored
    sent = sent_letters(house.app.worker.means, stored.id)
    rules, now = house.app.store.rules, house.clock.now()

    own = copy_of(stored.case, sent, rules, now)
    other = copy_of(replace(stored.case, parties={"referrer": "iemand@clbvgc.be"}), sent, rules, now)
    colleague = copy_of(replace(stored.case, parties={"referrer": "bram.claes@vclbleuven.be"}), sent, rules, now)

    assert own.letters == colleague.letters
    assert "Een plaats op de wachtlijst?" in [one.subject for one in own.letters]
    assert other.letters == ()


def test_the_same_copy_is_the_same_file():
    """A second try sends the same bytes; long words, many letters and signs that no font has are no trouble."""
    file = made(COPY)

    assert file == made(COPY)
    told = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(file)).pages)
    assert "Nguyen" in told
    assert "?" in told
    assert "<b>" in told


def test_what_a_letter_says_without_its_buttons():
    """Nor what stands above and below each one."""
    text = "MSI-2026-0042 · N.V. · Meldpunt\r\n\r\nKop\r\n===\r\n\r\nDit is het.\r\n\r\nEén woord volstaat\r\n------------------\r\n\r\n- Ja: mail\r\n"
    foot = f"{'-' * 40}\r\n\r\nLiever bellen?\r\n"

    assert said(text + foot) == "Kop\n===\n\nDit is het."
    assert said(f"mail naar meldpunt+msi-2026-0042.abcdefghij@{DESK.partition('@')[2]} of {WORKER}") == (
        f"mail naar {DESK} of {WORKER}"
    )
