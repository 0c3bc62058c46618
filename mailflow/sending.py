"""SEND: one letter to one recipient, the same bytes at each try, and what became of it noted in its case."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from mailflow.alarming import tell_held_up
from mailflow.core import retry
from mailflow.core.decide import decide
from mailflow.core.decision import Decision
from mailflow.core.leaving import kept_until
from mailflow.core.occasions import LetterFailed, LetterLeft
from mailflow.core.thread import bounce_address
from mailflow.deputizing import alarming_both
from mailflow.framing import frame_all
from mailflow.gathering import attachment_names
from mailflow.outgoing.deliver import Delivered, Refused, TryLater, Unavailable, Uncertain
from mailflow.seams import reached
from mailflow.storage.cases import MovedOn
from mailflow.storage.claims import Task
from mailflow.storage.letters import StoredLetter
from mailflow.storage.tasks import LostLease
from mailflow.taking_in import given

if TYPE_CHECKING:
    from mailflow.worker import Worker

log = structlog.get_logger()

NOTE_AGAIN = 100
"""How often it is noted anew that a letter left, because somebody else decided on its case first: far more often than
for a decision (DECIDE_AGAIN), since giving that task back would send the letter twice."""


def send(worker: "Worker", task: Task) -> Sequence[Task]:
    """SEND: one letter to one recipient, the same bytes at each try [commit 3]."""
    with worker.store.database.snapshot():
        letter = worker.store.letters.get(given(task.letter_id))
        held = worker.tasks.is_held(task)
    if not held:  # this process slept for longer than its lease: whoever holds the task now sends the letter
        raise LostLease(f"task {task.id} is held by another worker")
    if letter.state != "waiting":
        worker.tasks.finish(task)
        return ()
    if letter.id in worker.left:
        return _it_left(worker, task, letter)
    now = worker.clock.now()
    if (opens_at := worker.pace.opens_at(letter.address, now)) is not None:
        worker.tasks.again(task, opens_at, why="enough letters to that domain for now", counts=False)
        return ()
    rules = worker.rules
    if (opens := kept_until(letter.kind, rules.calendar, now)) is not None:
        tell_held_up(worker.store, worker.renderer, rules, given(task.case_id), opens, now)
        worker.tasks.again(task, opens, why="the meldpunt is closed", counts=False)
        return ()
    sender = rules.desk.or_plain(bounce_address(rules.desk.address, letter.id, rules.seal))
    reached("before_delivery")
    outcome = worker.courier.deliver(sender=sender, recipient=letter.address, message=letter.content)
    if not isinstance(outcome, Unavailable):
        worker.brake.let_go()
        worker.pace.left(letter.address, now)
    match outcome:
        case Delivered():
            reached("after_delivery")
            worker.left.add(letter.id)
            log.info("sent", letter=letter.id, kind=letter.kind, attempt=task.attempts + 1)
            return _it_left(worker, task, letter)
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
    return ()


def _it_left(worker: "Worker", task: Task, letter: StoredLetter) -> Sequence[Task]:
    """Note it [commit 3]; until that is done this process remembers it."""
    following = _note_letter(worker, task, LetterLeft(number=letter.number), "sent")
    worker.left.discard(letter.id)
    reached("after_commit_3")
    return following


def _note_letter(worker: "Worker", task: Task, occasion: LetterLeft | LetterFailed, state: str) -> Sequence[Task]:
    """Write down what became of a letter, however often somebody else decides on its case meanwhile."""
    now, noted = worker.clock.now(), (given(task.letter_id), state)
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
