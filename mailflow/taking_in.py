"""READ and DECIDE: what a mail that came means, and what it makes happen, kept in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from mailflow.clock import Clock
from mailflow.core import at_once, retry
from mailflow.core.decide import decide
from mailflow.core.decision import Decision, Outcome
from mailflow.core.mail import Reading
from mailflow.core.occasions import ReleaseDue
from mailflow.core.pupil import Pupil
from mailflow.core.rules import Rules
from mailflow.deputizing import alarming_both
from mailflow.framing import frame_all
from mailflow.gathering import gathered, names_of
from mailflow.outgoing.render import Renderer
from mailflow.reading.reader import Reader, best, standing
from mailflow.seams import reached
from mailflow.settling import with_references
from mailflow.storage.arrivals import COPY, arrival_of
from mailflow.storage.cases import MovedOn, StoredCase
from mailflow.storage.claims import Claim, Task
from mailflow.storage.mails import MailResult
from mailflow.storage.store import Other, Store
from mailflow.storage.tasks import Tasks

log = structlog.get_logger()

DECIDE_AGAIN = 5
"""How often a decision is made anew because somebody else decided on the same case first."""
PROVE_AGAIN = 4
"""How often a mail waits because the DNS could not say who sent it: then it counts as not proven."""


@dataclass(frozen=True, kw_only=True)
class Means:
    """What it takes to read a mail and to keep what was decided."""

    store: Store
    tasks: Tasks
    reader: Reader
    renderer: Renderer
    rules: Rules
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class _Made:
    """What a mail makes happen, ready to be kept."""

    kept: list[Other]
    outcome: Outcome
    trace: tuple[str, ...]
    pupils: Mapping[Pupil, int]
    """Those that were looked up, each with its newest case."""


def take_in(means: Means, task: Task, *, then: Callable[[], Sequence[Claim]]) -> Sequence[Task]:
    """READ and DECIDE: a mail becomes a decision [commit 2]; the work that *then* claims with it, at that moment."""
    for _ in range(DECIDE_AGAIN):
        try:
            return _take_in(means, task, then)
        except MovedOn:
            continue
    raise MovedOn


def _take_in(means: Means, task: Task, then: Callable[[], Sequence[Claim]]) -> Sequence[Task]:
    mail_id = given(task.mail_id)
    store, now = means.store, means.clock.now()
    why, arrival = arrival_of(task.unique_key)
    with store.database.snapshot():
        copies, seen = store.mails.copies(mail_id, only=arrival)
    reading = best(means.reader, copies)
    if reading.try_later and task.attempts < PROVE_AGAIN:
        means.tasks.again(task, retry.again_at(task.attempts + 1, now), why=reading.try_later)
        return ()
    if why == COPY:
        others, _ = store.mails.copies(mail_id, besides=arrival)
        if standing(reading) <= standing(best(means.reader, others)):
            return store.commit(Decision(), (), now, finishing=task, mail=store.mails.result(mail_id), then=then())
    key = f"mail-{mail_id}-{arrival}" if arrival else f"mail-{mail_id}"
    with store.database.snapshot():
        made = _made(means, reading, key=key, mail_id=mail_id, now=now)
    main, *more = made.kept
    result = MailResult(
        mail_id=mail_id,
        outcome=made.outcome,
        trace=made.trace,
        arrivals=0 if arrival else seen,
    )
    following = store.commit(
        main.decision,
        main.letters,
        now,
        finishing=task,
        mail=result,
        before=main.before,
        others=more,
        pupils=made.pupils,
        then=then(),
    )
    reached("after_commit_2")
    log.info("read", mail=mail_id, outcome=made.outcome, letters=sum(len(one.letters) for one in made.kept))
    return following


def _made(means: Means, reading: Reading, *, key: str, mail_id: int, now: datetime) -> _Made:
    """DECIDE and render: everything that this mail makes happen; *key* names its letters of no case."""
    store = means.store
    about = gathered(store, means.reader, means.rules, reading, mail_id=mail_id, now=now)
    came, rules = about.came, about.rules
    decision = alarming_both(store, decide(about.case, came, rules, now), now)
    decision = with_references(store, rules, decision, now)
    if at_once.may_leave(decision, now) and not (decision.settles or means.tasks.any_due("release", now)):
        due = ReleaseDue(full=came.full, attachments=names_of([reading.mail]))
        decision = at_once.left_at_once(decision, due, rules, now)
    answered = came.held.reading if came.held and decision.settles else reading
    return _Made(
        kept=_framed(means, decision, now, about.stored, key=key, answering=answered.mail.message_id),
        outcome=decision.outcome or Outcome.HELD,
        trace=decision.trace or came.understanding.trace,
        pupils=about.pupils,
    )


def _framed(
    means: Means,
    decision: Decision,
    now: datetime,
    stored: Mapping[str, StoredCase],
    *,
    key: str,
    answering: str | None,
) -> list[Other]:
    """The decision on each case with its rendered letters, and what was stored of that case when it was decided on."""
    return [
        Other(
            decision=one,
            letters=frame_all(one, means.renderer, means.rules, now, key=key, answering=answering),
            before=stored[one.case.reference] if one.case and not one.opens else None,
        )
        for one in decision.whole
    ]


def given(number: int | None) -> int:
    """The id that a task of this kind always has; LookupError where it has none."""
    if number is None:
        raise LookupError("a task that does not say what it is about")
    return number
