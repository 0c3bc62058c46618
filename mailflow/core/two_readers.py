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
    from mailflow.core.second_reader import Opinion, SecondReader

MAY_TELL = frozenset({
    "accept", "waitlist", "waitlist_agreed", "full", "no_match", "started", "completed", "paused", "no_show",
    "contacted", "callback", "round_table", "question", "acknowledge", "keep", "withdraw", "stop_release", "elsewhere",
    "supply", "status", "copy", "outcome", "feedback", "hand_over",
})  # fmt: skip
"""What the weights may tell or doubt; nothing that marks a provider for everybody."""
PROVES = frozenset({"confirm", "deny"})
"""What they may tell only where just this was asked, and more certainly than all else."""
LEARNED = (MAY_TELL | PROVES) - {"hand_over"}
"""These are doubted where they are unlikely; any other, and a hand-over, stands unless another is more than certain."""
OF_THE_REFERRER = frozenset({"keep", "withdraw", "stop_release", "elsewhere", "supply", "status", "hand_over", "copy"})
"""No provider says these."""
SAME: Mapping[str, frozenset[str]] = {
    "waitlist_agreed": frozenset({"keep", "waitlist"}),
    "keep": frozenset({"waitlist_agreed"}),
    "accept": frozenset({"started"}),
    "started": frozenset({"accept"}),
}
"""Who says the one as good as says the other, or no more than a step of it."""
OTHER_STEP = frozenset({("accept", "started"), ("started", "accept"), ("waitlist_agreed", "waitlist")})
"""Of such two the likelier is told where it is more than certain: another step of the same road."""
HARMLESS = frozenset({"question", "status", "copy", "acknowledge", "contacted", "callback", "round_table", "supply"})
"""What decides nothing: it is doubted only where something else is certain."""
MOST_SENTENCES = 12
"""So many are weighed for the one that is quoted."""
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
    """What *role* answers in *written*, by both readers; *asked* and *names* as in read_answer."""
    if why := unreadable(written):
        return why
    said = heard(written, words.lexicons[role], names)
    read = by_rules(written, said, role, words, today=today, asked=asked)
    bare = len(words_of(written)) <= BARE
    if words.second is None or not said.sentences or bare or " ".join(words_of(written)) in words.promised:
        return read
    opinion = words.second.opinion(written, role, asked)
    likelihoods, likeliest = opinion.likely, opinion.likeliest
    if isinstance(read, Understood) and not _doubts(read, opinion, words, role=role, asked=asked):
        return read
    against = _against(likeliest, read, said, role)
    needed = _needed(likeliest, read, asked, words.certain, against=against)
    if _may_tell(likeliest, read, said, role, asked) and likelihoods[likeliest] >= needed:
        sentence = _sentence_of(likeliest, said, role, words.second)
        code = opinion.code(likeliest, words.certain)
        if code == SCHOOL_YEAR:  # never more than this referral: only a wording marks a provider for everybody
            likeliest, codes = "full_for_school_year", {"until": code, "for": THIS_REFERRAL}
        else:
            codes = {likeliest: code} if code else {}
        return taken_as(likeliest, said, sentence, role, today=today, codes=codes)
    return _asked_about(read, likeliest) if isinstance(read, Understood) else read


def _doubts(read: Understood, opinion: "Opinion", words: Words, *, role: str, asked: str | None) -> bool:
    """Whether too few such mails mean what the wordings say."""
    likelihoods, likeliest = opinion.likely, opinion.likeliest
    action = _weighed_as(read)
    meant = {action, *SAME.get(action, ())}
    if likeliest == action:
        return False
    if likeliest in meant:
        other = (action, likeliest) in OTHER_STEP and likeliest not in read.also
        return other and likelihoods[likeliest] >= words.certain + MORE
    if action in HARMLESS or action not in LEARNED:
        needed = words.certain + (0 if action in HARMLESS else MORE)
        something = _can_mean(likeliest, role, asked) or (likeliest == "unclear" and action != "acknowledge")
        return something and likelihoods[likeliest] >= needed
    return sum(likelihoods.get(one, 0.0) for one in meant) < words.doubtful


def _weighed_as(read: Understood) -> str:
    return "full" if read.action in FULLS else read.action


def _asked_about(read: Understood, likeliest: str) -> Unclear:
    action = _weighed_as(read)
    named = [f"“{NAMES[one]}”" for one in (action, likeliest) if one in NAMES]
    asked = f"is dat {' of eerder '.join(named)}?" if len(named) > 1 else "dat begrijp ik niet zeker"
    return Unclear(f"“{read.evidence}”: {asked}", likely=(likeliest, action))


def _can_mean(action: str, role: str, asked: str | None) -> bool:
    if action in PROVES:
        return asked == "confirm"
    return action in MAY_TELL and (role != "provider" or action not in OF_THE_REFERRER)


def _may_tell(action: str, read: Understood | Unclear, said: Heard, role: str, asked: str | None) -> bool:
    """Whether it may be told, however likely it is; else its writer is asked."""
    if action in PROVES and isinstance(read, Understood):
        return False
    if action == "accept" and role == "referrer" and (asked == "keep" or not _reported(said)):
        return False  # it may be her own wish, and the provider would hear more of the pupil
    return _can_mean(action, role, asked) and not (isinstance(read, Unclear) and _taken_back(action, read, said))


def _taken_back(action: str, read: Unclear, said: Heard) -> bool:
    """The wordings hear it too, and behind it something that is against it: "Toch niet."."""
    same = FULLS if action in FULLS else {action}
    places = [one.place for one in said.statements if one.action in same and one.standing is Standing.SURE]
    return action in read.likely and bool(places) and any(place > max(places) for place, _ in said.against)


def _reported(said: Heard) -> bool:
    """Somebody is named who said it."""
    return said.reported < len(said.sentences)


def _needed(action: str, read: Understood | Unclear, asked: str | None, certain: float, *, against: bool) -> float:
    """How likely it must be: more where something is *against* it, most where it sends a referral on its way."""
    if action in PROVES or (asked == "confirm" and action == "keep"):
        return certain + 2 * MORE
    if action in HARMLESS:
        return certain - LESS if certain < 1 and isinstance(read, Unclear) else certain
    return certain + MORE if against else certain


def _against(action: str, read: Understood | Unclear, said: Heard, role: str) -> bool:
    """Whether the wordings tell two decisions, or something may be meant that the weights do not see."""
    decisions = {one.action for one in said.statements if one.standing is Standing.SURE} & (DECISIONS - HALVES)
    may_wait = action == "full" and isinstance(read, Unclear) and "waitlist" in read.likely  # "geen plaats"
    to_the_other = action == "withdraw" and said.says("no")  # the no may be to what the other side asked
    her_own = role == "referrer" and action in REPORTED and not _reported(said)
    return len(decisions) > 1 or may_wait or to_the_other or her_own


def _sentence_of(action: str, said: Heard, role: str, second: "SecondReader") -> int:
    """The sentence that weighs most for *action*: what is quoted to its writer."""
    numbers: list[int] = [*range(len(said.sentences))]
    if len(numbers) > MOST_SENTENCES:  # what somebody decides stands at the beginning or at the end
        numbers = [*numbers[: MOST_SENTENCES // 2], *numbers[-(MOST_SENTENCES // 2) :]]
    if len(numbers) == 1:
        return 0
    opinions = second.opinions([said.sentences[number].text for number in numbers], role, None)
    return numbers[max(range(len(numbers)), key=lambda place: opinions[place].likely[action])]
