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


def pupil_of(values: Mapping[str, str]) -> Pupil | None:
    """The pupil of these form values; None without a whole name, and where a school is the subject.

    "Van den Berg" and "Vandenberg" are one name; so are first and last name that stand in each other's place.
    Twins differ by their first name.
    """
    names = [plain(values.get(key, "")).replace(" ", "") for key in ("first_name", "last_name")]
    if values.get("subject_kind") == "school" or not all(names):
        return None
    return Pupil(" ".join(sorted(names)), values.get("birth_date", ""))
