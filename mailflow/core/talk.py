"""How much do we write back and forth on one case in a day? Two machines must not keep each other going through us."""

from datetime import timedelta

from mailflow.core.asking import to_the_desk
from mailflow.core.case import Happened
from mailflow.core.decision import Decision, Outcome
from mailflow.core.draft import Draft
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event, Party
from mailflow.core.occasions import MailCame

TALK = frozenset({Kind.UNCLEAR, Kind.PASSED_ON, Kind.OTHER_MAIL, Kind.STATUS})
"""Letters that answer a mail and move nothing: only these can go round in circles."""
A_DAY = timedelta(days=1)
TALKED_OUT = "talked_out"


def listen(draft: Draft, party: Party | None = None) -> Draft:
    """The same draft, which writes no more talk on a case that had enough of it today (talk_a_day of configuration).

    Then the desk gets a last notice, and the rest stands in the digest. A clear decision is always taken, and told to
    the *party* that writes: until it was told twice as often, since a machine can have one in its standard words.
    """
    written = [h.codes for h in _lately(draft) if h.kind is Event.LETTER_WRITTEN]
    most = draft.rules.brakes.talk_a_day
    if sum(codes["letter"] in TALK for codes in written) >= most:
        draft.muted |= TALK
    if party and sum((codes["letter"], codes["to"]) == (Kind.ECHO, party) for codes in written) >= 2 * most:
        draft.muted |= {Kind.ECHO}
    return draft


def heard_out(draft: Draft, came: MailCame, party: Party, outcome: Outcome) -> Decision:
    """The decision; what was kept back is for the desk: one notice a day, and the digest names each such mail."""
    if not draft.kept_back:
        return draft.decided(outcome)
    if not any(h.codes.get("why") == TALKED_OUT for h in _lately(draft)):
        draft.muted = frozenset()
        to_the_desk(draft, came, "hier gaat vandaag te veel heen en weer: wat nog komt, staat enkel in het overzicht")
    draft.happen(Event.NOTE, party, why=TALKED_OUT, mail=str(came.mail_id))
    return draft.decided(Outcome.HELD)


def _lately(draft: Draft) -> list[Happened]:
    return [happened for happened in draft.case.history if happened.at > draft.now - A_DAY]
