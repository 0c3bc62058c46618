"""Erases what a case holds, and writes down in the case that it was erased."""

from datetime import datetime

from mailflow.core.case import Case
from mailflow.core.decide import decide
from mailflow.core.decision import EraseDue
from mailflow.core.rules import Rules
from mailflow.storage.cases import MovedOn
from mailflow.storage.erasures import Erasing
from mailflow.storage.store import Store
from mailflow.taking_in import DECIDE_AGAIN


def erase_case(store: Store, rules: Rules, case_id: int, erasing: Erasing, now: datetime) -> Case:
    """Erase that of a case, and write down that it was; the case after it. MovedOn while a letter of it is leaving."""
    for _ in range(DECIDE_AGAIN):
        stored = store.cases.by_id(case_id)
        decision = decide(stored.case, EraseDue(what=erasing.what), rules, now)
        try:
            store.commit(decision, (), now, before=stored, erasing=erasing)
        except MovedOn:
            continue
        return decision.case or stored.case
    raise MovedOn
