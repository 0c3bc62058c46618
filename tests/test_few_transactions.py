"""Each durable transaction costs a write to disk: how many does the work of a mail take?"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from house import FORM, NAFT, House

from mailflow import seams
from mailflow.clock import StoppedClock, real_now
from mailflow.storage.tasks import add
from mailflow.worker import DECIDING, SENDING


class Ticking(StoppedClock):
    """Time goes by while work is done."""

    def now(self) -> datetime:
        self.move(milliseconds=1)
        return super().now()


@pytest.fixture
def written() -> Iterator[Callable[[], int]]:
    """How many transactions were written since it was last asked."""
    seams.count()
    before = 0

    def since() -> int:
        nonlocal before
        now = seams.counted()["after_commit"]
        before, count = now, now - before
        return count

    yield since
    seams.uncount()


@pytest.fixture(params=[StoppedClock, Ticking])
def by_day(house: House, request: pytest.FixtureRequest) -> House:
    """Open, and nothing to do; with a clock that stands still, and with one that does not."""
    house.at(2026, 10, 6, 10, 0)
    house.clock = request.param(datetime(2026, 10, 6, 8, 0, tzinfo=UTC))
    house.restart()
    return house


def test_a_case_is_written_in_six_transactions(by_day: House, written: Callable[[], int]):
    """Received; claimed; read and released; a letter claimed; each of two letters noted."""
    before = len(by_day.courier.sent)
    written()

    by_day.mail()
    by_day.drain()

    assert len(by_day.courier.sent) == before + 2
    assert written() <= 6


def test_an_idle_service_writes_a_case_in_four(by_day: House, written: Callable[[], int]):
    """Received, with its reading claimed for the thread that waits; read, with its first letter claimed; two noted."""
    before = len(by_day.courier.sent)
    written()

    with by_day.app.worker.upcoming.waited_for(DECIDING), by_day.app.worker.upcoming.waited_for(SENDING):
        by_day.mail()
        by_day.drain()

    assert len(by_day.courier.sent) == before + 2
    assert written() <= 4


def test_only_the_first_of_many_is_claimed_for_a_thread_that_waits(house: House):
    """The others are claimed one by one; what was claimed and is not begun is given back at the end."""
    upcoming = house.app.worker.upcoming
    with upcoming.waited_for(DECIDING):
        for number in range(3):
            house.mail(FORM.replace("Noor", f"Noor{number}"), sender=f"an.{number}@vclbleuven.be")
    first, second = upcoming.take(DECIDING), upcoming.take(DECIDING)
    upcoming.hand([first] if first else [])
    upcoming.put_back(DECIDING, house.app.tasks)

    assert first
    assert first.mail_id == 1
    assert second is None
    assert len(house.drain()) == 3


def test_a_case_that_must_be_released_later_is_written_in_seven(by_day: House, written: Callable[[], int]):
    """Another release is under way: the new one waits for its turn, and is claimed with the reading of its mail."""
    with by_day.app.database.write() as tx:
        add(tx, "release", by_day.clock.now())
    first = by_day.app.tasks.claim(["release"], now=by_day.clock.now(), real_now=real_now(), holder="another")
    before = len(by_day.courier.sent)
    written()

    by_day.mail()
    by_day.drain()

    assert first is not None
    assert len(by_day.courier.sent) == before + 2
    assert written() <= 7


def test_a_reply_is_written_in_five(house: House, written: Callable[[], int]):
    """Received; claimed; read; its letter claimed; noted."""
    house.at(2026, 10, 6, 10, 0)
    house.mail()
    house.drain()
    letter, before = house.letters(NAFT)[0], len(house.courier.sent)
    written()

    house.reply(letter, "Wij nemen deze leerling graag op.")
    house.drain()

    assert len(house.courier.sent) == before + 1
    assert written() <= 5


def test_work_that_waits_is_claimed_with_the_work_before_it(house: House, written: Callable[[], int]):
    """Of four mails in a row only the first is claimed by itself, and the first of their letters."""
    house.at(2026, 10, 5, 18, 0)
    for number in range(4):
        house.mail(FORM.replace("Noor", f"Noor{number}"), sender=f"an.{number}@vclbleuven.be")
    written()

    letters = house.drain()

    assert len(letters) == 4
    assert written() <= (1 + 4) + (1 + 4)
