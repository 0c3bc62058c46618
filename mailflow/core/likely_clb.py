"""Which CLB is responsible for this pupil? Guesses with their reasons: the desk, or the family, decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mailflow.core.known_senders import Clb
from mailflow.core.places import Place, locate, plain


@dataclass(frozen=True)
class Likely:
    """A CLB that may be responsible; *why* is Dutch, for people, and names no pupil."""

    key: str
    why: str


def likely_clbs(values: Mapping[str, str], clbs: Sequence[Clb], places: Sequence[Place]) -> tuple[Likely, ...]:
    """The CLBs that the form points to, surest first: named in it, the (last) school's, that of the place."""
    school = values.get("last_school") if values.get("enrolled") == "no" else values.get("school_name")
    named = plain(values.get("clb", ""))
    school_at, home = _municipality(values, places, "school_postcode"), _municipality(values, places, "postcode")
    found: dict[str, str] = {}
    for clb in clbs:
        if named and named in (plain(clb.name), plain(clb.key)):
            found.setdefault(clb.key, "het formulier noemt dit CLB")
    for clb in clbs:
        if school and plain(school) in {plain(one) for one in clb.schools}:
            found.setdefault(clb.key, "het CLB van de school")
    for where, why in (
        (school_at, "werkt in de gemeente van de school"),
        (home, "werkt in de gemeente van de leerling"),
    ):
        for clb in clbs:
            if where and plain(where) in {plain(one) for one in clb.municipalities}:
                found.setdefault(clb.key, why)
    return tuple(Likely(key, why) for key, why in found.items())


def nearest_of_each_network(
    values: Mapping[str, str], clbs: Sequence[Clb], places: Sequence[Place]
) -> tuple[Likely, ...]:
    """The CLB closest to the pupil's home, one of each network (FAQ: free choice of network).

    Close means: it serves the municipality, else it lies in the same region, else the nearest postcode.
    """
    home, postcode = _municipality(values, places, "postcode"), values.get("postcode", "")
    regions = {place.region for place in places if place.postcode == postcode}

    def distance(clb: Clb) -> tuple[bool, bool, int, str]:
        serves = plain(home) in {plain(one) for one in clb.municipalities} if home else False
        same = any(place.region in regions for place in places if place.postcode == clb.postcode)
        numbers = clb.postcode.isdigit() and postcode.isdigit()
        return not serves, not same, abs(int(clb.postcode) - int(postcode)) if numbers else 10_000, clb.key

    networks = dict.fromkeys(clb.network for clb in clbs if clb.network)
    nearest = [min((clb for clb in clbs if clb.network == network), key=distance) for network in networks]
    return tuple(Likely(clb.key, f"het dichtst bij huis van het net {NETWORKS[clb.network]}") for clb in nearest)


NETWORKS: dict[str, str] = {"free": "vrij onderwijs", "go": "GO!", "official": "officieel onderwijs"}


def _municipality(values: Mapping[str, str], places: Sequence[Place], key: str) -> str:
    name = values.get("municipality", "") if key == "postcode" else ""
    return locate(values.get(key, ""), name, places).municipality if values.get(key) or name else ""
