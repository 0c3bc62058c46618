"""Whatever the calendars and the moment: what a watch promises can be kept, and no sooner than its cause."""

from collections import deque
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from mailbag import RULES
from rows import each_row
from test_workdays import CALENDARS, MOMENTS

from mailflow.core.case import Case, Happened, replay
from mailflow.core.lifecycle import ENDS, LIFECYCLE, OPEN, Event, Party, State
from mailflow.core.watches import calendar_of, watch
from mailflow.core.workdays import BRUSSELS

some = settings(max_examples=40, derandomize=True, database=None, deadline=None)

WAITS = sorted(OPEN - {State.NEW}, key=lambda state: state.value)
FACTS = (Event.CONTACT_MADE, Event.CONTACT_ATTEMPTED, Event.CALLBACK_PROMISED, Event.NO_SHOW, Event.ELSEWHERE_ASKED)
TURNS = st.sampled_from([
    datetime(2026, 3, 29, 1, 59, tzinfo=BRUSSELS),
    datetime(2026, 10, 25, 2, 30, tzinfo=BRUSSELS),
    datetime(2026, 10, 25, 2, 30, tzinfo=BRUSSELS, fold=1),
    datetime(2028, 2, 28, 16, 30, tzinfo=BRUSSELS),
    datetime(2028, 2, 29, 9, 0, tzinfo=BRUSSELS),
    datetime(2026, 12, 31, 23, 59, tzinfo=BRUSSELS),
])  # fmt: skip
"""The clock changes, a leap day, the end of a year."""


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


@some
@given(
    st.sampled_from(WAITS),
    MOMENTS | TURNS,
    st.lists(st.sampled_from(FACTS), max_size=3),
    CALENDARS,
    CALENDARS,
    CALENDARS,
)
def test_no_watch_falls_on_a_closed_day_or_before_its_cause(state, moment, facts, desk, clb, provider):
    """Not in the night that the clock changes, nor on a leap day; whichever party is waited for."""
    rules = with_calendars(desk, clb, provider)
    case = at(state, moment, facts)

    open_ = watch(case, rules)

    assert open_ is not None
    calendar = calendar_of(open_.party, case, rules)
    assert open_.since.astimezone(UTC) >= moment.astimezone(UTC)
    assert open_.due.astimezone(UTC) >= open_.since.astimezone(UTC)
    assert calendar.is_open(open_.due)
    assert open_.look_at is None or calendar.is_open(open_.look_at)


@some
@given(st.sampled_from(WAITS), MOMENTS | TURNS, st.integers(1, 15), st.integers(1, 15))
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


@some
@given(st.sampled_from(WAITS), st.dates(date(2024, 1, 1), date(2032, 12, 31)))
def test_a_term_told_in_summer_time_ends_at_the_same_hour_in_winter_time(state, day):
    """Terms are days on the clock of the party: the change of the clock moves no hour."""
    moment = datetime(day.year, day.month, day.day, 10, 0, tzinfo=BRUSSELS)
    open_ = watch(at(state, moment), RULES)

    local = open_.due.astimezone(BRUSSELS)

    assert (local.hour, local.minute) in {(10, 0), (9, 0)}
