"""Does it stay as fast as the years pile up? The same questions of stores of 1, 10 and 100 thousand cases, in turns."""

import logging
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import quantiles

import structlog
from house import BRUSSELS, House
from made import NOW, OLD, RECENT, made
from pile import pile, pile_open
from questions import Asked, crowded

SIZES = (1_000, 10_000, 100_000)
MILLION = 1_000_000
ROUNDS = 12
"""How often each question is asked of each store; the first time warms up."""
CROWD = 10_000
"""Open cases of the largest store, at last: one in a hundred of a million."""


@dataclass(frozen=True)
class Grown:
    """What was measured."""

    spent: Mapping[str, Mapping[int, float]]
    """Question -> cases in the store -> milliseconds of CPU."""
    bytes_a_case: Mapping[int, float]
    """Cases in the store -> the size of its file, for each of them."""
    figures: Mapping[str, float]
    """By name, seconds: to fill the largest store, and what the crowd in it costs."""

    @property
    def sizes(self) -> list[int]:
        """From the smallest store on."""
        return [*next(iter(self.spent.values()))]

    def worst(self, size: int) -> float:
        """How much more the worst question costs at that size than at the smallest."""
        return max(by[size] / by[self.sizes[0]] for by in self.spent.values())

    def told(self) -> list[str]:
        """A table: milliseconds at each size, and how much slower that is than at the smallest."""
        first, *more = self.sizes
        rows = [f"{'CPU ms, cases in the store:':32}" + "".join(f"{size:>16,}" for size in self.sizes)]
        for what, spent in self.spent.items():
            ratios = "".join(f"{spent[size]:>9.2f} ({spent[size] / spent[first]:.2f})" for size in more)
            rows.append(f"{what:32}{spent[first]:>16.2f}{ratios}")
        rows.append(f"{'bytes a case':32}" + "".join(f"{self.bytes_a_case[size]:>16,.0f}" for size in self.sizes))
        return [*rows, *(f"{name:32}{figure:>16.2f}" for name, figure in self.figures.items())]


def growth(sizes: Sequence[int] = SIZES, rounds: int = ROUNDS, *, crowd: int = 0) -> Grown:
    """Ask stores of these sizes, the smallest first; with *crowd*, at last the largest one with as many more open."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="mailflow-growth-") as name, ExitStack() as stack:
        folder, small = Path(name), max(sizes[0] // 4, 8)
        template, last_old = made(folder / "template", min(OLD, small), min(RECENT, small))
        mails = template.mails
        template.close()
        stores: dict[int, Asked] = {}
        bytes_a_case: dict[int, float] = {}
        for size in sizes:
            began = time.monotonic()
            house = piled(folder, size, last_old)
            figures["fill_s"] = time.monotonic() - began
            bytes_a_case[size] = _database(house).stat().st_size / size
            house.mails = mails
            stores[size] = Asked(stack.enter_context(closing(house)))
        for _ in range(rounds):
            for one in stores.values():
                one.ask_all()
        asked = stores[sizes[0]].spent
        spent = {what: {size: _low(one.spent[what][1:]) for size, one in stores.items()} for what in asked}
        if crowd:
            last = stores[sizes[-1]].house
            last.app.close()
            pile_open(folder / "template" / "config" / "mailflow.sqlite3", _database(last), crowd, last_old)
            last.app = last.another()
            figures |= crowded(last)
    return Grown(spent, bytes_a_case, figures)


def _database(house: House) -> Path:
    return house.config / "mailflow.sqlite3"


def piled(folder: Path, size: int, last_old: int) -> House:
    """A meldpunt of that many cases, with the configuration and keys of the template."""
    here, made_at = folder / str(size), folder / "template" / "config"
    shutil.copytree(made_at, here / "config", ignore=shutil.ignore_patterns("*.sqlite3*"))
    pile(made_at / "mailflow.sqlite3", here / "config" / "mailflow.sqlite3", size, last_old)
    house = House(here, datetime(*NOW, tzinfo=BRUSSELS))
    house.drain()
    return house


def _low(spans: Sequence[float]) -> float:
    """The lower quartile: what else runs on this machine makes some answers slower, and none faster."""
    return quantiles(spans, n=4)[0] if len(spans) > 1 else spans[0]
