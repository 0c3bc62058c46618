"""What did this person answer? Certain, or asked back: a wrong state is worse than a question.

A mail is split in sentences and clauses (clauses.py); known phrases are looked up in each (lexicon.py, phrases.py);
each is said, denied, asked, supposed or said in general (statements.py); then they are weighed together (weighing.py).
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from mailflow.core.attempts import tried_in_vain, with_attempt
from mailflow.core.dutch_dates import DayRead, Direction, day_in
from mailflow.core.phrases import ACTIONS, words_from
from mailflow.core.spelling import words_of
from mailflow.core.standing import Standing
from mailflow.core.statements import Heard, Statement, heard
from mailflow.core.understood import ATTEMPTED, BARE_YES, THIS_REFERRAL, Unclear, Understood, for_one_case
from mailflow.core.weighing import DECISIONS, FULLS, HALVES, NAMES, decision_in, spoken_of, sure_of
from mailflow.core.words import Phrase, Words

__all__ = [
    "ACTIONS",
    "DECISIONS",
    "Phrase",
    "Unclear",
    "Understood",
    "Words",
    "for_one_case",
    "read_answer",
    "words_from",
]

# Two lines between two phone calls; a mail longer than this is for a person.
LONGEST = 8_000
# A thank-you note of more words than this may well say something.
LONGEST_THANKS = 25
# "Ze is terug op school" answers how it ended; among more words it may be why somebody stops.
LONGEST_OUTCOME = 3
# Facts that may stand beside a decision, the weightiest first.
FACTS = (
    "no_show", "paused", "round_table", "callback", "contacted", "outcome", "feedback", "reopen", "think", "ongoing",
    "places_again", "hand_over", "status", "copy", "supply", "question", "acknowledge",
)  # fmt: skip
# These change nothing, so that nothing is lost when their writer wavers.
HARMLESS_FACTS = frozenset({"question", "status", "copy", "acknowledge", "supply", "think", "contacted", "callback"})
WITHOUT_DAY = frozenset({
    "outcome", "feedback", "reopen", "think", "ongoing", "places_again", "hand_over", "status", "copy", "supply",
    "question", "acknowledge",
})  # fmt: skip
WAS = frozenset({"started", "completed", "contacted", "paused", "no_show"})
# So many lines "Label: value" supply data; a provider gives none, and the desk notes calls: "Tel. coach: ze nemen hem".
LABELS_OF = {"referrer": 1, "desk": 2}
# How many words that we do not know a fact that moves the state bears beside it.
STRANGE_FACT = {"no_show": 0, "paused": 2}
CODE_NAMES = {"no_match": "reason", "full": "until", "full_for_school_year": "until"}
FIRM_YES = frozenset({"ja", "jaa", "jaaa", "jazeker", "zeker", "graag", "akkoord", "jawel", "oui", "yes"})
SEVERAL_CASES = re.compile(
    r"\bMSI-\d{4}-\d{3,6}\b|(?<![\d/+])0\d{3}(?=\s?[:=]| en 0\d{3}\b|, ?0\d{3}\b)", re.IGNORECASE
)
# "Vanaf 1 december volzet": from when, not until when.
FROM_THEN = re.compile(r"\b(?:vol|volzet) vanaf\b|\bvanaf\b[^,.;:!?]{1,40}\b(?:vol|volzet)\b", re.IGNORECASE)
LABELLED = re.compile(r"^([^\W\d_][\w /()-]{2,40}?) ?[:=] ?\+?\w", re.MULTILINE)


def read_answer(
    written: str,
    role: str,
    words: Words,
    *,
    today: date,
    asked: str | None = None,
    names: frozenset[str] = frozenset(),
) -> Understood | Unclear:
    """What *role* (provider, referrer, desk) answers in *written*, or in Dutch why that is not certain.

    *asked* is the action that our last question offered for a yes ("keep", "confirm"): a bare "ja" means that, and
    nothing without it. A bare "nee" is never an action: whether to stop or to look elsewhere, the writer must say.
    *names* (lower case) are names of people of the case, which some write without a capital.
    """
    if why := unreadable(written):
        return why
    return by_rules(written, heard(written, words.lexicons[role], names), role, words, today=today, asked=asked)


def unreadable(written: str) -> Unclear | None:
    """Why nobody may read one answer out of so much, or None."""
    if len(written) > LONGEST:
        return Unclear("de mail is te lang om er één antwoord uit te lezen")
    if len({reference.lower() for reference in SEVERAL_CASES.findall(written)}) > 1:
        return Unclear("de mail gaat over meerdere dossiers")
    return None


def by_rules(
    written: str, said: Heard, role: str, words: Words, *, today: date, asked: str | None
) -> Understood | Unclear:
    """What the wordings of answers.toml make of *written*, of which *said* was heard."""
    read = _read(written, said, role, words, today=today, asked=asked)
    return replace(read, likely=spoken_of(said)) if isinstance(read, Unclear) else read


def taken_as(
    action: str, said: Heard, sentence: int, role: str, *, today: date, codes: Mapping[str, str]
) -> Understood | Unclear:
    """*action*, as the sentence of that number says it, with its day, the facts beside it, and its or these codes."""
    sure = with_attempt(said, sure_of(said, role, None))
    sure = {one: statement for one, statement in sure.items() if one == action or one not in DECISIONS}
    action = "callback" if action == "contacted" and tried_in_vain(said) else action
    statement = Statement(action, said.sentences[sentence].text.strip()[:200], sentence=sentence)
    read = _understood(statement, said, sure, today)
    return replace(read, codes={**codes, **read.codes}) if isinstance(read, Understood) else read


def _read(
    written: str, said: Heard, role: str, words: Words, *, today: date, asked: str | None
) -> Understood | Unclear:
    sure = sure_of(said, role, asked)
    decided = decision_in(said, sure, role)
    if isinstance(decided, str):
        return Unclear(decided)
    sure = with_attempt(said, sure)  # it decides nothing: a call back that is promised may
    if decided is None:
        return _agreed(said, sure, asked) or _fact(said, sure, today) or _nothing_known(written, said, role, words)
    if said.says("no") and decided.action == asked and not _refuses_the_other(said, asked):
        return Unclear(f"er staat “nee” en ook “{NAMES[decided.action]}”")
    return _understood(decided, said, sure, today)


def _agreed(said: Heard, sure: Mapping[str, Statement], asked: str | None) -> Understood | Unclear | None:
    """A bare yes or no, which means something only to a question of ours; None when there is more to read."""
    more = sure.keys() - {"acknowledge"}
    if said.says("no") and not more:
        return Unclear("er staat “nee”: wil je stoppen, liever ergens anders aanmelden, of nog iets anders?")
    if not said.says("yes") or more or (said.asks and not asked):
        return None
    if asked is None and _labels(said):
        return None
    if asked is None:
        # "Ok, bedankt" only thanks; "ja" alone answers a question that we did not ask.
        return None if "acknowledge" in sure else BARE_YES
    hedged = (
        said.unsettled or said.hedged or said.loose or said.asks or said.says("setbacks") or said.first(Standing.DENIED)
    )
    decides = any(statement.action in DECISIONS for statement in said.statements)
    if hedged or decides or said.beside or _only_thanks(said, sure) or (said.apart and not _firm(said)):
        return Unclear("“ja”, maar de rest van de mail maakt dat onzeker")
    also = ("question",) if said.asks else ()
    return Understood(action=asked, evidence=said.sentences[0].text.strip()[:200], also=also)


def _refuses_the_other(said: Heard, asked: str) -> bool:
    """ "Nee, niet schrappen": the no is to what would undo what we asked."""
    if "withdraw" in said.first(Standing.DENIED):
        return True
    return any(one.action == asked and "niet" in words_of(one.evidence) for one in said.statements)


def _labels(said: Heard) -> bool:
    """Two lines "Label: value" at least: the "ja" in them is a value."""
    return sum(bool(LABELLED.match(sentence.text.strip())) for sentence in said.sentences) > 1


def _only_thanks(said: Heard, sure: Mapping[str, Statement]) -> bool:
    """ "Ok, bedankt" thanks, and "ja, ik bel je" promises: neither says yes to what we asked."""
    thanks = sure.get("acknowledge")
    return thanks is not None and (bool(thanks.code) or not _firm(said))


def _firm(said: Heard) -> bool:
    """The mail begins with a yes that leaves no doubt, or says for whom: "oké voor ons"."""
    first = next((w for sentence in said.sentences for clause in sentence.clauses for w in clause.words), "")
    return first in FIRM_YES or said.says("own agreements")


def _fact(said: Heard, sure: Mapping[str, Statement], today: date) -> Understood | Unclear | None:
    """No decision: the weightiest fact of the mail, if there is one."""
    facts = {fact for fact in FACTS if fact in sure}
    for fact in sorted(facts - HARMLESS_FACTS):
        if sure[fact].strange > STRANGE_FACT.get(fact, 1_000):
            return Unclear(f"“{sure[fact].evidence}”: daar staat meer dan ik zeker begrijp")
        after = [text for place, text in said.against if place > sure[fact].place]
        if against := (*said.unsettled, *after):
            return Unclear(f"“{sure[fact].evidence}”, maar ook “{against[0]}”")
    if said.loose or said.unknown > LONGEST_THANKS:
        facts.discard("acknowledge")
    if said.unknown > LONGEST_OUTCOME and "outcome" in facts:
        return Unclear(f"“{sure['outcome'].evidence}”: is het traject afgerond?")
    if said.asks and "status" not in facts:
        facts.add("question")
    for action in FACTS:
        if action in facts:
            if said.unread and action in ("supply", "question", "acknowledge") and not said.asks:
                return Unclear(f"“{said.unread[0]}”: is dat een antwoord op deze aanmelding?")
            question = said.asks[0][:200] if said.asks else ""
            return _understood(sure.get(action) or Statement(action, question), said, sure, today)
    return None


def _nothing_known(written: str, said: Heard, role: str, words: Words) -> Understood | Unclear:
    """Lines "Label: value" of a referrer supply data; anything else is asked about."""
    labels = words.lexicons[role].listed("labels")
    labelled = sum(bool(labels.intersection(words_of(label))) for label in LABELLED.findall(written))
    if labelled >= LABELS_OF.get(role, 1_000) and not said.unread:
        return Understood(action="supply", evidence=written.strip().split("\n")[0][:200])
    return Unclear("er staat geen antwoord in dat ik ken")


def _understood(decided: Statement, said: Heard, sure: Mapping[str, Statement], today: date) -> Understood | Unclear:
    action = decided.action
    day = _day(said, decided, today)
    if action in FULLS and day.day and (day.day <= today or FROM_THEN.search(decided.evidence)):
        day = DayRead()  # nor is "sinds gisteren volzet" until when
    if action in ("started", "completed") and day.day and day.day > today:
        return Unclear(f"“{NAMES[action]}”, maar die dag moet nog komen")
    same = FULLS if action in FULLS else {action}
    others = sorted(sure.keys() & (DECISIONS - HALVES - same))
    facts = [fact for fact in FACTS if fact in sure and fact not in (action, "acknowledge")]
    if said.asks and "question" not in (action, *facts) and action != "status" and not _is_offer(said, action):
        facts.append("question")
    codes = _codes(said, action, day)
    if "callback" in (action, *facts) and tried_in_vain(said):
        codes[ATTEMPTED] = "yes"
    if "round_table" in facts and (on := _day(said, sure["round_table"], today).day):
        codes["round_table_on"] = on.isoformat()
    return Understood(
        action=action, evidence=decided.evidence.strip(), day=day.day, also=(*others, *facts), codes=codes
    )


def _is_offer(said: Heard, action: str) -> bool:
    """The one question is the offer of the waitlist itself."""
    return action == "waitlist" and len(said.asks) == 1 and "waitlist" in said.first(Standing.ASKED)


def _day(said: Heard, decided: Statement, today: date) -> DayRead:
    """The day in the sentences that say so; beside a round table or a phone call only the one in its own clause."""
    action = decided.action
    if action in WITHOUT_DAY:
        return DayRead()
    direction = Direction.BACK if action in WAS else Direction.AHEAD
    firm = [s for s in said.statements if s.standing is Standing.SURE]
    places = sorted({decided.sentence, *(s.sentence for s in firm if s.action == action)})
    beside = {s.sentence for s in firm if s.action in ("round_table", "contacted") and s.action != action}
    if beside.intersection(places):
        return day_in(decided.evidence, today, direction)
    return day_in(". ".join(said.sentences[place].text for place in places), today, direction)


def _codes(said: Heard, action: str, day: DayRead) -> dict[str, str]:
    codes = {"day_unclear": day.why} if day.why else {}
    sure = [one for one in said.statements if one.standing is Standing.SURE and one.code]
    outcomes = {one.code for one in sure if one.action == "outcome"}
    outcomes = outcomes - {"goal_reached"} or outcomes  # "doel bereikt, terug naar school" is back to school
    if len(outcomes) == 1:
        codes["outcome"] = outcomes.pop()
    if action not in CODE_NAMES:
        return codes
    for statement in sure:
        if statement.action in CODE_NAMES:
            codes[CODE_NAMES[statement.action]] = statement.code
    if action == "full_for_school_year" and not said.says("generals"):
        codes["for"] = THIS_REFERRAL
    if action in FULLS and day.day:
        codes["until"] = day.day.isoformat()
    return codes
