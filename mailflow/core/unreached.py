"""A referral left and came back: its provider does not have it, whatever the state says."""

from mailflow.core.case import Case, Happened
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event, Party, State

UNREACHED = "unreached"
"""The watch on the desk, which must see that somebody gets it."""
AGAIN = "again"
"""Why the desk's note stands there: the referral goes once more."""
NOT_AGAIN = "not_again"
"""And that order was taken back."""


def came_back(case: Case) -> Happened | None:
    """The bounce or refusal of the newest letter with the referral; None when it arrived, for all we know."""
    newest, back = "", None
    for happened in case.history if case.state is State.DISPATCHED else ():
        number = happened.codes.get("n", "")
        match happened.kind:
            case Event.LETTER_WRITTEN if happened.codes["letter"] == Kind.REFERRAL:
                newest, back = number, None
            case Event.LETTER_REFUSED if number == newest:
                back = happened
            case Event.BOUNCED if number == newest and happened.codes.get("permanent") == "yes":
                back = happened
    return back


def unreached(case: Case) -> Happened | None:
    """The same, as long as nobody of the provider gave a sign of life: who phoned it in vain got none."""
    after = _since_it_came_back(case)
    heard = any(h.kind is Event.CONTACT_MADE or (h.kind is Event.MAIL_CAME and h.by is Party.PROVIDER) for h in after)
    return None if heard else came_back(case)


def ordered_again(case: Case) -> Happened | None:
    """The desk's order to send it once more; None when there is none since it came back."""
    orders = [h for h in _since_it_came_back(case) if h.codes.get("why") in (AGAIN, NOT_AGAIN)]
    return orders[-1] if orders and orders[-1].codes["why"] == AGAIN else None


def _since_it_came_back(case: Case) -> tuple[Happened, ...]:
    back = came_back(case)
    return case.history[case.history.index(back) + 1 :] if back else ()
