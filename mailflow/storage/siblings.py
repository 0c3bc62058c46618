"""Cases that one mail opened together (brother and sister): whose mail is it, and who still needs it?"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from mailflow.core.case import Case
from mailflow.core.lifecycle import ENDS, Event
from mailflow.storage.quick import prepared
from mailflow.storage.tables import CARE_CASE, EVENT, REFERRAL

NOTHING = b""


@dataclass(frozen=True)
class Sibling:
    """A case that the same mail opened, and of which the form is still there."""

    id: int
    reference: str


def mail_that_opened(tx: Connection, case_id: int) -> int | None:
    """The number of the mail that opened a case, within a transaction; None when no mail did (a list, a phone call)."""
    codes = tx.execute(_FIRST, {"the_id": case_id}).scalar()
    number = json.loads(codes).get("mail") if codes else None
    return int(number) if number else None


def opened_together(
    tx: Connection, case_id: int, case: Case, *, still_after: datetime | None = None
) -> tuple[int | None, list[Sibling]]:
    """The mail that opened this case, and the other cases that it opened and that are not erased, oldest first.

    With *still_after* also without those that ended before then: their own term has come.
    """
    mail = mail_that_opened(tx, case_id)
    if mail is None:
        return None, []
    asked = {"opened": case.opened_at, "this": case_id, "mail": f'%"mail": "{mail}"%'}
    rows = tx.execute(_TOGETHER, asked).all()
    ends = {one.value for one in ENDS}
    over = {r.id for r in rows if still_after is not None and r.state in ends and r.since <= still_after}
    return mail, [Sibling(r.id, r.reference) for r in rows if r.id not in over]


_FIRST = prepared(
    select(EVENT.c.codes).where(
        EVENT.c.case_id == bindparam("the_id"), EVENT.c.number == 1, EVENT.c.kind == Event.MAIL_CAME.value
    )
)
# One mail is decided on at one moment: that of opening finds its cases without looking through all events.
_TOGETHER: Any = (
    select(CARE_CASE.c.id, CARE_CASE.c.reference, CARE_CASE.c.state, CARE_CASE.c.since)
    .join(EVENT, (EVENT.c.case_id == CARE_CASE.c.id) & (EVENT.c.number == 1))
    .join(REFERRAL, REFERRAL.c.case_id == CARE_CASE.c.id)
    .where(
        CARE_CASE.c.opened_at == bindparam("opened"),
        CARE_CASE.c.id != bindparam("this"),
        EVENT.c.kind == Event.MAIL_CAME.value,
        EVENT.c.codes.like(bindparam("mail")),
        REFERRAL.c.sealed != NOTHING,
    )
    .order_by(CARE_CASE.c.id)
)
