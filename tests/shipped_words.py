"""The Dutch that we ship, as the tests of answers read by it, and the Tuesday on which they read."""

import tomllib
from datetime import date
from pathlib import Path

from mailflow.settings import load

TABLE = tomllib.loads((Path(__file__).resolve().parents[1] / "config" / "answers.toml").read_text())
WORDS = load(None).rules.words
"""The same value that the cases of mailbag.py are read by, so that it is made ready once in a process."""
TODAY = date(2026, 11, 10)
