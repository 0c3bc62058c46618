"""Does a referral leave when its referrer was told that it would? If not, she hears so."""

from datetime import datetime

from mailflow.core import letters
from mailflow.core.case import Case, Happened
from mailflow.core.decision import Decision
from mailflow.core.draft import Draft
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event, State
from mailflow.core.wording import moment_text
from mailflow.core.workdays import Calendar

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


def held_up(draft: Draft, leaves: datetime) -> Decision:
    """The letter of the referral is written, and the meldpunt closed before it left: said once for each letter."""
    since = max((n for n, h in enumerate(draft.case.history) if _writes(h, Kind.REFERRAL)), default=0)
    if draft.case.state is State.QUEUED and not any(_writes(h, Kind.LEAVES_LATER) for h in draft.case.history[since:]):
        leaves_later(draft, leaves)
    return draft.decided()


def kept_until(kind: str, calendar: Calendar, now: datetime) -> datetime | None:
    """Until when a letter that is written may not leave; None: it may go now.

    A referral was written while the meldpunt was open: what held it up since does not make it leave at night.
    """
    return None if kind != Kind.REFERRAL or calendar.is_open(now) else calendar.next_open(now)


def is_late(draft: Draft) -> bool:
    """Whether it could have left on an earlier day, and nobody was told why it did not."""
    calendar = draft.rules.calendar
    free = next((h for h in reversed(draft.case.history) if _frees(h)), None)
    return free is not None and calendar.day_of(calendar.next_open(free.at)) < calendar.day_of(draft.now)


def unsaid(case: Case, calendar: Calendar) -> bool | None:
    """Whether its referral left on a later day than it could without a word; None when it left in time, or not yet."""
    sent = next((n for n, h in enumerate(case.history) if h.kind is Event.REFERRAL_SENT), 0)
    if not sent:
        return None
    before = case.history[:sent]
    complete = next((h for h in reversed(before) if h.kind in FREES), None)
    if complete is None:
        return None  # it came with a list: nobody was told anything
    if calendar.day_of(calendar.next_open(complete.at)) >= calendar.day_of(case.history[sent].at):
        return None
    return not any(_writes(h, Kind.LEAVES_LATER) and h.at >= complete.at for h in before)


def _frees(happened: Happened) -> bool:
    return _writes(happened, Kind.LEAVES_LATER) or happened.kind in FREES


def _writes(happened: Happened, kind: Kind) -> bool:
    return happened.kind is Event.LETTER_WRITTEN and happened.codes["letter"] == kind
