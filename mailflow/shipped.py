"""Where is what came with this release? (config/ and templates/)"""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
WEIGHTS = PACKAGE / "second_reader.npz"
"""What the second reader of answers learned (configuration/weights.py)."""


def shipped(folder: str) -> Path:
    """The folder that came with this release: in the wheel, or beside the package in a checkout."""
    in_wheel = PACKAGE / "_shipped" / folder
    return in_wheel if in_wheel.is_dir() else PACKAGE.parent / folder
