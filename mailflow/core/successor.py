"""Who takes a case over from its CLB worker: asked, agreed or not, and from which day on it is hers."""

from dataclasses import replace
from datetime import date

from mailflow.core.case import Case, Happened

SUCCESSOR = "successor"
"""Who was named, among the parties of the case, until it is hers."""
ASKED, AGREED, REFUSED = "hand_over_asked", "hand_over_agreed", "hand_over_refused"


def asked_to_take_over(case: Case) -> Happened | None:
    """The question to a colleague that she has not answered yet."""
    last = next((h for h in reversed(case.history) if h.codes.get("why") in (ASKED, AGREED, REFUSED)), None)
    return last if last and last.codes["why"] == ASKED and SUCCESSOR in case.parties else None


def is_asked_to_take_over(case: Case, address: str) -> bool:
    """Whether the case was, or from a later day is, to go to this address."""
    return case.parties.get(SUCCESSOR) == address


def as_of(case: Case, today: date) -> Case:
    """The case with its colleague as referrer, once she agreed and the day has come."""
    last = next((h for h in reversed(case.history) if h.codes.get("why") in (ASKED, AGREED, REFUSED)), None)
    if last is None or last.codes["why"] != AGREED or SUCCESSOR not in case.parties:
        return case
    if date.fromisoformat(last.codes["since"]) > today:
        return case
    others = {party: address for party, address in case.parties.items() if party != SUCCESSOR}
    return replace(case, parties={**others, "referrer": case.parties[SUCCESSOR]})
