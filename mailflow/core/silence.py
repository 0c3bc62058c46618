"""Is nobody at the desk? Something waits for a worker, and for too many opening days none did anything."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from mailflow.core.letters import Letter
from mailflow.core.rules import Rules


def days_of_silence(waiting: Sequence[datetime], last_act: datetime | None, rules: Rules, now: datetime) -> int:
    """For how many whole opening days nothing was heard of the workers; 0 as long as that is no cause for a stand-in.

    *waiting*: since when each thing waits that only the desk can decide; *last_act*: when a worker last did anything.
    """
    if not rules.desk.stand_in or not waiting:
        return 0
    since = max(min(waiting), last_act) if last_act else min(waiting)
    calendar = rules.calendar
    first, today = calendar.day_of(calendar.next_open(since)), calendar.day_of(now)
    days = sum(calendar.is_working_day(date.fromordinal(day)) for day in range(first.toordinal(), today.toordinal()))
    return days if days >= rules.desk.stand_in_after else 0


def with_stand_in(digest: Letter, days: int, rules: Rules) -> tuple[Letter, ...]:
    """The digest, and once the workers are silent for these days the same for who stands in; either says so."""
    if not days:
        return (digest,)
    told = replace(digest, values={**digest.values, "silent": days})
    return (told, replace(told, address=rules.desk.stand_in))
