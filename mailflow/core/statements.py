"""What does each clause of a mail state, and how firmly? Said, denied, asked, perhaps, or in general."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from mailflow.core.clauses import Clause, Joints, Sentence, sentences_of
from mailflow.core.lexicon import Hit, Lexicon

# These stand whatever the sentence around them asks, doubts or supposes.
ALWAYS = frozenset({"status", "acknowledge", "question"})
# "Als je wil zetten we hem op de wachtlijst": an offer is made under the other's consent by its nature.
OFFERED = frozenset({"waitlist", "match", "no_place", "full"})
# A promise may hang on a condition: "zodra er plaats is, bellen we terug".
PROMISES = frozenset({"callback", "acknowledge"})
# What happened or will, apart from any decision: only its own clause can make it doubtful.
PLAIN_FACTS = frozenset({"contacted", "round_table", "no_show", "paused", "hand_over"})
# Whatever is named behind these does not make them somebody else's.
FREE_OF_OTHERS = PLAIN_FACTS | {"no_match", "full", "acknowledge", "callback", "stop_release", "no_place", "match"}
# Colours whose words need no further explanation.
FULLY_KNOWN = frozenset({"?yes", "?no", "?agreements", "?reports", "?corrections", "?setbacks"})
# What makes a sentence less than certain.
DOUBTS = ("?doubts", "?near_doubts", "?conditions")
# Holding back can do no harm: a doubt or a polite question does not weaken it.
HARMLESS = frozenset({"stop_release"})


class Standing(Enum):
    """How firmly something is said."""

    SURE = "sure"
    DENIED = "denied"
    ASKED = "asked"
    PERHAPS = "perhaps"
    ASIDE = "aside"
    """In general, or about somebody else."""


@dataclass(frozen=True)
class Statement:
    """One phrase that was found."""

    action: str
    evidence: str
    code: str = ""
    standing: Standing = Standing.SURE
    sentence: int = 0
    strange: int = 0
    """How many words of its clause belong to nothing we know: much may hang on them."""
    own: bool = False
    """The writer speaks of himself ("we hebben plaats") and reports nobody else's words."""


@dataclass(frozen=True)
class Heard:
    """Everything that a mail states, before it is weighed."""

    sentences: tuple[Sentence, ...]
    statements: tuple[Statement, ...]
    colours: frozenset[str]
    """The lists whose words are said, not asked, denied, doubted or supposed: "?reports", "?agreements", "?yes"."""
    loose: tuple[tuple[int, str], ...]
    """Clauses with a negation that belongs to nothing we know, each with the number of its sentence."""
    against: tuple[str, ...]
    """Clauses after "maar" that may take back what was said: a loose negation, or words that we do not know."""
    unread: tuple[str, ...]
    """Clauses, not asked, with a word like "wachtlijst" in words around it that we do not know."""
    asks: tuple[str, ...]
    """The sentences that ask something."""
    hedged: bool
    """Somewhere stands a doubt, a condition or a "maar"."""
    unknown: int
    """How many words belong to nothing we know."""
    beside: int
    """How many words are neither a phrase nor politeness, in the sentences of a yes: a bare one has none."""
    apart: bool
    """There are other sentences than those of the yes, and they hold words."""

    def first(self, standing: Standing) -> dict[str, Statement]:
        """Of each action the statement with that standing that holds the fewest strange words."""
        found: dict[str, Statement] = {}
        for statement in self.statements:
            if statement.standing is standing:
                known = found.get(statement.action)
                if known is None or statement.strange < known.strange:
                    found[statement.action] = statement
        return found

    def says(self, name: str) -> bool:
        """Is a word of that list of answers.toml said?"""
        return f"?{name}" in self.colours


@dataclass(frozen=True)
class _Read:
    """A clause with what was found in it."""

    clause: Clause
    said: tuple[Hit, ...]
    colours: tuple[Hit, ...]

    @property
    def phrases(self) -> tuple[Hit, ...]:
        return tuple(hit for hit in self.said if not hit.meaning.startswith("?"))

    def count(self, marker: str) -> int:
        return sum(hit.meaning == marker for hit in (*self.said, *self.colours))


def heard(text: str, lexicon: Lexicon, names: frozenset[str] = frozenset()) -> Heard:
    """Every statement of *text*, in its order; *names* are those of the people of its case, lower case."""
    sentences = sentences_of(text, Joints(lexicon.listed("joints"), lexicon.listed("orders")), names)
    contrasts = lexicon.listed("contrasts")
    statements: list[Statement] = []
    loose: list[tuple[int, str]] = []
    against: list[str] = []
    unread: list[str] = []
    asks: list[str] = []
    reads: list[_Read] = []
    colours: set[str] = set()
    hedged = apart = False
    beside = 0
    for number, sentence in enumerate(sentences):
        clauses = [_read(clause, lexicon) for clause in sentence.clauses]
        asked = sentence.question or _opens_a_question(clauses, lexicon)
        doubtful = any(read.count(doubt) for read in clauses for doubt in DOUBTS)
        hedged = hedged or doubtful or any(read.clause.opener in contrasts for read in clauses)
        if asked:
            asks.append(sentence.text.strip())
        else:
            colours |= _said_colours(clauses, firm=not doubtful)
        agrees = any(read.count("?yes") for read in clauses)
        more = sum(_beside(read, lexicon) for read in clauses)
        beside += more if agrees else sum(_unknown(read, lexicon) for read in clauses)
        apart = apart or (more > 0 and not agrees)
        for read in clauses:
            found = _statements(read, clauses, number, lexicon, asked=asked)
            statements += found
            denied = read.count("?negations") > 0 and not read.phrases and not asked
            if denied:
                loose.append((number, read.clause.text))
            if not (asked or read.phrases or read.count("?idioms")) and lexicon.deciders.intersection(
                read.clause.words
            ):
                unread.append(read.clause.text)
            if _is_against(read, found, lexicon, denied=denied, first=not reads):
                against.append(read.clause.text)
            reads.append(read)
    return Heard(
        sentences=sentences,
        statements=tuple(statements),
        colours=frozenset(colours),
        loose=tuple(loose),
        against=tuple(against),
        unread=tuple(unread),
        asks=tuple(asks),
        hedged=hedged,
        unknown=sum(_unknown(read, lexicon) for read in reads),
        beside=beside,
        apart=apart,
    )


def _read(clause: Clause, lexicon: Lexicon) -> _Read:
    said, colours = lexicon.hits(clause)
    return _Read(clause, tuple(said), tuple(colours))


def _is_against(read: _Read, found: Sequence[Statement], lexicon: Lexicon, *, denied: bool, first: bool) -> bool:
    """May this clause take back what another said: "maar niet voor haar", "maar de moeder heeft afgezegd", "nee"?"""
    if read.clause.opener in lexicon.listed("contrasts"):
        firm = any(statement.standing is Standing.SURE for statement in found)
        return denied or (_unknown(read, lexicon) > 0 and not firm)
    return bool(read.count("?no")) and not first and not read.phrases and _unknown(read, lexicon) == 0


def _statements(
    read: _Read, sentence: Sequence[_Read], number: int, lexicon: Lexicon, *, asked: bool
) -> list[Statement]:
    strange = _unknown(read, lexicon)
    before = sentence[: sentence.index(read) + 1]
    own = read.count("?firsts") > 0 and not any(one.count("?reports") for one in before)
    return [
        Statement(
            action=hit.meaning,
            evidence=read.clause.text[:200],
            code=hit.code,
            standing=_standing(hit, read, sentence, asked=asked),
            sentence=number,
            strange=strange,
            own=own,
        )
        for hit in read.phrases
    ]


def _said_colours(sentence: Sequence[_Read], *, firm: bool) -> set[str]:
    """The colours that count: a report must not be denied, an agreement must be firm and nobody else's.

    Who agrees in the first person becomes "?own agreements": "oké voor ons" of a provider is no yes of the referrer.
    """
    found: set[str] = set()
    for read in sentence:
        denied = read.count("?negations") > 0
        others = read.count("?others") > 0 and not read.count("?firsts")
        dropped = {"?reports"} if denied else set()
        if denied or others or not firm:
            dropped.add("?agreements")
        named = {hit.meaning for hit in read.colours} - dropped
        if "?agreements" in named and read.count("?selves"):
            named = named - {"?agreements"} | {"?own agreements"}
        found |= named
    return found


def _standing(hit: Hit, read: _Read, sentence: Sequence[_Read], *, asked: bool) -> Standing:
    """How firmly this phrase is said: the first row that holds."""
    around = {one.meaning for clause in sentence for one in (*clause.said, *clause.colours)}
    action = hit.meaning
    if action in ALWAYS:
        return Standing.SURE
    if "?asides" in around:
        return Standing.ASIDE
    if asked:
        return Standing.SURE if action in HARMLESS else Standing.ASKED
    if read.clause.quoted or _about_others(hit, read):
        return Standing.PERHAPS
    if _is_passed_over(hit, read) or any(one.count("?retractions") for one in sentence[sentence.index(read) :]):
        return Standing.ASIDE
    if any(one.meaning == "?otherwise" and one.at[0] == 0 for one in read.colours):
        return Standing.PERHAPS
    if read.count("?negations"):
        alone = read.count("?negations") == 1 and len(read.phrases) == 1
        return Standing.DENIED if alone else Standing.PERHAPS
    if action in PLAIN_FACTS:
        return Standing.PERHAPS if read.count("?conditions") or read.count("?doubts") else Standing.SURE
    if action not in ("started", "completed") and any(
        one.meaning == "?pasts" and one.at[0] not in hit.at for one in read.colours
    ):
        return Standing.ASIDE
    if action not in PROMISES and "?conditions" in around:
        return Standing.PERHAPS
    if "?consents" in around and action not in OFFERED | PROMISES:
        return Standing.PERHAPS
    if ("?doubts" in around or read.count("?near_doubts")) and action not in HARMLESS:
        return Standing.PERHAPS
    if "?setbacks" in around and action in ("accept", "started", "keep"):
        return Standing.PERHAPS
    return Standing.SURE


def _about_others(hit: Hit, read: _Read) -> bool:
    """Somebody else stands before the phrase and the writer does not: "de school heeft het voorstel aanvaard"."""
    places = [one.at[0] for one in read.colours if one.meaning == "?others" and one.at[0] not in hit.at]
    before = any(place < hit.at[0] for place in places) and not read.count("?selves")
    return before or (hit.meaning not in FREE_OF_OTHERS and any(place > hit.at[0] for place in places))


def _is_passed_over(hit: Hit, read: _Read) -> bool:
    """What stands behind "dan" is not what is wanted: "liever op de wachtlijst dan ergens anders te beginnen"."""
    words = read.clause.words
    if "dan" not in words or hit.at[0] < (than := words.index("dan")):
        return False
    return any(one.meaning == "?preferences" and one.at[0] < than for one in (*read.said, *read.colours))


def _opens_a_question(clauses: Sequence[_Read], lexicon: Lexicon) -> bool:
    """Without a question mark: "Kan je laten weten …", after the greetings."""
    for read in clauses:
        start = next((at for at, word in enumerate(read.clause.words) if not lexicon.is_filler(word)), None)
        if start is not None and any(hit.meaning == "?questions" and hit.at[0] <= start for hit in read.colours):
            return True
    return False


def _unknown(read: _Read, lexicon: Lexicon) -> int:
    """How many words of the clause are no name, nothing plain and part of no phrase."""
    return sum(not lexicon.is_plain(word) for word in _left(read, FULLY_KNOWN))


def _beside(read: _Read, lexicon: Lexicon) -> int:
    """The same beside a bare yes, where only politeness counts for nothing, and that somebody agrees."""
    thanks = any(hit.meaning == "acknowledge" and not hit.code for hit in read.said)
    if thanks or (read.count("?agreements") and not read.count("?negations")):
        return _unknown(read, lexicon)
    return sum(not lexicon.is_filler(word) for word in _left(read, FULLY_KNOWN - {"?reports"}))


def _left(read: _Read, known: frozenset[str]) -> list[str]:
    """The words of the clause that are no name and part of no phrase; *known* colours explain their own."""
    taken = {at for hit in read.said for at in hit.at}
    taken |= {at for hit in read.colours if hit.meaning in known for at in hit.at}
    words = enumerate(read.clause.words)
    return [word for at, word in words if at not in taken and word not in read.clause.names]
