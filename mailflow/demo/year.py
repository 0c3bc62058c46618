"""A school year in less than a minute: 300 invented referrals through the real store, reader, rules and worker."""

import heapq
import re
import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from rich.console import Console
from rich.text import Text

from mailflow.clock import StoppedClock, monotonic
from mailflow.core.lifecycle import ENDS, State
from mailflow.core.mail import Envelope
from mailflow.core.watches import forgotten
from mailflow.demo.office import ZONE, as_delivered
from mailflow.demo.people import DESK_ADDRESS, Person, answers, writes
from mailflow.demo.year_forms import form
from mailflow.demo.year_house import house_of
from mailflow.demo.year_plans import (
    AN,
    BRAM,
    COACHES,
    EVA,
    GRIET,
    ONTHAAL,
    PARENT,
    SECOND,
    WORKER,
    Plan,
    opened_by,
    plans_of,
)
from mailflow.outgoing.deliver import Delivered, Outcome
from mailflow.reading.mime import parse

CASES = 300
FIRST_DAY, LAST_DAY = date(2026, 9, 1), date(2027, 8, 31)
LOOKS = (time(9, 5), time(16, 20))
"""When the clock stops on each day: what is due then is done. At a weekend once is enough."""
MONDAY_TO_FRIDAY = range(5)
QUOTES_EACH = 4
"""One answer in so many repeats our letter below it, as a mail program at a desk does; a phone often does not."""
_REFERENCE = re.compile(r"MSI-\d{4}-\d{4,7}")
_NEXT_YEAR = re.compile(r"(MSI-\d{4}-\d{4,7}) [^:]*: blijft dit volgend schooljaar")
_DECIDE = re.compile(r"(MSI-\d{4}-\d{4,7}) [^:]*: wacht op het meldpunt")


@dataclass
class Mailboxes:
    """Everybody's mailbox but ours: every letter is taken, and kept until somebody reads it."""

    came: list[tuple[str, bytes]] = field(default_factory=list)
    total: int = 0

    def deliver(self, *, sender: str, recipient: str, message: bytes) -> Outcome:
        """Take one letter."""
        self.came.append((recipient, message))
        self.total += 1
        return Delivered()

    def close(self) -> None:
        """Nothing to let go of."""


@dataclass(order=True, frozen=True)
class Due:
    """A mail that somebody writes at that moment."""

    at: datetime
    number: int
    person: Person = field(compare=False)
    text: str = field(compare=False)
    letter: bytes | None = field(compare=False, default=None)
    """The letter that this answers."""
    plan: Plan | None = field(compare=False, default=None)
    proof: str = field(compare=False, default="pass")


class Year:
    """The people, their plans and the clock of one school year."""

    def __init__(self, folder: Path, cases: int = CASES) -> None:
        """*folder* gets config/ and the database; *cases* referrals are spread over the year."""
        self.plans_for = plans_of(cases)
        self.clock = StoppedClock(datetime.combine(FIRST_DAY, time(7), ZONE))
        self.boxes = Mailboxes()
        self.app = house_of(folder, self.clock, self.boxes)
        self.due: list[Due] = []
        self.steps: dict[str, list[int]] = {}
        """Reference -> which steps of its plan are done."""
        self.plans: dict[str, Plan] = {}
        self.referrers: dict[str, Person] = {}
        self.last: dict[tuple[str, str], bytes] = {}
        """(reference, address) -> the newest letter on that case there."""
        self.mails = 0
        self._numbers = 0

    def play(self, until: date = LAST_DAY) -> None:
        """From the first day to the last, or *until* that day."""
        for number, plan in enumerate(self.plans_for):
            self._plan_referral(number, plan, len(self.plans_for))
        day = FIRST_DAY
        while day <= until:
            for look in LOOKS if day.weekday() in MONDAY_TO_FRIDAY else LOOKS[:1]:
                self._go_to(datetime.combine(day, look, ZONE))
            day += timedelta(days=1)

    def told(self) -> str:
        """The last line: how many ended, how many are open, how many were forgotten."""
        rules, now = self.app.settings.rules, self.clock.now()
        open_ = [one.case for one in self.app.store.cases.all_open()]
        lost = sum(forgotten(case, rules, now) for case in open_)
        every = len(self.app.store.cases.lines(states=[*State]))
        return f"{every} cases, {every - len(open_)} closed, {len(open_)} open, {lost} forgotten"

    def states(self) -> Counter[str]:
        """How many cases stand where."""
        return Counter(str(one.state) for one in self.app.store.cases.lines(states=[*State]))

    def paths(self) -> dict[str, Counter[str]]:
        """What happened: the name of each plan, and where the cases that went so stand now."""
        found: dict[str, Counter[str]] = {}
        for one in self.app.store.cases.lines(states=[*State]):
            name = self.plans[one.reference].name if one.reference in self.plans else "nobody planned it"
            found.setdefault(name, Counter())[str(one.state)] += 1
        return found

    def _go_to(self, at: datetime) -> None:
        while self.due and self.due[0].at <= at:
            one = heapq.heappop(self.due)
            self.clock.set(max(one.at, self.clock.at))
            self._mail(one)
            self._drain()
        self.clock.set(at)
        self._drain()

    def _drain(self) -> None:
        self.app.drain()
        letters, self.boxes.came = self.boxes.came, []
        for recipient, raw in letters:
            self._read(recipient, raw)

    def _mail(self, one: Due) -> None:
        self.mails += 1
        at = self.clock.now()
        if one.letter is None:
            raw = writes(one.person, at, "Aanmelding", one.text)
            to = DESK_ADDRESS
        else:
            raw, to = _answer(one, at)
        envelope = Envelope(mail_from=one.person.address, recipients=(to,), client_ip="127.0.0.1")
        mail_id = self.app.receive(as_delivered(raw, one.person, one.proof), envelope)
        if one.plan is not None:
            self.app.drain()
            line = self.app.store.mails.line(mail_id)
            for reference in opened_by(line.reference if line else None, one.plan):
                self.plans[reference] = one.plan
                self.referrers[reference] = ONTHAAL if one.person == PARENT else one.person

    def _read(self, recipient: str, raw: bytes) -> None:
        """Somebody finds a letter, and perhaps answers it some days later."""
        subject = _subject(raw)
        found = _REFERENCE.search(subject)
        if found is None:
            if recipient == WORKER.address:
                self._decides(raw)
            else:
                self._keeps(recipient, raw)
            return
        reference = found[0]
        self.last[reference, recipient] = raw
        if reference not in self.plans:
            self._goes_on(reference)
        plan, done = self.plans.get(reference), self.steps.setdefault(reference, [])
        for number, step in enumerate(plan.steps if plan else ()):
            person = self._person(step.who, reference) if step.on in subject and number not in done else None
            about = self.last.get((reference, person.address), raw if person == ONTHAAL else None) if person else None
            if person and about:
                done.append(number)
                if step.who == "successor":
                    self.referrers[reference] = person
                later = timedelta(days=step.days, minutes=number)
                heapq.heappush(self.due, Due(self.clock.at + later, self._number(), person, step.words, about))

    def _goes_on(self, reference: str) -> None:
        """A case that no mail opened by itself: the second referral of one that we know."""
        stored = self.app.store.cases.get(reference)
        linked = stored.case.history[0].codes.get("linked", "") if stored else ""
        if linked in self.referrers:
            self.plans[reference], self.referrers[reference] = SECOND, self.referrers[linked]

    def _person(self, who: str, reference: str) -> Person:
        match who:
            case "desk":
                return WORKER
            case "clb":
                return ONTHAAL
            case "successor":
                return GRIET
            case "provider":
                stored = self.app.store.cases.get(reference)
                key = stored.case.provider if stored else ""
                provider = self.app.settings.rules.providers.get(key)
                return COACHES.get(provider.name if provider else "", WORKER)
            case _:
                return self.referrers[reference]

    def _decides(self, raw: bytes) -> None:
        """The meldpunt worker answers the digest: whatever only she can decide goes to NAFT VBO."""
        text = " ".join(parse(raw).text.split())
        lines = [f"{reference}: stuur naar NAFT VBO" for reference in dict.fromkeys(_DECIDE.findall(text))]
        if lines:
            at = self.clock.at + timedelta(minutes=30)
            heapq.heappush(self.due, Due(at, self._number(), WORKER, "\n".join(lines), raw))

    def _keeps(self, recipient: str, raw: bytes) -> None:
        """A CLB worker says of every second waitlist that it stays in the next school year; of the others nothing."""
        asked = _NEXT_YEAR.findall(" ".join(parse(raw).text.split()))
        kept = [f"{reference}: behouden" for reference in dict.fromkeys(asked) if int(reference[-1]) % 2]
        person = next((one for one in (AN, BRAM, EVA, GRIET, ONTHAAL) if one.address == recipient), None)
        if kept and person:
            at = self.clock.at + timedelta(days=1)
            heapq.heappush(self.due, Due(at, self._number(), person, "\n".join(kept), raw))

    def _plan_referral(self, number: int, plan: Plan, of: int) -> None:
        days = (LAST_DAY - timedelta(days=75) - FIRST_DAY).days
        day = FIRST_DAY + timedelta(days=number * days // of)
        at = datetime.combine(day, time(7 + number * 7 % 15, number * 13 % 60), ZONE)
        person = PARENT if plan.sender == "parent" else (AN, BRAM, EVA)[number % 3]
        text = form(number, plan, (AN, BRAM, EVA)[number % 3])
        heapq.heappush(self.due, Due(at, self._number(), person, text, plan=plan, proof=plan.proof))

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers


def _parsed(raw: bytes) -> EmailMessage:
    parsed = BytesParser(policy=policy.default).parsebytes(raw)
    assert isinstance(parsed, EmailMessage)  # noqa: S101 - the policy says so, its type does not
    return parsed


def _subject(raw: bytes) -> str:
    """The subject of one of our letters."""
    return parse(raw.partition(b"\r\n\r\n")[0]).subject


def _answer(one: Due, at: datetime) -> tuple[bytes, str]:
    """The mail, and where it goes."""
    letter = one.letter or b""
    read = parse(letter)
    to = read.reply_to[0].address
    if one.number % QUOTES_EACH == 0:
        program = ("outlook", "iphone")[one.number // QUOTES_EACH % 2]
        return answers(one.person, at, _parsed(letter), one.text, program), to
    raw = writes(one.person, at, f"Re: {read.subject}", f"{one.text}\n\nVerstuurd vanaf mijn telefoon\n")
    return raw.replace(f"To: {DESK_ADDRESS}".encode(), f"To: {to}".encode(), 1), to


def play_year(out: Console) -> int:
    """Play it, and say how it ended; the exit status: 1 when a case was forgotten."""
    began = monotonic()
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - invented people, and gone at the end
    with tempfile.TemporaryDirectory(prefix="mailflow-year-", dir=memory) as name:
        year = Year(Path(name))
        with closing(year.app):
            out.print("A school year, from 1 September 2026 to 31 August 2027, with invented people.")
            year.play()
            ended = {str(state) for state in ENDS}
            for state, count in year.states().most_common():
                out.print(Text(f"  {count:4} {state}{'' if state in ended else ' (open)'}"))
            out.print("What happened to them:")
            for path, states in sorted(year.paths().items()):
                where = ", ".join(f"{count} {state}" for state, count in states.most_common())
                out.print(Text(f"  {states.total():4} {path}: {where}"), soft_wrap=True)
            told = year.told()
            took = monotonic() - began
            out.print(Text(f"{year.mails} mails in, {year.boxes.total} letters out, {took:.0f} s"), soft_wrap=True)
            out.print(Text(told), soft_wrap=True)
    return 0 if told.endswith(" 0 forgotten") else 1
