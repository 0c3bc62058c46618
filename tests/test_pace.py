"""How fast letters leave for one domain."""

from datetime import UTC, datetime, timedelta

from house import CLB, DESK, House

from mailflow.outgoing.pace import Pace

NINE = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)


def seconds(number: float) -> datetime:
    return NINE + timedelta(seconds=number)


def test_up_to_its_number_letters_leave_at_once():
    """The next one waits until the first one is a minute old; other domains do not wait."""
    pace = Pace(3)
    for second in (0, 10, 20):
        assert pace.opens_at("an@clb.example", seconds(second)) is None
        pace.left("an@clb.example", seconds(second))

    assert pace.opens_at("bart@CLB.example", seconds(30)) == seconds(60)
    assert pace.opens_at("an@naft.example", seconds(30)) is None
    assert pace.opens_at("bart@clb.example", seconds(60)) is None
    pace.left("bart@clb.example", seconds(60))
    assert pace.opens_at("bart@clb.example", seconds(60)) == seconds(70)


def test_a_clock_that_was_set_back_holds_nothing_up():
    """What seems to have left in the future says nothing."""
    pace = Pace(1)
    pace.left("an@clb.example", seconds(3600))

    assert pace.opens_at("an@clb.example", seconds(0)) is None


def test_letters_beyond_the_pace_leave_later_and_in_their_order(house: House):
    """Five confirmations at once for one CLB, two a minute: none is lost, none overtakes, none counts as a try."""
    house.app.worker.pace.per_minute = 2
    for number in range(5):
        house.mail(to=DESK, message_id=f"<{number}@vclbleuven.be>", headers=f"X-Number: {number}\r\n")

    at_once = len(house.letters(CLB)) + len(house.drain())
    a_minute_later = len(house.later(seconds=61))
    in_the_end = len(house.later(seconds=61))

    subjects = [letter.subject for letter in house.letters(CLB)]
    assert (at_once, a_minute_later, in_the_end) == (2, 2, 1)
    assert subjects == sorted(subjects)
    assert house.app.store.late_letters(1) == 0
