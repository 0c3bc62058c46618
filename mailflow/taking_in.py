"""READ and DECIDE: what a mail that came means, and what it makes happen, kept in one transaction."""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from mailflow.core import at_once, retry
from mailflow.core.decision import Decision, Outcome
from mailflow.core.mail import Reading
from mailflow.core.occasions import ReleaseDue
from mailflow.gathering import Gathered, gathered
from mailflow.keeping import decided, keep, with_references
from mailflow.kept_mail import names_of
from mailflow.means import Means
from mailflow.reading.reader import best, standing
from mailflow.seams import reached
from mailflow.storage.arrivals import COPY, arrival_of
from mailflow.storage.claims import Task, Then, given
from mailflow.storage.mails import MailResult

log = structlog.get_logger()

PROVE_AGAIN = 4
"""How often a mail waits because the DNS could not say who sent it: then it counts as not proven."""


def take_in(means: Means, task: Task, then: Then) -> Sequence[Task]:
    """READ, DECIDE and KEEP: a mail becomes a decision [commit 2]; the work that *then* claims with it comes back.

    Raises MovedOn when somebody else decided first on a case that it is about.
    """
    mail_id, store = given(task.mail_id), means.store
    why, arrival = arrival_of(task.unique_key)
    with store.database.snapshot():
        copies, seen = store.mails.copies(mail_id, only=arrival)
    reading = best(means.reader, copies)
    if reading.try_later and task.attempts < PROVE_AGAIN:
        means.tasks.again(task, retry.again_at(task.attempts + 1, means.now), why=reading.try_later)
        return ()
    if why == COPY:
        others, _ = store.mails.copies(mail_id, besides=arrival)
        if standing(reading) <= standing(best(means.reader, others)):
            return keep(means, Decision(), finishing=task, mail=store.mails.result(mail_id), then=then)
    with store.database.snapshot():
        about = gathered(means, reading, mail_id=mail_id)
        decision = _decided(replace(means, rules=about.rules), about, reading)
    result = MailResult(
        mail_id=mail_id,
        outcome=decision.outcome or Outcome.HELD,
        trace=decision.trace or about.came.understanding.trace,
        arrivals=0 if arrival else seen,
    )
    answered = about.came.held.reading if about.came.held and decision.settles else reading
    following = keep(
        means,
        decision,
        *about.stored.values(),
        key=f"mail-{mail_id}-{arrival}" if arrival else f"mail-{mail_id}",
        answering=answered.mail.message_id,
        then=then,
        finishing=task,
        mail=result,
        pupils=about.pupils,
    )
    reached("after_commit_2")
    log.info("read", mail=mail_id, outcome=result.outcome, letters=sum(len(one.letters) for one in decision.whole))
    return following


def _decided(means: Means, about: Gathered, reading: Reading) -> Decision:
    """What this mail makes happen; a referral that need not wait leaves at once."""
    decision = with_references(means, decided(means, about.case, about.came))
    if not at_once.may_leave(decision, means.now) or decision.settles or means.tasks.any_due("release", means.now):
        return decision
    due = ReleaseDue(full=about.came.full, attachments=names_of([reading.mail]))
    return at_once.left_at_once(decision, due, means.rules, means.now)
