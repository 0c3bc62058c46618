"""How long are things kept? What people wrote goes when its term is over; what happened stays, without a name."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum


class What(StrEnum):
    """What of a case is erased."""

    MAILS = "mails"
    """Its mails and letters: their term is over."""
    VALUES = "values"
    """What the form said, and the addresses of its parties: their term is over."""
    ALL = "all"
    """Both, because somebody asked."""


@dataclass(frozen=True, kw_only=True)
class Cutoffs:
    """What is older than this is erased; aware moments."""

    mails: datetime
    """Mails and letters from before this, of cases that ended before this."""
    values: datetime
    """What the form said, of cases that ended before this."""
    loose: datetime
    """Mails of no case, or of one that was erased, from before this; and the letters about them."""


@dataclass(frozen=True, kw_only=True)
class Erased:
    """How much was erased."""

    cases: int = 0
    """Cases of which nobody can tell any more whom they were about."""
    mails: int = 0
    letters: int = 0


@dataclass(frozen=True)
class Retention:
    """How long things are kept: after the end of a case, or since they came when they belong to none."""

    mails_months: int = 6
    form_months: int = 12
    quarantine_days: int = 30

    def cutoffs(self, now: datetime, zone: tzinfo) -> Cutoffs:
        """What has had its time at *now* (aware); months are those of the calendar in *zone*."""
        local = now.astimezone(zone)
        return Cutoffs(
            mails=months_before(local, self.mails_months),
            values=months_before(local, self.form_months),
            loose=now - timedelta(days=self.quarantine_days),
        )


def months_before(moment: datetime, months: int) -> datetime:
    """The same day and hour so many months earlier, or the last day of that month: 31 August less 6 is 28 February."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))
