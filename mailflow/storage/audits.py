"""Who looked at, handed out or erased what? Only added, each line chained to the one before."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import insert, select

from mailflow.storage.engine import Database
from mailflow.storage.tables import AUDIT
from mailflow.storage.vault import Vault


@dataclass(frozen=True, kw_only=True)
class Line:
    """One look at personal data."""

    number: int
    at: datetime
    who: str
    """The user of this machine that typed it."""
    what: str
    """The command."""
    about: str
    """A reference, or the number of a mail; never a name."""


class Audits:
    """Every question asked of the table audit."""

    def __init__(self, database: Database, vault: Vault) -> None:
        """*database* is open and migrated."""
        self._database = database
        self._vault = vault

    def note(self, *, who: str, what: str, about: str, at: datetime) -> tuple[int, str]:
        """Add a line; its number and link, to be kept outside the database too: so its end cannot be cut off unseen."""
        with self._database.write() as tx:
            last = tx.execute(
                select(AUDIT.c.number, AUDIT.c.mac).order_by(AUDIT.c.number.desc()).limit(1).with_for_update()
            ).first()
            line = Line(number=last.number + 1 if last else 1, at=at, who=who, what=what, about=about)
            mac = self._vault.link(last.mac if last else "", _told(line))
            row = {"number": line.number, "at": at, "who": who, "what": what, "about": about, "mac": mac}
            tx.execute(insert(AUDIT).values(**row))
        return line.number, mac

    def lines(self) -> list[Line]:
        """All of them, oldest first."""
        with self._database.read() as tx:
            rows = tx.execute(select(AUDIT).order_by(AUDIT.c.number)).all()
        return [Line(number=r.number, at=r.at, who=r.who, what=r.what, about=r.about) for r in rows]

    def broken(self, known: Mapping[int, str] | None = None) -> int | None:
        """The number of the first line that was changed, taken out or put in; None when all are as written.

        *known* are the links that were kept outside, by number: a line that is not there any more is taken out.
        """
        with self._database.read() as tx:
            macs = tx.execute(select(AUDIT.c.mac).order_by(AUDIT.c.number)).scalars().all()
        before = ""
        for expected, (line, mac) in enumerate(zip(self.lines(), macs, strict=True), start=1):
            if line.number != expected or not self._vault.is_linked(before, _told(line), mac):
                return expected
            before = mac
        there = dict(enumerate(macs, start=1))
        return min((number for number, mac in (known or {}).items() if there.get(number) != mac), default=None)


def _told(line: Line) -> bytes:
    at = line.at.astimezone(UTC).isoformat()
    return json.dumps([line.number, at, line.who, line.what, line.about]).encode()
