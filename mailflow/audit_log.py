"""The links of the audit, beside the keys: whoever cuts lines off in the database cannot cut them off here as well."""

import os
from pathlib import Path

NAME = "audit.log"
LINK = 64
"""Hex digits of a link; a shorter one was cut off."""
RESTORED = "restored"
"""Behind the first line after a backup was put back: what stood there before is gone, and that line says so."""


def write(folder: Path | None, number: int, link: str, *, restored: str = "") -> None:
    """Add a line of the audit, durably: `17 3f9a...`; without a folder (keys in memory) nothing."""
    if folder is None:
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / NAME, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a", encoding="ascii") as file:
        size = os.fstat(descriptor).st_size
        cut_off = size and os.pread(descriptor, 1, size - 1) != b"\n"
        file.write("\n" * bool(cut_off) + f"{number} {link} {restored}".rstrip() + "\n")
        file.flush()
        os.fsync(file.fileno())


def read(folder: Path | None) -> dict[int, str]:
    """Number -> link, as it was first written; a line that was cut off by a crash is left out."""
    try:
        lines = (folder / NAME).read_text(encoding="ascii", errors="replace").splitlines() if folder else []
    except FileNotFoundError:
        return {}
    found: dict[int, str] = {}
    for number, link, *restored in (line.split() for line in lines if len(line.split()) > 1):
        if not number.isascii() or not number.isdigit() or len(link) != LINK:
            continue
        if restored == [RESTORED]:
            found = {one: kept for one, kept in found.items() if one < int(number)}
        found.setdefault(int(number), link)
    return found
