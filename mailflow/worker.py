"""Claim a task, run its handler, finish it: the imperative shell. Load, read, decide, render, keep."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog
from sqlalchemy.exc import DBAPIError

from mailflow.alarming import tell_held_up, tell_stuck
from mailflow.clock import Clock, real_now
from mailflow.core import retry
from mailflow.core.decide import decide
from mailflow.core.decision import Decision
from mailflow.core.letters import Kind
from mailflow.core.occasions import LetterFailed, LetterLeft, LookDue, Occasion, ReleaseDue
from mailflow.core.rules import Rules
from mailflow.core.thread import bounce_address
from mailflow.deputizing import alarming_both
from mailflow.discretion import where
from mailflow.framing import frame_all
from mailflow.housework import remind_survey, retain, send_digest, send_figures, send_overviews
from mailflow.outgoing.brake import Brake
from mailflow.outgoing.deliver import Courier, Delivered, Outcome, Refused, TryLater, Unavailable, Uncertain
from mailflow.outgoing.pace import Pace
from mailflow.outgoing.render import Renderer
from mailflow.reading.reader import Reader
from mailflow.seams import reached
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
NOTE_AGAIN = 100
"""The same for noting that a letter left: giving that task back would send the letter twice."""


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
    owed: list[Task] = field(default_factory=list)
    """Tasks that could not be done nor given back, for the database could not be used."""
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
        """Do one due piece of work of these kinds; False when none is due."""
        if kinds == SENDING and self.brake.holds(self.clock.now()):
            self.put_back(kinds)
            return False
        self._give_back()
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
            self.owed.append(task)
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
                self.owed.append(task)

    def _give_back(self) -> None:
        """Give back what is owed, as far as the database lets us."""
        with suppress(IndexError):  # another thread may have been quicker
            while task := self.owed.pop():
                try:
                    again = self.clock.now() + AGAIN_AFTER
                    self.tasks.again(task, again, why="the database could not be used", counts=False)
                except DBAPIError:
                    self.owed.append(task)
                    raise

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
    return take_in(worker.means, task, then=worker.then(task))


def release(worker: Worker, task: Task) -> Task | None:
    """The moment of a held referral has come."""

    def occasion(stored: StoredCase) -> Occasion:
        return ReleaseDue(
            blocked=worker.store.mails.blocked(stored.case.reference),
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


def send(worker: Worker, task: Task) -> Task | None:
    """SEND: one letter to one recipient, the same bytes at each try [commit 3]."""
    letter = worker.store.letters.get(known(task.letter_id))
    if letter.state != "waiting":
        worker.tasks.finish(task)
        return None
    now = worker.clock.now()
    if (opens_at := worker.pace.opens_at(letter.address, now)) is not None:
        worker.tasks.again(task, opens_at, why="enough letters to that domain for now", counts=False)
        return None
    rules = worker.rules
    if letter.kind == Kind.REFERRAL and not rules.calendar.is_open(now):
        # It was written while the meldpunt was open: what held it up since does not make it leave at night.
        opens = rules.calendar.next_open(now)
        tell_held_up(worker.store, worker.renderer, rules, known(task.case_id), opens, now)
        worker.tasks.again(task, opens, why="the meldpunt is closed", counts=False)
        return None
    sender = (
        bounce_address(rules.desk.address, letter.id, rules.seal) if rules.desk.plus_addressing else rules.desk.address
    )
    reached("before_delivery")
    outcome: Outcome = Delivered()
    if letter.id not in worker.left:
        outcome = worker.courier.deliver(sender=sender, recipient=letter.address, message=letter.content)
    if not isinstance(outcome, Unavailable):
        worker.brake.release()
        worker.pace.left(letter.address, now)
    match outcome:
        case Delivered():
            reached("after_delivery")
            worker.left.add(letter.id)
            log.info("sent", letter=letter.id, kind=letter.kind, attempt=task.attempts + 1)
            following = _note_letter(worker, task, LetterLeft(number=letter.number), "sent")
            worker.left.discard(letter.id)
            reached("after_commit_3")
            return following
        case TryLater(why=why) | Uncertain(why=why) if not retry.gives_up(letter.first_try_at or now, now):
            log.info("not sent", letter=letter.id, kind=letter.kind, attempt=task.attempts + 1, why=why)
            worker.store.letters.first_try(letter.id, now)
            worker.tasks.again(task, retry.again_at(task.attempts + 1, now), why=why)
        case Unavailable(why=why):
            log.warning("the sending server cannot be used", why=why)
            worker.brake.pull(now, f"sending: {why}")
            worker.tasks.again(task, task.due_at, why=why, counts=False)  # keeps its place in the order of release
        case Refused(why=why) | TryLater(why=why) | Uncertain(why=why):
            log.warning("a letter is refused", letter=letter.id, kind=letter.kind, why=why)
            following = _note_letter(worker, task, LetterFailed(number=letter.number, why=why), "refused")
            if letter.role == "desk":  # no letter can tell the desk that its letters do not arrive
                worker.brake.alarm(f"a letter to the desk is refused: {why}")
            return following
    return None


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


def _note_letter(worker: Worker, task: Task, occasion: LetterLeft | LetterFailed, state: str) -> Task | None:
    """Write down what became of a letter, however often somebody else decides on its case meanwhile."""
    now, noted = worker.clock.now(), (known(task.letter_id), state)
    if task.case_id is None:
        return worker.store.commit(Decision(), (), now, finishing=task, letter=noted, then=worker.then(task))
    for _ in range(NOTE_AGAIN):
        stored = worker.store.cases.by_id(task.case_id)
        if isinstance(occasion, LetterFailed):
            occasion = replace(occasion, attachments=attachment_names(worker.store, worker.reader, stored.id))
        decision = alarming_both(worker.store, decide(stored.case, occasion, worker.rules, now), now)
        letters = frame_all(decision, worker.renderer, worker.rules, now, key="")
        try:
            return worker.store.commit(
                decision, letters, now, finishing=task, letter=noted, before=stored, then=worker.then(task)
            )
        except MovedOn:
            continue
    raise MovedOn
