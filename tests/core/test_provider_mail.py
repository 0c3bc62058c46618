"""A provider's mail about itself: proven, on no case, and certain; anything else is read by a person as before."""

from dataclasses import replace
from datetime import date

from mailbag import CLB, NAFT, RULES, Life, at_state, dispatched
from rows import each_row

from mailflow.core.decision import ProviderMark
from mailflow.core.lifecycle import State
from mailflow.core.provider_mail import asks_for_its_waitlist

END_OF_YEAR = date(2027, 8, 31)


@each_row(
    "words",
    [
        "wachtlijst?",
        "Dag\n\nWie staat op onze wachtlijst?\n\nKoen",
        "Kan je me onze wachtlijst bezorgen aub?",
        "Dag\nHoeveel jongeren staan op onze wachtlijst nu?",
        "Stuur even de actuele wachtlijst.",
        "Mag ik een overzicht van onze wachtlijst krijgen?",
    ],
)
def test_a_provider_asks_who_waits(words):
    """The longest waiting first, with how long; first names, which it knows, and no more."""
    waits = at_state(State.WAITLISTED)
    offered = at_state(State.WAITLIST_OFFERED)
    life = Life()
    life.later(days=20)
    occasion = life.came(words, sender=NAFT)
    assert asks_for_its_waitlist(occasion, RULES) == "naft-vbo"

    decision = life.decide(replace(occasion, waiting=(waits.case, offered.case)), None)

    (letter,) = decision.letters
    assert (letter.kind, letter.address) == ("waitlist", NAFT)
    assert [row.value for row in letter.values["rows"]] == [
        "Noor, sinds 05/10/2026 (2 weken)",
        "Noor, sinds 05/10/2026 (2 weken); de aanmelder antwoordde nog niet",
    ]


@each_row(
    "words",
    [
        "Graag Noor van de wachtlijst halen.",
        "Kan je Noor op de wachtlijst zetten?",
        "We sturen Noor van de wachtlijst naar jullie terug.",
        "Mag de wachtlijst dit jaar weg?",
    ],
)
def test_a_mail_that_only_speaks_of_the_waitlist_is_read_by_a_person(words):
    """Who asks something else must not get a list instead of an answer."""
    assert asks_for_its_waitlist(Life().came(words, sender=NAFT), RULES) == ""


def test_the_subject_alone_is_enough():
    """ "Wachtlijst?" as a subject, and an empty mail."""
    life = Life()

    life.mail("", sender=NAFT, subject="Wachtlijst?")

    assert life.kinds() == ["waitlist"]
    assert life.last.letters[0].values["rows"] == []


@each_row(("sender", "proof"), [(NAFT, "none"), (CLB, "pass"), ("koen@elders.example", "pass")])
def test_nobody_else_gets_it(sender, proof):
    """An address that is not proven, a CLB, a stranger: a list of names goes to none of them."""
    life = Life()

    life.mail("wachtlijst?", sender=sender, proof=proof)

    assert "waitlist" not in life.kinds()


def test_places_again_lifts_full():
    """By the provider's own word, on no case: for all, and it reads back what was noted."""
    life = Life(full=frozenset({"naft-vbo"}))

    life.mail("Goed nieuws: er is weer plaats!", sender=NAFT)

    assert life.last.marks == (ProviderMark("naft-vbo", None),)
    assert [(one.kind, one.values["until"]) for one in life.last.letters] == [("provider_state", "")]


def test_full_for_everybody_needs_no_case():
    """The same words as on a case."""
    life = Life()

    life.mail("We zijn volzet, dit geldt voor alle aanmeldingen.", sender=NAFT)

    assert life.last.marks == (ProviderMark("naft-vbo", END_OF_YEAR),)
    assert life.last.letters[0].values["until"] == "31/08/2027"


def test_places_again_on_a_case_that_is_over_is_about_everybody():
    """The newest letter at hand is answered: the ended case stays ended, and full is lifted."""
    life = at_state(State.WITHDRAWN)
    life.full = frozenset({"naft-vbo"})

    life.says("Er is weer plaats.")

    assert life.state is State.WITHDRAWN
    assert life.last.marks == (ProviderMark("naft-vbo", None),)
    assert life.kinds()[-1:] == ["provider_state"]


def test_a_place_on_a_case_that_is_over_is_about_that_one_while_nobody_said_full():
    """Then a person reads it, for the pupil may have waited."""
    life = at_state(State.WITHDRAWN)

    life.says("Er is weer plaats.")

    assert life.last.marks == ()
    assert "other_mail" in life.kinds()


@each_row("words", ["volzet", "Misschien is er weer plaats.", "Dag", "Is er weer plaats?"])
def test_what_is_not_certain_marks_nothing(words):
    """A person reads it."""
    life = Life()

    life.mail(words, sender=NAFT)

    assert life.last.marks == ()
    assert "other_mail" in life.kinds()


def test_places_again_on_a_case_lifts_it_too():
    """ "Er is weer plaats" accepts this case, and whoever has a place is not full for everybody."""
    life = dispatched()
    life.full = frozenset({"naft-vbo"})

    life.says("Er is weer plaats, we aanvaarden haar.")

    assert life.state is State.ACCEPTED
    assert life.last.marks == (ProviderMark("naft-vbo", None),)


def test_places_again_lifts_nothing_that_was_not_full():
    """The same words of a provider that never was full accept this case, and mark nobody."""
    life = dispatched()

    life.says("Er is weer plaats, we aanvaarden haar.")

    assert (life.state, life.last.marks) == (State.ACCEPTED, ())


def test_a_referrer_does_not_lift_it():
    """Only the provider's own word counts, or the desk's."""
    life = dispatched()
    life.full = frozenset({"naft-vbo"})

    life.says("NAFT belde: er is weer plaats.", role="referrer")

    assert life.last.marks == ()
