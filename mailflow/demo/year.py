"""A school year in less than a minute: 300 invented referrals through the real store, reader, rules and worker."""

import heapq
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path

from mailflow.clock import StoppedClock
from mailflow.core.case import Case
from mailflow.core.leaving import unsaid
from mailflow.core.lifecycle import State
from mailflow.core.mail import Envelope
from mailflow.core.watches import forgotten
from mailflow.demo.office import ZONE, as_delivered
from mailflow.demo.people import Person
from mailflow.demo.year_events import CLOSES_ON, STAND_IN, STOPS, STOPS_ON, WAITS_FOR_IT, away, back, out_of_office
from mailflow.demo.year_forms import form
from mailflow.demo.year_house import house_of, without
from mailflow.demo.year_mail import DECIDE, GONE, NEXT_YEAR, NO_CLB, REFERENCE, Due, Mailboxes, subject_of
from mailflow.demo.year_plans import (
    AN,
    BRAM,
    COACHES,
    ELSEWHERE,
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
from mailflow.reading.mime import parse

CASES = 300
FIRST_DAY, LAST_DAY = date(2026, 9, 1), date(2027, 8, 31)
LOOKS = (time(9, 5), time(16, 20))
"""When the clock stops from Monday to Friday: what is due then is done. At a weekend only where somebody mails."""
MOVED_EACH = 60
"""One case in so many goes on with another provider when its own one stops: a second one comes of it."""
EARLY = time(8, 31)
"""And once when the digest of a day has just come."""
MONDAY_TO_FRIDAY = range(5)


class Year:
    """The people, their plans and the clock of one school year."""

    def __init__(self, folder: Path, cases: int = CASES) -> None:
        """*folder* gets config/ and the database; *cases* referrals are spread over the year."""
        self.moves = cases // MOVED_EACH
        self.plans_for = plans_of(cases - self.moves)
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
        self.happened: Counter[str] = Counter()
        """What came in between, and how often."""
        self._numbers = 0
        self._mailed: list[tuple[int, Due]] = []
        """Referrals that were mailed and not read yet: the number of the mail."""
        self._sent_on: set[str] = set()

    def play(self, until: date = LAST_DAY) -> None:
        """From the first day to the last, or *until* that day."""
        for number, plan in enumerate(self.plans_for):
            self._plan_referral(number, plan, len(self.plans_for))
        day = FIRST_DAY
        while day <= until:
            if day == STOPS_ON:
                self.app = without(self.app, STOPS)
            early = (EARLY,) if day == CLOSES_ON else ()
            for look in (*early, *LOOKS) if day.weekday() in MONDAY_TO_FRIDAY else ():
                self._go_to(datetime.combine(day, look, ZONE))
            day += timedelta(days=1)

    def close(self) -> None:
        """Let go of the database."""
        self.app.close()

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

    def late(self) -> tuple[int, int]:
        """(referrals that left on a later day than they could, how many of those without a word to the referrer)."""
        cases = self._every_case()
        found = [how for case in cases if (how := unsaid(case, self.app.settings.rules.calendar)) is not None]
        return len(found), sum(found)

    def _every_case(self) -> list[Case]:
        lines = self.app.store.cases.lines(states=[*State], limit=None)
        return [one.case for one in self.app.store.cases.of({line.reference for line in lines})]

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
        for mail_id, one in self._mailed:
            line = self.app.store.mails.line(mail_id)
            for reference in opened_by(line.reference if line else None, one.plan or SECOND):
                self.plans[reference] = one.plan or SECOND
                self.referrers[reference] = ONTHAAL if one.person == PARENT else one.person
        self._mailed = []
        letters, self.boxes.came = self.boxes.came, []
        for sender, recipient, raw in letters:
            self._answers_itself(sender, recipient, raw)
            self._read(recipient, raw)

    def _mail(self, one: Due) -> None:
        at = self.clock.now()
        raw, to = one.written(at)
        mail_id = self._send(as_delivered(raw, one.person, one.proof), one.person.address, to)
        if one.plan is not None:
            self._mailed.append((mail_id, one))

    def _send(self, raw: bytes, sender: str, to: str) -> int:
        self.mails += 1
        return self.app.receive(raw, Envelope(mail_from=sender, recipients=(to,), client_ip="127.0.0.1"))

    def _answers_itself(self, sender: str, recipient: str, raw: bytes) -> None:
        """The mailbox of somebody who is away answers, if it was told to."""
        at = self.clock.now()
        absent = away(recipient, at.date())
        if absent and absent.says and "@" in sender:
            self.happened["out-of-office"] += 1
            answer = out_of_office(absent, raw, sender, at)
            self._send(as_delivered(answer, absent.person), "", sender)

    def _read(self, recipient: str, raw: bytes) -> None:
        """Somebody finds a letter, and perhaps answers it some days later."""
        subject = subject_of(raw)
        found = REFERENCE.search(subject)
        if found is None:
            if recipient in {WORKER.address, STAND_IN.address}:
                self._decides(recipient, raw)
            else:
                self._keeps(recipient, raw)
            return
        reference = found[0]
        self.last[reference, recipient] = raw
        if reference not in self.plans:
            self._goes_on(reference)
        plan, done = self.plans.get(reference), self.steps.setdefault(reference, [])
        steps = (*plan.steps, *(ELSEWHERE if self.clock.at.date() >= STOPS_ON else ())) if plan else ()
        for number, step in enumerate(steps):
            person = self._person(step.who, reference) if step.on in subject and number not in done else None
            about = self.last.get((reference, person.address), raw if person == ONTHAAL else None) if person else None
            if person and about:
                done.append(number)
                if step.who == "successor":
                    self.referrers[reference] = person
                self._writes(person, step.words, about, timedelta(days=step.days, minutes=number))

    def _writes(self, person: Person, words: str, about: bytes, after: timedelta) -> None:
        """That person writes so long from now, or when it is back."""
        at = back(person.address, self.clock.at + after)
        heapq.heappush(self.due, Due(at, self._number(), person, words, about))

    def _goes_on(self, reference: str) -> None:
        """A case that no mail opened by itself: the second referral of one that we know."""
        stored = self.app.store.cases.get(reference)
        linked = stored.case.history[0].codes.get("linked", "") if stored else ""
        if linked in self.referrers:
            self.plans[reference], self.referrers[reference] = SECOND, self.referrers[linked]

    def _person(self, who: str, reference: str) -> Person | None:
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
                return COACHES.get(provider.name) if provider else None
            case _:
                return self.referrers[reference]

    def _decides(self, recipient: str, raw: bytes) -> None:
        """The meldpunt worker answers the digest, or who stands in for her: whatever only they can decide."""
        person = STAND_IN if recipient == STAND_IN.address else WORKER
        text = " ".join(parse(raw).text.split())
        lines = [f"{reference}: stuur naar NAFT VBO" for reference in dict.fromkeys(DECIDE.findall(text))]
        lines += self._sends_on(dict.fromkeys(GONE.findall(text)))
        if person is STAND_IN:
            self.happened["digest to who stands in"] += 1
            lines += [f"{one}: wijs toe aan Vrij CLB Leuven" for one in dict.fromkeys(NO_CLB.findall(text))]
        elif "ik ben terug" in text and not away(WORKER.address, self.clock.at.date()):
            lines.append("ik ben terug")
        if self.clock.at.date() == CLOSES_ON and self.clock.at.time() == EARLY:
            self.happened["closed in the middle of a release"] += 1
            at, closes = datetime.combine(CLOSES_ON, time(9), ZONE), f"gesloten op {CLOSES_ON:%d/%m/%Y}"
            heapq.heappush(self.due, Due(at, self._number(), WORKER, closes, raw))
        if lines and not away(person.address, self.clock.at.date()):
            self._writes(person, "\n".join(lines), raw, timedelta(minutes=30))

    def _sends_on(self, gone: Iterable[str]) -> list[str]:
        """Of the cases whose provider stopped a few go to another one, where that can be; the rest is closed."""
        listed = [*gone]
        refused = self._sent_on.intersection(listed)  # one that has begun cannot go elsewhere
        more = self.moves - len(self._sent_on - refused)
        fresh = [one for one in listed if one not in refused]
        moved, closed = fresh[:more], [*refused, *(fresh if more <= 0 else ())]
        self._sent_on = self._sent_on - refused | {*moved}
        self.happened["cases of a provider that stopped"] += len(moved) + len(closed)
        return [*(f"{one}: stuur naar Time-in Klaswerking" for one in moved), *(f"{one}: sluit" for one in closed)]

    def _keeps(self, recipient: str, raw: bytes) -> None:
        """A CLB worker says of every second waitlist that it stays in the next school year; of the others nothing."""
        asked = NEXT_YEAR.findall(" ".join(parse(raw).text.split()))
        kept = [f"{reference}: behouden" for reference in dict.fromkeys(asked) if int(reference[-1]) % 2]
        person = next((one for one in (AN, BRAM, EVA, GRIET, ONTHAAL) if one.address == recipient), None)
        if kept and person:
            self._writes(person, "\n".join(kept), raw, timedelta(days=1))

    def _plan_referral(self, number: int, plan: Plan, of: int) -> None:
        days = (LAST_DAY - timedelta(days=75) - FIRST_DAY).days
        day = FIRST_DAY + timedelta(days=number * days // of)
        person = PARENT if plan.sender == "parent" else (AN, BRAM, EVA)[number % 3]
        at = back(person.address, datetime.combine(day, time(7 + number * 7 % 15, number * 13 % 60), ZONE))
        if WAITS_FOR_IT[0] <= day <= WAITS_FOR_IT[1]:
            at = datetime.combine(CLOSES_ON - timedelta(days=1), time(20, number * 13 % 60), ZONE)
        text = form(number, plan, (AN, BRAM, EVA)[number % 3])
        heapq.heappush(self.due, Due(at, self._number(), person, text, plan=plan, proof=plan.proof))

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers
