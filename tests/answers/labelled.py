"""Mails labelled by meaning, and how often we read them right, ask back, or read them wrong."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from shipped_words import TODAY, WORDS

from mailflow.core.answer import Understood, for_one_case
from mailflow.core.two_readers import read_twice
from mailflow.core.words import Words

HERE = Path(__file__).resolve().parent
NO_STATE = frozenset({"question", "acknowledge", "status", "supply", "contacted", "callback", "round_table", "unclear"})
NO_STATE |= {"outcome", "copy"}  # an outcome is noted once the trajectory ended, and asked about before
RULED = frozenset({"seen_answers", "seen_answers_20", *(f"seen_answers_{number}" for number in range(2, 13))})
"""The files that the wordings were made on; from the others only the weights were learned."""
ONE_ACT = frozenset({"keep", "waitlist_agreed"})
"""Whoever is no provider and says the one says the other: she stays on the waitlist."""


@dataclass(frozen=True)
class Labelled:
    """One mail: who writes, what was asked, and what may come out ("unclear": a careful colleague would ask)."""

    text: str
    role: str
    meant: tuple[str, ...]
    asked: str | None = None
    nasty: bool = False
    names: frozenset[str] = frozenset()
    today: date = TODAY
    code: str = ""
    """How a trajectory turned out, of a mail that tells its outcome."""

    @property
    def sure(self) -> bool:
        """A careful reader would know."""
        return "unclear" not in self.meant


@dataclass(frozen=True)
class Judged:
    """What became of it."""

    mail: Labelled
    got: str
    for_one_case: bool = False
    """Full for the year, of this referral only: the case is full, and no provider is marked."""

    @property
    def verdict(self) -> str:
        """right, asked back, or wrong."""
        same = self.mail.role != "provider" and self.got in ONE_ACT and ONE_ACT.intersection(self.mail.meant)
        if same or self.got in self.mail.meant or (self.for_one_case and "full" in self.mail.meant):
            return "right"
        return "asked back" if self.got == "unclear" else "wrong"

    @property
    def moves_wrongly(self) -> bool:
        """A state would change that should not, or into another one than was meant.

        Full for the school year, read as full, is the same state: the letter that follows offers the rest as a tap.
        Whoever tells the outcome of a trajectory tells that it ended.
        """
        same = (self.got == "full" and "full_for_school_year" in self.mail.meant) or (
            self.got == "completed" and "outcome" in self.mail.meant
        )
        return self.verdict == "wrong" and self.got not in NO_STATE and not same


def development() -> Iterator[Labelled]:
    """The part that the rules are made on; behind "|" stands what is fine too."""
    for path in sorted(HERE.glob("development_answers*.toml")):
        for group in tomllib.loads(path.read_text())["said"]:
            for row in group["texts"]:
                text, _, other = row.partition("|")
                meant = tuple(action for action in f"{group['action']}|{other}".split("|") if action)
                names = frozenset(group.get("names", ()))
                yield Labelled(text, group["role"], meant, group.get("asked"), "nasty" in group, names)


def seen() -> Iterator[Labelled]:
    """What was written without sight of the rules and has been run since: no measure any more, but a hard lesson."""
    return (mail for _, mail in seen_by_file())


def untouched() -> Iterator[Labelled]:
    """The part that no rule was made on: run once per release, and its texts are never printed."""
    return _mails("untouched_answers.toml")


def _mails(file: str) -> Iterator[Labelled]:
    table = tomllib.loads((HERE / file).read_text())
    for mail in table["mail"]:
        meant = (mail["action"], *mail.get("also", ()))
        nasty, today = "careful" in mail, table.get("today", TODAY)
        yield Labelled(
            mail["text"], mail["role"], meant, mail.get("asked"), nasty, today=today, code=mail.get("code", "")
        )


def seen_by_file() -> Iterator[tuple[str, Labelled]]:
    """The same, each with the file that it stands in: a file is a hand of its own."""
    for path in sorted(HERE.glob("seen_answers*.toml")):
        yield from ((path.stem, mail) for mail in _mails(path.name))


def judged(mails: Iterable[Labelled], words: Words = WORDS) -> list[Judged]:
    """Each mail with what we make of it."""
    found = []
    for mail in mails:
        read = read_twice(mail.text, mail.role, words, today=mail.today, asked=mail.asked, names=mail.names)
        if isinstance(read, Understood):
            found.append(Judged(mail, read.action, for_one_case(read).action != read.action))
        else:
            found.append(Judged(mail, "unclear"))
    return found


def at_most(events: int, of: int) -> float:
    """With 95 % confidence the true share is at most this (one-sided, exact: Clopper and Pearson)."""
    low, high = events / of, 1.0
    for _ in range(60):
        share = (low + high) / 2
        fewer, term = 0.0, (1 - share) ** of
        for number in range(events + 1):
            fewer += term
            term *= (of - number) / (number + 1) * share / (1 - share) if share < 1 else 0.0
        low, high = (share, high) if fewer > 0.05 else (low, share)
    return high


def confusion(results: list[Judged]) -> str:
    """A line per role and meaning: how many, right, asked back, wrong; and what the whole is worth."""
    rows: dict[tuple[str, str], Counter[str]] = {}
    for one in results:
        kind = one.mail.meant[0] if one.mail.sure else "to be asked"
        rows.setdefault((one.mail.role, kind), Counter())[one.verdict] += 1
    lines = [f"  {'who':9} {'what is meant':21} {'mails':>5} {'right':>6} {'asked':>6} {'wrong':>6}"]
    for (role, kind), count in sorted(rows.items()):
        right, asked, wrong = (count[verdict] for verdict in ("right", "asked back", "wrong"))
        lines.append(f"  {role:9} {kind:21} {sum(count.values()):5} {right:6} {asked:6} {wrong:6}")
    return "\n".join([*lines, *_worth(results)])


def _worth(results: list[Judged]) -> list[str]:
    sure = [one for one in results if one.mail.sure]
    right, moved = sum(one.verdict == "right" for one in sure), sum(one.moves_wrongly for one in results)
    asked = sum(one.verdict == "asked back" for one in sure)
    unsure = [one for one in results if not one.mail.sure]
    return [
        f"  sure ones: {len(sure)}; right without asking {right} ({right / len(sure):.1%}), asked back {asked}",
        f"  to be asked: {len(unsure)}; left alone {sum(one.verdict == 'right' for one in unsure)}",
        f"  wrong changes of state: {moved} of {len(results)}, with 95 % confidence at most "
        f"{at_most(moved, len(results)):.2%} of such mails",
        "  a change of state read in their stead: "
        + (", ".join(f"{'/'.join(one.mail.meant)} as {one.got}" for one in results if one.moves_wrongly) or "none"),
    ]


def right_of_sure(results: list[Judged]) -> float:
    """The share of the sure ones that is read without asking."""
    sure = [one for one in results if one.mail.sure]
    return sum(one.verdict == "right" for one in sure) / len(sure)
