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
from mailflow.storage.engine import Database
from mailflow.storage.tables import CARE_CASE, EVENT, LETTER, MAIL, PAUSE, TASK

ANSWERS = {
    Event.MAIL_CAME: "read",
    Event.ASKED_BACK: "asked",
    Event.LETTER_VOIDED: "corrected",
}
"""Events that count answers; corrected: a letter that said what we had understood was taken back in time."""

ROWS_AT_ONCE = 2000


@dataclass(frozen=True, kw_only=True)
class Measures:
    """The counts of one moment."""

    mails: dict[str, int]
    """By outcome; "" is not read yet."""
    letters: dict[str, int]
    """By state."""
    cases: dict[str, int]
    """By state."""
    answers: dict[str, int]
    """read, asked, corrected."""
    queue: dict[str, int]
    """By kind of task: how many are due."""
    oldest: dict[str, float]
    """By kind of task: for how many seconds the oldest of these has been due."""
    stuck: int
    paused: frozenset[str]
    last_sent_at: datetime | None


def measures(database: Database, now: datetime) -> Measures:
    """Count everything, all at one moment."""
    due = (TASK.c.state.in_(["ready", "running"]), TASK.c.due_at <= now)
    with database.read() as tx:
        queue = tx.execute(
            select(TASK.c.kind, func.count(), func.min(TASK.c.due_at)).where(*due).group_by(TASK.c.kind)
        ).all()
        events = _by(tx, EVENT.c.kind, EVENT.c.kind.in_([*ANSWERS]))
        return Measures(
            mails=_by(tx, MAIL.c.outcome),
            letters=_by(tx, LETTER.c.state),
            cases=_by(tx, CARE_CASE.c.state),
            answers={what: events.get(kind.value, 0) for kind, what in ANSWERS.items()},
            queue={kind: count for kind, count, _ in queue},
            oldest={kind: (now - first).total_seconds() for kind, _, first in queue},
            stuck=int(tx.execute(select(func.count()).select_from(TASK).where(TASK.c.state == "stuck")).scalar_one()),
            paused=frozenset(tx.execute(select(PAUSE.c.what)).scalars()),
            last_sent_at=tx.execute(select(func.max(LETTER.c.sent_at))).scalar(),
        )


def _by(tx: Connection, column: ColumnElement[str], *where: ColumnElement[bool]) -> dict[str, int]:
    rows = tx.execute(select(column, func.count()).where(*where).group_by(column)).all()
    return {row[0]: row[1] for row in rows}


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
