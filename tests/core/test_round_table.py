"""The round table: noted with its day and hour, and the other side hears of it."""

from dataclasses import replace

import pytest
from mailbag import RULES, WORKER, at_state, dispatched, with_round_table
from rows import each_row

from mailflow.core.lifecycle import Event, State
from mailflow.core.round_table import time_in, when_text


def test_the_other_side_hears_when_it_is():
    """The provider says it, the referrer gets day and hour after the pause; and the other way round."""
    life = at_state(State.ACCEPTED)

    life.says("De rondetafel is op 12 oktober om 14u op school.")

    (letter,) = life.last.letters
    assert (letter.to, letter.values["when"]) == ("referrer", "maandag 12 oktober 2026 om 14:00")
    assert letter.values["moved"] is False
    assert letter.not_before == life.now + RULES.terms.pause

    life.later(hours=1)
    life.says("Rondetafel verplaatst naar 13 oktober 9u30.", role="referrer")

    (letter,) = life.last.letters
    assert (letter.to, letter.values["when"]) == ("provider", "dinsdag 13 oktober 2026 om 09:30")
    assert letter.values["moved"] is True


def test_the_desk_tells_both():
    """It only passes on what it heard by phone."""
    life = at_state(State.ACCEPTED)

    life.says("rondetafel op 12 oktober", role="desk", sender=WORKER)

    assert [one.to for one in life.last.letters] == ["referrer", "provider"]


def test_accepted_with_a_day_is_one_letter():
    """The referrer reads the day where she reads that there is a place."""
    life = dispatched()

    life.says("Aanvaard. Rondetafel op maandag 12 oktober 2026 om 10u.")

    (letter,) = (one for one in life.last.letters if one.to == "referrer")
    assert letter.kind == "accepted"
    assert letter.values["round_table"] == "maandag 12 oktober 2026 om 10:00"


def test_the_same_day_is_not_told_twice():
    """A second mail with the same words writes nothing."""
    life = at_state(State.ACCEPTED)
    life.says("rondetafel op 12 oktober")

    life.says("rondetafel op 12 oktober")

    assert life.kinds() == []
    assert life.happened(Event.ROUND_TABLE_NOTED) == 2


def test_without_a_day_it_is_noted_only():
    """Nobody is told what nobody said."""
    life = at_state(State.ACCEPTED)
    assert when_text(life.case) == ""

    life.says("We hadden de rondetafel.")

    assert "round_table" not in life.to("referrer")
    assert when_text(life.case) == ""


@each_row(
    ("written", "time"),
    [
        ("Rondetafel dinsdag 24 november 14u", "14:00"),
        ("rondetafel op 12/10 om 9:30", "09:30"),
        ("Rondetafel om 8.45 of 9.45", ""),
        ("Rondetafel op school.\nBel me om 9u.", ""),
        ("Rondetafel 24 november", ""),
    ],
)
def test_the_hour_is_read_only_when_there_is_one(written, time):
    """And only from the lines that name the round table."""
    assert time_in(written) == time


def test_oeps_takes_it_back():
    """Within the pause the referrer has not heard it."""
    life = at_state(State.ACCEPTED)
    life.says("rondetafel op 12 oktober")

    life.says("oeps")

    assert life.kinds() == ["unclear"]
    assert life.last.voids


@pytest.fixture
def invited():
    """Both sides have it in their calendars."""
    return with_round_table()


def test_a_case_that_stops_calls_it_off(invited):
    """Whoever was invited hears so, as the next change of the same invitation."""
    invited.says("stop", role="referrer")

    called_off = [one for one in invited.last.letters if one.kind == "round_table"]
    assert [(one.to, one.values["cancelled"], one.invitation.sequence) for one in called_off] == [
        ("provider", True, 1),
        ("referrer", True, 1),
    ]
    assert when_text(invited.case) == ""


def test_one_that_is_over_is_not_called_off(invited):
    """Nor one that nobody was invited to."""
    invited.later(days=8)
    invited.says("stop", role="referrer")

    assert "round_table" not in invited.kinds()


def test_a_provider_that_left_is_told_nothing(invited):
    """The other side is."""
    rest = {key: one for key, one in RULES.providers.items() if key != "naft-vbo"}
    invited.rules = replace(RULES, providers=rest)

    invited.says("De rondetafel is op 13 oktober om 14u.", role="desk")

    assert [(one.kind, one.to) for one in invited.last.letters] == [("round_table", "referrer")]
