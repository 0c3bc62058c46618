"""Letters about what does not go on: to the desk when work is stuck, to a referrer whose referral is held up."""

from datetime import datetime

from mailflow.core.decide import decide
from mailflow.core.decision import Decision
from mailflow.core.letters import Kind, Letter
from mailflow.core.occasions import ReferralHeldUp
from mailflow.core.rules import Rules
from mailflow.core.taps import Tap
from mailflow.deputizing import alarming_both
from mailflow.framing import frame_all
from mailflow.outgoing.render import Renderer
from mailflow.storage.claims import Task
from mailflow.storage.store import Store

TOLD = ("read", "release")
"""A digest that is stuck can be told by nobody, a letter that is by none: those are the alarm command's."""
NUMBER = 900_000_000
"""Added to the number of a task in the Message-ID of its letter: no arrival of a mail has such a number."""


def tell_stuck(store: Store, renderer: Renderer, rules: Rules, task: Task, now: datetime) -> None:
    """Write that letter, where the task is one that somebody waits for."""
    if task.kind not in TOLD:
        return
    about = store.cases.by_id(task.case_id).case.reference if task.case_id else ""
    again = f"mail {task.mail_id} opnieuw" if task.mail_id else "alles opnieuw"
    letter = Letter(
        kind=Kind.STUCK,
        to="desk",
        address=rules.desk.workers[0],
        values={"mail": task.mail_id or 0, "about": about},
        taps=(Tap("Probeer opnieuw", "reply", again),),
    )
    decision = alarming_both(store, Decision(letters=(letter,)), now)
    key = f"mail-{task.mail_id or 0}-{NUMBER + task.id}"
    store.commit(decision, frame_all(decision, renderer, rules, now, key=key), now)


def tell_held_up(  # noqa: PLR0917 - the same values in the same order at one place
    store: Store, renderer: Renderer, rules: Rules, case_id: int, leaves: datetime, now: datetime
) -> None:
    """Tell the referrer when it leaves, once for each time that it should have left."""
    stored = store.cases.by_id(case_id)
    decision = decide(stored.case, ReferralHeldUp(leaves=leaves), rules, now)
    if decision.letters:
        store.commit(decision, frame_all(decision, renderer, rules, now, key=""), now, before=stored)
