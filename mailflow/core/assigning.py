"""Which CLB takes a referral over? The desk or the family says so, that CLB answers, and then it is the referrer's."""

from dataclasses import replace

from mailflow.core import clb_letters
from mailflow.core.clb_letters import clb_named
from mailflow.core.draft import Draft
from mailflow.core.known_senders import Clb
from mailflow.core.letters import Kind, Letter, When
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.likely_clb import Likely, likely_clbs, nearest_of_each_network
from mailflow.core.same_pupil import rows_for_the_desk

UNPROVEN = (State.UNCONFIRMED, State.NEEDS_INFO, State.NEEDS_DESK)
"""Where a case without a proven referrer can stand, beside awaiting_clb."""


def likely(draft: Draft) -> tuple[Likely, ...]:
    """The CLBs that may be responsible, without those that said no."""
    no = {h.codes.get("clb") for h in draft.case.history if h.kind is Event.CLB_DECLINED}
    found = likely_clbs(draft.case.values, draft.rules.clbs, draft.rules.places)
    return tuple(one for one in found if one.key not in no)


def ask_the_desk(draft: Draft, *, why: str = "", words: str = "") -> None:
    """Put the question to the desk at once, with the likely CLBs."""
    same = rows_for_the_desk(draft)
    draft.write(clb_letters.which_clb(draft.case, likely(draft), draft.rules, why=why, words=words, same=same))


def assign(draft: Draft, key: str, by: Party, when: When | None = None) -> str:
    """Ask this CLB to take the case over; "" when done, else why that cannot be (Dutch)."""
    clb, case = clb_named(key, draft.rules), draft.case
    if clb is None:
        return "dat CLB staat niet meer in de lijst"
    if case.assigned_clb == key:
        return f"{clb.name} is al gevraagd"
    if case.state in UNPROVEN and not case.has_referrer:
        # Whoever was named as referrer has not confirmed, or denied it: from here it is the CLB's.
        others = {party: address for party, address in case.parties.items() if party != Party.REFERRER}
        draft.case = replace(case, parties=others)
        draft.void_waiting(Kind.CONFIRM)
        draft.happen(Event.CLB_MISSING, by)
    elif case.state is not State.AWAITING_CLB and not case.clb_open:
        return "deze aanmelding heeft al een aanmelder van een CLB"
    draft.void_waiting(Kind.TAKE_OVER, Kind.TAKE_OVER_BY_HAND, Kind.WHICH_CLB, Kind.CHOOSE_CLB)
    draft.happen(Event.CLB_ASSIGNED, by, clb=key)
    draft.write(_question(draft, clb), when=when if clb.contact else None)
    return ""


def let_the_family_choose(draft: Draft, when: When | None = None) -> str:
    """Ask the sender which CLB it wants: no CLB hears a name before; "" when done, else why that cannot be."""
    sender = draft.case.parties.get("sender", "")
    services = {service.domain for service in draft.rules.form_services}
    if draft.case.state is not State.AWAITING_CLB:
        return "deze aanmelding wacht niet op een CLB"
    if not sender or sender in draft.rules.senders.desk or sender.rpartition("@")[2] in services:
        return "we kennen geen mailadres van het gezin"
    nearest = nearest_of_each_network(draft.case.values, draft.rules.clbs, draft.rules.places)
    if not nearest:
        return "er staat geen CLB met een net in clbs.toml"
    draft.void_waiting(Kind.TAKE_OVER, Kind.TAKE_OVER_BY_HAND, Kind.WHICH_CLB)
    draft.happen(Event.FAMILY_ASKED, Party.DESK)
    draft.write(clb_letters.choose_clb(draft.case, nearest, draft.rules), when=when)
    return ""


def _question(draft: Draft, clb: Clb) -> Letter:
    if clb.contact:
        return clb_letters.take_over(draft.case, clb, draft.rules)
    return clb_letters.take_over_by_hand(draft.case, clb, draft.rules)
