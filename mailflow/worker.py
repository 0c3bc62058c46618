"""Claim a task, run its handler, finish it: the imperative shell. Load, read, decide, render, keep."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy.exc import DBAPIError

from mailflow.clock import Clock, real_now
from mailflow.core import retry
from mailflow.core.occasions import CopyDue, LookDue, Occasion, ReleaseDue
from mailflow.discretion import where
from mailflow.housework import remind_survey, retain, send_digest, send_figures, send_overviews
from mailflow.keeping import on_case, until_kept
from mailflow.kept_mail import asked_mail, attachment_names
from mailflow.means import Means
from mailflow.outgoing.brake import Brake
from mailflow.outgoing.deliver import Courier
from mailflow.outgoing.pace import Pace
from mailflow.outgoing.render import Renderer
from mailflow.reading.reader import Reader
from mailflow.seams import reached
from mailflow.sending import Post, send
from mailflow.sent_letters import sent_letters
from mailflow.standstill import tell_stuck
from mailflow.storage.cases import MovedOn, StoredCase
from mailflow.storage.claims import Claim, Task, given
from mailflow.storage.engine import is_unusable
from mailflow.storage.store import Store
from mailflow.storage.tasks import LostLease, Tasks
from mailflow.storage.upcoming import Upcoming
from mailflow.taking_in import take_in

log = structlog.get_logger()

DECIDING = ("read", "release", "look", "copy", "digest", "overviews", "figures", "survey", "retention")
SENDING = ("send",)
AGAIN_AFTER = timedelta(seconds=5)
"""Then the task goes back: long enough for a letter that is just being sent to have left."""


@dataclass(frozen=True, kw_only=True)
class Worker:
    """Everything a handler needs: one for all threads of a process, of which one decides and another one sends."""

    store: Store
    tasks: Tasks
    reader: Reader
    renderer: Renderer
    courier: Courier
    clock: Clock
    brake: Brake
    pace: Pace
    holder: str
    left: set[int] = field(default_factory=set)
    """As in Post."""
    upcoming: Upcoming = field(default_factory=lambda: Upcoming(DECIDING, SENDING))

    @property
    def means(self) -> Means:
        """What a piece of work is done with that begins now."""
        return Means(
            store=self.store,
            tasks=self.tasks,
            reader=self.reader,
            renderer=self.renderer,
            clock=self.clock,
            rules=self.store.rules,
            now=self.clock.now(),
        )

    @property
    def post(self) -> Post:
        """How letters leave."""
        return Post(courier=self.courier, brake=self.brake, pace=self.pace, left=self.left)

    def work(self, kinds: tuple[str, ...]) -> bool:
        """Do one due piece of work of these kinds; False when none is due, or the database cannot be used now."""
        try:
            return self._work(kinds)
        except DBAPIError:
            self._lost_the_database(kinds)
            raise
        finally:
            if kinds == DECIDING:  # see then()
                self.upcoming.done(SENDING)

    def _work(self, kinds: tuple[str, ...]) -> bool:
        if kinds == SENDING and self.brake.holds(self.clock.now()):
            self.upcoming.put_back(kinds, self.tasks)
            return False
        self.upcoming.find_out(kinds, self.tasks, self.holder)
        task = self.upcoming.take(kinds) or self._claim(kinds)
        if task is None:
            return False
        if task.faults and retry.after_our_fault(task.faults, self.clock.now()) is None:
            self._set_aside(task, "each time this was taken up, the process ended")
            return True
        try:
            self.upcoming.hand(HANDLERS[task.kind](self, task) or ())
        except MovedOn:
            log.warning("the case moved on", task=task.id, kind=task.kind)
            self.tasks.again(task, self.clock.now() + AGAIN_AFTER, why="the case moved on", counts=False)
        except LostLease:
            log.warning("lost the lease", task=task.id, kind=task.kind)
        except DBAPIError as fault:
            if not is_unusable(fault):
                self._our_fault(task, fault)
                return True
            log.error("the database cannot be used", task=task.id, why=where(fault))  # noqa: TRY400 - as in where()
            self._lost_the_database(kinds)
            if task.letter_id in self.left:  # whoever else took it up would send it once more
                self.upcoming.keep(task)
            return False  # the next look is a pulse later
        except Exception as fault:
            self._our_fault(task, fault)
        return True

    def _claim(self, kinds: tuple[str, ...]) -> Task | None:
        """The first work that is due, and the rules as they are now."""
        task = self.tasks.claim(kinds, now=self.clock.now(), real_now=real_now(), holder=self.holder)
        if task is not None:
            self.store.closures.look_again()
        return task

    def then(self, task: Task) -> list[Claim]:
        """What is to be claimed in the transaction that finishes *task*: what comes next, at no cost of its own.

        After a decision also a letter, for the thread of this process that sends when it waits for one.
        """
        own = self.upcoming.of(task.kind)
        sends = own == DECIDING and not self.brake.holds(self.clock.now()) and self.upcoming.may_claim(SENDING)
        return [self._claims(kinds) for kinds in ((own, SENDING) if sends else (own,))]

    @contextmanager
    def claiming_its_reading(self) -> Iterator[list[Claim]]:
        """What is to be claimed in the transaction that keeps a mail, for the thread that decides when it waits."""
        claims = [self._claims(DECIDING)] if self.upcoming.may_claim(DECIDING) else []
        try:
            yield claims
        except DBAPIError:
            if claims:
                self.upcoming.unsure_of(DECIDING)
            raise
        finally:
            if claims:
                self.upcoming.done(DECIDING)

    def _claims(self, kinds: tuple[str, ...]) -> Claim:
        return Claim(kinds=kinds, now=self.clock.now(), real_now=real_now(), holder=self.holder)

    def _lost_the_database(self, kinds: tuple[str, ...]) -> None:
        """Who decides claims for who sends: neither may have been told."""
        self.upcoming.unsure_of(kinds, SENDING)

    def _our_fault(self, task: Task, fault: Exception) -> None:
        """Three tries, then a person: type and code lines only, for a message may hold what a person wrote."""
        why = where(fault)
        again = retry.after_our_fault(task.faults + 1, self.clock.now())
        if again is None:
            self._set_aside(task, why)
            return
        log.warning("a task failed", task=task.id, kind=task.kind, why=why)
        self.tasks.failed(task, again, why)

    def _set_aside(self, task: Task, why: str) -> None:
        log.error("a task is stuck", task=task.id, kind=task.kind, why=why)
        self.tasks.stuck(task, why)
        try:
            tell_stuck(self.means, task)
        except Exception as fault:  # what fell over may be what tells it
            self.brake.alarm(f"a task is stuck, and the desk could not be told: {where(fault)}")
        if task.kind == "digest":  # which would have told
            self.brake.alarm("the digest could not be written: see mailflow stuck")


def read_mail(worker: Worker, task: Task) -> Sequence[Task]:
    """A mail came: READ and DECIDE [commit 2]."""
    return until_kept(lambda: take_in(worker.means, task, partial(worker.then, task)))


def release_referral(worker: Worker, task: Task) -> Sequence[Task]:
    """The moment of a held referral has come."""
    means = worker.means

    def occasion(stored: StoredCase) -> Occasion:
        return ReleaseDue(
            blocked=means.store.mails.waiting_for(stored.case.reference) > 0,
            full=means.store.full_providers(means.today),
            attachments=attachment_names(means, stored.id),
        )

    return _decide(worker, means, task, occasion)


def look(worker: Worker, task: Task) -> Sequence[Task]:
    """A term of a case has passed, or its terms were changed."""
    means = worker.means
    means.store.cases.refresh(means.store.cases.by_id(given(task.case_id)))

    def occasion(stored: StoredCase) -> Occasion:
        return LookDue(asked=asked_mail(means, stored.case), full=means.store.full_providers(means.today))

    return _decide(worker, means, task, occasion)


def copy(worker: Worker, task: Task) -> Sequence[Task]:
    """The CLB worker is to get a copy of a case."""
    means = worker.means
    return _decide(worker, means, task, lambda stored: CopyDue(letters=sent_letters(means, stored.id)))


HANDLERS: Mapping[str, Callable[[Worker, Task], Sequence[Task] | None]] = {
    "read": read_mail,
    "release": release_referral,
    "look": look,
    "copy": copy,
    "send": lambda worker, task: send(worker.means, worker.post, task, partial(worker.then, task)),
    "digest": lambda worker, task: send_digest(worker.means, task),
    "overviews": lambda worker, task: send_overviews(worker.means, task),
    "figures": lambda worker, task: send_figures(worker.means, task),
    "survey": lambda worker, task: remind_survey(worker.means, task),
    "retention": lambda worker, task: retain(worker.means, task),
}
"""Each gives the work that comes next, where keeping what was done claimed it by the way."""


def _decide(worker: Worker, means: Means, task: Task, occasion: Callable[[StoredCase], Occasion]) -> Sequence[Task]:
    """DECIDE and KEEP, on the case that the task is about [commit 2]."""
    following = on_case(means, given(task.case_id), occasion, then=partial(worker.then, task), finishing=task)
    reached("after_commit_2")
    return following
