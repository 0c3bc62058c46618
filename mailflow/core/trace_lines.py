"""The lines of a mail's trace that are read back: what proves the sender, as whom it counts, why it is held."""

from collections.abc import Sequence

from mailflow.core.form import Form
from mailflow.core.mail import Proof
from mailflow.core.sender import Disposition, Verdict

TOLD = "the desk is told: "
"""Before the line that says why a mail is held; the digest shows it too."""
_PROOF, _SENDER, _FORM, _YES = "proof: ", "sender: ", "form: ", ": yes, "
# fmt: off
_COUNTS = {
    Disposition.ACCEPT:      "counts",
    Disposition.CONFIRM:     "must confirm first",
    Disposition.INVOLVE_CLB: "a CLB must take it over",
    Disposition.HOLD:        "the desk must say who it is",
    Disposition.REJECT:      "somebody else may have written in its name",
    Disposition.DISCARD:     "never answered",
}
# fmt: on


def proof_line(proof: Proof) -> str:
    """The line on what proves the sender."""
    return f"{_PROOF}{proof.result} by {proof.method}: {proof.reason}"


def sender_line(verdict: Verdict) -> str:
    """The last line before anything is decided: as whom the sender counts, and what that makes possible."""
    return f"{_SENDER}{' '.join(filter(None, (verdict.role, verdict.organisation)))}, {_COUNTS[verdict.disposition]}"


def form_line(form: Form | None) -> str:
    """The line on the form in it."""
    if form is None:
        return f"{_FORM}none"
    missing = ", ".join(form.missing) or "nothing"
    odd = ", ".join(odd.field for odd in form.odd) or "nothing"
    return f"{_FORM}from {form.source}, {len(form.values)} values, missing {missing}, odd {odd}"


def sender_of(trace: Sequence[str]) -> str:
    """Whom we believe the sender is and from what we know it; "" where nobody asked."""
    who, why = _after(trace, _SENDER), known_by(trace)
    return f"{who} ({why})" if who and why else who


def known_by(trace: Sequence[str]) -> str:
    """From what we know who the sender is: the reason of the first question that had an answer."""
    return next((line.partition(_YES)[2] for line in trace if _YES in line), "")


def proof_of(trace: Sequence[str]) -> str:
    """What proves the sender; "" where nobody asked."""
    return _after(trace, _PROOF)


def told_of(trace: Sequence[str]) -> str:
    """What the desk was told of a held mail (Dutch), "" where nothing."""
    return _after(trace, TOLD)


def decided_of(trace: Sequence[str]) -> tuple[str, ...]:
    """What was decided once it was known who wrote."""
    known = next((n for n, line in enumerate(trace, start=1) if line.startswith(_SENDER)), len(trace))
    return tuple(trace[known:])


def understood_of(trace: Sequence[str]) -> tuple[str, ...]:
    """The form, and as whom the sender counts: what is decided where nothing else is said."""
    return tuple(line for line in trace if line.startswith((_FORM, _SENDER)))


def _after(trace: Sequence[str], label: str) -> str:
    return next((line.removeprefix(label) for line in trace if line.startswith(label)), "")
