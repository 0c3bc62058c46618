"""A store in which the years pile up: copies of cases that were really made, each with keys and moments of its own."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Table

from mailflow.storage.tables import ARRIVAL, CARE_CASE, EVENT, LETTER, MAIL, REFERRAL, TOMBSTONE

THIS_YEAR, YEAR_BEFORE = 250, 200
"""Cases of this and of the last school year, however many there are of the years before."""
YEARS = 20
"""Over which the others are spread, evenly."""
DAY, YEAR = 86_400, 364 * 86_400
"""Seconds; 52 weeks, so that a Tuesday stays one."""
AT_ONCE = 20_000
"""Cases that are copied in one transaction."""
ENDED = "state IN ('closed', 'withdrawn')"
RANDOM = "lower(hex(randomblob(32)))"
KEYS = {"content_key", "pupil_key", "name_key", "family_key"}
"""Columns that are found by a fingerprint, or "" once that is erased."""
COPIED: tuple[tuple[Table, str], ...] = (
    (CARE_CASE, "id"),
    (REFERRAL, "case_id"),
    (EVENT, "case_id"),
    (MAIL, "case_id"),
    (ARRIVAL, "(SELECT case_id FROM made.mail WHERE mail.id = arrival.mail_id)"),
    (LETTER, "case_id"),
    (TOMBSTONE, "(SELECT c.id FROM made.care_case AS c WHERE c.reference = tombstone.reference)"),
)
"""Each table, and whose its rows are."""
NUMBERS = {"id", "case_id", "mail_id"}


def pile(template: Path, store: Path, cases: int, last_old: int) -> None:
    """Make *store* a copy of *template* that holds so many *cases*; those up to *last_old* ended long ago."""
    with closing(sqlite3.connect(template)) as source, closing(sqlite3.connect(store)) as target:
        source.backup(target)
    recent = f"id > {last_old}"
    with _piling(template, store, cases) as piled, piled.without_indexes():
        piled.copy(recent, until=THIS_YEAR, shift="-97 * k")
        piled.copy(f"{recent} AND {ENDED}", until=THIS_YEAR + YEAR_BEFORE, shift=f"-{YEAR} - (k % 200) * {DAY} - k")
        long_ago = f"-{DAY} - abs(random() % ({YEARS} * {YEAR})) - k"
        piled.copy(f"id <= {last_old}", until=cases, shift=long_ago, loose="state = 'erased'")
    with closing(sqlite3.connect(store)) as db:
        db.execute("ATTACH ? AS made", [str(template)])
        newest = "(SELECT max(at) FROM made.tombstone)"
        ahead = db.execute(f"SELECT count(*) FROM main.tombstone WHERE at > {newest}").fetchone()[0]
    assert not ahead, "erased in days to come: the digest would count it"


def pile_open(template: Path, store: Path, more: int, last_old: int) -> None:
    """Add so many cases of the last weeks to *store*, most of them open."""
    with closing(sqlite3.connect(store)) as db:
        there = db.execute("SELECT count(*) FROM care_case").fetchone()[0]
    with _piling(template, store, there + more) as piled:
        piled.copy(f"id > {last_old}", until=there + more, shift="-(k % 400000) - 1")


@contextmanager
def _piling(template: Path, store: Path, cases: int) -> Iterator["_Pile"]:
    """A store that nobody else has open, without its care for power cuts."""
    with closing(sqlite3.connect(store, isolation_level=None)) as db:
        for pragma in ("synchronous=OFF", "journal_mode=OFF", "cache_size=-2000000"):
            db.execute(f"PRAGMA {pragma}")
        db.execute("ATTACH ? AS made", [str(template)])
        db.execute("CREATE TEMP TABLE nth (k INTEGER PRIMARY KEY, shift INTEGER)")
        piled = _Pile(db, cases)
        yield piled
        piled.go_on_counting()
        db.execute("PRAGMA journal_mode=WAL")
    print("\r", end="", file=sys.stderr)


class _Pile:
    """The copies so far: each round has numbers beyond those of the rounds before."""

    def __init__(self, db: sqlite3.Connection, cases: int) -> None:
        self._db, self._cases = db, cases
        tables = ("care_case", "mail", "arrival", "letter", "tombstone")
        self._span = 1 + max(self._highest("made", table) for table in tables)
        self._made = 1 + self._count("made.care_case")  # a million cases must have references of seven digits
        self._before = max(self._highest("main", table) for table in tables) // self._span
        self._rounds = 0

    @contextmanager
    def without_indexes(self) -> Iterator[None]:
        """They are made at the end, in one go: much faster than row by row."""
        wanted = self._db.execute(
            "SELECT name, sql FROM main.sqlite_master WHERE type = 'index' AND sql > ''"
        ).fetchall()
        for name, _ in wanted:
            self._db.execute(f"DROP INDEX main.{name}")
        yield
        for _, words in wanted:
            self._db.execute(words)

    def copy(self, which: str, *, until: int, shift: str, loose: str = "") -> None:
        """Copy the made cases that are *which*, until there are so many; *shift* is in seconds, of the round *k*.

        With every round go the mails of no case that are *loose*.
        """
        of_one = self._count(f"made.care_case WHERE {which}")
        left = max(0, min(until, self._cases) - self._count("main.care_case")) // of_one
        while left > 0:
            some = min(left, max(1, AT_ONCE // of_one))
            first, last, left = self._rounds + 1, self._rounds + some, left - some
            self._rounds = last
            self._db.execute("BEGIN")
            self._db.execute("DELETE FROM nth")
            self._db.execute(
                "WITH RECURSIVE n(k) AS (SELECT ? UNION ALL SELECT k + 1 FROM n WHERE k < ?)"
                f" INSERT INTO nth SELECT k, {shift} FROM n",
                [self._before + first, self._before + last],
            )
            for table, owner in COPIED:
                self._copy(table, f"{owner} IN (SELECT id FROM made.care_case WHERE {which})")
            if loose:
                self._copy(MAIL, f"case_id IS NULL AND {loose}")
            self._db.execute("COMMIT")
            there = self._count("main.care_case")
            print(f"\r  {there} of {self._cases} cases ", end="", file=sys.stderr, flush=True)

    def _copy(self, table: Table, which: str) -> None:
        values = [self._value(table, column.name) for column in table.columns]
        names = ", ".join(column.name for column in table.columns)
        self._db.execute(
            f"INSERT INTO main.{table.name} ({names}) SELECT {', '.join(values)}"
            f" FROM nth CROSS JOIN made.{table.name} AS {table.name} WHERE {which}"
        )

    def _value(self, table: Table, name: str) -> str:
        mine = f"{table.name}.{name}"
        if name in NUMBERS:
            return f"{mine} + k * {self._span}"
        if name in KEYS:
            return f"CASE {mine} WHEN '' THEN '' ELSE {RANDOM} END"
        if name == "reference" and table is not ARRIVAL:
            return f"substr({mine}, 1, 9) || printf('%07d', substr({mine}, 10) + k * {self._made})"
        if str(table.columns[name].type).startswith("DATETIME"):
            return f"strftime('%Y-%m-%d %H:%M:%f', {mine}, shift || ' seconds') || '000'"
        return mine

    def go_on_counting(self) -> None:
        """New cases get references beyond those of the copies."""
        beyond = (self._before + self._rounds + 1) * self._made
        self._db.execute("UPDATE counter SET value = value + ? WHERE name LIKE 'case-%'", [beyond])

    def _count(self, what: str) -> int:
        return int(self._db.execute(f"SELECT count(*) FROM {what}").fetchone()[0])

    def _highest(self, store: str, table: str) -> int:
        return int(self._db.execute(f"SELECT coalesce(max(id), 0) FROM {store}.{table}").fetchone()[0])
