"""Does a mail ask for the blank form or for the offer, and what is it given? (onderwerp: formulier, aanbod)"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from mailflow.core.blank_form import blank_form
from mailflow.core.checks import REGIONS, SUBJECTS, need_of
from mailflow.core.fitting import Fit, fit
from mailflow.core.form import read_supplement
from mailflow.core.letters import TO_FILL_IN, Kind, Letter
from mailflow.core.occasions import MailCame
from mailflow.core.places import plain
from mailflow.core.provider import Provider
from mailflow.core.rules import Rules
from mailflow.core.sender import Disposition
from mailflow.core.wording import listing

# fmt: off
SUBJECTS_OF: dict[Kind, frozenset[str]] = {
    # what is asked for, by the words that are the whole subject
    Kind.BLANK_FORM: frozenset({
        "formulier", "leeg formulier", "blanco formulier", "aanmeldingsformulier", "aanmeldformulier",
        "leeg aanmeldingsformulier", "formulier aub", "graag formulier", "formulier aanvragen",
    }),
    Kind.OFFER: frozenset({
        "aanbod", "aanbieders", "het aanbod", "overzicht aanbod", "overzicht aanbieders", "aanbod aub",
        "aanbod aanbieders", "lijst aanbieders",
    }),
}
# fmt: on
LONGEST_REQUEST = 30
"""Words; who writes more has something to say that a person reads as well."""
ABOUT = ("postcode", "municipality", "residence_postcode", "school_postcode", "birth_date", "subject_kind")
"""What decides who fits."""
_AGE = re.compile(r"\b(?:leeftijd\s{0,3}:?\s{0,3}(\d{1,2})\b|(\d{1,2})\s{0,3}(?:jaar|jarige?)\b)", re.IGNORECASE)
_POSTCODE = re.compile(r"(?<![\d/.-])([1-9]\d{3})(?![\d/.-])")


@dataclass(frozen=True)
class Offered:
    """A provider as the offer shows it; *why* only where facts came along."""

    name: str
    lines: tuple[str, ...]
    why: str = ""


def asked_for(came: MailCame) -> Kind | None:
    """What the subject alone asks for. An answer to a letter ("Re: aanbod") asks for nothing: it may hold a form."""
    subject = plain(came.reading.mail.subject[:200])
    kind = next((one for one, words in SUBJECTS_OF.items() if subject in words), None)
    if came.understanding.thread.reference or (kind is Kind.BLANK_FORM and came.understanding.form):
        return None
    return kind


def needs_a_person(came: MailCame) -> bool:
    """Whether there is more in it than the request."""
    files = [one for one in came.reading.mail.attachments if one.name]
    facts = came.understanding.form is not None
    return not facts and (bool(files) or len(came.reading.written.split()) > LONGEST_REQUEST)


def given(kind: Kind, came: MailCame, rules: Rules, today: date) -> Letter:
    """The letter with the blank form or the offer. An address that is not proven gets what anybody gets."""
    verdict = came.understanding.verdict
    known = verdict.disposition is Disposition.ACCEPT and verdict.role in ("clb", "provider", "desk")
    values: dict[str, object] = {"known": known}
    if kind is Kind.BLANK_FORM:
        values["form"] = blank_form(rules.fields, rules.providers)
    else:
        facts = _facts(came, rules, today) if known else {}
        values |= _offer(rules, facts, came.full, today)
    return Letter(
        kind=kind,
        to="sender",
        address=came.reading.mail.author.key,
        values=values,
        answers_mail=True,
        documents=TO_FILL_IN if kind is Kind.BLANK_FORM else (),
    )


def _facts(came: MailCame, rules: Rules, today: date) -> dict[str, str]:
    """What the mail tells of a pupil or class: by the questions of the form, else a postcode and an age in words."""
    form = read_supplement(
        came.reading.found, rules.fields, providers=rules.providers, places=rules.places, today=today
    )
    facts = {key: value for key in ABOUT if form and (value := form.values.get(key))}
    written = came.reading.written[:5000]
    if "birth_date" not in facts and (age := _only({one or other for one, other in _AGE.findall(written)})):
        facts["birth_date"] = date(today.year - int(age), 1, 1).isoformat()
    if not any("post" in key or key == "municipality" for key in facts):
        known = {place.postcode for place in rules.places}
        facts |= {"postcode": code} if (code := _only(known & {*_POSTCODE.findall(written)})) else {}
    return facts


def _only(found: set[str]) -> str:
    return next(iter(found)) if len(found) == 1 else ""


def _offer(rules: Rules, facts: Mapping[str, str], full: frozenset[str], today: date) -> dict[str, object]:
    """Every provider; those that fit apart where facts came along, each with its reasons."""
    need = need_of(facts, rules.places, on=today)
    fits = {key: fit(one, need, full) for key, one in rules.providers.items()}
    shown = [_offered(rules.providers[key], one if facts else None, full) for key, one in fits.items()]
    fitting = [one for one, key in zip(shown, fits, strict=True) if facts and fits[key].fits]
    return {"facts": bool(facts), "fitting": fitting, "others": [one for one in shown if one not in fitting]}


def _offered(provider: Provider, fits: Fit | None, full: frozenset[str]) -> Offered:
    ages = (provider.minimum_age, provider.maximum_age)
    regions = [name for key, name in REGIONS.items() if key in provider.regions or not provider.regions]
    lines = (
        provider.about,
        f"Waar: {provider.place}" if provider.place else "",
        f"Regio: {listing(regions)}",
        f"Leeftijd: {_ages(*ages)}" if any(one is not None for one in ages) else "",
        f"Voor: {listing([words for key, words in SUBJECTS.items() if key in provider.subjects])}",
        "Meldde volzet voor de rest van het schooljaar." if provider.key in full else "",
    )
    return Offered(provider.name, tuple(line for line in lines if line), "; ".join(fits.reasons) if fits else "")


def _ages(least: int | None, most: int | None) -> str:
    if most is None:
        return f"vanaf {least} jaar"
    return f"{least} tot en met {most} jaar" if least is not None else f"tot en met {most} jaar"
