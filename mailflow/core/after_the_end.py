"""A case has ended, and somebody writes on it: is it over, or does it go on? (heropenen)"""

import re
from datetime import timedelta

from mailflow.core import case_letters, reply_letters
from mailflow.core.answer import Unclear, Understood
from mailflow.core.asking import to_the_desk
from mailflow.core.draft import Draft
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event, Party
from mailflow.core.occasions import MailCame
from mailflow.core.said import SAID
from mailflow.core.taking_back import OEPS
from mailflow.core.taps import REOPEN

REOPENS = timedelta(days=60)
"""So long after its end a case can go on."""


def _goes_on(action: str | None, came: MailCame) -> bool:
    """Whether this says that it is not over: a decision, or the wish to open it again."""
    asks = action == "question" and bool(_OPEN_AGAIN.search(came.reading.written))
    return asks or action in SAID or action in ("keep", "confirm", "reopen")


_OPEN_AGAIN = re.compile(r"\bheropen|\b(?:terug|weer|opnieuw) (?:open|oppakken|opgepakt)", re.IGNORECASE)
REOPENED = "dit dossier is weer open, en het meldpunt bekijkt hoe het verder gaat"
CLOSED = "Dit dossier is afgesloten: “heropen” maakt het weer open"
QUIET = {"acknowledge": Event.NOTE, "feedback": Event.FEEDBACK_DONE, "contacted": Event.CONTACT_MADE}
"""What is written down on a case that has ended, and needs nobody."""


def after_the_end(draft: Draft, read: Understood | Unclear, came: MailCame, answer_to: str, party: Party) -> None:
    """A case that has ended: the desk reads what is new, and within 60 days the case can go on."""
    case, action = draft.case, read.action if isinstance(read, Understood) else None
    waits = {c["to"] for c in case.waiting_letters().values() if c["letter"] == Kind.WITHDRAWN}
    taken_back = party is Party.DESK and bool(waits) and bool(OEPS.match(came.reading.written))
    oeps = taken_back or ("provider" in waits and action is None)
    if action in QUIET:
        draft.happen(QUIET[action], party)
        return
    if action == "copy" and draft.copy(party):
        return
    if action in ("status", "withdraw"):
        draft.write(case_letters.status(case, party.value, answer_to, draft.rules))
        return
    recent = case.since is not None and draft.now - case.since <= REOPENS
    reopens = recent and (oeps or _goes_on(action, came))
    if party is not Party.DESK:
        again = f"; “{case.reference} heropen” als antwoord op een overzicht maakt het weer open" if recent else ""
        closed = "dit dossier was afgesloten" if reopens else f"dit dossier is al afgesloten{again}"
        to_the_desk(draft, came, f"{closed}; het is nu weer open en wacht op jou" if reopens else closed)
    if party is not Party.DESK and not reopens:
        taps = (REOPEN,) if recent else ()
        draft.write(case_letters.status(case, party.value, answer_to, draft.rules, read_by_desk=True, taps=taps))
    if reopens:
        draft.void_waiting(Kind.WITHDRAWN)
        draft.happen(Event.REOPENED, party)
        if action in ("reopen", "question") or taken_back:
            draft.write(reply_letters.echo(party.value, answer_to, REOPENED, "", ()))
    elif party is Party.DESK:
        why = f"{read.why if isinstance(read, Unclear) else 'daar staat geen opdracht in die nog kan'}. {CLOSED}"
        draft.write(reply_letters.unclear("desk", answer_to, why, ()))
