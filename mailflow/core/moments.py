"""Which days of its own does a waiting case have: a birthday that counts, and the end of the school year?"""

from dataclasses import dataclass
from datetime import date, datetime, time

from mailflow.core.case import Case, Happened
from mailflow.core.lifecycle import OPEN, Event, State
from mailflow.core.rules import Rules
from mailflow.core.school_year import school_year_bounds, school_year_of

DECIDES_TOO, OF_AGE = 12, 18
"""From 12 on a pupil is presumed able to agree itself; from 18 on nobody agrees in its place."""
WAITS = OPEN - {State.NEW, State.STARTED, State.COMPLETED}
"""Nothing has begun yet."""
NEXT_YEAR = "next_year"
"""The watch on a referrer who is asked about the next school year."""


@dataclass(frozen=True)
class Moment:
    """Something that is due on a day, whatever the case waits for; *age* 0: the question about the next year."""

    at: datetime
    """When the meldpunt is first open from that day on."""
    age: int = 0


def next_moment(case: Case, rules: Rules) -> Moment | None:
    """The first one that was not dealt with yet, None when there is none; it may lie in the past."""
    return min((*_birthdays(case, rules), *_next_year(case, rules)), key=lambda one: one.at, default=None)


def birthday(birth_date_iso: str, age: int) -> date | None:
    """The day on which one turns *age*; born on 29 February: 1 March where there is no such day."""
    try:
        born = date.fromisoformat(birth_date_iso)
    except ValueError:
        return None
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


def asked_about_next_year(case: Case) -> datetime | None:
    """When she was asked whether it stays on the waitlist, as long as she has not answered."""
    if case.state is not State.WAITLISTED:
        return None
    last = case.last(Event.NEXT_YEAR_ASKED, Event.NEXT_YEAR_KEPT)
    return last.at if last and last.kind is Event.NEXT_YEAR_ASKED and _since(case) <= last.at else None


def begins_again(asked: datetime, rules: Rules) -> datetime:
    """The first moment that the meldpunt is open in the school year after the one of *asked*."""
    calendar = rules.calendar
    first = school_year_bounds(school_year_of(calendar.day_of(asked)) + 1)[0]
    return calendar.next_open(datetime.combine(first, time.min, calendar.zone))


def _birthdays(case: Case, rules: Rules) -> list[Moment]:
    if case.state not in WAITS or case.opened_at is None or case.values.get("subject_kind") == "school":
        return []
    calendar, provider = rules.calendar, rules.providers.get(case.provider)
    too_old = {provider.maximum_age + 1} if provider and provider.maximum_age is not None else set()
    told = {h.codes["age"] for h in case.history if h.kind is Event.CAME_OF_AGE}
    opened = calendar.day_of(case.opened_at)
    found = []
    for age in {DECIDES_TOO, OF_AGE} | too_old:
        day = birthday(case.values.get("birth_date", ""), age)
        if day is not None and day > opened and str(age) not in told:
            found.append(Moment(calendar.next_open(datetime.combine(day, time.min, calendar.zone)), age))
    return found


def _next_year(case: Case, rules: Rules) -> list[Moment]:
    """On the day that the configuration names, once in a school year; who came on the list later is asked a year on."""
    if case.state is not State.WAITLISTED or case.since is None:
        return []
    calendar, (month, day) = rules.calendar, rules.next_year_on
    asked = next((h for h in reversed(case.history) if _about_next_year(h)), None)
    last = max(_since(case), asked.at) if asked else _since(case)
    year = school_year_of(calendar.day_of(last))
    days = (datetime(summer, month, day, tzinfo=calendar.zone) for summer in (year + 1, year + 2))
    return [Moment(next(at for at in map(calendar.next_open, days) if at > last))]


def _about_next_year(happened: Happened) -> bool:
    """Whether she was asked, or the desk told in her place (a case that was imported)."""
    return happened.kind is Event.NEXT_YEAR_ASKED or happened.codes.get("what") == NEXT_YEAR


def _since(case: Case) -> datetime:
    """Since when it is on the waitlist."""
    if case.since is None:  # pragma: no cover - every state but the first has such a moment
        raise ValueError("a case in a state came into it at some time")
    return case.since
