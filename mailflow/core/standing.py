"""How firmly is a phrase said? Said, denied, asked, perhaps, or about something else: the first row that holds."""

from collections.abc import Sequence
from enum import Enum

from mailflow.core.clause_reads import Read, Reads
from mailflow.core.lexicon import Hit

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
# What may well be said in general.
GENERAL = frozenset({"full", "full_for_school_year"})
# Holding back can do no harm: a doubt or a polite question does not weaken it.
HARMLESS = frozenset({"stop_release"})
# "We denken dat het geen match is" is a no, politely; "we denken dat hij kan starten" is no yes.
MODEST = HARMLESS | {"no_match", "decline"}
# What the referrer decides because somebody wants it: "mama wil dat hij op de lijst blijft".
WISHED = frozenset({"keep", "withdraw", "elsewhere", "waitlist_agreed", "stop_release"})
# What a "dus" may conclude from a wish or a doubt about something else.
CONCLUDED = frozenset({"waitlist", "waitlist_agreed", "full", "full_for_school_year", "no_match", "no_place"})
# "Pas in maart plaats" is no place now.
HALF_NO = frozenset({"no_place"})
# What somebody else did or may says nothing about the pupil.
OF_THE_PUPIL = frozenset({"accept", "started", "completed", "waitlist", "waitlist_agreed", "paused", "no_show"})
# An order stands by itself: "trek de aanmelding maar in, misschien komen we later terug".
ORDERS = frozenset({"withdraw", "elsewhere"})
NO_ORDER = frozenset({"mag", "mogen", "kan", "kunnen"})
# Who waits is the family: "de ouders gaan akkoord om te wachten" is the CLB's yes.
FAMILY = frozenset({"ouders", "mama", "papa", "moeder", "vader", "gezin", "oma", "opa"})
# Who wants to try elsewhere, wants to.
TRIED = frozenset({"elsewhere"})
# The code of words that ask politely for what only their writer decides: "kan het dossier naar een ander project?"
REQUEST = "request"
CONTRASTS = frozenset({"maar", "doch", "echter"})
# What stands before these is only why: "we konden een andere jongere verschuiven, waardoor er voor Jana plaats is".
RESULTS = CONTRASTS | {"dus", "waardoor", "zodat", "daarom"}
# With these in its clause, an assent of the family is that of the CLB too: "CLB en ouders gaan akkoord".
CLB = frozenset({"clb", "aanmelder", "aanmeldster"})


class Standing(Enum):
    """How firmly something is said."""

    SURE = "sure"
    DENIED = "denied"
    ASKED = "asked"
    PERHAPS = "perhaps"
    ASIDE = "aside"
    """In general, or about somebody else."""


def standing_of(hit: Hit, read: Read, sentence: Reads, *, asked: bool) -> Standing:
    """How firmly this phrase is said: the first row that holds."""
    action = hit.meaning
    beside = Reads((read,)) if action in ORDERS and _is_order(hit, read) else _from_contrast(read, sentence)
    supposed = _from_contrast(read, sentence)
    if action in CONCLUDED and read.clause.opener in RESULTS:
        beside = supposed = Reads((read,))  # "ik zou graag meteen starten, dus ..." is only why
    around = beside.meanings
    if action in ALWAYS or hit.code == REQUEST:
        return Standing.SURE
    if asked or any(one.meaning == "?whethers" and one.at[0] < hit.at[-1] for one in read.colours):
        requested = asked and "?requests" in sentence.meanings
        return Standing.SURE if action in HARMLESS and requested else Standing.ASKED
    heard = _from(RESULTS, read, sentence) if action not in ORDERS else beside
    aside = any(
        one.meaning == "?asides" and not (heard[at] is read and _is_within(one, hit))
        for at in heard.holding("?asides")
        for one in (*heard[at].said, *heard[at].colours)
    )
    if action in OF_THE_PUPIL and read.count("?strangers"):
        return Standing.ASIDE  # "er is een meisje gestopt, dus ..."
    if aside and not ("?generals" in around and action in GENERAL):
        return Standing.ASIDE
    if read.clause.quoted or _about_others(hit, read):
        return Standing.PERHAPS
    if (
        is_former(read, sentence)
        or is_passed_over(hit, read)
        or sentence.holds("?retractions", sentence.place(read), len(sentence))
    ):
        return Standing.ASIDE
    if any(one.meaning == "?otherwise" and one.at[0] == 0 for one in read.colours):
        return Standing.PERHAPS
    if read.count("?negations"):
        decisions = [one for one in read.phrases if one.meaning not in PLAIN_FACTS | PROMISES | ALWAYS]
        alone = read.count("?negations") == 1 and decisions in ([hit], [])
        return Standing.DENIED if alone else Standing.PERHAPS
    if action in PLAIN_FACTS:
        return Standing.PERHAPS if read.count("?conditions") or read.count("?doubts") else Standing.SURE
    past = any(one.meaning == "?pasts" and one.at[0] not in hit.at for one in read.colours)
    if past and action not in ("started", "completed") and not read.count("?reports"):
        return Standing.ASIDE
    if action == "accept" and read.count("?horizons"):
        return Standing.PERHAPS  # "in september kan hij wel starten"
    if action not in PROMISES and _is_conditional(read, supposed):
        return Standing.PERHAPS
    if action not in OFFERED | PROMISES and ("?consents" in around or sentence.supposes):
        return Standing.PERHAPS
    if ("?modest" in around and action not in MODEST) or ("?wishes" in around and action not in WISHED):
        return Standing.PERHAPS
    near = read.count("?near_doubts") and action not in TRIED | HALF_NO
    if ("?doubts" in around or near) and action not in HARMLESS:
        return Standing.PERHAPS
    if "?setbacks" in around and action in ("accept", "started", "keep"):
        return Standing.PERHAPS
    return Standing.SURE


def _is_within(one: Hit, hit: Hit) -> bool:
    """Is *one* a part of what the phrase *hit* says: "graag een andere aanbieder"?"""
    shared = set(hit.at).intersection(one.at)
    return shared == set(one.at) or (bool(shared) and hit.meaning in TRIED)


def _is_order(hit: Hit, read: Read) -> bool:
    """Does the phrase open its clause with a verb, as an order does? In "mag weg" who may stands before."""
    return bool(hit.at) and hit.at[0] == 0 and read.clause.words[0] not in NO_ORDER


def is_former(read: Read, sentence: Reads) -> bool:
    """Is it what was so before a "maar" of this sentence: "eerst dachten we aan de wachtlijst, maar …"?"""
    place = sentence.place(read)
    if sentence.last_turn(CONTRASTS, len(sentence)) <= place:
        return False
    behind = sentence[place + 1].clause
    if behind.opener == "maar" and behind.words[:1] == ("wel",) and read.count("no_place"):
        return True  # "geen plaats op maandag, maar wel op donderdag"
    return sentence.holds("?formerly", sentence.last_turn(CONTRASTS, place), place + 1)


def places_of(marker: str, sentences: Sequence[tuple[Reads, bool]]) -> tuple[int, ...]:
    """The places in the mail of the clauses with that marker, in sentences that ask nothing; not what was so before."""
    found: list[int] = []
    first = 0
    for clauses, asked in sentences:
        told = clauses.holding(marker) if not asked else ()
        found += [first + at for at in told if not is_former(clauses[at], clauses)]
        first += len(clauses)
    return tuple(found)


def _is_conditional(read: Read, beside: Reads) -> bool:
    """Does it hang on an "als" beside it? Not on that of a promise: "en we bellen zodra er plaats is"."""
    return any(beside[at] is read or not beside[at].count("callback") for at in beside.holding("?conditions"))


def _from_contrast(read: Read, sentence: Reads) -> Reads:
    """What may colour this clause: not what stands before its own "maar" ("we zouden graag, maar we zijn volzet")."""
    return _from(CONTRASTS, read, sentence)


def _from(turns: frozenset[str], read: Read, sentence: Reads) -> Reads:
    """The sentence from the last of these turns before this clause."""
    return sentence.since(sentence.last_turn(turns, sentence.place(read)))


def _about_others(hit: Hit, read: Read) -> bool:
    """Somebody else stands before the phrase and the writer does not: "de school heeft het voorstel aanvaard"."""
    if hit.meaning == "round_table":
        return False  # they sit round it
    places = [one.at[0] for one in read.colours if one.meaning == "?others" and one.at[0] not in hit.at]
    if hit.meaning == "keep" or (hit.meaning == "waitlist_agreed" and CLB.intersection(read.clause.words)):
        places = [place for place in places if read.clause.words[place] not in FAMILY]
    before = any(place < hit.at[0] for place in places) and not read.count("?selves")
    return before or (hit.meaning not in FREE_OF_OTHERS and any(place > hit.at[0] for place in places))


def is_passed_over(hit: Hit, read: Read) -> bool:
    """What stands behind "dan" is not what is wanted: "liever op de wachtlijst dan ergens anders te beginnen"."""
    words = read.clause.words
    if "dan" not in words or hit.at[-1] < (than := words.index("dan")):
        return False
    return any(one.meaning == "?preferences" and one.at[0] < than for one in (*read.said, *read.colours))
