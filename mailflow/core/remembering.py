"""Whom the desk told us to remember ("onthoud"): what a mail of that address, or domain, is from now on."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from mailflow.core.commands import AssignClb, FromFamily, Ignore, Order
from mailflow.core.known_senders import Meaning, Remembered, clb_of, provider_of
from mailflow.core.rules import Rules


class Scope(StrEnum):
    """How much of a sender is remembered."""

    ADDRESS = "address"
    DOMAIN = "domain"
    """Everybody there: never at a domain that strangers share."""


@dataclass(frozen=True)
class NotRemembered:
    """Why not; Dutch, for the desk."""

    why: str


def to_remember(author: str, scope: str, order: Order, rules: Rules) -> Remembered | NotRemembered:
    """What is kept of this sender (lower case, "" when it is not certain) after this order about its mail."""
    domain = author.rpartition("@")[2]
    if not author:
        return NotRemembered("we lezen niet met zekerheid wie dit schreef, dus onthouden we niets")
    if _is_listed(author, rules):
        return NotRemembered("dat adres staat al in de lijsten van het meldpunt, dus onthouden we niets")
    if scope == Scope.DOMAIN and domain in rules.proof.shared_domains:
        return NotRemembered(f"bij {domain} kan iedereen een adres hebben: schrijf “onthoud” voor dit ene adres")
    who = f"@{domain}" if scope == Scope.DOMAIN else author
    match order:
        case AssignClb(clb=key):
            return Remembered(who=who, meaning=Meaning.CLB, clb=key)
        case FromFamily():
            return Remembered(who=who, meaning=Meaning.FAMILY)
        case Ignore():
            return Remembered(who=who, meaning=Meaning.IGNORE)
        case _:
            return NotRemembered("onthouden kan met CLB:, ouder of negeer")


def remembering(rules: Rules, remembered: Remembered | None) -> Rules:
    """The rules while a mail of this sender is judged: one of a CLB counts as listed there, so it still needs proof."""
    if remembered is None or remembered.meaning is not Meaning.CLB:
        return rules
    clbs = []
    for clb in rules.clbs:
        if clb.key == remembered.clb and remembered.who.startswith("@"):
            clb = replace(clb, domains=(*clb.domains, remembered.who[1:]))  # noqa: PLW2901 - the same one, with more
        elif clb.key == remembered.clb:
            clb = replace(clb, addresses=(*clb.addresses, remembered.who))  # noqa: PLW2901 - the same
        clbs.append(clb)
    return replace(rules, clbs=tuple(clbs))


def _is_listed(author: str, rules: Rules) -> bool:
    known = rules.senders
    services: Iterable[str] = (one.domain.lower() for one in known.form_services)
    return (
        author in known.desk | known.own
        or clb_of(author, known.clbs) is not None
        or provider_of(author, known.providers) is not None
        or author.rpartition("@")[2] in services
    )
