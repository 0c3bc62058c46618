"""Does a provider work for this subject, in this region, at this age? (aanbod, regio, leeftijd)"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mailflow.core.places import Place, locate, plain
from mailflow.core.provider import Provider

REGIONS = {"VBO": "Vlaams-Brabant Oost", "AHV": "Asse-Halle-Vilvoorde"}
SUBJECTS = {"pupil": "een leerling", "school": "een klas, team of school"}


@dataclass(frozen=True)
class Check:
    """One question about a provider: *fits* None means that the referral does not say enough to tell."""

    about: str
    """subject, region, age or full."""
    fits: bool | None
    says: str


@dataclass(frozen=True, kw_only=True)
class Need:
    """What a referral needs of a provider, as far as it says."""

    subject: str
    """pupil or school."""
    regions: frozenset[str]
    """All that it may belong to; empty when none is known."""
    age: int | None
    """In whole years; None when it is not known."""


def age_on(birth_date_iso: str, day: date) -> int | None:
    """Whole years on *day*; None for no date, or one after *day*. Born on 29 February: a year older on 1 March."""
    try:
        born = date.fromisoformat(birth_date_iso)
    except ValueError:
        return None
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return years if years >= 0 else None


def age_band(age: int) -> str:
    """The band that figures count in: under_12, 12_15, 16_17 or 18_plus."""
    return "under_12" if age < 12 else "12_15" if age < 16 else "16_17" if age < 18 else "18_plus"


def regions_of(values: Mapping[str, str], places: Sequence[Place], clb_postcode: str = "") -> frozenset[str]:
    """Every region that home, residence, school or CLB lies in (each counts); empty when none is in the table."""
    postcodes = {values.get(key, "") for key in ("postcode", "residence_postcode", "school_postcode")} | {clb_postcode}
    found = {place.region for place in places if place.postcode in postcodes}
    if not values.get("postcode") and (name := values.get("municipality", "")):
        home = plain(locate("", name, places).municipality)
        found |= {place.region for place in places if plain(place.municipality) == home}
    return frozenset(found)


def need_of(values: Mapping[str, str], places: Sequence[Place], *, on: date, clb_postcode: str = "") -> Need:
    """What these values of a form ask of a provider on that day (the expected start), for a CLB at that postcode."""
    return Need(
        subject=values.get("subject_kind") or "pupil",
        regions=regions_of(values, places, clb_postcode),
        age=age_on(values.get("birth_date", ""), on),
    )


def checks_of(provider: Provider, need: Need) -> tuple[Check, ...]:
    """The questions that count for this referral, the subject first."""
    about = (_subject(provider, need.subject), _region(provider, need.regions))
    return (*about, _age(provider, need.age)) if need.subject == "pupil" else about


def _subject(provider: Provider, subject: str) -> Check:
    whom = SUBJECTS.get(subject, subject)
    works = subject in provider.subjects
    return Check("subject", works, f"werkt voor {whom}" if works else f"werkt niet voor {whom}")


def _region(provider: Provider, regions: frozenset[str]) -> Check:
    if not provider.regions:
        return Check("region", fits=True, says="werkt in elke regio")
    own = " en ".join(sorted(region_name(region) for region in provider.regions))
    if not regions:
        return Check("region", fits=None, says=f"werkt in {own}, en de regio van deze aanmelding is niet bekend")
    if shared := provider.regions & regions:
        return Check(
            "region", fits=True, says=f"werkt in {' en '.join(sorted(region_name(region) for region in shared))}"
        )
    theirs = " en ".join(sorted(region_name(region) for region in regions))
    return Check("region", fits=False, says=f"werkt in {own}, en deze aanmelding hoort bij {theirs}")


def _age(provider: Provider, age: int | None) -> Check:
    terms = _age_terms(provider)
    if not terms:
        return Check("age", fits=True, says="neemt elke leeftijd")
    if age is None:
        return Check("age", fits=None, says=f"werkt {terms}, en de leeftijd is niet bekend")
    if years_off(provider, age):
        return Check("age", fits=False, says=f"werkt {terms}, en de leerling is {age} jaar")
    return Check("age", fits=True, says=f"werkt {terms} (de leerling is {age} jaar)")


def _age_terms(provider: Provider) -> str:
    low = f"vanaf {provider.minimum_age} jaar" if provider.minimum_age is not None else ""
    high = f"tot en met {provider.maximum_age} jaar" if provider.maximum_age is not None else ""
    return f"{low} {high}".strip()


def years_off(provider: Provider, age: int) -> int:
    """How many years too young or too old; 0 when it fits."""
    low = 0 if provider.minimum_age is None else provider.minimum_age - age
    high = 0 if provider.maximum_age is None else age - provider.maximum_age
    return max(0, low, high)


def region_name(region: str) -> str:
    """As people read it."""
    return REGIONS.get(region, region)
