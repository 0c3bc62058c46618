"""When is it time to look? APScheduler only wakes us; the truth is in the database."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from apscheduler.schedulers import background

from mailflow.clock import Clock
from mailflow.core.rules import Rules
from mailflow.storage.store import Store
from mailflow.storage.tasks import Tasks


def tick(store: Store, tasks: Tasks, rules: Rules, now: datetime) -> None:
    """Add the work that the present moment asks for: looks that are due, once a day what must be erased, and once on
    an opening day the digest."""
    store.cases.due_looks(now)
    local = now.astimezone(rules.calendar.zone)
    tasks.once("retention", f"retention:{local.date().isoformat()}", now)
    if local.time() >= rules.digest_at and rules.calendar.is_working_day(local.date()):
        tasks.once("digest", f"digest:{local.date().isoformat()}", now)


class Heartbeat:
    """Calls *beat* every pulse of the clock, one call at a time, whatever was missed."""

    def __init__(self, beat: Callable[[], None], clock: Clock) -> None:
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
