"""Tells systemd how we are: ready, alive, stopping (sd_notify(3)). Without systemd nothing happens."""

import os
import socket
from collections.abc import Mapping


def notify(state: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Send *state*, such as READY=1; whether anybody listens. A supervisor that went away is no fault of ours."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as to:
            to.sendto(state.encode(), "\0" + address[1:] if address.startswith("@") else address)
    except OSError:
        return False
    return True


def watchdog_seconds(environment: Mapping[str, str] = os.environ) -> float | None:
    """How often systemd wants to hear that we are alive (half its limit, as it advises); None: not at all."""
    try:
        limit = int(environment.get("WATCHDOG_USEC", "0"))
        meant = int(environment.get("WATCHDOG_PID", "0")) in (0, os.getpid())
    except ValueError:
        return None
    return limit / 2_000_000 if limit > 0 and meant else None
