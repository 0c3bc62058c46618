"""A CLB takes over or does not; the family chooses one."""

from dataclasses import replace

import pytest
from mailbag import CLB, COLLEAGUE, NAFT, PARENT, lived_once
from rows import each_row
from test_desk_says import FROM_PARENT, GO, LEUVEN, NOT_ENROLLED, awaiting

from mailflow.core.choosing import clb_chosen
from mailflow.core.clb_says import taken_over
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.watches import watch

HERS = "we nemen het over\n\nNaam van de aanmelder: An Peeters\nTelefoon aanmelder: 016 12 34 56\n"


@lived_once
def asked(form=FROM_PARENT):
    """The Vrij CLB Leuven was asked to take it over."""
    life = awaiting(form)
    life.says("wijs toe aan Vrij CLB Leuven", role="desk", tap="assign")
    life.send()
    return life


@each_row("proof", ["pass", "none"])
def test_a_worker_of_that_clb_takes_it_over(proof):
    """She becomes the referrer, it is placed, and she gets a text for the school."""
    life = asked()

    life.says(HERS, role="clb", sender=CLB, proof=proof)

    assert (life.state, life.case.parties["referrer"]) == (State.QUEUED, CLB)
    assert life.kinds() == ["received", "school_text"]
    assert {one.address for one in life.last.letters} == {CLB}
    assert life.case.values["referrer_name"] == "An Peeters"
    assert life.case.last(Event.SENDER_CONFIRMED).by is Party.CLB


@each_row("words", ["ja", "bevestig", "we nemen het over", "Wij nemen deze aanmelding over.", "ok"])
def test_in_whatever_words(words):
    """Name and telephone are asked when she does not give them."""
    life = asked()

    life.says(words, role="clb", sender=CLB)

    assert (life.state, life.kinds()) == (State.NEEDS_INFO, ["missing", "school_text"])


@each_row(
    "words", ["dat is niet voor ons", "nee", "we nemen dit niet over", "Geen leerling van ons, dat is een ander CLB."]
)
def test_when_it_is_not_theirs_the_desk_is_asked_again(words):
    """With their words, and without them among the likely ones."""
    life = asked()

    life.says(words, role="clb", sender=CLB)

    letter = life.last.letters[0]
    assert (life.state, life.kinds(), life.case.assigned_clb) == (State.AWAITING_CLB, ["which_clb"], "")
    assert letter.values["words"] == words
    assert "wijs toe aan Vrij CLB Leuven" not in [tap.word for tap in letter.taps]
    assert watch(life.case, life.rules).party is Party.DESK


@each_row(
    "words",
    [
        "Wie is dit?",
        "misschien",
        "Als de ouders akkoord zijn, nemen we het over",
        "Nemen wij dit over?",
        "bedankt",
        "we nemen het over, of is dat niet voor ons",
    ],
)
def test_what_is_no_plain_yes_is_asked_back_once(words):
    """At the address that we know, when it is not proven; the second time the desk reads it."""
    life = asked()

    life.says(words, role="clb", sender=CLB, proof="none")

    assert (life.state, life.kinds()) == (State.AWAITING_CLB, ["unclear"])
    assert life.last.letters[0].address == "onthaal@vclbleuven.be"
    life.says(words, role="clb", sender=CLB)
    assert life.kinds() == ["other_mail"]


@each_row(("tap", "state"), [("confirm", State.NEEDS_INFO), ("deny", State.AWAITING_CLB)])
def test_a_tap_is_enough(tap, state):
    """Even without words."""
    life = asked()

    life.says("", role="clb", sender=CLB, tap=tap)

    assert life.state is state
    assert life.case.assigned_clb == ""


def test_a_tap_and_words_that_contradict_it():
    """Asked back."""
    life = asked()

    life.says("dat is niet voor ons", role="clb", sender=CLB, tap="confirm")

    assert (life.state, life.kinds()) == (State.AWAITING_CLB, ["unclear"])


def test_a_proven_worker_can_write_with_only_the_number():
    """The way of a CLB without a contact address; without proof the number means nothing."""
    life = asked()
    life.mail("we nemen het over", sender=CLB, subject="[MSI-2026-0042]", proof="none")
    assert life.state is State.AWAITING_CLB

    life.mail("we nemen het over", sender=CLB, subject="[MSI-2026-0042]")

    assert life.case.parties["referrer"] == CLB


@each_row("sender", [PARENT, NAFT, "an@go-clb.example", "an@prive.example", "an@x.vclbleuven.be"])
def test_nobody_else_takes_it_over(sender):
    """The seal is no passport."""
    life = asked()

    life.says(HERS, role="clb", sender=sender)

    assert "referrer" not in life.case.parties
    assert life.state is State.AWAITING_CLB


def test_a_seal_for_another_party_is_none_for_an_unproven_clb():
    """The family could have forwarded its own letter."""
    life = asked()

    life.says(HERS, role="sender", sender=CLB, proof="none")

    assert life.state is State.AWAITING_CLB


def test_nobody_takes_over_what_was_not_asked():
    """Before the desk's word no CLB is a party."""
    life = awaiting()

    life.says("we nemen het over", role="clb", sender=CLB)

    assert life.state is State.AWAITING_CLB


def test_a_colleague_takes_part_afterwards():
    """She is the referrer then, and the colleague rule holds."""
    life = asked()
    life.says(HERS, role="clb", sender=CLB)

    life.says("stop even", role="clb", sender=COLLEAGUE)

    assert life.state is State.NEEDS_INFO


def test_the_clb_is_reminded_once_and_then_the_desk():
    """In the CLB's working days."""
    life = asked()
    life.now = watch(life.case, life.rules).look_at
    life.look()
    assert life.kinds() == ["take_over"]
    assert life.last.letters[0].values["reminder"]

    life.now = watch(life.case, life.rules).look_at
    life.look()

    assert life.happened(Event.DESK_TOLD) == 1
    assert watch(life.case, life.rules).look_at is None


def test_without_a_contact_address_only_the_desk_is_told():
    """There is nobody to remind."""
    life = awaiting()
    life.says("wijs toe aan GO! CLB Leuven", role="desk", tap="assign")
    life.now = watch(life.case, life.rules).look_at

    life.look()

    assert (life.kinds(), life.happened(Event.DESK_TOLD)) == ([], 1)


def test_what_left_already_gets_its_referrer():
    """The provider hears who it is; she hears where it stands."""
    life = awaiting(NOT_ENROLLED)
    life.says("start al", role="desk", tap="assign")
    life.later(minutes=1)
    assert life.state is State.DISPATCHED
    life.says("wijs toe aan Vrij CLB Leuven", role="desk", tap="assign")

    life.says(HERS, role="clb", sender=CLB)

    assert (life.state, life.kinds()) == (State.DISPATCHED, ["taken_over", "supplement"])
    assert not life.case.clb_open


def test_before_it_leaves_only_she_hears_that_it_is_hers():
    """The provider gets the referral with her name in it."""
    life = awaiting(NOT_ENROLLED)
    life.now = life.now.replace(hour=20)
    life.says("start al", role="desk", tap="assign")
    life.says("wijs toe aan Vrij CLB Leuven", role="desk", tap="assign")

    life.says(HERS, role="clb", sender=CLB)

    assert (life.state, life.kinds()) == (State.QUEUED, ["taken_over"])
    life.now = life.release_at
    life.release()
    assert "An Peeters" in str(life.letters[-1].values["rows"])


def test_what_has_ended_is_not_taken_over():
    """The desk reads that the CLB would have."""
    life = asked()
    life.says("negeer", role="desk")

    life.says(HERS, role="clb", sender=CLB)

    assert (life.state, life.kinds(), life.last.outcome) == (State.WITHDRAWN, ["other_mail"], "held")
    assert "referrer" not in life.case.parties


def test_what_the_desk_must_place_is_placed_once_a_clb_has_it():
    """It started already, and its provider became full before it left."""
    life = awaiting(NOT_ENROLLED)
    life.now = life.now.replace(hour=20)
    life.says("start al", role="desk", tap="assign")
    life.full = frozenset({"naft-vbo"})
    life.now = life.release_at
    life.release()
    assert life.state is State.NEEDS_DESK
    life.says("wijs toe aan Vrij CLB Leuven", role="desk", tap="assign")

    life.says(HERS, role="clb", sender=CLB)

    assert (life.state, life.kinds()) == (State.NEEDS_INFO, ["choose_provider"])


def test_a_clb_that_left_the_list_meanwhile():
    """It is nobody's, so the desk reads it."""
    life = asked()
    life.rules = replace(life.rules, clbs=(GO, replace(LEUVEN, key="renamed")))

    life.says(HERS, role="clb", sender=CLB)

    assert life.last.outcome == "held"


def test_who_told_first_is_shown_to_the_provider_only_later():
    """A parent becomes the guardian; anybody else stands with the partners."""
    first = {"referrer_name": "Pieter Voorbeeld", "referrer_phone": "+32470123456", "first_name": "Noor"}

    parent = taken_over({**first, "referrer_kind": "parent"}, LEUVEN, CLB)
    facility = taken_over({**first, "referrer_kind": "facility", "partners": "De Boei"}, LEUVEN, CLB)

    assert parent["guardian_name"] == "Pieter Voorbeeld"
    assert (parent["clb"], parent["network"], parent["referrer_email"]) == ("Vrij CLB Leuven", "free", CLB)
    assert "referrer_name" not in parent
    assert facility["partners"] == "De Boei\nEerste melding door: Pieter Voorbeeld, +32470123456"
    assert "network" not in taken_over({}, replace(LEUVEN, network=""), CLB)


class TestTheFamily:
    """It chooses before any CLB hears of it."""

    @pytest.fixture
    def life(self):
        life = awaiting()
        life.says("laat kiezen", role="desk", tap="assign")
        life.send()
        return life

    @pytest.mark.parametrize("proof", ["pass", "none"])
    def test_its_choice_is_asked_to_take_over(self, life, proof):
        """By that CLB's name, sealed, from that sender; a neutral line back."""
        life.says("Wij kiezen het Vrij CLB Leuven", role="sender", sender=PARENT, proof=proof)

        assert life.case.assigned_clb == "clb-leuven"
        assert life.kinds() == ["take_over", "neutral"]

    def test_anything_else_is_read_by_the_desk(self, life):
        """And answered neutrally."""
        life.says("Welk is het beste?", role="sender", sender=PARENT)

        assert (life.case.assigned_clb, life.kinds()) == ("", ["other_mail", "neutral"])

    @pytest.mark.parametrize(("sender", "role"), [("oma@familie.example", "sender"), (PARENT, None)])
    def test_only_that_sender_with_the_seal_chooses(self, life, sender, role):
        """Neither another address nor a mere number."""
        life.mail("Vrij CLB Leuven", sender=sender, role=role, subject="[MSI-2026-0042]")

        assert life.case.assigned_clb == ""

    def test_a_family_is_not_answered_without_end(self, life):
        """Three letters a day, as for anybody who is not proven."""
        life.says("dag", role="sender", sender=PARENT, lately=3)

        assert life.kinds() == ["other_mail"]

    def test_when_it_does_not_choose_the_desk_is_told(self, life):
        """No reminder to a family."""
        life.now = watch(life.case, life.rules).look_at
        life.look()

        assert (life.kinds(), life.happened(Event.DESK_TOLD)) == ([], 1)


@each_row(
    ("written", "key"),
    [
        ("vrij clb leuven", "clb-leuven"),
        ("Graag het GO! CLB Leuven.", "go"),
        ("GO! CLB Leuven of Vrij CLB Leuven", None),
        ("GO! CLB Leuven, Vrij CLB Leuven", None),
        ("niet het Vrij CLB Leuven", None),
        ("Vrij CLB Leuven?", None),
        ("Vrij CLB Leuven " * 100, None),
        ("", None),
    ],
)
def test_one_clb_is_named_without_doubt(written, key):
    """Else none."""
    assert clb_chosen(written, (LEUVEN, GO)) == key


def test_of_two_names_within_each_other_the_longer_counts():
    """`CLB Leuven` is part of the other's name."""
    short = replace(GO, key="short", name="CLB Leuven")

    assert clb_chosen("Vrij CLB Leuven", (short, LEUVEN)) == "clb-leuven"
