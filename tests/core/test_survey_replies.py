"""The survey of the under-12s: asked by mail, and what an answer does."""

from dataclasses import replace

from mailbag import DESK, FORM, RULES, Life
from rows import each_row

from mailflow.core.letters import Kind
from mailflow.core.survey_mail import question
from mailflow.core.thread import survey_address

LEUVEN = replace(RULES.clbs[0], contact="onthaal@vclbleuven.be")
FILLED = "Aantal vragen: 12\nZonder aanbod: 5\nWat ontbreekt: iets voor kleuters zoals Noor\n"


def answer(text, *, sender="onthaal@vclbleuven.be", asked=0, **kind):
    """A mail to where that CLB answers the survey of 2026-2027."""
    life = Life()
    to = survey_address(DESK, 2026, LEUVEN.key, RULES.seal)
    return life.decide(replace(life.came(text, sender=sender, to=to, **kind), survey_asked=asked), None)


def test_the_question_holds_the_lines_to_fill_in():
    """To the address of that CLB; a reminder says that it is one."""
    letter = question(LEUVEN, 2026, reminder=True)

    assert (letter.kind, letter.address, letter.survey) == (Kind.SURVEY, LEUVEN.contact, (2026, LEUVEN.key))
    assert letter.values["year"] == "2026-2027"
    assert letter.values["reminder"] is True
    assert letter.values["form"].startswith("Aantal vragen:")


def test_an_answer_is_kept_without_names_and_read_back():
    """Numbers as they are; words without the name of a child."""
    decision = answer(FILLED)

    assert dict(decision.survey.counts) == {"asked": 12, "unmet": 5}
    assert decision.survey.words["needs"] == "iets voor kleuters zoals […]"
    [letter] = decision.letters
    assert (letter.kind, letter.values["odd"]) == (Kind.SURVEY_KEPT, [])
    assert [row.value for row in letter.values["rows"]] == ["12", "5", "iets voor kleuters zoals […]"]


def test_a_number_that_cannot_be_is_asked_once_more():
    """And then a person reads it."""
    odd = FILLED.replace("5", "50")

    first, second = answer(odd), answer(odd, asked=1)

    assert first.survey is None
    assert first.letters[0].values["odd"] == ["Aantal vragen", "Zonder aanbod"]
    assert [one.kind for one in second.letters] == [Kind.OTHER_MAIL]


@each_row(("kind", "outcome"), [({"sender": "els@vrijclbbro.be"}, "held"), ({"proof": "fail"}, "quarantined")])
def test_of_another_address_than_that_clb_nothing_is_kept(kind, outcome):
    """The sealed address may have been passed on."""
    decision = answer(FILLED, **kind)

    assert decision.survey is None
    assert decision.outcome == outcome


def test_a_referral_in_its_place_goes_first():
    """Who fills in the wrong form means that one."""
    assert answer(FORM).opens
