""" "Oeps" after an order of the desk: undone where nobody has heard of it yet, else an honest answer."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from mailflow.core import case_letters
from mailflow.core.case import Case, Happened, can
from mailflow.core.draft import Draft
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import MOVES, Event, Party, State, after
from mailflow.core.placing import place
from mailflow.core.said import TOLD_TO_REFERRER
from mailflow.core.unreached import AGAIN, NOT_AGAIN, ordered_again
from mailflow.core.watches import WAITS

OEPS = re.compile(r"\A\s*(?:oeps|oei|vergissing|foutje)\b[\s,.!:;-]*", re.IGNORECASE)
UNHEARD = (
    *TOLD_TO_REFERRER, Kind.AFTER_ACCEPT, Kind.REPORTED, Kind.ROUND_TABLE, Kind.WAITLIST_KEPT, Kind.PASSED_ON,
    Kind.SUPPLEMENT,
)  # fmt: skip
"""Letters that tell what the desk noted."""
BACK: dict[State, Event] = {
    State.DISPATCHED: Event.BACK_TO_DISPATCHED,
    State.WAITLIST_OFFERED: Event.BACK_TO_OFFERED,
    State.ACCEPTED: Event.PROVIDER_ACCEPTED,
    State.FULL: Event.PROVIDER_FULL,
    State.NO_MATCH: Event.PROVIDER_NO_MATCH,
}
"""What brings a case back to where it stood."""


@dataclass(frozen=True)
class TakenBack:
    """Whether the order was undone, and what the desk reads of it (Dutch)."""

    undone: bool
    sentence: str


def take_back(draft: Draft, full: frozenset[str]) -> TakenBack:
    """Undo the last order of the desk on this case, when it is not too late."""
    last = _last_order(draft.case)
    if last is None or draft.now - last.at > draft.rules.terms.pause:
        return TakenBack(undone=False, sentence="er is geen opdracht van jou die nog ongedaan kan")
    match last.kind:
        case Event.CLB_ASSIGNED | Event.FAMILY_ASKED:
            return _not_asked(draft, last)
        case Event.DESK_RELEASED:
            return _not_released(draft)
        case Event.INFO_ADDED:
            return _not_chosen(draft, full)
        case Event.PAUSED:
            return _not_waiting(draft, full)
        case Event.NOTE:
            return _not_again(draft)
        case _:
            return _not_said(draft, last)


def stood_before(case: Case, happened: Happened) -> State:
    """Where the case stood when that happened to it."""
    state = State.NEW
    for one in takewhile(lambda one: one is not happened, case.history):
        state = after(state, one.kind) or state
    return state


def go_back(draft: Draft, to: State, by: Party) -> bool:
    """Bring the case back to where it stood; False when the table has no way."""
    event = BACK.get(to)
    if event is None or not can(draft.case, event):
        return False
    draft.happen(event, by, provider=draft.case.provider, back="yes")
    return True


def _last_order(case: Case) -> Happened | None:
    orders = (Event.CLB_ASSIGNED, Event.FAMILY_ASKED, Event.INFO_ADDED)
    for one in reversed(case.history):
        ordered = one.kind in orders or (one.kind in MOVES and one.kind is not Event.DESK_NEEDED)
        if one.by is Party.DESK and (ordered or one.codes.get("what") == WAITS or one.codes.get("why") == AGAIN):
            return one
    return None


def _waiting(case: Case, kinds: Iterable[Kind]) -> bool:
    wanted = {*kinds}
    return any(codes["letter"] in wanted for codes in case.waiting_letters().values())


def _not_asked(draft: Draft, last: Happened) -> TakenBack:
    since = draft.case.history[draft.case.history.index(last) :]
    by_hand = any(h.codes.get("letter") == Kind.TAKE_OVER_BY_HAND for h in since)  # the desk has not sent it on yet
    asked = (Kind.TAKE_OVER, Kind.CHOOSE_CLB)
    if not _waiting(draft.case, asked) and not by_hand:
        why = "die vraag is al vertrokken: bel wie ze kreeg, of wijs toe aan een ander CLB"
        return TakenBack(undone=False, sentence=why)
    draft.void_waiting(*asked, Kind.TAKE_OVER_BY_HAND)
    if draft.case.state is State.AWAITING_CLB:
        draft.happen(Event.CLB_MISSING, Party.DESK)
    else:  # it left already, with the question open: that stays
        draft.happen(Event.CLB_DECLINED, Party.DESK, clb=draft.case.assigned_clb)
    return TakenBack(undone=True, sentence="niemand krijgt die vraag; welk CLB het wordt, wacht weer op jou")


def _not_released(draft: Draft) -> TakenBack:
    if draft.case.state is not State.QUEUED or _waiting(draft.case, (Kind.REFERRAL,)):
        return TakenBack(undone=False, sentence="de aanmelding is al onderweg: bel de aanbieder")
    draft.happen(Event.CLB_MISSING, Party.DESK)
    return TakenBack(undone=True, sentence="ze vertrekt niet; dit wacht weer op een CLB")


def _not_chosen(draft: Draft, full: frozenset[str]) -> TakenBack:
    if draft.case.state not in (State.QUEUED, State.NEEDS_INFO) or _waiting(draft.case, (Kind.REFERRAL,)):
        return TakenBack(undone=False, sentence="de aanmelding is al onderweg: bel de aanbieder")
    told = not _waiting(draft.case, (Kind.RECEIVED,))
    draft.void_waiting(Kind.RECEIVED, Kind.MISSING, Kind.CHOOSE_PROVIDER)
    draft.keep({**draft.case.values, "provider": "none", "insist": ""})
    draft.happen(Event.DESK_NEEDED, Party.DESK, why="provider")
    if told:
        warning = "Het meldpunt kiest opnieuw bij welke aanbieder ze terechtkan."
        letter = case_letters.received(draft.case, None, draft.rules, leaves=None, now=draft.now, warnings=(warning,))
        draft.write(letter)
    return TakenBack(undone=True, sentence="ze vertrekt nog niet: welke aanbieder wordt het?")


def _not_again(draft: Draft) -> TakenBack:
    if ordered_again(draft.case) is None:
        return TakenBack(undone=False, sentence="de aanmelding is al onderweg: bel de aanbieder")
    draft.happen(Event.NOTE, Party.DESK, why=NOT_AGAIN)
    return TakenBack(undone=True, sentence="ze gaat niet opnieuw op weg; ze wacht weer op jou")


def _not_waiting(draft: Draft, full: frozenset[str]) -> TakenBack:
    draft.happen(Event.PAUSED, Party.DESK, what=WAITS, until=draft.today.isoformat())
    needed = draft.case.last(Event.DESK_NEEDED)
    if draft.case.state is State.NEEDS_DESK and needed and needed.codes.get("why") == WAITS:
        draft.void_waiting(Kind.RECEIVED)
        place(draft, None, full)
    return TakenBack(undone=True, sentence="dit wacht niet langer")


def _not_said(draft: Draft, last: Happened) -> TakenBack:
    """What the desk noted, while the other parties have not heard it."""
    newest = next(h for h in reversed(draft.case.history) if h.kind in MOVES)
    if newest is not last or not _waiting(draft.case, UNHEARD):
        return TakenBack(undone=False, sentence="de andere partij kreeg dat bericht al: noteer hoe het wel zit")
    back = stood_before(draft.case, last)
    draft.void_waiting(*UNHEARD)
    if not go_back(draft, back, Party.DESK):
        return TakenBack(undone=False, sentence="niemand krijgt dat bericht: noteer hoe het wel zit")
    return TakenBack(undone=True, sentence="niemand krijgt dat bericht, en het dossier staat weer waar het stond")
