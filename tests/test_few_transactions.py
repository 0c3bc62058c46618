"""Each durable transaction costs a write to disk: how many does the work of a mail take?"""

from collections.abc import Callable, Iterator

import pytest
from house import FORM, NAFT, House

from mailflow import seams


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


def test_a_case_is_written_in_seven_transactions(house: House, written: Callable[[], int]):
    """Received; claimed; read, with the release claimed; released; a letter claimed; each of two letters noted."""
    house.at(2026, 10, 6, 10, 0)
    before = len(house.courier.sent)
    written()

    house.mail()
    house.drain()

    assert len(house.courier.sent) == before + 2
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
