"""What can a provider say now with one tap?"""

from mailflow.core.case import Case
from mailflow.core.ending import feedback_done, outcome_of
from mailflow.core.lifecycle import State
from mailflow.core.taps import (
    ACCEPTED_TAPS,
    FEEDBACK,
    OUTCOME_TAPS,
    PROVIDER_TAPS,
    STARTED_TAPS,
    WAITLISTED_TAPS,
    Tap,
)


def taps_for(case: Case) -> tuple[Tap, ...]:
    """The taps of its letters while the case stands where it does."""
    match case.state:
        case State.WAITLISTED:
            return WAITLISTED_TAPS
        case State.ACCEPTED:
            return ACCEPTED_TAPS
        case State.STARTED:
            return STARTED_TAPS
        case State.COMPLETED:
            outcome = () if outcome_of(case) else OUTCOME_TAPS
            return outcome if feedback_done(case) else (*outcome, FEEDBACK)
        case _:
            return PROVIDER_TAPS
