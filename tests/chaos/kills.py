"""kill -9 at every commit, around every outside effect, in every step of a migration, and at random."""

import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from multiprocessing import get_context
from pathlib import Path

import story
from outcome import SEED, Row
from story import STEPS, End, Told
from test_killed import CLB, DESK, MAIL_HOST, Plugged

from mailflow import seams
from mailflow.storage.engine import Database
from mailflow.storage.migrate import migrate, newest_revision

POINTS = ("before_commit", "after_commit", "before_delivery", "after_delivery", "before_file", "after_file")
BEFORE = 3
"""One in so many: what was not committed is gone, so that a kill before a commit leaves what one after the last did."""
MAILS = 8  # the story's; one more is the first one again


def every_point(base: Path, every: int = 1) -> Row:
    """The story, killed at each point in turn (or at each *every*-th) and gone on with: it ends as if nothing was."""
    template = story.fresh(base / "fresh")
    snapshots, counts = _told_once(template, base)
    expected = story.end_of(snapshots[-1])
    points = [
        (number, f"{point}:{nth}")
        for number, counted in enumerate(counts)
        for point in POINTS
        for nth in range(1, counted[point] + 1, BEFORE if point == "before_commit" else 1)
    ][::every]
    jobs = [(snapshots[number], base / f"killed-{n}", number, arm) for n, (number, arm) in enumerate(points)]
    with get_context("fork").Pool(2) as pool:
        ends = pool.map(_killed_once, jobs, chunksize=1)
    found = [_compared(arm, end, expected) for (_, arm), end in zip(points, ends, strict=True)]
    return Row(
        fault="kill -9",
        how="at every commit, letter and file of a year's story",
        times=len(points),
        accepted=len(points) * MAILS,
        lost=sum(lost for lost, _, _ in found),
        doubled=sum(doubled for _, doubled, _ in found),
        seen="nothing; a letter at most once more, byte for byte",
        wrong=tuple(line for _, _, wrong in found for line in wrong),
    )


def _told_once(template: Path, base: Path) -> tuple[list[Path], list[Counter[str]]]:
    """The house before each step and at the end, and how often each step comes by each point."""
    snapshots, counts = [template], []
    for step in STEPS:
        folder = story.copied(snapshots[-1], base / f"before-{len(snapshots)}")
        seams.count()
        status = story.live(folder, steps=[step], then=_write_counts)
        seams.uncount()
        if status:
            raise SystemExit(f"the story does not get through {step[0]}")
        counted = folder / "counted"
        counts.append(Counter(dict(_read_counts(counted))))
        counted.unlink()
        snapshots.append(folder)
    return snapshots, counts


def _write_counts(told: Told) -> None:
    counted = seams.counted()
    (told.config.parent / "counted").write_text("".join(f"{point} {count}\n" for point, count in counted.items()))


def _read_counts(file: Path) -> Iterator[tuple[str, int]]:
    for line in file.read_text().splitlines():
        point, _, count = line.partition(" ")
        yield point, int(count)


def _killed_once(job: tuple[Path, Path, int, str]) -> End | str:
    snapshot, folder, number, arm = job
    story.copied(snapshot, folder)
    try:
        if not story.was_killed(story.live(folder, arm, STEPS[number:])):
            return "was not killed"
        if story.live(folder, "", STEPS[number:]):
            return "did not get up again"
        return story.end_of(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _compared(arm: str, end: End | str, expected: End) -> tuple[int, int, tuple[str, ...]]:
    """(lost, doubled, what is wrong)."""
    if isinstance(end, str):
        return 0, 0, (f"{arm}: {end}",)
    gone = (expected.mails - end.mails).total() + (Counter(expected.letters) - Counter(end.letters)).total()
    more = (end.mails - expected.mails).total() + (Counter(end.letters) - Counter(expected.letters)).total()
    wrong = [f"{arm}: {line}" for line in end.wrong]
    wrong += [f"{arm}: another timeline"] if end.cases != expected.cases else []
    wrong += [f"{arm}: {end.copies} copies"] if end.copies > 1 else []
    return gone, more, tuple(wrong)


def migration(base: Path) -> Row:
    """Killed after each step of the tables: what it finds is the tables of before or of after, and it goes on."""
    wrong, times = [], 0
    for first in ("", "0001"):
        for arm in [*(f"after_revision:{n}" for n in range(1, 9)), "before_commit", "after_commit"]:
            file = base / f"tables-{first}-{arm}.sqlite3"
            if first:
                with closing(Database(f"sqlite:///{file}")) as database:
                    migrate(database, to=first)
            killed = _in_a_fork(lambda file=file, arm=arm: (seams.arm(arm), _migrated(file)))
            times += story.was_killed(killed)
            if _in_a_fork(lambda file=file: _migrated(file)):
                wrong.append(f"{arm} from {first or 'nothing'}: it does not get up again")
    return Row(fault="kill -9", how="within a migration", times=times, seen="nothing", wrong=tuple(wrong))


def _migrated(file: Path) -> None:
    with closing(Database(f"sqlite:///{file}")) as database:
        migrate(database)
        with database.read() as tx:
            assert tx.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == newest_revision()
            assert tx.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def _in_a_fork(work) -> int:
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1]
    status = 1
    with suppress(BaseException):
        work()
        status = 0
    os._exit(status)


def at_random(base: Path, times: int) -> Row:
    """The real service with real SMTP, killed at any moment while mails come in."""
    chance = random.Random(SEED)
    folder = base / "random"
    folder.mkdir()
    service = Plugged(folder)
    accepted = 0
    try:
        for number in range(times):
            service.start()
            raw = (
                f"Authentication-Results: {MAIL_HOST}; dmarc=pass header.from=vclbleuven.be\r\nReceived: by {MAIL_HOST}\r\n"
                f"From: <{CLB}>\r\nTo: {DESK}\r\nSubject: Vraag {number}\r\nMessage-ID: <{number}@random.example>\r\n\r\nDag {number}\r\n"
            ).encode()
            taken = service.offer(raw)
            with service.office.arrived:
                service.office.arrived.wait(chance.random() / 4)
            service.kill()
            if not taken:
                service.start()
                taken = service.offer(raw)
                service.kill()
            accepted += taken
        service.start()
        service.rests()
        with (
            service.memory() as app
        ):  # a busy machine is killed over the same mail three times: it is set aside, and told
            aside = len(app.store.stuck_tasks())
            app.tasks.retry(None, service.clock.now())
        service.rests()
        with service.memory() as app:
            states = Counter(line.state for line in app.store.mails.lines(limit=10_000))
        first = {raw.partition(b"Message-ID: ")[2].split(b"\r\n")[0]: raw for _, raw in service.letters}
        differing = sum(raw != first[raw.partition(b"Message-ID: ")[2].split(b"\r\n")[0]] for _, raw in service.letters)
    finally:
        service.close()
    return Row(
        fault="kill -9",
        how="the real service, at random",
        times=times,
        accepted=accepted,
        lost=accepted - states["read"],
        doubled=differing + max(0, states.total() - times),
        seen=f"the sender's host tries again; {aside} set aside after three times, and put back",
    )
