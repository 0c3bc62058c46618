"""What mailflow costs, as one table: `make bench`. It measures; it never fails for a figure. `--short` only tries it.

Each bench_*.py has `rows()`, which gives (what, figure, unit). The race against the lean limit (race.py) goes to
build/bench.json too, with the runs before it.
"""

import json
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from race import race
from stages import stages

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))
KEPT = HERE.parents[1] / "build" / "bench.json"
RUNS = 10
UNITS = {"ratio": "of the lean limit", "s": "", "ms": "ms", "mb": "MB", "percent": "%"}
SUMMED = ("cases_ratio", "replies_ratio", "case_p50_ms", "case_p99_ms", "accept_p50_ms", "rss_mb", "start_s")


def main() -> None:
    """Every file in the order of its name, then the race and the stages."""
    short = "--short" in sys.argv
    found = [row for file in sorted(HERE.glob("bench_*.py")) for row in import_module(file.stem).rows()]
    with tempfile.TemporaryDirectory() as folder:
        figures = race(Path(folder), rounds=1 if short else 5, cases=6 if short else 60, idle_s=0.5 if short else 10)
        figures |= stages(Path(folder) / "stages", 3 if short else 60)
    found += [(name, figure, UNITS.get(name.rpartition("_")[2], "")) for name, figure in figures.items()]
    widest = max(len(what) for what, _, _ in found)
    for what, figure, unit in found:
        print(f"{what:{widest}}  {figure:>10.3f} {unit}".rstrip())
    before = _runs()
    if before and not short:
        print("\nruns before this one:")
        for run in before:
            print(f"  {run['at']}  {_line(run)}")
    run = {"at": datetime.now(UTC).isoformat(timespec="minutes"), "machine": _machine(), **figures}
    if not short:
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text(json.dumps({**figures, "runs": [*before, run][-RUNS:]}, indent=1))
    print(f"\n{run['machine']}: {_line(run)}")


def _runs() -> list[dict[str, object]]:
    return json.loads(KEPT.read_text())["runs"] if KEPT.exists() else []


def _machine() -> str:
    """The machine, and how busy it was with other things when this ended."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine()
    )
    return f"{os.cpu_count()} x {model}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"


def _line(run: dict[str, object]) -> str:
    return "  ".join(f"{key}={run[key]:.3g}" for key in SUMMED)


if __name__ == "__main__":
    main()
