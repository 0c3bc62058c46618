"""Letters about what does not go on: to the desk when work is stuck, to a referrer whose referral is held up."""

from datetime import datetime

from mailflow.core.decision import Decision
from mailflow.core.letters import Kind, Letter
from mailflow.core.occasions import ReferralHeldUp
from mailflow.core.taps import Tap
from mailflow.deputizing import alarming_both
from mailflow.keeping import decided, keep
from mailflow.means import Means
from mailflow.storage.claims import Task

TOLD = ("read", "release")
"""A digest that is stuck can be told by nobody, a letter that is by none: those are the alarm command's."""
NUMBER = 900_000_000
"""Added to the number of a task in the Message-ID of its letter: no arrival of a mail has such a number."""


def tell_stuck(means: Means, task: Task) -> None:
    """Write that letter, where the task is one that somebody waits for."""
    if task.kind not in TOLD:
        return
    about = means.store.cases.by_id(task.case_id).case.reference if task.case_id else ""
    again = f"mail {task.mail_id} opnieuw" if task.mail_id else "alles opnieuw"
    letter = Letter(
        kind=Kind.STUCK,
        to="desk",
        address=means.rules.desk.workers[0],
        values={"mail": task.mail_id or 0, "about": about},
        taps=(Tap("Probeer opnieuw", "reply", again),),
    )
    decision = alarming_both(means, Decision(letters=(letter,)))
    keep(means, decision, key=f"mail-{task.mail_id or 0}-{NUMBER + task.id}")


def tell_held_up(means: Means, case_id: int, leaves: datetime) -> None:
    """Tell the referrer when it leaves, once for each time that it should have left."""
    stored = means.store.cases.by_id(case_id)
    decision = decided(means, stored.case, ReferralHeldUp(leaves=leaves))
    if decision.letters:
        keep(means, decision, stored)
