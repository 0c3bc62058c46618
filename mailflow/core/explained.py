"""What became of a mail, why, and which letters came of it: in plain words, for an operator."""

from collections.abc import Sequence

from mailflow.core.case import Case
from mailflow.core.decision import Outcome
from mailflow.core.lifecycle import Event
from mailflow.core.trace_lines import decided_of, known_by, proof_of, told_of, understood_of

# fmt: off
NOT_READ = {
    "unread": "not read yet",
    "stuck":  "stuck: `mailflow stuck` says why",
    "erased": "erased",
}
"""State of a mail that is not there as read -> what that means."""
BECAME = {
    Outcome.REFERRAL:    "referral: it opened a case",
    Outcome.REPLY:       "reply: it came from a party of a case, from a provider about itself, or from the desk",
    Outcome.OTHER:       "other: no referral; the meldpunt worker gets it, or an answer when she wrote it",
    Outcome.ANSWERED:    "answered: it asked for what anybody may have, or told us something to keep",
    Outcome.HELD:        "held: a person must say first what it is",
    Outcome.QUARANTINED: "quarantined: never answered, the desk settles it",
    Outcome.SETTLED:     "settled: it was held or in quarantine, and the desk has dealt with it",
    Outcome.MACHINE:     "machine: never answered",
}
# fmt: on


def became(state: str, outcome: str) -> str:
    """What became of a mail of that state, in a sentence."""
    return NOT_READ.get(state) or BECAME[Outcome(outcome)]


def because(outcome: str, trace: Sequence[str]) -> str:
    """Why that became of a mail: what the desk was told, else what decided; "" before it is read.

    Of what the desk settled since: why it was held or in quarantine.
    """
    match outcome:
        case Outcome.QUARANTINED:
            return proof_of(trace)
        case Outcome.MACHINE:
            return known_by(trace)
        case Outcome.SETTLED:
            return told_of(trace) or "; ".join(decided_of(trace)) or proof_of(trace)
        case _:
            return told_of(trace) or "; ".join(decided_of(trace) or understood_of(trace))


def letters_from(case: Case, mail_id: int) -> tuple[tuple[str, str, str], ...]:
    """(letter, to whom, waiting, sent, refused or voided) of each that was written on *case* because of that mail."""
    fate = {
        h.codes["n"]: h.kind.value.removeprefix("letter_")
        for h in case.history
        if h.kind in {Event.LETTER_SENT, Event.LETTER_REFUSED, Event.LETTER_VOIDED}
    }
    found, came = [], None
    for happened in case.history:
        if number := happened.codes.get("mail"):
            came = happened.at if number == str(mail_id) else None
        if happened.kind is Event.LETTER_WRITTEN and happened.at == came:
            codes = happened.codes
            found.append((codes["letter"], codes["to"], fate.get(codes["n"], "waiting")))
    return tuple(found)
