"""Do words of a person point to danger for somebody? No judgement by machine: a person reads it at once."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from mailflow.core import desk_letters
from mailflow.core.decision import Decision
from mailflow.core.draft import Draft
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event
from mailflow.core.occasions import MailCame
from mailflow.core.places import plain
from mailflow.core.rules import Rules

DAY = timedelta(days=1)
MOST_LINES = 5
LONGEST_LINE = 300
SHOWN_IN = frozenset(
    {
        Kind.RECEIVED,
        Kind.MISSING,
        Kind.CHOOSE_PROVIDER,
        Kind.CONFIRM,
        Kind.FAMILY,
        Kind.NO_FORM,
        Kind.UNCLEAR,
        Kind.ECHO,
        Kind.SUPPLEMENTED,
    }
)
"""Answers to whoever wrote: they name the numbers to phone."""


@dataclass(frozen=True)
class Words:
    """Words that are looked for, one or more in a row; a star at the end of one stands for any ending."""

    listed: tuple[str, ...]

    def found(self, text: str) -> tuple[str, ...]:
        """Which of them stand in a text, each once, in plain letters."""
        pattern = _pattern(self.listed)
        return tuple(dict.fromkeys(pattern.findall(plain(text)))) if pattern else ()


@lru_cache(maxsize=4)
def _pattern(listed: tuple[str, ...]) -> re.Pattern[str] | None:
    """Put together once for a configuration: every mail is looked through."""
    rows = [[(plain(word), word.endswith("*")) for word in one.split()] for one in listed]
    parts = [" ".join(re.escape(word) + (r"\w*" if ends else "") for word, ends in row if word) for row in rows]
    return re.compile(rf"\b(?:{'|'.join(filter(None, parts))})\b") if any(parts) else None


def told_of_danger(decision: Decision, came: MailCame, rules: Rules, now: datetime) -> Decision:
    """The same decision; where a person's words point to danger also the desk is told, and answers name whom to phone.

    Nothing else changes. On one case the desk is told once a day, about everybody at most as often as config says.
    """
    if came.reading.notice.kind is not None or came.understanding.verdict.role == "desk":
        return decision
    lines, listed = _lines(came), Words(rules.crisis.words)
    words = listed.found("\n".join(lines))
    if not words:
        return decision
    shown = tuple(
        replace(one, values={**one.values, "emergency": rules.crisis.numbers})
        if one.kind in SHOWN_IN and one.to != "desk"
        else one
        for one in decision.letters
    )
    trace = (*(decision.trace or came.understanding.trace), f"words of danger: {', '.join(words)}")
    decision = replace(decision, letters=shown, trace=trace)
    if came.alarmed >= rules.crisis.letters_a_day or _told_lately(decision, now):
        return decision
    told = desk_letters.danger(rules, came.reading.mail, words=words, lines=_around(lines, listed))
    if decision.case is None:
        return replace(decision, letters=(*decision.letters, told))
    draft = Draft(case=decision.case, rules=rules, now=now)
    draft.write(told)
    more = draft.decided()
    return replace(
        decision,
        case=draft.case,
        events=(*decision.events, *more.events),
        letters=(*decision.letters, *more.letters),
    )


def _lines(came: MailCame) -> list[str]:
    """What this person wrote now, and what the form says, wherever that was read."""
    written = "" if came.reading.nothing_new else came.reading.written
    forms = (came.understanding.form, came.understanding.supplement)
    values = (value for form in forms if form for value in form.values.values())
    filled_in = (line.strip() for value in values for line in value.splitlines())
    return list(dict.fromkeys([*written.splitlines(), *(line for line in filled_in if line not in written)]))


def _around(lines: Iterable[str], listed: Words) -> tuple[str, ...]:
    return tuple(line[:LONGEST_LINE] for line in lines if listed.found(line))[:MOST_LINES]


def _told_lately(decision: Decision, now: datetime) -> bool:
    history = decision.case.history if decision.case else ()
    return any(
        one.kind is Event.LETTER_WRITTEN and one.codes.get("letter") == Kind.DANGER and one.at > now - DAY
        for one in history
    )
