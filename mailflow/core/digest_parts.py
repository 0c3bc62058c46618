"""Which open cases belong in which part of the digest? A case that is only counted needs no more than its columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from mailflow.core.lifecycle import Party, State
from mailflow.core.moments import NEXT_YEAR
from mailflow.core.taps import Tap
from mailflow.core.unreached import UNREACHED

TOP = 15
"""Lines of one section; the rest is a number."""
OTHERS = (Party.PROVIDER, Party.REFERRER, Party.CLB, Party.SENDER)
"""Whoever is waited for and is not the desk."""
ON_THE_LIST = (State.WAITLIST_OFFERED, State.WAITLISTED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """An open case, as far as the digest shows it: reference and initials, never a name.

    What stands before *initials* says where it belongs, and suffices for a case that is only counted.
    """

    reference: str
    initials: str = ""
    state: State
    since: datetime
    opened_at: datetime
    turn: str
    what: str
    due_at: datetime | None
    provider: str = ""
    likely: tuple[str, ...] = ()
    """Names of the CLBs that may be responsible, while none has it."""
    away_until: date | None = None
    """The last day on which whoever is waited for is away, as an out-of-office notice told."""
    same_pupil: tuple[tuple[str, bool], ...] = ()
    """Cases of the same pupil that came to light since the last digest: (reference, whether that is sure)."""
    clb_open: bool = False
    """Whether it left although no CLB has taken it over yet."""
    waits_until: date | None = None
    """Until when the desk itself lets it wait."""
    turned: tuple[int, ...] = ()
    """How old the pupil turned since the last digest, where that counts."""
    misfits: tuple[str, ...] = ()
    """Why it no longer fits its provider, as came to light since the last digest (Dutch)."""
    gone: bool = False
    """Whether its provider is no longer in the list."""
    why: str = ""
    """The code of why the desk is needed, a key of WHY."""
    taps: tuple[Tap, ...] = ()
    round_table: tuple[date, str] | None = None
    """The day and hour ("" unknown) of the round table that was told."""
    absent: tuple[str, ...] = ()
    """Who cannot come to it, as their calendars answered: provider, referrer."""
    refused: bool = False
    """Whether one of those answers came since the last digest."""
    bounced: bool = False
    """Whether a letter of it came back since the last digest."""


COUNTED = frozenset({"waitlisted", "running"})
"""Parts without a line for each case."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The cases of each section, in the order in which they are shown; a case can stand in several."""

    unanswered: Sequence[Item]
    desk: Sequence[Item]
    gone: Sequence[Item]
    clb_open: Sequence[Item]
    overdue: Sequence[Item]
    new: Sequence[Item]
    same_pupil: Sequence[Item]
    turned: Sequence[Item]
    misfits: Sequence[Item]
    held: Sequence[Item]
    round_tables: Sequence[Item]
    refused: Sequence[Item]
    waitlisted: Sequence[Item]
    """These are counted by provider: see *listed*."""
    bounced: Sequence[Item]
    running: Sequence[Item]
    """In time, or left to wait by the desk: nobody need look, so these are only counted."""

    def shown(self) -> set[str]:
        """The references of the cases that get a line, and so need all that a digest says of a case."""
        named = (getattr(self, name) for name in self.__dataclass_fields__ if name not in COUNTED)
        return {item.reference for part in named for item in part[:TOP]}


def parts(items: Iterable[Item], *, since: datetime, now: datetime, zone: tzinfo) -> Parts:
    """Where each case belongs: *since* is the moment of the last digest, *zone* that of the meldpunt."""
    items = list(items)
    day = now.astimezone(zone).date()
    waiting = [i for i in items if i.waits_until and i.waits_until > day]
    unanswered = [i for i in items if i.what == NEXT_YEAR and i.due_at and i.due_at.astimezone(zone).date() <= day]
    gone = [i for i in items if i.gone]
    aside = {i.reference for part in (waiting, unanswered, gone) for i in part}
    let_wait = {i.reference for i in waiting}
    others = [i for i in items if i.turn in OTHERS and i.reference not in aside]
    overdue = [i for i in others if i.due_at and i.due_at < now]
    in_term = [i for i in others if not (i.due_at and i.due_at < now)]
    monday = day - timedelta(days=day.weekday())
    met = [(i.round_table, i) for i in items if i.round_table and day <= i.round_table[0] < monday + timedelta(days=7)]
    return Parts(
        unanswered=unanswered,
        desk=[i for i in items if i.turn == Party.DESK and i.reference not in let_wait],
        gone=gone,
        clb_open=[i for i in items if i.clb_open],
        overdue=sorted(overdue, key=lambda i: (i.turn, i.provider if i.turn == Party.PROVIDER else "")),
        new=[i for i in items if i.opened_at >= since],
        same_pupil=[i for i in items if i.same_pupil],
        turned=[i for i in items if i.turned],
        misfits=[i for i in items if i.misfits],
        held=[i for i in items if i.state is State.QUEUED and i.turn == Party.MAILFLOW],
        round_tables=[item for _, item in sorted(met, key=lambda one: one[0])],
        refused=[i for i in items if i.refused],
        waitlisted=[i for i in items if i.state in ON_THE_LIST],
        bounced=[i for i in items if i.bounced and i.what != UNREACHED],
        running=[*in_term, *waiting],
    )


def listed(waitlisted: Iterable[Item]) -> list[tuple[str, int, datetime]]:
    """(provider, how many wait there, since when the first does), the longest waiting first."""
    found: dict[str, list[datetime]] = {}
    for item in waitlisted:
        found.setdefault(item.provider, []).append(item.since)
    return sorted(((key, len(since), min(since)) for key, since in found.items()), key=lambda one: one[2])
