"""What was found in one clause, and which of its words nothing explains."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from mailflow.core.clauses import Clause
from mailflow.core.frames import strange_object
from mailflow.core.lexicon import Hit, Lexicon

# Colours whose words need no further explanation.
FULLY_KNOWN = frozenset({"?yes", "?no", "?agreements", "?reports", "?corrections", "?setbacks", "?horizons"})
# So many strange words change nothing in a clause whose writer says what he does himself.
OWN_BEARS = 1
# In one clause the first explains the second away: "er komt geen plaats vrij", "tijdelijk stopgezet".
OUTWEIGHS = (("no_place", "accept"), ("paused", "completed"), ("no_show", "started"))
# Verbs that open a supposition without "als".
INVERTED = frozenset({
    "wil", "willen", "wilt", "wenst", "wensen", "ziet", "zien", "kan", "kunnen", "kiest", "kiezen", "gaat", "gaan",
    "blijft", "blijven", "komt", "lukt", "past", "is", "zijn", "moest", "moesten", "mocht", "mochten", "heeft",
    "hebben",
})  # fmt: skip


@dataclass(frozen=True, eq=False)
class Read:
    """A clause with what was found in it; the same words further on are another one."""

    clause: Clause
    said: tuple[Hit, ...]
    colours: tuple[Hit, ...]

    @property
    def phrases(self) -> tuple[Hit, ...]:
        """What it says about the case, without the half that another one of the same clause explains."""
        named = {hit.meaning for hit in self.said}
        hidden = {weaker for stronger, weaker in OUTWEIGHS if stronger in named}
        return tuple(hit for hit in self.said if not hit.meaning.startswith("?") and hit.meaning not in hidden)

    def count(self, marker: str) -> int:
        """How often it holds that meaning or marker."""
        return self._counts.get(marker, 0)

    @cached_property
    def _counts(self) -> Mapping[str, int]:
        return Counter(hit.meaning for hit in (*self.said, *self.colours))


class Reads(tuple[Read, ...]):
    """The clauses of one sentence as read. A hostile one has thousands: what is asked for each of them is kept."""

    @cached_property
    def meanings(self) -> frozenset[str]:
        """Every meaning and marker in it."""
        return frozenset(hit.meaning for read in self for hit in (*read.said, *read.colours))

    @cached_property
    def supposes(self) -> bool:
        """Is there an "als" that only the order of the words says: "willen ze wachten, dan schrijven we haar in"?"""
        opened = False
        for words in (one.clause.words for one in self):
            opens = words[0] in INVERTED if words else False
            opened = opened or opens
            if opened and "dan" in (words[2:] if opens else words[:1]):
                return True
        return False

    def place(self, read: Read) -> int:
        """Where that clause stands."""
        return self._places[read]

    def holds(self, marker: str, start: int, end: int) -> bool:
        """Has any clause from *start* up to *end* that marker?"""
        places = self.holding(marker)
        return bisect_left(places, start) < bisect_left(places, end)

    def holding(self, marker: str) -> Sequence[int]:
        """The places of the clauses with that marker."""
        if marker not in self._held:
            self._held[marker] = [at for at, read in enumerate(self) if read.count(marker)]
        return self._held[marker]

    def last_turn(self, turns: frozenset[str], until: int) -> int:
        """The place of the last clause, at most *until*, that one of these words joins to the others; 0: none."""
        if turns not in self._turns:
            self._turns[turns] = [0, *(at for at in range(1, len(self)) if self[at].clause.opener in turns)]
        places = self._turns[turns]
        return places[bisect_right(places, until) - 1]

    def since(self, start: int) -> "Reads":
        """The sentence from that place on."""
        if start not in self._rests:
            self._rests[start] = Reads(self[start:]) if start else self
        return self._rests[start]

    @cached_property
    def _places(self) -> Mapping[Read, int]:
        return {read: at for at, read in enumerate(self)}

    @cached_property
    def _held(self) -> dict[str, list[int]]:
        return {}

    @cached_property
    def _turns(self) -> dict[frozenset[str], list[int]]:
        return {}

    @cached_property
    def _rests(self) -> "dict[int, Reads]":
        return {}


def read_clauses(clauses: Sequence[Clause], lexicon: Lexicon) -> Reads:
    """Each clause with what is found in it; "we" of one may still be the subject of the next."""
    reads: list[Read] = []
    known: dict[tuple[object, ...], tuple[tuple[Hit, ...], tuple[Hit, ...]]] = {}  # a hostile mail says one thing often
    for clause in clauses:
        goes_on = bool(reads) and reads[-1].count("?firsts") > 0
        key = clause.words, clause.names, clause.text[:1].isupper(), goes_on
        if key not in known:
            said, colours = lexicon.hits(clause, goes_on=goes_on)
            known[key] = tuple(said), tuple(colours)
        reads.append(Read(clause, *known[key]))
    return Reads(reads)


def unknown(read: Read, lexicon: Lexicon) -> int:
    """How many words of the clause are no name, nothing plain and part of no phrase."""
    return len(unknown_places(read, lexicon))


def unknown_places(read: Read, lexicon: Lexicon) -> list[int]:
    """Where those words stand."""
    return [at for at in left_at(read, FULLY_KNOWN) if not lexicon.is_plain(read.clause.words[at])]


def beside_yes(read: Read, lexicon: Lexicon) -> int:
    """The same beside a bare yes, where only politeness counts for nothing, and that somebody agrees."""
    thanks = any(hit.meaning == "acknowledge" and not hit.code for hit in read.said)
    if thanks or (read.count("?agreements") and not read.count("?negations")):
        return unknown(read, lexicon)
    return sum(not lexicon.is_filler(word) for word in left(read, FULLY_KNOWN - {"?reports"}))


def left(read: Read, known: frozenset[str]) -> list[str]:
    """The words of the clause that are no name and part of no phrase; *known* colours explain their own."""
    return [read.clause.words[at] for at in left_at(read, known)]


def left_at(read: Read, known: frozenset[str]) -> list[int]:
    """Where those words stand."""
    taken = {at for hit in read.said for at in hit.at}
    taken |= {at for hit in read.colours if hit.meaning in known for at in hit.at}
    words = enumerate(read.clause.words)
    return [at for at, word in words if at not in taken and word not in read.clause.names]


def bears(hit: Hit, read: Read, lexicon: Lexicon) -> bool:
    """Is the frame so whole that the words beside it can change nothing?"""
    unknown = unknown_places(read, lexicon)
    words = list(read.clause.words)
    return len(unknown) <= hit.bears and not strange_object(read.clause, words, unknown, pupil=hit.pupil)


def strange_beside(hit: Hit, read: Read, lexicon: Lexicon) -> int:
    """How many words that we do not know weigh on *hit*: those before its end, where "we" stands, one less.

    "Door langdurige ziekte kunnen wij geen trajecten opstarten"; but "we zitten vol vragen".
    """
    if bears(hit, read, lexicon):
        return 0
    places = unknown_places(read, lexicon)
    heavy = lexicon.listed("loaded") | lexicon.listed("adverse")
    end = hit.at[0] if hit.meaning == "accept" else hit.at[-1]  # between may stand what it is about
    before = all(place < end and read.clause.words[place] not in heavy for place in places)
    known = not strange_object(read.clause, list(read.clause.words), places, pupil=False)
    return max(0, len(places) - OWN_BEARS) if before and known and read.count("?firsts") else len(places)
