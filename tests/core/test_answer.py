"""Do we read what people answer, or ask? Never a wrong state, seldom a needless question."""

import tomllib
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from mailflow.core.answer import DECISIONS, Unclear, Understood, failing_examples, read_answer, words_from

HERE = Path(__file__).resolve().parent
TABLE = tomllib.loads((HERE.parents[1] / "config" / "answers.toml").read_text())
WORDS = words_from(TABLE)
TODAY = date(2026, 11, 10)  # a Tuesday


def labelled():
    """Every labelled mail: role, what was asked, the text, what may come out, and whether it is nasty."""
    for group in tomllib.loads((HERE / "answers.toml").read_text())["said"]:
        for row in group["texts"]:
            text, _, other = row.partition("|")
            yield group["role"], group.get("asked"), text, f"{group['action']}|{other}".split("|"), "nasty" in group


def read(text, role="provider", asked=None):
    """The reading of one mail on that Tuesday."""
    return read_answer(text, role, WORDS, today=TODAY, asked=asked)


def outcome(text, role, asked):
    """The action, or "unclear"."""
    got = read(text, role, asked)
    return got.action if isinstance(got, Understood) else "unclear"


def test_the_labelled_mails(capsys):
    """No wrong reading at all, and nine in ten of the sure ones read without asking back."""
    count = Counter()
    wrong = []
    for role, asked, text, meant, _ in labelled():
        got = outcome(text, role, asked)
        kind = "right" if got in meant else "asked back" if got == "unclear" else "wrong"
        count[kind, "unclear" in meant] += 1
        if kind == "wrong":
            wrong.append((role, text, meant, got))

    sure = count["right", False] + count["asked back", False]
    with capsys.disabled():
        print(
            f"\n  sure ones: {count['right', False]} right, {count['asked back', False]} asked back of {sure};", end=""
        )
        print(f" to be asked about: {count['right', True]} asked; wrong: {len(wrong)}")
    assert wrong == []
    assert count["right", False] >= 0.9 * sure


def test_there_are_enough_of_them():
    """The set stays worth its name."""
    nasty = [text for *_, text, _, is_nasty in labelled() if is_nasty]

    assert len(list(labelled())) >= 150
    assert len(nasty) >= 40
