"""SEND: one letter to one recipient, the same bytes at each try, and what became of it noted in its case."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from mailflow.core import retry
from mailflow.core.decision import Decision
from mailflow.core.leaving import kept_until
from mailflow.core.occasions import LetterFailed, LetterLeft
from mailflow.core.thread import bounce_address
from mailflow.keeping import keep, on_case
from mailflow.kept_mail import attachment_names
from mailflow.means import Means
from mailflow.outgoing.brake import Brake
from mailflow.outgoing.deliver import Courier, Delivered, Refused, TryLater, Unavailable, Uncertain
from mailflow.outgoing.pace import Pace
from mailflow.seams import reached
from mailflow.standstill import tell_held_up
from mailflow.storage.cases import StoredCase
from mailflow.storage.claims import Task, Then, given
from mailflow.storage.letters import StoredLetter
from mailflow.storage.tasks import LostLease

log = structlog.get_logger()

NOTE_AGAIN = 100
"""How often it is noted anew that a letter left, because somebody else decided on its case first: far more often than
for a decision (DECIDE_AGAIN), since giving that task back would send the letter twice."""


@dataclass(frozen=True, kw_only=True)
class Post:
    """How letters leave."""

    courier: Courier
    brake: Brake
    pace: Pace
    left: set[int]
    """Letters that left, which the database could not note yet: they must not leave once more."""


def send(means: Means, post: Post, task: Task, then: Then) -> Sequence[Task]:
    """SEND: one letter to one recipient, the same bytes at each try [commit 3]; what *then* claims comes back."""
    store, tasks, rules, now = means.store, means.tasks, means.rules, means.now
    with store.database.snapshot():
        letter = store.letters.get(given(task.letter_id))
        held = tasks.is_held(task)
    if not held:  # this process slept for longer than its lease: whoever holds the task now sends the letter
        raise LostLease(f"task {task.id} is held by another worker")
    if letter.state != "waiting":
        tasks.finish(task)
        return ()
    if letter.id in post.left:
        return _it_left(means, post, task, letter, then)
    if (opens_at := post.pace.opens_at(letter.address, now)) is not None:
        tasks.again(task, opens_at, why="enough letters to that domain for now", counts=False)
        return ()
    if (opens := kept_until(letter.kind, rules.calendar, now)) is not None:
        tell_held_up(means, given(task.case_id), opens)
        tasks.again(task, opens, why="the meldpunt is closed", counts=False)
        return ()
    sender = rules.desk.or_plain(bounce_address(rules.desk.address, letter.id, rules.seal))
    reached("before_delivery")
    outcome = post.courier.deliver(sender=sender, recipient=letter.address, message=letter.content)
    if not isinstance(outcome, Unavailable):
        post.brake.let_go()
        post.pace.left(letter.address, now)
    match outcome:
        case Delivered():
            reached("after_delivery")
            post.left.add(letter.id)
            log.info("sent", letter=letter.id, kind=letter.kind, attempt=task.attempts + 1)
            return _it_left(means, post, task, letter, then)
        case TryLater(why=why) | Uncertain(why=why) if not retry.gives_up(letter.first_try_at or now, now):
            log.info("not sent", letter=letter.id, kind=letter.kind, attempt=task.attempts + 1, why=why)
            store.letters.first_try(letter.id, now)
            tasks.again(task, retry.again_at(task.attempts + 1, now), why=why)
        case Unavailable(why=why):
            log.warning("the sending server cannot be used", why=why)
            post.brake.pull(now, f"sending: {why}")
            tasks.again(task, task.due_at, why=why, counts=False)  # keeps its place in the order of release
        case Refused(why=why) | TryLater(why=why) | Uncertain(why=why):
            log.warning("a letter is refused", letter=letter.id, kind=letter.kind, why=why)
            following = _note(means, task, LetterFailed(number=letter.number, why=why), "refused", then)
            if letter.role == "desk":  # no letter can tell the desk that its letters do not arrive
                post.brake.alarm(f"a letter to the desk is refused: {why}")
            return following
    return ()


def _it_left(means: Means, post: Post, task: Task, letter: StoredLetter, then: Then) -> Sequence[Task]:
    """Note it [commit 3]; until that is done this process remembers it."""
    following = _note(means, task, LetterLeft(number=letter.number), "sent", then)
    post.left.discard(letter.id)
    reached("after_commit_3")
    return following


def _note(means: Means, task: Task, outcome: LetterLeft | LetterFailed, state: str, then: Then) -> Sequence[Task]:
    """Write down what became of a letter, however often somebody else decides on its case meanwhile."""
    means, noted = means.later(), (given(task.letter_id), state)  # it may have taken minutes to hand it over
    if task.case_id is None:
        return keep(means, Decision(), then=then, finishing=task, letter=noted)

    def occasion(stored: StoredCase) -> LetterLeft | LetterFailed:
        if isinstance(outcome, LetterFailed):
            return replace(outcome, attachments=attachment_names(means, stored.id))
        return outcome

    return on_case(means, task.case_id, occasion, tries=NOTE_AGAIN, then=then, finishing=task, letter=noted)
