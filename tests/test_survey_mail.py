"""The survey of the under-12s: mailed, answered, reminded once, summed up."""

import json
from datetime import datetime

import pytest
from house import BRUSSELS, CLB, FORM, WORKER, House, Sent
from typer.testing import CliRunner

from mailflow.cli import cli
from mailflow.core.small_cells import Shown
from mailflow.surveying import Started, remind, start, survey_page, survey_tables

CONTACT = "onthaal@vclbleuven.be"
FILLED = "Aantal vragen: 12\nZonder aanbod: 5\nWat ontbreekt: iets voor kleuters zoals Noor\n"


@pytest.fixture
def asked(house: House) -> Sent:
    """The survey as the one CLB with a contact address got it, on Monday morning."""
    app = house.app
    start(app.worker.means, 2026)
    assert house.drain() == []  # it is Sunday night
    [letter] = [one for one in house.at(2026, 10, 5, 9, 0) if one.recipient == CONTACT]
    return letter


def counts(house: House) -> list[dict[str, int]]:
    return [dict(one.counts) for one in house.app.store.surveys.asked(2026) if one.answered_at]


def test_each_clb_with_a_contact_is_asked_once(house: House):
    """The others are named to the operator."""
    app = house.app
    first, second = (start(app.worker.means, 2026) for _ in range(2))

    assert first == Started(("clb-leuven",), (), first.unknown)
    assert len(first.unknown) == len(app.store.rules.clbs) - 1
    assert second == Started((), ("clb-leuven",), first.unknown)
    house.at(2026, 10, 5, 9, 0)
    assert len(house.letters(CONTACT)) == 1


def test_an_answer_is_counted_and_thanked_for(house: House, asked: Sent):
    """Filled in above the quoted letter; names are left out."""
    house.reply(asked, FILLED)
    house.drain()

    assert counts(house) == [{"asked": 12, "unmet": 5}]
    [one] = house.app.store.surveys.asked(2026)
    assert one.words == {"needs": "iets voor kleuters zoals […]"}
    thanks = house.letters(CONTACT)[-1]
    assert thanks.subject == "Bevraging 2026-2027: bedankt"
    assert house.letters(WORKER)[1:] == []  # beside the digest


def test_an_answer_within_our_lines_is_read_too(house: House, asked: Sent):
    """As many do: the form in the quoted letter is filled in."""
    quoted = asked.text.replace("Aantal vragen:", "Aantal vragen: 7").replace("Zonder aanbod:", "Zonder aanbod: 0")
    house.mail(
        "\n".join(f"> {line}" for line in quoted.splitlines()),
        sender=CONTACT,
        to=asked.reply_to,
        subject="Re: bevraging",
    )
    house.drain()

    assert counts(house) == [{"asked": 7, "unmet": 0}]


def test_a_colleague_may_answer_and_the_last_answer_counts(house: House, asked: Sent):
    """Another address of the same CLB; without any proof as well, for the seal is ours."""
    house.reply(asked, FILLED)
    house.drain()
    house.reply(asked, FILLED.replace("12", "14"), sender=CLB, proof="")
    house.drain()

    assert counts(house) == [{"asked": 14, "unmet": 5}]


@pytest.mark.parametrize(("sender", "proof"), [("iemand@elders.example", "pass"), (CONTACT, "fail")])
def test_nobody_else_answers_for_a_clb(house: House, asked: Sent, sender: str, proof: str):
    """The desk looks."""
    number = house.reply(asked, FILLED, sender=sender, proof=proof)
    house.drain()

    assert counts(house) == []
    assert house.outcome(number) in ("held", "quarantined")


def test_what_is_not_certain_is_asked_back_once(house: House, asked: Sent):
    """Then a person reads it."""
    house.reply(asked, "Wij hadden er veel te veel.")
    house.drain()
    assert house.letters(CONTACT)[-1].subject == "Bevraging 2026-2027: nog iets"
    house.reply(house.letters(CONTACT)[-1], "Tja, een twintigtal of dertig.")
    house.drain()

    assert counts(house) == []
    assert "bevraging" in house.letters(WORKER)[-1].text
    house.reply(house.letters(CONTACT)[-1], FILLED)
    house.drain()
    assert counts(house) == [{"asked": 12, "unmet": 5}]


def test_a_machine_answers_nothing(house: House, asked: Sent):
    """An out-of-office notice is no answer and gets none."""
    before = len(house.courier.sent)
    house.mail(
        "Ik ben er niet tot 12.",
        sender=CONTACT,
        to=asked.reply_to,
        subject="Afwezig",
        headers="Auto-Submitted: auto-replied\r\n",
    )
    house.drain()

    assert counts(house) == []
    assert len(house.courier.sent) == before


def test_a_referral_that_comes_as_an_answer_is_a_referral(house: House, asked: Sent):
    """It goes first."""
    house.mail(FORM, sender=CLB, to=asked.reply_to, subject="Re: bevraging")
    house.drain()

    assert [str(one.state) for one in house.app.store.cases.lines()] == ["dispatched"]
    assert counts(house) == []


def test_whoever_is_silent_is_reminded_once(house: House, asked: Sent):
    """After ten working days of the CLB; and not by two processes."""
    house.at(2026, 10, 16, 9, 0)
    assert len(house.letters(CONTACT)) == 1
    for day in (19, 20, 21):
        house.at(2026, 10, day, 9, 0)

    reminder = house.letters(CONTACT)[-1]
    assert reminder.subject == "Nog even: Wat missen kinderen jonger dan 12? (bevraging 2026-2027)"
    app = house.app
    assert remind(app.worker.means) == 0
    house.at(2026, 12, 1, 9, 0)
    assert len([one for one in house.letters(CONTACT) if "Wat missen" in one.subject]) == 2
    house.reply(reminder, FILLED)
    house.drain()
    assert counts(house) == [{"asked": 12, "unmet": 5}]


def test_whoever_answered_is_not_reminded(house: House, asked: Sent):
    """Nothing is owed."""
    house.reply(asked, FILLED)
    house.drain()
    house.at(2026, 10, 28, 9, 0)

    assert [one for one in house.letters(CONTACT) if one.subject.startswith("Nog even")] == []


def test_without_plus_addresses_the_thread_says_whose_answer_it_is(house: House):
    """By the Message-ID of our letter."""
    main = house.config / "mailflow.toml"
    main.write_text(main.read_text().replace("plus_addressing = true", "plus_addressing = false"))
    house.restart()
    app = house.app
    start(app.worker.means, 2026)
    [letter] = [one for one in house.at(2026, 10, 5, 9, 0) if one.recipient == CONTACT]
    house.reply(letter, FILLED)
    house.drain()

    assert counts(house) == [{"asked": 12, "unmet": 5}]


def test_the_sum_names_what_was_logged_here(house: House, asked: Sent):
    """Six children under 12; what came of them is counted from what happened."""
    for number in range(6):
        young = FORM.replace("12/03/2011", f"{number + 1}/03/2019").replace("Noor", "ABCDEF"[number] + "nna")
        house.mail(young)
        house.drain()
    for_all, for_the_desk = survey_tables(house.app.store, house.app.store.rules, 2026)

    logged = next(one for one in for_all if one.key == "logged")
    numbers = [cell.text for row in logged.rows for cell in row.cells if isinstance(cell, Shown)]
    assert numbers[0] == "6"
    page = survey_page((*for_all, *for_the_desk), for_the_desk, 2026, house.app.store.rules, house.clock.now())
    assert "schooljaar 2026-2027" in page
    assert 'class="desk"' in page


def test_the_survey_can_be_started_and_shown_by_command(house: House, monkeypatch: pytest.MonkeyPatch):
    """Start, and show, also as JSON and as a page."""
    config = str(house.config)
    run = lambda *words: CliRunner().invoke(cli, ["survey", *words, "--config", config])  # noqa: E731

    assert run("show").exit_code == 1
    assert "1 CLBs are asked" in run("start", "--year", "2026").output
    assert "asked before: clb-leuven" in run("start", "--year", "2026").output
    assert "respons" in run("show").output
    assert json.loads(run("show", "--json").output)["tables"]["respons"]["rows"][0] == ["CLB's gevraagd", 1]
    page = house.config.parent / "bevraging.html"
    assert run("show", "--desk", "--html", str(page)).exit_code == 0
    assert "Per CLB" in page.read_text()


def test_it_is_asked_in_the_brussels_morning(house: House):
    """Not on the Sunday night on which somebody types the command."""
    app = house.app
    start(app.worker.means, 2026)

    assert house.at(2026, 10, 5, 8, 0) == []
    assert house.clock.now() < datetime(2026, 10, 5, 9, 0, tzinfo=BRUSSELS)
