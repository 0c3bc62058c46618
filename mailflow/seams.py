"""Where a test may pull the plug: off unless the demo's own environment names a point, or a test arms one."""

import os
import signal
from collections import Counter

POINTS = frozenset({
    "before_commit", "after_commit",          # every transaction that writes
    "after_commit_1", "after_commit_2", "after_commit_3",
    "before_delivery", "after_delivery",      # a letter and the server that takes it
    "before_move", "after_move",              # a mail in a mailbox
    "before_file", "after_file",              # a line of keys/erased.log, a backup, a key file
    "after_revision",                         # one step of the database's tables
})  # fmt: skip

_deadly = ""
_left = 0
_passed: Counter[str] | None = None


def arm(asked: str) -> None:
    """Die at a point: `after_commit`, or `after_commit:17` for the seventeenth time; "" for never."""
    global _deadly, _left
    point, _, nth = asked.partition(":")
    _deadly, _left = (point, int(nth or 1)) if point in POINTS else ("", 0)


def count() -> None:
    """From now on, keep how often each point is reached."""
    global _passed  # noqa: PLW0603 - as above
    _passed = Counter()


def counted() -> Counter[str]:
    """How often each point was reached since *count*."""
    return Counter() if _passed is None else _passed


def uncount() -> None:
    """Keep that no longer."""
    global _passed  # noqa: PLW0603 - as above
    _passed = None


def reached(point: str) -> None:
    """The work has come to this point: if a test asked for it, the process ends here as by a power cut."""
    global _left  # noqa: PLW0603 - as above
    if _passed is not None:
        _passed[point] += 1
    if point == _deadly:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


if os.environ.get("MAILFLOW_DEMO") == "1":
    arm(os.environ.get("MAILFLOW_KILL_AT", ""))
