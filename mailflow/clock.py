"""What time is it? The only file that asks the machine."""

import os
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from uuid import uuid4


class Clock(Protocol):
    """Domain time: what terms, openings and letters are reckoned by."""

    @property
    def pulse(self) -> float:
        """Seconds of real time after which a sleeper should look at the clock again."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""


@dataclass(frozen=True)
class SystemClock:
    """The machine's own clock."""

    pulse: float = 5.0

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)


@dataclass
class StoppedClock:
    """A clock that moves only when told to: for tests."""

    at: datetime
    pulse: float = 0.02

    def now(self) -> datetime:
        """The moment it was set to, in UTC."""
        return self.at.astimezone(UTC)

    def move(self, **by: float) -> None:
        """Move on by timedelta's keywords: move(hours=3)."""
        self.at += timedelta(**by)

    def set(self, at: datetime) -> None:
        """Jump to *at* (aware)."""
        self.at = at


@dataclass
class FileClock:
    """The demo's clock: a file holds the offset to real time, so that it survives a kill and others can move it."""

    path: Path
    pulse: float = 0.05
    _seen: tuple[int, float] = field(default=(0, 0.0), repr=False)

    def now(self) -> datetime:
        """Real time shifted by what the file says; UTC."""
        return datetime.now(UTC) + timedelta(seconds=self._offset())

    def set(self, at: datetime) -> None:
        """Make it *at* (aware) now, for every process that reads this file."""
        offset = (at - datetime.now(UTC)).total_seconds()
        beside = self.path.with_suffix(".new")
        beside.write_text(f"{offset}\n")
        beside.replace(self.path)

    def _offset(self) -> float:
        changed = self.path.stat().st_mtime_ns
        if changed != self._seen[0]:
            self._seen = (changed, float(self.path.read_text()))
        return self._seen[1]


def monotonic() -> float:
    """Seconds of real time that never go back, for waiting and for leases within one process."""
    return time.monotonic()


def real_now() -> datetime:
    """The machine's time even while the demo's clock is elsewhere: for leases between processes. UTC."""
    return datetime.now(UTC)


def new_uuid() -> str:
    """A random identity for a row or an instance, 32 hexadecimal digits."""
    return uuid4().hex


def new_key() -> bytes:
    """Thirty-two random bytes for a key."""
    return secrets.token_bytes(32)


def process_name() -> str:
    """Who holds a lease: this process, told apart from one that reuses its pid."""
    return f"{os.getpid()}-{new_uuid()[:8]}"


def jitter() -> float:
    """A random number from 0 up to 1, so that many do not come back at the same moment."""
    return secrets.randbelow(1_000_000) / 1_000_000
