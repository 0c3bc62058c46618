"""However many mails come, so many letters leave: the limits of [brakes], told in full by the digest."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from house import BRUSSELS, WORKER, House

MONDAY = datetime(2026, 10, 5, 10, 0, tzinfo=BRUSSELS)
LOOKALIKE = "an@vclbleuvem.be"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A meldpunt as shipped."""
    house = House(tmp_path, MONDAY)
    house.drain()  # the overview of that morning
    yield house
    house.close()


@contextmanager
def limited(folder: Path, **limits: int) -> Iterator[House]:
    """A meldpunt with other limits."""
    House(folder, MONDAY).close()
    main = folder / "config" / "mailflow.toml"
    text = main.read_text()
    for key, most in limits.items():
        before, _, after = text.partition(f"\n{key} = ")
        text = f"{before}\n{key} = {most}\n{after.partition(chr(10))[2]}"
    main.write_text(text)
    house = House(folder, MONDAY)
    house.drain()
    yield house
    house.close()


def test_a_flood_of_look_alikes_does_not_flood_the_desk(house: House):
    """Three letters about one sender; every mail of it is held, and the digest of the next morning names the rest."""
    mails = [house.mail(f"Vraag {number}", sender=LOOKALIKE) for number in range(6)]
    letters = [one for one in house.drain() if one.recipient == WORKER]
    house.clock.move(days=1)
    [digest] = [one for one in house.drain() if one.recipient == WORKER]

    assert len(letters) == 3
    assert {house.outcome(mail) for mail in mails} == {"held"}
    assert all(f"mail {mail}" in digest.text for mail in mails)


def test_another_sender_is_still_told(house: House):
    """The limit is that of each sender."""
    for number in range(6):
        house.mail(f"Vraag {number}", sender=LOOKALIKE)
    house.drain()

    house.mail("Nog een vraag", sender="bram@vclbleuvem.be")
    told = house.drain()

    assert [one.recipient for one in told] == [WORKER]
    assert "bram@vclbleuvem.be" in told[0].text


def test_a_flood_from_ever_other_addresses_stops_too(tmp_path: Path):
    """Everybody's mail together has a limit of its own."""
    with limited(tmp_path, held_in_all_a_day=4) as house:
        for number in range(8):
            house.mail(f"Vraag {number}", sender=f"an{number}@vclbleuvem.be")

        letters = house.drain()

    assert len(letters) == 4


def test_the_next_day_counts_anew(house: House):
    """Who was stopped yesterday is told today."""
    for number in range(6):
        house.mail(f"Vraag {number}", sender=LOOKALIKE)
    house.drain()
    house.clock.move(days=1, hours=1)
    house.drain()

    house.mail("En nu?", sender=LOOKALIKE)
    told = house.drain()

    assert [one.recipient for one in told] == [WORKER]


@pytest.mark.parametrize("most", [1, 2])
def test_a_stranger_is_answered_so_often_and_no_more(tmp_path: Path, most: int):
    """answers_a_day of the configuration."""
    family = "ouder@familie.example"
    with limited(tmp_path, answers_a_day=most) as house:
        for number in range(4):
            house.mail(f"Voornaam: Noor{number}\nAchternaam: Voorbeeld\nSchool: Sint-Voorbeeld", sender=family)

        letters = [one for one in house.drain() if one.recipient == family]

    assert len(letters) == most
