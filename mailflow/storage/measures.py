"""What can be counted, straight from the tables: so it is right after a restart too. No personal data."""

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from sqlalchemy import ColumnElement, Connection, func, select, union

from mailflow.core.course import TOLD_BY, Course, Step, course_of
from mailflow.core.lifecycle import MOVES, Event, State
from mailflow.core.week import Weeks
from mailflow.storage.case_rows import IS_OPEN
from mailflow.storage.engine import Database
from mailflow.storage.mails import WAITING, WAITS
from mailflow.storage.tables import CARE_CASE, EVENT, LETTER, MAIL, PAUSE, TASK

ROWS_AT_ONCE = 2000


@dataclass(frozen=True, kw_only=True)
class Measures:
    """How it stands at one moment: what is open, so that years gone by add nothing."""

    mails: dict[str, int]
    """unread, and by outcome those of no case that wait for the desk."""
    letters: dict[str, int]
    """waiting: those that must still leave."""
    cases: dict[str, int]
    """By state, the open ones."""
    queue: dict[str, int]
    """By kind of task: how many are due."""
    oldest: dict[str, float]
    """By kind of task: for how many seconds the oldest of these has been due."""
    stuck: int
    paused: frozenset[str]
    last_sent_at: datetime | None


def measures(database: Database, now: datetime) -> Measures:
    """Count what is open, all at one moment."""
    due = (TASK.c.state.in_(["ready", "running"]), TASK.c.due_at <= now)
    with database.read() as tx:
        queue = tx.execute(
            select(TASK.c.kind, func.count(), func.min(TASK.c.due_at)).where(*due).group_by(TASK.c.kind)
        ).all()
        return Measures(
            mails={
                "unread": _count(tx, MAIL.c.state.in_(["unread", "stuck"])),
                **{one.value: _count(tx, *WAITS, MAIL.c.outcome == one.value) for one in WAITING},
            },
            letters={"waiting": _count(tx, LETTER.c.state == "waiting")},
            cases={row[0]: row[1] for row in tx.execute(_OPEN_CASES)},
            queue={kind: count for kind, count, _ in queue},
            oldest={kind: (now - first).total_seconds() for kind, _, first in queue},
            stuck=_count(tx, TASK.c.state == "stuck"),
            paused=frozenset(tx.execute(select(PAUSE.c.what)).scalars()),
            last_sent_at=tx.execute(select(func.max(LETTER.c.sent_at)).where(LETTER.c.state == "sent")).scalar(),
        )


_OPEN_CASES = select(CARE_CASE.c.state, func.count()).where(IS_OPEN).group_by(CARE_CASE.c.state)


def _count(tx: Connection, *which: ColumnElement[bool]) -> int:
    return int(tx.execute(select(func.count()).where(*which)).scalar_one())


def weeks_of(database: Database, bounds: Sequence[datetime]) -> Weeks:
    """What happened between each two of these moments, that are in order."""

    def counted(moments: Iterable[datetime]) -> list[int]:
        found = Counter(bisect_right(bounds, at) for at in moments)
        return [found[place] for place in range(1, len(bounds))]

    within = (EVENT.c.at >= bounds[0], EVENT.c.at < bounds[-1])
    kinds = (Event.REFERRAL_SENT, Event.TRAJECTORY_STARTED, Event.TRAJECTORY_ENDED)
    with database.read() as tx:
        events = tx.execute(select(EVENT.c.kind, EVENT.c.at).where(EVENT.c.kind.in_(kinds), *within)).all()
        opened = CARE_CASE.c.opened_at
        came = tx.execute(select(opened).where(opened >= bounds[0], opened < bounds[-1])).scalars().all()
    sent, started, ended = (counted(at for kind, at in events if kind == one) for one in kinds)
    return Weeks(came=counted(came), sent=sent, started=started, ended=ended)


def courses(database: Database, since: datetime, until: datetime, zone: tzinfo) -> Iterator[Course]:
    """How each referral went that came in before *until*, in days of *zone*: two questions, row by row.

    Of those from before *since* only the ones that moved since then, or wait: no figure counts the others.
    """
    kinds = {one.value: one for one in TOLD_BY}
    came_in = select(CARE_CASE.c.id).where(CARE_CASE.c.opened_at >= since, CARE_CASE.c.opened_at < until)
    moved = select(EVENT.c.case_id).where(EVENT.c.kind.in_([one.value for one in MOVES]), EVENT.c.at >= since)
    wait = select(CARE_CASE.c.id).where(CARE_CASE.c.state == State.WAITLISTED.value)
    chosen = union(came_in, moved, wait)
    cases = select(CARE_CASE.c.id, CARE_CASE.c.opened_at).where(
        CARE_CASE.c.id.in_(chosen), CARE_CASE.c.opened_at < until
    )
    events = (
        select(EVENT.c.case_id, EVENT.c.at, EVENT.c.kind, EVENT.c.codes)
        .where(EVENT.c.case_id.in_(chosen))
        .order_by(EVENT.c.case_id, EVENT.c.number)
    )
    with database.read() as tx:
        came = {number: opened.astimezone(zone).date() for number, opened in tx.execute(cases)}
        rows = tx.execution_options(yield_per=ROWS_AT_ONCE).execute(events)
        for number, own in groupby(rows, key=itemgetter(0)):
            if number in came:
                steps = (
                    Step(at.astimezone(zone).date(), kinds[kind], _codes(codes))
                    for _, at, kind, codes in own
                    if kind in kinds
                )
                yield course_of(came[number], steps)


@lru_cache(10_000)
def _codes(text: str) -> Mapping[str, str]:
    """The codes of an event; most of them are like many others."""
    return dict(json.loads(text))
