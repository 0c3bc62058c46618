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
from mailflow.core.occasions import LetterLeft, LookDue, ReleaseDue


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
    assert life.last.trace == ("held: mail on this case is unread, stuck or unclear",)
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
    assert life.case.last(Event.DESK_NEEDED).codes == {"why": "provider_gone"}
    assert life.kinds() == ["received"]
    assert life.last.letters[0].values["warnings"] == ["De aanbieder staat niet meer in de lijst van het meldpunt."]


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
    assert life.case.last(Event.DESK_NEEDED).codes == {"why": "undeliverable"}
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

    life.send(1)
    confirmed = life.state
    life.send(2)

    assert (confirmed, life.state) == (State.NEEDS_INFO, State.NEEDS_DESK)
    assert life.case.last(Event.DESK_NEEDED).codes == {"why": "left_all_the_same"}
    left = [h.codes for h in life.case.history if h.kind is Event.LETTER_SENT]
    assert left == [{"n": "1", "letter": "received", "late": "yes"}, {"n": "2", "letter": "referral", "late": "yes"}]


def test_a_referral_that_left_in_the_moment_it_was_withdrawn():
    """The provider hears that it is withdrawn."""
    life = Life()
    life.mail(FORM)
    life.release()
    life.says("stop", role="referrer", tap="withdraw")

    gone = replace(RULES, providers={k: p for k, p in RULES.providers.items() if k != "naft-vbo"})
    nobody = decide(life.case, LetterLeft(number=2), gone, life.now)
    life.send(2)
    assert life.kinds() == ["withdrawn"]
    assert (life.last.letters[0].to, life.last.letters[0].values["by"]) == ("provider", "referrer")
    assert life.last.letters[0].values["party"] == "provider"
    life.send(1)

    assert life.kinds() == []
    assert nobody.letters == ()


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
        [first] = [letter for letter in one.letters if letter.kind == kind]
        one.later(days=9)
        one.look()
        assert one.kinds() == [kind]
        [again] = one.last.letters
        assert (again.address, again.taps) == (first.address, first.taps)
        assert again.values.get("sentence") == first.values.get("sentence")
        assert again.values.get("other", "") == ""
    assert life.last.letters[0].values["why"] == "We wachten sinds maandag 5 oktober 2026 op je keuze."


@each_row(("full", "offered"), [({"naft-vbo"}, ["Time-in Klaswerking"]), ((), ["NAFT VBO", "Time-in Klaswerking"])])
def test_a_reminder_to_choose_offers_who_fits_and_is_not_full(full, offered):
    """The one she wished was full; by now it may have places again."""
    life = Life(full=frozenset({"naft-vbo"}))
    life.mail(FORM)
    life.later(days=9)

    life.decide(LookDue(full=frozenset(full)), life.case)

    [again] = life.last.letters
    assert [row.label for row in again.values["options"]] == offered


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


def test_a_reminder_waits_until_we_are_open_again():
    """Hers and that of a CLB: a term that passed in the evening is no reason to mail then."""
    evening = MONDAY.replace(day=14, hour=20)
    morning = MONDAY.replace(day=15, hour=9)
    unconfirmed, asked = at_state(State.UNCONFIRMED), at_state(State.NEEDS_INFO)

    for life, kind in ((unconfirmed, "confirm"), (asked, "missing")):
        life.now = evening
        life.look()
        assert [(one.kind, one.not_before) for one in life.last.letters] == [(kind, morning)]


def test_a_reminder_to_confirm_says_when_the_referral_came():
    """Not when the reminder was made."""
    life = at_state(State.UNCONFIRMED)
    [first] = [letter for letter in life.letters if letter.kind == "confirm"]
    life.later(days=3)

    life.look()

    assert life.last.letters[0].values["arrived"] == first.values["arrived"]


def assigned(clb="clb-leuven"):
    """A referral of a parent, put to a CLB on Monday."""
    life = at_state(State.AWAITING_CLB)
    life.case = then(life.case, Fact(at=MONDAY, kind=Event.CLB_ASSIGNED, codes={"clb": clb}))
    return life


def test_a_clb_is_reminded_when_we_are_open_again():
    """As everybody: its own term passed in the evening."""
    life = assigned()
    clbs = tuple(replace(one, contact="onthaal@vclbleuven.be") for one in RULES.clbs if one.key == "clb-leuven")
    life.rules = replace(RULES, clbs=clbs)
    life.now = MONDAY.replace(day=14, hour=20)

    life.look()

    [letter] = life.last.letters
    assert (letter.kind, letter.address) == ("take_over", "onthaal@vclbleuven.be")
    assert letter.not_before == MONDAY.replace(day=15, hour=9)


def test_a_clb_that_left_the_list_is_not_reminded():
    """There is nobody to remind: the desk hears of it."""
    life = assigned("clb-weg").later(days=3)

    life.look()

    assert [(h.kind, h.codes) for h in life.last.events] == [(Event.DESK_TOLD, {"what": "take_over"})]


@each_row(
    ("state", "kind"),
    [
        (State.UNCONFIRMED, Event.DESK_TOLD),
        (State.NEEDS_INFO, Event.DESK_TOLD),
        (State.DISPATCHED, Event.REMINDER_SENT),
    ],
)
def test_without_a_referrer_only_the_provider_can_be_reminded(state, kind):
    """While the CLB question is open nobody else has an address."""
    life = at_state(state)

    decision = decide(replace(life.case, parties={}), LookDue(), RULES, life.now + timedelta(days=9))

    assert decision.events[0].kind is kind


def test_a_referral_that_should_have_left_is_told_to_the_desk():
    """It stays ready: nothing about it is unclear."""
    life = at_state(State.QUEUED)
    life.now += timedelta(days=4)

    life.look()

    assert [(h.kind, h.codes) for h in life.last.events] == [(Event.DESK_TOLD, {"what": "release"})]
    assert life.state is State.QUEUED


def test_what_the_desk_owes_is_told_while_a_party_may_still_say_whose_mail_it_was():
    """Its question stays open until its own term is over."""
    life = at_state(State.NEEDS_DESK)
    life.case = then(life.case, Fact(at=MONDAY, kind=Event.ASKED_WHO, by=Party.REFERRER, codes={"question": "1"}))

    life.look()

    assert [(h.kind, h.codes) for h in life.last.events] == [(Event.DESK_TOLD, {"what": "desk"})]
    assert life.case.asked_who


def test_while_it_is_closed_and_something_is_unsettled_it_is_not_said_when_it_leaves():
    """It is not the hours that hold it."""
    life = at_state(State.QUEUED)
    life.case = then(life.case, Fact(at=SATURDAY, kind=Event.ASKED_WHO, by=Party.REFERRER, codes={"question": "1"}))

    for blocked in (False, True):
        decision = decide(life.case, ReleaseDue(blocked=blocked), RULES, SATURDAY)
        assert decision.letters == ()
        assert decision.release_at == MONDAY.replace(day=12, hour=9)


def test_a_referral_that_is_ordered_again_goes_though_its_provider_became_full():
    """It was that provider's already: that it is full for everybody since is no reason to ask her again."""
    life = dispatched()
    back = Fact(at=life.now, kind=Event.BOUNCED, codes={"n": "2", "permanent": "yes"})
    order = Fact(at=life.now, kind=Event.NOTE, by=Party.DESK, codes={"why": "again"})
    case = then(then(life.case, back), order)

    decision = decide(case, ReleaseDue(full=frozenset({"naft-vbo"})), RULES, life.now)

    assert [(one.kind, one.address) for one in decision.letters] == [("referral", NAFT)]


def test_without_a_referrer_the_desk_chooses_another_provider_than_a_full_one():
    """There is nobody to ask."""
    case = replace(at_state(State.QUEUED).case, parties={})

    decision = decide(case, ReleaseDue(full=frozenset({"naft-vbo"})), RULES, MONDAY)

    assert [(h.kind, h.codes) for h in decision.events] == [(Event.DESK_NEEDED, {"why": "provider"})]


def test_only_the_referral_itself_keeps_a_case_here_when_it_cannot_be_delivered():
    """Her confirmation that came back stops nothing."""
    life = at_state(State.QUEUED)

    life.send(1, fails="5.1.1")

    assert (life.state, life.kinds()) == (State.QUEUED, ["undeliverable"])


def test_a_referral_whose_provider_has_a_stand_in_is_not_kept_for_the_desk():
    """It leaves for the other address, and the desk reads which."""
    life = Life()
    naft = replace(RULES.providers["naft-vbo"], stand_in="team@naft-vbo.example")
    life.rules = replace(RULES, providers={**RULES.providers, "naft-vbo": naft})
    life.mail(FORM)
    life.release()

    life.send(2, fails="5.1.1")

    assert life.state is State.QUEUED
    assert [(one.kind, one.to) for one in life.last.letters] == [("referral", "provider"), ("undeliverable", "desk")]
    assert life.last.letters[1].values["stand_in"] == life.last.letters[0].address == "team@naft-vbo.example"


def test_what_dispatches_a_case_names_the_provider_that_has_it():
    """The figures count by it."""
    assert dispatched().case.last(Event.REFERRAL_SENT).codes == {"provider": "naft-vbo"}


def test_an_attachment_that_could_not_be_read_is_named_in_the_confirmation():
    """With why."""
    life = Life()
    came = life.came(FORM)

    life.decide(replace(came, reading=replace(came.reading, unread=(("foto.heic", "is geen document"),))), None)

    [received] = life.last.letters
    assert [row.label for row in received.values["unread"]] == ["foto.heic"]
