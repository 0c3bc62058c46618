"""Claim a task, run its handler, finish it: the imperative shell. Load, read, decide, render, keep."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog
from sqlalchemy.exc import DBAPIError

from mailflow.alarming import tell_stuck, where
from mailflow.clock import Clock, real_now
from mailflow.core import retry
from mailflow.core.decide import decide
from mailflow.core.decision import Decision, LetterFailed, LetterLeft, LookDue, Occasion, ReleaseDue
from mailflow.core.digest import AGAIN, is_past
from mailflow.core.letters import Kind
from mailflow.core.rules import Rules
from mailflow.core.thread import bounce_address
from mailflow.deputizing import alarming_both
from mailflow.digesting import asks_the_desk, digest_letters
from mailflow.erasing import LegalHold, erase_case
from mailflow.framing import frame_all
from mailflow.outgoing.brake import Brake
from mailflow.outgoing.deliver import Courier, Delivered, Outcome, Refused, TryLater, Unavailable, Uncertain
from mailflow.outgoing.pace import Pace
from mailflow.outgoing.render import Renderer
from mailflow.overviews import write_overviews
from mailflow.reading.reader import Reader
from mailflow.seams import reached
from mailflow.settling import asked_mail
from mailflow.storage.cases import MovedOn, StoredCase
from mailflow.storage.engine import is_unusable
from mailflow.storage.store import Store
from mailflow.storage.tasks import LostLease, Task, Tasks
from mailflow.taking_in import DECIDE_AGAIN, Means, attachment_names, known
from mailflow.taking_in import read_mail as take_in

log = structlog.get_logger()

DECIDING = ("read", "release", "look", "digest", "overviews", "retention")
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

    @property
    def rules(self) -> Rules:
        """The rules as they hold now."""
        return self.store.rules

    def work(self, kinds: tuple[str, ...]) -> bool:
        """Do one due piece of work of these kinds; False when none is due."""
        if kinds == SENDING and self.brake.holds(self.clock.now()):
            return False
        self._give_back()
        task = self.tasks.claim(kinds, now=self.clock.now(), real_now=real_now(), holder=self.holder)
        if task is None:
            return False
        if task.faults and retry.after_our_fault(task.faults, self.clock.now()) is None:
            self._set_aside(task, "each time this was taken up, the process ended")
            return True
        try:
            self.store.closures.look_again()
            HANDLERS[task.kind](self, task)
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


def read_mail(worker: Worker, task: Task) -> None:
    """READ and DECIDE: a mail becomes a decision [commit 2]."""
    means = Means(
        store=worker.store,
        tasks=worker.tasks,
        reader=worker.reader,
        renderer=worker.renderer,
        rules=worker.rules,
        clock=worker.clock,
    )
    take_in(means, task)


def release(worker: Worker, task: Task) -> None:
    """The moment of a held referral has come."""
    today = worker.clock.now().astimezone(worker.rules.calendar.zone).date()

    def occasion(stored: StoredCase) -> Occasion:
        return ReleaseDue(
            blocked=worker.store.mails.blocked(stored.case.reference),
            full=worker.store.full_providers(today),
            attachments=attachment_names(worker.store, worker.reader, stored.id),
        )

    _decide_on_case(worker, task, occasion, DECIDE_AGAIN)


def look(worker: Worker, task: Task) -> None:
    """A term of a case has passed, or its terms were changed."""
    worker.store.cases.refresh(worker.store.cases.by_id(known(task.case_id)))

    def occasion(stored: StoredCase) -> Occasion:
        now = worker.clock.now()
        return LookDue(asked=asked_mail(worker.store, worker.reader, worker.rules, stored.case, now))

    _decide_on_case(worker, task, occasion, DECIDE_AGAIN)


def send(worker: Worker, task: Task) -> None:
    """SEND: one letter to one recipient, the same bytes at each try [commit 3]."""
    letter = worker.store.letters.get(known(task.letter_id))
    if letter.state != "waiting":
        worker.tasks.finish(task)
        return
    now = worker.clock.now()
    if (opens_at := worker.pace.opens_at(letter.address, now)) is not None:
        worker.tasks.again(task, opens_at, why="enough letters to that domain for now", counts=False)
        return
    rules = worker.rules
    if letter.kind == Kind.REFERRAL and not rules.calendar.is_open(now):
        # It was written while the meldpunt was open: what held it up since does not make it leave at night.
        worker.tasks.again(task, rules.calendar.next_open(now), why="the meldpunt is closed", counts=False)
        return
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
            _note_letter(worker, task, LetterLeft(number=letter.number), "sent")
            worker.left.discard(letter.id)
            reached("after_commit_3")
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
            _note_letter(worker, task, LetterFailed(number=letter.number, why=why), "refused")
            if letter.role == "desk":  # no letter can tell the desk that its letters do not arrive
                worker.brake.alarm(f"a letter to the desk is refused: {why}")


def send_digest(worker: Worker, task: Task) -> None:
    """Write the digest of a day, exactly once; the second one only if something that only the desk can decide came."""
    now, key = worker.clock.now(), task.unique_key or ""
    today = now.astimezone(worker.rules.calendar.zone).date()
    day = today.isoformat()
    if is_past(key, today) or (key.endswith(AGAIN) and not asks_the_desk(worker.store, now)):
        worker.store.commit(Decision(), (), now, finishing=task, once=True)
        return
    decision = Decision(letters=digest_letters(worker.store, worker.reader.limits, worker.rules, now))
    letters = frame_all(decision, worker.renderer, worker.rules, now, key=(key or f"digest:{day}").replace(":", "-"))
    worker.store.commit(decision, letters, now, finishing=task, once=True)
    log.info("digest", day=day)


def send_overviews(worker: Worker, task: Task) -> None:
    """Write the overviews of a week: each party's exactly once, whatever stops in between."""
    now = worker.clock.now()
    write_overviews(worker.store, worker.renderer, worker.rules, now)
    worker.store.commit(Decision(), (), now, finishing=task, once=True)


def retain(worker: Worker, task: Task) -> None:
    """Erase what has had its term, one case at a time; and wipe what the database still holds of it."""
    store, rules, now = worker.store, worker.rules, worker.clock.now()
    cutoffs = rules.retention.cutoffs(now, rules.calendar.zone)
    for case_id, erasing in store.erasures.due(cutoffs):
        with suppress(LegalHold):  # ordered a moment ago
            erase_case(store, rules, case_id, erasing, now)
            log.info("erased", case=case_id, what=erasing.what)
    while store.erasures.erase_loose(cutoffs.loose, now):
        pass
    store.commit(Decision(), (), now, finishing=task, once=True)
    store.database.wipe()


HANDLERS: Mapping[str, Callable[[Worker, Task], None]] = {
    "read": read_mail,
    "release": release,
    "look": look,
    "send": send,
    "digest": send_digest,
    "overviews": send_overviews,
    "retention": retain,
}


def _decide_on_case(worker: Worker, task: Task, occasion: Callable[[StoredCase], Occasion], tries: int) -> None:
    now = worker.clock.now()
    for _ in range(tries):
        with worker.store.database.snapshot():
            stored = worker.store.cases.by_id(known(task.case_id))
            decision = alarming_both(worker.store, decide(stored.case, occasion(stored), worker.rules, now), now)
        letters = frame_all(decision, worker.renderer, worker.rules, now, key="")
        try:
            worker.store.commit(decision, letters, now, finishing=task, before=stored)
        except MovedOn:
            continue
        reached("after_commit_2")
        return
    raise MovedOn


def _note_letter(worker: Worker, task: Task, occasion: LetterLeft | LetterFailed, state: str) -> None:
    """Write down what became of a letter, however often somebody else decides on its case meanwhile."""
    now, noted = worker.clock.now(), (known(task.letter_id), state)
    if task.case_id is None:
        worker.store.commit(Decision(), (), now, finishing=task, letter=noted)
        return
    for _ in range(NOTE_AGAIN):
        stored = worker.store.cases.by_id(task.case_id)
        if isinstance(occasion, LetterFailed):
            occasion = replace(occasion, attachments=attachment_names(worker.store, worker.reader, stored.id))
        decision = alarming_both(worker.store, decide(stored.case, occasion, worker.rules, now), now)
        letters = frame_all(decision, worker.renderer, worker.rules, now, key="")
        try:
            worker.store.commit(decision, letters, now, finishing=task, letter=noted, before=stored)
        except MovedOn:
            continue
        return
    raise MovedOn
