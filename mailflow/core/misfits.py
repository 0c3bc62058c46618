"""A referral is on its way or waits: does it still fit where it is, after a move, a birthday or another offer?"""

from collections.abc import Mapping
from datetime import date

from mailflow.core.case import Case
from mailflow.core.checks import checks_of
from mailflow.core.draft import Draft
from mailflow.core.lifecycle import OPEN, Event, State
from mailflow.core.needs import needs
from mailflow.core.rules import Rules

AT_A_PROVIDER = (State.QUEUED, State.DISPATCHED, State.WAITLIST_OFFERED, State.WAITLISTED, State.ACCEPTED)
"""Nothing has begun, so that another provider can still be looked for."""
HAS_IT = OPEN - {
    State.NEW, State.UNCONFIRMED, State.AWAITING_CLB, State.NEEDS_INFO, State.NEEDS_DESK, State.QUEUED,
}  # fmt: skip


def misfits(case: Case, rules: Rules, today: date) -> Mapping[str, str]:
    """Why it does not fit its provider *today*: subject, region or age -> in words (Dutch); empty when it does."""
    provider = rules.providers.get(case.provider)
    if case.state not in AT_A_PROVIDER or provider is None:
        return {}
    checks = checks_of(provider, needs(case, rules, today))
    return {check.about: f"{provider.name} {check.says}" for check in checks if check.fits is False}


def note_misfits(draft: Draft) -> tuple[str, ...]:
    """Write down what does not fit any more and was never said; the words for it (Dutch)."""
    known = {h.codes["why"] for h in draft.case.history if h.kind is Event.NO_LONGER_FITS}
    found = {why: words for why, words in misfits(draft.case, draft.rules, draft.today).items() if why not in known}
    for why in found:
        draft.happen(Event.NO_LONGER_FITS, why=why)
    return tuple(found.values())


def provider_is_gone(case: Case, rules: Rules) -> bool:
    """Whether a provider has it that is no longer in the list."""
    return is_gone(case.state, case.provider, rules)


def is_gone(state: State, provider: str, rules: Rules) -> bool:
    """The same of a case of which only its state and provider are known."""
    return state in HAS_IT and provider not in rules.providers
