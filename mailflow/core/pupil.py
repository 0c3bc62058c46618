"""Is this a pupil whom we know? A name and a birth date that compare as one, however they are spelt."""

from collections.abc import Mapping
from dataclasses import dataclass

from mailflow.core.case import Case
from mailflow.core.places import plain


@dataclass(frozen=True)
class Pupil:
    """Whom a referral is about, for comparison: without capitals, accents, spaces and the order of the names."""

    name: str
    birth_date: str = ""
    """ISO 8601; "" while it is not known."""


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """Another case of the same pupil; *sure* is False where only the names are equal: one of them has no birth date."""

    case: Case
    sure: bool


def family_of(last_name: str, birth_date: str) -> str:
    """What a pupil is looked up by where the first name is not known: one spelling of both; "" without either."""
    name = plain(last_name).replace(" ", "")
    return f"{name} {birth_date}" if name and birth_date else ""


def named_in(words: str, birth_date: str) -> tuple[Pupil, ...]:
    """The pupils of that birth date whose whole name these words may be, first and last in either order."""
    parts = plain(words).split()
    names = (("".join(parts[:cut]), "".join(parts[cut:])) for cut in range(1, len(parts)))
    return tuple(Pupil(" ".join(sorted(two)), birth_date) for two in names)


def pupil_of(values: Mapping[str, str]) -> Pupil | None:
    """The pupil of these form values; None without a whole name, and where a school is the subject.

    "Van den Berg" and "Vandenberg" are one name; so are first and last name that stand in each other's place.
    Twins differ by their first name.
    """
    names = [plain(values.get(key, "")).replace(" ", "") for key in ("first_name", "last_name")]
    if values.get("subject_kind") == "school" or not all(names):
        return None
    return Pupil(" ".join(sorted(names)), values.get("birth_date", ""))
