"""Work that comes by itself, once for each day or week: the digest, overviews, figures, and what has had its term."""

from contextlib import suppress

import structlog

from mailflow.core.decision import Decision
from mailflow.core.digest import AGAIN, is_past
from mailflow.digesting import asks_the_desk, digest_letters
from mailflow.erasing import LegalHold, erase_case
from mailflow.figuring import write_figures
from mailflow.keeping import keep
from mailflow.means import Means
from mailflow.overviews import write_overviews
from mailflow.storage.claims import Task
from mailflow.surveying import remind

log = structlog.get_logger()


def send_digest(means: Means, task: Task) -> None:
    """Write the digest of a day, exactly once; the second one only if something that only the desk can decide came."""
    key, day = task.unique_key or "", means.today.isoformat()
    if is_past(key, means.today) or (key.endswith(AGAIN) and not asks_the_desk(means.store, means.now)):
        _done(means, task)
        return
    decision = Decision(letters=digest_letters(means))
    keep(means, decision, key=(key or f"digest:{day}").replace(":", "-"), finishing=task, once=True)
    log.info("digest", day=day)


def send_overviews(means: Means, task: Task) -> None:
    """Write the overviews of a week, one to each party; each exactly once, whatever stops in between."""
    write_overviews(means)
    _done(means, task)


def send_figures(means: Means, task: Task) -> None:
    """Write the figures that are due, in the same way."""
    write_figures(means)
    _done(means, task)


def remind_survey(means: Means, task: Task) -> None:
    """Remind the CLBs that are silent about the survey, in the same way."""
    remind(means)
    _done(means, task)


def retain(means: Means, task: Task) -> None:
    """Erase what has had its term, one case at a time; and wipe what the database still holds of it."""
    store = means.store
    cutoffs = means.rules.retention.cutoffs(means.now, means.rules.calendar.zone)
    for case_id, erasing in store.erasures.due(cutoffs):
        with suppress(LegalHold):  # ordered a moment ago
            erase_case(means, case_id, erasing)
            log.info("erased", case=case_id, what=erasing.what)
    while store.erasures.erase_loose(cutoffs.loose, means.now):
        pass
    _done(means, task)
    store.database.wipe()


def _done(means: Means, task: Task) -> None:
    """Its key stays: it is not done again on that day."""
    keep(means, Decision(), finishing=task, once=True)
