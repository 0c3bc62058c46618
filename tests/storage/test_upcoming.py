"""What is claimed for a thread that waits comes before what that thread claims by itself."""

from datetime import UTC, datetime
from threading import Event, Thread

from mailflow.storage.claims import Task
from mailflow.storage.upcoming import Upcoming

READING, SENDING = ("read",), ("send",)
LETTER = Task(id=1, kind="send", fence=1, attempts=0, due_at=datetime(2026, 10, 5, 7, 0, tzinfo=UTC))


def test_a_thread_goes_on_only_once_it_has_what_is_claimed_for_it():
    """Else it would claim the next letter meanwhile, and send that first."""
    upcoming, waits, woken = Upcoming(READING, SENDING), Event(), Event()
    took: list[Task | None] = []

    def sends() -> None:
        with upcoming.waited_for(SENDING):
            waits.set()
            woken.wait()
        took.append(upcoming.take(SENDING))

    thread = Thread(target=sends)
    thread.start()
    waits.wait()
    claims = [upcoming.may_claim(SENDING), upcoming.may_claim(SENDING)]
    woken.set()
    thread.join(0.1)
    meanwhile = [*took]
    upcoming.hand([LETTER])
    upcoming.done(SENDING)
    thread.join()

    assert claims == [True, False]
    assert meanwhile == []
    assert took == [LETTER]


def test_nothing_is_claimed_for_a_thread_that_works():
    """It claims what comes next with what it keeps."""
    upcoming = Upcoming(READING, SENDING)
    with upcoming.waited_for(READING):
        pass

    assert not upcoming.may_claim(READING)
