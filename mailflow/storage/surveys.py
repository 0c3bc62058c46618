"""The yearly survey: which CLBs were asked, and what they answered."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from mailflow.core.survey import Asked, SurveyAnswer
from mailflow.storage.engine import Database, insert_unless
from mailflow.storage.tables import SURVEY_REPLY
from mailflow.storage.vault import Vault


class Surveys:
    """Every question asked of the table survey_reply."""

    def __init__(self, database: Database, vault: Vault, new_uuid: Callable[[], str]) -> None:
        """*new_uuid* gives 32 hex digits for a new row."""
        self._database = database
        self._vault = vault
        self._new_uuid = new_uuid

    def newest(self) -> int | None:
        """The school year of the newest survey, None before the first."""
        with self._database.read() as tx:
            return tx.execute(select(func.max(SURVEY_REPLY.c.survey))).scalar()

    def asked(self, survey: int) -> Sequence[Asked]:
        """Every CLB that was asked in it."""
        query = select(SURVEY_REPLY).where(SURVEY_REPLY.c.survey == survey).order_by(SURVEY_REPLY.c.clb)
        with self._database.read() as tx:
            rows = tx.execute(query).mappings().all()
        return [
            Asked(
                clb=row["clb"],
                asked_at=row["asked_at"],
                reminded_at=row["reminded_at"],
                answered_at=row["answered_at"],
                counts=json.loads(row["counts"]),
                words=json.loads(self._vault.open(row["words"], "survey_reply", row["uuid"], "words"))
                if row["words"]
                else {},
            )
            for row in rows
        ]

    def is_open(self) -> bool:
        """Whether anybody may still have to be reminded."""
        with self._database.read() as tx:
            return tx.execute(_OPEN).first() is not None

    def ask(self, tx: Connection, survey: int, clb: str, now: datetime) -> bool:
        """A CLB is asked, within a transaction; False when it was before."""
        row = {"survey": survey, "clb": clb, "uuid": self._new_uuid(), "asked_at": now, "counts": "{}", "words": b""}
        added = insert_unless(tx, SURVEY_REPLY).values(**row).on_conflict_do_nothing(index_elements=["survey", "clb"])
        return tx.execute(added).rowcount == 1

    def remind(self, tx: Connection, survey: int, clb: str, now: datetime) -> bool:
        """It is reminded, within a transaction; False when it was before, or has answered."""
        open_ = (SURVEY_REPLY.c.reminded_at.is_(None), SURVEY_REPLY.c.answered_at.is_(None))
        here = (SURVEY_REPLY.c.survey == survey, SURVEY_REPLY.c.clb == clb)
        return tx.execute(update(SURVEY_REPLY).where(*here, *open_).values(reminded_at=now)).rowcount == 1

    def seal(self, one: SurveyAnswer, now: datetime) -> dict[str, Any]:
        """The columns of an answer: encrypting comes before the transaction."""
        uuid = self._new_uuid()
        words = self._vault.seal(json.dumps(dict(one.words)).encode(), "survey_reply", uuid, "words")
        counts = json.dumps(dict(one.counts), sort_keys=True)
        return {
            "survey": one.survey, "clb": one.clb, "uuid": uuid, "answered_at": now, "counts": counts, "words": words,
        }  # fmt: skip

    def keep(self, tx: Connection, sealed: dict[str, Any]) -> None:
        """Keep an answer in place of the one before, within a transaction; of a CLB that was asked."""
        here = (SURVEY_REPLY.c.survey == sealed["survey"], SURVEY_REPLY.c.clb == sealed["clb"])
        tx.execute(update(SURVEY_REPLY).where(*here).values(**sealed))


_OPEN = (
    select(SURVEY_REPLY.c.clb)
    .where(SURVEY_REPLY.c.reminded_at.is_(None), SURVEY_REPLY.c.answered_at.is_(None))
    .limit(1)
)
"""Asked at each tick of an opening day: building a statement costs more than running it."""
