"""Does a referral leave when its referrer was told that it would? If not, she hears so."""

from datetime import datetime

from mailflow.core import letters
from mailflow.core.case import Happened
from mailflow.core.decision import Draft
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event
from mailflow.core.wording import moment_text

FREES = (Event.REFERRAL_COMPLETE, Event.DESK_RELEASED, Event.UNDERSTOOD, Event.WHO_ANSWERED)
"""From the last of these on nothing holds it but the hours of the meldpunt."""


def leaves_later(draft: Draft, leaves: datetime | None) -> None:
    """Say that it could not leave, and when it will; with None that it leaves only now."""
    provider = draft.rules.providers.get(draft.case.provider)
    draft.write(
        letters.to_referrer(
            Kind.LEAVES_LATER,
            draft.case,
            leaves=moment_text(leaves, draft.rules.calendar.zone) if leaves else "",
            provider=provider.name if provider else "de aanbieder",
        )
    )


def is_late(draft: Draft) -> bool:
    """Whether it could have left on an earlier day, and nobody was told why it did not."""
    calendar = draft.rules.calendar
    free = next((h for h in reversed(draft.case.history) if _frees(h)), None)
    return free is not None and calendar.day_of(calendar.next_open(free.at)) < calendar.day_of(draft.now)


def _frees(happened: Happened) -> bool:
    told = happened.kind is Event.LETTER_WRITTEN and happened.codes["letter"] == Kind.LEAVES_LATER
    return told or happened.kind in FREES
