"""The disk is full at any write, the database is locked, read-only or damaged, the clock jumps, the night has 25 hours."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import story
from house import BRUSSELS, FORM, NAFT, WORKER
from kills import MAILS, _compared
from outcome import Row
from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError
from story import STEPS, End, Told

from mailflow.faults import remedy
from mailflow.room import Room
from mailflow.storage.engine import Database


def disk_full(base: Path, every: int = 1) -> Row:
    """At each commit of the story, and the two after it, SQLite finds the disk full; then there is room again.

    What could not be done is done once there is room, and no task is stuck.
    """
    template = story.fresh(base / "full-fresh")
    whole, _ = _played_full((template, base / "full-whole", 0))
    if isinstance(whole, str):
        raise SystemExit(whole)
    commits = range(1, COMMITS, every)
    with get_context("fork").Pool(2) as pool:
        ends = pool.map(_played_full, [(template, base / f"full-{first}", first) for first in commits], chunksize=1)
    found = [_compared(f"full at commit {first}", end, whole) for first, (end, _) in zip(commits, ends, strict=True)]
    return Row(
        fault="disk full",
        how="at each commit, three in a row",
        times=sum(times for _, times in ends),
        accepted=len(commits) * MAILS,
        lost=sum(lost for lost, _, _ in found),
        doubled=sum(doubled for _, doubled, _ in found),
        seen="451: the sender's host tries again; letters wait",
        wrong=tuple(line for _, _, wrong in found for line in wrong),
    )


COMMITS = 130


def _untimed(end: End) -> End:
    """The same without the moments: what had to wait for room happened some seconds later, after what needed none."""
    plain = ("\n".join(sorted(line.partition(" ")[2] for line in one.splitlines())) for one in end.cases)
    return replace(end, cases=tuple(sorted(plain)))


def _played_full(job: tuple[Path, Path, int]) -> tuple[End | str, int]:
    template, folder, first = job
    story.copied(template, folder)
    times = folder / "times"
    steps = [(name, moment, _patiently(step)) for name, moment, step in STEPS]
    begin = ("begin", STEPS[0][1], lambda told: _fill(told, first, times))
    try:
        if story.live(folder, steps=[begin, *steps]):
            return f"full at {first}: the service ended", 0
        return _untimed(story.end_of(folder)), len(times.read_bytes()) if times.exists() else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _patiently(step: Callable[[Told], None]) -> Callable[[Told], None]:
    """As the sender's host, the work loop and the operator do: again a little later, until it is done."""

    def played(told: Told) -> None:
        for _ in range(8):
            with suppress(DBAPIError):
                step(told)
            told.clock.move(seconds=6)
        step(told)

    return played


def _fill(told: Told, first: int, times: Path) -> None:
    """From the *first* commit on, three times, the file may not grow: SQLite says so in its own words."""
    whole, count = Database.write, 0

    @contextmanager
    def write(database: Database) -> Iterator[Connection]:
        nonlocal count
        with whole(database) as tx:
            yield tx
            count += 1
            if first <= count < first + 3 and database is told.app.database:
                with times.open("ab") as file:
                    file.write(b"x")
                tx.exec_driver_sql("PRAGMA max_page_count=1")
                try:
                    tx.exec_driver_sql("CREATE TABLE filler AS SELECT zeroblob(1000000) AS x")
                finally:
                    tx.exec_driver_sql("PRAGMA max_page_count=1073741823")

    Database.write = write


def small_disk(base: Path) -> Row:
    """A real small disk (tmpfs) under the folder: mails until no more is taken; all that was taken is read all the same."""
    folder = base / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "none", str(folder)], check=False, capture_output=True)  # fmt: skip
    if mounted.returncode:
        return Row(fault="disk full", how="a small tmpfs (not allowed here)", times=0, seen="-")
    accepted = refused = 0
    alarms: list[str] = []
    try:
        told = Told(folder)
        told.app = replace(told.app, room=Room(folder, 5_000_000, alarms.append))
        with closing(told.app):
            for number in range(400):
                try:
                    told.mail(f"Dag {number}\n{'x' * 40_000}", message_id=f"<{number}@vol.example>")
                    accepted += 1
                except OSError:
                    refused += 1
            told.app.drain()
            read = sum(line.state == "read" for line in told.app.store.mails.lines(limit=10_000))
            stuck = len(told.app.store.stuck_tasks())
    finally:
        subprocess.run(["umount", str(folder)], check=False, capture_output=True)
    wrong = [] if refused and accepted else [f"{accepted} taken, {refused} refused"]
    wrong += [f"{stuck} tasks are stuck"] if stuck else []
    wrong += [f"{len(alarms)} alarms"] if len(alarms) != 1 else []
    return Row(
        fault="disk full", how=f"a small tmpfs fills up ({refused} refused)", times=1, accepted=accepted, lost=accepted - read,
        seen="451 while it is nearly full, and an alarm", wrong=tuple(wrong),
    )  # fmt: skip


def locked(base: Path) -> Row:
    """Another program holds the write lock longer than we wait."""
    told = Told(story.copied(story.fresh(base / "locked-fresh"), base / "locked"))
    other = sqlite3.connect(told.config / "mailflow.sqlite3", isolation_level=None)
    refused, wrong = 0, []
    with closing(told.app), closing(other):
        _in_each_connection(told.app.database, "PRAGMA busy_timeout=50")
        first = told.mail(FORM)
        other.execute("BEGIN IMMEDIATE")
        for attempt in (lambda: told.mail("Dag"), told.app.tick, told.app.drain):
            try:
                attempt()
                wrong.append("it could write while another held the lock")
            except DBAPIError:
                refused += 1
        other.execute("ROLLBACK")
        told.app.drain()
        if told.outcome(first) != "referral" or told.app.store.stuck_tasks():
            wrong.append("the mail was not read afterwards")
    return Row(
        fault="database locked", how="by another program", times=refused, accepted=1, seen="451; later as if nothing was", wrong=tuple(wrong)
    )  # fmt: skip


def _in_each_connection(database: Database, words: str) -> None:
    event.listen(database.engine, "connect", lambda connection, _record: connection.execute(words))
    database.close()  # the next transaction begins on a new one


def read_only(base: Path) -> Row:
    """A file that the service may not write: it says so and does not start."""
    folder = story.copied(story.fresh(base / "ro-fresh"), base / "ro")
    told = Told(folder)
    with closing(told.app):
        told.mail(FORM)
        _in_each_connection(told.app.database, "PRAGMA query_only=ON")
        try:
            told.mail("Dag")
            words = "it was written"
        except DBAPIError as fault:
            words = remedy(fault, None) or ""
    wrong = () if "readonly" in words else (words,)
    return Row(
        fault="database read-only", how="while it runs", times=1, accepted=1, seen=f"451; “{words}”", wrong=wrong
    )


def corrupted(base: Path) -> Row:
    """A page of the file overwritten: it stops at the start, says so, and changes nothing."""
    wrong: list[str] = []
    pages = (2, 5, 9, 14)
    for page in pages:
        folder = story.copied(story.fresh(base / f"bad-fresh-{page}"), base / f"bad-{page}")
        told = Told(folder)
        told.mail(FORM)
        told.app.drain()
        told.app.database.wipe()
        told.close()
        file = folder / "config" / "mailflow.sqlite3"
        with file.open("r+b") as bytes_:
            bytes_.seek((page - 1) * 4096)
            bytes_.write(b"\xa5" * 4096)
        before = file.read_bytes()
        done = subprocess.run(
            [sys.executable, "-m", "mailflow", "run", "--config", str(folder / "config")],
            capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode == 0 or "Traceback" in done.stderr or "database" not in done.stderr:
            wrong.append(f"page {page}: status {done.returncode}: {done.stderr[-300:]}")
        if file.read_bytes() != before:
            wrong.append(f"page {page}: the file was changed")
    return Row(fault="corrupted page", how="of the database file", times=len(pages), seen="it does not start, and says what to do", wrong=tuple(wrong))  # fmt: skip


def clock_jumps(base: Path) -> Row:
    """Three days ahead, three hours back, a year ahead and back, in the middle of the story."""
    template = story.fresh(base / "clock-fresh")
    jumps = [timedelta(hours=-3), timedelta(days=-2), timedelta(hours=2), timedelta(hours=11)]
    wrong, accepted, lost, doubled = [], 0, 0, 0
    for number, jump in enumerate(jumps):
        told = Told(story.copied(template, base / f"clock-{number}"))
        with closing(told.app):
            told.mail(FORM)
            told.app.drain()
            told.clock.set(told.clock.at + jump)
            told.app.drain()
            told.mail("Hoe zit het met uw aanbod?")
            told.app.drain()
            told.clock.set(datetime(2026, 10, 5, 9, 1, tzinfo=BRUSSELS))
            told.app.drain()
            told.clock.set(datetime(2026, 10, 5, 8, 0, tzinfo=BRUSSELS))  # back over the opening: nothing leaves twice
            told.app.drain()
            told.clock.set(datetime(2026, 10, 5, 9, 5, tzinfo=BRUSSELS))
            told.app.drain()
            accepted += 2
            lost += 2 - sum(line.state == "read" for line in told.app.store.mails.lines())
            referrals = [one for one in told.outside.letters if one.recipient == NAFT]
            digests = [one for one in told.outside.letters if "Overzicht van maandag 5" in one.subject]
            doubled += max(0, len(referrals) - 1) + max(0, len(digests) - 1)
            if len(referrals) != 1 or len(digests) != 1:
                wrong.append(f"{jump}: {len(referrals)} referrals, {len(digests)} digests")
    return Row(
        fault="clock jumps", how="ahead, back, over the opening twice", times=len(jumps) * 3, accepted=accepted, lost=lost,
        doubled=doubled, seen="nothing", wrong=tuple(wrong),
    )  # fmt: skip


def dst_nights(base: Path) -> Row:
    """The nights of 23 and of 25 hours: every quarter of an hour from Friday evening to Monday noon."""
    template = story.fresh(base / "dst-fresh")
    wrong, doubled = [], 0
    nights = (datetime(2026, 10, 23, 21, 0, tzinfo=BRUSSELS), datetime(2026, 3, 27, 21, 0, tzinfo=BRUSSELS))
    for number, friday in enumerate(nights):
        told = Told(story.copied(template, base / f"dst-{number}"))
        with closing(told.app):
            told.clock.set(friday)
            told.mail(FORM)
            monday = friday + timedelta(days=3)
            left: list[datetime] = []
            moment = friday.astimezone(UTC)
            while moment.astimezone(BRUSSELS) < monday.replace(hour=12):
                told.clock.set(moment)
                before = len([one for one in told.outside.letters if one.recipient == NAFT])
                told.app.drain()
                after = len([one for one in told.outside.letters if one.recipient == NAFT])
                left += [moment.astimezone(BRUSSELS)] * (after - before)
                moment += timedelta(minutes=15)
            digests = [one for one in told.outside.letters if one.recipient == WORKER and "Overzicht" in one.subject]
            doubled += max(0, len(left) - 1)
            if [f"{at:%H:%M}" for at in left] != ["09:00"] or len(digests) not in (1, 2):
                wrong.append(f"{friday:%d %b}: referral at {left}, {len(digests)} digests")
    return Row(fault="DST nights", how="23 and 25 hours, each quarter", times=2, accepted=2, doubled=doubled, seen="opening at 09:00, one digest", wrong=tuple(wrong))  # fmt: skip
