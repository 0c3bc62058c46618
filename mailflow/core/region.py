"""Where does this referral belong, and which providers fit? (regio, leeftijd, aanbod)"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from mailflow.core.workdays import Calendar


@dataclass(frozen=True)
class Place:
    """One row of postcodes.csv: a postcode can lie in two municipalities, a municipality has several postcodes."""

    postcode: str
    municipality: str
    region: str


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A provider (aanbieder): what it offers, to whom, and how it is reached."""

    key: str
    name: str
    address: str
    """The address that referrals go to."""
    addresses: tuple[str, ...] = ()
    """Other full addresses that answer for it: each coach."""
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


def choose_provider(
    values: Mapping[str, str],
    providers: Mapping[str, Provider],
    places: Sequence[Place],
    *,
    today: date,
    full: frozenset[str] = frozenset(),
    clb_postcode: str = "",
) -> Chosen | AskReferrer | AskDesk: ...
