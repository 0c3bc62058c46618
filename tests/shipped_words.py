"""The Dutch that we ship, as the tests of answers read by it, and the Tuesday on which they read."""

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

from mailflow.configuration.weights import second_reader
from mailflow.core.answer import words_from

TABLE = tomllib.loads((Path(__file__).resolve().parents[1] / "config" / "answers.toml").read_text())
WORDS = replace(words_from(TABLE), second=second_reader())
TODAY = date(2026, 11, 10)
