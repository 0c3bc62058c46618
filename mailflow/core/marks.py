"""What of an answer is weighed: its words, how they begin, which stand beside each other, and the concept of each.

A concept is what words have in common ("plek", "gaatje" and "stoeltje" are one), so that a word which was seldom seen
weighs as its kind does. Names and numbers are all alike, for no meaning hangs on them.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, zip_longest

from mailflow.core.statements import Heard

STEMS = (4, 5, 6, 7)
"""How many letters of a longer word are a mark of their own: "aanvaarding" and "aanvaarden" begin alike."""
BREAK, NAME, NUMBER, QUESTION = ".", "@", "0", "?"
NO_WORDS = frozenset({BREAK, NAME, NUMBER, QUESTION})
MOST_QUESTIONS = 3
WORDS_A_STEP, MOST_STEPS = 8, 6
"""How long a mail is, in steps."""
ROLE_WEIGHT = 0.5
GREETING = "GREET"
"""The concept that stands between others and parts nothing."""


def words_weighed(said: Heard) -> list[str]:
    """The words of an answer in standard Dutch, with a BREAK where a clause ends."""
    words: list[str] = []
    for sentence in said.sentences:
        for clause in sentence.clauses:
            for word in clause.words:
                words.append(NUMBER if word.isdigit() else NAME if word in clause.names else word)
            words.append(BREAK)
        words.append(BREAK)
    return words + [QUESTION] * min(MOST_QUESTIONS, sum(sentence.question for sentence in said.sentences))


def marks_of(words: Sequence[str], role: str, asked: str | None, concepts: Mapping[str, str]) -> dict[str, float]:
    """What is weighed, and how much each: all words together count as one, however long the mail is."""
    marks = dict.fromkeys((*_of_words(words, role), *_of_concepts(words, concepts)))
    value = 1 / math.sqrt(len(marks)) if marks else 0.0
    return {**dict.fromkeys(marks, value), f"{role}:": ROLE_WEIGHT, f"{role}:{asked or ''}?": ROLE_WEIGHT}


def _of_words(words: Sequence[str], role: str) -> Iterator[str]:
    for word, after in zip_longest(words, words[1:]):
        if word == BREAK:
            continue
        yield word
        yield f"{role}:{word}"
        yield from (f"{word[:letters]}-" for letters in STEMS if len(word) > letters)
        if after:
            yield f"{word} {after}"
    if words:
        yield f"^{words[0]}"
    yield f"#{min(MOST_STEPS, len(words) // WORDS_A_STEP)}"


def _of_concepts(words: Sequence[str], concepts: Mapping[str, str]) -> Iterator[str]:
    """Each concept; two after one another, whatever unknown words stand between them; and each beside a word."""
    known = [concepts.get(word, BREAK if word == BREAK else "") for word in words]
    row = [concept for concept in known if concept and concept != GREETING]
    for first, second, third in zip_longest(row, row[1:], row[2:]):
        if first == BREAK:
            continue
        yield f"C:{first}"
        if second and second != BREAK:
            yield f"C:{first} {second}"
        if third and third != BREAK:
            yield f"C:{first}_{third}"
    either = [concept or word for word, concept in zip(words, known, strict=True)]
    for left, right in pairwise(either):
        if BREAK not in (left, right):
            yield f"M:{left} {right}"
