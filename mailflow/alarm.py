"""The operator's alarm command: it tells what the digest cannot, such as that there is none."""

import subprocess
from collections.abc import Iterable

import structlog

from mailflow.discretion import where
from mailflow.storage.store import ALARMS, Store

ALARM_SECONDS = 30

log = structlog.get_logger()


def raise_alarm(store: Store, command: Iterable[str], why: str) -> None:
    """Count an alarm, where the database lets us, and raise it."""
    try:
        store.count(ALARMS)
    except Exception as fault:  # the alarm may well be about the database
        log.warning("an alarm was not counted", why=where(fault))
    alarm(command, why)


def alarm(command: Iterable[str], why: str) -> None:
    """Run the operator's command with *why* as its last argument: the digest cannot report its own failure."""
    log.error("alarm", why=why)
    words = [*command]
    if not words:
        return
    try:
        subprocess.run([*words, why], timeout=ALARM_SECONDS, check=False, stdin=subprocess.DEVNULL)  # noqa: S603 - the operator's own command, no shell
    except (OSError, subprocess.SubprocessError) as fault:
        log.error("the alarm command failed", why=type(fault).__name__)  # noqa: TRY400 - as in where()
