"""Does `make bench` measure anything? The figures are for people: no test waits for one."""

import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parent / "bench"


def test_every_bench_file_prints_its_rows():
    """One table, a figure and a unit on each line."""
    done = subprocess.run([sys.executable, str(BENCH)], capture_output=True, text=True, check=True)

    lines = done.stdout.splitlines()
    assert any(line.startswith("proof and verdict of a mail") for line in lines)
    assert all(float(line.split()[-3]) >= 0 for line in lines)
