"""The Dutch that we ship, as the tests of answers read by it, and the Tuesday on which they read."""

import tomllib
from datetime import date
from pathlib import Path

from mailflow.core.answer import words_from

TABLE = tomllib.loads((Path(__file__).resolve().parents[1] / "config" / "answers.toml").read_text())
WORDS = words_from(TABLE)
TODAY = date(2026, 11, 10)
