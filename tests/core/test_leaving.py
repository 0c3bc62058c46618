"""A referral that leaves later than it could is never late without a word."""

from dataclasses import replace
from datetime import datetime

from mailbag import FORM, RULES, SATURDAY, Life, dispatched

from mailflow.core.leaving import kept_until, unsaid
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event
from mailflow.core.occasions import ReferralHeldUp
from mailflow.core.workdays import BRUSSELS

TUESDAY = datetime(2026, 10, 13, 9, 0, tzinfo=BRUSSELS)


def late():
    """Mailed on Saturday, and nothing ran on Monday: it left on Tuesday."""
    life = Life(now=SATURDAY)
    life.mail(FORM)
    assert unsaid(life.case, RULES.calendar) is None
    life.now = TUESDAY
    return life.later(minutes=0)


def test_in_time_is_not_late():
    """It left at the first moment that the desk was open."""
    assert unsaid(dispatched().case, RULES.calendar) is None


def test_late_and_said():
    """Its referrer got a letter about it."""
    assert unsaid(late().case, RULES.calendar) is False


def test_late_and_unsaid():
    """The same without that letter is what must never be."""
    case = late().case
    said = [h for h in case.history if h.codes.get("letter") != Kind.LEAVES_LATER]

    assert unsaid(replace(case, history=tuple(said)), RULES.calendar) is True


def test_a_letter_that_is_held_up_is_told_once():
    """The meldpunt closed while it lay ready: it is said once, and not again when it leaves at that hour."""
    life = Life(now=SATURDAY)
    life.mail(FORM)
    life.now = life.release_at
    life.release()
    life.now, opens = life.now.replace(hour=17), TUESDAY

    life.decide(ReferralHeldUp(leaves=opens), life.case)
    life.decide(ReferralHeldUp(leaves=opens), life.case)
    life.now = opens
    life.send()

    assert life.to("referrer") == ["received", "leaves_later"]
    assert "dinsdag 13 oktober" in life.letters[-1].values["leaves"]
    assert unsaid(life.case, RULES.calendar) is False


def test_what_has_left_is_not_held_up():
    """A second look at its task says nothing."""
    life = dispatched()

    assert life.decide(ReferralHeldUp(leaves=TUESDAY), life.case).letters == ()


def test_a_letter_that_nobody_held_and_that_left_late_all_the_same():
    """The provider's host took it only the day after: she reads that it left only now."""
    life = Life(now=SATURDAY)
    life.mail(FORM)
    life.now = life.release_at
    life.release()
    life.now = TUESDAY
    life.send()

    assert life.to("referrer") == ["received", "leaves_later"]
    assert unsaid(life.case, RULES.calendar) is False


def test_sent_without_ever_being_complete():
    """A case of a list that was taken over: nobody was told anything."""
    case = dispatched().case
    bare = [h for h in case.history if h.kind not in {Event.REFERRAL_COMPLETE, Event.DESK_RELEASED}]

    assert unsaid(replace(case, history=tuple(bare)), RULES.calendar) is None


def test_a_referral_that_is_written_leaves_only_while_the_meldpunt_is_open():
    """Until the next opening it is kept; whatever else is written may go at any hour."""
    opens = RULES.calendar.next_open(SATURDAY)

    assert kept_until(Kind.REFERRAL, RULES.calendar, SATURDAY) == opens
    assert kept_until(Kind.REFERRAL, RULES.calendar, opens) is None
    assert kept_until(Kind.RECEIVED, RULES.calendar, SATURDAY) is None
