"""Who asks for the blank form or for the offer gets it, whoever it is; a form in the mail is never lost."""

from dataclasses import replace

from mailbag import CLB, FORM, NAFT, PARENT, WORKER, Life
from rows import each_row

from mailflow.core.decision import Outcome
from mailflow.core.letters import Kind
from mailflow.core.mail import Attachment, Machine


def answered(text="", *, subject, lately=0, full=frozenset(), **kind):
    life = Life(full=full)
    occasion = life.came(text, subject=subject, lately=lately, **kind)
    return life.decide(occasion, None)


def offer(text="", **kind):
    letter = answered(text, subject="aanbod", **kind).letters[0]
    assert letter.kind is Kind.OFFER
    return letter.values


def names(several):
    return [one.name for one in several]


@each_row("subject", ["formulier", "Formulier", " FORMULIER! ", "leeg formulier", "Aanmeldingsformulier"])
@each_row(("sender", "known"), [(CLB, True), (NAFT, True), (WORKER, True), (PARENT, False)])
def test_the_blank_form_goes_to_whoever_asks(subject, sender, known):
    """As text in the letter and as files; the words differ for who is not proven."""
    decision = answered(subject=subject, sender=sender)

    assert decision.outcome is Outcome.ANSWERED
    assert [(one.kind, one.address, one.documents) for one in decision.letters] == [
        (Kind.BLANK_FORM, sender, ("docx", "pdf"))
    ]
    assert decision.letters[0].values["known"] is known
    assert "Geboortedatum" in decision.letters[0].values["form"]


@each_row("subject", ["Re: formulier", "formulier Noor", "vraag over het formulier", ""])
def test_other_subjects_ask_for_nothing(subject):
    """They go the usual way: a person reads them."""
    assert answered("Dag", subject=subject).outcome is Outcome.OTHER


def test_a_filled_in_form_is_a_referral_whatever_the_subject():
    """ "formulier" above a form announces it."""
    assert answered(FORM, subject="formulier").outcome is Outcome.REFERRAL
    assert answered(FORM, subject="Re: aanbod").outcome is Outcome.REFERRAL


def test_machines_and_forgeries_get_nothing():
    """Two machines never talk."""
    assert answered(subject="formulier", machine=Machine.AUTO_REPLY).letters == ()
    assert answered(subject="formulier", proof="fail").letters == ()


@each_row(("sender", "most"), [(CLB, 20), (PARENT, 3)])
def test_so_many_a_day(sender, most):
    """Beyond it a person looks."""
    assert answered(subject="aanbod", sender=sender, lately=most - 1).outcome is Outcome.ANSWERED
    assert answered(subject="aanbod", sender=sender, lately=most).outcome is Outcome.OTHER


def test_more_words_than_a_request_are_read_by_a_person_too():
    """And so is a file."""
    story = answered("Onze situatie is moeilijk en ik zou graag eens bellen. " * 5, subject="formulier")
    life = Life()
    came = life.came("", subject="formulier")
    mail = replace(came.reading.mail, attachments=(Attachment("verslag.doc", "", 3), Attachment("", "", 3)))
    file = life.decide(replace(came, reading=replace(came.reading, mail=mail)), None)

    assert [one.kind for one in story.letters] == [Kind.BLANK_FORM, Kind.OTHER_MAIL]
    assert [one.kind for one in file.letters] == [Kind.BLANK_FORM, Kind.OTHER_MAIL]


def test_the_offer_shows_every_provider():
    """With place, regions, ages and for what; and who reported full."""
    values = offer(full=frozenset({"naft-ahv"}))

    shown = {one.name: one.lines for one in values["others"]}
    assert values["fitting"] == []
    assert list(shown) == ["NAFT VBO", "NAFT AHV", "Zorgboerderij De Linde", "Time-in Klaswerking"]
    assert "Regio: Vlaams-Brabant Oost" in shown["NAFT VBO"]
    assert "Leeftijd: vanaf 12 jaar" in shown["NAFT VBO"]
    assert "Leeftijd: 6 tot en met 11 jaar" in shown["Zorgboerderij De Linde"]
    assert "Regio: Vlaams-Brabant Oost en Asse-Halle-Vilvoorde" in shown["Zorgboerderij De Linde"]
    assert shown["NAFT AHV"][-1] == "Meldde volzet voor de rest van het schooljaar."
    assert not any("volzet" in line for line in shown["NAFT VBO"])


@each_row(
    "facts",
    [
        "Postcode: 3000\nGeboortedatum: 12/03/2011",
        "Het gaat om iemand van 15 jaar uit 3000 Leuven.",
        "leeftijd 15\nLeuven 3000",
        FORM,
    ],
)
def test_with_a_few_facts_those_that_fit_come_first(facts):
    """By the questions of the form, in ordinary words, or with a whole form: each with its reason; no referral is made."""
    decision = answered(facts, subject="aanbod")
    values = decision.letters[0].values

    assert decision.outcome is Outcome.ANSWERED
    assert decision.case is None
    assert "NAFT VBO" in names(values["fitting"])
    assert {"NAFT AHV", "Zorgboerderij De Linde"} <= set(names(values["others"]))
    assert all(one.why for one in (*values["fitting"], *values["others"]))


def test_two_ages_or_postcodes_are_no_fact():
    """Never guess whose they are."""
    values = offer("Een van 8 jaar in 3000 Leuven en een van 15 jaar in 1500 Halle.")

    assert not values["facts"]


def test_a_stranger_gets_what_anybody_gets():
    """The facts of a mail that nothing proves are not looked at."""
    values = offer("Postcode: 3000\nleeftijd 15", sender=PARENT)

    assert not values["facts"]
    assert len(values["others"]) == 4


def test_an_age_with_one_end_reads_as_such():
    """ "tot en met" where there is no least age; no line where there is none at all."""
    life = Life()
    few = {
        "a": replace(life.rules.providers["naft-vbo"], key="a", minimum_age=None, maximum_age=11, place="", about="")
    }
    life.rules = replace(life.rules, providers=few | {"b": replace(few["a"], key="b", maximum_age=None)})

    first, second = life.decide(life.came("", subject="aanbod"), None).letters[0].values["others"]

    assert "Leeftijd: tot en met 11 jaar" in first.lines
    assert not any(line.startswith(("Leeftijd", "Waar")) for line in second.lines)
