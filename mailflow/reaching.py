"""A database on another machine may not be there yet: whoever starts waits for it, and says so."""

from collections.abc import Callable
from itertools import chain, repeat
from time import sleep
from typing import TypeVar

import structlog
from sqlalchemy.exc import DBAPIError

from mailflow.notify import notify
from mailflow.storage.engine import is_away

log = structlog.get_logger()

T = TypeVar("T")

AGAIN_AFTER = (1, 2, 5)
"""Seconds from one try to the next; then the last one again and again."""
ALARM_AT = 15
"""Tries, after about a minute: a server that restarts, or hands over to another one, is there before that."""
PATIENCE = 90
"""Seconds that systemd is asked for at each try: longer than a try takes, whose connection may get no answer at all."""


def once_there(begin: Callable[[], T], alarm: Callable[[str], None], wait: Callable[[float], None] = sleep) -> T:
    """What *begin* gives; begun again for as long as it fails because the database is away. Any other fault is raised.

    *alarm* is told once, when that takes long: a wrong password or name looks the same, and only a person can mend it.
    """
    for tries, seconds in enumerate(chain(AGAIN_AFTER, repeat(AGAIN_AFTER[-1])), start=1):
        try:
            return begin()
        except DBAPIError as fault:
            if not is_away(fault):
                raise
            why = str(fault.orig).splitlines()[0]
        log.warning("waiting for the database", why=why, again_after=seconds)
        notify(f"EXTEND_TIMEOUT_USEC={PATIENCE * 1_000_000}\nSTATUS=waiting for the database: {why}")
        if tries == ALARM_AT:
            alarm(f"mailflow waits for its database: {why}")
        wait(seconds)
    raise AssertionError("the tries have no end")
