"""What is counted of a referral as it is placed."""

from dataclasses import replace

import pytest
from mailbag import FORM, Life

from mailflow.core.lifecycle import Event


@pytest.mark.parametrize(
    ("wish", "event"), [("NAFT VBO", Event.REFERRAL_COMPLETE), ("geen voorkeur", Event.DESK_NEEDED)]
)
def test_a_young_pupil_without_an_offer_is_counted(wish, event):
    """For the yearly survey (domain.md row 21), by its age and not by its name."""
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
