"""Whatever people write, in whatever state: the case goes by the table, and somebody always has it."""

import os
import random
from dataclasses import replace
from datetime import date

import pytest
from mailbag import (
    BOUNCED,
    CLB,
    COLLEAGUE,
    FORM,
    NAFT,
    OUT_OF_OFFICE,
    PARENT,
    RULES,
    SATURDAY,
    WORKER,
    Life,
    at_state,
    dispatched,
)

from mailflow.core.case import replay
from mailflow.core.leaving import unsaid
from mailflow.core.lifecycle import ENDS, OPEN, Event, State
from mailflow.core.mail import Machine
from mailflow.core.occasions import EraseDue
from mailflow.core.retention import What
from mailflow.core.school_year import Closure
from mailflow.core.silence import alarms_both
from mailflow.core.watches import forgotten, next_look

NEW_CLB = "griet.lemmens@vrijclbbro.be"
TYPED = (
    "aanvaard",
    "wachtlijst",
    "wachtlijst, zo afgesproken met de aanmelder",
    "volzet",
    "volzet, geldt voor alle aanmeldingen",
    "geen match",
    "gesproken",
    "gestart",
    "afgerond",
    "we bellen terug zodra er plaats is",
    "rondetafel op 12 oktober",
    "behouden",
    "stop",
    "stop even",
    "liever sneller",
    "Time-in graag",
    "liever sneller, bij Time-in",
    "wat is de stand van zaken?",
    "bevestig",
    "dat was ik niet",
    "Mijn collega neemt dit dossier over.",
    "hoe lang duurt dat meestal?",
    "bedankt",
    "oeps",
    "ja",
    "nee",
    "misschien volgende week, we zien nog wel",
    "",
    "Geboortedatum: 5/6/2010",
    "Gewenste aanbieder: Time-in Klaswerking",
    "NAFT belde: ze aanvaarden",
    "NAFT belde: wachtlijst, voor ons oké",
    "Voornaam: Lou\nAchternaam: Staal\nGeboortedatum: 5/6/2010\nSchool: Atheneum Voorbeeld",
    FORM,
    f"{FORM}\n\n{FORM.replace('Noor', 'Lou').replace('12/03/2011', '01/09/2013')}",
    "Woonplaats: 1500 Halle",
    "Ja, Noor gaat akkoord.",
    f"Noor gaat naar een andere school: Griet ({NEW_CLB}) neemt dit dossier over.",
    "Stuur naar Time-in Klaswerking",
    "negeer",
    "sluit",
    "wacht tot 30 oktober",
    "vergeet deze aanmelding",
)
TAPS = (
    "accept", "waitlist", "full", "no_match", "contacted", "started", "completed", "keep", "withdraw",
    "stop_release", "elsewhere", "confirm", "deny",
)  # fmt: skip
WRITERS = {"provider": NAFT, "referrer": CLB, "desk": WORKER}
STATES = sorted(State, key=lambda state: state.value)


@pytest.fixture(scope="module")
def states():
    """A case in every state that mail can bring it to."""
    return {state: at_state(state) for state in STATES if state not in {State.NEW, State.REPLACED}}


def copy(life):
    """The same case, for another try."""
    return Life(
        now=life.now, case=life.case, release_at=life.release_at, waiting=dict(life.waiting), mails=life.mails + 1
    )


@pytest.mark.parametrize("role", WRITERS)
def test_every_answer_in_every_state_comes_to_something(states, role):
    """Typed or tapped: it moves by the table, is noted, is asked back, or reaches the desk; nothing is refused."""
    for state, life in states.items():
        for text, tap in [(text, None) for text in TYPED] + [("", tap) for tap in TAPS]:
            one = copy(life)

            decision = one.says(text, role=role, tap=tap)

            moved = decision.events[1:] or decision.letters
            assert moved or decision.opens, f"{role} says {text or tap!r} in {state}: nothing came of it"


@pytest.mark.parametrize("role", WRITERS)
def test_whatever_is_unclear_twice_is_read_by_the_desk(states, role):
    """Asked back once, then a person."""
    for state, life in states.items():
        if state in ENDS or role == "desk" or (role == "provider" and state in BEFORE_PROVIDER):
            continue
        one = copy(life)
        if not one.case.parties.get("referrer"):
            continue

        one.says("misschien volgende week, we zien nog wel", role=role)
        assert "unclear" in one.kinds(), state
        one.says("misschien volgende week, we zien nog wel", role=role)

        assert "other_mail" in one.kinds(), state
        assert one.happened(Event.ASKED_BACK) == 1


BEFORE_PROVIDER = (State.UNCONFIRMED, State.AWAITING_CLB, State.NEEDS_INFO, State.NEEDS_DESK, State.QUEUED)


@pytest.mark.parametrize("machine", Machine)
def test_no_machine_ever_moves_a_case(states, machine):
    """Bounces, auto-replies, out-of-office, lists, loops and calendars are notes at most."""
    bounce = BOUNCED if machine is Machine.BOUNCE else None
    for state, life in states.items():
        for role, sender in WRITERS.items():
            one = copy(life)

            one.says("aanvaard. stop. bevestig.", role=role, sender=sender, machine=machine, bounce=bounce)

            assert one.state is state
            assert one.last.outcome == "machine"


def test_a_stranger_with_a_seal_moves_nothing_but_holds_a_referral_up(states):
    """A seal is no passport: her known address is asked, or the desk reads it; what has not left waits for that."""
    for state, life in states.items():
        one = copy(life)

        one.says("aanvaard", role="referrer", sender="iemand@elders.example")
        one.later(days=3)

        asked = one.case.has_referrer and state not in ENDS
        assert one.state is state
        assert one.happened(Event.ASKED_WHO) == asked
        assert one.to("desk")[-1:] == ["other_mail"] or asked


def walk(seed, steps=50):
    """One random life: mails of anybody, taps, machines, time, refusals; the states it came through."""
    dice = random.Random(seed)
    life = Life(now=SATURDAY) if seed % 3 == 0 else Life()
    life.mail(FORM, proof=dice.choice(["pass", "pass", "pass", "none"]))
    seen = {life.state}
    for _ in range(steps):
        role = dice.choice([*WRITERS])
        match dice.randrange(21):
            case 0 | 1:
                life.later(minutes=dice.choice([1, 10, 16]))
            case 2:
                life.later(hours=dice.choice([2, 20, 70]))
            case 3:
                life.later(days=dice.choice([3, 8, 30]))
            case 4 | 5:
                life.look()
            case 6 if life.waiting:
                life.send(min(life.waiting), fails="5.1.1")
            case 7:
                life.says("ik ben er niet", role=role, machine=OUT_OF_OFFICE)
            case 8:
                life.full = frozenset(dice.choice([(), ("naft-vbo",), ("naft-vbo", "time-in")]))
            case 9:
                life.says(dice.choice(TYPED), role="referrer", sender=dice.choice([COLLEAGUE, PARENT]))
            case 11:
                life.rules = dice.choice([RULES, OTHER_AGES, WITHOUT_NAFT, CLOSED])
                life.look()
            case 12:
                life.says(dice.choice(["bevestig", "dat was ik niet", "stop"]), role="referrer", sender=NEW_CLB)
            case 13:
                year_goes_by(life)
            case 17:
                life.rules = STANDS_IN
                life.says(dice.choice(TYPED), role="desk", sender=STAND_IN)
            case 18:
                away = dice.choice(["Ik ben afwezig tot en met 30 oktober.", "Ik ben even niet op kantoor."])
                life.says(away, role=role, machine=OUT_OF_OFFICE)
            case 19:
                life.says("", role=role, sender="mailer-daemon@elders.example", machine=Machine.BOUNCE, bounce=BOUNCED)
            case 20:
                # The desk closes, or a mail stands in the way, at the very moment that it was to leave.
                life.rules = dice.choice([life.rules, CLOSED])
                life.release(blocked=dice.random() < 0.5)
            case 10:
                life.says("", tap=dice.choice(TAPS), role=role)
            case _:
                life.says(dice.choice(TYPED), role=role, proof=dice.choice(["pass", "pass", "none", "fail"]))
        seen.add(life.state)
        assert_every_letter_has_a_reason(life.last)
        assert_alarms_can_go_to_both(life)
    assert_nothing_repeats_without_a_cause(life.case)
    while (due := next_look(life.case, life.rules)) and due <= life.now and life.look().events:
        pass
    assert not forgotten(life.case, life.rules, life.now)
    assert unsaid(life.case, RULES.calendar) is not True
    life.decide(EraseDue(what=dice.choice([*What]) if life.state in ENDS else What.ALL), life.case)
    life.says(dice.choice(TYPED), role=dice.choice([*WRITERS]))
    assert life.state in ENDS or not life.case.erased
    return seen


NAFT_VBO = RULES.providers["naft-vbo"]
OTHERS = {key: one for key, one in RULES.providers.items() if key != NAFT_VBO.key}
OTHER_AGES = replace(RULES, providers={**OTHERS, NAFT_VBO.key: replace(NAFT_VBO, minimum_age=16)})
WITHOUT_NAFT = replace(RULES, providers=OTHERS)
CLOSED = replace(
    RULES, calendar=replace(RULES.calendar, closures=(Closure(date(2026, 10, 1), date(2026, 10, 30), "ziek"),))
)
"""The operator changes an offer, a provider leaves, the meldpunt closes without warning."""


STAND_IN = "vervanger@meldpunt.example"
STANDS_IN = replace(RULES, desk=replace(RULES.desk, stand_in=STAND_IN))


def assert_alarms_can_go_to_both(life):
    """Whoever stands in gets a letter of its own, and the case still replays to what it is."""
    both = alarms_both(life.last, STAND_IN, life.now)
    if both.case is not None:
        assert both.case == replay(both.case.history, replace(both.case, **BARE))
        written = [h.codes["letter"] for h in both.events if h.kind is Event.LETTER_WRITTEN]
        assert written == [str(one.kind) for one in both.letters]


BARE = {"state": State.NEW, "since": None, "opened_at": None, "provider": "", "letters": 0, "history": ()}


def year_goes_by(life):
    """To the next birthday that counts or the next June, looking at each promise on the way."""
    for _ in range(6):
        due = next_look(life.case, life.rules)
        if life.case.state in ENDS or due is None:
            return
        life.now = max(life.now, due)
        life.later(minutes=0)
        life.look()


def assert_every_letter_has_a_reason(decision):
    """Beside its letters a decision holds what happened; a referral leaves, or is late, because its hour has come."""
    kinds = {happened.kind for happened in decision.events}
    if decision.case is not None and kinds == {Event.LETTER_WRITTEN}:
        assert {str(letter.kind) for letter in decision.letters} <= {"referral", "leaves_later"}


def assert_nothing_repeats_without_a_cause(case):
    """One reminder and one line to the desk on each wait: between two of a kind something else was said or moved."""
    last = {}
    for number, happened in enumerate(case.history):
        if happened.kind in {Event.REMINDER_SENT, Event.DESK_TOLD}:
            name = (happened.kind, happened.codes["what"])
            between = {h.kind for h in case.history[last.get(name, -1) + 1 : number]} - OF_LETTERS
            assert name not in last or between, name
            last[name] = number


OF_LETTERS = {
    Event.LETTER_WRITTEN, Event.LETTER_SENT, Event.LETTER_REFUSED, Event.LETTER_VOIDED, Event.REMINDER_SENT,
    Event.DESK_TOLD,
}  # fmt: skip


def test_a_case_that_anything_may_happen_to_keeps_its_promises():
    """Through every state; Life checks each decision (replay, letters, turn, watch). All 10,000: MAILFLOW_LIVES=200."""
    seen = set().union(*(walk(seed) for seed in range(int(os.environ.get("MAILFLOW_LIVES", "60")))))

    rare = {State.REPLACED}  # the second of two providers, once she wanted it faster: in one walk of a hundred
    assert seen >= {*STATES} - {State.NEW, State.AWAITING_CLB} - rare


def test_the_walks_reach_what_matters(states):
    """Every open state but the passing one can be come to by mail."""
    assert {*states} >= OPEN - {State.NEW}
    assert dispatched().state is State.DISPATCHED
