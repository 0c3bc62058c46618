"""A mail that names no case: which of its writer's cases may it be about? Guesses with reasons; the desk decides."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

from mailflow.core.answer import Understood, read_answer
from mailflow.core.case import Case
from mailflow.core.known_senders import clb_of, provider_of
from mailflow.core.lifecycle import WHOSE_TURN, Party
from mailflow.core.mail import ProofResult
from mailflow.core.occasions import MailCame
from mailflow.core.rules import Rules
from mailflow.core.sender import Disposition
from mailflow.core.shown import Guess
from mailflow.core.weighing import DECISIONS
from mailflow.core.wording import initials

MOST_GUESSES = 5
_ANSWERS = re.compile(r"\s*(?:re|antw|aw|sv|fw|fwd|doorst)\s*:", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,}")
ROLES = {"clb": "referrer", "provider": "provider"}


def is_loose_answer(came: MailCame, rules: Rules, today: date) -> bool:
    """Whether it looks like an answer on a case: of a proven CLB or provider, without form, case or thread of ours."""
    known = came.understanding.verdict.disposition is Disposition.ACCEPT
    return known and came.reading.proof.result is ProofResult.PASS and _reads_as_answer(came, rules, today)


def is_unproven_answer(came: MailCame, rules: Rules, today: date) -> bool:
    """Whether it would be such a loose answer, had anything proven its sender: no case is looked up for it."""
    return came.reading.proof.result is not ProofResult.PASS and _reads_as_answer(came, rules, today)


def _reads_as_answer(came: MailCame, rules: Rules, today: date) -> bool:
    made, reading = came.understanding, came.reading
    role, thread = ROLES.get(made.verdict.role, ""), made.thread
    if not role or made.form or thread.reference or thread.mail or thread.digest or reading.nothing_new:
        return False
    if _ANSWERS.match(reading.mail.subject):
        return True
    read = read_answer(reading.written, role, rules.words, today=today)
    return isinstance(read, Understood) and read.action in DECISIONS


def is_hers(case: Case, author: str, rules: Rules) -> bool:
    """Whether that address speaks on the case: its referrer, a colleague of hers, or its provider."""
    referrer = case.parties.get("referrer", "")
    if author == referrer:
        return True
    provider = provider_of(author, {key: one for key, one in rules.providers.items() if key == case.provider})
    clb = clb_of(author, rules.clbs)
    return provider is not None or (clb is not None and clb == clb_of(referrer, rules.clbs))


def guesses(came: MailCame, rules: Rules) -> tuple[Guess, ...]:
    """The likely cases of this mail, the likeliest first, each with what points to it."""
    author = came.reading.mail.author.key
    said = {word.lower() for word in _WORD.findall(f"{came.reading.mail.subject} {came.reading.mail.text}"[:20_000])}
    party = Party.PROVIDER if came.understanding.verdict.role == "provider" else Party.REFERRER
    ranked = [(_points(one, said, author, party, alone=len(came.maybe) == 1), one) for one in came.maybe]
    ranked.sort(key=lambda row: (-sum(weight for weight, _ in row[0]), row[1].reference))
    return tuple(
        Guess(case.reference, initials(case.values), ", ".join(why for _, why in points))
        for points, case in ranked[:MOST_GUESSES]
    )


def _points(case: Case, said: set[str], author: str, party: Party, *, alone: bool) -> Sequence[tuple[int, str]]:
    """(weight, why) of everything that points to this case."""
    own = author == case.parties.get("referrer") or party is Party.PROVIDER
    found = [(1, "een dossier van de afzender" if own else "een dossier van een collega van de afzender")]
    if _all_in(case.values.get("first_name", ""), said):
        found.insert(0, (4, "de mail noemt de voornaam"))
    if _all_in(case.values.get("last_name", ""), said):
        found.insert(0, (4, "de mail noemt de achternaam"))
    if _all_in(case.values.get("school_name", ""), said):
        found.append((2, "de mail noemt de school"))
    if WHOSE_TURN.get(case.state) is party:
        found.append((1, "we wachten op de afzender"))
    if alone:
        found.append((2, "het enige dat openstaat"))
    return found


def _all_in(name: str, said: Iterable[str]) -> bool:
    words = [word.lower() for word in _WORD.findall(name)]
    return bool(words) and set(words) <= set(said)
