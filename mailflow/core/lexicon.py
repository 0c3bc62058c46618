"""Where do known phrases stand in a clause? Whole words, gaps of a few words, small typing errors in long words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from sys import intern

from rapidfuzz.distance import OSA

from mailflow.core.clauses import Clause
from mailflow.core.frames import NO_FRAMES, Frames
from mailflow.core.spelling import Spelling, words_of

GAP = "…"
MOST_IN_GAP = 6
# Only long words may hold a typing error: "gestart" and "gestopt" are one letter apart.
TYPO_FROM = 8
TWO_TYPOS_FROM = 12
# Shorter words may be anything.
SHORTEST_BARE = 4
# Words that are idioms and colours at once: in "geen gehoor" nothing is denied, and nobody was reached.
ATTEMPTS = "?attempts"
# These count even where a frame needs the same words: "ik contacteer hem als er plaats is".
STUBBORN = frozenset({"?conditions", "?doubts", "?modest", "?wishes"})
# A phrase of more words than these bears one that we do not know for each.
SHORT = 3
# What a mail must not hold unread.
DECIDING = frozenset({"accept", "waitlist", "full", "match"})
# Markers that exclude other readings of the same words, and those that only colour them.
EXCLUSIVE = ("idioms", "negations", "conditions", "doubts", "near_doubts", "modest", "wishes", "consents")
BESIDE = (
    "asides", "pasts", "others", "selves", "firsts", "reports", "agreements", "questions", "yes", "no", "setbacks",
    "corrections", "preferences", "retractions", "otherwise",
    "horizons", "generals", "whethers", "refers", "formerly", "reasons", "unsettling", "requests",
    "strangers", "attempts", "unasked",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pattern:
    """One phrase as words; GAP stands for up to MOST_IN_GAP others."""

    meaning: str
    code: str
    words: tuple[str, ...]
    whole: bool
    rank: int
    """Among equally long ones the higher wins: an idiom before a phrase before a marker."""


@dataclass(frozen=True)
class Hit:
    """A phrase found in a clause, at the places of its own words."""

    meaning: str
    code: str
    at: tuple[int, ...]
    bears: int = 0
    """How many words that we do not know may stand beside it."""
    pupil: bool = False
    """It names whom it is about."""
    framed: bool = False
    """Found by its words alone, in whatever order."""


@dataclass(frozen=True)
class Lexicon:
    """The phrases of one role."""

    phrases: Mapping[str, tuple[Pattern, ...]]
    """By first word: what excludes other readings."""
    colours: Mapping[str, tuple[Pattern, ...]]
    """By first word: what does not."""
    lists: Mapping[str, frozenset[str]]
    long_words: tuple[str, ...] = ()
    known: frozenset[str] = field(default_factory=frozenset)
    deciders: frozenset[str] = field(default_factory=frozenset)
    """Words that decide a referral all by themselves: "aanvaard", "wachtlijst"."""
    frames: Frames = NO_FRAMES
    spelling: Spelling = field(default_factory=Spelling)

    @staticmethod
    def of(
        said: Iterable[tuple[str, str, str]],
        lists: Mapping[str, tuple[str, ...]],
        frames: Frames = NO_FRAMES,
        spelling: Spelling | None = None,
    ) -> "Lexicon":
        """From (action, code, words) and the word lists; markers get their list's name with "?" before it."""
        patterns = [_pattern(action, code, words, rank=1) for action, code, words in dict.fromkeys(said)]
        for name in EXCLUSIVE:
            rank = 2 if name == "idioms" else 0
            patterns += [_pattern(f"?{name}", "", words, rank=rank) for words in dict.fromkeys(lists.get(name, ()))]
        # The "geen" of "geen gehoor" denies nothing else; the same words as a phrase come before it.
        no = frozenset(lists.get("negations", ()))
        denying = (words for words in dict.fromkeys(lists.get("attempts", ())) if no.intersection(words_of(words)))
        patterns += [_pattern("?idioms", "", words, rank=1) for words in denying]
        beside = [(name, words) for name in BESIDE for words in dict.fromkeys(lists.get(name, ()))]
        colours = [_pattern(f"?{name}", "", words, rank=0) for name, words in beside]
        every = {word for pattern in (*patterns, *colours) for word in pattern.words} | frames.words
        single = {name: frozenset(word for one in words for word in words_of(one)) for name, words in lists.items()}
        return Lexicon(
            phrases=_by_first(patterns),
            colours=_by_first(colours),
            lists=single,
            long_words=tuple(sorted(word for word in every if len(word) >= TYPO_FROM)),
            deciders=frozenset(p.words[0] for p in patterns if p.meaning in DECIDING and len(p.words) == 1),
            frames=frames,
            spelling=spelling or Spelling(),
            known=frozenset(every).union(*(single.get(name, frozenset()) for name in ("known", "fillers", "plain"))),
        )

    def hits(self, clause: Clause, *, goes_on: bool = False) -> tuple[list[Hit], list[Hit]]:
        """What the clause says, longest phrases first and none overlapping; and beside it, what colours it.

        *goes_on*: the clause before it spoke of the provider, who may be the subject of this one too.
        """
        words = [self.spelled(word) for word in clause.words]
        taken: set[int] = set()
        said: list[Hit] = []
        found = [
            (self._order(words, pattern, at), Hit(pattern.meaning, pattern.code, at))
            for pattern, at in self._found(words, self.phrases, clause.names)
        ]
        found += [
            (
                self._rank(words, one.at, 1),
                Hit(one.frame.meaning, one.frame.code, one.at, one.bears, one.pupil, framed=True),
            )
            for one in self.frames.filled(clause, words, goes_on=goes_on, idle=self.listed("fillers"), known=self.known)
        ]
        whole = {(hit.meaning, hit.code): hit for _, hit in found if hit.bears}
        for _, hit in sorted(found, key=lambda one: one[0]):
            if hit.meaning.startswith("?") and hit.meaning[1:] in BESIDE:
                continue
            if not taken.intersection(hit.at):
                taken.update(hit.at)
                framed = whole.get((hit.meaning, hit.code), hit)
                bears = max(framed.bears, len(hit.at) - SHORT)
                said.append(replace(hit, bears=bears, pupil=framed.pupil))
        solid = {place for hit in said if not hit.framed or hit.meaning == "?consents" for place in hit.at}
        heard = frozenset(said)
        said += [
            hit for _, hit in found if hit.meaning in STUBBORN and hit not in heard and not solid.intersection(hit.at)
        ]
        idle = {place: hit.at for hit in said if hit.meaning == "?idioms" for place in hit.at}
        colours = [
            Hit(pattern.meaning, pattern.code, at)
            for pattern, at in self._found(words, self.colours)
            if not (_is_part(at, idle) if pattern.meaning == ATTEMPTS else idle.keys() >= {*at})
        ]
        colours += [hit for _, hit in found if hit.meaning[1:] in BESIDE and idle.keys().isdisjoint(hit.at)]
        return sorted(said, key=lambda hit: hit.at), colours

    def _order(self, words: list[str], pattern: Pattern, at: tuple[int, ...]) -> tuple[bool, int, int, tuple[int, ...]]:
        return self._rank(words, at, pattern.rank)

    def _rank(self, words: list[str], at: tuple[int, ...], rank: int) -> tuple[bool, int, int, tuple[int, ...]]:
        """Longest first, but "geen plaats" (or "pas plaats") before a "we hebben … plaats" with it in the gap."""
        no = self.listed("negations") | self.listed("delays")
        denied = any(words[n] in no for n in range(at[0], at[-1]) if n not in at)
        return denied, -len(at), -rank, at

    def spelled(self, word: str) -> str:
        """The long word of ours that a typing error was made in, when it can only be that one; else the word."""
        if word in self.known or not word.isalpha():
            return word
        if len(word) >= SHORTEST_BARE and (whole := self._in_full(word)):
            return whole
        if len(word) < TYPO_FROM - 1:
            return word
        close = [ours for ours in self.long_words if ours[0] == word[0] and self._distance(word, ours)]
        return close[0] if len(close) == 1 else word

    def _in_full(self, word: str) -> str:
        """What "willn" and "kome" are in full, when we know it."""
        full = f"{word[:-1]}en" if word.endswith("n") else f"{word}n" if word.endswith("e") else ""
        return full if full in self.known else ""

    def _distance(self, word: str, ours: str) -> bool:
        most = 2 if len(ours) >= TWO_TYPOS_FROM else 1
        return OSA.distance(word, ours, score_cutoff=most) <= most

    def is_filler(self, word: str) -> bool:
        """Greetings, politeness, numbers and hours ("13u30", "3de"), which change no meaning."""
        return word in self.listed("fillers") or word[0].isdigit()

    def is_plain(self, word: str) -> bool:
        """A word that nothing hangs on; a compound is what its last part is: "dinsdagvoormiddag", "groepswerking"."""
        return self.is_filler(word) or word in self.listed("plain") or word.endswith(self._heads)

    @cached_property
    def _heads(self) -> tuple[str, ...]:
        return tuple(self.listed("compounds"))

    def listed(self, name: str) -> frozenset[str]:
        """The single words of a word list."""
        return self.lists.get(name, frozenset())

    def _found(
        self, words: list[str], patterns: Mapping[str, tuple[Pattern, ...]], names: frozenset[str] = frozenset()
    ) -> Iterator[tuple[Pattern, tuple[int, ...]]]:
        there = {*words}
        for start, word in enumerate(words):
            for pattern in patterns.get(word, ()):
                at = _places(pattern.words, words, start) if pattern.words[-1] in there else None
                if at and (not pattern.whole or self._is_all(words, at, names)):
                    yield pattern, at

    def _is_all(self, words: list[str], at: tuple[int, ...], names: frozenset[str]) -> bool:
        """Is the rest of the clause filler, a negation, a name before it, or a date behind ("aanvaard vanaf 1/3")?"""
        no = self.listed("negations")
        before, after = words[: at[0]], words[at[-1] + 1 :]
        while after and (self.is_filler(after[0]) or after[0] in no):
            after = after[1:]
        leads = self.listed("leads")
        named = names if "voor" in words[at[-1] + 1 :] else frozenset()  # "wachtlijst voor Elien"
        dated = all(word in leads or word in named or self.is_filler(word) or word[0].isdigit() for word in after)
        return dated and all(self.is_filler(word) or word in no or word in names for word in before)


@lru_cache(maxsize=16_384)  # the roles have most of them in common
def _pattern(meaning: str, code: str, text: str, *, rank: int) -> Pattern:
    whole = text.startswith("=")
    words: list[str] = []
    for number, part in enumerate(text.removeprefix("=").split(GAP)):
        words += [GAP] * (number > 0) + [intern(word) for word in words_of(part)]
    return Pattern(meaning, code, tuple(words), whole, rank)


def _by_first(patterns: Iterable[Pattern]) -> dict[str, tuple[Pattern, ...]]:
    by_first: dict[str, list[Pattern]] = {}
    for pattern in patterns:
        by_first.setdefault(pattern.words[0], []).append(pattern)
    return {word: tuple(listed) for word, listed in by_first.items()}


def _is_part(at: tuple[int, ...], idle: Mapping[int, tuple[int, ...]]) -> bool:
    """Does an idiom say more than the words at *at*: "na drie keer voicemail"? *idle*: by place the idiom there."""
    return {*at} < {*idle.get(at[0], ())}


def _places(pattern: tuple[str, ...], words: list[str], start: int) -> tuple[int, ...] | None:
    """Where each fixed word of *pattern* stands from *start* on, gaps taken as short as possible."""
    at: list[int] = []
    position, slack = start, 0
    for wanted in pattern:
        if wanted == GAP:
            slack = MOST_IN_GAP
            continue
        if slack:
            window = words[position : position + slack + 1]
            if wanted not in window:
                return None
            position += window.index(wanted)
        elif position >= len(words) or words[position] != wanted:
            return None
        at.append(position)
        position, slack = position + 1, 0
    return tuple(at)
