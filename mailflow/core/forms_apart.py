"""One mail with the forms of several pupils (brother and sister): which of its lines are about whom?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from mailflow.core.form import SEVERAL, Form, read_form
from mailflow.core.form_labels import Labels
from mailflow.core.mail import QUOTED, Found, Pair
from mailflow.core.places import plain
from mailflow.core.pupil import pupil_of
from mailflow.core.rules import Rules

MOST = 10
"""Forms in one mail; beyond that a person looks."""
WHO = frozenset({"first_name", "last_name", "birth_date"})


def forms_apart(found: Sequence[Found], rules: Rules, today: date) -> tuple[Form, ...]:
    """The form of each pupil, where the mail falls apart into whole ones without a doubt; else ()."""
    if any(one.quoted or one.name == QUOTED for one in found):
        return ()  # what somebody else wrote before is no second referral
    known = Labels(rules.fields)
    parts = [part for one in found for part in _apart(one, known)]
    whose = [part for part in parts if any(_key(pair, known) in WHO for pair in part.pairs)]
    shared = [part for part in parts if part not in whose]
    if not 1 < len(whose) <= MOST:
        return ()
    forms = [
        read_form((one, *shared), rules.fields, providers=rules.providers, places=rules.places, today=today)
        for one in whose
    ]
    whole = [form for form in forms if form and not any(odd.field == SEVERAL for odd in form.odd)]
    pupils = {pupil for form in whole if form.values.get("birth_date") and (pupil := pupil_of(form.values))}
    return tuple(whole) if len(pupils) == len(forms) else ()


def others_attachments(form: Form, forms: Sequence[Form], attachments: Sequence[str]) -> tuple[str, ...]:
    """The *attachments* (names) of such a mail that are about another pupil than that of *form*, as far as that shows.

    Those that hold another's form, or that bear the first name of another and not of this one.
    """
    others = [one for one in forms if one is not form]
    hers, theirs = {*form.files.values()}, {name for one in others for name in one.files.values()}
    called = plain(form.values.get("first_name", "")).split()
    others_called = [plain(one.values.get("first_name", "")).split() for one in others]

    def names(name: str, words: Sequence[str]) -> bool:
        return bool(words) and {*words} <= {*plain(name).split()}

    return tuple(
        one
        for one in attachments
        if one not in hers and (one in theirs or (any(names(one, o) for o in others_called) and not names(one, called)))
    )


def _apart(one: Found, known: Labels) -> list[Found]:
    """One source, cut where its first question stands again, or else the first one about who the pupil is."""
    keys = [_key(pair, known) for pair in one.pairs]
    asked = [key for key in keys if key]
    who = next((key for key in asked if key in WHO), "")
    begins = next((key for key in (*asked[:1], who) if key and keys.count(key) > 1), "")
    if not begins:
        return [one]
    cuts = [at for at, key in enumerate(keys) if key == begins]
    starts = [0, *cuts] if cuts[0] else cuts
    pieces = [one.pairs[start:end] for start, end in zip(starts, [*starts[1:], len(keys)], strict=True)]
    return [replace(one, pairs=piece) for piece in pieces]


def _key(pair: Pair, known: Labels) -> str:
    keys = known.meaning(pair.label).keys if pair.label else ()
    return keys[0] if len(keys) == 1 else ""
