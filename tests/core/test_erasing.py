"""What is forgotten of a case, and what keeps it."""

from mailbag import CLB, NAFT, RULES, WORKER, Life, at_state, dispatched
from rows import each_row

from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event, State
from mailflow.core.occasions import EraseDue, HoldAsked
from mailflow.core.retention import What


def erase(life: Life, what=What.ALL):
    return life.decide(EraseDue(what=what), life.case)


def hold(life: Life, why=""):
    return life.decide(HoldAsked(why=why), life.case)


def test_an_open_case_ends_by_it_and_no_letter_leaves():
    """Nobody is known any more."""
    life = at_state(State.QUEUED)

    decision = erase(life)

    assert life.state is State.WITHDRAWN
    assert (life.case.values, life.case.parties) == ({}, {})
    assert decision.voids
    assert life.waiting == {}


def test_one_that_ended_stays_as_it_ended():
    """Only whom it was about is forgotten."""
    life = at_state(State.WITHDRAWN)

    erase(life)

    assert life.state is State.WITHDRAWN
    assert life.case.values == {}


def test_of_the_mails_alone_the_form_stays():
    """It has a longer time."""
    life = dispatched()

    erase(life, What.MAILS)

    assert life.state is State.DISPATCHED
    assert life.case.values["first_name"] == "Noor"
    assert life.case.last(Event.ERASED) is not None


def test_a_legal_hold_keeps_all_of_it():
    """Until it is lifted."""
    life = dispatched()
    hold(life, "klacht bij de ombudsdienst")

    assert erase(life).events == ()
    assert life.case.values["first_name"] == "Noor"

    hold(life)
    erase(life)

    assert life.case.values == {}


def test_what_is_so_already_is_not_written_down_again():
    """Another reason is; what is erased cannot be held, and what is not held not let go."""
    life = dispatched()

    kinds = [[one.kind for one in hold(life, why).events] for why in ("", "klacht", "klacht", "onderzoek", "", "")]
    erase(life)

    assert kinds == [[], [Event.LEGAL_HOLD], [], [Event.LEGAL_HOLD], [Event.LEGAL_HOLD_LIFTED], []]
    assert hold(life, "te laat").events == ()


@each_row(
    ("sender", "role", "letters"),
    [
        (NAFT, "provider", [(Kind.ERASED, "sender"), (Kind.OTHER_MAIL, "desk")]),
        (WORKER, "desk", [(Kind.ERASED, "desk")]),
    ],
)
def test_whoever_still_writes_on_it_hears_why_nothing_comes_of_it(sender, role, letters):
    """The desk reads what another writes; nothing in it is obeyed."""
    life = dispatched()
    occasion = life.came("aanvaard", sender=sender, role=role)
    erase(life)

    decision = life.decide(occasion, life.case)

    assert [(one.kind, one.to) for one in decision.letters] == letters
    assert life.state is State.WITHDRAWN


def test_too_many_such_letters_are_not_written():
    """Two machines would go on for ever."""
    life = dispatched()
    occasion = life.came("aanvaard", sender=CLB, role="referrer", lately=RULES.brakes.answers_a_day)
    erase(life)

    assert Kind.ERASED not in [one.kind for one in life.decide(occasion, life.case).letters]
