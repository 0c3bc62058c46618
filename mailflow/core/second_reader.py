"""Towards which action do the words of a mail weigh, by thousands of mails that people labelled by meaning?

Each mark of a mail (a word, its beginning, two words in a row) has a weight for each action; their sum says how likely
an action is (multinomial logistic regression). It can always say which marks weighed most. The weights are learned by
tests/answers/learn.py; what may come of them is decided in two_readers.py.
"""

import gzip
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from mailflow.core.statements import Heard

STEMS = (4, 5, 6, 7)
"""How many letters of a longer word are a mark of their own: "aanvaarding" and "aanvaarden" begin alike."""
BREAK, NAME, NUMBER, QUESTION = ".", "@", "0", "?"
MOST_QUESTIONS = 3
WORDS_A_STEP, MOST_STEPS = 8, 6
"""How long a mail is, in steps."""
ROLE_WEIGHT = 0.5
CERTAIN, DOUBTFUL = 0.8, 0.08
"""From which likelihood on it may tell what no wording knows; below which it doubts what a wording says."""
SCALE = 16
"""A weight of 1 is kept as 16: small whole numbers take little room."""


@dataclass(frozen=True)
class SecondReader:
    """The weights: of mark number n one signed byte per action, from n times the number of actions on."""

    actions: tuple[str, ...]
    places: Mapping[str, int]
    """By mark, its number."""
    weights: bytes
    biases: tuple[float, ...]

    def opinion(self, marks: Mapping[str, float]) -> dict[str, float]:
        """How likely each action is, from 0 to 1; together they are 1."""
        sums = [*self.biases]
        alike: dict[float, list[memoryview]] = {}
        for mark, value in marks.items():
            if weights := self._of(mark):
                alike.setdefault(value, []).append(weights)
        for value, rows in alike.items():  # nearly all marks weigh the same: their whole numbers are added first
            columns = map(sum, zip(*rows, strict=True))
            sums = [so_far + column * value / SCALE for so_far, column in zip(sums, columns, strict=True)]
        most = max(sums)
        powers = [math.exp(one - most) for one in sums]
        whole = sum(powers)
        return {action: power / whole for action, power in zip(self.actions, powers, strict=True)}

    def because(self, marks: Mapping[str, float], action: str, most: int = 5) -> tuple[str, ...]:
        """The marks that weigh most for *action*, the heaviest first; who writes is none of them."""
        column = self.actions.index(action)
        weighed = [(weights[column] * value, mark) for mark, value in marks.items() if (weights := self._of(mark))]
        heaviest = sorted(((w, mark) for w, mark in weighed if w > 0 and ":" not in mark), reverse=True)
        return tuple(mark for _, mark in heaviest[:most])

    def _of(self, mark: str) -> memoryview | None:
        place = self.places.get(mark)
        if place is None:
            return None
        width = len(self.actions)
        return self._signed[place * width : (place + 1) * width]

    @cached_property
    def _signed(self) -> memoryview:
        return memoryview(self.weights).cast("b")


def marks_of(said: Heard, role: str, asked: str | None) -> dict[str, float]:
    """What of a mail is weighed, and how much each: all words together count as one, however long the mail is."""
    words = [*_words(said)]
    marks = dict.fromkeys(_marks(words, role))
    value = 1 / math.sqrt(len(marks)) if marks else 0.0
    return {**dict.fromkeys(marks, value), f"{role}:": ROLE_WEIGHT, f"{role}:{asked or ''}?": ROLE_WEIGHT}


def _words(said: Heard) -> Iterator[str]:
    """The words in standard Dutch; names and numbers are all alike, for no meaning hangs on them."""
    for sentence in said.sentences:
        for clause in sentence.clauses:
            for word in clause.words:
                yield NUMBER if word.isdigit() else NAME if word in clause.names else word
            yield BREAK
        yield BREAK
    yield from [QUESTION] * min(MOST_QUESTIONS, sum(sentence.question for sentence in said.sentences))


def _marks(words: list[str], role: str) -> Iterator[str]:
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


def kept(reader: SecondReader) -> bytes:
    """The weights as they lie in a file."""
    marks = sorted(reader.places, key=lambda mark: reader.places[mark])
    head = {"actions": reader.actions, "biases": reader.biases, "marks": marks}
    return gzip.compress(json.dumps(head, ensure_ascii=False).encode() + b"\n" + reader.weights, mtime=0)


def read_back(content: bytes) -> SecondReader:
    """The weights of such a file; ValueError when it is none."""
    try:
        head, _, weights = gzip.decompress(content).partition(b"\n")
        told = json.loads(head)
        places = _numbered(told["marks"])
        reader = SecondReader(tuple(told["actions"]), places, weights, tuple(told["biases"]))
    except (OSError, EOFError, KeyError, TypeError) as fault:
        raise ValueError("these are no weights of a second reader") from fault
    if len(weights) != len(places) * len(reader.actions) or len(reader.biases) != len(reader.actions):
        raise ValueError("these weights of a second reader are cut off")
    return reader


def _numbered(marks: Iterable[str]) -> dict[str, int]:
    return {mark: number for number, mark in enumerate(marks)}


def thresholds_in(table: object, problems: list[str]) -> tuple[float, float]:
    """*certain* and *doubtful* of [second_reader] in answers.toml; what is wrong with it is added to *problems*."""
    given = table if isinstance(table, Mapping) else {}
    if given is not table:
        problems.append("second_reader: must be a table")
    problems += [f"second_reader.{key}: unknown key" for key in given if key not in ("certain", "doubtful")]
    return _share(given, "certain", CERTAIN, problems), _share(given, "doubtful", DOUBTFUL, problems)


def _share(given: Mapping[str, object], key: str, otherwise: float, problems: list[str]) -> float:
    value = given.get(key, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        problems.append(f"second_reader.{key}: must be a number from 0 to 1")
        return otherwise
    return float(value)
