"""How a referral went, of what happened to it."""

from datetime import date, timedelta

from rows import each_row

from mailflow.core.course import Course, Step, course_of
from mailflow.core.lifecycle import Event

CAME = date(2026, 10, 5)
FACTS = {"provider": "naft-vbo", "region": "VBO", "age": "12_15"}


def course(*steps: tuple[Event, dict[str, str]] | Event) -> Course:
    """One step a day, from the day after it came."""
    told = [(step, {}) if isinstance(step, Event) else step for step in steps]
    return course_of(
        CAME, [Step(CAME + timedelta(days=n), kind, codes) for n, (kind, codes) in enumerate(told, start=1)]
    )


LEFT = ((Event.REFERRAL_COMPLETE, FACTS), Event.REFERRAL_SENT)


def test_a_good_one_has_its_days():
    """Sent, spoken, accepted, started on the day that was named, back to school."""
    one = course(
        *LEFT,
        Event.CONTACT_MADE,
        Event.PROVIDER_ACCEPTED,
        (Event.TRAJECTORY_STARTED, {"day": "2026-10-20"}),
        (Event.TRAJECTORY_ENDED, {"outcome": "back_to_school"}),
    )

    assert (one.sent, one.contact, one.decided) == (date(2026, 10, 7), date(2026, 10, 8), date(2026, 10, 9))
    assert one.started == date(2026, 10, 20)
    assert one.outcome == "back_to_school"
    assert (one.accepted, one.waited, one.no_offer) == (True, False, False)
    assert one.facts["region"] == "VBO"


@each_row(
    ("steps", "outcome"),
    [
        ((), "not_sent"),
        (((Event.DESK_NEEDED, {"why": "provider", "offer": "none"}),), "not_sent"),
        (LEFT, "dispatched"),
        ((*LEFT, Event.PROVIDER_ACCEPTED), "accepted"),
        ((*LEFT, Event.WAITLIST_OFFERED), "waitlist"),
        ((*LEFT, Event.WAITLIST_AGREED), "waitlist"),
        ((*LEFT, Event.TRAJECTORY_STARTED), "running"),
        ((*LEFT, Event.TRAJECTORY_STARTED, Event.TRAJECTORY_ENDED), "ended"),
        ((*LEFT, Event.PROVIDER_FULL), "full"),
        ((*LEFT, Event.PROVIDER_FULL, Event.REFERRER_STOPPED), "full"),
        ((*LEFT, Event.PROVIDER_NO_MATCH, Event.REFERRER_STOPPED), "no_match"),
        ((*LEFT, Event.PROVIDER_NO_MATCH, Event.FOLLOW_ON_MADE), "replaced"),
        ((*LEFT, Event.WITHDRAWN), "withdrawn"),
    ],
)
def test_where_it_stands(steps, outcome):
    """Each way to stand or to end has one name."""
    assert course(*steps).outcome == outcome


def test_what_came_of_it_can_be_told_later():
    """After the end; and a start on another day as well."""
    one = course(
        *LEFT,
        Event.TRAJECTORY_STARTED,
        (Event.DAY_NOTED, {"day": "2026-11-02"}),
        Event.TRAJECTORY_ENDED,
        (Event.OUTCOME_NOTED, {"outcome": "handover"}),
        (Event.DAY_NOTED, {"day": "2027-01-29"}),
    )

    assert (one.started, one.outcome) == (date(2026, 11, 2), "handover")


def test_a_second_trajectory_begins_anew():
    """It has not ended yet."""
    one = course(
        *LEFT, Event.TRAJECTORY_STARTED, (Event.TRAJECTORY_ENDED, {"outcome": "handover"}), Event.TRAJECTORY_STARTED
    )

    assert one.outcome == "running"


def test_what_is_taken_back_was_not_said():
    """ "Oeps": the answer that counts is the next one."""
    one = course(*LEFT, (Event.PROVIDER_NO_MATCH, {"reason": "x"}), Event.BACK_TO_DISPATCHED, Event.PROVIDER_FULL)

    assert (one.no_match, one.outcome, one.decided) == ("", "full", CAME + timedelta(days=5))


def test_the_first_contact_is_that_with_the_provider_that_has_it():
    """A talk before it left is none."""
    one = course(Event.CONTACT_MADE, *LEFT, Event.CONTACT_MADE, Event.CONTACT_MADE)

    assert one.contact == CAME + timedelta(days=4)
    assert course(Event.CONTACT_MADE).contact is None


def test_days_on_a_waitlist():
    """From the yes until there is a place; news of the list does not begin it anew."""
    one = course(*LEFT, Event.WAITLIST_OFFERED, Event.REFERRER_KEPT, Event.WAITLIST_OFFERED, Event.PLACE_FREE)

    assert one.lists == [(CAME + timedelta(days=4), CAME + timedelta(days=6))]
    assert one.accepted
    assert one.waited
    assert one.decided == CAME + timedelta(days=3), "its first answer"


def test_whoever_waits_is_still_on_the_list():
    """A talk meanwhile takes nobody off it."""
    one = course(*LEFT, Event.WAITLIST_AGREED, Event.CONTACT_MADE)

    assert one.lists == [(CAME + timedelta(days=3), None)]


def test_a_place_that_is_taken_back_was_never_there():
    """Nor a waitlist."""
    accepted = course(*LEFT, Event.PROVIDER_ACCEPTED, Event.BACK_TO_DISPATCHED)
    waited = course(*LEFT, Event.WAITLIST_OFFERED, Event.BACK_TO_DISPATCHED)

    assert [(one.accepted, one.waited) for one in (accepted, waited)] == [(False, False), (False, False)]


def test_what_was_told_stays_until_something_else_is():
    """An event without facts, a day or an outcome takes none away."""
    one = course(
        *LEFT,
        Event.DESK_NEEDED,
        (Event.NOTE, {"why": "imported"}),
        Event.NOTE,
        Event.TRAJECTORY_STARTED,
        Event.DAY_NOTED,
    )
    ended = course(
        *LEFT, Event.TRAJECTORY_STARTED, (Event.TRAJECTORY_ENDED, {"outcome": "handover"}), Event.OUTCOME_NOTED
    )

    assert (one.facts, one.imported) == ({"region": "VBO", "age": "12_15"}, True)
    assert one.started == CAME + timedelta(days=6), "the day on which it was told"
    assert ended.outcome == "handover"


def test_why_there_was_no_match():
    """With its reason or without one."""
    assert (
        course(*LEFT, (Event.PROVIDER_NO_MATCH, {"reason": "no_sufficient_answer"})).no_match == "no_sufficient_answer"
    )
    assert course(*LEFT, Event.PROVIDER_NO_MATCH).no_match == "unsaid"


def test_what_is_no_referral_is_dropped():
    """The desk said so; erasing one is no such thing, and one that is opened again counts again."""
    assert course(Event.DESK_NEEDED, Event.VOIDED).dropped
    assert not course(Event.DESK_NEEDED, (Event.VOIDED, {"why": "erased"})).dropped
    assert not course(Event.DESK_NEEDED, Event.VOIDED, Event.REOPENED).dropped


def test_one_that_came_from_a_list_is_known_as_such():
    """When it really came and left, nobody knows."""
    assert course((Event.NOTE, {"why": "imported"}), *LEFT).imported
    assert not course((Event.NOTE, {"why": "answer"}), *LEFT).imported
