"""The Dutch that we ship, with the weights of the second reader and without, and the Tuesday on which tests read."""

from datetime import date

from mailbag import RULES, SHIPPED

WORDS, WORDINGS = SHIPPED.words, RULES.words
TODAY = date(2026, 11, 10)
