"""What does a case need of a provider? Its form, and where the CLB of its referrer lies."""

from datetime import date

from mailflow.core.case import Case
from mailflow.core.checks import Need, need_of
from mailflow.core.known_senders import Clb, clb_of
from mailflow.core.rules import Rules


def clb_behind(case: Case, rules: Rules) -> Clb | None:
    """The CLB whose worker referred; None while nobody of a CLB did, or once it left the configuration."""
    return clb_of(case.parties.get("referrer", ""), rules.clbs)


def needs(case: Case, rules: Rules, today: date) -> Need:
    """What the case needs on *today* (the expected start); the region of the referrer's CLB counts too."""
    clb = clb_behind(case, rules)
    return need_of(case.values, rules.places, on=today, clb_postcode=clb.postcode if clb else "")
