"""Work that comes by itself, once for each day or week: the digest, overviews, figures, and what has had its term."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import structlog

from mailflow.core.decision import Decision
from mailflow.core.digest import AGAIN, is_past
from mailflow.core.rules import Rules
from mailflow.digesting import asks_the_desk, digest_letters
from mailflow.erasing import LegalHold, erase_case
from mailflow.figuring import write_figures
from mailflow.framing import frame_all
from mailflow.outgoing.render import Renderer
from mailflow.overviews import write_overviews
from mailflow.storage.claims import Task
from mailflow.storage.store import Store
from mailflow.surveying import remind
from mailflow.taking_in import Means

log = structlog.get_logger()


def send_digest(means: Means, task: Task) -> None:
    """Write the digest of a day, exactly once; the second one only if something that only the desk can decide came."""
    now, key = means.clock.now(), task.unique_key or ""
    today = now.astimezone(means.rules.calendar.zone).date()
    day = today.isoformat()
    if is_past(key, today) or (key.endswith(AGAIN) and not asks_the_desk(means.store, now)):
        means.store.commit(Decision(), (), now, finishing=task, once=True)
        return
    decision = Decision(letters=digest_letters(means.store, means.reader.limits, means.rules, now))
    letters = frame_all(decision, means.renderer, means.rules, now, key=(key or f"digest:{day}").replace(":", "-"))
    means.store.commit(decision, letters, now, finishing=task, once=True)
    log.info("digest", day=day)


def _writing(write: Callable[[Store, Renderer, Rules, datetime], object]) -> Callable[[Means, Task], None]:
    """What writes letters of no case, each exactly once whatever stops in between."""

    def done(means: Means, task: Task) -> None:
        now = means.clock.now()
        write(means.store, means.renderer, means.rules, now)
        means.store.commit(Decision(), (), now, finishing=task, once=True)

    return done


send_overviews, send_figures, remind_survey = map(_writing, (write_overviews, write_figures, remind))
"""The overviews of a week, one to each party; the figures that are due; the CLBs that are silent about the survey."""


def retain(means: Means, task: Task) -> None:
    """Erase what has had its term, one case at a time; and wipe what the database still holds of it."""
    store, rules, now = means.store, means.rules, means.clock.now()
    cutoffs = rules.retention.cutoffs(now, rules.calendar.zone)
    for case_id, erasing in store.erasures.due(cutoffs):
        with suppress(LegalHold):  # ordered a moment ago
            erase_case(store, rules, case_id, erasing, now)
            log.info("erased", case=case_id, what=erasing.what)
    while store.erasures.erase_loose(cutoffs.loose, now):
        pass
    store.commit(Decision(), (), now, finishing=task, once=True)
    store.database.wipe()
