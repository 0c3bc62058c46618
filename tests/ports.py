"""Ports for tests: the shipped ones, which one test has at a time, and free ones."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from tempfile import gettempdir

SHIPPED = LISTENS, SENDS = 2525, 2526
"""Where mailflow listens, and where it sends to."""


@contextmanager
def shipped_ports() -> Iterator[tuple[int, int]]:
    """Both as shipped, or a free one in the place of one that another program has; other tests wait for their turn."""
    with (Path(gettempdir()) / f"mailflow-shipped-ports-{os.getuid()}").open("a") as turn:
        flock(turn, LOCK_EX)
        listens, sends = (port if _is_free(port) else free_port() for port in SHIPPED)
        yield listens, sends


def free_port() -> int:
    """A loopback port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
