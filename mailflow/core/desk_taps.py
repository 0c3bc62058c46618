"""What can the desk order with one tap, for a case in its digest?"""

from datetime import date

from mailflow.core.case import Case, can
from mailflow.core.clb_letters import LET_CHOOSE, START_ALREADY, assign_tap, clb_named
from mailflow.core.desk_says import NOT_OUT_YET
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.likely_clb import likely_clbs
from mailflow.core.misfits import provider_is_gone
from mailflow.core.placing import ranked_for
from mailflow.core.rules import Rules
from mailflow.core.taps import AGAIN, IGNORE, Tap
from mailflow.core.thread import REPLY
from mailflow.core.unreached import unreached
from mailflow.core.watches import waits_until, watch

MOST = 4
"""More taps than this on one line are no help."""
WAIT = Tap("Laat nog wachten", REPLY, "wacht")
CLOSE = Tap("Sluit", REPLY, "sluit")
SPOKEN = Tap("Noteer: gesproken", REPLY, "noteer gesproken")


def desk_taps(case: Case, rules: Rules, today: date, full: frozenset[str]) -> tuple[Tap, ...]:
    """The likely orders, at most MOST; none while nothing is asked of the desk. *full* are providers without place."""
    open_ = watch(case, rules)
    if open_ is None or waits_until(case):
        return ()
    if provider_is_gone(case, rules):
        sends = _sends(case, rules, today, full) if can(case, Event.FOLLOW_ON_MADE) and case.has_referrer else ()
        return (*sends, CLOSE)
    if open_.party is Party.DESK:
        return _to_decide(case, rules, today, full)[:MOST]
    if open_.look_at is not None:
        return ()  # the party's own term, or its reminder, still runs
    first = (SPOKEN,) if open_.what == "contact" else ()
    return (*first, WAIT, CLOSE)


def _to_decide(case: Case, rules: Rules, today: date, full: frozenset[str]) -> tuple[Tap, ...]:
    needed = case.last(Event.DESK_NEEDED)
    if case.state is State.AWAITING_CLB:
        likely = likely_clbs(case.values, rules.clbs, rules.places)[:2]
        start = (START_ALREADY,) if case.values.get("enrolled") == "no" else ()
        choose = (LET_CHOOSE,) if "sender" in case.parties else ()
        return (*(assign_tap(clb) for one in likely if (clb := clb_named(one.key, rules))), *start, *choose, IGNORE)
    if unreached(case):
        return (AGAIN, SPOKEN, CLOSE)
    if case.state not in NOT_OUT_YET:
        return (CLOSE,)  # who has it hears so: it cannot be as if it had never been sent
    if not case.has_referrer or needed is None:
        return (IGNORE,)
    if needed.codes.get("why") == "provider":
        return (*_sends(case, rules, today, full), IGNORE)
    return (AGAIN, IGNORE)


def _sends(case: Case, rules: Rules, today: date, full: frozenset[str]) -> tuple[Tap, ...]:
    """To those that fit; where nobody does, all the same to the two that come nearest."""
    found = ranked_for(case, rules, today, full)
    fits = [("Stuur naar", one) for one in found if one.fits][: MOST - 1] or [("Toch naar", one) for one in found[:2]]
    names = [(label, rules.providers[one.key].name) for label, one in fits]
    return tuple(Tap(f"{label} {name}", REPLY, f"stuur naar {name}") for label, name in names)
