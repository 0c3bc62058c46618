"""Runs every bench_*.py of this folder and prints one table: `make bench`. It measures; it never fails for a figure.

A bench file has a function `rows()` that gives (what, figure, unit) for each line of the table.
"""

import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]


def main() -> None:
    """Every file in the order of its name."""
    found = [row for file in sorted(HERE.glob("bench_*.py")) for row in import_module(file.stem).rows()]
    widest = max(len(what) for what, _, _ in found)
    for what, figure, unit in found:
        print(f"{what:{widest}}  {figure:>10.2f} {unit}")


if __name__ == "__main__":
    main()
