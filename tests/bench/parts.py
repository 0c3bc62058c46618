"""Some parts of mailflow in a process of their own, looking for work as often as the demo does.

Usage: parts.py CONFIG PARTS; prints "ready" and its port, 0 for none.
"""

import asyncio
import contextlib
import sys
from dataclasses import replace
from pathlib import Path

from serve import built, service


def main() -> None:
    """Serve until SIGTERM."""
    config, parts = Path(sys.argv[1]), sys.argv[2].split(",")
    app = built(config)
    clock = replace(app.clock, pulse=0.05)
    app = replace(app, clock=clock, worker=replace(app.worker, clock=clock))
    with contextlib.closing(app):
        asyncio.run(service.Service(app, parts).run(lambda port: print("ready", port or 0, flush=True)))


if __name__ == "__main__":
    main()
