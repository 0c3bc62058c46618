"""Claim a task, run its handler, finish it: the imperative shell. Load, read, decide, render, keep."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy.exc import DBAPIError

from mailflow.alarming import tell_stuck
from mailflow.clock import Clock, real_now
from mailflow.core import retry
from mailflow.core.decide import decide
from mailflow.core.occasions import LookDue, Occasion, ReleaseDue
from mailflow.core.rules import Rules
from mailflow.deputizing import alarming_both
from mailflow.discretion import where
from mailflow.framing import frame_all
from mailflow.housework import remind_survey, retain, send_digest, send_figures, send_overviews
from mailflow.outgoing.brake import Brake
from mailflow.outgoing.deliver import Courier
from mailflow.outgoing.pace import Pace
from mailflow.outgoing.render import Renderer
from mailflow.reading.reader import Reader
from mailflow.seams import reached
from mailflow.sending import send
from mailflow.sent_letters import copy_due
from mailflow.settling import asked_mail
from mailflow.storage.cases import MovedOn, StoredCase
from mailflow.storage.claims import Claim, Task
from mailflow.storage.engine import is_unusable
from mailflow.storage.store import Store
from mailflow.storage.tasks import LostLease, Tasks
from mailflow.taking_in import DECIDE_AGAIN, Means, attachment_names, known
from mailflow.taking_in import read_mail as take_in

log = structlog.get_logger()

DECIDING = ("read", "release", "look", "copy", "digest", "overviews", "figures", "survey", "retention")
SENDING = ("send",)
AGAIN_AFTER = timedelta(seconds=5)
"""Then the task goes back: long enough for a letter that is just being sent to have left."""


@dataclass(frozen=True, kw_only=True)
class Worker:
    """Everything a handler needs; one thread runs one worker."""

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
    """Letters that left, which the database could not note yet: they must not leave once more."""
    unsure: set[tuple[str, ...]] = field(default_factory=set)
    """Kinds of work of which we may hold some without knowing: the database went away before it could say so."""
    claimed: dict[tuple[str, ...], Task] = field(default_factory=dict)
    """By the kinds of work of each thread: what comes next, claimed when the work before it was kept."""

    @property
    def means(self) -> Means:
        """What it takes to read a mail and to keep what was decided."""
        return Means(
            store=self.store,
            tasks=self.tasks,
            reader=self.reader,
            renderer=self.renderer,
            rules=self.rules,
            clock=self.clock,
        )

    @property
    def rules(self) -> Rules:
        """The rules as they hold now."""
        return self.store.rules

    def work(self, kinds: tuple[str, ...]) -> bool:
        """Do one due piece of work of these kinds; False when none is due, or the database cannot be used now."""
        try:
            return self._work(kinds)
        except DBAPIError:
            self.unsure.add(kinds)
            raise

    def _work(self, kinds: tuple[str, ...]) -> bool:
        if kinds == SENDING and self.brake.holds(self.clock.now()):
            self.put_back(kinds)
            return False
        if kinds in self.unsure:
            self._find_out(kinds)
        task = self.claimed.pop(kinds, None) or self._claim(kinds)
        if task is None:
            return False
        if task.faults and retry.after_our_fault(task.faults, self.clock.now()) is None:
            self._set_aside(task, "each time this was taken up, the process ended")
            return True
        try:
            if following := HANDLERS[task.kind](self, task):
                self.claimed[kinds] = following
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
            self.unsure.add(kinds)
            if task.letter_id in self.left:  # whoever else took it up would send it once more
                self.claimed[kinds] = task
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

    def then(self, task: Task) -> Claim:
        """What is to be claimed in the transaction that finishes *task*: it costs no other one."""
        kinds = next(kinds for kinds in (DECIDING, SENDING) if task.kind in kinds)
        return Claim(kinds=kinds, now=self.clock.now(), real_now=real_now(), holder=self.holder)

    def put_back(self, kinds: tuple[str, ...]) -> None:
        """Give back what was claimed and not begun."""
        if task := self.claimed.pop(kinds, None):
            try:
                self.tasks.again(task, task.due_at, counts=False)
            except DBAPIError:
                self.unsure.add(kinds)

    def _find_out(self, kinds: tuple[str, ...]) -> None:
        """Give back all that we hold of these kinds, but for what we know of: each keeps its place in the queue."""
        known_of = self.claimed.get(kinds)
        self.tasks.let_go(self.holder, kinds, besides=known_of, why="the database could not be used")
        self.unsure.discard(kinds)

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
            tell_stuck(self.store, self.renderer, self.rules, task, self.clock.now())
        except Exception as fault:  # what fell over may be what tells it
            self.brake.alarm(f"a task is stuck, and the desk could not be told: {where(fault)}")
        if task.kind == "digest":  # which would have told
            self.brake.alarm("the digest could not be written: see mailflow stuck")


def read_mail(worker: Worker, task: Task) -> Task | None:
    """READ and DECIDE: a mail becomes a decision [commit 2]."""
    return take_in(worker.means, task, then=partial(worker.then, task))


def release(worker: Worker, task: Task) -> Task | None:
    """The moment of a held referral has come."""

    def occasion(stored: StoredCase) -> Occasion:
        return ReleaseDue(
            blocked=worker.store.mails.waiting_for(stored.case.reference) > 0,
            full=worker.store.full_providers(worker.clock.now().astimezone(worker.rules.calendar.zone).date()),
            attachments=attachment_names(worker.store, worker.reader, stored.id),
        )

    return _decide_on_case(worker, task, occasion, DECIDE_AGAIN)


def look(worker: Worker, task: Task) -> Task | None:
    """A term of a case has passed, or its terms were changed."""
    worker.store.cases.refresh(worker.store.cases.by_id(known(task.case_id)))

    def occasion(stored: StoredCase) -> Occasion:
        return LookDue(asked=asked_mail(worker.store, worker.reader, worker.rules, stored.case, worker.clock.now()))

    return _decide_on_case(worker, task, occasion, DECIDE_AGAIN)


HANDLERS: Mapping[str, Callable[[Worker, Task], Task | None]] = {
    "read": read_mail,
    "release": release,
    "look": look,
    "copy": lambda worker, task: _decide_on_case(worker, task, copy_due(worker.means), DECIDE_AGAIN),
    "send": send,
    "digest": lambda worker, task: send_digest(worker.means, task),
    "overviews": lambda worker, task: send_overviews(worker.means, task),
    "figures": lambda worker, task: send_figures(worker.means, task),
    "survey": lambda worker, task: remind_survey(worker.means, task),
    "retention": lambda worker, task: retain(worker.means, task),
}
"""Each gives the work that comes next, where keeping what was done claimed it by the way."""


def _decide_on_case(worker: Worker, task: Task, occasion: Callable[[StoredCase], Occasion], tries: int) -> Task | None:
    now = worker.clock.now()
    for _ in range(tries):
        with worker.store.database.snapshot():
            stored = worker.store.cases.by_id(known(task.case_id))
            decision = alarming_both(worker.store, decide(stored.case, occasion(stored), worker.rules, now), now)
        letters = frame_all(decision, worker.renderer, worker.rules, now, key="")
        try:
            then = worker.then(task)
            following = worker.store.commit(decision, letters, now, finishing=task, before=stored, then=then)
        except MovedOn:
            continue
        reached("after_commit_2")
        return following
    raise MovedOn
