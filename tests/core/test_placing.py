"""What is counted of a referral as it is placed."""

from dataclasses import replace

from mailbag import FORM, MONDAY, Life
from rows import each_row

from mailflow.core.desk_taps import desk_taps
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event, State


@each_row(("wish", "event"), [("NAFT VBO", Event.REFERRAL_COMPLETE), ("geen voorkeur", Event.DESK_NEEDED)])
def test_a_young_pupil_without_an_offer_is_counted(wish, event):
    """For the yearly survey, by its age and not by its name."""
    life = Life()
    teens = {key: one for key, one in life.rules.providers.items() if one.minimum_age == 12}
    life.rules = replace(life.rules, providers=teens)

    life.mail(FORM.replace("12/03/2011", "12/03/2018").replace("NAFT VBO", wish))

    codes = life.case.last(event).codes
    assert (codes["age"], codes["offer"]) == ("under_12", "none")


def test_who_is_offered_something_is_not():
    """Whether or not there is a place."""
    life = Life()
    life.mail(FORM)

    assert "offer" not in life.case.last(Event.REFERRAL_COMPLETE).codes


GHENT = FORM.replace("3000 Leuven", "9000 Gent").replace("Sint-Voorbeeld Leuven", "Sint-Voorbeeld Gent")


def taps_of(life, full=frozenset()):
    """What the digest offers the desk with one tap."""
    return [tap.label for tap in desk_taps(life.case, life.rules, MONDAY.date(), full)]


def test_the_region_of_her_clb_counts_in_all_that_is_offered_later_too():
    """A pupil from outside the province whose CLB lies in it: the desk may choose from those that she was told of."""
    life = Life()
    life.mail(GHENT.replace("NAFT VBO", "geen voorkeur"))

    told = next(one for one in life.letters if one.kind is Kind.RECEIVED)
    assert told.values["warnings"] == ["2 aanbieders passen; het meldpunt kiest."]
    assert [label for label in taps_of(life) if "Stuur" in label] == [
        "Stuur naar NAFT VBO",
        "Stuur naar Time-in Klaswerking",
    ]


def test_where_nobody_fits_the_desk_is_offered_who_comes_nearest():
    """Ranked: whoever has the fewest objections first."""
    life = Life()
    teens = {key: one for key, one in life.rules.providers.items() if one.minimum_age == 12}
    life.rules = replace(life.rules, providers=teens)
    life.mail(FORM.replace("12/03/2011", "12/03/2022").replace("NAFT VBO", "geen voorkeur"))

    assert life.case.state is State.NEEDS_DESK
    assert taps_of(life) == ["Toch naar NAFT VBO", "Toch naar NAFT AHV", "Negeer"]


def test_a_second_confirmation_asks_for_nothing_again():
    """What the form lacked was asked once; when the desk let it wait, she reads until when."""
    life = Life()
    life.mail(FORM.replace("NAFT VBO", "geen voorkeur"))
    life.send()

    life.says("wacht tot 12 oktober", role="desk")
    life.send()
    life.says("stuur naar NAFT VBO", role="desk")

    first, waits, goes = (one for one in life.letters if one.kind is Kind.RECEIVED)
    assert first.values["wanted"]
    assert (waits.values["wanted"], waits.values["until"]) == ([], "maandag 12 oktober 2026")
    assert (goes.values["wanted"], goes.values["provider"], goes.values["again"]) == ([], "NAFT VBO", True)
