"""THE TABLE: each pair of state and event is a row or refused, and nobody is stuck."""

import re

from rows import each_row

from mailflow.core.lifecycle import (
    ENDS,
    FACTS,
    LIFECYCLE,
    MOVES,
    OPEN,
    ROWS,
    WHOSE_TURN,
    Event,
    Party,
    State,
    after,
    as_markdown,
    as_mermaid,
)

# What may happen, row by row, written apart from the table in the code, and the two ways back: from | event | to.
DESIGN = """
new, unconfirmed, awaiting_clb, needs_info, needs_desk, queued | sender_unproven | unconfirmed
new, unconfirmed, awaiting_clb, needs_info, needs_desk, queued | clb_missing | awaiting_clb
new, unconfirmed, awaiting_clb, needs_info, needs_desk, queued | info_missing | needs_info
new, unconfirmed, awaiting_clb, needs_info, needs_desk, queued | desk_needed | needs_desk
new, unconfirmed, awaiting_clb, needs_info, needs_desk, queued | referral_complete | queued
awaiting_clb | desk_released | queued
queued | referral_sent | dispatched
dispatched, waitlist_offered, waitlisted, accepted, full, no_match | provider_accepted | accepted
dispatched, waitlist_offered, accepted, full, no_match | waitlist_offered | waitlist_offered
waitlisted | waitlist_offered | waitlisted
dispatched, waitlist_offered, waitlisted, accepted, full, no_match | waitlist_agreed | waitlisted
dispatched, waitlist_offered, waitlisted, accepted, full, no_match | provider_full | full
dispatched, waitlist_offered, waitlisted, accepted, full, no_match | provider_no_match | no_match
waitlist_offered | referrer_kept | waitlisted
waitlisted | place_free | accepted
dispatched, waitlisted, accepted | trajectory_started | started
started | trajectory_ended | completed
completed | loop_settled | closed
completed | trajectory_started | started
full, no_match | follow_on_made | replaced
full, no_match | referrer_stopped | closed
waitlist_offered, waitlisted, dispatched, accepted | follow_on_made | replaced
waitlist_offered, waitlisted, accepted, full, no_match | back_to_dispatched | dispatched
waitlisted | back_to_offered | waitlist_offered
any open | withdrawn | withdrawn
any open | voided | withdrawn
closed, withdrawn, replaced | reopened | needs_desk
"""


def designed():
    """The rows of DESIGN as pairs."""
    pairs = {}
    for row in DESIGN.strip().splitlines():
        befores, event, then = row.split(" | ")
        for before in sorted(OPEN) if befores == "any open" else befores.split(", "):
            pairs[State(before), Event(event)] = State(then)
    return pairs


def test_the_table_is_the_one_of_the_design():
    """Row by row, nothing more and nothing less."""
    assert designed() == LIFECYCLE


def test_each_pair_is_a_row_or_refused():
    """17 states and 24 events that move: 115 pairs lead somewhere, all others are refused; a fact never moves."""
    answers = {(state, event): after(state, event) for state in State for event in MOVES}

    assert {pair for pair, then in answers.items() if then is not None} == LIFECYCLE.keys()
    assert (len(State), len(MOVES), len(LIFECYCLE)) == (17, 24, 115)
    assert all(after(state, fact) is state for state in State for fact in FACTS)


def test_no_pair_has_two_rows():
    """Else the last row would silently win."""
    pairs = [(before, event) for befores, event, _ in ROWS for before in befores]

    assert len(pairs) == len(set(pairs))


def reachable(start):
    """Every state that can come after *start*."""
    seen, todo = {start}, [start]
    while todo:
        here = todo.pop()
        new = {then for (before, _), then in LIFECYCLE.items() if before is here} - seen
        seen |= new
        todo += new
    return seen


def test_every_state_is_reachable_from_new():
    """No state is only decoration."""
    assert reachable(State.NEW) == {*State}


@each_row("state", sorted(OPEN))
def test_every_open_state_can_end(state):
    """Nobody waits for ever."""
    assert reachable(state) & ENDS


@each_row("state", sorted(ENDS))
def test_an_end_is_an_end_unless_it_is_reopened(state):
    """Only one event leads out of it."""
    assert [event for before, event in LIFECYCLE if before is state] == [Event.REOPENED]


def test_it_is_always_exactly_one_partys_turn():
    """Every state says whose turn it is, and only the ends say nobody's."""
    assert WHOSE_TURN.keys() == {*State}
    assert {state for state, party in WHOSE_TURN.items() if party is None} == ENDS
    assert {*WHOSE_TURN.values()} == {*Party, None} - {Party.CLB, Party.SENDER}  # only within awaiting_clb: watches.py


def test_the_markdown_has_a_line_for_each_row():
    """And names every state and event that moves."""
    lines = as_markdown().splitlines()

    assert len(lines) == 2 + len(ROWS)
    assert "| waitlist_offered | referrer_kept | waitlisted | provider |" in lines
    assert "| any open | withdrawn | withdrawn | - |" in lines
    assert all(line.count("|") == 5 for line in lines)


def test_the_drawing_has_an_arrow_for_each_move_but_those_of_every_state():
    """A case that ends by withdrawal can do so from anywhere: that is said in words."""
    drawing = as_mermaid()

    assert drawing.startswith("stateDiagram-v2\n    [*] --> new\n")
    assert "    queued --> dispatched: referral_sent\n" in drawing
    assert "    new --> needs_info: info_missing\n" in drawing
    assert drawing.endswith("    replaced --> [*]")
    for state in State:
        assert re.search(rf"\b{state}\b", drawing)
