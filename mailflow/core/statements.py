"""What does each clause of a mail state, and how firmly? Said, denied, asked, perhaps, or in general."""

from collections.abc import Sequence
from dataclasses import dataclass

from mailflow.core.clause_reads import Read, Reads, beside_yes, read_clauses, strange_beside, unknown
from mailflow.core.clauses import Joints, Sentence, sentences_of
from mailflow.core.lexicon import ATTEMPTS, Lexicon
from mailflow.core.standing import CLB, CONTRASTS, Standing, is_former, is_passed_over, places_of, standing_of

# So many strange words behind a "maar" may take back what stands before it, whatever they are.
STRANGE_CONTRAST = 2
# A clause of so many words with a "nee" behind a decision takes it back: "allez nee".
SHORT_NO = 3
STILL_TO_DO = frozenset({"moet", "nog"})
# Faces of who means the opposite, or does not know.
WRY = frozenset("🙄🤔😏😒🤷🙃🤨")
AGREED = frozenset({"akkoord", "gaat", "ermee", "daarmee", "mee", "ook", "volledig", "helemaal"})
REASONS = frozenset({"want", "omdat", "aangezien"})
# What makes a sentence less than certain.
DOUBTS = ("?doubts", "?near_doubts", "?modest", "?wishes", "?conditions")


@dataclass(frozen=True)
class Statement:
    """One phrase that was found."""

    action: str
    evidence: str
    code: str = ""
    standing: Standing = Standing.SURE
    sentence: int = 0
    place: int = 0
    """Which clause of the mail says it."""
    strange: int = 0
    """How many words of its clause belong to nothing we know: much may hang on them."""
    own: bool = False
    """The writer speaks of himself ("we hebben plaats") and reports nobody else's words."""


@dataclass(frozen=True)
class Loose:
    """A clause with a "niet" or "geen" of its own, and where the next "maar" of its sentence stands."""

    sentence: int
    place: int
    text: str
    until: int
    """What stands from that clause on is said in spite of it."""
    why: bool = False
    """It gives the reason of what stands before it: "want andere dagen doe ik niet"."""


@dataclass(frozen=True)
class Heard:
    """Everything that a mail states, before it is weighed."""

    sentences: tuple[Sentence, ...]
    statements: tuple[Statement, ...]
    colours: frozenset[str]
    """The lists whose words are said, not asked, denied, doubted or supposed: "?reports", "?agreements", "?yes"."""
    reported: int
    """The first sentence that names who said it, past the last one when none does."""
    loose: tuple["Loose", ...]
    """Clauses with a negation that belongs to nothing we know."""
    against: tuple[tuple[int, str], ...]
    """Clauses after "maar", each with its place, that may take back what was said: a loose "niet", or strange words."""
    unread: tuple[str, ...]
    """Clauses, not asked, with a word like "wachtlijst" in words around it that we do not know."""
    left: tuple[tuple[int, str], ...]
    """Clauses that nothing explains and that hold a word which a decision could hang on, each with its place."""
    unsettled: tuple[str, ...]
    """Clauses that make everything else in the mail uncertain: "onder voorbehoud", "dat klopt niet"."""
    settled: tuple[str, ...]
    """In a mail that names the CLB, clauses with a word of assent: that it agrees may be what they say."""
    asks: tuple[str, ...]
    """The sentences that ask something."""
    hedged: bool
    """Somewhere stands a doubt, a condition or a "maar"."""
    unknown: int
    """How many words belong to nothing we know."""
    beside: int
    """How many words are neither a phrase nor politeness, in the sentences of a yes: a bare one has none."""
    horizon: str
    """Until when something is so: "school_year" for the rest of it, "day" for any other, "" when nobody says it."""
    apart: bool
    """There are other sentences than those of the yes, and they hold words."""
    attempts: tuple[int, ...]
    """The places of the clauses that tell of somebody who was not reached."""

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


def heard(text: str, lexicon: Lexicon, names: frozenset[str] = frozenset()) -> Heard:
    """Every statement of *text*, in its order; *names* are those of the people of its case, lower case."""
    joints = Joints(lexicon.listed("joints"), lexicon.listed("orders"), lexicon.spelling)
    sentences = sentences_of(text, joints, names)
    statements: list[Statement] = []
    loose: list[Loose] = []
    against: list[tuple[int, str]] = []
    unread: list[str] = []
    left: list[tuple[int, str]] = []
    unsettled: list[str] = sorted(WRY.intersection(text))
    settled: list[str] = []
    asks: list[str] = []
    reads: list[Read] = []
    colours: set[str] = set()
    parts: list[tuple[Reads, bool]] = []
    hedged, apart, beside, reported = False, False, 0, len(sentences)
    for number, sentence in enumerate(sentences):
        clauses = read_clauses(sentence.clauses, lexicon)
        asked = sentence.question or _opens_a_question(clauses, lexicon)
        present = [read for read in clauses if not is_former(read, clauses)]
        doubtful = any(hit.meaning in DOUBTS and not is_passed_over(hit, read) for read in present for hit in read.said)
        hedged = hedged or doubtful or any(read.clause.opener in lexicon.listed("contrasts") for read in present[1:])
        if asked:
            asks.append(sentence.text.strip())
        else:
            firm = not (doubtful or clauses.supposes or any(read.count("?consents") for read in present))
            said = _said_colours(present, firm=firm)
            colours |= said
            reported = min(reported, number if "?reports" in said else reported)
        agrees = any(read.count("?yes") for read in present)
        more = sum(beside_yes(read, lexicon) for read in clauses)
        beside += more if agrees else sum(unknown(read, lexicon) for read in clauses)
        apart = apart or (more > 0 and not agrees)
        for read in clauses:
            found = _statements(read, clauses, (number, len(reads)), lexicon, asked=asked)
            statements += found
            former = is_former(read, clauses)
            denied = read.count("?negations") > 0 and not (read.phrases or asked or former)
            if denied:
                loose.append(_loose(read, clauses, (number, len(reads))))
            silent = not (asked or former or read.phrases or read.count("?idioms"))
            if read.count("?unsettling") and not former:
                unsettled.append(read.clause.text)
            if lexicon.listed("assents").intersection(read.clause.words) and not (asked or _is_open(clauses)):
                settled.append(read.clause.text)
            if silent and lexicon.deciders.intersection(read.clause.words):
                unread.append(read.clause.text)
            if silent and _is_loaded(read, lexicon):
                left.append((len(reads), read.clause.text))
            if _is_against(read, found, lexicon, denied=denied, first=not reads) or _takes_back(
                read, first=not reads or read is not clauses[0]
            ):
                against.append((len(reads), read.clause.text))
            reads.append(read)
        parts.append((clauses, asked))
    return Heard(
        sentences=sentences,
        statements=tuple(statements),
        colours=frozenset(colours),
        reported=reported,
        loose=tuple(loose),
        against=tuple(against),
        unread=tuple(unread),
        left=tuple(left),
        unsettled=tuple(unsettled),
        settled=tuple(settled) if _names_the_referrer(reads, lexicon) else (),
        asks=tuple(asks),
        hedged=hedged,
        unknown=sum(unknown(read, lexicon) for read in reads),
        beside=beside,
        horizon=_horizon(reads),
        apart=apart,
        attempts=places_of(ATTEMPTS, parts),
    )


def _is_open(sentence: Sequence[Read]) -> bool:
    """Does the sentence say that something is still to come: a "nog niet", an "als"?"""
    marks = ("?negations", "?conditions", "?consents", "?doubts", "?near_doubts", "?modest")
    still = any(STILL_TO_DO.issubset(read.clause.words) for read in sentence)
    return still or any(read.count(mark) for read in sentence for mark in marks)


def _names_the_referrer(reads: Sequence[Read], lexicon: Lexicon) -> bool:
    return any(lexicon.listed("referrers").intersection(read.clause.words) for read in reads)


def _is_loaded(read: Read, lexicon: Lexicon) -> bool:
    """Does it deny, doubt or oppose something that a decision could hang on, in words that we do not know?"""
    if not lexicon.listed("loaded").intersection(read.clause.words) or not unknown(read, lexicon):
        return False
    if read.count("?generals") or read.count("?horizons"):
        return False
    opposed = read.clause.opener in lexicon.listed("contrasts")
    return opposed or any(read.count(mark) for mark in ("?negations", "?conditions", "?doubts", "?modest"))


def _horizon(reads: Sequence[Read]) -> str:
    found = [read for read in reads if read.count("?horizons") and not read.count("?pasts")]
    return "school_year" if found else ""


def _is_against(read: Read, found: Sequence[Statement], lexicon: Lexicon, *, denied: bool, first: bool) -> bool:
    """May this clause take back what another said: "maar niet voor haar", "maar de moeder heeft afgezegd", "nee"?"""
    if read.clause.opener in lexicon.listed("contrasts"):
        firm = any(statement.standing is Standing.SURE for statement in found)
        adverse = lexicon.listed("adverse") | lexicon.listed("loaded")
        unsure = any(read.count(doubt) for doubt in DOUBTS) or adverse.intersection(read.clause.words)
        strange = unknown(read, lexicon)
        return denied or (not firm and (strange > STRANGE_CONTRAST or (strange > 0 and bool(unsure))))
    short = len(read.clause.words) <= SHORT_NO or unknown(read, lexicon) == 0
    return bool(read.count("?no")) and not first and not read.phrases and short


def _takes_back(read: Read, *, first: bool) -> bool:
    """A sentence that begins with "of": "We starten maandag. Of toch, dat hopen we"."""
    return not first and not read.clause.opener and read.clause.words[:1] == ("of",)


def _statements(read: Read, sentence: Reads, at: tuple[int, int], lexicon: Lexicon, *, asked: bool) -> list[Statement]:
    own = read.count("?firsts") > 0 and not sentence.holds("?reports", 0, sentence.place(read) + 1)
    return [
        Statement(
            action=hit.meaning,
            evidence=read.clause.text[:200],
            code=hit.code,
            standing=standing_of(hit, read, sentence, asked=asked),
            sentence=at[0],
            place=at[1],
            strange=strange_beside(hit, read, lexicon),
            own=own,
        )
        for hit in read.phrases
    ]


def _said_colours(sentence: Sequence[Read], *, firm: bool) -> set[str]:
    """The colours that count: a report must not be denied, an agreement must be firm and nobody else's.

    Who agrees in the first person becomes "?own agreements": "oké voor ons" of a provider is no yes of the referrer.
    """
    found: set[str] = set()
    for before, read in zip((None, *sentence), sentence, strict=False):
        denied = read.count("?negations") > 0
        others = read.count("?others") > 0 and not read.count("?firsts")
        dropped = {"?reports"} if denied else set()
        if denied or others or not firm:
            dropped.add("?agreements")
        named = {hit.meaning for hit in read.colours} - dropped
        if before and firm and _agrees_too(before, read):
            named.add("?agreements")
        framed = any(hit.framed and hit.meaning == "?agreements" for hit in read.colours)  # it names who agrees
        if "?agreements" in named and read.count("?selves") and not framed:
            named = named - {"?agreements"} | {"?own agreements"}
        found |= named
    return found


def _agrees_too(before: Read, read: Read) -> bool:
    """ "Het CLB is op de hoogte en akkoord": who agrees stands in the clause before."""
    known = CLB.intersection(before.clause.words) and not {"niet", "geen", "nog"}.intersection(before.clause.words)
    return read.clause.opener == "en" and bool(known) and set(read.clause.words) <= AGREED


def _loose(read: Read, sentence: Reads, at: tuple[int, int]) -> Loose:
    until = at[1] + _contrast_after(read, sentence)
    return Loose(at[0], at[1], read.clause.text, until, why=_is_why(read, sentence))


def _is_why(read: Read, sentence: Reads) -> bool:
    """Does it stand behind a "want" or "omdat", and behind no "maar" after that?"""
    openers = [one.clause.opener for one in sentence[: sentence.place(read) + 1]]
    turns = [opener for opener in openers if opener in REASONS or opener in CONTRASTS]
    return turns[-1:] != [] and turns[-1] in REASONS


def _contrast_after(read: Read, sentence: Reads) -> int:
    """How many clauses further the next "maar" of the sentence stands; many when there is none."""
    rest = sentence[sentence.place(read) + 1 :]
    return next((far for far, one in enumerate(rest, 1) if one.clause.opener in CONTRASTS), 1_000)


def _opens_a_question(clauses: Sequence[Read], lexicon: Lexicon) -> bool:
    """Without a question mark: "Kan je laten weten …", after the greetings."""
    for read in clauses:
        start = next((at for at, word in enumerate(read.clause.words) if not lexicon.is_filler(word)), None)
        if start is not None and any(hit.meaning == "?questions" and hit.at[0] <= start for hit in read.colours):
            return True
    return False
