"""Cases found by the pupil they are about, without a name in any index: keyed fingerprints (blind index)."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, func, or_, select, text, update

from mailflow.core.pupil import Earlier, Pupil, named_in
from mailflow.storage.cases import Cases, MovedOn, StoredCase
from mailflow.storage.engine import Database
from mailflow.storage.quick import prepared
from mailflow.storage.tables import CARE_CASE
from mailflow.storage.vault import Vault, case_keys, family_key, pupil_keys

MOST = 20
"""Cases of one pupil that are looked at, the newest: somebody who mails one form for ever makes us no slower."""
AT_ONCE = 200


_NAME = CARE_CASE.c.name_key == bindparam("name_key")
_NEWEST_OF_NAME = prepared(select(func.max(CARE_CASE.c.id)).where(_NAME))
_OF_NAME = prepared(
    select(CARE_CASE.c.id, CARE_CASE.c.pupil_key).where(_NAME).order_by(CARE_CASE.c.id.desc()).limit(MOST)
)
_NAMED = (
    select(CARE_CASE.c.id)
    .where(
        or_(
            CARE_CASE.c.family_key == bindparam("family_key"),
            CARE_CASE.c.pupil_key.in_(bindparam("these", expanding=True)),
        )
    )
    .order_by(CARE_CASE.c.reference)
)
_SURE_OR_PERHAPS = prepared(
    select(CARE_CASE.c.id, CARE_CASE.c.pupil_key)
    .where(or_(CARE_CASE.c.pupil_key == bindparam("pupil_key"), and_(_NAME, CARE_CASE.c.pupil_key == "")))
    .order_by(CARE_CASE.c.id.desc())
    .limit(MOST)
)


@dataclass(frozen=True, kw_only=True)
class Known:
    """The cases of one pupil, at the moment that they were looked up."""

    earlier: tuple[Earlier, ...]
    stored: tuple[StoredCase, ...]
    newest: int
    """The highest id among the cases of that name: a higher one came in later. 0: there is none."""


class Pupils:
    """Every question asked of the columns pupil_key and name_key, and the making of every key."""

    def __init__(self, database: Database, vault: Vault, cases: Cases) -> None:
        """*cases* opens what was found."""
        self.database = database
        self._vault = vault
        self._cases = cases

    def known(self, pupil: Pupil) -> Known:
        """The cases of this pupil, newest first: surely where the birth date is equal too, perhaps where one misses."""
        keys = pupil_keys(self._vault, pupil)
        with self.database.read() as tx:
            rows = tx.execute(_SURE_OR_PERHAPS if pupil.birth_date else _OF_NAME, keys).all()
            newest = tx.execute(_NEWEST_OF_NAME, keys).scalar() or 0
        stored = tuple(self._cases.by_id(row.id) for row in rows)
        certain = [bool(pupil.birth_date) and row.pupil_key != "" for row in rows]
        return Known(
            earlier=tuple(Earlier(case=one.case, sure=sure) for one, sure in zip(stored, certain, strict=True)),
            stored=stored,
            newest=newest,
        )

    def named(self, last_name: str, birth_date: str) -> tuple[StoredCase, ...]:
        """Every case, ended or not, of a pupil of that last name (or whole name) and birth date; by reference."""
        wanted = {"last_name": last_name, "birth_date": birth_date}
        whole = [pupil_keys(self._vault, one)["pupil_key"] for one in named_in(last_name, birth_date)]
        asked = {"family_key": family_key(self._vault, wanted), "these": whole}
        with self.database.read() as tx:
            ids = tx.execute(_NAMED, asked).scalars().all() if asked["family_key"] else ()
        return tuple(self._cases.by_id(case_id) for case_id in ids)

    def fence(self, tx: Connection, seen: Mapping[Pupil, int]) -> None:
        """Within a transaction that opens a case: raises MovedOn when one of these pupils got another meanwhile."""
        names = sorted((pupil_keys(self._vault, pupil)["name_key"], newest) for pupil, newest in seen.items())
        for name, newest in names:
            if not self.database.is_sqlite:  # there, one transaction at a time writes
                tx.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": int(name[:15], 16)})
            latest = tx.execute(_NEWEST_OF_NAME, {"name_key": name}).scalar() or 0
            if latest > newest:
                raise MovedOn("a case of the same pupil")

    def fill_in(self) -> int:
        """Make the fingerprints of cases from before there were any; how many."""
        without, done = or_(CARE_CASE.c.pupil_key.is_(None), CARE_CASE.c.family_key.is_(None)), 0
        while True:
            with self.database.read() as tx:
                ids = tx.execute(
                    select(CARE_CASE.c.id).where(without).order_by(CARE_CASE.c.id).limit(AT_ONCE)
                ).scalars()
                cases = {case_id: self._cases.by_id(case_id).case for case_id in ids.all()}
            if not cases:
                return done
            with self.database.write() as tx:
                for case_id, case in cases.items():
                    keys = case_keys(self._vault, case.values)
                    tx.execute(update(CARE_CASE).where(CARE_CASE.c.id == case_id, without).values(**keys))
            done += len(cases)
