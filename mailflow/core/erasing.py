"""What happens to a case that is erased, and to a mail that still comes for it?"""

from dataclasses import replace

from mailflow.core import reply_letters
from mailflow.core.asking import to_the_desk
from mailflow.core.case import Case
from mailflow.core.decision import Decision, Outcome
from mailflow.core.draft import Draft, Drafts
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import ENDS, Event, Party
from mailflow.core.occasions import EraseDue, HoldAsked, MailCame
from mailflow.core.retention import What

WHY = "dit dossier is gewist: we weten niet meer over wie het ging"


def erase(draft: Draft, due: EraseDue) -> Decision:
    """Write down that it is erased, and forget whom it is about. An open case ends by it: no letter of it leaves.

    Nothing of it happens while the case is under a legal hold.
    """
    if draft.case.legal_hold:
        draft.trace.append("not erased: it is under a legal hold")
        return draft.decided()
    if due.what is What.ALL:
        draft.void_waiting(*Kind)
        if draft.case.state not in ENDS:
            draft.happen(Event.VOIDED, why="erased")
    if due.what is not What.MAILS:
        draft.case = replace(draft.case, values={}, parties={}, replaced=())
    draft.happen(Event.ERASED, what=due.what.value)
    return draft.decided()


def hold(draft: Draft, asked: HoldAsked) -> Decision:
    """Nothing of it may be erased from now on, or it may again; nothing happens where that is so already.

    What is erased cannot be held.
    """
    standing = draft.case.legal_hold
    if asked.why and not draft.case.erased and (standing is None or standing.codes["why"] != asked.why):
        draft.happen(Event.LEGAL_HOLD, why=asked.why)
    if not asked.why and standing:
        draft.happen(Event.LEGAL_HOLD_LIFTED)
    return draft.decided()


def after_erasing(case: Case, came: MailCame, drafts: Drafts) -> Decision:
    """A person writes on an erased case: the desk reads it, and whoever had our sealed address hears why.

    Nobody can be known as a party any more, so nothing in it is obeyed.
    """
    rules = drafts.rules
    draft = drafts.on(case)
    author = came.reading.mail.author
    draft.trace += (*came.understanding.trace, WHY)
    is_desk = author.key in rules.senders.desk
    draft.happen(Event.MAIL_CAME, Party.DESK if is_desk else Party.MAILFLOW, mail=str(came.mail_id), why="erased")
    if "@" in author.address and came.lately < rules.brakes.answers_a_day:
        draft.write(reply_letters.erased(author.key, "desk" if is_desk else "sender"))
    if not is_desk:
        to_the_desk(draft, came, WHY)
    return draft.decided(Outcome.HELD)
