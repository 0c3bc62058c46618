"""Does `make bench` measure anything? The figures are for people: no test waits for one."""

import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parent / "bench"


def test_a_short_bench_counts_every_letter_and_prints_its_figures():
    """A letter too few or too many ends the race with an error; so does a store that does not grow as it should."""
    done = subprocess.run([sys.executable, str(BENCH), "--short"], capture_output=True, text=True, check=True)

    lines = done.stdout.splitlines()
    assert any(line.startswith("proof and verdict of a mail") for line in lines)
    figures = {line.split()[0]: float(line.split()[1]) for line in lines if line.startswith(("cases_", "cpu_"))}
    assert 0 < figures["cases_ratio"]
    assert {"cpu_receive_ms", "cpu_prove_ms", "cpu_decide_ms", "cpu_render_ms", "cpu_keep_ms"} <= figures.keys()
    questions = {line[:32].strip() for line in lines if "(" in line}
    assert {"a referral: decide, keep", "a reply: match, decide, keep", "sweep", "digest", "cases", "case REF", "zoek",
            "waitlist", "figures of a year", "what must be erased", "metrics"} <= questions  # fmt: skip
    assert "growth_worst=" in lines[-1]
