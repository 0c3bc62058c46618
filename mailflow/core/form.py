"""Label and value pairs become a referral, or what is missing and what is odd. (aanmeldingsformulier)"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from mailflow.core.mail import Found
from mailflow.core.region import Place, Provider


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of the form as form.toml defines it."""

    key: str
    label: str
    synonyms: tuple[str, ...] = ()
    kind: str = "text"
    """text, name, date, phone, email, postcode, yes_no, choice or provider."""
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For kind choice: value -> the words that mean it."""
    holds: str = ""
    """When a missing value holds the referral: always, pupil, school or "" (never)."""
    asked: str = "always"
    """For which subject it is asked at all: always, pupil or school."""
    shown: str = "never"
    """When a provider sees it: always, accepted or never."""
    group: str = ""
    """The heading it stands under, in Dutch."""
    hint: str = ""


@dataclass(frozen=True)
class Odd:
    """A value that cannot be used as it stands; *why* is Dutch, for the referrer, without the value itself."""

    field: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Form:
    """What a mail's form says: normalised values (strings), fields that hold it, fields that are odd."""

    source: str
    values: Mapping[str, str]
    missing: tuple[str, ...] = ()
    """Keys of the fields without which the referral is held, in form order; an odd one counts as missing."""
    wanted: tuple[str, ...] = ()
    """Keys of the other fields that are asked for in the same mail and never hold it."""
    odd: tuple[Odd, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    """Field -> source it came from."""
    unknown: tuple[str, ...] = ()
    """Labels that are no field of the form."""


def read_form(
    found: Sequence[Found],
    fields: Sequence[Field],
    *,
    providers: Mapping[str, Provider],
    places: Sequence[Place],
    today: date,
) -> Form | None: ...


def complete(values: Mapping[str, str], fields: Sequence[Field]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(missing, wanted) of a referral that holds *values*: used again after every supplement."""
    ...
