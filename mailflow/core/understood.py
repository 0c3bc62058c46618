"""What a mail was understood to say, or why it was not."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

THIS_REFERRAL = "this_referral"
"""Full until the summer, but its writer speaks of this referral only: the provider is not marked."""

SCHOOL_YEAR = "school_year"
"""Full until the end of it."""

ATTEMPTED = "attempted"
"""The code of a callback that tells of an attempt."""


@dataclass(frozen=True, kw_only=True)
class Understood:
    """*action* is the one that moves the state, *also* the other facts of the same mail."""

    action: str
    evidence: str
    """The words of the mail that say so."""
    day: date | None = None
    also: tuple[str, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    """reason (of no_match), until (of full: an ISO day or school_year), for (of full_for_school_year: this_referral
    when nothing says that it holds for every referral), round_table_on (ISO day beside a decision),
    outcome (how a trajectory ended: only when one is named), attempted (yes: the callback is that somebody phoned and
    got hold of nobody),
    day_unclear (in Dutch, why a day that stands there could not be taken)."""


def for_one_case(read: Understood) -> Understood:
    """The same answer as it counts for the case: full for the year, said of this referral only, is full for it."""
    if read.codes.get("for") != THIS_REFERRAL:
        return read
    codes = {name: code for name, code in read.codes.items() if name != "for"}
    return replace(read, action="full", codes=codes)


@dataclass(frozen=True)
class Unclear:
    """Nobody may guess here; *why* is for people, in Dutch."""

    why: str
    likely: tuple[str, ...] = field(default=(), compare=False)
    """The actions that something in the mail speaks of, however weakly: what to offer first when we ask back."""


BARE_YES = Unclear("er staat alleen “ja”")
"""A yes to nothing that was asked."""
