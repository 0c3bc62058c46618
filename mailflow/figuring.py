"""The figures: what the database knows of a period, counted, and written where it is asked for."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from mailflow.core.decision import Decision
from mailflow.core.figure_tables import Figures, Period, Table, TableRow
from mailflow.core.figures import figures
from mailflow.core.figures_due import due_on, period_of
from mailflow.core.letters import Enclosed, Kind, Letter
from mailflow.core.rules import Rules
from mailflow.core.school_year import school_year_bounds, school_year_of
from mailflow.core.shown import Row
from mailflow.means import Means
from mailflow.outgoing.figures_files import sheets, workbook
from mailflow.outgoing.figures_page import page
from mailflow.rendering import render_all
from mailflow.storage.measures import courses
from mailflow.storage.store import Store

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def figures_of(store: Store, rules: Rules, period: Period, now: datetime) -> Figures:
    """The figures of *period* as they would be told at *now*."""
    zone = rules.calendar.zone
    since = datetime.combine(period.before.first, time.min, zone)
    until = datetime.combine(period.last + timedelta(days=1), time.min, zone)
    signals = [(one.at.astimezone(zone).date(), one) for one in store.signals.lines() if one.at]
    return figures(courses(store.database, since, until, zone), period, rules, now.astimezone(zone).date(), signals)


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


def write_figures(means: Means) -> bool:
    """Mail the desk the figures that are due, once for each such day; whether they were written now."""
    store, rules, now = means.store, means.rules, means.now
    day = due_on(means.today, rules)
    if day is None:
        return False
    decision = Decision(letters=(letter(figures_of(store, rules, period_of(day), now), rules),))
    kept = render_all(means, decision, key=f"figures-{day}")
    return store.commit_once(decision, kept, now, kind="figures", unique_key=f"figures-mail:{day}")


def letter(found: Figures, rules: Rules) -> Letter:
    """The figures as a letter to the desk, with the page and the workbook that anybody may see."""
    agenda = [row for table in found.tables if table.key == "agenda" for row in table.rows]
    return Letter(
        kind=Kind.FIGURES,
        to="desk",
        address=rules.desk.workers[0],
        values={
            "period": found.period.long_text,
            "came": found.came.text,
            "came_before": found.came_before.text,
            "signals": [Row(row.label, str(row.cells[0])) for row in agenda],
            "rows": [Row(row.label, _listed(table, row)) for table in found.for_the_desk for row in table.rows],
        },
        files=(
            Enclosed("cijfers.html", "text/html", page(found, meldpunt=rules.desk.name, tables=found.tables).encode()),
            Enclosed("cijfers.xlsx", XLSX, workbook(found, found.tables)),
        ),
    )


def _listed(table: Table, row: TableRow) -> str:
    """`70 bezorgd, 36 aanvaard, ...`."""
    pairs = zip(row.cells, table.heads[1:], strict=True)
    return ", ".join(f"{cell if isinstance(cell, str) else cell.text} {head}" for cell, head in pairs)
