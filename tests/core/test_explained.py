"""Why a mail was treated so, in words that need no search."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rows import each_row

from mailflow.core.case import Case, Happened
from mailflow.core.decision import Outcome
from mailflow.core.explained import BECAME, became, because, letters_from
from mailflow.core.lifecycle import Event
from mailflow.core.mail import Proof, ProofResult
from mailflow.core.sender import Disposition, Verdict
from mailflow.core.trace_lines import (
    TOLD,
    decided_of,
    form_line,
    known_by,
    proof_line,
    proof_of,
    sender_line,
    sender_of,
    told_of,
)

CLB = Verdict(disposition=Disposition.ACCEPT, role="clb", organisation="clb-leuven", proven=True)
PROVEN = proof_line(Proof(result=ProofResult.PASS, method="dkim", domain="clb.example", reason="signed by clb.example"))
UNDERSTOOD = (
    "machine mail: no",
    PROVEN,
    "is the desk: no",
    "is a proven clb: yes, proven by dkim",
    form_line(None),
    sender_line(CLB),
)
AT = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)


def test_who_wrote_it_and_from_what_we_know():
    assert sender_of(UNDERSTOOD) == "clb clb-leuven, counts (proven by dkim)"
    assert proof_of(UNDERSTOOD) == "pass by dkim: signed by clb.example"


def test_of_a_mail_that_nobody_read_nothing_is_said():
    assert (sender_of(()), proof_of(()), known_by(()), told_of(()), decided_of(()), because("", ())) == (
        *("", "", "", ""), (), "",
    )  # fmt: skip


@each_row("disposition", Disposition)
def test_each_verdict_has_words(disposition: Disposition):
    assert sender_line(replace(CLB, disposition=disposition)).startswith("sender: clb clb-leuven, ")


@each_row("outcome", Outcome)
def test_each_outcome_has_a_sentence_that_begins_with_its_name(outcome: Outcome):
    """As the lists and --json call it."""
    assert became("read", outcome) == BECAME[outcome]
    assert BECAME[outcome].startswith(f"{outcome}: ")


@each_row("state", ["unread", "stuck", "erased"])
def test_what_is_not_read_has_no_outcome(state: str):
    assert became(state, Outcome.HELD).startswith(("not read yet", "stuck", "erased"))


@each_row(
    ("outcome", "decided", "why"),
    [
        (Outcome.HELD, ("no letter echo: x", f"{TOLD}wie is dit?"), "wie is dit?"),
        (Outcome.SETTLED, (f"{TOLD}wie is dit?",), "wie is dit?"),
        (Outcome.SETTLED, ("an earlier mail of today was answered",), "an earlier mail of today was answered"),
        (Outcome.SETTLED, (), "pass by dkim: signed by clb.example"),
        (Outcome.REPLY, ("party: provider", "answer: accept"), "party: provider; answer: accept"),
        (Outcome.OTHER, (), "form: none; sender: clb clb-leuven, counts"),
        (Outcome.QUARANTINED, (), "pass by dkim: signed by clb.example"),
        (Outcome.MACHINE, (), "proven by dkim"),
    ],
)
def test_why_it_became_that(outcome: Outcome, decided: tuple[str, ...], why: str):
    """What the desk was told, else what decided, else what was understood."""
    assert because(outcome, (*UNDERSTOOD, *decided)) == why


def test_the_letters_of_a_mail_are_those_of_its_own_decision():
    """Not those of another mail of the same moment, nor those of a term that passed later; with what became of each."""

    def at(minutes: int, kind: Event, **codes: str) -> Happened:
        return Happened(at=AT + timedelta(minutes=minutes), kind=kind, codes=codes)

    case = Case(
        history=(
            at(0, Event.MAIL_CAME, mail="1"),
            at(0, Event.LETTER_WRITTEN, n="1", letter="received", to="referrer"),
            at(0, Event.MAIL_CAME, mail="2"),
            at(0, Event.LETTER_WRITTEN, n="2", letter="echo", to="referrer"),
            at(0, Event.LETTER_WRITTEN, n="3", letter="accepted", to="referrer"),
            at(1, Event.LETTER_SENT, n="2", letter="echo"),
            at(9, Event.LETTER_WRITTEN, n="4", letter="reminder_contact", to="provider"),
        )
    )

    assert letters_from(case, 1) == (("received", "referrer", "waiting"),)
    assert letters_from(case, 2) == (("echo", "referrer", "sent"), ("accepted", "referrer", "waiting"))
    assert letters_from(case, 3) == ()
