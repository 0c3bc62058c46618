"""What the desk asks of the whole house, beside any case: what it can look up, and what changes for every case."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mailflow.core.case import Case
from mailflow.core.house_orders import Find
from mailflow.core.kept_signal import Signal
from mailflow.core.known_senders import Remembered
from mailflow.core.school_year import Closure


@dataclass(frozen=True)
class RememberedLine:
    """A remembered sender with its number."""

    number: int
    remembered: Remembered


@dataclass(frozen=True)
class Stuck:
    """Work that failed until a person looks; *mail* is the one that it is about, if any."""

    task: int
    mail: int | None = None


@dataclass(frozen=True, kw_only=True)
class LookedUp:
    """What the memory holds that the desk asks about."""

    pupils: Mapping[Find, tuple[Case, ...]] = field(default_factory=dict)
    stuck: tuple[Stuck, ...] = ()
    senders: tuple[RememberedLine, ...] = ()
    signals: tuple[Signal, ...] = ()
    closures: tuple[Closure, ...] = ()
    """The closing days that the desk told before."""


@dataclass(frozen=True, kw_only=True)
class HouseDecision:
    """What changes for every case."""

    closes: tuple[Closure, ...] = ()
    reopens: tuple[Closure, ...] = ()
    """Closing days that are no more: the very ones that were told."""
    retries: tuple[int, ...] = ()
    """Tasks that go back in the queue."""
    forgets: tuple[int, ...] = ()
    """Remembered senders, by number."""
    drops: tuple[int, ...] = ()
    """Signals that the working group is not to hear of, by number."""
