"""A school year: whatever people do, no case is open without somebody who knows that it waits for them."""

from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import openpyxl
from house import CLB, DESK, NAFT, House, Sent
from rich.console import Console

from mailflow.core.absence import away_until
from mailflow.core.mail import Envelope, Machine
from mailflow.core.pupil import pupil_of
from mailflow.core.thread import reply_address
from mailflow.demo.office import ZONE, as_delivered
from mailflow.demo.year import CASES, Year
from mailflow.demo.year_end import leave_behind
from mailflow.demo.year_events import AWAY, away, back, out_of_office
from mailflow.demo.year_forms import form
from mailflow.demo.year_plans import AN, PLANS, WORKER, plans_of
from mailflow.demo.year_shown import play_year

FEW = 10
"""So many take the same ways; all of them take minutes (mailflow demo --year)."""


def test_no_case_of_a_school_year_is_forgotten(tmp_path: Path):
    """Waitlists, silence, a parent, an unproven address, a no: each case ended, or waits for a named party."""
    year = Year(tmp_path, FEW)
    with closing(year):
        year.play()

        told, stuck = year.told(), year.app.store.stuck_tasks()
        late, unsaid = year.late()
        between = year.happened
        left = leave_behind(year, tmp_path / "out")
        stuck += year.app.store.stuck_tasks()

    assert told.startswith(f"{FEW} cases, ")
    assert told.endswith(", 0 forgotten")
    assert stuck == []
    assert unsaid == 0 <= late
    assert between["closed in the middle of a release"] == 1
    assert CASES == 300
    pages = {one.name: one.read_text() for one in left if one.suffix == ".html"}
    assert [one.name for one in left] == [
        "overzicht.html", "cijfers.html", "cijfers.xlsx", "cijfers-meldpunt.html", "bevraging.html",
    ]  # fmt: skip
    assert "Overzicht van dinsdag 31 augustus 2027" in pages["overzicht.html"]
    assert "vervoer naar onze locatie" in pages["cijfers.html"]
    assert "Noor" not in pages["cijfers.html"]
    assert "Wat er per aanbieder van kwam" in pages["cijfers-meldpunt.html"].replace(pages["cijfers.html"], "")
    assert "een time-out voor de lagere school" in pages["bevraging.html"]
    assert openpyxl.load_workbook(tmp_path / "out" / "cijfers.xlsx").sheetnames[0] == "Per maand"


def test_every_plan_of_the_year_has_its_share():
    """Of a hundred cases each way is gone as often as it says."""
    assert sum(plan.share for plan in PLANS) == 100
    assert len({plan.name for plan in PLANS}) == len(PLANS)


def test_the_cases_that_come_of_others_are_counted():
    """However many are asked for, the plans come to that many; and each mail is about another pupil."""
    for cases in (1, 10, 299, CASES):
        assert sum(plan.cases for plan in plans_of(cases)) == cases
    plans = plans_of(CASES)
    found = [pupil_of(values(form(number, plan, AN))) for number, plan in enumerate(plans)]
    pupils = [one for one in found if one]
    assert len({*pupils}) == len(pupils) == len(plans) - sum(plan.name == "a class" for plan in plans)
    assert {plan.name for plan in plans} == {plan.name for plan in PLANS}


def values(text: str) -> dict[str, str]:
    """What identifies the pupil of a form as it is mailed."""
    lines = dict(line.split(": ", 1) for line in text.splitlines() if line)
    return {
        "first_name": lines.get("Voornaam", ""),
        "last_name": lines.get("Achternaam", ""),
        "birth_date": lines.get("Geboortedatum", ""),
    }


def test_each_case_of_the_year_went_its_way(tmp_path: Path):
    """What happened is told per way: faster elsewhere makes a second referral, and both stand under their names."""
    year = Year(tmp_path, 2)
    year.plans_for = [plan for plan in PLANS if plan.name == "faster elsewhere, and the first stays"]
    with closing(year):
        year.play()
        paths = year.paths()

    assert paths["faster elsewhere, and the first stays"].total() == 1
    assert paths["a second referral, made of the first"] == {"closed": 1}


def test_a_smooth_case_costs_few_mails(house: House):
    """With one tap for each step: at most five letters to the referrer and three to the provider, overviews apart."""
    house.mail()
    house.at(2026, 10, 5, 9, 0)
    tap(house, "aanvaard")
    house.later(days=5)
    tap(house, "vandaag gestart")
    house.at(2027, 1, 29, 15, 0)
    ended = reply_address(DESK, "MSI-2026-0001", "provider", house.app.settings.rules.seal, action="completed")
    house.mail("vandaag afgerond, terug naar school", sender=NAFT, to=ended, subject="Vandaag afgerond")
    house.drain()
    house.later(days=2)
    house.reply(about_the_case(house, CLB)[-1], "terugkoppeling gedaan")
    house.drain()

    assert str(house.case().state) == "closed"
    assert len(about_the_case(house, CLB)) <= 5
    assert len(about_the_case(house, NAFT)) <= 3


def about_the_case(house: House, address: str) -> list[Sent]:
    """The letters of the one case that left for that address."""
    return [one for one in house.letters(address) if "MSI-2026-0001" in one.subject]


def tap(house: House, word: str) -> None:
    """The provider taps that word in its newest letter."""
    letter = about_the_case(house, NAFT)[-1]
    address = " ".join(letter.text.split()).split(f'mail "{word}" naar ')[1].split()[0]
    house.mail(word, sender=NAFT, to=address, subject=f"Re: {letter.subject}")
    house.drain()


def test_whoever_is_away_answers_by_machine_and_then_later(tmp_path: Path):
    """A mailbox that answers by itself is known as such, and until when; what its owner would write waits till then."""
    absence, at = AWAY[0], datetime(2026, 11, 17, 9, 0, tzinfo=ZONE)
    letter = b"Subject: Aanmelding aanvaard\r\nMessage-ID: <1@meldpunt.example>\r\n\r\nGoed nieuws"
    answer = as_delivered(out_of_office(absence, letter, "meldpunt+b.1.x@meldpunt.example", at), absence.person)
    year = Year(tmp_path, 0)
    with closing(year):
        read = year.app.worker.reader.read(answer, Envelope(mail_from="", recipients=(DESK,), client_ip="127.0.0.1"))

    assert read.notice.kind is Machine.OUT_OF_OFFICE
    assert away_until(read.written, at.date()) == absence.last
    assert back(absence.person.address, at) == datetime(2026, 11, 28, 9, 10, tzinfo=ZONE)
    assert back(absence.person.address, at.replace(month=12)) == at.replace(month=12)
    assert away(WORKER.address, date(2027, 4, 20)) == AWAY[-1]


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path):
    """Before anything is played."""
    (tmp_path / "mine.txt").write_text("mine")
    said = Console(record=True, width=200)

    assert play_year(said, tmp_path) == 2
    assert "not an empty folder" in said.export_text()
