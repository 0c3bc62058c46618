"""Label and value pairs become a referral, or what is missing and what is odd. (aanmeldingsformulier)"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from mailflow.core.checks import age_on
from mailflow.core.form_fields import Field
from mailflow.core.form_labels import Labels
from mailflow.core.form_source import Source, read_source
from mailflow.core.mail import Found
from mailflow.core.places import Place, locate
from mailflow.core.provider import Provider

SEVERAL = "several"
WHY_SEVERAL = "In deze mail staan gegevens van meer dan één leerling. Mail elke leerling apart."
LEAST_FIELDS = 3
"""Fewer fields with a real value than this are no form."""
ASSUMED = "assumed"
"""The source of a value that nobody wrote: the subject, when only pupil or only school fields are there."""
# What every signature holds; a mail with nothing else is no form.
SIGNATURE = frozenset({"clb", "network", "school_name"})
MAX_UNKNOWN = 50
PUPIL = frozenset(
    {"first_name", "last_name", "birth_date", "gender", "postcode", "municipality", "agreed_pupil", "agreed_guardians"}
)
WHO = ("first_name", "last_name", "birth_date")
SCHOOL = frozenset({"school_part", "class_name", "class_size"})


@dataclass(frozen=True)
class Odd:
    """A value that cannot be used as it stands; *why* is Dutch, for the referrer, without the value itself.

    *field* "several" (SEVERAL) is no field: the mail holds the forms of more than one pupil, and what differs is
    left out.
    """

    field: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Form:
    """What a mail's form says: normalised values (strings), fields that hold it, fields that are odd."""

    source: str
    values: Mapping[str, str]
    missing: tuple[str, ...] = ()
    """Keys of the fields without which the referral is held, in form order; odd without a value is missing."""
    wanted: tuple[str, ...] = ()
    """Keys of the other fields that are asked for in the same mail and never hold it."""
    odd: tuple[Odd, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    """Field -> source it came from; ASSUMED when nobody wrote it."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Field -> name of the attachment it came from, QUOTED for quoted text; the writer's own words are not there."""
    unknown: tuple[str, ...] = ()
    """Labels that are no field of the form."""
    differs: tuple[str, ...] = ()
    """Keys on which two sources disagree; the first source counts."""


def read_form(
    found: Sequence[Found],
    fields: Sequence[Field],
    *,
    providers: Mapping[str, Provider],
    places: Sequence[Place],
    today: date,
) -> Form | None:
    """The form in these sources, the first of which corrects the others; None when there is none.

    A form holds at least LEAST_FIELDS fields with a real value, one of them not about the referrer.
    """
    form, seen = _read(found, fields, providers=providers, places=places, today=today)
    about = [key for key in seen if not key.startswith("referrer_") and key not in SIGNATURE]
    if len(seen) < LEAST_FIELDS or not about:
        return None
    values, sources, files = dict(form.values), dict(form.sources), dict(form.files)
    if not values.get("subject_kind") and (subject := _subject(seen)):
        values["subject_kind"], sources["subject_kind"] = subject, ASSUMED
    if values.get("subject_kind") == "school" and "school_year" in values and "class_name" not in values:
        # "Klas: 3B" is the year of a pupil, and the name of the class when the class is the subject.
        values["class_name"], sources["class_name"] = values.pop("school_year"), sources.pop("school_year")
        files |= {"class_name": files.pop("school_year")} if "school_year" in files else {}
    missing, wanted = complete(values, fields, today)
    return replace(form, values=_ordered(values, fields), sources=sources, files=files, missing=missing, wanted=wanted)


def read_supplement(
    found: Sequence[Found],
    fields: Sequence[Field],
    *,
    providers: Mapping[str, Provider],
    places: Sequence[Place],
    today: date,
) -> Form | None:
    """The fields in a reply to a known case, down to one; for `merge`: nothing is assumed, missing or wanted."""
    form, seen = _read(found, fields, providers=providers, places=places, today=today)
    return form if seen else None


def complete(
    values: Mapping[str, str], fields: Sequence[Field], today: date
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(missing, wanted) of a referral that holds *values*: used again after every supplement.

    A pupil who is not enrolled has no school to name; one who is too young *today* is not asked what older ones are.
    """
    age = age_on(values.get("birth_date", ""), today)
    subject = values.get("subject_kind") or "pupil"
    no_school = subject == "pupil" and values.get("enrolled") == "no"
    empty = [one for one in fields if not values.get(one.key) and not (no_school and one.key == "school_name")]
    missing = tuple(one.key for one in empty if one.holds in ("always", subject))
    subjects = {"always", subject, *(_parts(values.get("school_part", "")) if subject == "school" else ())}
    asked = [one for one in empty if one.asked in subjects and (age is None or age >= one.from_age)]
    wanted = tuple(one.key for one in asked if one.key not in missing)
    return missing, wanted


def _parts(part: str) -> tuple[str, ...]:
    """Whom a question about a school must be meant for, when *part* of it is the subject; "" may be any."""
    return {"class": ("part", "class"), "school": ()}.get(part, ("part",))


def merge(
    old: Mapping[str, str], form: Form, *, places: Sequence[Place] = ()
) -> tuple[dict[str, str], tuple[str, ...]]:
    """(values, changed keys) after a supplement or corrected form: new ones replace, blank and assumed ones do not.

    With *places*, a postcode and municipality that no longer go together leave only the one that was written now.
    """
    values, changed = dict(old), list[str]()
    for key, value in form.values.items():
        assumed = form.sources.get(key) == ASSUMED and bool(old.get(key))
        if value and not assumed and old.get(key, "") != value:
            values[key] = value
            changed.append(key)
    home = values.get("postcode", ""), values.get("municipality", "")
    if places and all(home) and not locate(*home, places).agree:
        for key in ("postcode", "municipality"):
            if key not in form.values:
                del values[key]
                changed.append(key)
    return values, tuple(changed)


def labels(fields: Sequence[Field]) -> Callable[[str], bool]:
    """Is this text the label of a field? For `reading.documents.text.pairs`; ask for it once per mail."""
    return Labels(fields).knows


def _read(
    found: Sequence[Found],
    fields: Sequence[Field],
    *,
    providers: Mapping[str, Provider],
    places: Sequence[Place],
    today: date,
) -> tuple[Form, set[str]]:
    """All sources as one form, and the keys that hold something real in any of them."""
    known = Labels(fields)
    read = [
        (one, read_source(one.pairs, fields, known, providers=providers, places=places, today=today)) for one in found
    ]
    values: dict[str, str] = {}
    whys: dict[str, str] = {}
    sources: dict[str, str] = {}
    files: dict[str, str] = {}
    differs: set[str] = set()
    decided: set[str] = set()
    for one, source in read:
        differs |= {key for key in decided & source.seen if source.values.get(key) != values.get(key)}
        for key in source.seen - decided:
            decided.add(key)
            sources[key] = one.source
            files |= {key: one.name} if one.name else {}
            values |= {key: source.values[key]} if key in source.values else {}
            whys |= {key: source.odd[key]} if key in source.odd else {}
    if any(source.several for _, source in read) or _other_pupil([source for _, source in read]):
        for key in {*WHO, *differs, *(key for _, source in read for key in source.double)}:
            values.pop(key, None)
            whys.pop(key, None)
        whys[SEVERAL] = WHY_SEVERAL
    order = {one.key: number for number, one in enumerate(fields)}
    form = Form(
        source=next((one.source for one, source in read if source.seen), ""),
        values=_ordered(values, fields),
        odd=tuple(Odd(key, whys[key]) for key in sorted(whys, key=lambda key: order.get(key, -1))),
        sources={key: sources[key] for key in sorted(sources, key=lambda key: order[key]) if key in values},
        files={key: name for key, name in files.items() if key in values},
        unknown=tuple(dict.fromkeys(label for _, source in read for label in source.unknown))[:MAX_UNKNOWN],
        differs=tuple(sorted(differs, key=lambda key: order[key])),
    )
    return form, decided


def _other_pupil(read: Sequence[Source]) -> bool:
    """Do two sources name another pupil: another name and another birth date?"""
    births = {source.values["birth_date"] for source in read if "birth_date" in source.values}
    names = [
        {source.values[key].casefold() for source in read if key in source.values}
        for key in ("first_name", "last_name")
    ]
    return len(births) > 1 and any(len(one) > 1 for one in names)


def _subject(seen: set[str]) -> str:
    return "pupil" if seen & PUPIL else "school" if seen & SCHOOL else ""


def _ordered(values: Mapping[str, str], fields: Sequence[Field]) -> dict[str, str]:
    return {one.key: values[one.key] for one in fields if values.get(one.key)}
