"""Mails and cases as values: the shipped rules, invented people, and a life that checks itself at every step."""

from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache, wraps

from noor import CLB, FORM, NAFT

from mailflow.core.case import Case, replay
from mailflow.core.decide import decide
from mailflow.core.decision import Decision
from mailflow.core.form import labels
from mailflow.core.letters import LETTERS, Letter
from mailflow.core.lifecycle import ENDS, WHOSE_TURN, Event, State
from mailflow.core.mail import Address, Bounce, Envelope, Found, Machine, Mail, Notice, Proof, ProofResult, Reading
from mailflow.core.occasions import LetterFailed, LetterLeft, LookDue, MailCame, ReleaseDue
from mailflow.core.thread import REPLY, reply_address
from mailflow.core.understand import understand
from mailflow.core.watches import calendar_of, watch
from mailflow.core.workdays import BRUSSELS
from mailflow.reading.documents.text import pairs
from mailflow.settings import load

SHIPPED = load(None).rules
_WORDINGS = replace(SHIPPED.words, second=None)
RULES = replace(SHIPPED, worded=lambda: _WORDINGS)
"""As shipped, but answers are read by the wordings alone: what these say does not change when weights are learned."""
KNOWN = labels(RULES.fields)
DESK = RULES.desk.address
WORKER = RULES.desk.workers[0]
COLLEAGUE = "bram.claes@vclbleuven.be"
PARENT = "ouder@familie.example"
MONDAY = datetime(2026, 10, 5, 10, 0, tzinfo=BRUSSELS)
SATURDAY = datetime(2026, 10, 10, 11, 0, tzinfo=BRUSSELS)


@cache
def reading(
    text,
    *,
    sender=CLB,
    proof="pass",
    to=DESK,
    subject="",
    quoted="",
    machine=None,
    bounce=None,
    reply_to="",
    from_fields=1,
):
    """A mail as it was read."""
    found = Found(source="text", pairs=pairs(text, known=KNOWN))
    return Reading(
        mail=Mail(
            from_=(Address(sender),),
            from_fields=from_fields,
            to=(Address(to),),
            subject=subject,
            text=text,
            reply_to=(Address(reply_to),) if reply_to else (),
        ),
        envelope=Envelope(mail_from=sender, recipients=(to,)),
        notice=Notice(kind=machine, why="" if machine is None else "a test", bounce=bounce),
        proof=Proof(result=ProofResult(proof), domain=sender.rpartition("@")[2] if proof == "pass" else None),
        written=text,
        quoted=quoted,
        found=(found,) if found.pairs else (),
    )


@dataclass
class Life:
    """One case, from its first mail on; each decision is checked against what must always be true."""

    now: datetime = MONDAY
    case: Case | None = None
    release_at: datetime | None = None
    waiting: dict[int, datetime] = field(default_factory=dict)
    letters: list[Letter] = field(default_factory=list)
    last: Decision = field(default_factory=Decision)
    mails: int = 0
    full: frozenset[str] = frozenset()
    rules = RULES

    def came(self, text, *, sender=CLB, role=None, tap=None, lately=0, answered=0, alarmed=0, **kind):
        """The occasion of a mail; with *role* it goes to that party's sealed address of this case."""
        if role and self.case:
            kind["to"] = reply_address(DESK, self.case.reference, role, self.rules.seal, action=tap or REPLY)
        read = reading(text, sender=sender, **kind)
        self.mails += 1
        today = self.now.astimezone(BRUSSELS).date()
        return MailCame(
            mail_id=self.mails,
            reading=read,
            understanding=understood(read, self.rules, today),
            full=self.full,
            lately=lately,
            answered=answered,
            alarmed=alarmed,
        )

    def mail(self, text="", **kind):
        """A mail comes in: the decision."""
        occasion = self.came(text, **kind)
        named = self.case if occasion.understanding.thread.reference else None
        return self.decide(occasion, named)

    def says(self, text, *, tap=None, sender=None, role="provider", **kind):
        """A party answers on its sealed address."""
        known = {"provider": NAFT, "referrer": CLB, "desk": WORKER}
        return self.mail(text, sender=sender or known[role], role=role, tap=tap, **kind)

    def decide(self, occasion, case):
        """Decide, check, and take it over."""
        decision = decide(case, occasion, self.rules, self.now)
        if decision.opens and self.case is not None:
            self.last = decision
            return decision
        if decision.opens:
            decision = replace(decision, case=replace(decision.case, reference="MSI-2026-0042"))
        self.last = decision
        check(decision, case, self.rules, self.now)
        self.letters += decision.letters
        if decision.case is not None:
            self.case = decision.case
            written = [h for h in decision.events if h.kind is Event.LETTER_WRITTEN]
            for letter, happened in zip(decision.letters, written, strict=True):
                self.waiting[int(happened.codes["n"])] = letter.not_before or self.now
            for number in decision.voids:
                del self.waiting[number]
            self.release_at = decision.release_at or self.release_at
        return decision

    def send(self, number=None, *, fails=""):
        """What is due leaves (or is refused)."""
        due = [number] if number else sorted(n for n, at in self.waiting.items() if at <= self.now)
        for one in due:
            self.waiting.pop(one, None)
            self.decide(LetterFailed(number=one, why=fails) if fails else LetterLeft(number=one), self.case)

    def release(self, **due):
        """The release task runs if it is due."""
        if self.release_at and self.release_at <= self.now:
            self.release_at = None
            self.decide(ReleaseDue(full=self.full, **due), self.case)

    def look(self):
        """The term is looked at."""
        return self.decide(LookDue(), self.case)

    def later(self, **by):
        """Time goes by; what is due happens."""
        self.now += timedelta(**by)
        self.release()
        self.send()
        return self

    def kinds(self):
        """The kinds of the letters of the last decision."""
        return [str(one.kind) for one in self.last.letters]

    def to(self, role):
        """The kinds of all letters to that role."""
        return [str(one.kind) for one in self.letters if one.to == role]

    @property
    def state(self):
        """Where it stands."""
        return self.case.state

    def happened(self, kind):
        """How often."""
        return sum(h.kind is kind for h in self.case.history)


UNDERSTOOD = {}


def understood(read, rules, today):
    """What is understood of a mail: the same words to the same rules on the same day are read once in a process."""
    key = id(read), id(rules), today
    if key not in UNDERSTOOD:  # what is held on to keeps its id
        UNDERSTOOD[key] = read, rules, understand(read, rules, today)
    return UNDERSTOOD[key][2]


def check(decision, before, rules, now):
    """What every decision keeps."""
    case = decision.case
    if case is None:
        assert not decision.events
        return
    assert decision.seen == (before.seen if before else 0)
    assert decision.events == case.history[decision.seen :]
    written = [h.codes for h in case.history if h.kind is Event.LETTER_WRITTEN]
    assert [int(c["n"]) for c in written] == list(range(1, len(written) + 1))
    new = [h for h in decision.events if h.kind is Event.LETTER_WRITTEN]
    assert [(h.codes["letter"], h.codes["to"]) for h in new] == [(one.kind, one.to) for one in decision.letters]
    assert case.letters == len(written)
    assert all(one.to in LETTERS[one.kind].to for one in decision.letters)
    personal = {"values": case.values, "parties": case.parties, "replaced": case.replaced}
    again = replay(case.history, Case(reference=case.reference, **personal))
    assert again == case
    promise = watch(case, rules)
    if case.state in ENDS:
        assert WHOSE_TURN[case.state] is None
        assert promise is None
    else:
        assert WHOSE_TURN[case.state] is not None
        assert promise is not None or case.state is State.NEW
    if promise:
        calendar = calendar_of(promise.party, case, rules)
        assert promise.due >= promise.since
        assert calendar.is_open(promise.due)
        asked = case.asked_who  # whether a mail was hers is looked at in her own days, whoever's turn it is
        calendars = (calendar, calendar_of(asked.by, case, rules)) if asked else (calendar,)
        assert promise.look_at is None or any(one.is_open(promise.look_at) for one in calendars)


def lived_once(make):
    """*make* makes a life up to a certain point: it is lived once, and each time lived on from there."""
    made = cache(make)

    @wraps(make)
    def one(*args, **kind):
        life = copy(made(*args, **kind))
        life.waiting, life.letters = dict(life.waiting), list(life.letters)
        return life

    return one


@lived_once
def dispatched(**kind):
    """A case at its provider."""
    life = Life(**kind)
    life.mail(FORM)
    life.later(minutes=1)
    assert life.state is State.DISPATCHED
    return life


@lived_once
def with_round_table():
    """A case whose provider asks for invitations: both sides have Monday 12 October, 14:00, in their calendars."""
    life = Life()
    naft = replace(RULES.providers["naft-vbo"], invitation_minutes=90)
    life.rules = replace(RULES, providers={**RULES.providers, "naft-vbo": naft})
    life.mail(FORM)
    life.later(minutes=1)
    life.says("aanvaard")
    life.later(minutes=16)
    life.says("De rondetafel is op 12 oktober om 14u.")
    return life.later(minutes=16)


@lived_once
def at_state(state):
    """A case in that state, come there by mail."""
    life = Life(now=SATURDAY) if state is State.QUEUED else Life()
    match state:
        case State.QUEUED:
            life.mail(FORM)
        case State.UNCONFIRMED:
            life.mail(FORM, proof="none")
        case State.AWAITING_CLB:
            life.mail(FORM.replace("E-mail aanmelder: an.peeters@vclbleuven.be\n", ""), sender=PARENT)
        case State.NEEDS_INFO:
            life.mail(FORM.replace("Geboortedatum: 12/03/2011\n", ""))
        case State.NEEDS_DESK:
            life.mail(FORM.replace("NAFT VBO", "geen voorkeur"))
        case _:
            life = dispatched()
            for words, role in ROADS[state]:
                life.says(words, role=role)
                life.later(minutes=16)
    assert life.state is state, (life.state, state)
    return life


ROADS = {
    State.DISPATCHED: (),
    State.WAITLIST_OFFERED: (("wachtlijst", "provider"),),
    State.WAITLISTED: (("wachtlijst", "provider"), ("behouden", "referrer")),
    State.ACCEPTED: (("aanvaard", "provider"),),
    State.STARTED: (("aanvaard", "provider"), ("gestart", "provider")),
    State.COMPLETED: (("gestart", "provider"), ("afgerond", "provider")),
    State.FULL: (("volzet", "provider"),),
    State.NO_MATCH: (("geen match", "provider"),),
    State.WITHDRAWN: (("stop", "referrer"),),
    State.CLOSED: (("volzet", "provider"), ("stop", "referrer")),
}
BOUNCED = Bounce(recipient="x@y.example", permanent=True, status="5.1.1")
OUT_OF_OFFICE = Machine.OUT_OF_OFFICE
