"""What can be counted, straight from the tables: so it is right after a restart too. No personal data."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from mailflow.core.lifecycle import Event
from mailflow.storage.engine import Database
from mailflow.storage.tables import CARE_CASE, EVENT, LETTER, MAIL, PAUSE, TASK

ANSWERS = {
    Event.MAIL_CAME: "read",
    Event.ASKED_BACK: "asked",
    Event.LETTER_VOIDED: "corrected",
}
"""Events that count answers; corrected: a letter that said what we had understood was taken back in time."""


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
