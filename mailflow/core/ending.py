"""How does a trajectory end: what came of it, who takes over, and is everybody told? Then the case closes."""

import re

from mailflow.core.case import Case
from mailflow.core.draft import Draft
from mailflow.core.lifecycle import Event, Party, State

OUTCOMES: dict[str, str] = {
    "back_to_school": "terug naar school",
    "goal_reached": "het doel is bereikt",
    "handover": "overgedragen aan een andere organisatie",
    "stopped_early": "vroegtijdig gestopt",
}
"""What can come of a trajectory, as people read it."""
HANDOVER_TO = "handover_to"
"""Where the referral's values keep to whom it was handed over: a name, so never in an event."""

_TO = re.compile(
    r"(?:overgedragen|overdracht|doorverwezen|toegeleid)\b[^.\n]{0,40}?\b(?:aan|naar)\s+"
    r"(?P<name>[^.,;:\n()]{2,60}?)\s*(?=[.,;:()\n]|$)",
    re.IGNORECASE,
)
_CONFIRMED = re.compile(
    r"\b(?:hebben|heeft)\b[^.\n]{0,40}\bbevestigd\b|\boverdracht (?:is )?bevestigd\b|^[ \t\-*]*bevestigd\b",
    re.IGNORECASE | re.MULTILINE,
)
_DENIED = re.compile(r"\b(?:niet|nooit|geen)\b[^.\n]{0,30}\bbevestig", re.IGNORECASE)


def outcome_of(case: Case) -> str:
    """The code of what came of the trajectory that ended last, "" while nobody said so."""
    for happened in reversed(case.history):
        if happened.kind is Event.TRAJECTORY_STARTED:
            return ""
        if happened.kind in (Event.TRAJECTORY_ENDED, Event.OUTCOME_NOTED) and happened.codes.get("outcome"):
            return happened.codes["outcome"]
    return ""


def feedback_done(case: Case) -> bool:
    """Whether somebody said that the school heard how it went, since the trajectory started."""
    last = case.last(Event.FEEDBACK_DONE, Event.TRAJECTORY_STARTED)
    return last is not None and last.kind is Event.FEEDBACK_DONE


def note_handover(draft: Draft, written: str, by: Party) -> None:
    """Write down to whom it was handed over, and whether they confirmed, when these words say so."""
    if outcome_of(draft.case) != "handover":
        return
    named = _TO.search(written)
    if named and named["name"] != draft.case.values.get(HANDOVER_TO):
        draft.keep({**draft.case.values, HANDOVER_TO: named["name"]})
    confirmed = bool(_CONFIRMED.search(written)) and not _DENIED.search(written)
    if named or confirmed:
        draft.happen(Event.HANDOVER_NOTED, by, confirmed="yes" if confirmed else "no")


def handover_confirmed(case: Case) -> bool:
    """Whether the organisation that takes over has confirmed so."""
    return any(h.kind is Event.HANDOVER_NOTED and h.codes["confirmed"] == "yes" for h in case.history)


def settle_loop(draft: Draft) -> bool:
    """Close the case once its outcome is known and the feedback is said done; whether it closed."""
    case = draft.case
    if case.state is not State.COMPLETED or not outcome_of(case) or not feedback_done(case):
        return False
    draft.happen(Event.LOOP_SETTLED)
    return True


def outcome_words(case: Case) -> str:
    """How it ended, for people: `overgedragen aan het CAW, en dat is bevestigd`; "" while it is not known."""
    code = outcome_of(case)
    if code != "handover":
        return OUTCOMES.get(code, "")
    named = case.values.get(HANDOVER_TO, "")
    words = f"overgedragen aan {named}" if named else OUTCOMES[code]
    return f"{words}, en dat is bevestigd" if handover_confirmed(case) else words
