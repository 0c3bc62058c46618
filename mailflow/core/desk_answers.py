"""What the desk's orders about no single case do, and the one letter that says so."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from mailflow.core.case import Case
from mailflow.core.commands import Misread
from mailflow.core.decision import Decision, Outcome, ProviderMark
from mailflow.core.desk_verbs import NO_ORDER, help_letter
from mailflow.core.draft import Drafts
from mailflow.core.house import LookedUp
from mailflow.core.house_orders import (
    Again,
    Back,
    Close,
    Drop,
    Find,
    Forget,
    Help,
    HouseOrder,
    Ordered,
    Places,
    Senders,
    Signals,
    ordered,
)
from mailflow.core.known_senders import Meaning, Remembered
from mailflow.core.letters import Kind, Letter
from mailflow.core.lifecycle import ENDS
from mailflow.core.occasions import MailCame
from mailflow.core.replies import reply
from mailflow.core.rules import Rules
from mailflow.core.school_year import Closure, school_year_bounds, school_year_of
from mailflow.core.several_replies import answered_rows, reply_to_several
from mailflow.core.shown import Row
from mailflow.core.signals import is_courtesy
from mailflow.core.wording import STATES, day_text, initials, short_day

UNSEALED = "een opdracht telt alleen als antwoord op een overzicht of een brief van ons"
MOST_FOUND = 20
_NUMBER = re.compile(r"\b\d{4,7}\b")


def typed_orders(came: MailCame, rules: Rules, today: date) -> Ordered | None:
    """The orders about no single case in that mail, when it is the proven desk's."""
    return ordered(came.reading, came.understanding, rules, today)


def obeyed(case: Case | None, came: MailCame, typed: Ordered, drafts: Drafts) -> Decision:
    """Obey each line in its order; what is about cases in the same mail is decided with it, or the writer is told."""
    rules = drafts.rules
    author, trace = came.reading.mail.author.key, came.understanding.trace
    thread = came.understanding.thread
    if not thread.sealed and thread.digest is None and thread.mail is None:
        return Decision(outcome=Outcome.REPLY, letters=(help_letter(author, UNSEALED),), trace=trace)
    today = drafts.today
    rows: list[Row] = []
    decision = Decision(outcome=Outcome.REPLY, trace=trace)
    for line, order in typed.lines:
        if isinstance(order, Misread):
            rows.append(Row(line, f"niet uitgevoerd: {order.why}"))
            continue
        if isinstance(order, Back) and author == rules.desk.stand_in.lower():
            rows.append(Row(line, "niet uitgevoerd: jij vervangt; dat schrijft wie terug is, uit de eigen mailbox"))
            continue
        decision, said = _obey(decision, order, came.looked_up, rules, today)
        rows += [Row(line, one) for one in said]
    listed = any(isinstance(order, Help) for order in typed.orders)
    if typed.rest.written.strip() and not _only_greets(typed.rest.written):
        about = replace(came, reading=typed.rest)
        several = reply_to_several(case, about, drafts)
        if several is not None:
            rows += answered_rows(several)
            decision = replace(decision, others=several.others)
        elif case is not None:
            decision = replace(decision, others=reply(case, about, drafts).whole)
        else:
            rows.append(
                Row("de rest van je mail", f"niet uitgevoerd: {NO_ORDER}, of niet bij welk dossier of welke mail")
            )
    answer = Letter(
        kind=Kind.ECHO,
        to="desk",
        address=author,
        values={"sentence": "", "other": "", "rows": rows, "day": ""},
        answers_mail=True,
    )
    letters = (*((answer,) if rows else ()), *((help_letter(author),) if listed else ()))
    return replace(decision, letters=letters, trace=(*trace, f"{len(typed.lines)} orders about no single case"))


def _only_greets(rest: str) -> bool:
    """Whether nothing is left but a greeting or a name below it; with a number in it, it may still be an order."""
    return is_courtesy(rest) and not _NUMBER.search(rest)


def _obey(
    decision: Decision, order: HouseOrder, known: LookedUp, rules: Rules, today: date
) -> tuple[Decision, Sequence[str]]:
    """The decision with that order in it, and what the desk reads back."""
    match order:
        case Find():
            return decision, _found(known.pupils.get(order, ()), rules)
        case Places(provider=key, full=full):
            until = school_year_bounds(school_year_of(today))[1] if full else None
            said = f"volzet tot en met {short_day(until)}" if until else "er is weer plaats"
            marks = (*decision.marks, ProviderMark(key, until))
            return replace(decision, marks=marks), (f"{rules.providers[key].name}: {said}",)
        case Close():
            return _closed(decision, order, known, rules)
        case Again(mail=number):
            tasks = tuple(one.task for one in known.stuck if number in (None, one.mail))
            said = "1 taak proberen we opnieuw" if len(tasks) == 1 else f"{len(tasks)} taken proberen we opnieuw"
            return _with(decision, retries=tasks), (said if tasks else "daar zit niets vast",)
        case Forget(number=number):
            there = [one for one in known.senders if one.number == number]
            said = f"{there[0].remembered.who} is vergeten" if there else "die afzender onthielden we niet"
            return _with(decision, forgets=tuple(one.number for one in there)), (said,)
        case Senders():
            lines = [f"{one.number}: {_taken_for(one.remembered, rules)}" for one in known.senders]
            return decision, lines or ("we onthouden niemand",)
        case Back():
            return decision, (f"welkom terug: overzichten en meldingen gaan alleen nog naar {rules.desk.workers[0]}",)
        case Drop(number=number):
            drops = tuple(one.mail for one in known.signals if one.mail == number)
            said = f"signaal {number} is weg" if drops else "er is geen signaal met dat nummer"
            return _with(decision, drops=drops), (said,)
        case Signals():
            told = [f"{one.mail}: {' '.join(one.text.split())}" for one in known.signals[-MOST_FOUND:]]
            return decision, told or ("er zijn geen signalen",)
        case Help():  # pragma: no branch - every order is one of these
            return decision, ()


def _with(decision: Decision, **more: tuple[int, ...] | tuple[Closure, ...]) -> Decision:
    house = decision.house
    grown = {name: (*getattr(house, name), *values) for name, values in more.items()}
    return replace(decision, house=replace(house, **grown))


def _closed(decision: Decision, order: Close, known: LookedUp, rules: Rules) -> tuple[Decision, Sequence[str]]:
    days = _days_text(order.first, order.last)
    told = (*known.closures, *decision.house.closes)
    if order.lifted:
        gone = tuple(one for one in told if order.first <= one.first and one.last <= order.last)
        if not gone:
            return decision, (f"{days} was niet als sluiting gemeld: noem de dagen zoals je ze meldde",)
        return _with(decision, reopens=gone), (f"toch open: {'; '.join(_days_text(c.first, c.last) for c in gone)}",)
    closure = Closure(order.first, order.last, why="")
    if closure in told:
        return decision, (f"{days}: dat wisten we al",)
    with_it = replace(rules.calendar, closures=(*rules.calendar.closures, *decision.house.closes, closure))
    after = datetime.combine(order.last + timedelta(days=1), time.min, rules.calendar.zone)
    first = with_it.next_open(after).date()
    return _with(decision, closes=(closure,)), (f"gesloten {days}; weer open op {day_text(first)}",)


def _days_text(first: date, last: date) -> str:
    return f"op {day_text(first)}" if first == last else f"van {day_text(first)} tot en met {day_text(last)}"


def _found(cases: Sequence[Case], rules: Rules) -> Sequence[str]:
    """Reference, initials and where it stands: the newest first, and the open ones before those that ended."""
    if not cases:
        return ("geen dossier van een leerling met die naam en geboortedatum",)
    newest = sorted(sorted(cases, key=lambda one: one.reference, reverse=True), key=lambda one: one.state in ENDS)
    said = []
    for one in newest[:MOST_FOUND]:
        name = rules.providers[one.provider].name if one.provider in rules.providers else ""
        since = f" sinds {short_day(one.since.astimezone(rules.calendar.zone).date())}" if one.since else ""
        said.append(f"{one.reference} {initials(one.values)}: {STATES[one.state]}{since}{f', {name}' if name else ''}")
    more = len(cases) - MOST_FOUND
    return (*said, *([f"en nog {more} andere"] if more > 0 else []))


def _taken_for(one: Remembered, rules: Rules) -> str:
    clb = next((clb.name for clb in rules.clbs if clb.key == one.clb), one.clb)
    words = {Meaning.CLB: f"een mail van {clb}", Meaning.FAMILY: "een ouder, voorziening of school"}
    return f"{one.who}, {words.get(one.meaning, 'vraagt niets')}"
