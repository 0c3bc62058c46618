"""The sentences of answers.toml that say what they must be read as, and those that are not read so."""

from collections.abc import Iterator
from datetime import date

from mailflow.core.two_readers import read_twice
from mailflow.core.understood import Unclear, Understood
from mailflow.core.words import Example, Words


def failing_examples(words: Words) -> list[str]:
    """The examples of answers.toml that are not read as it says: one English sentence each."""
    some_day = date(2026, 11, 10)
    wrong = []
    for example in examples_of(words):
        read = read_twice(example.text, example.role, words, today=some_day, asked=example.asked)
        got = (read.action, *read.also) if isinstance(read, Understood) else ("unclear",)
        if example.action not in got:
            why = f": {read.why}" if isinstance(read, Unclear) else ""
            wrong.append(f"“{example.text}” by the {example.role} reads as {got[0]}, not {example.action}{why}")
    return wrong


def examples_of(words: Words) -> Iterator[Example]:
    """Every sentence of answers.toml with who writes it and what it must be read as."""
    yield from words.examples
    for frame in words.frames:
        for example in frame.examples:
            text, _, action = example.partition("->")
            role = min(frame.roles & ({"referrer"} if "NAFT" in text else frame.roles), default="provider")
            yield Example(text=text.strip(), action=action.strip() or frame.frame.meaning, role=role)
    for phrase in words.phrases:
        for example in phrase.examples:
            text, _, action = example.partition("->")
            for role in sorted(phrase.roles):
                yield Example(text=text.strip(), action=action.strip() or phrase.action, role=role)
