"""Is nobody at the desk? Something waits for a worker, and for too many opening days none did anything."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from mailflow.core.case import Happened, then
from mailflow.core.decision import Decision
from mailflow.core.letters import Kind, Letter
from mailflow.core.lifecycle import Event
from mailflow.core.rules import Rules

ALARMS = frozenset({Kind.DANGER, Kind.STUCK, Kind.UNDELIVERABLE})
"""Letters to the desk that cannot wait for its next digest."""


def days_of_silence(
    waiting: Sequence[datetime],
    last_act: datetime | None,
    rules: Rules,
    now: datetime,
    *,
    stands_in_since: datetime | None = None,
) -> int:
    """For how many whole opening days nothing was heard of the workers; 0 as long as that is no cause for a stand-in.

    *waiting*: since when each thing waits that only the desk can decide; *last_act*: when a worker last did anything.
    *stands_in_since*: when somebody began to stand in, who goes on with it until a worker is heard of: what the
    stand-in decides is no sign of them.
    """
    desk = rules.desk
    if not desk.stand_in:
        return 0
    if stands_in_since is not None:
        return desk.stand_in_after + _opening_days(stands_in_since, rules, now)
    if not waiting:
        return 0
    days = _opening_days(max(min(waiting), last_act) if last_act else min(waiting), rules, now)
    return days if days >= desk.stand_in_after else 0


def _opening_days(since: datetime, rules: Rules, now: datetime) -> int:
    """From the first opening after *since*, today not counted."""
    calendar = rules.calendar
    first, today = calendar.day_of(calendar.next_open(since)), calendar.day_of(now)
    return sum(calendar.is_working_day(date.fromordinal(day)) for day in range(first.toordinal(), today.toordinal()))


def with_stand_in(digest: Letter, days: int, rules: Rules) -> tuple[Letter, ...]:
    """The digest, and once the workers are silent for these days the same for who stands in; either says so."""
    if not days:
        return (digest,)
    told = replace(digest, values={**digest.values, "silent": days})
    return (told, replace(told, address=rules.desk.stand_in))


def alarms(decision: Decision) -> bool:
    """Whether it holds a letter that whoever is at the desk must read now."""
    return any(one.kind in ALARMS for part in decision.whole for one in part.letters)


def alarms_both(decision: Decision, stand_in: str, now: datetime) -> Decision:
    """The same decision, and each alarm in it goes to *stand_in* too."""
    main, *others = (_both(part, stand_in, now) for part in decision.whole)
    return replace(main, others=tuple(others))


def _both(part: Decision, stand_in: str, now: datetime) -> Decision:
    copies = [replace(one, address=stand_in) for one in part.letters if one.kind in ALARMS and one.to == "desk"]
    case, events = part.case, list(part.events)
    for one in copies if case else ():
        assert case is not None  # noqa: S101 - what the line above says, for the type checker
        number = str(case.letters + 1)
        events.append(
            Happened(at=now, kind=Event.LETTER_WRITTEN, codes={"n": number, "letter": one.kind, "to": "desk"})
        )
        case = then(case, events[-1])
    return replace(part, case=case, events=tuple(events), letters=(*part.letters, *copies), others=())
