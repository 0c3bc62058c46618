"""When is it time to look? APScheduler only wakes us; the truth is in the database."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from mailflow.clock import Clock
from mailflow.core.digest import AGAIN
from mailflow.core.figures_due import due_on
from mailflow.core.overview import week_of
from mailflow.core.rules import Rules
from mailflow.storage.store import Store
from mailflow.storage.tasks import Tasks


def tick(store: Store, tasks: Tasks, rules: Rules, now: datetime) -> None:
    """Add the work that the present moment asks for: looks that are due, once a day what must be erased, once on
    an opening day the digest and what is due of figures and survey, and once a week the overviews."""
    store.cases.due_looks(now)
    local = now.astimezone(rules.calendar.zone)
    tasks.once("retention", f"retention:{local.date().isoformat()}", now)
    if overviews_are_due(local, rules):
        tasks.once("overviews", f"overviews:{week_of(local.date())}", now)
    if local.time() >= rules.digest_at and rules.calendar.is_working_day(local.date()):
        tasks.once("digest", f"digest:{local.date().isoformat()}", now)
        if (day := due_on(local.date(), rules)) is not None:
            tasks.once("figures", f"figures:{day.isoformat()}", now)
        if store.surveys.is_open():
            tasks.once("survey", f"survey:{local.date().isoformat()}", now)
        if local.time() >= max(rules.digest_at, rules.digest_again_at):
            tasks.once("digest", f"digest:{local.date().isoformat()}{AGAIN}", now)


def overviews_are_due(local: datetime, rules: Rules) -> bool:
    """From the day and hour of the week that the configuration names, on a day that the meldpunt is open."""
    late = (local.weekday(), local.time()) >= (rules.overview_on, rules.overview_at)
    return late and local.time() >= rules.overview_at and rules.calendar.is_working_day(local.date())


class Heartbeat:
    """Calls *beat* every pulse of the clock, one call at a time, whatever was missed."""

    def __init__(self, beat: Callable[[], None], clock: Clock) -> None:
        from apscheduler.schedulers import background  # noqa: PLC0415 - slow to import: mail is taken in before

        scheduler: Any = background  # untyped
        self._scheduler = scheduler.BackgroundScheduler(timezone="UTC")
        # Late is better than never (the default drops a job that is a second late), and twice in a row is pointless.
        self._scheduler.add_job(
            beat, "interval", seconds=clock.pulse, max_instances=1, coalesce=True, misfire_grace_time=None
        )

    def start(self) -> None:
        """Begin to beat, on a thread of its own."""
        self._scheduler.start()

    def stop(self) -> None:
        """Beat no longer; waits for a beat under way."""
        self._scheduler.shutdown(wait=True)
