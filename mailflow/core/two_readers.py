"""Two readers of one answer: the wordings of answers.toml, and the weights that were learned from labelled mails.

What both make of a mail counts. Where they differ, or the wordings know nothing, the weights tell it when they are
certain; else the writer is asked back. What marks a provider for everybody only a wording may say; who sent a referral
the weights may tell where just that was asked.
"""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from mailflow.core.answer import by_rules, taken_as, unreadable
from mailflow.core.certainty import LESS, MORE
from mailflow.core.spelling import words_of
from mailflow.core.standing import Standing
from mailflow.core.statements import Heard, heard
from mailflow.core.understood import SCHOOL_YEAR, THIS_REFERRAL, Unclear, Understood
from mailflow.core.weighing import DECISIONS, FULLS, HALVES, NAMES, REPORTED
from mailflow.core.words import Words

if TYPE_CHECKING:  # as in words.py
    from mailflow.core.second_reader import SecondReader

MAY_TELL = frozenset({
    "accept", "waitlist", "waitlist_agreed", "full", "no_match", "started", "completed", "paused", "no_show",
    "contacted", "callback", "round_table", "question", "acknowledge", "keep", "withdraw", "stop_release", "elsewhere",
    "supply", "status", "copy", "outcome", "feedback", "hand_over",
})  # fmt: skip
"""What the weights may tell or doubt; nothing that marks a provider for everybody."""
PROVES = frozenset({"confirm", "deny"})
"""What they may tell only where just this was asked, and more certainly than all else."""
LEARNED = MAY_TELL | PROVES
"""Of these the weights saw enough mails to find them unlikely; any other stands unless another is more than certain."""
OF_THE_REFERRER = frozenset({"keep", "withdraw", "stop_release", "elsewhere", "supply", "status", "hand_over", "copy"})
"""No provider says these."""
SAME: Mapping[str, frozenset[str]] = {
    "waitlist_agreed": frozenset({"keep"}),
    "keep": frozenset({"waitlist_agreed"}),
    "accept": frozenset({"started"}),
    "started": frozenset({"accept"}),
}
"""Who says the one as good as says the other."""
BEGUN = frozenset({"accept", "started"})
"""Of these the likelier is told: it only says more or less of the same road."""
HARMLESS = frozenset({"question", "status", "copy", "acknowledge", "contacted", "callback", "round_table", "supply"})
"""What decides nothing: it is doubted only where something else is certain."""
MOST_SENTENCES = 40
BARE = 4
"""No more words than this are what a tap types: only a wording tells what they mean, and nobody doubts it."""


def read_twice(
    written: str,
    role: str,
    words: Words,
    *,
    today: date,
    asked: str | None = None,
    names: frozenset[str] = frozenset(),
) -> Understood | Unclear:
    """As read_answer, by both readers."""
    if why := unreadable(written):
        return why
    said = heard(written, words.lexicons[role], names)
    read = by_rules(written, said, role, words, today=today, asked=asked)
    bare = len(words_of(written)) <= BARE
    if words.second is None or not said.sentences or bare or " ".join(words_of(written)) in words.promised:
        return read
    opinion = words.second.opinion(written, role, asked)
    likelihoods, likeliest = opinion.likely, opinion.likeliest
    if isinstance(read, Understood) and not _doubts(read, likeliest, likelihoods, words):
        return read
    may = _may_tell(likeliest, read, said, role, asked)
    if may and likelihoods[likeliest] >= _needed(likeliest, said, words.certain):
        sentence = _sentence_of(likeliest, said, role, words.second)
        code = opinion.code(likeliest, words.certain)
        if code == SCHOOL_YEAR:  # never more than this referral: only a wording marks a provider for everybody
            likeliest, codes = "full_for_school_year", {"until": code, "for": THIS_REFERRAL}
        else:
            codes = {likeliest: code} if code else {}
        return taken_as(likeliest, said, sentence, role, today=today, codes=codes)
    return _asked_about(read, likeliest) if isinstance(read, Understood) else read


def _doubts(read: Understood, likeliest: str, likelihoods: Mapping[str, float], words: Words) -> bool:
    """Whether too few such mails mean what the wordings say."""
    action = _weighed_as(read)
    meant = {action, *SAME.get(action, ())}
    if likeliest in meant:
        return {action, likeliest} == BEGUN and likelihoods[likeliest] >= words.certain + MORE
    if action in HARMLESS or action not in LEARNED:
        needed = words.certain + (0 if action in HARMLESS else MORE)
        return likeliest in MAY_TELL and likelihoods[likeliest] >= needed
    return sum(likelihoods.get(one, 0.0) for one in meant) < words.doubtful


def _weighed_as(read: Understood) -> str:
    return "full" if read.action in FULLS else read.action


def _asked_about(read: Understood, likeliest: str) -> Unclear:
    action = _weighed_as(read)
    named = [f"“{NAMES[one]}”" for one in (action, likeliest) if one in NAMES]
    asked = f"is dat {' of eerder '.join(named)}?" if len(named) > 1 else "dat begrijp ik niet zeker"
    return Unclear(f"“{read.evidence}”: {asked}", likely=(likeliest, action))


def _needed(action: str, said: Heard, certain: float) -> float:
    """How likely it must be: more if it proves who wrote or the wordings tell two decisions, less if it is none."""
    decisions = {one.action for one in said.statements if one.standing is Standing.SURE} & (DECISIONS - HALVES)
    if action in PROVES or len(decisions) > 1:
        return certain + MORE
    return certain - LESS if action in HARMLESS else certain


def _may_tell(action: str, read: Understood | Unclear, said: Heard, role: str, asked: str | None) -> bool:
    if action in PROVES:
        return asked == "confirm"
    if action not in MAY_TELL or (role == "provider" and action in OF_THE_REFERRER):
        return False
    if action == "full" and isinstance(read, Unclear) and "waitlist" in read.likely:
        return False  # "geen plaats" leaves open whether she may wait
    if action == "withdraw" and said.says("no"):
        return False  # the no may be to what the other side asked
    # Where nobody is named who said it, it may be her own wish.
    return role != "referrer" or action not in REPORTED or said.reported < len(said.sentences)


def _sentence_of(action: str, said: Heard, role: str, second: "SecondReader") -> int:
    """The sentence that weighs most for *action*: what is quoted to its writer. Of very many the first are weighed."""
    if len(said.sentences) == 1:
        return 0
    opinions = second.opinions([sentence.text for sentence in said.sentences[:MOST_SENTENCES]], role, None)
    return max(range(len(opinions)), key=lambda number: opinions[number].likely[action])
