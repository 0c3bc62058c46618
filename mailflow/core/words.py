"""Which words mean what: answers.toml as values, and the lexicon that each role is read with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from mailflow.core.certainty import CERTAIN, DOUBTFUL
from mailflow.core.frames import SUBJECT, Frame, Frames, option_of
from mailflow.core.lexicon import Lexicon
from mailflow.core.spelling import Spelling, words_of

if TYPE_CHECKING:  # numpy comes with it, which whoever weighs nothing need not wait for
    from mailflow.core.second_reader import SecondReader

ROLES = ("provider", "referrer", "desk")
FIRSTS = "vooraan"
"""The slot of verbs that begin a clause whose subject is left out."""


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """Words that mean an action when *roles* write them; answers.toml holds them with examples."""

    action: str
    roles: frozenset[str]
    """provider, referrer, desk."""
    words: tuple[str, ...]
    """"=gestart" must be the whole clause; in "kan … starten" at most six words stand for the dots."""
    examples: tuple[str, ...] = ()
    """What these roles write; read as *action*, or as X when the example ends in "-> X"."""
    code: str = ""
    """A reason of no_match or the end of full, which comes back in Understood.codes."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """A sentence that must be read so: the tests of answers.toml that belong to no single phrase."""

    text: str
    action: str
    role: str = "provider"
    asked: str | None = None


@dataclass(frozen=True, kw_only=True)
class Framed:
    """A frame (frames.py) with who may write it and examples as those of a phrase."""

    frame: Frame
    roles: frozenset[str]
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Words:
    """Everything answers.toml says."""

    phrases: tuple[Phrase, ...] = ()
    negations: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The other lists of words, by the names in LISTS."""
    examples: tuple[Example, ...] = ()
    slots: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    frames: tuple[Framed, ...] = ()
    spelling: Spelling = field(default_factory=Spelling)
    second: "SecondReader | None" = None
    """Who reads the whole mail beside these wordings; without it they decide alone."""
    certain: float = CERTAIN
    """From which likelihood on the second reader may tell what no wording knows (certainty.py: of some less)."""
    doubtful: float = DOUBTFUL
    """Below which likelihood by the second reader what the wordings say is asked back."""

    @cached_property
    def lexicons(self) -> Mapping[str, Lexicon]:
        """Per role, the phrases ready to be looked up."""
        return {role: self._lexicon(role) for role in ROLES}

    @cached_property
    def promised(self) -> frozenset[str]:
        """The sentences that stand as an example here, word by word: they are read as it says, whoever doubts it."""
        examples = [one.text for one in self.examples]
        examples += [text for phrase in self.phrases for text in phrase.examples]
        examples += [text for frame in self.frames for text in frame.examples]
        return frozenset(" ".join(words_of(text.partition("->")[0])) for text in examples)

    def _lexicon(self, role: str) -> Lexicon:
        standard = self.spelling.dialect.standard
        said = [(p.action, p.code, standard(words)) for p in self.phrases if role in p.roles for words in p.words]
        lists = {**self.extra, "negations": self.negations, "conditions": self.conditions}
        lists = {name: tuple(standard(word) or word for word in words) for name, words in lists.items()}
        return Lexicon.of(said, lists, self._frames(role), self.spelling)

    def _frames(self, role: str) -> Frames:
        """Who the provider is depends on who writes: "we" of its own coach, "ze" or "NAFT" of anybody else."""
        named = {"provider": ("zelf",), "referrer": ("gemeld",), "desk": ("zelf", "gemeld")}[role]
        subject = tuple(word for one in named for word in self.slots.get(f"{SUBJECT}_{one}", ()))
        slots = {**self.slots, SUBJECT: subject}
        return Frames(
            frames=tuple(one.frame for one in self.frames if role in one.roles),
            slots={
                name: tuple(option_of(self.spelling.dialect.standard(word)) for word in words)
                for name, words in slots.items()
                if name != FIRSTS
            },
            firsts=frozenset(self.slots.get(FIRSTS, ())) if role == "provider" else frozenset(),
        )
