"""The copy of a case for the CLB worker behind it."""

from dataclasses import replace

from mailbag import CLB, COLLEAGUE, MONDAY, NAFT, RULES, at_state, dispatched

from mailflow.core.copied import copy_of
from mailflow.core.copying import SentLetter
from mailflow.core.draft import Draft
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Party, State
from mailflow.core.occasions import CopyDue


def sent(to, address, subject):
    return SentLetter(to=to, address=address, at=MONDAY, subject=subject, text="Dag")


def test_she_who_asks_gets_it():
    """Her form, where it stands, what happened, and the letters that she or a colleague of hers got."""
    life = dispatched()
    life.says("kopie", role="referrer")
    letters = (
        sent("referrer", CLB, "aan haar"),
        sent("referrer", COLLEAGUE, "aan een collega"),
        sent("referrer", "els@vrijclbbro.be", "aan een ander CLB"),
        sent("provider", NAFT, "aan de aanbieder"),
    )

    [letter] = life.decide(CopyDue(letters=letters), life.case).letters

    copy = letter.copy
    assert (letter.kind, letter.address, letter.values["ended"]) == (Kind.COPY, CLB, False)
    assert [(row.label, row.value) for row in copy.facts] == [
        ("Stand", "bezorgd aan de aanbieder sinds 05/10/2026"),
        ("Aanbieder", "NAFT VBO"),
    ]
    assert [one.subject for one in copy.letters] == ["aan haar", "aan een collega"]
    assert copy.timeline
    assert copy.form


def test_at_the_end_it_says_how_it_ended():
    """That of an end comes by itself."""
    life = at_state(State.COMPLETED)
    life.says("Afgerond: de leerling is terug naar school.")

    facts = copy_of(life.case, (), RULES, life.now).facts

    assert [row.label for row in facts] == ["Stand", "Aanbieder", "Hoe het afliep"]


def test_of_an_end_that_was_taken_back_none_is_written():
    """Nobody asked for it."""
    life = dispatched()

    assert life.decide(CopyDue(letters=()), life.case).letters == ()


def test_a_case_that_never_left_has_no_provider_in_it():
    """Nor a day since which, where none is known."""
    life = at_state(State.NEEDS_DESK)

    facts = copy_of(life.case, (), RULES, life.now).facts

    assert [row.label for row in facts] == ["Stand"]


def test_a_mail_host_that_is_no_clb_shares_nothing():
    """Two addresses without a CLB are not colleagues."""
    case = replace(dispatched().case, parties={"referrer": "an@weg.example"})
    letters = (sent("referrer", "bo@weg.example", "aan een ander"), sent("referrer", "an@weg.example", "aan haar"))

    assert [one.subject for one in copy_of(case, letters, RULES, MONDAY).letters] == ["aan haar"]


def test_after_the_end_it_can_still_be_asked_for():
    """By her; a provider gets none, then or before."""
    life, open_ = at_state(State.WITHDRAWN), dispatched()

    life.says("kopie", role="referrer")
    open_.says("Aanvaard. Stuur mij ook een kopie.")

    assert life.last.copy_at == life.now
    assert life.last.letters == ()
    assert open_.state is State.ACCEPTED
    assert open_.last.copy_at is None
    assert not Draft(case=open_.case, rules=RULES, now=open_.now).copy(Party.PROVIDER)
