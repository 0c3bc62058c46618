"""How long things are kept, and what becomes of a case once they are gone."""

from datetime import UTC, datetime, timedelta

from mailbag import BRUSSELS, CLB, FORM, NAFT, PARENT, WORKER, at_state, dispatched
from rows import each_row

from mailflow.core.decision import Outcome
from mailflow.core.lifecycle import ENDS, Event, State
from mailflow.core.mail import Machine
from mailflow.core.occasions import EraseDue
from mailflow.core.retention import Retention, What, months_before


@each_row(
    ("moment", "months", "before"),
    [
        ((2026, 8, 31), 6, (2026, 2, 28)),
        ((2028, 8, 31), 6, (2028, 2, 29)),
        ((2026, 3, 15), 12, (2025, 3, 15)),
        ((2026, 1, 31), 1, (2025, 12, 31)),
        ((2026, 12, 1), 12, (2025, 12, 1)),
    ],
)
def test_months_are_those_of_the_calendar(moment, months, before):
    """The same day, or the last one of a shorter month."""
    assert datetime(*before, 9, tzinfo=BRUSSELS) == months_before(datetime(*moment, 9, tzinfo=BRUSSELS), months)


def test_each_kind_has_its_own_term():
    """Mails half a year, the form a year, what belongs to no case thirty days."""
    found = Retention().cutoffs(datetime(2026, 11, 25, 8, tzinfo=UTC), BRUSSELS)

    assert datetime(2026, 5, 25, 9, tzinfo=BRUSSELS) == found.mails
    assert datetime(2025, 11, 25, 9, tzinfo=BRUSSELS) == found.values
    assert datetime(2026, 10, 26, 8, tzinfo=UTC) == found.loose


def test_an_open_case_ends_when_somebody_asks_to_erase_it():
    """Nothing of it leaves any more, and nobody can tell whom it was about; what happened stays."""
    life = at_state(State.QUEUED)
    before = life.case.history

    decision = life.decide(EraseDue(what=What.ALL), life.case)

    assert life.state is State.WITHDRAWN
    assert (life.case.values, life.case.parties, life.case.waiting_letters()) == ({}, {}, {})
    assert decision.letters == ()
    assert life.case.history[: len(before)] == before
    assert life.case.erased


@each_row("what", [What.MAILS, What.VALUES])
def test_a_term_takes_what_it_is_about(what):
    """The mails first; with the form's values the name is gone."""
    life = dispatched()
    life.says("stop", role="referrer")
    known = dict(life.case.values)

    life.decide(EraseDue(what=what), life.case)

    assert life.state is State.WITHDRAWN
    assert ({} if what is What.VALUES else known) == life.case.values
    assert life.case.erased == (what is What.VALUES)


def erased():
    life = dispatched()
    life.decide(EraseDue(what=What.ALL), life.case)
    life.later(minutes=1)
    return life


@each_row("role", ["provider", "referrer"])
@each_row("text", ["aanvaard", "Wat is de stand van zaken?", "stop", "oeps", "ja"])
def test_whoever_answers_on_an_erased_case_is_answered_kindly(role, text):
    """Nothing is obeyed, a person reads it, and the writer hears why."""
    life = erased()

    decision = life.says(text, role=role)

    assert life.state in ENDS
    assert life.kinds() == ["erased", "other_mail"]
    assert [one.to for one in decision.letters] == ["sender", "desk"]
    assert decision.outcome is Outcome.HELD


def test_the_desk_hears_that_nothing_can_be_done_any_more():
    """One letter, to whoever asked."""
    life = erased()

    life.says("heropen", role="desk")

    assert [(one.kind, one.to, one.address) for one in life.last.letters] == [("erased", "desk", WORKER)]
    assert life.state is State.WITHDRAWN


def test_two_machines_do_not_talk_about_an_erased_case():
    """An absence is a note; whoever got letters enough today gets none."""
    life = erased()

    life.says("Ik ben afwezig", machine=Machine.OUT_OF_OFFICE)
    absent = life.kinds()
    life.says("aanvaard", lately=9)

    assert absent == []
    assert life.kinds() == ["other_mail"]


def test_a_number_alone_opens_nothing_on_an_erased_case():
    """Without our seal the case is not touched, and its writer hears nothing of it."""
    life = erased()
    seen = life.case.seen

    decision = life.mail("aanvaard", sender=NAFT, subject="Re: [MSI-2026-0042] Nieuwe aanmelding")

    assert (decision.outcome, life.kinds(), life.case.seen) == (Outcome.HELD, ["held"], seen)


def test_a_new_form_on_an_erased_case_is_a_new_referral():
    """Linked to the old one, which stays as it is."""
    life = erased()

    decision = life.says(FORM, role="referrer")

    assert decision.opens
    assert decision.case.history[0].codes["linked"] == "MSI-2026-0042"
    assert decision.case.parties == {"referrer": CLB}


def test_a_bounce_after_erasing_is_only_a_note():
    """A mail server that was slow finds nobody."""
    life = erased()

    life.says("", machine=Machine.AUTO_REPLY, sender=PARENT)

    assert life.case.last(Event.NOTE, Event.BOUNCED) is not None
    assert life.kinds() == []


def test_what_has_had_its_time_again_changes_nothing():
    """Mail that came after the erasing has a term of its own, and the case stays without a name."""
    life = erased()

    life.now += timedelta(days=31)
    life.decide(EraseDue(what=What.MAILS), life.case)

    assert life.case.erased
