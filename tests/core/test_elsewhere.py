"""Faster elsewhere: a linked follow-on referral, and what becomes of the first."""

from datetime import timedelta

from mailbag import COLLEAGUE, MONDAY, RULES, at_state
from rows import each_row

from mailflow.core.decision import OPENED
from mailflow.core.lifecycle import Event, State

STAYS = [State.DISPATCHED, State.WAITLIST_OFFERED, State.WAITLISTED]


@each_row("state", [*STAYS, State.FULL, State.NO_MATCH])
def test_she_sees_who_fits_and_is_not_full(state):
    """Not the one that has it, nor one that does not fit; and nothing has moved yet."""
    life = at_state(state)

    life.says("liever sneller", role="referrer")

    assert (life.state, life.kinds()) == (state, ["elsewhere"])
    assert [row.label for row in life.last.letters[0].values["options"]] == ["Time-in Klaswerking"]


@each_row("words", ["Is er elders sneller iets mogelijk?", "Kan het ergens anders vlugger?"])
def test_her_question_for_something_faster_is_that_wish(words):
    """She does not ask the provider that she asks past."""
    life = at_state(State.WAITLISTED)

    life.says(words, role="referrer")

    assert (life.state, life.kinds()) == (State.WAITLISTED, ["elsewhere"])


def test_another_question_still_goes_to_the_provider():
    """With the taps of where the case stands."""
    life = at_state(State.WAITLISTED)

    life.says("Hoe lang duurt het ongeveer nog?", role="referrer")

    (letter,) = life.last.letters
    assert (letter.kind, letter.to) == ("passed_on", "provider")
    assert [tap.label for tap in letter.taps] == ["Er is plaats", "Geen match"]


def test_on_the_waitlist_she_can_tap_for_something_faster():
    """Also when she is asked back."""
    life = at_state(State.WAITLISTED)

    life.says("hmm", role="referrer")

    (letter,) = life.last.letters
    assert [tap.word for tap in letter.taps] == ["liever sneller", "stop"]


def test_whoever_reported_full_is_not_shown():
    """With nobody left to show, a person helps her."""
    life = at_state(State.WAITLIST_OFFERED)
    life.full = frozenset({"time-in"})

    life.says("liever sneller", role="referrer")

    assert life.kinds() == ["other_mail"]


@each_row("state", STAYS)
def test_a_name_makes_a_linked_referral_and_the_first_stays_until_she_says(state):
    """All that was known goes along, and is shown to her before it leaves."""
    life = at_state(state)
    life.says("liever sneller", role="referrer")

    life.says("Time-in graag", role="referrer")

    (made,) = life.last.others
    assert (life.state, life.kinds()) == (state, ["follow_on"])
    assert life.case.last(Event.FOLLOW_ON_LINKED).codes == {"follow_on": OPENED}
    assert (made.opens, made.case.state, made.case.provider) == (True, State.QUEUED, "time-in")
    assert [str(one.kind) for one in made.letters] == ["received"]
    assert made.case.values["last_name"] == life.case.values["last_name"]
    assert made.case.values["earlier_reference"] == life.case.reference
    assert made.case.parties == life.case.parties
    assert made.case.history[0].codes["linked"] == life.case.reference


def test_it_leaves_after_the_pause_so_that_she_can_read_it():
    """Also when the meldpunt is open."""
    life = at_state(State.WAITLISTED)
    life.says("liever sneller", role="referrer")

    life.says("Time-in", role="referrer")

    (made,) = life.last.others
    assert made.release_at == life.now + RULES.terms.pause
    assert "stop_release" in [tap.action for tap in made.letters[0].taps]


def test_wish_and_name_in_one_line_are_enough():
    """Nobody is asked what she said already."""
    life = at_state(State.WAITLIST_OFFERED)

    life.says("Liever sneller, bij Time-in.", role="referrer")

    assert [one.case.provider for one in life.last.others] == ["time-in"]


@each_row("state", [State.FULL, State.NO_MATCH])
def test_after_a_no_a_name_is_enough_and_replaces_the_first(state):
    """The letter that told it asked what next."""
    life = at_state(state)

    life.says("Dan kies ik Time-in Klaswerking.", role="referrer")

    (made,) = life.last.others
    assert life.state is State.REPLACED
    assert life.kinds() == []
    assert life.case.follow_on == OPENED
    assert made.case.values["earlier_relation"] == ("full" if state is State.FULL else "no_match")


@each_row(("state", "kept"), [(State.WAITLIST_OFFERED, State.WAITLISTED), (State.WAITLISTED, None)])
def test_the_first_may_stay(state, kept):
    """By one word, after which both run."""
    life = at_state(state)
    life.says("liever sneller, Time-in", role="referrer")

    life.says("behouden", role="referrer", tap="keep")

    assert life.state is (kept or state)


@each_row("state", STAYS)
def test_the_first_may_go(state):
    """Then it is replaced, and its provider hears of it."""
    life = at_state(state)
    life.says("liever sneller, Time-in", role="referrer")

    life.says("stop", role="referrer", tap="withdraw")

    assert life.state is State.REPLACED
    assert [(str(one.kind), one.to) for one in life.last.letters] == [
        ("withdrawn", "referrer"),
        ("withdrawn", "provider"),
    ]


def test_silence_on_the_first_changes_nothing():
    """A place on a waitlist is never lost by not answering."""
    life = at_state(State.WAITLISTED)
    life.says("liever sneller, Time-in", role="referrer")

    life.later(days=12)
    life.look()

    assert life.state is State.WAITLISTED


@each_row("words", ["Time-in of iets anders?", "liever niet Time-in", "NAFT VBO", "We spraken Time-in."])
def test_what_is_no_choice_makes_no_referral(words):
    """A doubt, a refusal, the provider that has it already, a talk."""
    life = at_state(State.WAITLISTED)
    life.says("liever sneller", role="referrer")

    life.says(words, role="referrer")

    assert life.last.others == ()
    assert life.state is State.WAITLISTED


def test_a_name_that_nobody_asked_for_makes_no_referral():
    """On a waitlist, without a wish for another."""
    life = at_state(State.WAITLISTED)

    life.says("Time-in", role="referrer")

    assert life.last.others == ()


def test_only_a_clb_worker_makes_a_follow_on():
    """Her colleague can; the provider and the desk cannot."""
    life = at_state(State.FULL)

    life.says("Time-in", role="provider")
    assert life.last.others == ()
    life.says("Time-in", role="desk")
    assert life.last.others == ()
    life.says("Time-in", role="referrer", sender=COLLEAGUE)

    assert len(life.last.others) == 1


def test_looking_around_restarts_her_term():
    """Whoever was shown the others has the whole term to choose."""
    life = at_state(State.FULL)
    told = life.now
    life.later(days=7)

    life.says("liever sneller", role="referrer")

    assert life.now - told >= timedelta(days=7)
    assert life.case.last(Event.ELSEWHERE_ASKED).at > MONDAY
