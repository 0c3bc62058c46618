"""What did this person answer? Certain, or asked back: a wrong state is worse than a question.

A mail is split in sentences and clauses (clauses.py); known phrases are looked up in each (lexicon.py, phrases.py); each
is said, denied, asked, supposed or said in general (statements.py); here they are weighed against each other.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from mailflow.core.dutch_dates import DayRead, Direction, day_in
from mailflow.core.phrases import ACTIONS, Example, Phrase, Words, words_from
from mailflow.core.statements import Heard, Standing, Statement, heard

__all__ = [
    "ACTIONS",
    "Example",
    "Phrase",
    "Unclear",
    "Understood",
    "Words",
    "failing_examples",
    "read_answer",
    "words_from",
]

# Two lines between two phone calls; a mail longer than this is for a person.
LONGEST = 8_000

# fmt: off
# Which decision holds what others say with it: a match without place is the waitlist, whoever started was accepted.
HOLDS: dict[str, frozenset[str]] = {
    "accept":               frozenset({"match"}),
    "started":              frozenset({"match", "accept"}),
    "completed":            frozenset({"started"}),
    "waitlist":             frozenset({"match", "no_place", "full"}),
    "waitlist_agreed":      frozenset({"match", "no_place", "full", "waitlist", "keep"}),
    "full":                 frozenset({"match", "no_place"}),
    "full_for_school_year": frozenset({"match", "no_place", "full"}),
    "no_match":             frozenset({"no_place"}),
    "keep":                 frozenset(),
    "withdraw":             frozenset({"full", "full_for_school_year", "no_match", "no_place", "stop_release"}),
    "elsewhere":            frozenset({"full", "full_for_school_year", "no_match", "no_place", "waitlist", "match"}),
    "stop_release":         frozenset(),
    "confirm":              frozenset(),
    "deny":                 frozenset(),
}
# What somebody who denies the one cannot mean by the other.
ABOUT: dict[str, str] = {
    "accept": "place", "started": "place",
    "waitlist": "waiting", "waitlist_agreed": "waiting", "keep": "waiting",
    "full": "full", "full_for_school_year": "full",
}
# Facts that may stand beside a decision, the weightiest first.
FACTS = (
    "no_show", "paused", "round_table", "callback", "contacted", "hand_over", "status", "supply", "question",
    "acknowledge",
)
# fmt: on
DECISIONS = frozenset(HOLDS) | {"match", "no_place"}
# What a referrer can only report: without "NAFT belde", "volgens de coach" it might be her own wish.
REPORTED = frozenset(
    {
        "accept",
        "waitlist",
        "waitlist_agreed",
        "full",
        "full_for_school_year",
        "no_match",
        "match",
        "no_place",
        "callback",
    }
)
WAS = frozenset({"started", "completed", "contacted", "paused", "no_show"})
CODE_NAMES = {"no_match": "reason", "full": "until", "full_for_school_year": "until"}
SEVERAL_CASES = re.compile(r"\bMSI-\d{4}-\d{3,6}\b|(?<![\d/+])0\d{3}(?=\s?[:=])", re.IGNORECASE)
LABELLED = re.compile(r"^[^\W\d_][\w /()-]{2,40}: ?\S", re.MULTILINE)

# fmt: off
NAMES: dict[str, str] = {
    "accept": "aanvaard", "waitlist": "wachtlijst", "waitlist_agreed": "wachtlijst, afgesproken", "full": "volzet",
    "full_for_school_year": "volzet voor iedereen", "no_match": "geen match", "started": "gestart",
    "completed": "afgerond", "keep": "behouden", "withdraw": "stoppen", "stop_release": "nog niet bezorgen",
    "elsewhere": "liever elders", "confirm": "bevestigen", "deny": "niet van jou", "match": "match",
    "no_place": "geen plaats",
}
# fmt: on


@dataclass(frozen=True, kw_only=True)
class Understood:
    """*action* is the one that moves the state, *also* the other facts of the same mail."""

    action: str
    evidence: str
    """The words of the mail that say so."""
    day: date | None = None
    also: tuple[str, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    """reason (of no_match), until (of full: ISO day or school_year), round_table_on (ISO), day_unclear (Dutch)."""


@dataclass(frozen=True)
class Unclear:
    """Nobody may guess here; *why* is for people."""

    why: str


def read_answer(
    written: str, role: str, words: Words, *, today: date, asked: str | None = None
) -> Understood | Unclear:
    """What *role* (provider, referrer, desk) answers in *written*, or in Dutch why that is not certain.

    *asked* is the action that our last question offered for a yes ("keep", "confirm"): a bare "ja" means that, and
    nothing without it. A bare "nee" is never an action: whether to stop or to look elsewhere, the writer must say.
    """
    if len(written) > LONGEST:
        return Unclear("de mail is te lang om er één antwoord uit te lezen")
    if len({reference.lower() for reference in SEVERAL_CASES.findall(written)}) > 1:
        return Unclear("de mail gaat over meerdere dossiers")
    said = heard(written, words.lexicons[role])
    sure = _sure(said, role, asked)
    decided = _decide(said, sure, role)
    if isinstance(decided, Unclear):
        return decided
    if decided is None:
        return _agreed(said, sure, asked) or _facts_alone(said, sure, written, role, today)
    if _says(said, "?no") and decided.action == asked:
        return Unclear(f"er staat “nee” en ook “{NAMES[decided.action]}”")
    return _understood(decided, said, sure, today)


def failing_examples(words: Words) -> list[str]:
    """The examples of answers.toml that are not read as it says: one English sentence each."""
    some_day = date(2026, 11, 10)
    wrong = []
    for example in _examples(words):
        read = read_answer(example.text, example.role, words, today=some_day, asked=example.asked)
        got = (read.action, *read.also) if isinstance(read, Understood) else ("unclear",)
        if example.action not in got:
            why = f": {read.why}" if isinstance(read, Unclear) else ""
            wrong.append(f"“{example.text}” by the {example.role} reads as {got[0]}, not {example.action}{why}")
    return wrong


def _examples(words: Words) -> list[Example]:
    listed = list(words.examples)
    for phrase in words.phrases:
        for example in phrase.examples:
            text, arrow, action = example.rpartition("->")
            for role in sorted(phrase.roles):
                listed.append(
                    Example(
                        text=(text if arrow else example).strip(),
                        action=action.strip() if arrow else phrase.action,
                        role=role,
                    )
                )
    return listed


def _sure(said: Heard, role: str, asked: str | None) -> dict[str, Statement]:
    """What is firmly said, as this role can mean it; "?reported" where a referrer may mean either."""
    sure = said.sure()
    agreed = _says(said, "?agreements")
    if role != "referrer":
        return _renamed(sure, "waitlist", "waitlist_agreed") if "waitlist" in sure and agreed else sure
    own = {action for action in REPORTED & sure.keys() if not _says(said, "?reports") or sure[action].own}
    if not own:
        return (
            _renamed(sure, "waitlist", "waitlist_agreed") if "waitlist" in sure and (agreed or "keep" in sure) else sure
        )
    if own == {"waitlist"} and asked == "keep":
        return _renamed(sure, "waitlist", "keep")
    if "keep" in sure and own <= {"waitlist", "match"}:
        return {action: statement for action, statement in sure.items() if action not in own}
    # Her own wish, or what the provider said?
    return {**{a: s for a, s in sure.items() if a not in own}, "?reported": sure[min(own)]}


def _renamed(sure: Mapping[str, Statement], old: str, new: str) -> dict[str, Statement]:
    return {**{a: s for a, s in sure.items() if a != old}, new: replace(sure[old], action=new)}


def _decide(said: Heard, sure: Mapping[str, Statement], role: str) -> Statement | Unclear | None:
    """The one decision of the mail; Unclear when there are two, or only half a one; None when there is none."""
    present = {action for action in sure if action in DECISIONS}
    ahead = {
        action
        for action in present - {"match", "no_place"}
        if not any(action in HOLDS[o] for o in present & HOLDS.keys())
    }
    if len(ahead) > 1 or ("accept" in ahead and "no_place" in present):
        named = sorted(NAMES[action] for action in ahead | (present & {"no_place"}))
        return Unclear(f"er staan meerdere antwoorden in: {', '.join(named)}")
    if "?reported" in sure:
        return Unclear(f"is “{sure['?reported'].evidence}” wat de aanbieder zei, of wat je zelf wil?")
    if ahead:
        action = ahead.pop()
        return _contradicted(said, sure[action]) or sure[action]
    return _from_halves(said, sure, role)


def _from_halves(said: Heard, sure: Mapping[str, Statement], role: str) -> Statement | Unclear | None:
    """No whole decision: do a match and the lack of place make one? Else say why the rest is not certain."""
    match, no_place = sure.get("match"), sure.get("no_place")
    offered = said.first(Standing.ASKED).get("waitlist") if role == "provider" else None
    half = no_place or match
    if half and ((match and no_place) or offered):
        waitlist = Statement("waitlist", "", Standing.SURE, half.evidence, half.sentence)
        return _contradicted(said, waitlist) or waitlist
    if no_place:
        return Unclear("geen plaats: is het wachtlijst of volzet?")
    if match:
        return Unclear("een match: is er plaats, of wordt het de wachtlijst?")
    for standing, why in (
        (Standing.PERHAPS, "“{}” is niet zeker gezegd"),
        (Standing.DENIED, "“{}” zegt wat het niet is, maar niet wat het wel is"),
        (Standing.ASIDE, "“{}” lijkt niet over deze aanmelding te gaan"),
    ):
        for action, statement in said.first(standing).items():
            if action in DECISIONS and not _is_promised(sure, statement):
                return Unclear(why.format(statement.evidence))
    return None


def _is_promised(sure: Mapping[str, Statement], statement: Statement) -> bool:
    """It is the condition of a promise: "we bellen terug zodra er plaats is"."""
    return "callback" in sure and sure["callback"].sentence == statement.sentence


def _contradicted(said: Heard, decided: Statement) -> Unclear | None:
    """What else the mail says that makes this decision uncertain."""
    action, about = decided.action, ABOUT.get(decided.action, decided.action)
    for denied in said.first(Standing.DENIED):
        if ABOUT.get(denied, denied) == about:
            return Unclear(f"“{NAMES[denied]}” staat er ook met “niet” of “geen”")
    for perhaps in said.first(Standing.PERHAPS):
        other = ABOUT.get(perhaps, perhaps)
        if (
            perhaps in DECISIONS - HOLDS[action]
            and other != about
            and not (other == "place" and about in ("waiting", "full", "no_match"))
        ):
            return Unclear(f"“{NAMES[action]}” en misschien ook “{NAMES[perhaps]}”")
    if decided.strange > STRANGE.get(action, 0):
        return Unclear(f"“{decided.evidence}”: daar staat meer dan ik zeker begrijp")
    weak = [text for number, text in said.weakened if number == decided.sentence and action not in LIKE_NO]
    if weak:
        return Unclear(f"“{NAMES[action]}”, maar ook “{weak[0]}”")
    if against := (*said.contrasts, *said.turned):
        return Unclear(f"“{NAMES[action]}”, maar ook “{against[0]}”")
    if _says(said, "?corrections") and len(said.sure().keys() & DECISIONS) > 1:
        return Unclear("je verbetert iets, en er staan meerdere antwoorden in")
    return None


def _agreed(said: Heard, sure: Mapping[str, Statement], asked: str | None) -> Understood | Unclear | None:
    """A bare yes or no, which means something only to a question of ours."""
    clear = not (said.doubtful or said.loose or said.asks or sure.keys() - {"acknowledge"})
    clear = (
        clear
        and not _says(said, "?setbacks")
        and not set(said.openers) & {"maar", "doch", "echter"}
        and not said.first(Standing.DENIED)
    )
    if _says(said, "?no") and not sure.keys() - {"acknowledge"}:
        return Unclear(
            "er staat “nee”: wil je stoppen, of liever ergens anders aanmelden?" if asked else "er staat alleen “nee”"
        )
    if not _says(said, "?yes"):
        return None
    if asked is None and not sure.keys() - {"acknowledge"} and not said.asks:
        # "Ok, bedankt" only thanks; "ja" alone answers a question that we did not ask.
        return None if "acknowledge" in sure else Unclear("er staat alleen “ja”")
    if asked and clear and said.beside == 0 and not _only_thanks(said, sure):
        return Understood(action=asked, evidence=said.sentences[0].text.strip()[:200])
    if sure.keys() - {"acknowledge"} or (said.asks and not asked):
        return None
    return Unclear("“ja”, maar de rest van de mail maakt dat onzeker")


# A decision may stand in a clause with so many words that we do not know; none where nothing is said here.
STRANGE: dict[str, int] = {"no_match": 1, "elsewhere": 1, "stop_release": 8}
# A loose "niet" in their own sentence does not take these back.
LIKE_NO = frozenset({"full", "full_for_school_year", "no_match", "deny", "stop_release"})
MOST_UNKNOWN_BESIDE_THANKS = 25


def _only_thanks(said: Heard, sure: Mapping[str, Statement]) -> bool:
    """ "Ok, bedankt" thanks, and "ja, ik bel je" promises: neither says yes to what we asked."""
    thanks = sure.get("acknowledge")
    return thanks is not None and (bool(thanks.code) or not _firm(said))


def _firm(said: Heard) -> bool:
    """Does the yes stand first, and as a real one: "ja", "graag", "akkoord" and not just "ok"?"""
    first = next((clause for sentence in said.sentences for clause in sentence.clauses if clause.words), None)
    return first is not None and first.words[0] in ("ja", "jazeker", "zeker", "graag", "akkoord", "jawel", "oui", "yes")


def _facts_alone(
    said: Heard, sure: Mapping[str, Statement], written: str, role: str, today: date
) -> Understood | Unclear:
    facts = [fact for fact in FACTS if fact in sure]
    if "acknowledge" in facts and (said.loose or said.unknown > MOST_UNKNOWN_BESIDE_THANKS):
        facts.remove("acknowledge")
    if said.asks and "question" not in facts and facts != ["status"]:
        facts.insert(len([fact for fact in facts if fact != "acknowledge"]), "question")
    if not facts and role in ("referrer", "desk") and LABELLED.search(written):
        return Understood(action="supply", evidence=written.strip().split("\n")[0][:200])
    if not facts:
        return Unclear("er staat geen antwoord in dat ik ken")
    action = facts[0]
    statement = sure.get(action) or Statement(action, "", Standing.SURE, said.asks[0][:200], 0)
    return _understood(statement, said, sure, today)


def _understood(decided: Statement, said: Heard, sure: Mapping[str, Statement], today: date) -> Understood | Unclear:
    action = decided.action
    day = _day(said, action, decided, today)
    if action in ("started", "completed") and day.day and day.day > today:
        return Unclear(f"“{NAMES[action]}”, maar die dag moet nog komen")
    facts = [fact for fact in FACTS if fact in sure and fact not in (action, "acknowledge")]
    if said.asks and action != "question" and "question" not in facts and not _is_offer(said, action):
        facts.append("question")
    others = sorted(sure.keys() & (DECISIONS - {"match", "no_place", action}))
    codes = _codes(said, action, day)
    if "round_table" in facts and (on := _day(said, "round_table", sure["round_table"], today).day):
        codes["round_table_on"] = on.isoformat()
    return Understood(
        action=action, evidence=decided.evidence.strip(), day=day.day, also=(*others, *facts), codes=codes
    )


def _is_offer(said: Heard, action: str) -> bool:
    """The one question is the offer of the waitlist itself."""
    return action == "waitlist" and len(said.asks) == 1 and "waitlist" in said.first(Standing.ASKED)


def _day(said: Heard, action: str, decided: Statement, today: date) -> DayRead:
    """The day in the sentences that say so."""
    direction = Direction.BACK if action in WAS else Direction.AHEAD
    places = sorted({s.sentence for s in said.statements if s.action == action and s.standing is Standing.SURE})
    if action in ("question", "status", "acknowledge", "supply", "hand_over"):
        return DayRead()
    beside = {s.sentence for s in said.statements if s.action in ("round_table", "contacted") and s.action != action}
    if beside & {decided.sentence, *places}:
        return day_in(decided.evidence, today, direction)
    return day_in(". ".join(said.sentences[place].text for place in places or [decided.sentence]), today, direction)


def _codes(said: Heard, action: str, day: DayRead) -> dict[str, str]:
    codes = {}
    for statement in said.statements:
        if statement.code and statement.standing is Standing.SURE and statement.action in CODE_NAMES:
            codes[CODE_NAMES[statement.action]] = statement.code
    if action == "full" and day.day:
        codes["until"] = day.day.isoformat()
    if action not in CODE_NAMES:
        codes = {}
    if day.why:
        codes["day_unclear"] = day.why
    return codes


def _says(said: Heard, marker: str) -> bool:
    return marker in said.colours
