"""When is a party at work? (openingsmomenten, schoolvakanties, werkdagen)"""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")


@dataclass(frozen=True)
class Hours:
    """Open from *opens* up to, not including, *closes*, local time of the same day."""

    opens: time
    closes: time


@dataclass(frozen=True)
class Closure:
    """Days without work, both ends included; *why* is for people."""

    first: date
    last: date
    why: str = ""


@dataclass(frozen=True)
class Holiday:
    """A Flemish school holiday, both ends included: herfst, kerst, krokus, paas or zomer."""

    name: str
    first: date
    last: date


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The opening hours of one party: the meldpunt, a provider or a CLB."""

    zone: ZoneInfo = BRUSSELS
    week: tuple[tuple[Hours, ...], ...] = ((Hours(time(9), time(16, 30)),),) * 5 + ((), ())
    """Seven entries, Monday first; a day without hours is closed."""
    closures: tuple[Closure, ...] = ()
    closed_in: frozenset[str] = frozenset()
    """The school holidays (by name) in which this party is closed."""
    overrides: tuple[Holiday, ...] = ()
    """School holidays that differ from the rule: each replaces the computed one of that name and school year."""
    public_holidays_off: bool = True

    def is_open(self, at: datetime) -> bool: ...
    def next_open(self, at: datetime) -> datetime: ...
    def is_working_day(self, day: date) -> bool: ...
    def add_working_days(self, at: datetime, days: int) -> datetime: ...
    def working_days_between(self, start: datetime, end: datetime) -> int: ...
