"""What the desk can order with one tap on a line of its digest."""

from dataclasses import replace

from mailbag import BOUNCED, FORM, MONDAY, RULES, SATURDAY, Life, at_state, dispatched
from rows import each_row
from test_desk_says import NOT_ENROLLED, awaiting, refused

from mailflow.core.desk_taps import MOST, desk_taps
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event, State
from mailflow.core.mail import Machine
from mailflow.core.watches import watch

ELSEWHERE = next(one.name for key, one in RULES.providers.items() if key == "time-in" or "Time-in" in one.name)
WITHOUT_IT = replace(RULES, providers={key: one for key, one in RULES.providers.items() if key != "naft-vbo"})


def words(life: Life, rules=None) -> list[str]:
    return [one.word for one in desk_taps(life.case, rules or life.rules, life.now.date(), frozenset())]


def bounced(life: Life, number: int) -> Life:
    """That letter to the provider comes back for good."""
    came = life.came(
        "", machine=Machine.BOUNCE, bounce=BOUNCED, sender="mailer-daemon@naft-vbo.example", role="provider"
    )
    thread = replace(came.understanding.thread, letter=number)
    life.decide(replace(came, understanding=replace(came.understanding, thread=thread)), life.case)
    return life


def came_back(rules=RULES) -> Life:
    """A referral whose letter the provider's host sent back."""
    life = Life()
    life.rules = rules
    life.mail(FORM)
    life.later(minutes=1)
    [number] = [int(h.codes["n"]) for h in life.case.history if h.codes.get("letter") == Kind.REFERRAL][:1]
    return bounced(life, number)


def test_nothing_can_be_tapped_while_nothing_is_asked_of_the_desk():
    """The term of another still runs, or the desk itself lets it wait, or it has ended."""
    waits = at_state(State.NEEDS_DESK)
    waits.says("wacht tot 12 januari", role="desk")

    assert [words(one) for one in (dispatched(), waits, at_state(State.WITHDRAWN))] == [[], [], []]


def test_a_provider_that_keeps_silent_can_be_let_be():
    """Once it was reminded and its term is over."""
    life = dispatched()
    life.later(days=30).look()
    life.later(days=30).look()

    assert words(life) == ["noteer gesproken", "wacht", "sluit"]


def test_a_referral_that_came_back_can_go_once_more():
    """To the address as it now stands in the list."""
    life = came_back()
    assert words(life) == ["opnieuw", "noteer gesproken", "sluit"]

    life.says("opnieuw", role="desk")

    assert life.release_at is not None
    assert watch(life.case, RULES).party == "mailflow"

    life.says("oeps", role="desk")

    assert "wacht weer op jou" in life.last.letters[-1].values["sentence"]
    assert words(life) == ["opnieuw", "noteer gesproken", "sluit"]


@each_row("role", ["referrer", "desk"])
def test_who_phones_a_provider_in_vain_did_not_reach_it(role):
    """The desk still sees to it that somebody gets the referral."""
    life = came_back()

    life.says("Ik heb NAFT gebeld, geen gehoor", role=role)

    assert life.happened(Event.CONTACT_ATTEMPTED) == 1
    assert words(life) == ["opnieuw", "noteer gesproken", "sluit"]


def test_once_it_went_again_nothing_is_taken_back():
    """The provider has it."""
    life = came_back()
    life.says("opnieuw", role="desk")
    life.now = life.release_at
    life.release()

    life.says("oeps", role="desk")

    assert "bel de aanbieder" in life.last.letters[-1].values["sentence"]


def test_its_stand_in_gets_it_first():
    """Nothing is asked of the desk until that letter does not arrive either; then it is told so once."""
    naft = replace(RULES.providers["naft-vbo"], stand_in="team@naft-vbo.example")
    life = came_back(replace(RULES, providers={**RULES.providers, "naft-vbo": naft}))

    referral = life.last.letters[0]
    assert (referral.kind, referral.address) == (Kind.REFERRAL, "team@naft-vbo.example")
    assert life.last.letters[1].values["stand_in"] == "team@naft-vbo.example"
    assert words(life) == []

    life.send(fails="5.1.1 unknown")

    assert life.state is State.DISPATCHED
    assert words(life) == ["opnieuw", "noteer gesproken", "sluit"]


def test_whose_provider_left_moves_on_or_is_closed():
    """To those that fit; and without anybody of a CLB behind it, it can only be closed."""
    life = dispatched()
    assert words(life, WITHOUT_IT) == [f"stuur naar {ELSEWHERE}", "sluit"]

    nobodys = replace(life.case, parties={})

    assert [one.word for one in desk_taps(nobodys, WITHOUT_IT, MONDAY.date(), frozenset())] == ["sluit"]


def test_a_pupil_who_is_enrolled_nowhere_can_start_already():
    """While no CLB has it; never more taps than fit on a line."""
    life = awaiting(NOT_ENROLLED)

    assert words(life)[-3:] == ["start al", "laat kiezen", "negeer"]
    assert len(words(life)) <= MOST


def test_what_stopped_for_another_reason_is_tried_again():
    """Too many in a day; or no provider is known: then the desk names one."""
    many, unknown = Life(), at_state(State.NEEDS_DESK)
    many.mail(FORM, lately=RULES.brakes.letters_a_day)

    assert words(many) == ["opnieuw", "negeer"]
    assert words(unknown)[0].startswith("stuur naar")
    assert words(unknown)[-1] == "negeer"

    unknown.says("opnieuw", role="desk")

    assert "we weten niet naar welke aanbieder" in refused(unknown)


def test_one_with_nobody_behind_it_can_only_be_let_go():
    """It cannot leave."""
    life = at_state(State.NEEDS_DESK)

    assert [one.word for one in desk_taps(replace(life.case, parties={}), RULES, life.now.date(), frozenset())] == [
        "negeer"
    ]


def test_a_gone_provider_cannot_get_it_once_more():
    """Another is to be named."""
    life = came_back()
    life.rules = WITHOUT_IT

    life.says("opnieuw", role="desk")

    assert "staat niet meer in de lijst" in refused(life)


def test_it_waits_again_when_the_order_is_given_on_a_closed_day():
    """On Saturday nothing leaves: Monday at the opening."""
    life = came_back()
    life.now = SATURDAY

    life.says("opnieuw", role="desk")

    assert RULES.calendar.is_open(life.release_at)
    assert life.case.last(Event.NOTE).codes["why"] == "again"


def test_while_its_provider_is_gone_it_does_not_go_again():
    """The digest says so; nothing is written."""
    life = came_back()
    life.says("opnieuw", role="desk")
    life.rules = WITHOUT_IT
    life.now = life.release_at

    life.release()

    assert life.last.events == ()


def test_at_a_closed_hour_it_waits_for_the_opening_whatever_else_holds_it():
    """Unread mail on the case is looked at then."""
    life = at_state(State.QUEUED)
    life.now = life.release_at = SATURDAY

    life.release(blocked=True)

    assert RULES.calendar.is_open(life.release_at)
    assert life.last.letters == ()


def test_what_the_desk_wrote_and_we_did_not_understand_can_be_closed():
    """We asked it: it is its turn, whatever the provider owes."""
    life = dispatched()
    life.says("blabla iets onbekends", role="desk")

    assert words(life) == ["sluit"]
