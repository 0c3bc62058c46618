"""Breaks mailflow on purpose, in every way that we could think of, and prints what came of it: `make chaos`.

The same faults at every run (outcome.SEED). `--short` plays a few of each kind. Exit status 1 when anything was lost or
doubled, or was otherwise not as it should be. Needs root for Dovecot and for the small disk; says so where it is not.
"""

import logging
import os
import pickle
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "wire")]
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
if MEMORY:
    os.environ["TMPDIR"] = MEMORY  # what a kill -9 leaves is the same in memory, and the disk is not what is tested

import burst  # noqa: E402 - as the rest: found by the lines above
import kills  # noqa: E402
import long_run  # noqa: E402
import mutants  # noqa: E402
import storage_faults  # noqa: E402
import structlog  # noqa: E402
import wire_faults  # noqa: E402
from outcome import Row  # noqa: E402


def whole() -> dict[str, Callable[[Path], Row]]:
    """Every fault there is."""
    return {
        "points": kills.every_point,
        "migration": kills.migration,
        "random": lambda base: kills.at_random(base, 12),
        "full": lambda base: storage_faults.disk_full(base, 3),
        "small disk": storage_faults.small_disk,
        "locked": storage_faults.locked,
        "read-only": storage_faults.read_only,
        "corrupted": storage_faults.corrupted,
        "clock": storage_faults.clock_jumps,
        "nights": storage_faults.dst_nights,
        "reader": wire_faults.reader_gone,
        "dns": wire_faults.dns_down,
        "submission": wire_faults.submission_down,
        "mailbox": wire_faults.mailbox_killed_and_down,
        "certificate": wire_faults.certificate_expired,
        "burst": lambda base: burst.burst(base, 50_000),
        "year": long_run.year,
        "mutants": lambda base: mutants.mutants(base, 100_000),
    }


def short() -> dict[str, Callable[[Path], Row]]:
    """A few of each kind: what continuous integration plays."""
    return {
        **{name: fault for name, fault in whole().items() if name not in ("reader", "random")},
        "points": lambda base: kills.every_point(base, 41),
        "full": lambda base: storage_faults.disk_full(base, 31),
        "mailbox": lambda base: wire_faults.mailbox_killed_and_down(base, 4),
        "burst": lambda base: burst.burst(base, 500),
        "year": lambda base: long_run.year(base, 100, 75),
        "mutants": lambda base: mutants.mutants(base, 5_000),
    }


def played(name: str, fault: Callable[[Path], Row]) -> Row:
    """One line of the table; each fault has a folder of its own."""
    with tempfile.TemporaryDirectory(prefix=f"mailflow-chaos-{name.replace(' ', '-')}-", dir=MEMORY) as folder:
        return fault(Path(folder))


def meanwhile(name: str, fault: Callable[[Path], Row]) -> Callable[[], Row]:
    """Played with what time the others leave: most of them wait as much as they work. What gives its line."""
    reading, writing = os.pipe()
    if not os.fork():
        os.close(reading)
        os.nice(10)
        with os.fdopen(writing, "wb") as to:
            pickle.dump(played(name, fault), to)
        os._exit(0)
    os.close(writing)

    def line() -> Row:
        with os.fdopen(reading, "rb") as found:
            return pickle.load(found)

    return line


def told(name: str, play: Callable[[], Row]) -> Row:
    """That line, with a word on how it went for whoever waits."""
    began = time.monotonic()
    one = play()
    took = time.monotonic() - began
    verdict = f"{one.times} faults, {one.lost} lost, {one.doubled} doubled, {len(one.wrong)} wrong, {took:.0f} s"
    print(f"  {name}: {verdict}", file=sys.stderr, flush=True)
    return one


def table(rows: list[Row]) -> Iterator[str]:
    """The table as Markdown, and the last line."""
    yield "| fault | how | times | mails | lost | doubled | what a person saw |"
    yield "|---|---|--:|--:|--:|--:|---|"
    for one in rows:
        yield f"| {one.fault} | {one.how} | {one.times} | {one.accepted} | {one.lost} | {one.doubled} | {one.seen} |"
    yield ""
    yield from (f"WRONG: {one.fault}, {one.how}: {line}" for one in rows for line in one.wrong)
    faults, accepted = sum(one.times for one in rows), sum(one.accepted for one in rows)
    lost, doubled = sum(one.lost for one in rows), sum(one.doubled for one in rows)
    yield f"{faults} faults, {accepted} mails accepted, {lost} lost, {doubled} doubled"


def main() -> int:
    """All of them, or those that are named."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    asked = [word for word in sys.argv[1:] if not word.startswith("--")]
    if "--list" in sys.argv:
        print("\n".join(whole()))
        return 0
    every = short() if "--short" in sys.argv else whole()
    faults = {name: fault for name, fault in every.items() if not asked or name in asked}
    mutated = meanwhile("mutants", faults.pop("mutants")) if "mutants" in faults else None
    rows = [told(name, lambda name=name, fault=fault: played(name, fault)) for name, fault in faults.items()]
    rows += [told("mutants", mutated)] if mutated else []
    print("\n".join(table(rows)))
    return int(any(one.lost or one.doubled or one.wrong for one in rows))


if __name__ == "__main__":
    sys.exit(main())
