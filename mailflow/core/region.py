"""Where does this referral belong, and which providers fit? (regio, leeftijd, aanbod)"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from mailflow.core.checks import Check, age_band, age_on, checks_of, region_name, regions_of, years_off
from mailflow.core.neighbours import Neighbour, neighbour_of, outside
from mailflow.core.places import Place, places_from, plain
from mailflow.core.provider import Provider

__all__ = [
    "AskDesk",
    "AskReferrer",
    "Chosen",
    "Fit",
    "Place",
    "Provider",
    "age_band",
    "age_on",
    "choose_provider",
    "fit",
    "places_from",
    "regions_of",
]


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


def fit(
    provider: Provider,
    values: Mapping[str, str],
    places: Sequence[Place],
    *,
    today: date,
    full: frozenset[str] = frozenset(),
    clb_postcode: str = "",
) -> Fit:
    """Does this provider fit the referral on *today* (the expected start)? What cannot be told does not fit."""
    checks = checks_of(provider, values, regions_of(values, places, clb_postcode), today)
    if provider.key in full:
        checks = (Check("full", fits=False, says="meldde volzet voor de rest van het schooljaar"), *checks)
    against = tuple(check.says for check in checks if not check.fits)
    return Fit(provider.key, not against, (*against, *(check.says for check in checks if check.fits)))


def choose_provider(
    values: Mapping[str, str],
    providers: Mapping[str, Provider],
    places: Sequence[Place],
    *,
    today: date,
    full: frozenset[str] = frozenset(),
    clb_postcode: str = "",
    neighbours: Sequence[Neighbour] = (),
) -> Chosen | AskReferrer | AskDesk:
    """Who gets this referral (design.md section 5)? *today* is the expected start, *full* the keys full for the year.

    *neighbours* are named to whoever refers a pupil from outside every region.

    `values["insist"] == "yes"` keeps a full provider: the referrer wants it all the same.
    """

    wished = values.get("provider", "")
    regions = regions_of(values, places, clb_postcode)
    options = ranked(values, providers, places, today=today, full=full, clb_postcode=clb_postcode)
    if wished in providers:
        others = tuple(one for one in options if one.key not in full)
        takers = tuple(providers[one.key].name for one in others if one.fits)
        named = _named(providers[wished], values, regions, today, full=full, others=others, takers=takers)
        theirs = neighbour_of(values.get("postcode", ""), neighbours) if providers[wished].regions else None
        if regions or theirs is None or isinstance(named, AskReferrer):
            return named
        return replace(named, warnings=(*named.warnings, outside(values, neighbours)))
    fitting = [one for one in options if one.fits]
    if wished not in ("", "none"):
        return AskDesk("De gevraagde aanbieder staat niet (meer) in de lijst van het meldpunt.", options)
    if len(fitting) == 1:
        only = fitting[0]
        return Chosen(only.key, f"{providers[only.key].name} past als enige: {', '.join(only.reasons)}.")
    if _one_in_each(regions, [providers[one.key] for one in fitting]):
        both = " en ".join(sorted(region_name(region) for region in regions))
        why = f"De aanmelding hoort bij meer dan één regio ({both}). Kies zelf de aanbieder."
        return AskReferrer(why, tuple(fitting))
    if not regions and values.get("postcode"):
        return AskDesk(f"{outside(values, neighbours)} Ondertussen bekijkt het meldpunt het.", options)
    if fitting:
        return AskDesk(f"{len(fitting)} aanbieders passen; het meldpunt kiest.", options)
    return AskDesk("Geen enkele aanbieder past zonder meer; het meldpunt bekijkt het.", options)


def ranked(
    values: Mapping[str, str],
    providers: Mapping[str, Provider],
    places: Sequence[Place],
    *,
    today: date,
    full: frozenset[str] = frozenset(),
    clb_postcode: str = "",
) -> tuple[Fit, ...]:
    """How every provider fits, best first."""
    regions = regions_of(values, places, clb_postcode)
    fits = [fit(one, values, places, today=today, full=full, clb_postcode=clb_postcode) for one in providers.values()]
    return tuple(sorted(fits, key=lambda one: _rank(one, providers[one.key], values, regions, today)))


def _named(
    provider: Provider,
    values: Mapping[str, str],
    regions: frozenset[str],
    today: date,
    *,
    full: frozenset[str],
    others: tuple[Fit, ...],
    takers: tuple[str, ...],
) -> Chosen | AskReferrer:
    """The wished provider gets it; a mismatch only warns, and full for the year asks (domain.md rows 8 and 14)."""
    is_full = provider.key in full
    if is_full and values.get("insist") != "yes":
        still = f"Wil je toch bij {provider.name} aanmelden? Antwoord dan met die naam."
        if today.month in SUMMER:
            still += " Vanaf 1 september geldt dat niet meer."
        left = f"Hieronder staan de andere. {still}" if others else "Alle andere aanbieders meldden ook volzet."
        return AskReferrer(f"{provider.name} is volzet voor de rest van het schooljaar. {left}", others)
    age = age_on(values.get("birth_date", ""), today)
    objections = [check for check in checks_of(provider, values, regions, today) if check.fits is False]
    against = [f"{one.says}. {_who_takes(age, takers)}" if one.about == "age" else one.says for one in objections]
    if is_full:
        against.insert(0, "meldde volzet voor de rest van het schooljaar, en je vraagt deze aanbieder toch")
    why = f"{provider.name} is de aanbieder die je koos."
    return Chosen(provider.key, why, tuple(f"{provider.name}: {says}." for says in against))


def _who_takes(age: int | None, names: tuple[str, ...]) -> str:
    """Who does take a pupil of that age (domain.md row 8)."""
    if names:
        return f"Wie een leerling van {age} jaar wel neemt: {' of '.join(names)}"
    return f"Niemand in onze lijst neemt daar een leerling van {age} jaar; het meldpunt telt deze vraag mee"


def _rank(
    one: Fit, provider: Provider, values: Mapping[str, str], regions: frozenset[str], today: date
) -> tuple[bool, bool, int, int, str]:
    """What fits first, then the fewest objections, the smallest difference in age, the name."""
    age = age_on(values.get("birth_date", ""), today)
    checks = checks_of(provider, values, regions, today)
    against = sum(not check.fits for check in checks)
    # Whoever does not work for this subject at all comes last.
    return (
        not one.fits,
        not checks[0].fits,
        against,
        years_off(provider, age) if age is not None else 0,
        plain(provider.name),
    )


def _one_in_each(regions: frozenset[str], fitting: Sequence[Provider]) -> bool:
    """More than one region, with one fitting provider in each, and a different one."""
    per_region = [[one.key for one in fitting if not one.regions or region in one.regions] for region in regions]
    return len(regions) > 1 and all(len(keys) == 1 for keys in per_region) and len(fitting) == len(regions)
