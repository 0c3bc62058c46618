"""One mail about several cases, through the real store: each is decided, or none; one answer says how each was read."""

import re

import pytest
from house import CLB, FORM, NAFT, WORKER, House

from mailflow.core.lifecycle import State
from mailflow.forgetting import erase
from mailflow.storage.cases import MovedOn

SECOND = FORM.replace("Noor", "Lou").replace("Achternaam: Voorbeeld", "Achternaam: Staal").replace("2011", "2010")
ELSEWHERE = SECOND.replace("Lou", "Ans").replace("Staal", "Ander").replace("NAFT VBO", "NAFT AHV")
ONE, TWO, THREE = (f"MSI-2026-000{n}" for n in (1, 2, 3))


@pytest.fixture
def two(house: House) -> House:
    """Two cases at NAFT VBO and one at NAFT AHV."""
    house.at(2026, 10, 5, 10, 0)
    for form in (FORM, SECOND, ELSEWHERE):
        house.mail(form)
        house.drain()
    assert {house.case(one).state for one in (ONE, TWO, THREE)} == {State.DISPATCHED}
    return house


def test_each_case_gets_its_own_words(two: House):
    """ "0001: wachtlijst, 0002: aanvaard" decides both, and one letter tells how both were read."""
    mail = two.mail("0001: wachtlijst, 0002: we aanvaarden\n", sender=NAFT, subject="stand van zaken")
    left = two.drain()

    assert two.case(ONE).state is State.WAITLIST_OFFERED
    assert two.case(TWO).state is State.ACCEPTED
    assert two.outcome(mail) == "reply"
    assert [one.recipient for one in left] == [NAFT]
    assert ONE in left[0].text
    assert TWO in left[0].text


def test_the_referrer_reads_only_her_own_line(two: House):
    """Each letter to the other party quotes the words about that case, and no others."""
    two.mail("0001: wachtlijst, we bellen in maart\n0002: we aanvaarden, start op 2 november\n", sender=NAFT)
    two.drain()
    letters = [one for one in two.later(minutes=16) if one.recipient == CLB]

    assert len(letters) == 2
    offered = next(one for one in letters if ONE in one.subject)
    assert "maart" in offered.text
    assert "2 november" not in offered.text
    assert TWO not in offered.text


def test_another_providers_case_is_not_touched(two: House):
    """A number guessed right says nothing: the same words as for a number that does not exist."""
    mail = two.mail("0001: aanvaard\n0003: volzet\n0999: volzet\n", sender=NAFT)
    left = two.drain()

    assert two.case(ONE).state is State.ACCEPTED
    assert two.case(THREE).state is State.DISPATCHED
    assert two.outcome(mail) == "held"
    told = next(one for one in left if one.recipient == NAFT).text
    said = re.findall(r"(?:0003|0999)\*{0,2}:\s+(.*(?:\n  .*)*)", told)
    assert len({" ".join(one.split()) for one in said}) == 1
    assert any(one.recipient == WORKER for one in left)


def test_without_proof_a_number_names_no_case(two: House):
    """An unproven sender is not taken apart; nothing moves."""
    two.mail("0001: wachtlijst, 0002: aanvaard\n", sender=NAFT, proof="none")
    two.drain()

    assert {two.case(one).state for one in (ONE, TWO)} == {State.DISPATCHED}


def test_a_case_named_within_a_sentence_is_asked_about(two: House):
    """ "Zoals bij 0002" may be about either: nobody guesses."""
    letter = next(one for one in two.letters(NAFT) if ONE in one.subject)
    two.reply(letter, "0001: aanvaard, zoals we bij 0002 afspraken", sender=NAFT)
    left = two.drain()

    assert {two.case(one).state for one in (ONE, TWO)} == {State.DISPATCHED}
    assert "meerdere dossiers" in left[0].text


def test_a_reply_on_one_case_that_also_names_another(two: House):
    """The words before any number are about the case that was answered."""
    letter = next(one for one in two.letters(NAFT) if ONE in one.subject)
    two.reply(letter, "Aanvaard.\n\n0002: geen match, ze wil niet komen", sender=NAFT)
    two.drain()

    assert two.case(ONE).state is State.ACCEPTED
    assert two.case(TWO).state is State.NO_MATCH


def test_the_desk_answers_its_digest_line_by_line(two: House):
    """An answer below a quoted line belongs to the case on that line; the digest's seal stands for each."""
    digest = two.at(2026, 10, 6, 8, 30)[-1]
    assert digest.recipient == WORKER
    quoted = []
    for line in digest.text.splitlines():
        quoted.append(f"> {line}")
        if ONE in line:
            quoted += ["noteer aanvaard", ""]
        if TWO in line:
            quoted += ["noteer volzet", ""]
    two.mail("\n".join(quoted), sender=WORKER, to=digest.reply_to, subject="Re: Overzicht")
    two.drain()

    assert two.case(ONE).state is State.ACCEPTED
    assert two.case(TWO).state is State.FULL


def test_the_digest_answered_by_somebody_else_orders_nothing(two: House):
    """A forwarded digest is no passport."""
    digest = two.at(2026, 10, 6, 8, 30)[-1]
    two.mail("0001: sluit\n0002: aanvaard", sender=NAFT, to=digest.reply_to, subject="Re: Overzicht")
    two.drain()

    assert {two.case(one).state for one in (ONE, TWO)} == {State.DISPATCHED}


def test_all_cases_move_or_none(two: House, monkeypatch: pytest.MonkeyPatch):
    """When the second case moved on meanwhile, the first is not kept either; then both are decided anew."""
    keep, fails = two.app.store.cases.keep, [True]

    def moved_on_once(tx, decision, personal, before):
        if decision.case and decision.case.reference == TWO and fails and fails.pop():
            raise MovedOn(TWO)
        return keep(tx, decision, personal, before)

    monkeypatch.setattr(two.app.store.cases, "keep", moved_on_once)
    two.mail("0001: wachtlijst\n0002: aanvaard\n", sender=NAFT)
    left = two.drain()

    assert not fails
    assert len([one for one in left if one.recipient == NAFT]) == 1
    assert sum("waitlist_offered" in line and "letter_" not in line for line in two.timeline(ONE)) == 1
    assert two.case(TWO).state is State.ACCEPTED


def test_times_years_and_postcodes_are_no_cases(two: House):
    """A number that begins a line and names no case stays words."""
    letter = next(one for one in two.letters(NAFT) if ONE in one.subject)
    two.reply(letter, "Aanvaard.\n3000 Leuven is onze postcode\n2026 wordt een mooi jaar", sender=NAFT)
    two.drain()

    assert two.case(ONE).state is State.ACCEPTED


@pytest.mark.parametrize("reference", [ONE, TWO])
def test_whichever_case_is_erased_the_mail_goes(two: House, reference: str):
    """What was written about one child does not stay because the mail was about another too."""
    mail = two.mail("0001: wachtlijst\n0002: geen match, Lou wil niet\n", sender=NAFT)
    two.drain()
    two.later(minutes=16)
    stored = two.app.store.cases.get(reference)
    assert stored

    erase(two.app, stored)

    line = two.app.store.mails.line(mail)
    assert line
    assert line.state == "erased"
