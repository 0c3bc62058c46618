"""The rows that cases are made of: their heads, what is personal, and their events."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    union,
)

from mailflow.core.case import Happened
from mailflow.core.invited import CANNOT
from mailflow.core.lifecycle import ENDS, OPEN, Event, Party, State
from mailflow.core.watches import WAITS
from mailflow.storage.tables import CARE_CASE, EVENT, REFERRAL, TASK


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case as lists show it: no personal data. Its fields are the columns of LINE, in their order."""

    id: int
    reference: str
    state: State
    since: datetime
    opened_at: datetime
    provider: str
    turn: str
    what: str
    due_at: datetime | None


LINE = tuple(CARE_CASE.c[one.name] for one in fields(CaseLine))
HEADS = select(CARE_CASE.c.id, CARE_CASE.c.reference, CARE_CASE.c.chain, REFERRAL.c.uuid).join(
    REFERRAL, REFERRAL.c.case_id == CARE_CASE.c.id
)
IS_OPEN = CARE_CASE.c.state.in_([s.value for s in State if s in OPEN])
"""Named one by one: an index finds these, and would not find all but those that ended."""
_NOBODY_LOOKS = ~exists().where(TASK.c.case_id == CARE_CASE.c.id, TASK.c.kind == "look")
_ITS_MOMENT = select(CARE_CASE.c.id, CARE_CASE.c.look_at).where(
    CARE_CASE.c.look_at <= bindparam("now"), CARE_CASE.c.state.not_in([s.value for s in ENDS]), _NOBODY_LOOKS
)
_OTHER_TERMS = select(CARE_CASE.c.id, CARE_CASE.c.look_at).where(
    IS_OPEN, CARE_CASE.c.fingerprint != bindparam("of_today"), _NOBODY_LOOKS
)
_EITHER = union(_ITS_MOMENT, _OTHER_TERMS).subquery()
LATE = select(_EITHER.c.id).order_by(_EITHER.c.look_at, _EITHER.c.id).limit(1000)
"""Open cases whose moment has come, or whose terms changed, and at which nobody is to look yet: by an index each."""
NEXT_LOOK = (
    select(CARE_CASE.c.look_at)
    .where(CARE_CASE.c.look_at.is_not(None), CARE_CASE.c.state.not_in([s.value for s in ENDS]))
    .order_by(CARE_CASE.c.look_at)
    .limit(1)
)
NEWS = (Event.SAME_PUPIL, Event.CAME_OF_AGE, Event.NO_LONGER_FITS, Event.BOUNCED)
"""What a digest tells once."""
REFUSED = tuple(json.dumps({"answer": one})[1:-1] for one in CANNOT)
"""A calendar answered that somebody cannot come."""
_THESE: BindParameter[Any] = bindparam("these", expanding=True)
_PERSONAL = select(REFERRAL).where(REFERRAL.c.case_id.in_(_THESE))
_EVENTS = select(EVENT).where(EVENT.c.case_id.in_(_THESE)).order_by(EVENT.c.case_id, EVENT.c.number)


def contents(tx: Connection, case_ids: Sequence[int]) -> tuple[dict[int, RowMapping], dict[int, list[Happened]]]:
    """Case -> its row of personal values, and case -> its events in order."""
    personal = {row["case_id"]: row for row in tx.execute(_PERSONAL, {"these": case_ids}).mappings()}
    events: dict[int, list[Happened]] = {}
    for row in tx.execute(_EVENTS, {"these": case_ids}).mappings():
        events.setdefault(row["case_id"], []).append(_happened(row))
    return personal, events


def marks(since: datetime, days: Sequence[date]) -> Select[tuple[int]]:
    """The ids of open cases that have something to tell: see Cases.marked. *codes* are JSON with its keys sorted."""
    kind, codes = EVENT.c.kind, EVENT.c.codes
    met = [codes.contains(json.dumps({"day": day.isoformat()})[1:-1]) for day in days]
    tells = or_(
        and_(kind.in_([one.value for one in NEWS]), EVENT.c.at >= since),
        and_(kind == Event.ROUND_TABLE_NOTED.value, or_(false(), *met)),
        and_(kind == Event.NOTE.value, EVENT.c.at >= since, or_(*(codes.contains(one) for one in REFUSED))),
        and_(kind == Event.PAUSED.value, codes.contains(json.dumps({"what": WAITS})[1:-1])),
        and_(kind == Event.DESK_RELEASED.value, codes.contains("clb_open")),
    )
    newest = select(func.max(EVENT.c.at)).where(EVENT.c.case_id == CARE_CASE.c.id, tells).scalar_subquery()
    told = select(CARE_CASE.c.id, newest.label("at")).where(IS_OPEN).subquery()
    return select(told.c.id).where(told.c.at.is_not(None)).order_by(told.c.at.desc())


def _happened(row: RowMapping) -> Happened:
    return Happened(at=row["at"], kind=Event(row["kind"]), by=Party(row["party"]), codes=json.loads(row["codes"]))


def told(reference: str, event: Mapping[str, Any] | RowMapping) -> bytes:
    """An event as its link in the chain vouches for it."""
    at = event["at"].astimezone(UTC).isoformat()
    return f"{reference}|{event['number']}|{at}|{event['kind']}|{event['party']}|{event['codes']}".encode()
