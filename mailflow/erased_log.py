"""Who asked to be erased, beside the keys: a backup that is put back must not bring them back."""

import os
from datetime import datetime
from pathlib import Path

from mailflow.seams import reached

NAME = "erased.log"


def write(folder: Path, reference: str, at: datetime) -> None:
    """Add a case, durably; a line of its own: 2026-11-25T10:00:00+00:00 MSI-2026-0042."""
    reached("before_file")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / NAME, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a", encoding="ascii") as file:
        file.write(f"{at.isoformat(timespec='seconds')} {reference}\n")
        file.flush()
        os.fsync(file.fileno())
    reached("after_file")


def read(folder: Path | None) -> dict[str, datetime]:
    """Reference -> when it was last asked for; a line that was cut off by a crash is left out."""
    try:
        lines = (folder / NAME).read_text(encoding="ascii", errors="replace").splitlines() if folder else []
    except FileNotFoundError:
        return {}
    found: dict[str, datetime] = {}
    for line in lines:
        moment, _, reference = line.partition(" ")
        try:
            found[reference] = datetime.fromisoformat(moment)
        except ValueError:
            continue
    return {reference: at for reference, at in found.items() if reference}
