"""Invented referrals, and the shipped form to read them with: for the tests of every shape that a form comes in."""

import tomllib
from datetime import date
from pathlib import Path

from hypothesis import strategies as st

from mailflow.core.form import labels, read_form
from mailflow.core.form_fields import fields_from
from mailflow.core.mail import Found
from mailflow.core.places import places_from
from mailflow.core.provider import Provider
from mailflow.core.wording import value_text
from mailflow.reading.documents.limits import DocumentLimits

CONFIG = Path(__file__).resolve().parents[1] / "config"
FIELDS = fields_from(tomllib.loads((CONFIG / "form.toml").read_text(encoding="utf-8")))
BY_KEY = {one.key: one for one in FIELDS}
PLACES = places_from((CONFIG / "postcodes.csv").read_text(encoding="utf-8"))
KNOWN = labels(FIELDS)
LIMITS = DocumentLimits()
TODAY = date(2026, 11, 23)
PROVIDERS = {
    key: Provider(key=key, name=name, address=f"post@{key}.example")
    for key, name in (("naft-vbo", "NAFT Vlaams-Brabant Oost"), ("de-wilg", "Zorgboerderij De Wilg"))
}

NOOR = {
    "referrer_name": "An Peeters",
    "referrer_kind": "clb",
    "clb": "CLB Voorbeeld",
    "referrer_email": "an.peeters@clb.example",
    "referrer_phone": "+3216123456",
    "subject_kind": "pupil",
    "first_name": "Noor",
    "last_name": "Voorbeeld",
    "birth_date": "2010-03-12",
    "gender": "female",
    "postcode": "3000",
    "municipality": "Leuven",
    "school_name": "Atheneum De Kade",
    "school_kind": "secondary",
    "agreed_guardians": "yes",
    "agreed_pupil": "yes",
    "school_consulted": "no",
    "agreed_on": "2026-11-12",
    "reason": "Noor komt al weken niet meer naar school.\n\nZe zegt: thuis is het rustig.\nVraag: wie belt?",
    "hoped_result": "Terug naar school, stap voor stap.",
    "provider": "naft-vbo",
}
"""A referral with every kind of field, and words in it that look like questions."""


def form_of(pairs, source="document"):
    """The form in these pairs."""
    return read_form(
        [Found(source=source, pairs=tuple(pairs))], FIELDS, providers=PROVIDERS, places=PLACES, today=TODAY
    )


def written(answers):
    """Key -> what a person writes there."""
    return {key: value_text(BY_KEY[key], value, PROVIDERS) for key, value in answers.items()}


def spaceless(values):
    """Values as they are compared: where a line breaks does not count."""
    return {key: " ".join(value.split()) for key, value in values.items()}


WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyzéëïöüçàABCDEFG'-", min_size=2, max_size=12).filter(
    lambda word: word.strip("'-") == word
)
NAMES = st.lists(WORDS, min_size=1, max_size=3).map(" ".join).map("Zz{}".format)
SENTENCES = st.lists(WORDS.map("qq{}".format), min_size=5, max_size=12).map(lambda words: " ".join(words) + ".")
LONG = st.lists(SENTENCES, min_size=1, max_size=3).map("\n".join) | st.lists(SENTENCES, min_size=2, max_size=3).map(
    "\n\n".join
)
PHONES = st.integers(10_00_00, 99_99_99).map("+32475{}".format) | st.integers(10_00_00, 99_99_99).map("+3216{}".format)
HOMES = st.sampled_from([(place.postcode, place.municipality) for place in PLACES])
FIRST = ("first_name", "reason", "school_name", "subject_kind", "postcode", "municipality")


def answers_of(one):
    """Normalised answers to a field."""
    kinds = {
        "long": LONG,
        "date": st.dates(date(2004, 1, 1), date(2023, 1, 1)).map(date.isoformat),
        "phone": PHONES,
        "email": st.from_regex(r"[a-z]{1,10}(\.[a-z]{1,10})?@[a-z]{2,10}\.example", fullmatch=True),
        "postcode": st.sampled_from([place.postcode for place in PLACES] + ["1000", "2800"]),
        "yes_no": st.sampled_from(["yes", "no"]),
        "choice": st.sampled_from(sorted(one.choices) or [""]),
        "provider": st.sampled_from([*PROVIDERS, "none"]),
    }
    return kinds.get(one.kind, NAMES)


def _at_home(answers):
    postcode, municipality = answers.pop("home")
    return {**answers, "postcode": postcode, "municipality": municipality}


REFERRALS = st.fixed_dictionaries(
    {
        "first_name": NAMES,
        "reason": SENTENCES,
        "school_name": NAMES,
        "subject_kind": st.just("pupil"),
        "home": HOMES,
    },
    optional={one.key: answers_of(one) for one in FIELDS if one.key not in FIRST},
).map(_at_home)
"""Referrals as they are kept: key -> normalised value."""
