"""A referrer says that the waitlist was not agreed with her: it goes back to where it stood, and everybody hears so."""

import re

from mailflow.core import letters, reply_letters
from mailflow.core.asking import clear_up, to_the_desk
from mailflow.core.case import Case, Happened
from mailflow.core.draft import Draft
from mailflow.core.letters import Kind, When
from mailflow.core.lifecycle import MOVES, Event, Party, State
from mailflow.core.occasions import MailCame
from mailflow.core.provider_taps import taps_for
from mailflow.core.taking_back import go_back, stood_before
from mailflow.core.thread import REPLY

_NOT_SO = re.compile(
    r"\s*(?:nee[n,.! ]*)?(?:(?:dat|dit|het)\s+)?(?:klopt (?:zo |helemaal )?niet|is (?:helemaal )?niet afgesproken)\b",
    re.IGNORECASE,
)
NOT_AGREED = "de wachtlijst is niet met haar afgesproken; de aanmelding staat weer waar ze stond"


def disagrees(case: Case, came: MailCame) -> Happened | None:
    """The agreement that these words deny: told of her by another, and the last that moved the case."""
    moved = next((h for h in reversed(case.history) if h.kind in MOVES), None)
    if case.state is not State.WAITLISTED or moved is None or moved.by is Party.REFERRER:
        return None
    if moved.kind is not Event.WAITLIST_AGREED:
        return None
    words = "" if came.reading.nothing_new else came.reading.written
    return moved if came.understanding.thread.action == "disagree" or _NOT_SO.match(words) else None


def disagree(draft: Draft, came: MailCame, answer_to: str, agreed: Happened) -> None:
    """Back to where it stood; provider and desk are told, and whoever typed it reads it back."""
    back = stood_before(draft.case, agreed)
    certain = came.understanding.thread.action not in (None, REPLY)
    draft.void_waiting(Kind.WAITLIST_AGREED, Kind.REPORTED)
    went = go_back(draft, back, Party.REFERRER)
    clear_up(draft, Party.REFERRER)
    why = f"de aanmelder zegt dat de wachtlijst niet is afgesproken{'' if went else ', en het dossier kan niet terug'}"
    to_the_desk(draft, came, why)
    if draft.case.provider in draft.rules.providers:
        taps = taps_for(draft.case)
        letter = letters.to_provider(
            Kind.REPORTED, draft.case, draft.rules, by="De aanmelder", sentence=NOT_AGREED, taps=taps
        )
        draft.write(letter, when=When.AT_ONCE if certain else None)
    if not certain:
        sentence = "de wachtlijst is niet met jou afgesproken; je aanmelding staat weer waar ze stond"
        draft.write(reply_letters.echo("referrer", answer_to, sentence, "de aanbieder", ()))
