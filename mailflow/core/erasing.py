"""What happens to a case that is erased, and to a mail that still comes for it?"""

from collections.abc import Callable
from dataclasses import replace

from mailflow.core import letters
from mailflow.core.asking import to_the_desk
from mailflow.core.case import Case
from mailflow.core.decision import Decision, Draft, EraseDue, MailCame, Outcome
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import ENDS, Event, Party
from mailflow.core.retention import What
from mailflow.core.rules import Rules

WHY = "dit dossier is gewist: we weten niet meer over wie het ging"


def erase(draft: Draft, due: EraseDue) -> Decision:
    """Write down that it is erased, and forget whom it is about. An open case ends by it: no letter of it leaves."""
    if due.what is What.ALL:
        draft.void_waiting(*Kind)
        if draft.case.state not in ENDS:
            draft.happen(Event.VOIDED, why="erased")
    if due.what is not What.MAILS:
        draft.case = replace(draft.case, values={}, parties={}, replaced=())
    draft.happen(Event.ERASED, what=due.what.value)
    return draft.decided()


def after_erasing(case: Case, came: MailCame, rules: Rules, draft: Callable[[Case], Draft]) -> Decision:
    """A person writes on an erased case: the desk reads it, and whoever had our sealed address hears why.

    Nobody can be known as a party any more, so nothing in it is obeyed.
    """
    now = draft(case)
    author = came.reading.mail.author
    now.trace += (*came.understanding.trace, WHY)
    is_desk = author.key in rules.senders.desk
    now.happen(Event.MAIL_CAME, Party.DESK if is_desk else Party.MAILFLOW, mail=str(came.mail_id), why="erased")
    if "@" in author.address and came.lately < rules.brakes.answers_a_day:
        now.write(letters.erased(author.key, "desk" if is_desk else "sender"))
    if not is_desk:
        to_the_desk(now, came, WHY)
    return now.decided(Outcome.HELD)
