"""Who holds a task or a lease? A process, by a name that says whether it is still alive."""

import hashlib
import os
import socket

from mailflow.clock import process_name


def this_host() -> str:
    """This machine, told apart from others that use the same database."""
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]


def new_holder(host: str = "") -> str:
    """A name for one worker of this process; *host* tells machines apart that share a database."""
    return f"{process_name()}@{host}"


def is_alive(holder: str) -> bool:
    """Whether the process that holds a task's lease is still there."""
    name, _, host = holder.partition("@")
    if host and host != this_host():
        return True  # nothing can be said from here: its lease runs out if it is not
    pid = int(name.partition("-")[0] or 0)
    if pid == os.getpid():
        return False  # our own name from a life before: this process has only just started
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return pid > 0
