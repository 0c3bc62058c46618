"""The rows that cases are made of: their heads, what is personal, and their events."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, RowMapping, bindparam, select

from mailflow.core.case import Happened
from mailflow.core.lifecycle import Event, Party, State
from mailflow.storage.tables import CARE_CASE, EVENT, REFERRAL


@dataclass(frozen=True, kw_only=True)
class CaseLine:
    """A case as lists show it: no personal data."""

    id: int
    reference: str
    state: State
    since: datetime
    opened_at: datetime
    provider: str
    turn: str
    what: str
    due_at: datetime | None


HEADS = select(CARE_CASE.c.id, CARE_CASE.c.reference, CARE_CASE.c.chain, REFERRAL.c.uuid).join(
    REFERRAL, REFERRAL.c.case_id == CARE_CASE.c.id
)
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


def _happened(row: RowMapping) -> Happened:
    return Happened(at=row["at"], kind=Event(row["kind"]), by=Party(row["party"]), codes=json.loads(row["codes"]))


def told(reference: str, event: Mapping[str, Any] | RowMapping) -> bytes:
    """An event as its link in the chain vouches for it."""
    at = event["at"].astimezone(UTC).isoformat()
    return f"{reference}|{event['number']}|{at}|{event['kind']}|{event['party']}|{event['codes']}".encode()
