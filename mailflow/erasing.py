"""Erases what a case holds, or sees to it that nobody can; and writes that down in the case."""

from datetime import datetime

from mailflow.core.case import Case, Happened
from mailflow.core.decide import decide
from mailflow.core.occasions import EraseDue, HoldAsked
from mailflow.core.rules import Rules
from mailflow.storage.cases import MovedOn
from mailflow.storage.erasures import Erasing
from mailflow.storage.store import Store
from mailflow.taking_in import DECIDE_AGAIN


class LegalHold(Exception):
    """Nothing of this case may be erased: *since* and *why* as it was ordered."""

    def __init__(self, reference: str, order: Happened) -> None:
        self.reference, self.since, self.why = reference, order.at, order.codes["why"]
        super().__init__(reference)


def erase_case(store: Store, rules: Rules, case_id: int, erasing: Erasing, now: datetime) -> Case:
    """Erase that of a case, and write down that it was; the case after it.

    Raises LegalHold when it must be kept, MovedOn while a letter of it is leaving.
    """
    for _ in range(DECIDE_AGAIN):
        stored = store.cases.by_id(case_id)
        if order := stored.case.legal_hold:
            raise LegalHold(stored.case.reference, order)
        decision = decide(stored.case, EraseDue(what=erasing.what), rules, now)
        try:
            store.commit(decision, (), now, before=stored, erasing=erasing)
        except MovedOn:
            continue
        return decision.case or stored.case
    raise MovedOn


def hold_case(store: Store, rules: Rules, case_id: int, why: str, now: datetime) -> Case:
    """From now on nothing of it may be erased; or with *why* "" it may again. The case after it, or raises MovedOn."""
    for _ in range(DECIDE_AGAIN):
        stored = store.cases.by_id(case_id)
        decision = decide(stored.case, HoldAsked(why=why), rules, now)
        try:
            store.commit(decision, (), now, before=stored)
        except MovedOn:
            continue
        return decision.case or stored.case
    raise MovedOn
