""" "Oeps" of the desk: undone while nobody has heard of it, else an honest answer."""

from dataclasses import replace
from datetime import date

from rows import each_row
from test_desk_says import CLBS, NOT_ENROLLED, at, awaiting

from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.watches import waits_until, watch


def read_back(life):
    """What the desk reads."""
    return str(life.last.letters[-1].values["sentence"])


@each_row("order", ["wijs toe aan Vrij CLB Leuven", "wijs toe aan GO! CLB Leuven", "laat kiezen"])
def test_a_clb_or_family_that_was_not_asked_yet_is_not_asked(order):
    """The question waited for the pause; with a CLB without address it is still in the desk's own hands."""
    life = awaiting()
    life.says(order, role="desk")

    life.says("oeps", role="desk")

    assert life.case.assigned_clb == ""
    assert not life.case.family_chooses
    assert not {"take_over", "choose_clb"} & {codes["letter"] for codes in life.case.waiting_letters().values()}
    assert watch(life.case, life.rules).party is Party.DESK


@each_row(("tap", "minutes"), [("assign", 1), (None, 14)])
def test_a_question_that_left_is_not_taken_back(tap, minutes):
    """A tap is certain and leaves at once; and after the pause everything has left."""
    life = awaiting()
    life.says("wijs toe aan Vrij CLB Leuven", role="desk", tap=tap)
    life.later(minutes=minutes)
    life.send(*[n for n, codes in life.case.waiting_letters().items() if codes["letter"] == "take_over"])

    life.says("oeps", role="desk")

    assert life.case.assigned_clb == "clb-leuven"
    assert "al vertrokken" in read_back(life)
    assert "niets veranderd" in read_back(life)


def test_after_the_pause_nothing_is_taken_back():
    """And the desk is told so."""
    life = awaiting()
    life.says("wacht tot 20 oktober", role="desk")
    life.later(minutes=16)

    life.says("oeps", role="desk")

    assert waits_until(life.case) == date(2026, 10, 20)
    assert "geen opdracht van jou" in read_back(life)


def test_without_an_order_there_is_nothing_to_take_back():
    """Somebody else's word is not the desk's."""
    life = at(State.DISPATCHED)

    life.says("oeps", role="desk")

    assert life.state is State.DISPATCHED
    assert "geen opdracht van jou" in read_back(life)


def test_a_pupil_who_may_not_leave_after_all_waits_for_a_clb_again():
    """And the obligation of an open CLB question is gone with it."""
    life = awaiting(NOT_ENROLLED + "Gewenste aanbieder: NAFT VBO\n")
    life.release_at = None
    life.says("start al", role="desk")
    assert life.case.clb_open

    life.says("oeps", role="desk")

    assert life.state is State.AWAITING_CLB
    assert not life.case.clb_open


def test_a_chosen_provider_is_asked_for_again():
    """While the referral has not left; the referrer, who was told, is told again."""
    life = at(State.NEEDS_DESK)
    life.says("stuur naar NAFT VBO", role="desk")
    life.send()

    life.says("oeps", role="desk")

    assert life.state is State.NEEDS_DESK
    assert life.case.last(Event.DESK_NEEDED).codes["why"] == "provider"
    assert [letter.kind for letter in life.last.letters] == ["received", "echo"]


def test_it_is_put_right_in_the_same_line():
    """ "Oeps, stuur naar ..." is both."""
    life = at(State.NEEDS_DESK)
    life.says("stuur naar NAFT VBO", role="desk")

    life.says("oeps, stuur naar NAFT AHV", role="desk")

    assert life.state is State.QUEUED
    assert life.case.provider == "naft-ahv"


def test_a_referral_on_its_way_is_not_taken_back():
    """It is being delivered."""
    life = at(State.NEEDS_DESK)
    life.says("stuur naar NAFT VBO", role="desk")
    life.now = life.release_at
    life.release()

    life.says("oeps", role="desk")

    assert "al onderweg" in read_back(life)


def test_waiting_is_taken_back():
    """A held referral goes on its way again."""
    life = at(State.QUEUED)
    life.says("wacht tot 20 oktober", role="desk")

    life.says("oeps", role="desk")

    assert life.state is State.QUEUED
    other = awaiting()
    other.says("wacht tot 20 oktober", role="desk")
    other.says("oeps", role="desk")
    assert watch(other.case, other.rules).due.date() < date(2026, 10, 20)


@each_row(
    ("state", "noted"),
    [
        (State.DISPATCHED, "aanvaard"),
        (State.DISPATCHED, "wachtlijst"),
        (State.DISPATCHED, "volzet"),
        (State.DISPATCHED, "geen match"),
        (State.WAITLIST_OFFERED, "behouden"),
        (State.FULL, "aanvaard"),
        (State.ACCEPTED, "volzet"),
    ],
)
def test_what_was_noted_is_taken_back_before_anybody_hears(state, noted):
    """The case stands where it stood."""
    life = at(state)
    life.send()
    life.says(f"noteer {noted}", role="desk")
    assert life.state is not state

    life.says("oeps", role="desk")

    assert life.state is state
    assert not [codes for codes in life.case.waiting_letters().values() if codes["to"] in ("referrer", "provider")]


def test_what_has_no_way_back_is_at_least_not_told():
    """A start stays noted: the desk says how it is."""
    life = at(State.ACCEPTED)
    life.send()
    life.says("noteer vandaag gestart", role="desk")

    life.says("oeps", role="desk")

    assert life.state is State.STARTED
    assert "noteer hoe het wel zit" in read_back(life)


def test_a_tap_is_told_at_once_and_stays():
    """The other side has it."""
    life = at(State.DISPATCHED)
    life.says("noteer aanvaard", role="desk")
    life.later(minutes=14)
    for number in life.case.waiting_letters():
        life.send(number)

    life.says("oeps", role="desk")

    assert life.state is State.ACCEPTED
    assert "kreeg dat bericht al" in read_back(life)


def test_a_closed_case_is_open_again():
    """Before the referrer hears of it; later "heropen" does the same."""
    life = at(State.NEEDS_DESK)
    life.says("negeer", role="desk")
    assert life.state is State.WITHDRAWN

    life.says("oeps", role="desk")

    assert life.state is State.NEEDS_DESK
    late = at(State.NEEDS_DESK)
    late.says("sluit", role="desk")
    late.later(minutes=16)
    late.send()
    late.says("oeps", role="desk")
    assert late.state is State.WITHDRAWN
    assert "heropen" in late.last.letters[-1].values["why"]


def test_a_question_to_a_clb_on_a_case_that_left_is_taken_back():
    """It stays open which CLB it is."""
    life = awaiting(NOT_ENROLLED + "Gewenste aanbieder: NAFT VBO\n")
    life.says("start al", role="desk")
    life.rules = replace(life.rules, clbs=CLBS)
    life.says("wijs toe aan Vrij CLB Leuven", role="desk")

    life.says("oeps", role="desk")

    assert life.case.assigned_clb == ""
    assert life.case.clb_open
