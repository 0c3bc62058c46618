"""Which provider fits a referral, and which one gets it? (regio, leeftijd, aanbod)"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mailflow.core.checks import Check, Need, checks_of, region_name, years_off
from mailflow.core.neighbours import Neighbour, neighbour_of, outside
from mailflow.core.places import plain
from mailflow.core.provider import Provider

SUMMER = (7, 8)
"""Months in which a referral is mostly meant for the school year that comes."""


@dataclass(frozen=True)
class Fit:
    """Does a provider fit, and why: the reasons are Dutch, ready to be shown to a person."""

    key: str
    fits: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Chosen:
    """One provider was named, or exactly one fits; *warnings* are Dutch lines for the confirmation."""

    key: str
    why: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class AskReferrer:
    """The referrer chooses among *options*: both regions fit, or the wished provider is full."""

    why: str
    options: tuple[Fit, ...]


@dataclass(frozen=True)
class AskDesk:
    """Several fit or none does: the desk decides with these ranked suggestions."""

    why: str
    options: tuple[Fit, ...]


def fit(provider: Provider, need: Need, full: frozenset[str] = frozenset()) -> Fit:
    """Does this provider fit? What cannot be told does not. *full*: keys of those that reported full for the year."""
    checks = checks_of(provider, need)
    if provider.key in full:
        checks = (Check("full", fits=False, says="meldde volzet voor de rest van het schooljaar"), *checks)
    against = tuple(check.says for check in checks if not check.fits)
    return Fit(provider.key, not against, (*against, *(check.says for check in checks if check.fits)))


def ranked(need: Need, providers: Mapping[str, Provider], full: frozenset[str] = frozenset()) -> tuple[Fit, ...]:
    """How every provider fits, best first."""
    fits = [fit(one, need, full) for one in providers.values()]
    return tuple(sorted(fits, key=lambda one: _rank(one, providers[one.key], need)))


def choose_provider(
    values: Mapping[str, str],
    need: Need,
    providers: Mapping[str, Provider],
    *,
    today: date,
    full: frozenset[str] = frozenset(),
    neighbours: Sequence[Neighbour] = (),
) -> Chosen | AskReferrer | AskDesk:
    """Who gets this referral? The wished provider, the only one that fits, or somebody is asked.

    *neighbours* are named to whoever refers a pupil from outside every region.
    `values["insist"] == "yes"` keeps a full provider: the referrer wants it all the same.
    """
    wished, options = values.get("provider", ""), ranked(need, providers, full)
    if wished in providers:
        others = tuple(one for one in options if one.key not in full)
        if wished in full and values.get("insist") != "yes":
            return _instead_of(providers[wished], others, today)
        takers = [providers[one.key].name for one in others if one.fits]
        warnings = _warnings(providers[wished], need, takers, is_full=wished in full)
        theirs = neighbour_of(values.get("postcode", ""), neighbours) if providers[wished].regions else None
        if theirs is not None and not need.regions:
            warnings = (*warnings, outside(values, neighbours))
        return Chosen(wished, f"{providers[wished].name} is de aanbieder die je koos.", warnings)
    fitting = [one for one in options if one.fits]
    if wished not in ("", "none"):
        return AskDesk("De gevraagde aanbieder staat niet (meer) in de lijst van het meldpunt.", options)
    if len(fitting) == 1:
        only = fitting[0]
        return Chosen(only.key, f"{providers[only.key].name} past als enige: {', '.join(only.reasons)}.")
    if _one_in_each(need.regions, [providers[one.key] for one in fitting]):
        both = " en ".join(sorted(region_name(region) for region in need.regions))
        why = f"De aanmelding hoort bij meer dan één regio ({both}). Kies zelf de aanbieder."
        return AskReferrer(why, tuple(fitting))
    if not need.regions and values.get("postcode"):
        return AskDesk(f"{outside(values, neighbours)} Ondertussen bekijkt het meldpunt het.", options)
    if fitting:
        return AskDesk(f"{len(fitting)} aanbieders passen; het meldpunt kiest.", options)
    return AskDesk("Geen enkele aanbieder past zonder meer; het meldpunt bekijkt het.", options)


def _instead_of(provider: Provider, others: tuple[Fit, ...], today: date) -> AskReferrer:
    """The wished provider is full for the year: she chooses another, or this one all the same."""
    still = f"Wil je toch bij {provider.name} aanmelden? Antwoord dan met die naam."
    if today.month in SUMMER:
        still += " Vanaf 1 september geldt dat niet meer."
    left = f"Hieronder staan de andere. {still}" if others else "Alle andere aanbieders meldden ook volzet."
    return AskReferrer(f"{provider.name} is volzet voor de rest van het schooljaar. {left}", others)


def _warnings(provider: Provider, need: Need, takers: Sequence[str], *, is_full: bool) -> tuple[str, ...]:
    """What speaks against the wished provider: it gets the referral all the same."""
    objections = [check for check in checks_of(provider, need) if check.fits is False]
    against = [f"{one.says}. {_who_takes(need.age, takers)}" if one.about == "age" else one.says for one in objections]
    if is_full:
        against.insert(0, "meldde volzet voor de rest van het schooljaar, en je vraagt deze aanbieder toch")
    return tuple(f"{provider.name}: {says}." for says in against)


def _who_takes(age: int | None, names: Sequence[str]) -> str:
    """Who does take a pupil of that age."""
    if names:
        return f"Wie een leerling van {age} jaar wel neemt: {' of '.join(names)}"
    return f"Niemand in onze lijst neemt daar een leerling van {age} jaar; het meldpunt telt deze vraag mee"


def _rank(one: Fit, provider: Provider, need: Need) -> tuple[bool, bool, int, int, str]:
    """What fits first, then the fewest objections, the smallest difference in age, the name."""
    checks = checks_of(provider, need)
    against = sum(not check.fits for check in checks)
    # Whoever does not work for this subject at all comes last.
    return (
        not one.fits,
        not checks[0].fits,
        against,
        years_off(provider, need.age) if need.age is not None else 0,
        plain(provider.name),
    )


def _one_in_each(regions: frozenset[str], fitting: Sequence[Provider]) -> bool:
    """More than one region, with one fitting provider in each, and a different one."""
    per_region = [[one.key for one in fitting if not one.regions or region in one.regions] for region in regions]
    return len(regions) > 1 and all(len(keys) == 1 for keys in per_region) and len(fitting) == len(regions)
