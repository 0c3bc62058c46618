"""The figures: what the database knows of a period, counted, and written where it is asked for."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from mailflow.core.figure_tables import Figures, Period, Table
from mailflow.core.figures import figures
from mailflow.core.rules import Rules
from mailflow.core.school_year import school_year_bounds, school_year_of
from mailflow.outgoing.figures_files import sheets, workbook
from mailflow.outgoing.figures_page import page
from mailflow.storage.measures import courses
from mailflow.storage.store import Store


def figures_of(store: Store, rules: Rules, period: Period, now: datetime) -> Figures:
    """The figures of *period* as they would be told at *now*."""
    zone = rules.calendar.zone
    until = datetime.combine(period.last + timedelta(days=1), time.min, zone)
    signals = [(one.at.astimezone(zone).date(), one) for one in store.signals.lines() if one.at]
    return figures(courses(store.database, until, zone), period, rules, now.astimezone(zone).date(), signals)


def school_year_so_far(today: date) -> Period:
    """The school year that *today* is in, up to today."""
    return Period(school_year_bounds(school_year_of(today))[0], today)


def write(
    found: Figures,
    tables: Sequence[Table],
    meldpunt: str,
    *,
    html: Path | None = None,
    xlsx: Path | None = None,
    csv: Path | None = None,
) -> list[Path]:
    """Write these tables as a page, a workbook and a folder of CSV files, each where it is asked for; what was made."""
    made = []
    if html:
        html.write_text(page(found, meldpunt=meldpunt, tables=tables), encoding="utf-8")
        made.append(html)
    if xlsx:
        xlsx.write_bytes(workbook(found, tables))
        made.append(xlsx)
    if csv:
        csv.mkdir(parents=True, exist_ok=True)
        for name, text in sheets(tables).items():
            (csv / name).write_text(text, encoding="utf-8", newline="")
            made.append(csv / name)
    return made
