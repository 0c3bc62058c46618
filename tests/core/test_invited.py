"""What a calendar answers to the invitation of a round table, and who must know it."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from mailbag import BRUSSELS, CLB, NAFT, RULES, Life, dispatched, with_round_table

from mailflow.core.invited import cannot_come
from mailflow.core.letters import Kind
from mailflow.core.lifecycle import Event, Party
from mailflow.core.mail import PROPOSED, CalendarAnswer, Machine, Notice
from mailflow.core.understand import understand


@pytest.fixture
def life() -> Life:
    """Both sides have a round table of Monday 12 October in their calendars."""
    return with_round_table()


def answers(life: Life, answer: str | None, *, role="provider", sender=None, text="", **more):
    """The calendar of that side answers; None: in a way that nobody can read."""
    came = life.came(text, sender=sender or {"provider": NAFT, "referrer": CLB}[role], role=role)
    told = None if answer is None else CalendarAnswer(answer=answer, **more)
    reading = replace(came.reading, notice=Notice(kind=Machine.CALENDAR_REPLY, why="a test", answer=told))
    made = understand(reading, life.rules, life.now.date())
    return life.decide(replace(came, reading=reading, understanding=made), life.case)


def told(decision):
    return [(one.kind, one.to, one.values["comes"]) for one in decision.letters]


def test_who_cannot_come_is_told_to_the_other_side(life):
    """After the pause, with the number of who cannot come; and the digest knows since when."""
    decision = answers(life, "declined")

    assert told(decision) == [(Kind.CANNOT_COME, "referrer", False)]
    assert decision.letters[0].values["when"] == "maandag 12 oktober 2026 om 14:00"
    assert decision.letters[0].values["phone"] == RULES.providers["naft-vbo"].phone
    assert decision.letters[0].not_before > life.now
    assert cannot_come(life.case) == ((Party.PROVIDER, life.now),)


def test_within_the_pause_the_newest_answer_counts(life):
    """Whoever can come after all before anybody heard otherwise, is no news."""
    answers(life, "declined")

    decision = answers(life, "accepted")

    assert told(decision) == []
    assert len(decision.voids) == 1
    assert cannot_come(life.case) == ()


def test_who_can_come_after_all_is_told_once_the_other_side_heard_otherwise(life):
    """And only then: a plain yes is what everybody expects."""
    assert told(answers(life, "accepted")) == []
    answers(life, "declined")
    life.later(minutes=20)

    assert told(answers(life, "declined")) == []
    assert told(answers(life, "accepted")) == [(Kind.CANNOT_COME, "referrer", True)]


@pytest.mark.parametrize(
    ("role", "other", "proposed", "text", "said"),
    [
        ("referrer", "provider", date(2026, 10, 14), "woensdag 14 oktober 2026", "rondetafel op 14/10/2026"),
        (
            "provider",
            "referrer",
            datetime(2026, 10, 14, 9, 30, tzinfo=BRUSSELS),
            "woensdag 14 oktober 2026 om 09:30",
            "rondetafel op 14/10/2026 om 09:30",
        ),
    ],
)
def test_another_moment_is_asked_for_with_one_tap_to_agree(life, role, other, proposed, text, said):
    """A day, or a day with its hour."""
    [letter] = answers(life, PROPOSED, role=role, proposed=proposed).letters

    assert (letter.to, letter.values["asks"], letter.values["proposed"]) == (other, True, text)
    assert [one.word for one in letter.taps] == [said]


@pytest.mark.parametrize("more", [{"sequence": 7}, {"sender": "vreemd@iets.example"}])
def test_an_answer_to_an_older_invitation_or_of_a_stranger_is_written_down_only(life, more):
    """Nobody is worried by it."""
    decision = answers(life, "declined", **more)

    assert told(decision) == []
    assert decision.events[0].codes["answer"] == "declined"


def test_an_answer_to_an_older_invitation_keeps_nobody_away(life):
    """The digest does not count it either."""
    answers(life, "declined", sequence=7)

    assert cannot_come(life.case) == ()


def test_noted_again_without_a_change_the_invitation_is_the_same(life):
    """What calendars hold was not made anew: their answer is to it."""
    life.says("De rondetafel is op 12 oktober om 14u.")

    assert told(answers(life, "declined", sequence=0)) == [(Kind.CANNOT_COME, "referrer", False)]


def test_without_a_round_table_nobody_is_missing():
    """Nothing was asked of anybody's calendar."""
    assert cannot_come(dispatched().case) == ()


def test_an_answer_that_nobody_can_read_is_noted(life):
    """It is mail of a machine all the same."""
    decision = answers(life, None)

    assert [one.kind for one in decision.events] == [Event.NOTE]
    assert decision.letters == ()
