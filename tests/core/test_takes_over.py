"""A worker hands her cases to a colleague: who is asked what, and from when they are hers."""

from dataclasses import replace
from datetime import datetime

import pytest
from mailbag import BRUSSELS, CLB, COLLEAGUE, NAFT, RULES, WORKER, Life, dispatched

from mailflow.core.handing_over import belongs_with, is_colleague, worth_gathering
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import State
from mailflow.core.successor import SUCCESSOR, asked_to_take_over, is_asked_to_take_over

THURSDAY = datetime(2026, 10, 8, 10, 0, tzinfo=BRUSSELS)
ALL = f"Vanaf maandag neemt mijn collega Bram ({COLLEAGUE}) mijn dossiers over."
THIS = f"Mijn collega {COLLEAGUE} neemt dit dossier over."
ANOTHER_CLB = "els@vrijclbbro.be"


def says(life: Life, text: str, *, sender=CLB, hers=(), **kind):
    """The worker, or who is asked to take over, writes on the case."""
    return life.decide(replace(life.came(text, sender=sender, role="referrer", **kind), hers=hers), life.case)


def letters(decision):
    return [(one.kind, one.address) for one in decision.letters]


@pytest.fixture
def life() -> Life:
    """A referral at its provider."""
    return dispatched(now=THURSDAY)


@pytest.fixture
def other():
    """Another one of the same worker."""
    return replace(dispatched(now=THURSDAY).case, reference="MSI-2026-0043")


def test_one_letter_asks_the_colleague_for_all_of_them(life, other):
    """It names both cases and the day; she reads what was understood, and nothing moves yet."""
    decision = says(life, ALL, hers=(other,))

    asked, echo = decision.letters
    assert (asked.kind, asked.address) == (Kind.HAND_OVER, COLLEAGUE)
    assert asked.values["since"] == "maandag 12 oktober 2026"
    assert asked.values["references"] == ["MSI-2026-0042", "MSI-2026-0043"]
    assert echo.values["sentence"].startswith("je geeft 2 dossiers door")
    [beside] = decision.others
    assert [one.parties["referrer"] for one in (decision.case, beside.case)] == [CLB, CLB]
    assert is_asked_to_take_over(decision.case, COLLEAGUE)
    assert is_asked_to_take_over(beside.case, COLLEAGUE)


def test_her_yes_moves_them_from_that_day_on(life, other):
    """Until Monday they stay where they are; on Monday it is she who hears of them."""
    [asked] = says(life, ALL, hers=(other,)).others

    decision = says(life, "bevestig", sender=COLLEAGUE, hers=(asked.case,))

    assert letters(decision)[1:] == [(Kind.ECHO, COLLEAGUE), (Kind.HAND_OVER, CLB)]
    assert decision.letters[2].values["said"] == "yes"
    assert [one.parties["referrer"] for one in (life.case, decision.others[0].case)] == [CLB, CLB]

    life.now = datetime(2026, 10, 12, 10, 0, tzinfo=BRUSSELS)
    life.says("aanvaard")

    assert life.case.parties == {**life.case.parties, "referrer": COLLEAGUE}
    assert SUCCESSOR not in life.case.parties
    assert (Kind.ACCEPTED, COLLEAGUE) in letters(life.last)


def test_without_a_day_it_is_hers_at_once_and_the_provider_reads_whom_to_phone(life):
    """The form names her, with the number that she gives along."""
    says(life, THIS)

    decision = says(life, "Oké, ik neem het over.\nTelefoon aanmelder: 016 99 88 77", sender=COLLEAGUE)

    assert decision.case.parties["referrer"] == COLLEAGUE
    assert decision.case.values["referrer_email"] == COLLEAGUE
    assert decision.case.values["referrer_phone"] == "+3216998877"
    assert (Kind.SUPPLEMENT, NAFT) in letters(decision)


def test_a_worker_of_another_clb_reads_all_of_it(life):
    """She never saw the case, and from now on the form names her CLB."""
    says(life, f"Noor gaat naar een andere school. {ANOTHER_CLB} neemt dit dossier over.")

    decision = says(life, "bevestig", sender=ANOTHER_CLB)

    assert (Kind.TAKEN_OVER, ANOTHER_CLB) in letters(decision)
    assert decision.case.values["clb"] == next(one.name for one in RULES.clbs if "vrijclbbro.be" in one.domains)
    assert not is_colleague(decision.case, CLB, RULES)


def test_her_no_leaves_it_where_it_is(life):
    """The worker hears so, and nobody else is asked."""
    says(life, THIS)

    decision = says(life, "dat was ik niet", sender=COLLEAGUE)

    assert letters(decision) == [(Kind.HAND_OVER, CLB)]
    assert decision.letters[0].values["said"] == "no"
    assert decision.case.parties == {"referrer": CLB}
    assert asked_to_take_over(decision.case) is None


@pytest.mark.parametrize("words", ["hm hm", f"Mijn collega neemt dit dossier over.\nBram ({COLLEAGUE})"])
def test_words_of_hers_that_are_no_yes_and_no_no_are_asked_back(life, words):
    """Two taps settle it; her own address below names no third."""
    says(life, THIS)

    decision = says(life, words, sender=COLLEAGUE)

    assert letters(decision) == [(Kind.UNCLEAR, COLLEAGUE)]
    assert decision.letters[0].values["why"] == "we lezen niet of je dit overneemt"
    assert asked_to_take_over(decision.case) is not None


def test_what_she_says_about_the_case_itself_is_heard_as_of_a_colleague(life):
    """ "Stop" says nothing of taking over."""
    says(life, THIS)

    decision = says(life, "stop deze aanmelding", sender=COLLEAGUE)

    assert (Kind.HAND_OVER, CLB) not in letters(decision)
    assert (Kind.WITHDRAWN, NAFT) in letters(decision)


def test_nobody_else_says_yes_in_her_place(life):
    """A third worker of the same CLB was not asked; nor does an unproven mail count."""
    says(life, THIS)

    for sender, proof in (("tine@vclbleuven.be", "pass"), (COLLEAGUE, "none")):
        assert says(life, "bevestig", sender=sender, proof=proof).case.parties["referrer"] == CLB


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Mijn collega neemt dit dossier over.", "naar wie gaat dit?"),
        (f"{THIS[:-1]} in de loop van volgende week.", "vanaf welke dag? “volgende week” is geen precieze dag"),
    ],
)
def test_what_is_missing_is_asked_back(life, text, why):
    """Whole addresses and days only: nothing is guessed."""
    decision = says(life, text)

    assert letters(decision) == [(Kind.UNCLEAR, CLB)]
    assert decision.letters[0].values["why"].startswith(why)
    assert SUCCESSOR not in decision.case.parties


def test_the_day_may_stand_in_another_sentence(life):
    """As people write it."""
    decision = says(life, f"Ik verander van job. Vanaf 19 oktober ben ik weg. {COLLEAGUE} neemt dit dossier over.")

    assert decision.letters[0].values["since"] == "maandag 19 oktober 2026"


@pytest.mark.parametrize("to", ["iemand@elders.example", f"{COLLEAGUE} en {ANOTHER_CLB}"])
def test_somebody_of_no_clb_and_two_at_once_are_for_the_desk(life, to):
    """Nothing of the case goes to an address that no CLB has."""
    decision = says(life, f"Mijn collega neemt dit dossier over: {to}")

    assert Kind.HAND_OVER not in [one.kind for one in decision.letters]
    assert SUCCESSOR not in decision.case.parties
    assert WORKER in [one.address for one in decision.letters]


def test_which_cases_are_looked_up(life, other):
    """Those of the worker where she names all of them; those that wait for the same colleague where she answers."""
    this, all_ = (life.came(text, role="referrer") for text in (THIS, ALL))
    assert not worth_gathering(None, all_)
    assert not worth_gathering(life.case, this)
    assert worth_gathering(life.case, all_)
    assert belongs_with(other, life.case, CLB)
    assert not belongs_with(other, life.case, COLLEAGUE)
    assert not belongs_with(life.case, life.case, CLB)

    [asked] = says(life, ALL, hers=(other,)).others

    assert worth_gathering(life.case, life.came("bevestig", sender=COLLEAGUE, role="referrer"))
    assert belongs_with(asked.case, life.case, COLLEAGUE)
    assert not belongs_with(other, life.case, COLLEAGUE)


def test_of_another_clb_neither_yes_nor_no_is_for_the_desk(life):
    """She may not speak on the case, and a person finds out what she means."""
    says(life, f"Noor gaat naar een andere school. {ANOTHER_CLB} neemt dit dossier over.")

    decision = says(life, "stop deze aanmelding", sender=ANOTHER_CLB)

    assert letters(decision) == [(Kind.OTHER_MAIL, WORKER)]
    assert decision.case.state is State.DISPATCHED
