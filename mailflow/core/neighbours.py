"""Home outside the regions of this meldpunt: what still counts, and whose pupil it may be (buurmeldpunt)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

OUTSIDE = (
    "De postcodes liggen buiten onze regio's. Ligt de verblijfplaats of de school er wel, antwoord dan met "
    "die postcode."
)
"""Home, residence, school and CLB each count: one of them in a region of ours is enough."""


@dataclass(frozen=True)
class Neighbour:
    """The meldpunt of another region."""

    name: str
    address: str
    phone: str = ""
    postcodes: tuple[tuple[str, str], ...] = ()
    """First and last postcode of each range; none: whatever no other neighbour names."""


def neighbour_of(postcode: str, neighbours: Sequence[Neighbour]) -> Neighbour | None:
    """Whose that postcode is: the neighbour that names it, else the one that names none."""
    named = (one for one in neighbours if any(first <= postcode <= last for first, last in one.postcodes))
    return next(named, next((one for one in neighbours if not one.postcodes), None)) if postcode else None


def outside(values: Mapping[str, str], neighbours: Sequence[Neighbour]) -> str:
    """What a referrer reads whose pupil lives outside every region: what still counts, and the neighbour's meldpunt."""
    found = neighbour_of(values.get("postcode", ""), neighbours)
    if found is None:
        return OUTSIDE
    how = f"{found.address} of {found.phone}" if found.phone else found.address
    return f"{OUTSIDE} Ligt er niets, dan is dit iets voor {found.name}: {how}."
