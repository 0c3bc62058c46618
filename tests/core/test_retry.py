"""When is a letter tried again, and when do we give up?"""

from datetime import UTC, datetime, timedelta

from rows import each_row

from mailflow.core.retry import COMPLAIN_AT, after_our_fault, again_at, gives_up

NOW = datetime(2026, 10, 5, 10, 0, tzinfo=UTC)


@each_row(("attempts", "minutes"), [(1, 1), (2, 5), (3, 20), (4, 60), (5, 240), (6, 240), (99, 240)])
def test_each_try_waits_longer_up_to_four_hours(attempts, minutes):
    """1, 5, 20, 60, 240 minutes, then every four hours."""
    assert again_at(attempts, NOW) == NOW + timedelta(minutes=minutes)


def test_after_five_days_we_give_up():
    """RFC 5321 4.5.4.1 asks for four to five."""
    assert not gives_up(NOW, NOW + timedelta(days=5) - timedelta(seconds=1))
    assert gives_up(NOW, NOW + timedelta(days=5))


def test_the_desk_hears_within_a_working_day():
    """By the time that the fifth try has failed, an hour and a half has gone by; the next is hours away."""
    at = NOW
    for attempts in range(1, COMPLAIN_AT):
        at = again_at(attempts, at)

    assert timedelta(hours=1) < at - NOW < timedelta(hours=8)


def test_a_fault_of_ours_is_tried_three_times():
    """Then a person looks at it."""
    assert after_our_fault(1, NOW) == NOW + timedelta(seconds=10)
    assert after_our_fault(2, NOW) == NOW + timedelta(minutes=2)
    assert after_our_fault(3, NOW) is None
