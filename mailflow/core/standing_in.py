"""A referral did not reach its provider: may it go to the address that stands in?"""

from collections.abc import Sequence

from mailflow.core import case_letters
from mailflow.core.draft import Draft
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event, State

UNANSWERED = (State.QUEUED, State.DISPATCHED)
STAND_IN = "stand_in"


def kind_of(draft: Draft, number: int | None) -> str:
    """The kind of letter *number* of the case, "" when it has none of that number."""
    written = (h.codes for h in draft.case.history if h.kind is Event.LETTER_WRITTEN)
    return next((codes["letter"] for codes in written if codes["n"] == str(number)), "")


def stands_in(draft: Draft, kind: str, attachments: Sequence[str]) -> str:
    """The address that gets the referral instead, "" when there is none or it was tried already.

    Like every referral it leaves while the meldpunt is open; the term of the first contact runs from this letter.
    """
    case, rules = draft.case, draft.rules
    provider = rules.providers.get(case.provider)
    tried = any(h.codes.get("why") == STAND_IN for h in case.history)
    if kind != Kind.REFERRAL or tried or case.state not in UNANSWERED or provider is None or not provider.stand_in:
        return ""
    reply_by = provider.calendar.add_working_days(draft.now, provider.contact_days).date()
    draft.happen(Event.NOTE, why=STAND_IN)
    draft.write(
        case_letters.referral(
            case, rules, attachments=attachments, today=draft.today, reply_by=reply_by, to=provider.stand_in
        )
    )
    return provider.stand_in
