"""Where a test may pull the plug: off unless the demo's own environment names a point of the mail's way."""

import os
import signal

POINTS = frozenset({"after_commit_1", "after_commit_2", "after_delivery", "after_commit_3"})

_asked = os.environ.get("MAILFLOW_KILL_AT", "") if os.environ.get("MAILFLOW_DEMO") == "1" else ""
_DEADLY = POINTS & {_asked}


def reached(point: str) -> None:
    """The way of a mail has come to this point: if a test asked for it, the process ends here as by a power cut."""
    if point in _DEADLY:
        os.kill(os.getpid(), signal.SIGKILL)
