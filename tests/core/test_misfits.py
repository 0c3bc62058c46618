"""Does a referral still fit where it is? A move, another offer, a provider that left; and whether it leaves in time."""

from dataclasses import replace
from datetime import datetime

from mailbag import FORM, RULES, SATURDAY, WORKER, Life, at_state, dispatched

from mailflow.core.lifecycle import Event, State
from mailflow.core.misfits import misfits, provider_is_gone
from mailflow.core.workdays import BRUSSELS

GRIET = "griet.lemmens@vrijclbbro.be"


def without_naft():
    """The rules once NAFT VBO has left the list."""
    return replace(RULES, providers={key: one for key, one in RULES.providers.items() if key != "naft-vbo"})


def test_a_move_to_another_region_is_said_to_her_once():
    """With a way out; what she was warned of at the beginning is not said again."""
    life = Life()
    life.mail(
        FORM.replace("an.peeters@vclbleuven.be", GRIET).replace("Vrij CLB Leuven", "Vrij CLB Brabant Oost"),
        sender=GRIET,
    )
    life.later(minutes=1)

    life.says("Woonplaats: 1500 Halle", role="referrer", sender=GRIET)
    first = life.letters[-2]
    life.says("Woonplaats: 1501 Buizingen", role="referrer", sender=GRIET)

    assert first.kind == "supplemented"
    assert "Asse-Halle-Vilvoorde" in first.values["against"][0]
    assert [tap.action for tap in first.taps] == ["elsewhere", "withdraw"]
    assert life.happened(Event.NO_LONGER_FITS) == 1


def test_another_age_of_the_provider_is_noted_when_it_is_looked_at():
    """An operator changed it: the digest names the case, nobody is mailed."""
    life = dispatched()
    naft = replace(RULES.providers["naft-vbo"], minimum_age=16)
    life.rules = replace(RULES, providers={**RULES.providers, "naft-vbo": naft})

    life.look()

    assert [h.codes["why"] for h in life.last.events] == ["age"]
    assert not life.last.letters
    assert "16 jaar" in misfits(life.case, life.rules, life.now.date())["age"]
    life.look()
    assert not life.last.events


def test_a_started_trajectory_is_left_alone():
    """And so is one whose provider left: the desk reads that elsewhere."""
    case = at_state(State.STARTED).case

    assert misfits(case, RULES, SATURDAY.date()) == {}
    assert misfits(dispatched().case, without_naft(), SATURDAY.date()) == {}
    assert provider_is_gone(case, without_naft())
    assert not provider_is_gone(at_state(State.QUEUED).case, without_naft())


def test_the_desk_moves_a_case_whose_provider_left():
    """A linked referral is made, the first one ends, and she reads both."""
    for state in (State.DISPATCHED, State.WAITLISTED, State.ACCEPTED):
        life = at_state(state)
        life.rules = without_naft()

        life.says("stuur naar Time-in Klaswerking", role="desk", tap="reply")

        assert life.state is State.REPLACED, state
        assert life.to("referrer")[-1] == "moved"
        made = life.last.others[0].case
        assert (made.provider, made.values["earlier_reference"]) == ("time-in", life.case.reference)
        assert [one.kind for one in life.last.others[0].letters] == ["received"]


def test_what_has_begun_or_has_no_referrer_is_not_moved():
    """The desk reads why."""
    life = at_state(State.STARTED)
    life.rules = without_naft()

    life.says("stuur naar Time-in Klaswerking", role="desk", sender=WORKER)

    assert life.state is State.STARTED
    assert life.kinds() == ["unclear"]
    nobody = dispatched()
    nobody.rules = without_naft()
    nobody.case = replace(nobody.case, parties={})
    nobody.says("stuur naar Time-in Klaswerking", role="desk", sender=WORKER)
    assert nobody.state is State.DISPATCHED


def test_a_release_that_comes_a_day_late_says_so():
    """The service was down all Monday: on Tuesday she reads that it left only now."""
    life = Life(now=SATURDAY)
    life.mail(FORM)
    life.now = datetime(2026, 10, 13, 9, 0, tzinfo=BRUSSELS)

    life.later(minutes=0)

    assert life.state is State.DISPATCHED
    assert life.to("referrer") == ["received", "leaves_later"]
    assert life.letters[-2].values["leaves"] == ""


def test_in_time_is_no_news():
    """Nor is what the desk itself held back."""
    life = Life(now=SATURDAY)
    life.mail(FORM)
    life.now = datetime(2026, 10, 12, 9, 0, tzinfo=BRUSSELS)

    life.later(minutes=0)

    assert life.to("referrer") == ["received"]
