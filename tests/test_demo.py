"""The guided run, for real: the service is killed within it, and every mail is left to be read."""

import io
import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from html import unescape
from pathlib import Path

import pytest
from rich.console import Console

from mailflow import demo
from mailflow.demo.office import ZONE
from mailflow.demo.people import AN, ANS_OWN, BRAM, DESK, LEUVEN, NAFT, PIETER, WEBSITE
from mailflow.demo.service import Service
from mailflow.demo.stage import Stage, Stalled
from mailflow.demo.story import BEGINS

# fmt: off
STORY = [
    (AN,   "[MSI-2026-0001] Aanmelding goed ontvangen"),
    (NAFT, "[MSI-2026-0001] Nieuwe aanmelding"),
    (NAFT, "[MSI-2026-0001] Zo hebben we je antwoord begrepen"),
    (AN,   "[MSI-2026-0001] Een plaats op de wachtlijst?"),
    (AN,   "[MSI-2026-0001] Zo hebben we je antwoord begrepen"),
    (NAFT, "[MSI-2026-0001] De aanmelder wil op de wachtlijst"),
    (BRAM, "[MSI-2026-0002] We hebben nog gegevens nodig"),
    (BRAM, "[MSI-2026-0002] Aanmelding goed ontvangen"),
    (NAFT, "[MSI-2026-0002] Nieuwe aanmelding"),
    (AN,   "[MSI-2026-0003] Aanmelding goed ontvangen"),
    (NAFT, "[MSI-2026-0003] Nieuwe aanmelding"),
    (NAFT, "[MSI-2026-0003] Zo hebben we je antwoord begrepen"),
    (AN,   "[MSI-2026-0003] Geen match"),
    (NAFT, "[MSI-2026-0002] Herinnering: bel je de aanmelder?"),
    (NAFT, "[MSI-2026-0001] Zo hebben we je antwoord begrepen"),
    (AN,   "[MSI-2026-0001] Er is plaats"),
    (NAFT, "[MSI-2026-0001] De andere gegevens van de aanmelding"),
    (NAFT, "[MSI-2026-0001] Zo hebben we je antwoord begrepen"),
    (AN,   "[MSI-2026-0001] Het traject is gestart"),
    (PIETER, "Uw bericht aan het meldpunt"),
    (LEUVEN, "[MSI-2026-0004] Nemen jullie deze aanmelding over?"),
    (AN,   "[MSI-2026-0004] Aanmelding goed ontvangen"),
    (AN,   "[MSI-2026-0004] Een tekst voor de school"),
    (NAFT, "[MSI-2026-0004] Nieuwe aanmelding"),
    (AN,   "[MSI-2026-0005] Was jij dit?"),
    (ANS_OWN, "Uw bericht is ontvangen"),
    (AN,   "[MSI-2026-0005] Aanmelding goed ontvangen"),
    (NAFT, "[MSI-2026-0005] Nieuwe aanmelding"),
    (AN,   "[MSI-2026-0006] Was jij dit?"),
    (WEBSITE, "Uw bericht is ontvangen"),
    (AN,   "[MSI-2026-0006] Aanmelding goed ontvangen"),
    (NAFT, "[MSI-2026-0006] Nieuwe aanmelding"),
    (BRAM, "[MSI-2026-0007] Aanmelding goed ontvangen"),
    (NAFT, "[MSI-2026-0007] Nieuwe aanmelding"),
    (BRAM, "[MSI-2026-0008] Aanmelding goed ontvangen"),
    (NAFT, "[MSI-2026-0008] Nieuwe aanmelding"),
]
# fmt: on
OPENING_DAYS = 30
"""From Monday 5 October to Monday 16 November 2026, as shipped: closed at weekends and on 11 November."""


@dataclass(frozen=True)
class Played:
    """What a demo left behind."""

    status: int
    printed: str
    folder: Path
    mails: list[tuple[str, EmailMessage]]
    """(file name, mail), in the order of their numbers."""

    def letters(self) -> list[EmailMessage]:
        return [mail for name, mail in self.mails if name.endswith("-out.eml")]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The demo, once for all tests of this file."""
    folder, out = tmp_path_factory.mktemp("demo") / "mails", io.StringIO()
    status = demo.play(Console(file=out, width=200), keep=False, folder=folder)
    files = sorted(folder.glob("*.eml"))
    parse = BytesParser(policy=policy.default).parsebytes
    mails = [(file.name, parse(file.read_bytes())) for file in files]
    return Played(status, out.getvalue(), folder, mails)


def test_the_demo_plays_its_whole_story(played: Played) -> None:
    """It ends well, and the letters of the story left in its order; digests and overviews are counted apart."""
    told = [(str(mail["To"]), str(mail["Subject"])) for mail in played.letters()]
    told = [one for one in told if one[0] != DESK.address and not one[1].startswith("Wat we nog")]

    assert played.status == 0, played.printed
    assert told == [(person.address, subject) for person, subject in STORY]


# fmt: off
IN_OTHER_SHAPES = {
    "[MSI-2026-0006] Aanmelding goed ontvangen": ("Mira", "Webb", "07/02/2012", "als een vriendin meegaat"),
    "[MSI-2026-0007] Aanmelding goed ontvangen": ("Finn", "Wordt", "30/11/2011", "van school veranderd"),
    "[MSI-2026-0008] Aanmelding goed ontvangen": ("Elif", "Blad", "18/04/2010", "aanmelding.pdf", "016654399"),
}
# fmt: on


@pytest.mark.parametrize("subject", IN_OTHER_SHAPES)
def test_what_a_web_form_a_word_file_and_a_pdf_hold_is_confirmed(played: Played, subject: str) -> None:
    """Its values are in the letter; so is the name of the file that his own words correct."""
    letter = next(mail for mail in played.letters() if mail["Subject"] == subject)
    body = letter.get_body(("plain",))

    told = " ".join(str(body.get_content() if body else "").split())

    assert [words for words in IN_OTHER_SHAPES[subject] if words not in told] == []


def test_the_desk_gets_a_digest_on_each_opening_day(played: Played) -> None:
    """Monday to Friday, a different day each, and never at the weekend."""
    told = [str(mail["Subject"]) for mail in played.letters() if str(mail["To"]) == DESK.address]
    digests = [subject for subject in told if subject.startswith("Overzicht")]

    assert len(set(digests)) == len(digests) == OPENING_DAYS
    assert not [subject for subject in digests if "zaterdag" in subject or "zondag" in subject]


def test_a_referral_of_sunday_night_leaves_on_monday_at_nine(played: Played) -> None:
    """Not one second before, although the service was killed and started in between."""
    referral = next(mail for mail in played.letters() if mail["Subject"] == STORY[1][1])

    assert referral["Date"].datetime >= datetime(2026, 10, 5, 9, tzinfo=ZONE)
    assert referral["Date"].datetime < datetime(2026, 10, 5, 9, 1, tzinfo=ZONE)


def test_the_killed_service_came_back(played: Played) -> None:
    """The log shows two lives, and no fault in either."""
    log = (played.folder / "service.log").read_text()

    assert log.count(" running ") == 2
    assert log.count(" stopped") == 1
    assert "error" not in log.lower()


def test_every_mail_is_told_in_order_and_left_as_a_file(played: Played) -> None:
    """The numbers on the screen are the numbers of the files, without a gap."""
    numbers = [int(number) for number in re.findall(r"^ +(\d+)  \w{3} \d\d \w{3} \d\d:\d\d  ", played.printed, re.M)]

    assert numbers == [int(name[:3]) for name, _ in played.mails] == list(range(1, len(numbers) + 1))


def test_one_page_holds_every_mail(played: Played) -> None:
    """In the same order, by number and subject, and nothing in it can run."""
    page = (played.folder / "index.html").read_text(encoding="utf-8")
    titles = [unescape(title) for title in re.findall(r"<summary>(.*?)<small>", page)]

    assert titles == [f"{number}. {mail['Subject']}" for number, (_, mail) in enumerate(played.mails, start=1)]
    assert "<script" not in page
    assert page.count("<iframe sandbox ") == page.count("<iframe") == len(played.letters())


def test_nothing_personal_is_logged(played: Played) -> None:
    """Numbers, kinds and times only."""
    log = (played.folder / "service.log").read_text()

    assert not [word for word in ("Noor", "Peeters", "@", "wachtlijst", "Leuven") if word in log]


def test_a_folder_that_is_in_use_is_left_alone(tmp_path: Path) -> None:
    """Status 2, and nothing is written."""
    (tmp_path / "mine.txt").write_text("x")
    out = io.StringIO()

    status = demo.play(Console(file=out, width=200), keep=False, folder=tmp_path)

    assert status == 2
    assert "name a new one with --out" in out.getvalue()
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_story_that_stalls_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Status 1, the reason, where the log is; and what went by is left to read."""

    def story(stage: Stage) -> None:
        stage.expect(AN, "a letter that nobody writes")

    monkeypatch.setattr(demo, "play_story", story)
    out = io.StringIO()

    status = demo.play(Console(file=out, width=200), keep=False, folder=tmp_path / "mails")

    assert status == 1
    assert "The story stalled: no letter “a letter that nobody writes” came for An (CLB)" in out.getvalue()
    assert "service.log" in out.getvalue()
    assert (tmp_path / "mails" / "index.html").exists()


def test_a_service_that_does_not_start_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo ends at once, and says so."""
    monkeypatch.setattr(Service, "set_up", lambda self, sends_to: (self.config.mkdir(), None)[1])
    out = io.StringIO()

    status = demo.play(Console(file=out, width=200), keep=False, folder=tmp_path / "mails")

    assert status == 1
    assert "the service ended by itself with status 1" in out.getvalue()


def test_work_that_is_stuck_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the end nothing may be stuck, and no letter may have left that the story does not know."""
    with Stage(tmp_path, Console(file=io.StringIO()), BEGINS) as stage:
        stage.at(2026, 10, 5, 8, 30)

        with pytest.raises(Stalled, match="does not know the letter “Overzicht van maandag"):
            stage.finish(routine=())
        monkeypatch.setattr(stage.app.store, "stuck_tasks", lambda: [{"id": 1}])
        with pytest.raises(Stalled, match="1 tasks are stuck"):
            stage.finish(routine=((DESK, "Overzicht"),))
