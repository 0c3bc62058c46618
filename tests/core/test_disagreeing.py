"""The waitlist that was not agreed: back to where it stood, and nobody is left with the wrong news."""

from dataclasses import replace

from mailbag import RULES, at_state, dispatched
from rows import each_row

from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.watches import watch

AGREED = "We hebben An gesproken: wachtlijst, afgesproken met de aanmelder."


def agreed(life, *, role="provider"):
    """The provider (or the desk) tells that the waitlist is agreed, and the referrer reads it."""
    life.says(AGREED, role=role)
    assert life.case.last(Event.WAITLIST_AGREED)
    life.later(minutes=16)
    return life


def test_the_referrer_can_tap_that_it_is_not_so():
    """The letter has the tap."""
    life = agreed(dispatched())

    (letter,) = [one for one in life.letters if one.kind == "waitlist_agreed"]

    assert "klopt niet" in [tap.word for tap in letter.taps]


@each_row("state", [State.DISPATCHED, State.WAITLIST_OFFERED, State.FULL, State.NO_MATCH, State.ACCEPTED])
def test_it_goes_back_to_where_it_stood(state):
    """A tap is certain: provider and desk are told at once."""
    life = agreed(at_state(state))

    life.says("klopt niet", role="referrer", tap="disagree")

    assert life.state is state
    assert sorted(letter.to for letter in life.last.letters) == ["desk", "provider"]
    assert all(letter.not_before is None for letter in life.last.letters)


@each_row(
    "words", ["Klopt niet", "Nee, dat klopt niet!", "dit is niet afgesproken", "dat is helemaal niet afgesproken"]
)
def test_typed_words_do_the_same_and_are_read_back(words):
    """And reach the provider after the pause."""
    life = agreed(dispatched())

    life.says(words, role="referrer")

    assert life.state is State.DISPATCHED
    assert life.kinds() == ["other_mail", "reported", "echo"]
    assert life.last.letters[1].not_before is not None


def test_the_provider_is_asked_for_what_came_of_the_talk():
    """They spoke: the contact is not asked for again."""
    life = agreed(dispatched())

    life.says("klopt niet", role="referrer", tap="disagree")

    open_ = watch(life.case, life.rules)
    assert (open_.party, open_.what) == (Party.PROVIDER, "decision")


def test_what_she_agreed_herself_is_not_denied_so():
    """Her own report is taken back as any other."""
    life = dispatched()
    life.says("NAFT belde: wachtlijst, voor ons oké", role="referrer")
    state = life.state

    life.says("klopt niet", role="referrer")

    assert life.state is state


def test_later_news_makes_the_old_tap_void():
    """Once there is a place nobody goes back."""
    life = agreed(dispatched())
    life.says("er is plaats", role="provider", tap="accept")

    life.says("klopt niet", role="referrer", tap="disagree")

    assert life.state is State.ACCEPTED


def test_what_she_or_the_desk_decided_since_is_not_denied():
    """The wait was offered, and then kept."""
    life = at_state(State.WAITLIST_OFFERED)
    life.says("noteer behouden", role="desk")
    assert life.state is State.WAITLISTED

    life.says("Dat klopt niet", role="referrer")

    assert life.state is State.WAITLISTED


def test_a_provider_that_left_is_not_written_to():
    """The desk and she are."""
    life = agreed(dispatched())
    life.rules = replace(RULES, providers={key: one for key, one in RULES.providers.items() if key != "naft-vbo"})

    life.says("Dat klopt niet", role="referrer")

    assert life.state is State.DISPATCHED
    assert "provider" not in [one.to for one in life.last.letters]
