"""Whatever the calendars and the moment: what a watch promises can be kept, and no sooner than its cause."""

from collections import deque
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import cycle
from random import Random

from mailbag import RULES
from rows import each_row
from test_workdays import CALENDARS, MOMENTS

from mailflow.core.case import Case, Happened, replay
from mailflow.core.lifecycle import ENDS, LIFECYCLE, OPEN, Event, Party, State
from mailflow.core.watches import calendar_of, watch
from mailflow.core.workdays import BRUSSELS

WAITS = sorted(OPEN - {State.NEW}, key=lambda state: state.value)
FACTS = (Event.CONTACT_MADE, Event.CONTACT_ATTEMPTED, Event.CALLBACK_PROMISED, Event.NO_SHOW, Event.ELSEWHERE_ASKED)
TURNS = (
    datetime(2026, 3, 29, 1, 59, tzinfo=BRUSSELS),
    datetime(2026, 10, 25, 2, 30, tzinfo=BRUSSELS),
    datetime(2026, 10, 25, 2, 30, tzinfo=BRUSSELS, fold=1),
    datetime(2028, 2, 28, 16, 30, tzinfo=BRUSSELS),
    datetime(2028, 2, 29, 9, 0, tzinfo=BRUSSELS),
    datetime(2026, 12, 31, 23, 59, tzinfo=BRUSSELS),
)
"""The clock changes, a leap day, the end of a year."""
CHANCE = Random(29)
CASES = [
    (state, moment, tuple(CHANCE.choices(FACTS, k=CHANCE.randint(0, 3))))
    for state, moment in zip(cycle(WAITS), (*TURNS, *MOMENTS, *TURNS), strict=False)
]
"""Every state that waits, at all kinds of moments, with some facts of afterwards."""
PARTIES = [tuple(CHANCE.choices(CALENDARS, k=3)) for _ in CASES]


@cache
def road(state):
    """The shortest way of the table from new to that state."""
    ways = deque([(State.NEW, ())])
    seen = {State.NEW}
    while ways:
        here, events = ways.popleft()
        if here is state:
            return events
        for (before, event), then in LIFECYCLE.items():
            if before is here and then not in seen:
                seen.add(then)
                ways.append((then, (*events, event)))
    raise AssertionError(state)


def at(state, moment, facts=()):
    """A case that came into that state then, and of which these facts were told an hour apart since."""
    moves = [Happened(at=moment, kind=event, codes={"provider": "naft-vbo"}) for event in road(state)]
    told = [
        Happened(at=moment + timedelta(hours=n), kind=kind, by=Party.PROVIDER) for n, kind in enumerate(facts, start=1)
    ]
    return replay([*moves, *told], Case(reference="MSI-2026-0001", parties={"referrer": "an.peeters@vclbleuven.be"}))


def with_calendars(desk, clb, provider, **terms):
    """The shipped rules, of a meldpunt, a CLB and a provider that are open at these hours."""
    naft = replace(RULES.providers["naft-vbo"], calendar=provider)
    return replace(
        RULES,
        calendar=desk,
        clb_calendar=clb,
        providers={**RULES.providers, "naft-vbo": naft},
        terms=replace(RULES.terms, **terms),
    )


@each_row(
    ("state", "moment", "facts", "calendars"), [(*case, three) for case, three in zip(CASES, PARTIES, strict=True)]
)
def test_no_watch_falls_on_a_closed_day_or_before_its_cause(state, moment, facts, calendars):
    """Not in the night that the clock changes, nor on a leap day; whichever party is waited for."""
    rules = with_calendars(*calendars)
    case = at(state, moment, facts)

    open_ = watch(case, rules)

    assert open_ is not None
    calendar = calendar_of(open_.party, case, rules)
    assert open_.since.astimezone(UTC) >= moment.astimezone(UTC)
    assert open_.due.astimezone(UTC) >= open_.since.astimezone(UTC)
    assert calendar.is_open(open_.due)
    assert open_.look_at is None or calendar.is_open(open_.look_at)


@each_row(
    ("state", "moment", "days", "more"),
    [(state, moment, CHANCE.randint(1, 15), CHANCE.randint(1, 15)) for state, moment, _ in CASES],
)
def test_a_longer_term_is_never_over_sooner(state, moment, days, more):
    """A changed term moves what is open: the watch is computed, not kept."""
    short, long = (
        replace(RULES.terms, keep=n, start=n, choice=n, info=n, confirmation=n, clb=n, feedback=n, decision=n)
        for n in (days, days + more)
    )
    case = at(state, moment)

    sooner, later = watch(case, replace(RULES, terms=short)), watch(case, replace(RULES, terms=long))

    assert sooner.due <= later.due
    moved = sooner.what in {"keep", "start", "choice", "info", "confirmation", "clb", "feedback"}
    assert (sooner.due < later.due) is moved


@each_row("state", sorted(ENDS, key=lambda state: state.value))
def test_an_end_is_watched_by_nobody(state):
    """However it came there."""
    assert watch(at(state, datetime(2026, 10, 5, 10, 0, tzinfo=BRUSSELS)), RULES) is None


@each_row(("state", "day"), [(state, date(2024, 1, 1) + timedelta(days=CHANCE.randrange(3288))) for state in 6 * WAITS])
def test_a_term_told_in_summer_time_ends_at_the_same_hour_in_winter_time(state, day):
    """Terms are days on the clock of the party: the change of the clock moves no hour."""
    moment = datetime(day.year, day.month, day.day, 10, 0, tzinfo=BRUSSELS)
    open_ = watch(at(state, moment), RULES)

    local = open_.due.astimezone(BRUSSELS)

    assert (local.hour, local.minute) in {(10, 0), (9, 0)}
