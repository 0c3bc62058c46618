"""The Dutch that we ship, as the tests of answers read by it, and the Tuesday on which they read."""

from datetime import date

from mailbag import RULES

WORDS = RULES.words
TODAY = date(2026, 11, 10)
