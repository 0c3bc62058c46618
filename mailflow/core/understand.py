"""What do we make of a mail before any case is looked at? Sender, thread and form, each with its reasons."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from mailflow.core.answer import Unclear, Understood, for_one_case, read_answer
from mailflow.core.form import SEVERAL, Form, read_form, read_supplement
from mailflow.core.form_labels import Labels
from mailflow.core.forms_apart import forms_apart
from mailflow.core.known_senders import Remembered
from mailflow.core.mail import QUOTED, Reading
from mailflow.core.rules import Rules
from mailflow.core.sender import Verdict, Writer, judge
from mailflow.core.spelling import words_of
from mailflow.core.thread import REPLY, Thread, whose
from mailflow.core.trace_lines import form_line, proof_line, sender_line
from mailflow.core.two_readers import read_twice

NAMED = ("first_name", "last_name", "referrer_name", "guardian_name", "school_contact")
LONGEST_PARTICLE = 3
"""So short are "De", "El", "Van": words of a name that are words of a sentence too."""
PUPIL = "de leerling"
_CLASS = re.compile(
    r"\b(?:(?:de|het|ons|onze|jullie|hun|die|dat|deze|dit|een)\s+)?(?:hele\s+)?"
    r"(?:klas(?:groep)?|(?:school|leerkrachten|leraren)?team|leerkrachten|lerarenkorps)\b(?:\s+\d\w{0,3}\b)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Understanding:
    """The answers to: who is it, whose case, and is there a form."""

    verdict: Verdict
    thread: Thread
    form: Form | None
    supplement: Form | None
    """On a case: the fields in the reply, down to a single one."""
    trace: tuple[str, ...]
    forms: tuple[Form, ...] = ()
    """The forms of several pupils in one mail, where they can be told apart."""


def understand(reading: Reading, rules: Rules, today: date, *, remembered: Remembered | None = None) -> Understanding:
    """Judge sender, thread and form of one mail; *today* is the local date it came in.

    *remembered* is what the desk said of this sender before; *rules* know it already where that is a CLB.
    """
    thread = whose(reading.mail, reading.envelope.recipients, rules.desk.address, rules.seal, quoted=reading.quoted)
    # On a case, what a mail quotes is our own letter; elsewhere it can be a form that was forwarded.
    found = tuple(f for f in reading.found if not (thread.reference and (f.quoted or f.name == QUOTED)))
    form = read_form(found, rules.fields, providers=rules.providers, places=rules.places, today=today)
    supplement = (
        read_supplement(found, rules.fields, providers=rules.providers, places=rules.places, today=today)
        if thread.reference
        else None
    )
    named = tuple(
        address.lower()
        for address in (
            (form.values.get("referrer_email", "") if form else ""),
            *(a.address for a in reading.mail.reply_to),
        )
        if "@" in address
    )
    verdict = judge(
        Writer(
            author=reading.mail.author,
            authors=len(reading.mail.from_),
            from_fields=reading.mail.from_fields,
            proof=reading.proof,
            notice=reading.notice,
            named=named,
            senders=rules.senders,
            website=form is not None and any(f.source == "webform" and not (f.quoted or f.name) for f in found),
            reply_to=tuple(one.key for one in reading.mail.reply_to) if form else (),
            sender=reading.mail.sender,
            addressees=tuple(one.address for one in (*reading.mail.to, *reading.mail.cc)),
            remembered=remembered,
        )
    )
    trace = (
        f"machine mail: {reading.notice.kind or 'no'}{f', {reading.notice.why}' if reading.notice.why else ''}",
        proof_line(reading.proof),
        *verdict.reasons,
        f"case: {thread.reference} by {thread.by}" if thread.reference else f"case: {thread.by or 'none named'}",
        form_line(form),
        *(f"odd while reading: {problem}" for problem in reading.mail.problems),
        sender_line(verdict),
    )
    several = form is not None and any(odd.field == SEVERAL for odd in form.odd)
    forms = forms_apart(found, rules, today) if several else ()
    return Understanding(verdict=verdict, thread=thread, form=form, supplement=supplement, trace=trace, forms=forms)


def answer_of(
    written: str,
    role: str,
    thread: Thread,
    *,
    asked: str | None,
    rules: Rules,
    today: date,
    names: frozenset[str] = frozenset(),
) -> Understood | Unclear:
    """What a party answered: a tap carries a sealed action, and added words that contradict it are asked about."""
    tapped = thread.action if thread.action != REPLY and thread.party == role else None
    if tapped is None:
        return read_twice(written, role, rules.words, today=today, asked=asked, names=names)
    read = read_answer(written, role, rules.words, today=today, asked=tapped, names=names)
    if isinstance(read, Understood) and tapped != read.action:
        read = for_one_case(read)
    if isinstance(read, Understood) and read.action not in (tapped, "acknowledge", "question", "supply"):
        return Unclear("je koos een knop, maar de tekst zegt iets anders")
    if isinstance(read, Understood):
        codes = {name: code for name, code in read.codes.items() if name != "for"}
        return replace(read, action=tapped, codes=codes)
    nothing_known = read_answer("", role, rules.words, today=today)
    return Understood(action=tapped, evidence="(knop)") if read == nothing_known else read


def names_in(values: Mapping[str, str]) -> frozenset[str]:
    """The names of the people of a case, lower case: words on which no meaning hangs, with a capital or without."""
    return frozenset(word for key in NAMED for word in words_of(values.get(key, "")) if len(word) > LONGEST_PARTICLE)


def as_of_a_pupil(written: str, values: Mapping[str, str]) -> str:
    """Where a class or a team is referred, it is what others call "the pupil": nobody else is meant by it."""
    return _CLASS.sub(PUPIL, written) if values.get("subject_kind") == "school" else written


def in_own_words(read: Understood | Unclear, written: str, values: Mapping[str, str]) -> Understood | Unclear:
    """The same answer; where it quotes what was *written*, "the pupil" is the class or the team again."""
    meant = _CLASS.search(written) if values.get("subject_kind") == "school" else None
    if meant is None:
        return read
    if isinstance(read, Unclear):
        return replace(read, why=read.why.replace(PUPIL, meant[0]))
    return replace(read, evidence=read.evidence.replace(PUPIL, meant[0]))


def said_beside_the_form(reading: Reading, supplement: Form | None, rules: Rules) -> str:
    """What a person wrote without the lines that are fields of the form: "Ouders akkoord: ja" is no answer of hers."""
    if reading.nothing_new:
        return ""
    if supplement is None:
        return reading.written
    labels = Labels(rules.fields)
    own = (found for found in reading.found if found.source == "text" and not (found.quoted or found.name))
    taken: set[int] = set()
    for pair in (pair for found in own for pair in found.pairs if labels.knows(pair.label)):
        # Below "Aanleiding: ..." a story may go on; what stands below a date is somebody's words.
        long = all((one := rules.field(key)) and one.kind == "long" for key in labels.meaning(pair.label).keys)
        taken |= {pair.line + more for more in range(pair.value.count("\n") + 1 if long else 1)}
    lines = enumerate(reading.written.splitlines(), start=1)
    return "\n".join(line for number, line in lines if number not in taken)
