"""The picture above each letter: is it one that every mail program shows?"""

from collections.abc import Iterator
from pathlib import Path

from mailflow.configuration.config_files import MAIN
from mailflow.configuration.problems import Problem

LARGEST = 50_000
"""Bytes: it goes along with every letter."""
PNG = b"\x89PNG\r\n\x1a\n"
"""How such a file begins (PNG specification, 5.2)."""


def logo_problems(folder: Path, name: str) -> Iterator[Problem]:
    """What is wrong with the picture that [meldpunt] names, "" for none."""
    if not name:
        return
    try:
        content = (folder / name).read_bytes()
    except OSError as fault:
        yield Problem(MAIN, "meldpunt.logo", f"{name} cannot be read ({fault.strerror})", "Name a PNG in this folder.")
        return
    if not content.startswith(PNG):
        yield Problem(MAIN, "meldpunt.logo", f"{name} is no PNG", "Save the picture as PNG: all mail programs show it.")
    if len(content) > LARGEST:
        remedy = f"Make it smaller than {LARGEST // 1000} kB: it goes along with every letter."
        yield Problem(MAIN, "meldpunt.logo", f"{name} is too big", remedy)
