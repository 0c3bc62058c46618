"""A mail on a case: may this person speak on it, and what do its words do?"""

from collections.abc import Callable
from dataclasses import replace

from mailflow.core import letters
from mailflow.core.answer import Unclear, Understood
from mailflow.core.case import Case
from mailflow.core.decision import Decision, Draft, MailCame, Outcome
from mailflow.core.form import Form
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.mail import ProofResult
from mailflow.core.new_mail import held, new_mail
from mailflow.core.provider_says import provider_says
from mailflow.core.referrer_says import referrer_says
from mailflow.core.rules import Rules
from mailflow.core.sender import Disposition, clb_of, provider_of
from mailflow.core.understand import answer_of

LETTERS_A_DAY = 20
"""No address gets more letters than this a day about its cases: beyond it a person looks."""


def reply(case: Case, came: MailCame, rules: Rules, draft: Callable[[Case], Draft]) -> Decision:
    """Decide on a mail that names *case*."""
    understanding = came.understanding
    if understanding.verdict.disposition is Disposition.DISCARD:
        return _machine(case, came, draft)
    if understanding.verdict.disposition is Disposition.REJECT:
        return Decision(outcome=Outcome.QUARANTINED, trace=understanding.trace)
    form = understanding.form
    if form and _another_pupil(case, form):
        if understanding.thread.sealed:
            return new_mail(came, rules, draft, linked=case.reference)
        return held(came, rules, "het onderwerp noemt een dossier, het formulier gaat over iemand anders")
    party, why = party_of(case, came, rules)
    if party is None:
        if understanding.verdict.role == "clb" and form:
            return new_mail(came, rules, draft, linked=case.reference)
        return held(came, rules, why)
    if came.lately >= LETTERS_A_DAY:
        return held(came, rules, "dit adres kreeg vandaag al te veel brieven: lees deze mail zelf")
    return _spoken(case, came, rules, draft, party, why)


def party_of(case: Case, came: MailCame, rules: Rules) -> tuple[Party | None, str]:
    """Who of the case wrote this, or None; and why (a seal is no passport: the writer must be a party too)."""
    author = came.reading.mail.author.key
    proof, sealed = came.reading.proof.result, came.understanding.thread.sealed
    if came.reading.mail.from_fields != 1 or len(came.reading.mail.from_) != 1:
        return None, "de afzender is niet met zekerheid te lezen"
    if author in rules.senders.desk:
        proven = proof is ProofResult.PASS
        return (Party.DESK, "the desk") if proven else (None, "het adres van het meldpunt, maar zonder bewijs")
    if not sealed and proof is not ProofResult.PASS:
        return None, "het dossiernummer staat er los in, en niets bewijst wie dit schreef"
    referrer = case.parties.get("referrer", "")
    if referrer and author == referrer:
        return Party.REFERRER, "the referrer's own address"
    if provider_of(author, {k: p for k, p in rules.providers.items() if k == case.provider}):
        return Party.PROVIDER, "an address of the provider of this case"
    clb, own = clb_of(author, rules.clbs), clb_of(referrer, rules.clbs)
    if clb and clb == own and author.rpartition("@")[2] in clb.domains:
        return Party.REFERRER, "a colleague at the same CLB"
    return None, "dit adres is geen partij in dit dossier"


def asked_of(case: Case, party: Party) -> str | None:
    """What a bare "ja" of this party would mean now."""
    match party, case.state:
        case Party.REFERRER, State.WAITLIST_OFFERED:
            return "keep"
        case Party.REFERRER, State.UNCONFIRMED:
            return "confirm"
        case _:
            return None


def _spoken(
    case: Case, came: MailCame, rules: Rules, draft: Callable[[Case], Draft], party: Party, why: str
) -> Decision:
    author = came.reading.mail.author.key
    now = draft(case)
    now.trace += (*came.understanding.trace, f"party: {party}, {why}")
    now.happen(Event.MAIL_CAME, party, mail=str(came.mail_id))
    role = party.value
    written = "" if came.reading.nothing_new else came.reading.written
    read = answer_of(written, role, came.understanding.thread, asked_of(case, party), rules, now.today)
    now.trace.append(_answer_trace(read))
    match party:
        case Party.PROVIDER:
            provider_says(now, read, came, author)
        case Party.REFERRER:
            referrer_says(now, read, came, author)
        case _:
            desk_says(now, read, came, author)
    return now.decided(Outcome.REPLY)


def desk_says(draft: Draft, read: Understood | Unclear, came: MailCame, author: str) -> None:
    """The desk reports what a party said by phone: the same events, in the desk's name."""
    understood = isinstance(read, Understood) and read.action not in ("question", "acknowledge", "supply")
    if not understood or draft.case.provider not in draft.rules.providers:
        why = read.why if isinstance(read, Unclear) else "daar staat geen opdracht in die ik ken"
        draft.write(letters.unclear("desk", author, why, ()))
        draft.happen(Event.ASKED_BACK, Party.DESK)
        return
    assert isinstance(read, Understood)
    speaks = referrer_says if read.action in ("keep", "withdraw", "stop_release", "elsewhere") else provider_says
    speaks(draft, read, came, author, by=Party.DESK)


def _machine(case: Case, came: MailCame, draft: Callable[[Case], Draft]) -> Decision:
    """Bounces, auto-replies and out-of-office become a note on the case; never a change of state."""
    now = draft(case)
    notice = came.reading.notice
    if not came.understanding.thread.sealed or notice.kind is None:
        return Decision(outcome=Outcome.MACHINE, trace=came.understanding.trace)
    kind = Event.BOUNCED if notice.bounce else Event.NOTE
    permanent = {"permanent": "yes" if notice.bounce.permanent else "no"} if notice.bounce else {}
    now.happen(kind, why=notice.kind, mail=str(came.mail_id), **permanent)
    if notice.bounce and notice.bounce.permanent:
        told = letters.undeliverable(
            now.rules,
            reference=case.reference,
            kind="",
            to=came.understanding.thread.party or "",
            why=notice.bounce.status or "the mail host reported that it could not be delivered",
        )
        now.write(told)
    decision = now.decided(Outcome.MACHINE)
    return replace(decision, trace=came.understanding.trace)


def _another_pupil(case: Case, form: Form) -> bool:
    """Whether the form holds a pupil, or school, that is plainly not this case's."""
    keys = ("first_name", "last_name", "birth_date")
    both = [k for k in keys if form.values.get(k) and case.values.get(k)]
    differ = [k for k in both if form.values[k].casefold() != case.values[k].casefold()]
    return len(differ) >= 2


def _answer_trace(read: Understood | Unclear) -> str:
    if isinstance(read, Unclear):
        return f"answer: unclear, {read.why}"
    return f"answer: {read.action}{f' and {chr(44).join(read.also)}' if read.also else ''}"
