"""The week in four numbers, with the weeks before it: what the first digest of a week tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from mailflow.core.shown import Row

WEEKS = 8
"""So many whole weeks are shown, the last one being the week before this one."""


@dataclass(frozen=True, kw_only=True)
class Weeks:
    """Counts per week, the oldest first, WEEKS of each."""

    came: Sequence[int]
    sent: Sequence[int]
    started: Sequence[int]
    ended: Sequence[int]

    def rows(self) -> list[Row]:
        """The four numbers of the last week, each with that of the week before (Dutch)."""
        named = (
            ("Binnengekomen", self.came),
            ("Bezorgd aan een aanbieder", self.sent),
            ("Gestart", self.started),
            ("Afgerond", self.ended),
        )
        return [Row(label, f"{counts[-1]} (de week ervoor {counts[-2]})") for label, counts in named]

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened in the last week."""
        return not any(counts[-1] for counts in (self.came, self.sent, self.started, self.ended))


def bounds(day: date, zone: tzinfo) -> list[datetime]:
    """The Mondays at midnight, local time, that part the last WEEKS whole weeks before *day*: one more than that."""
    monday = day - timedelta(days=day.weekday())
    return [datetime.combine(monday - timedelta(weeks=n), time.min, zone) for n in range(WEEKS, -1, -1)]


def is_first_of_week(day: date, since: datetime, zone: tzinfo) -> bool:
    """Whether no digest was written yet in the week of *day*; *since* is the moment of the last one."""
    return since < bounds(day, zone)[-1]
