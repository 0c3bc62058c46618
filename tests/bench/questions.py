"""What is asked of a store all day: each question by the real code, to be timed on stores of every size."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta

from house import NAFT, House
from made import name, referral
from sqlalchemy import func, select, update

from mailflow.core.case import timeline
from mailflow.core.figure_tables import Period
from mailflow.core.provider_mail import WAITING
from mailflow.core.watches import watch
from mailflow.digesting import digest_letters
from mailflow.figuring import figures_of
from mailflow.storage.measures import measures
from mailflow.storage.tables import CARE_CASE
from mailflow.worker import DECIDING, SENDING

PROVIDER = "naft-vbo"
BORN = date(2011, 3, 12)
DUE = 10
"""How many cases a sweep finds: 1 % of the smallest store. Of years gone by none is due."""
NEW = 500
"""The number of the first case that is made anew; those before it were made for the store."""


@dataclass
class Asked:
    """One store under test, and the CPU time that each answer took."""

    house: House
    spent: dict[str, list[float]] = field(default_factory=dict)
    """Question -> milliseconds, in the order of asking."""
    new: int = NEW

    def ask_all(self) -> None:
        """Each question once. Every store is asked the same in the same order."""
        self._a_case()
        self._sweep()
        self._of_the_desk()

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        gc.disable()
        began = time.thread_time()
        yield
        gc.enable()
        self.spent.setdefault(what, []).append((time.thread_time() - began) * 1000)

    def _timed_again(self, what: str, ask: Callable[[], object]) -> None:
        """What changes nothing is asked from what is on disk, not from what is still in memory."""
        self.house.app.store.cases.reread()
        with self._timed(what):
            ask()

    def _a_case(self) -> None:
        """A referral and the provider's answer to it, each to its last letter."""
        house, app = self.house, self.house.app
        self.new += 1
        before = len(house.letters(NAFT))
        referral(house, self.new)
        with self._timed("a referral: decide, keep"):
            self._work(DECIDING)
        with self._timed("its letters: claim, note"):
            self._work(SENDING)
        letters = house.letters(NAFT)
        assert len(letters) == before + 1, "a referral goes to the provider at once"
        answer = house.reply(letters[-1], "Wij nemen deze leerling graag op.")
        app.store.cases.reread()
        with self._timed("a reply: match, decide, keep"):
            self._work(DECIDING)
        self._work(SENDING)
        assert house.outcome(answer) == "reply"

    def _work(self, kinds: tuple[str, ...]) -> None:
        while self.house.app.worker.work(kinds):
            pass

    def _sweep(self) -> None:
        house, now = self.house, self.house.clock.now()
        first = select(CARE_CASE.c.id).where(CARE_CASE.c.look_at > now).order_by(CARE_CASE.c.id.desc()).limit(DUE)
        with house.app.database.write() as tx:
            ids = tx.execute(first).scalars().all()
            tx.execute(update(CARE_CASE).where(CARE_CASE.c.id.in_(ids)).values(look_at=now - timedelta(minutes=1)))
        with self._timed("sweep"):
            house.app.tick()
        house.drain()

    def _of_the_desk(self) -> None:
        app, now = self.house.app, self.house.clock.now()
        store, rules = app.store, app.store.rules
        reference = next(one.reference for one in store.cases.lines())
        year = Period(date(2026, 9, 1), now.date())
        terms = rules.retention.cutoffs(now, rules.calendar.zone)

        def one_case() -> None:
            stored = store.cases.get(reference)
            assert stored is not None
            store.mails.of_case(stored.id)
            timeline(stored.case)
            watch(stored.case, rules)

        self._timed_again("digest", lambda: digest_letters(app.worker.means))
        self._timed_again("cases", store.cases.lines)
        self._timed_again("case REF", one_case)
        self._timed_again("zoek", lambda: store.pupils.named(name(NEW), BORN))
        self._timed_again("waitlist", lambda: store.cases.all_open(WAITING, PROVIDER))
        self._timed_again("figures of a year", lambda: figures_of(store, rules, year, now))
        self._timed_again("what must be erased", lambda: store.erasures.due(terms))
        self._timed_again("metrics", lambda: measures(app.database, now))


def crowded(house: House) -> dict[str, float]:
    """Seconds, as they elapse, for one sweep and one digest of a store with very many open cases, and all of them due."""
    app, now = house.app, house.clock.now()
    app.tick()  # what a process does only once
    with app.database.write() as tx:
        tx.execute(update(CARE_CASE).where(CARE_CASE.c.look_at > now).values(look_at=now - timedelta(minutes=1)))
        due = tx.execute(select(func.count()).where(CARE_CASE.c.look_at <= now)).scalar_one()
    began = time.monotonic()
    app.tick()
    swept = time.monotonic()
    digest_letters(app.worker.means)
    return {"crowd_due": due, "crowd_sweep_s": swept - began, "crowd_digest_s": time.monotonic() - swept}
