"""Erases what a case holds, or sees to it that nobody can; and writes that down in the case."""

from mailflow.core.case import Happened
from mailflow.core.occasions import EraseDue, HoldAsked
from mailflow.keeping import on_case
from mailflow.means import Means
from mailflow.storage.cases import StoredCase
from mailflow.storage.erasures import Erasing


class LegalHold(Exception):
    """Nothing of this case may be erased: *since* and *why* as it was ordered."""

    def __init__(self, reference: str, order: Happened) -> None:
        self.reference, self.since, self.why = reference, order.at, order.codes["why"]
        super().__init__(reference)


def erase_case(means: Means, case_id: int, erasing: Erasing) -> None:
    """Erase that of a case, and write down that it was.

    Raises LegalHold when it must be kept, MovedOn while a letter of it is leaving.
    """

    def occasion(stored: StoredCase) -> EraseDue:
        if order := stored.case.legal_hold:
            raise LegalHold(stored.case.reference, order)
        return EraseDue(what=erasing.what)

    on_case(means, case_id, occasion, erasing=erasing)


def hold_case(means: Means, case_id: int, why: str) -> None:
    """From now on nothing of it may be erased; or with *why* "" it may again. Raises MovedOn."""
    on_case(means, case_id, lambda _: HoldAsked(why=why))
