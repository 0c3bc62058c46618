"""What the demo's school year leaves behind: its last digest, its figures and its survey, to open in a browser."""

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mailflow.core.decision import Decision
from mailflow.core.figure_tables import Period
from mailflow.core.mail import Envelope
from mailflow.core.school_year import school_year_bounds
from mailflow.demo.office import ZONE, as_delivered
from mailflow.demo.people import DESK_ADDRESS, Person, writes
from mailflow.demo.year_plans import AN, COACHES, ONTHAAL
from mailflow.digesting import digest_letter
from mailflow.figuring import figures_of
from mailflow.figuring import write as write_figures
from mailflow.gallery import page_of
from mailflow.reading.mime import parse
from mailflow.rendering import render_all
from mailflow.surveying import start, survey_page, survey_tables

if TYPE_CHECKING:
    from mailflow.demo.year import Year

SURVEY = 2026
SIGNALS = (
    (AN, "Voor kinderen jonger dan 12 is er in Halle niets. Ouders van Noor en van vele anderen wachten al maanden."),
    (next(iter(COACHES.values())), "Het vervoer naar onze locatie blijft voor veel jongeren het grootste knelpunt."),
)
ANSWER = "Aantal vragen: 14\nZonder aanbod: 6\nWat ontbreekt: een time-out voor de lagere school\nOpmerkingen:\n"


def leave_behind(year: "Year", folder: Path) -> list[Path]:
    """Write the digest of the last day, and the figures and the survey of the year, into *folder*; what was made.

    Two signals come in on the last day; the survey is mailed and answered on the first opening days after it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for person, words in SIGNALS:
        _mail(year, person, "Signaal", words, DESK_ADDRESS)
    app, rules, now = year.app, year.app.store.rules, year.clock.now()
    decision = Decision(letters=(digest_letter(app.worker.means),))
    [digest] = render_all(app.worker.means, decision, key="digest-shown")
    page = folder / "overzicht.html"
    page.write_text(page_of(digest.content), encoding="utf-8")

    found = figures_of(app.store, rules, Period(*school_year_bounds(SURVEY)), now)
    files = write_figures(
        found, found.tables, rules.desk.name, html=folder / "cijfers.html", xlsx=folder / "cijfers.xlsx"
    )
    for_the_desk = (*found.tables, *found.for_the_desk)
    files += write_figures(found, for_the_desk, rules.desk.name, html=folder / "cijfers-meldpunt.html")
    return [page, *files, _survey(year, folder)]


def _survey(year: "Year", folder: Path) -> Path:
    """Ask each CLB, let the one that reads its mail answer, and sum up."""
    app, rules = year.app, year.app.store.rules
    start(app.worker.means, SURVEY)
    opens = rules.calendar.next_open(datetime.combine(year.clock.at.date() + timedelta(days=1), time.min, ZONE))
    year.clock.set(opens + timedelta(minutes=5))
    app.drain()
    letters, year.boxes.came = year.boxes.came, []
    for _, recipient, raw in letters:
        read = parse(raw)
        if recipient == ONTHAAL.address and "jonger dan 12" in read.subject:
            _mail(year, ONTHAAL, f"Re: {read.subject}", ANSWER, read.reply_to[0].address)
    tables, for_the_desk = survey_tables(app.store, rules, SURVEY)
    page = folder / "bevraging.html"
    page.write_text(survey_page(tables, for_the_desk, SURVEY, rules, year.clock.now()), encoding="utf-8")
    return page


def _mail(year: "Year", person: Person, subject: str, words: str, to: str) -> None:
    raw = writes(person, year.clock.now(), subject, words).replace(
        f"To: {DESK_ADDRESS}".encode(), f"To: {to}".encode(), 1
    )
    envelope = Envelope(mail_from=person.address, recipients=(to,), client_ip="127.0.0.1")
    year.app.receive(as_delivered(raw, person, "pass"), envelope)
    year.app.drain()
