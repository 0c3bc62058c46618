"""What does it cost to read a form? CPU time and peak memory per shape, on the files of tests/forms."""

import sys
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median

sys.path.append(str(Path(__file__).resolve().parents[1]))

from test_forms import FILES, SETTINGS, mail_with

from mailflow.app import reader_of
from mailflow.core.mail import Envelope

ROUNDS = 3


def rows(rounds: int = ROUNDS) -> Iterator[tuple[str, float, str]]:
    """The median time and the highest peak of the files of each shape; libraries are loaded before the clock runs."""
    shapes = defaultdict(list)
    for path in FILES:
        shapes[path.suffixes[0].removeprefix(".")].append(mail_with(path))
    for shape, mails in sorted(shapes.items()):
        _read(mails[0])
        yield f"reading a form, {shape}: median", median(_milliseconds(raw) for raw in mails * rounds), "ms CPU"
        yield f"reading a form, {shape}: peak", max(_peak(raw) for raw in mails), "MB Python"


def _read(raw: bytes) -> None:
    reader_of(SETTINGS).read(raw, Envelope(via="imap"))


def _milliseconds(raw: bytes) -> float:
    began = time.process_time()
    _read(raw)
    return (time.process_time() - began) * 1000


def _peak(raw: bytes) -> float:
    tracemalloc.start()
    try:
        _read(raw)
        return tracemalloc.get_traced_memory()[1] / 1_000_000
    finally:
        tracemalloc.stop()
