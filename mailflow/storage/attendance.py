"""Who is at the desk: when its workers were last heard of, and since when somebody stands in for them."""

from datetime import datetime

from sqlalchemy import func, select

from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event, Party
from mailflow.storage.engine import Database
from mailflow.storage.letters import Letters
from mailflow.storage.tables import EVENT, LETTER

ANSWERS_THE_DESK = (Kind.ECHO, Kind.DESK_HELP, Kind.TIMELINE, Kind.UNCLEAR)
"""Letters to the desk of these kinds answer a mail of whoever they go to."""
STAND_IN = "stand_in"
"""Code of the event that a mail of the desk came in: it was of who stands in."""


class Attendance:
    """Every question asked about the presence of the desk."""

    def __init__(self, database: Database, letters: Letters) -> None:
        """*letters* know what stands for an address in our rows."""
        self._database = database
        self._letters = letters

    def heard_at(self, stand_in: str) -> datetime | None:
        """When a worker last ordered anything, by mail or on this machine; None: never. *stand_in* is no worker."""
        act = (
            select(EVENT.c.at)
            .where(
                EVENT.c.kind == Event.MAIL_CAME.value,
                EVENT.c.party == Party.DESK.value,
                ~EVENT.c.codes.contains(f'"{STAND_IN}"'),
            )
            .order_by(EVENT.c.at.desc())
            .limit(1)
        )
        answer = select(LETTER.c.written_at).where(
            LETTER.c.role == Party.DESK.value, LETTER.c.address_key != self._letters.index(stand_in)
        )
        newest = [
            answer.where(LETTER.c.kind == kind).order_by(LETTER.c.written_at.desc()).limit(1)
            for kind in ANSWERS_THE_DESK
        ]
        with self._database.read() as tx:
            found = [tx.execute(query).scalar() for query in (act, *newest)]
        return max((at for at in found if at), default=None)

    def stands_in_since(self, stand_in: str, heard: datetime | None) -> datetime | None:
        """When *stand_in* got the first digest after a worker was last *heard* of; None: nobody stands in."""
        query = select(func.min(LETTER.c.written_at)).where(
            LETTER.c.role == Party.DESK.value,
            LETTER.c.kind == Kind.DIGEST.value,
            LETTER.c.address_key == self._letters.index(stand_in),
        )
        with self._database.read() as tx:
            return tx.execute(query if heard is None else query.where(LETTER.c.written_at > heard)).scalar()
