"""More about a referral that is out: what changed goes to both sides, and a pupil's own agreement is noted."""

import re

from mailflow.core import letters, shown
from mailflow.core.draft import Draft
from mailflow.core.elsewhere import WAITING
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import ENDS, Event, Party, State
from mailflow.core.misfits import note_misfits
from mailflow.core.occasions import MailCame
from mailflow.core.taps import ELSEWHERE, WITHDRAW
from mailflow.core.understand import said_beside_the_form

_AGREES = re.compile(
    r"\W*(?:(?:ja|jawel|oui|yes)\b\W*)?(?:[^\W_]+\W+){0,3}?(?:is|gaat|ging|was)(?: (?:er|hier|hiermee|ook|zelf))* "
    r"akkoord\W*",
    re.IGNORECASE,
)
"""“Ja, Noor gaat akkoord”: nothing else, and nothing that denies it."""
_DENIES = re.compile(r"\b(?:niet|geen|nog|niemand|nooit)\b", re.IGNORECASE)


def pass_supplement(draft: Draft) -> None:
    """What changed, to both sides: a provider reads of what it may see now; she hears when it no longer fits there."""
    rules, case, today = draft.rules, draft.case, draft.today
    rows = shown.changes(draft.before, case.values, rules, today=today)
    against = note_misfits(draft)
    taps = (ELSEWHERE, WITHDRAW) if against and case.state in WAITING else ()
    draft.write(letters.to_referrer(Kind.SUPPLEMENTED, case, rows=rows, against=list(against), taps=taps))
    tell_the_provider(draft)


def tell_the_provider(draft: Draft) -> None:
    """What changed of what it may see now, if it has the referral or that is on its way."""
    rules, case = draft.rules, draft.case
    accepted = case.state in (State.ACCEPTED, State.STARTED, State.COMPLETED)
    moments = ("always", "accepted") if accepted else ("always",)
    rows = shown.changes(draft.before, case.values, rules, today=draft.today, shown=moments)
    hears = case.reached or any(codes["letter"] == Kind.REFERRAL for codes in case.waiting_letters().values())
    if rows and hears and case.state not in ENDS and case.provider in rules.providers:
        draft.write(letters.to_provider(Kind.SUPPLEMENT, case, rules, rows=rows))


def says_that_the_pupil_agrees(draft: Draft, came: MailCame, by: Party) -> bool:
    """Whether she answers in her own words that the pupil agrees, as she was asked at its birthday: that is noted."""
    if by is not Party.REFERRER or draft.case.last(Event.CAME_OF_AGE) is None:
        return False
    said = said_beside_the_form(came.reading, came.understanding.supplement, draft.rules).strip()
    if not _AGREES.fullmatch(said) or _DENIES.search(said):
        return False
    if draft.case.values.get("agreed_pupil") != "yes":
        draft.keep({**draft.case.values, "agreed_pupil": "yes"})
        draft.happen(Event.INFO_ADDED, by, fields="agreed_pupil")
    pass_supplement(draft)
    return True
