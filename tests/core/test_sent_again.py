"""The same form once more: no second case, a kind answer, and nothing is merged silently."""

from dataclasses import replace

from mailbag import COLLEAGUE, FORM, PARENT, RULES, Life, at_state, check, dispatched

from mailflow.core.decide import decide
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event, State
from mailflow.core.pupil import Earlier, pupil_of


def again(life: Life, text=FORM, **kind):
    """The form comes once more, as a mail that names no case: what is decided, of the case that there is or another."""
    came = life.came(text, **kind)
    pupil = pupil_of(came.understanding.form.values)
    earlier = {pupil: (Earlier(case=life.case, sure=True),)}
    decision = decide(None, replace(came, pupils=earlier), RULES, life.now)
    if not decision.opens:
        check(decision, life.case, RULES, life.now)
    return decision


def kinds(decision):
    return [one.kind for one in decision.letters]


def test_it_is_answered_with_where_the_case_stands():
    """No second case; when the first came, and what she can do with it."""
    life = dispatched()

    decision = again(life)

    assert not decision.opens
    assert kinds(decision) == [Kind.AGAIN]
    assert decision.letters[0].values["opened"] == "maandag 5 oktober 2026"
    assert decision.case.state is State.DISPATCHED


def test_whatever_differs_is_another_referral():
    """Another reason, another pupil; a colleague who sends it; a case that ended."""
    assert again(dispatched(), FORM.replace("amper nog", "niet meer")).opens
    assert again(dispatched(), sender=COLLEAGUE).opens
    assert again(dispatched(), sender=PARENT).opens
    assert again(at_state(State.WITHDRAWN)).opens


def test_what_it_adds_completes_a_case_that_waits_for_it():
    """The date that was asked for: it goes on as if she had answered the question."""
    life = at_state(State.NEEDS_INFO)
    assert "birth_date" not in life.case.values

    decision = again(life)

    assert not decision.opens
    assert decision.case.values["birth_date"] == "2011-03-12"
    assert decision.case.state is State.QUEUED
    assert Kind.RECEIVED in kinds(decision)


def test_what_it_adds_to_a_case_that_waits_for_nothing_is_another_referral():
    """A provider has that form: it is not changed under its hands."""
    more = FORM + "Hulpverlening: CAW sinds vorig jaar\n"
    assert again(dispatched(), more).opens


def test_her_proof_comes_with_the_second_one():
    """She need not confirm any more."""
    life = at_state(State.UNCONFIRMED)

    decision = again(life)

    assert any(h.kind is Event.SENDER_CONFIRMED for h in decision.events)
    assert decision.case.state is State.QUEUED


def test_unproven_once_more_she_is_asked_once_more():
    """The same letter that asks to confirm."""
    life = at_state(State.UNCONFIRMED)

    decision = again(life, proof="none")

    assert kinds(decision) == [Kind.CONFIRM]
    assert decision.case.state is State.UNCONFIRMED


def test_unproven_words_that_differ_from_a_case_that_waits_for_her_yes_make_their_own():
    """Whoever wrote the first may have put something in it: her proof is for hers only."""
    life = at_state(State.UNCONFIRMED)

    assert again(life, FORM.replace("amper nog", "niet meer")).opens


def test_what_she_writes_beside_it_is_read_by_the_desk_first():
    """Nothing leaves until then."""
    life = at_state(State.QUEUED)

    decision = again(life, f"Toch liever niet, wacht nog even met deze leerling.\n\n{FORM}")

    assert Kind.AGAIN in kinds(decision)
    assert Kind.OTHER_MAIL in kinds(decision)
    assert decision.case.state is State.NEEDS_DESK


def test_beside_a_case_that_has_left_nothing_can_be_held():
    """The desk reads it all the same."""
    life = dispatched()

    decision = again(life, f"Hij wil absoluut niet naar die plek.\n\n{FORM}")

    assert Kind.OTHER_MAIL in kinds(decision)
    assert decision.case.state is State.DISPATCHED


def test_too_many_letters_in_a_day_and_the_blank_form_asked_for():
    """Then it is read as any mail."""
    assert again(dispatched(), lately=RULES.brakes.letters_a_day).opens
    assert Kind.AGAIN not in kinds(again(dispatched(), subject="aanbod"))
