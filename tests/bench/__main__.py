"""What mailflow costs, as one table: `make bench`. It measures; it never fails for a figure. `--short` only tries it.

Each bench_*.py has `rows()`, which gives (what, figure, unit). The race against the lean limit (race.py) and how it
grows (growth.py) go to build/bench.json too, with the runs before. `--growth` asks a store of a million cases as well,
and nothing else: `make bench-growth`.
"""

import json
import os
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from statistics import median

sys.path.append(str(Path(__file__).resolve().parents[1]))

from growth import MILLION, SIZES, Grown, growth
from race import race
from stages import stages

HERE = Path(__file__).resolve().parent
KEPT = HERE.parents[1] / "build" / "bench.json"
RUNS = 10
UNITS = {"ratio": "of the lean limit", "s": "", "ms": "ms", "mb": "MB", "percent": "%"}
SUMMED = (
    "cases_ratio", "replies_ratio", "case_p50_ms", "case_p99_ms", "accept_p50_ms", "rss_mb", "start_s",
    "growth_worst", "growth_worst_million", "digest_million_s", "sweep_million_s", "bytes_a_case",
)  # fmt: skip


def main() -> None:
    """Every file in the order of its name, the race and the stages, and at last how it grows."""
    if "--growth" in sys.argv:
        _keep(_millions())
        return
    short = "--short" in sys.argv
    found = [row for file in sorted(HERE.glob("bench_*.py")) for row in import_module(file.stem).rows()]
    with tempfile.TemporaryDirectory() as folder:
        figures = race(Path(folder), rounds=1 if short else 5, cases=6 if short else 60, idle_s=0.5 if short else 10)
        figures |= stages(Path(folder) / "stages", 3 if short else 60)
    found += [(name, figure, UNITS.get(name.rpartition("_")[2], "")) for name, figure in figures.items()]
    widest = max(len(what) for what, _, _ in found)
    for what, figure, unit in found:
        print(f"{what:{widest}}  {figure:>10.3f} {unit}".rstrip())
    grown = growth((30, 60), rounds=2) if short else growth()
    print("", *grown.told(), sep="\n")
    figures["growth_worst"] = grown.worst(grown.sizes[-1])
    if short:
        print(f"\n{_machine()}: {_line(figures)}")
    else:
        _keep({**figures, "bytes_a_case": grown.bytes_a_case[SIZES[-1]], "growth": _by_question(grown)})


def _millions() -> dict[str, object]:
    """What stores up to a million cases say."""
    grown = growth((*SIZES, MILLION), rounds=7, crowd=MILLION // 100)
    print(*grown.told(), sep="\n")
    return {
        "growth_worst": grown.worst(SIZES[-1]),
        "growth_worst_million": grown.worst(MILLION),
        "digest_million_s": grown.figures["crowd_digest_s"],
        "sweep_million_s": grown.figures["crowd_sweep_s"],
        "bytes_a_case": grown.bytes_a_case[MILLION],
        "growth": _by_question(grown),
    }


def _by_question(grown: Grown) -> dict[str, dict[int, float]]:
    return {what: dict(spent) for what, spent in grown.spent.items()}


def _keep(figures: Mapping[str, object]) -> None:
    """Print the summary after those of the runs before, and put it with them."""
    before = json.loads(KEPT.read_text()) if KEPT.exists() else {"runs": []}
    runs = before["runs"]
    run = {"at": datetime.now(UTC).isoformat(timespec="minutes"), "machine": _machine(), **figures}
    run.pop("growth", None)
    if runs:
        print("\nruns before this one:")
        for one in runs:
            print(f"  {one['at']}  {_line(one)}")
        print(f"  this one against the median of those: {_compared(run, runs)}")
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps({**before, **figures, "runs": [*runs, run][-RUNS:]}, indent=1))
    print(f"\n{run['machine']}: {_line(run)}")


def _compared(run: Mapping[str, object], runs: Sequence[Mapping[str, float]]) -> str:
    pairs = [(key, run[key], [one[key] for one in runs if one.get(key)]) for key in SUMMED if key in run]
    return "  ".join(f"{key} {mine / median(others):.2f}" for key, mine, others in pairs if others)


def _machine() -> str:
    """The machine, and how busy it was with other things when this ended."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine()
    )
    return f"{os.cpu_count()} x {model}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"


def _line(run: Mapping[str, object]) -> str:
    return "  ".join(f"{key}={run[key]:.3g}" for key in SUMMED if key in run)


if __name__ == "__main__":
    main()
