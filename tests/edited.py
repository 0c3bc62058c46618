"""A file of a meldpunt's folder, with other words in it."""

from collections.abc import Mapping
from pathlib import Path


def edit(file: Path, changes: Mapping[str, str], end: str = "") -> None:
    """Put the new words in the place of the old, which must stand there once; and *end* behind it all."""
    text = file.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file.write_text(text + end, encoding="utf-8")
