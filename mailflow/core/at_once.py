"""A new referral that may leave at once does so in the decision that opens its case: no work of its own follows."""

from dataclasses import replace
from datetime import datetime

from mailflow.core.decide import decide
from mailflow.core.decision import Decision
from mailflow.core.occasions import ReleaseDue
from mailflow.core.rules import Rules


def may_leave(decision: Decision, now: datetime) -> bool:
    """Whether it opens a case that need not wait."""
    return any(_leaves(one, now) for one in decision.whole)


def left_at_once(decision: Decision, due: ReleaseDue, rules: Rules, now: datetime) -> Decision:
    """The same decision, and with it the release of each such case; nobody knows its reference to write about it."""
    main, *others = (_released(one, due, rules, now) if _leaves(one, now) else one for one in decision.whole)
    return replace(main, others=tuple(others))


def _leaves(one: Decision, now: datetime) -> bool:
    return one.opens and one.release_at is not None and one.release_at <= now


def _released(opened: Decision, due: ReleaseDue, rules: Rules, now: datetime) -> Decision:
    released = decide(opened.case, due, rules, now)
    return replace(
        opened,
        case=released.case,
        events=(*opened.events, *released.events),
        letters=(*opened.letters, *released.letters),
        voids=(*opened.voids, *released.voids),
        release_at=released.release_at,
        copy_at=opened.copy_at or released.copy_at,
        marks=(*opened.marks, *released.marks),
        trace=(*opened.trace, *released.trace),
    )
