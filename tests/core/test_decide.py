"""What happens on each occasion: new mail, the opening, letters that leave or fail, terms that pass."""

from dataclasses import replace
from datetime import timedelta

import pytest
from mailbag import (
    CLB,
    FORM,
    MONDAY,
    NAFT,
    PARENT,
    RULES,
    SATURDAY,
    WORKER,
    Life,
    at_state,
    dispatched,
    reading,
)
from rows import each_row

from mailflow.core.case import CannotHappen, Case, can, then, timeline
from mailflow.core.case import Happened as Fact
from mailflow.core.decide import decide
from mailflow.core.decision import Outcome
from mailflow.core.draft import Draft
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.mail import Machine
from mailflow.core.occasions import LookDue


def test_a_referral_of_a_proven_clb_worker_is_held_until_the_opening():
    """On Saturday: a confirmation at once, and on Monday at nine the provider gets it."""
    life = Life(now=SATURDAY)

    decision = life.mail(FORM)
    assert (life.state, life.kinds(), decision.outcome) == (State.QUEUED, ["received"], Outcome.REFERRAL)
    assert life.release_at.isoformat() == "2026-10-12T09:00:00+02:00"
    life.now = life.release_at
    life.release()
    life.send()

    assert life.state is State.DISPATCHED
    assert life.to("provider") == ["referral"]


def test_while_we_are_open_it_leaves_at_once():
    """The release is due immediately."""
    life = Life()
    life.mail(FORM)

    assert life.release_at == MONDAY


@each_row(
    ("text", "kind", "state", "letters"),
    [
        (FORM.replace("Geboortedatum: 12/03/2011\n", ""), {}, State.NEEDS_INFO, ["missing"]),
        (FORM.replace("NAFT VBO", "geen voorkeur"), {}, State.NEEDS_DESK, ["received"]),
        (FORM, {"proof": "none"}, State.UNCONFIRMED, ["confirm"]),
        (FORM, {"sender": "an@prive.example"}, State.UNCONFIRMED, ["confirm", "neutral"]),
        (FORM, {"sender": WORKER}, State.UNCONFIRMED, ["confirm"]),
        (FORM.replace(CLB, "an@prive.example"), {"sender": WORKER}, State.AWAITING_CLB, ["which_clb"]),
        (FORM.replace(CLB, PARENT), {"sender": PARENT}, State.AWAITING_CLB, ["family", "which_clb"]),
        (FORM.replace(CLB, PARENT), {"sender": PARENT, "lately": 3}, State.AWAITING_CLB, []),
        (FORM, {"sender": "an@prive.example", "lately": 2}, State.UNCONFIRMED, ["confirm", "neutral"]),
    ],
)
def test_where_a_new_referral_goes(text, kind, state, letters):
    """By who sends it and what is in it; an address that is no party gets three letters a day at most."""
    life = Life()

    life.mail(text, **kind)

    assert (life.state, life.kinds()) == (state, letters)


@each_row("kind", [{"sender": "an@prive.example", "lately": 3}, {"proof": "none", "lately": 20}])
def test_forms_in_anothers_name_do_not_flood_her(kind):
    """Beyond the limit nobody is written to: the digest shows that a mail is held."""
    decision = Life().mail(FORM, **kind)

    assert (decision.outcome, decision.letters, decision.case) == (Outcome.HELD, (), None)


@each_row(
    ("kind", "outcome", "letters"),
    [
        ({}, "other", ["no_form", "other_mail"]),
        ({"sender": NAFT}, "other", ["no_form", "other_mail"]),
        ({"sender": PARENT}, "other", ["family", "other_mail"]),
        ({"proof": "none"}, "other", ["family", "other_mail"]),
        ({"sender": PARENT, "lately": 3}, "other", ["other_mail"]),
        ({"sender": PARENT, "lately": 1, "answered": 1}, "held", []),
        ({"sender": WORKER}, "other", ["unclear"]),
        ({"sender": WORKER, "proof": "none"}, "held", ["held"]),
        ({"proof": "fail"}, "quarantined", []),
        ({"from_fields": 2}, "held", ["held"]),
        ({"machine": Machine.AUTO_REPLY}, "machine", []),
    ],
)
def test_mail_without_a_form_makes_no_case(kind, outcome, letters):
    """It goes to the meldpunt worker; machines and forgers are not answered."""
    life = Life()

    decision = life.mail("Wanneer is de volgende werkgroep?", **kind)

    assert (decision.outcome, life.kinds(), decision.case) == (outcome, letters, None)


def test_a_form_service_is_never_written_to():
    """Only the CLB address that it names; without one the desk is asked which CLB it is."""
    from mailflow.core.known_senders import FormService  # noqa: PLC0415 - only here

    rules = replace(RULES, form_services=(FormService(domain="forms.example"),))
    for text, letters in ((FORM, ["confirm"]), (FORM.replace(CLB, "x@y.example"), ["which_clb"])):
        life = Life()
        life.rules = rules

        life.mail(text, sender="noreply@forms.example")

        assert life.kinds() == letters


def test_the_release_waits_while_we_are_closed_or_mail_is_unread():
    """It asks again at the next opening, or a quarter later."""
    life = at_state(State.QUEUED)
    life.release_at = life.now

    life.release()
    assert life.release_at.isoformat() == "2026-10-12T09:00:00+02:00"
    life.now = life.release_at
    life.release(blocked=True)

    assert life.state is State.QUEUED
    assert life.release_at - life.now == timedelta(minutes=15)
    assert life.waiting.keys() == {1, 2}
    assert life.to("referrer") == ["received", "leaves_later"]


def test_a_second_release_does_not_send_twice():
    """The letter is on its way, or the case is elsewhere."""
    life = Life()
    life.mail(FORM)
    life.release()
    life.release_at = life.now
    life.release()
    assert life.to("provider") == ["referral"]
    life.send()
    life.release_at = life.now
    life.release()

    assert life.to("provider") == ["referral"]


def test_a_provider_that_left_the_list_gets_nothing():
    """The desk decides, and the referrer hears that."""
    life = Life()
    life.mail(FORM)
    life.rules = replace(RULES, providers={k: p for k, p in RULES.providers.items() if k != "naft-vbo"})

    life.release()

    assert life.state is State.NEEDS_DESK
    assert life.kinds() == ["received"]


def test_a_provider_that_became_full_meanwhile_is_asked_about():
    """The referrer chooses anew, or insists by naming it again."""
    life = Life(full=frozenset({"naft-vbo"}))
    life.full = frozenset()
    life.mail(FORM)
    life.full = frozenset({"naft-vbo"})

    life.release()
    assert (life.state, life.kinds()) == (State.NEEDS_INFO, ["choose_provider"])
    life.says("NAFT VBO", role="referrer")
    assert life.state is State.QUEUED
    life.later(minutes=1)

    assert life.state is State.DISPATCHED


def test_a_case_whose_only_fit_became_full_goes_to_the_desk():
    """Nobody named that provider, so nobody is asked to insist."""
    life = Life()
    life.mail(FORM.replace("NAFT VBO", "geen voorkeur").replace("2011", "2023"))
    assert life.case.provider == "time-in"
    life.full = frozenset({"time-in"})

    life.release()

    assert life.state is State.NEEDS_DESK


def test_a_letter_that_cannot_be_delivered_is_told_to_the_desk_at_once():
    """The referral itself: the case waits for the desk."""
    life = Life()
    life.mail(FORM)
    life.release()

    life.send(2, fails="5.1.1")
    assert (life.state, life.kinds()) == (State.NEEDS_DESK, ["undeliverable"])
    refused = life.case.last(Event.LETTER_REFUSED)
    assert refused.codes == {"n": "2", "letter": "referral"}
    assert 2 not in life.case.waiting_letters()
    life.send(1, fails="5.1.1")
    assert (life.state, life.kinds()) == (State.NEEDS_DESK, ["undeliverable"])
    life.send(max(life.waiting), fails="5.1.1")

    assert life.kinds() == []


def test_a_letter_leaves_or_fails_once():
    """A second report of the same letter changes nothing."""
    life = dispatched()
    seen = life.case.seen

    life.send(1)
    life.send(2, fails="5.1.1")
    life.send(99)

    assert life.case.seen == seen


def test_a_referral_that_left_in_the_moment_it_was_stopped():
    """It was being delivered: the desk must know that the provider has it."""
    life = Life()
    life.mail(FORM)
    life.release()
    life.says("stop even", role="referrer")
    assert life.state is State.NEEDS_INFO

    life.send(2)

    assert life.state is State.NEEDS_DESK
    assert life.happened(Event.LETTER_SENT) == 1


def test_a_referral_that_left_in_the_moment_it_was_withdrawn():
    """The provider hears that it is withdrawn."""
    life = Life()
    life.mail(FORM)
    life.release()
    life.says("stop", role="referrer", tap="withdraw")

    life.send(2)
    assert life.kinds() == ["withdrawn"]
    life.send(1)

    assert life.kinds() == []


def test_every_occasion_but_a_mail_needs_a_case():
    """Asking otherwise is a bug."""
    with pytest.raises(ValueError, match="LookDue needs a case"):
        decide(None, LookDue(), RULES, MONDAY)


@each_row(
    ("state", "days", "kind"),
    [
        (State.UNCONFIRMED, 3, "confirm"),
        (State.NEEDS_INFO, 3, "missing"),
        (State.DISPATCHED, 7, "reminder_contact"),
    ],
)
def test_what_blocks_a_referral_is_reminded_once_then_the_desk_has_it(state, days, kind):
    """Nobody gets a second reminder."""
    life = at_state(state)

    life.look()
    assert life.last.events == ()
    life.later(days=days)
    life.look()
    assert life.kinds() == [kind]
    life.look()
    assert life.last.events == ()
    life.later(days=15)
    life.look()
    assert [h.kind for h in life.last.events] == [Event.DESK_TOLD]
    life.look()

    assert life.last.events == ()


def test_the_reminder_asks_what_was_asked():
    """A choice of provider, or whether it may go after all; not for fields that are not missing."""
    life = Life(full=frozenset({"naft-vbo"}))
    life.mail(FORM)
    stopped = at_state(State.QUEUED)
    stopped.says("stop even", role="referrer")

    for one, kind in ((life, "choose_provider"), (stopped, "echo")):
        one.later(days=9)
        one.look()
        assert one.kinds() == [kind]


@each_row(("form", "kind"), [(FORM.replace("Geboortedatum: 12/03/2011\n", ""), {}), (FORM, {"proof": "none"})])
def test_a_reminder_asks_for_all_that_the_first_letter_asked_for(form, kind):
    """What must be there, and what is welcome."""
    life = Life()
    life.mail(form, **kind)
    [first] = life.last.letters

    life.later(days=9)
    life.look()

    [again] = life.last.letters
    assert again.kind == first.kind
    assert (first.values["reminder"], again.values["reminder"]) == ("", "maandag 5 oktober 2026")
    asked = ("missing", "wanted") if "wanted" in first.values else ("missing",)
    assert [again.values[what] for what in asked] == [first.values[what] for what in asked]


def test_no_reminder_to_a_provider_that_left_the_list():
    """There is nobody to remind: the desk hears of it."""
    life = dispatched()
    life.rules = replace(RULES, providers={})
    life.later(days=9)

    life.look()

    assert [h.kind for h in life.last.events] == [Event.DESK_TOLD]


def test_a_case_that_ended_is_not_looked_at():
    """Nothing is due on it."""
    life = at_state(State.WITHDRAWN)

    assert life.look().events == ()


def test_a_mail_is_applied_once():
    """The same mail again (a second arrival) changes nothing on its case."""
    life = dispatched()
    occasion = life.came("volzet", sender=NAFT, role="provider")
    life.decide(occasion, life.case)
    seen = life.case.seen

    again = life.decide(occasion, life.case)

    assert (again.events, again.letters, again.outcome) == ((), (), Outcome.REPLY)
    assert life.case.seen == seen


def test_what_the_table_refuses_is_refused():
    """Only decide may rely on it: no mail ever gets here."""
    case = Case()

    assert not can(case, Event.REFERRAL_SENT)
    with pytest.raises(CannotHappen, match="referral_sent cannot happen to a case that is new"):
        then(case, Fact(at=MONDAY, kind=Event.REFERRAL_SENT))


def test_a_timeline_is_a_line_per_event():
    """With its codes in order, and no personal data."""
    life = dispatched()

    lines = timeline(life.case)

    assert len(lines) == life.case.seen
    assert lines[0] == "2026-10-05T10:00:00+02:00 referrer mail_came mail=1"
    assert not any("Noor" in line or "@" in line for line in lines)


def test_the_newest_event_of_a_kind_and_party():
    """None when it never happened."""
    life = dispatched()

    assert life.case.last(Event.MAIL_CAME, by=Party.PROVIDER) is None
    assert life.case.last(Event.MAIL_CAME).codes == {"mail": "1"}


def test_a_draft_keeps_values_and_parties_apart():
    """Values are personal: they are replaced on the case, and no event holds them."""
    draft = Draft(case=Case(values={"a": "1"}), rules=RULES, now=MONDAY)

    draft.keep({"a": "2"})

    assert draft.decided().case.values == {"a": "2"}
    assert draft.decided().events == ()
    assert draft.today.isoformat() == "2026-10-05"


def test_the_reading_of_a_test_mail_is_what_the_reader_makes():
    """The rig itself: one source with the form's lines."""
    assert len(reading(FORM).found[0].pairs) == 12


@each_row("machine", [Machine.AUTO_REPLY, Machine.LIST, Machine.OUT_OF_OFFICE])
def test_a_filled_in_form_that_a_website_marked_as_machine_mail_is_looked_at(machine):
    """Such a mark alone must not lose a referral; no machine is answered."""
    decision = Life().mail(FORM, machine=machine)

    assert decision.outcome is Outcome.HELD
    assert [one.to for one in decision.letters] == ["desk"]


def test_what_looks_like_an_answer_to_no_case_is_put_to_the_desk_a_few_times_a_day():
    """With the cases that it may be about; a flood stands in the digest."""
    came = replace(Life().came("We nemen Noor graag op.", sender=NAFT), maybe=(dispatched().case,))

    first, later = (
        decide(None, replace(came, held_lately=many), RULES, MONDAY) for many in (0, RULES.brakes.held_a_day)
    )

    assert [one.outcome for one in (first, later)] == [Outcome.HELD] * 2
    assert [len(one.letters) for one in (first, later)] == [1, 0]
