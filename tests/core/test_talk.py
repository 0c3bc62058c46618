"""How much is written back and forth on one case in a day: enough for people, too little for machines."""

from mailbag import RULES, dispatched, lived_once

from mailflow.core.decision import Outcome
from mailflow.core.lifecycle import Event, Party, State


@lived_once
def talkative():
    """A case on which four letters went back and forth today."""
    life = dispatched()
    for _ in range(4):
        life.says("Waar woont de leerling precies?")
    return life


def test_the_fifth_gets_the_desk_a_last_notice():
    """What follows is held for the digest, and each such mail is noted."""
    life = talkative()

    life.says("En hoe oud is ze?")

    assert life.last.outcome is Outcome.HELD
    assert [one.to for one in life.last.letters] == ["desk"]
    assert "te veel heen en weer" in life.last.letters[0].values["why"]

    life.says("En op welke school zit ze?")

    assert life.last.outcome is Outcome.HELD
    assert life.last.letters == ()
    assert life.case.last(Event.NOTE, by=Party.PROVIDER).codes["why"] == "talked_out"


def test_a_clear_decision_is_always_taken():
    """However much was said before it."""
    life = talkative()

    life.says("aanvaard")

    assert life.state is State.ACCEPTED
    assert life.last.outcome is Outcome.REPLY


def test_the_next_day_it_begins_anew():
    """A day is a day."""
    life = talkative()
    life.later(hours=25)

    life.says("En hoe oud is ze?")

    assert life.kinds() == ["passed_on"]


def test_a_machine_that_decides_all_day_hears_no_more_of_it():
    """Twice as often it was told what was understood."""
    life = dispatched()
    echoes = 0
    for number in range(4 * RULES.brakes.talk_a_day):
        life.says("aanvaard" if number % 2 else "volzet")
        echoes += life.kinds().count("echo")

    assert echoes <= 2 * RULES.brakes.talk_a_day + 1
