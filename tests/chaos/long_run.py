"""A simulated year in one process: memory and file handles stay what they were."""

import gc
import os
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from burst import _megabytes
from outcome import Row

from mailflow.core.lifecycle import State
from mailflow.demo.year import FIRST_DAY, Year

MOST_GROWTH = 40
"""Megabytes between the second month and the last; the cases and letters that the test itself remembers are in it."""


def year(base: Path, cases: int = 300, days: int = 365) -> Row:
    """Referrals through the real store, reader, rules and worker, day by day; each is accounted for at the end."""
    folder = base / "year"
    folder.mkdir()
    seen: list[tuple[int, int]] = []
    told = Year(folder, cases)
    with closing(told):
        go_to = told._go_to

        def watched(at) -> None:
            go_to(at)
            if at.day == 1 and at.hour < 12:
                gc.collect()
                seen.append((_megabytes(os.getpid()), len([*Path("/proc/self/fd").iterdir()])))

        told._go_to = watched
        told.play(until=FIRST_DAY + timedelta(days=days - 1))
        ended = told.told()
        every = len(told.app.store.cases.lines(states=[*State]))
        unread = sum(line.state not in ("read", "erased") for line in told.app.store.mails.lines(limit=100_000))
    memory, handles = [one for one, _ in seen], [one for _, one in seen]
    wrong = [] if memory[-1] - memory[min(2, len(memory) - 1)] <= MOST_GROWTH else [f"memory by month: {memory}"]
    wrong += [] if max(handles[1:]) - min(handles[1:]) <= 2 else [f"handles by month: {handles}"]
    wrong += [] if ended.endswith(" 0 forgotten") else [ended]
    return Row(
        fault="a year",
        how=f"{days} days, {every} cases",
        times=len(seen),
        accepted=told.mails,
        lost=unread,
        seen=f"memory {memory[0]} to {memory[-1]} MB, handles {handles[1]} to {handles[-1]}",
        wrong=tuple(wrong),
    )
