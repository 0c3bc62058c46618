"""How fast may letters leave for one domain? A mail host that is flooded puts everybody off."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)


@dataclass
class Pace:
    """At most *per_minute* letters to one domain in any minute; remembers what left in the last one."""

    per_minute: int
    _left: dict[str, deque[datetime]] = field(default_factory=dict, repr=False)

    def opens_at(self, address: str, now: datetime) -> datetime | None:
        """When a letter to *address* may leave; None: now."""
        left = self._lately(address, now)
        return left[-self.per_minute] + MINUTE if len(left) >= self.per_minute else None

    def left(self, address: str, now: datetime) -> None:
        """A letter to *address* was offered just now."""
        self._lately(address, now).append(now)

    def _lately(self, address: str, now: datetime) -> deque[datetime]:
        """When letters left to that domain in the last minute, oldest first; a clock that was set back forgets them."""
        left = self._left.setdefault(address.rpartition("@")[2].lower(), deque())
        while left and not left[0] <= now < left[0] + MINUTE:
            left.popleft()
        return left
