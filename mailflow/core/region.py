"""Where does this referral belong, and which providers fit? (regio, leeftijd, aanbod)"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from mailflow.core.places import Place, locate, places_from, plain
from mailflow.core.workdays import Calendar

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

REGIONS = {"VBO": "Vlaams-Brabant Oost", "AHV": "Asse-Halle-Vilvoorde"}
OUTSIDE = (
    "De postcodes liggen buiten onze regio's. Ligt de verblijfplaats of de school er wel, antwoord dan met "
    "die postcode. Ondertussen bekijkt het meldpunt het."
)
"""Home, residence, school and CLB each count (domain.md row 7); the desk knows the neighbours."""
SUBJECTS = {"pupil": "een leerling", "school": "een klas, team of school"}


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A provider (aanbieder): what it offers, to whom, and how it is reached."""

    key: str
    name: str
    address: str
    """The address that referrals go to."""
    addresses: tuple[str, ...] = ()
    """Other full addresses that answer for it: each coach."""
    stand_in: str = ""
    """Where a referral goes when its own address bounces; "" nowhere."""
    domains: tuple[str, ...] = ()
    """Domains that belong to this organisation alone (the colleague rule)."""
    synonyms: tuple[str, ...] = ()
    regions: frozenset[str] = frozenset()
    """Empty: every region."""
    minimum_age: int | None = None
    maximum_age: int | None = None
    subjects: frozenset[str] = frozenset({"pupil"})
    place: str = ""
    about: str = ""
    phone: str = ""
    contact_days: int = 5
    """Working days between dispatch and the first contact with the referrer (an agreement, not a law)."""
    round_table_by: str = "provider"
    """Who calls the first round table: provider or clb."""
    invitation_minutes: int = 0
    """How long a round table takes in the invitation that both sides get for their calendars; 0: none is sent."""
    calendar: Calendar = field(default_factory=Calendar)


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


@dataclass(frozen=True)
class _Check:
    """One question about a provider: *fits* None means that the referral does not say enough to tell."""

    fits: bool | None
    says: str


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
    """Every region that home, residence, school or CLB lies in (domain.md row 7); empty when none is in the table."""
    postcodes = {values.get(key, "") for key in ("postcode", "residence_postcode", "school_postcode")} | {clb_postcode}
    found = {place.region for place in places if place.postcode in postcodes}
    if not values.get("postcode") and (name := values.get("municipality", "")):
        home = plain(locate("", name, places).municipality)
        found |= {place.region for place in places if plain(place.municipality) == home}
    return frozenset(found)


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
    checks = _checks(provider, values, regions_of(values, places, clb_postcode), today)
    if provider.key in full:
        checks = (_Check(fits=False, says="meldde volzet voor de rest van het schooljaar"), *checks)
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
) -> Chosen | AskReferrer | AskDesk:
    """Who gets this referral (design.md section 5)? *today* is the expected start, *full* the keys full for the year.

    `values["insist"] == "yes"` keeps a full provider: the referrer wants it all the same.
    """

    wished = values.get("provider", "")
    regions = regions_of(values, places, clb_postcode)

    def ranked(keys: Sequence[str]) -> tuple[Fit, ...]:
        fits = [fit(providers[key], values, places, today=today, full=full, clb_postcode=clb_postcode) for key in keys]
        return tuple(sorted(fits, key=lambda one: _rank(one, providers[one.key], values, regions, today)))

    if wished in providers:
        others = ranked([key for key in providers if key not in full])
        takers = tuple(providers[one.key].name for one in others if one.fits)
        return _named(providers[wished], values, regions, today, full=full, others=others, takers=takers)
    options = ranked(list(providers))
    fitting = [one for one in options if one.fits]
    if wished not in ("", "none"):
        return AskDesk("De gevraagde aanbieder staat niet (meer) in de lijst van het meldpunt.", options)
    if len(fitting) == 1:
        only = fitting[0]
        return Chosen(only.key, f"{providers[only.key].name} past als enige: {', '.join(only.reasons)}.")
    if _one_in_each(regions, [providers[one.key] for one in fitting]):
        both = " en ".join(sorted(_region_name(region) for region in regions))
        why = f"De aanmelding hoort bij meer dan één regio ({both}). Kies zelf de aanbieder."
        return AskReferrer(why, tuple(fitting))
    if not regions and values.get("postcode"):
        return AskDesk(OUTSIDE, options)
    if fitting:
        return AskDesk(f"{len(fitting)} aanbieders passen; het meldpunt kiest.", options)
    return AskDesk("Geen enkele aanbieder past zonder meer; het meldpunt bekijkt het.", options)


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
        left = f"Hieronder staan de andere. {still}" if others else "Alle andere aanbieders meldden ook volzet."
        return AskReferrer(f"{provider.name} is volzet voor de rest van het schooljaar. {left}", others)
    age = age_on(values.get("birth_date", ""), today)
    by_age = _age(provider, age).says
    against = [check.says for check in _checks(provider, values, regions, today) if check.fits is False]
    against = [f"{says}. {_who_takes(age, takers)}" if says == by_age else says for says in against]
    if is_full:
        against.insert(0, "meldde volzet voor de rest van het schooljaar, en je vraagt deze aanbieder toch")
    why = f"{provider.name} is de aanbieder die je koos."
    return Chosen(provider.key, why, tuple(f"{provider.name}: {says}." for says in against))


def _who_takes(age: int | None, names: tuple[str, ...]) -> str:
    """Who does take a pupil of that age (domain.md row 8)."""
    if names:
        return f"Wie een leerling van {age} jaar wel neemt: {' of '.join(names)}"
    return f"Niemand in onze lijst neemt daar een leerling van {age} jaar; het meldpunt telt deze vraag mee"


def _checks(provider: Provider, values: Mapping[str, str], regions: frozenset[str], today: date) -> tuple[_Check, ...]:
    subject = values.get("subject_kind") or "pupil"
    about = (_subject(provider, subject), _region(provider, regions))
    return (*about, _age(provider, age_on(values.get("birth_date", ""), today))) if subject == "pupil" else about


def _subject(provider: Provider, subject: str) -> _Check:
    whom = SUBJECTS.get(subject, subject)
    works = subject in provider.subjects
    return _Check(works, f"werkt voor {whom}" if works else f"werkt niet voor {whom}")


def _region(provider: Provider, regions: frozenset[str]) -> _Check:
    if not provider.regions:
        return _Check(fits=True, says="werkt in elke regio")
    own = " en ".join(sorted(_region_name(region) for region in provider.regions))
    if not regions:
        return _Check(fits=None, says=f"werkt in {own}, en de regio van deze aanmelding is niet bekend")
    if shared := provider.regions & regions:
        return _Check(fits=True, says=f"werkt in {' en '.join(sorted(_region_name(region) for region in shared))}")
    theirs = " en ".join(sorted(_region_name(region) for region in regions))
    return _Check(fits=False, says=f"werkt in {own}, en deze aanmelding hoort bij {theirs}")


def _age(provider: Provider, age: int | None) -> _Check:
    terms = _age_terms(provider)
    if not terms:
        return _Check(fits=True, says="neemt elke leeftijd")
    if age is None:
        return _Check(fits=None, says=f"werkt {terms}, en de leeftijd is niet bekend")
    if _years_off(provider, age):
        return _Check(fits=False, says=f"werkt {terms}, en de leerling is {age} jaar")
    return _Check(fits=True, says=f"werkt {terms} (de leerling is {age} jaar)")


def _age_terms(provider: Provider) -> str:
    low = f"vanaf {provider.minimum_age} jaar" if provider.minimum_age is not None else ""
    high = f"tot en met {provider.maximum_age} jaar" if provider.maximum_age is not None else ""
    return f"{low} {high}".strip()


def _years_off(provider: Provider, age: int) -> int:
    low = 0 if provider.minimum_age is None else provider.minimum_age - age
    high = 0 if provider.maximum_age is None else age - provider.maximum_age
    return max(0, low, high)


def _rank(
    one: Fit, provider: Provider, values: Mapping[str, str], regions: frozenset[str], today: date
) -> tuple[bool, bool, int, int, str]:
    """What fits first, then the fewest objections, the smallest difference in age, the name."""
    age = age_on(values.get("birth_date", ""), today)
    checks = _checks(provider, values, regions, today)
    against = sum(not check.fits for check in checks)
    # Whoever does not work for this subject at all comes last.
    return (
        not one.fits,
        not checks[0].fits,
        against,
        _years_off(provider, age) if age is not None else 0,
        plain(provider.name),
    )


def _one_in_each(regions: frozenset[str], fitting: Sequence[Provider]) -> bool:
    """More than one region, with one fitting provider in each, and a different one."""
    per_region = [[one.key for one in fitting if not one.regions or region in one.regions] for region in regions]
    return len(regions) > 1 and all(len(keys) == 1 for keys in per_region) and len(fitting) == len(regions)


def _region_name(region: str) -> str:
    return REGIONS.get(region, region)
