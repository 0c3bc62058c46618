"""Did whoever phoned get hold of anybody? (bellen zonder gehoor)

"Gebeld" says only that somebody phoned. Beside "geen gehoor" it is no contact: who phoned in vain will try again.
"""

from dataclasses import replace

from mailflow.core.spelling import words_of
from mailflow.core.standing import Standing
from mailflow.core.statements import Heard, Statement

PHONED = "phoned"
"""The code of words that say that somebody phoned ("gebeld"), not that anybody answered ("gesproken")."""
ATTEMPT = "attempt"
"""The code of a call back that only says that nobody answered: "voicemail ingesproken"."""
# Who got hold of somebody after all did speak: "na drie keer voicemail eindelijk te pakken gekregen".
GOT_HOLD = frozenset({"wel", "eindelijk", "gekregen", "gesprek"})
# Who phoned so, after what was tried, got hold of somebody: "bericht achtergelaten, daarna teruggebeld".
PHONED_AFTER_ALL = frozenset({"eindelijk", "uiteindelijk", "teruggebeld", "terug"})


def tried_in_vain(said: Heard) -> bool:
    """Does the mail tell of an attempt, and of nobody who answered?"""
    attempts = {*said.attempts, *_not_spoken(said)}
    return bool(attempts) and not any(_answered(one, attempts) for one in _contacts(said, Standing.SURE))


def with_attempt(said: Heard, sure: dict[str, Statement]) -> dict[str, Statement]:
    """What is sure, with the call back that whoever phoned in vain owes."""
    phoned = _contacts(said, Standing.SURE) if tried_in_vain(said) else []
    return {"callback": replace(phoned[0], action="callback", code=""), **sure} if phoned else sure


def _contacts(said: Heard, standing: Standing) -> list[Statement]:
    return [one for one in said.statements if one.action == "contacted" and one.standing is standing]


def _not_spoken(said: Heard) -> list[int]:
    """Beside a phone call a contact that is denied tells of an attempt: "gebeld, nooit iemand aan de lijn gekregen"."""
    phoned = {one.sentence for one in _contacts(said, Standing.SURE) if one.code == PHONED}
    denied = _contacts(said, Standing.DENIED)
    return [one.place for one in denied if one.code != PHONED and one.sentence in phoned]


def _answered(spoke: Statement, attempts: set[int]) -> bool:
    """Did somebody answer, in words that say more than that somebody phoned?"""
    words = words_of(spoke.evidence)
    if spoke.code == PHONED:
        return spoke.place > max(attempts) and bool(PHONED_AFTER_ALL.intersection(words))
    return spoke.place not in attempts or bool(GOT_HOLD.intersection(words))
