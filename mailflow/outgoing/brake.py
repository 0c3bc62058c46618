"""May letters be offered now, or can the sending server not be used?"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mailflow.core import retry


@dataclass
class Brake:
    """Halts all sending while the server cannot be used: one alarm, and it goes on by itself."""

    alarm: Callable[[str], None]
    pulled_at: datetime | None = None
    """When the server last could not be used; None: it works."""

    def pull(self, now: datetime, why: str) -> None:
        """No letter is offered for a minute; the first time somebody is told why."""
        first, self.pulled_at = self.pulled_at is None, now
        if first:
            self.alarm(why)

    def let_go(self) -> None:
        """The server works again."""
        self.pulled_at = None

    def holds(self, now: datetime) -> bool:
        """Whether sending waits; a clock that was set back does not make it wait for longer."""
        return self.pulled_at is not None and self.pulled_at <= now < self.pulled_at + retry.SERVER_AGAIN_AFTER
