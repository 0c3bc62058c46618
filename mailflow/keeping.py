"""DECIDE and KEEP: what an occasion makes happen, with its letters rendered, in one transaction or not at all."""

from collections.abc import Callable, Mapping
from typing import TypedDict, TypeVar, Unpack

from mailflow.core.case import Case
from mailflow.core.decide import decide
from mailflow.core.decision import Decision
from mailflow.core.occasions import Occasion
from mailflow.core.pupil import Pupil
from mailflow.deputizing import alarming_both
from mailflow.means import Means
from mailflow.rendering import render_all
from mailflow.storage.cases import MovedOn, StoredCase
from mailflow.storage.claims import Task, Then
from mailflow.storage.erasures import Erasing
from mailflow.storage.mails import MailResult
from mailflow.storage.store import Other

DECIDE_AGAIN = 5
"""How often a decision is made anew because somebody else decided on the same case first."""
Kept = TypeVar("Kept")


class Along(TypedDict, total=False):
    """What is kept in the same transaction: as Store.commit has it."""

    finishing: Task
    once: bool
    mail: MailResult
    letter: tuple[int, str]
    erasing: Erasing
    pupils: Mapping[Pupil, int]


def decided(means: Means, case: Case | None, occasion: Occasion) -> Decision:
    """DECIDE: what it makes happen; while somebody stands in, what must be read now goes there too."""
    return alarming_both(means, decide(case, occasion, means.rules, means.now))


def with_references(means: Means, decision: Decision) -> Decision:
    """New cases get their references before letters are rendered."""
    return decision.referenced(means.store.references.several(means.today.year, sum(o.opens for o in decision.whole)))


def keep(
    means: Means,
    decision: Decision,
    *stored: StoredCase,
    key: str = "",
    answering: str | None = None,
    then: Then = tuple,
    **along: Unpack[Along],
) -> list[Task]:
    """KEEP: render the letters, then write all of it; the work that *then* claims with it, at that moment, comes back.

    *stored* are the cases that it was decided on, *key* and *answering* as in render_all. Raises MovedOn, LostLease.
    """
    before = {one.case.reference: one for one in stored}
    main, *others = [
        Other(
            decision=one,
            letters=render_all(means, one, key=key, answering=answering),
            before=before[one.case.reference] if one.case and not one.opens else None,
        )
        for one in decision.whole
    ]
    return means.store.commit(
        main.decision, main.letters, means.now, before=main.before, others=others, then=then(), **along
    )


def on_case(
    means: Means,
    case_id: int,
    occasion: Callable[[StoredCase], Occasion],
    *,
    tries: int = DECIDE_AGAIN,
    then: Then = tuple,
    **along: Unpack[Along],
) -> list[Task]:
    """Load, DECIDE and KEEP, however often somebody else decides on that case first, up to *tries*."""

    def attempt() -> list[Task]:
        with means.store.database.snapshot():
            stored = means.store.cases.by_id(case_id)
            decision = decided(means, stored.case, occasion(stored))
        return keep(means, decision, stored, then=then, **along)

    return until_kept(attempt, tries)


def until_kept(attempt: Callable[[], Kept], tries: int = DECIDE_AGAIN) -> Kept:
    """What *attempt* gives once nobody else was first; raises MovedOn when somebody always is."""
    for _ in range(tries):
        try:
            return attempt()
        except MovedOn:
            continue
    raise MovedOn
