"""What a piece of work is done with: the parts of the house, and the rules and the moment that it goes by."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from mailflow.clock import Clock
from mailflow.core.rules import Rules
from mailflow.outgoing.render import Renderer
from mailflow.reading.reader import Reader
from mailflow.storage.store import Store
from mailflow.storage.tasks import Tasks


@dataclass(frozen=True, kw_only=True)
class Means:
    """One moment of the house: all that is decided and written with it is of that moment."""

    store: Store
    tasks: Tasks
    reader: Reader
    renderer: Renderer
    clock: Clock
    rules: Rules
    now: datetime

    @property
    def today(self) -> date:
        """The day that it is at the meldpunt."""
        return self.now.astimezone(self.rules.calendar.zone).date()

    def later(self) -> "Means":
        """The same house with the rules and the time as they have become."""
        return replace(self, rules=self.store.rules, now=self.clock.now())
