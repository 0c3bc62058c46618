"""A referral that may leave at once does so with the decision that opens its case."""

from datetime import timedelta

from mailbag import FORM, MONDAY, RULES, SATURDAY, Life

from mailflow.core.at_once import left_at_once, may_leave
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import State
from mailflow.core.occasions import ReleaseDue


def test_while_the_meldpunt_is_open_one_decision_does_both():
    """Opened and sent, with the letters of each."""
    life = Life()
    opened = life.mail(FORM)
    later = MONDAY + timedelta(minutes=1)

    left = left_at_once(opened, ReleaseDue(), RULES, later)

    assert may_leave(opened, later)
    assert [one.kind for one in left.letters] == [Kind.RECEIVED, Kind.REFERRAL]
    assert left.events == left.case.history
    assert left.case.state is State.QUEUED


def test_while_it_is_closed_it_waits():
    """The decision stays as it was."""
    opened = Life(now=SATURDAY).mail(FORM)

    assert not may_leave(opened, SATURDAY)
    assert left_at_once(opened, ReleaseDue(), RULES, SATURDAY) == opened


def test_a_mail_of_no_case_has_nothing_to_leave():
    """There is no case to release."""
    assert not may_leave(Life().mail("Kunnen jullie mij bellen?"), MONDAY)
