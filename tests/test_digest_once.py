"""Exactly one digest on each opening day: whatever the clock does, however long nobody worked, whoever works."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from house import BRUSSELS, WORKER, House

QUARTER = timedelta(minutes=15)


def days_told(house: House) -> Counter[str]:
    """Which days had a digest, by its subject, and how many."""
    subjects = [one.subject for one in house.letters(WORKER) if one.subject.startswith("Overzicht van")]
    return Counter(subject.removeprefix("Overzicht van ") for subject in subjects)


def through(house: House, first: datetime, last: datetime, step: timedelta = QUARTER) -> None:
    """Work at every step of real time from *first* to *last*, however the hands of the clock are turned between."""
    now = first.astimezone(UTC)
    while now <= last.astimezone(UTC):
        house.clock.at = now
        house.drain()
        now += step


def reconfigure(house: House, old: str, new: str, file: str = "mailflow.toml") -> None:
    """The operator edits the configuration, and starts the service anew."""
    path = house.config / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    house.restart()


@pytest.mark.parametrize(
    ("saturday", "told"),
    [
        (date(2026, 3, 28), ("vrijdag 27 maart 2026", "maandag 30 maart 2026")),
        (date(2026, 10, 24), ("vrijdag 23 oktober 2026", "maandag 26 oktober 2026")),
    ],
)
def test_around_the_nights_of_23_and_25_hours(tmp_path: Path, saturday: date, told: Sequence[str]):
    """Friday and Monday have theirs at half past eight by the wall; the weekend of the change has none."""
    friday = datetime(saturday.year, saturday.month, saturday.day, 8, 15, tzinfo=BRUSSELS) - timedelta(days=1)
    house = House(tmp_path, friday)

    through(house, friday, friday + timedelta(days=3, hours=2))

    assert days_told(house) == Counter(told)
    moments = [line.message["Date"].datetime.strftime("%H:%M") for line in house.letters(WORKER)]
    assert moments == ["08:30", "08:30"]
    house.close()


@pytest.mark.parametrize("sunday", [date(2026, 3, 29), date(2026, 10, 25)])
def test_at_an_hour_that_does_not_exist_or_comes_twice(tmp_path: Path, sunday: date):
    """A meldpunt that opens on Sundays and wants its digest at half past two gets it once, also then."""
    noon = datetime(sunday.year, sunday.month, sunday.day, 12, tzinfo=BRUSSELS)
    house = House(tmp_path, noon - timedelta(days=1))
    reconfigure(house, 'at = "08:30"', 'at = "02:30"')
    reconfigure(house, "sun = []", 'sun = ["09:00-12:00"]', "calendar.toml")

    through(house, noon - timedelta(hours=13), noon)

    assert list(days_told(house).values()) == [1]
    house.close()


def test_a_closed_day_and_its_night_have_none(tmp_path: Path):
    """11 November is a holiday: Tuesday and Thursday have one, and nothing leaves between."""
    tuesday = datetime(2026, 11, 10, 8, tzinfo=BRUSSELS)
    house = House(tmp_path, tuesday)

    through(house, tuesday, tuesday + timedelta(days=2, hours=1))

    assert days_told(house) == Counter(("dinsdag 10 november 2026", "donderdag 12 november 2026"))
    house.close()


@pytest.mark.parametrize("was_ticked", [True, False])
def test_after_any_downtime_there_is_one(tmp_path: Path, was_ticked: bool):
    """All work stood still from Monday to Thursday, with the clock or without: one digest, and it tells all of it."""
    house = House(tmp_path, datetime(2026, 10, 2, 8, 30, tzinfo=BRUSSELS))
    house.drain()
    house.clock.at = datetime(2026, 10, 5, 7, tzinfo=BRUSSELS)
    house.mail()
    house.drain()
    if was_ticked:
        house.app.store.pause("all", house.clock.at)
        through(house, house.clock.at, datetime(2026, 10, 8, 8, tzinfo=BRUSSELS), timedelta(hours=1))
        house.app.store.resume("all")

    through(house, datetime(2026, 10, 8, 8, 40, tzinfo=BRUSSELS), datetime(2026, 10, 8, 9, 30, tzinfo=BRUSSELS))

    assert days_told(house) == Counter(("vrijdag 2 oktober 2026", "donderdag 8 oktober 2026"))
    assert "1 dossier kwam binnen." in house.letters(WORKER)[-1].text
    house.close()


def test_work_that_was_left_on_friday_is_not_done_on_saturday(tmp_path: Path):
    """Then nobody is there to read it: Monday's tells it."""
    house = House(tmp_path, datetime(2026, 10, 2, 8, 30, tzinfo=BRUSSELS))
    house.app.store.pause("all", house.clock.at)
    house.drain()
    house.app.store.resume("all")

    through(house, datetime(2026, 10, 3, 8, tzinfo=BRUSSELS), datetime(2026, 10, 5, 9, tzinfo=BRUSSELS))

    assert days_told(house) == Counter(("maandag 5 oktober 2026",))
    house.close()


def test_any_number_of_workers_write_one_a_day(tmp_path: Path):
    """Four on one database, through two days with the service of one of them started anew."""
    house = House(tmp_path, datetime(2026, 10, 5, 8, 15, tzinfo=BRUSSELS))
    others = [house.another() for _ in range(3)]
    with ThreadPoolExecutor(4) as pool:
        for day in (5, 6):
            for minute in (15, 30, 45):
                house.clock.at = datetime(2026, 10, day, 8, minute, tzinfo=BRUSSELS)
                for done in [pool.submit(app.drain) for app in (house.app, *others)]:
                    done.result()
            house.restart()
    for app in others:
        app.close()

    assert days_told(house) == Counter(("maandag 5 oktober 2026", "dinsdag 6 oktober 2026"))
    house.close()
