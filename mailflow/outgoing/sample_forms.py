"""The form of the invented pupil in the sample letters: every field that form.toml has, with a value of its kind."""

from collections.abc import Mapping, Sequence

from mailflow.core import shown
from mailflow.core.blank_form import blank_form
from mailflow.core.form_fields import Field
from mailflow.core.letters import Kind
from mailflow.core.provider import Provider
from mailflow.core.rules import Rules
from mailflow.core.shown import Row

# fmt: off
_OF_KEY = {
    "first_name": "Noor", "last_name": "Voorbeeld", "school_name": "Atheneum De Brug",
    "school_year": "3de jaar A-finaliteit", "clb": "Vrij CLB Leuven",
    "reason": "Noor komt al zes weken bijna niet meer naar school.\nThuis gaat het beter.",
}
_OF_KIND = {
    "text": "in enkele woorden", "long": "Een eerste zin.\nEn een tweede.", "name": "Els Claes", "date": "2012-05-08",
    "phone": "+3216123456", "email": "els.claes@vclbleuven.be", "postcode": "3000", "municipality": "Leuven",
    "yes_no": "yes",
}
# fmt: on
AGE = Row("Leeftijd", "14 jaar")


def invented(fields: Sequence[Field], providers: Mapping[str, Provider]) -> dict[str, str]:
    """A normalised value for each field, whatever fields there are."""
    of_lists = {"provider": next(iter(providers), "none")}
    return {
        one.key: _OF_KEY.get(one.key) or next(iter(one.choices), "") or of_lists.get(one.kind) or _OF_KIND[one.kind]
        for one in fields
    }


def of_form(rules: Rules) -> dict[Kind, dict[str, object]]:
    """What each letter that shows the form holds of it, by the fields that these rules have."""
    values = invented(rules.fields, rules.providers)
    rows, blank = shown.rows(values, rules), blank_form(rules.fields, rules.providers)
    before = [*shown.rows(values, rules, shown=("always",)), AGE]
    after = shown.rows(values, rules, shown=("accepted",))
    shows = {
        Kind.RECEIVED: rows, Kind.MISSING: rows, Kind.TAKEN_OVER: rows, Kind.REFERRAL: before, Kind.AFTER_ACCEPT: after,
        Kind.SUPPLEMENTED: before[:2], Kind.SUPPLEMENT: before[:2],
    }  # fmt: skip
    return {
        **{kind: {"rows": some} for kind, some in shows.items()},
        Kind.NO_FORM: {"form": blank},
        Kind.BLANK_FORM: {"form": blank},
    }
