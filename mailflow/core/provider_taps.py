"""What can a provider say now with one tap?"""

from mailflow.core.case import Case
from mailflow.core.ending import feedback_done, outcome_of
from mailflow.core.lifecycle import State
from mailflow.core.taps import (
    ACCEPTED_TAPS,
    ENDED_WELL,
    FEEDBACK,
    GOAL_REACHED,
    OUTCOME_TAPS,
    PROVIDER_TAPS,
    STARTED_TAPS,
    WAITLISTED_TAPS,
    Tap,
)


def taps_for(case: Case) -> tuple[Tap, ...]:
    """The taps of its letters while the case stands where it does."""
    of_school = case.values.get("subject_kind") == "school"
    match case.state:
        case State.WAITLISTED:
            return WAITLISTED_TAPS
        case State.ACCEPTED:
            return ACCEPTED_TAPS
        case State.STARTED:
            return (GOAL_REACHED, *STARTED_TAPS[1:]) if of_school else STARTED_TAPS
        case State.COMPLETED:
            known = (ENDED_WELL, *OUTCOME_TAPS[1:]) if of_school else OUTCOME_TAPS
            outcome = () if outcome_of(case) else known
            return outcome if feedback_done(case) else (*outcome, FEEDBACK)
        case _:
            return PROVIDER_TAPS
