"""Who asked to be erased, and what must be kept, beside the keys: a backup that is put back must not undo it."""

import os
from datetime import datetime
from pathlib import Path

from mailflow.seams import reached

NAME = "erased.log"
HELD = "held.log"
"""A line for a legal hold: 2026-11-25T10:00:00+00:00 MSI-2026-0042 JR-2026/114; without its last word it is lifted."""


def write(folder: Path, reference: str, at: datetime, *, name: str = NAME) -> None:
    """Add a case, durably; a line of its own: 2026-11-25T10:00:00+00:00 MSI-2026-0042."""
    reached("before_file")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a", encoding="ascii") as file:
        file.write(f"{at.isoformat(timespec='seconds')} {reference}\n")
        file.flush()
        os.fsync(file.fileno())
    reached("after_file")


def read(folder: Path | None) -> dict[str, datetime]:
    """Reference -> when it was last asked for; a line that was cut off by a crash is left out."""
    return {reference: at for reference, (at, _) in _read(folder, NAME).items()}


def held(folder: Path | None) -> dict[str, tuple[datetime, str]]:
    """Reference -> since when it is under a legal hold, and why; those that were lifted since are left out."""
    return {reference: (at, why) for reference, (at, why) in _read(folder, HELD).items() if why}


def _read(folder: Path | None, name: str) -> dict[str, tuple[datetime, str]]:
    try:
        lines = (folder / name).read_text(encoding="ascii", errors="replace").splitlines() if folder else []
    except FileNotFoundError:
        return {}
    found: dict[str, tuple[datetime, str]] = {}
    for line in lines:
        moment, _, rest = line.partition(" ")
        reference, _, why = rest.partition(" ")
        try:
            found[reference] = datetime.fromisoformat(moment), why
        except ValueError:
            continue
    return {reference: told for reference, told in found.items() if reference}
