"""A mail that is there already comes in once more: is it that very copy, does it name another case, who looks at it?"""

from typing import Any

from sqlalchemy import Connection, Row, select

from mailflow.core.decision import Outcome
from mailflow.storage.tables import ARRIVAL, CARE_CASE

NAMES, COPY = "read", "copy"
"""Why one more arrival is looked at: it names another case, or it can be the copy that counts."""


def arrival_key(why: str, mail_id: int, arrival_id: int) -> str:
    """The unique key of the task that looks at one more arrival of a mail."""
    return f"{why}:{mail_id}:{arrival_id}"


def arrival_of(key: str | None) -> tuple[str, int]:
    """(why it is looked at, id of the arrival) of such a key; ("", 0) of the task that reads a mail first."""
    why, _, ids = (key or "").partition(":")
    return why, int(ids.rpartition(":")[2] or 0)


def lay_there(tx: Connection, mail_id: int, origin: str) -> bool:
    """Whether this very copy of a mail was taken in before (and could not be moved away then)."""
    same = select(ARRIVAL.c.id).where(ARRIVAL.c.mail_id == mail_id, ARRIVAL.c.origin == origin)
    return tx.execute(same.limit(1)).first() is not None


def brings_news(tx: Connection, known: Row[Any], reference: str) -> bool:
    """Whether one more arrival of a mail that was read names a case by seal that it was not read for."""
    if not reference or known.outcome in ("", Outcome.REFERRAL):
        return False  # not read yet: the arrivals are read together; or it made a case, and must not make another
    its_case = select(CARE_CASE.c.id).where(CARE_CASE.c.id == known.case_id, CARE_CASE.c.reference == reference)
    named = select(ARRIVAL.c.id).where(ARRIVAL.c.mail_id == known.id, ARRIVAL.c.reference == reference)
    return not any(tx.execute(query.limit(1)).first() for query in (its_case, named))
