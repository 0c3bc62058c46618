"""Open cases from a spreadsheet: read, told row by row what would be made, and made in one go when all is well."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from openpyxl import load_workbook

from mailflow.app import App
from mailflow.core.importing import Entry, NoList, make, understood, unknown_headings
from mailflow.core.pupil import Pupil, pupil_of

MOST_ROWS = 5000


@dataclass(frozen=True, kw_only=True)
class List:
    """A list as understood."""

    entries: tuple[Entry, ...]
    left_out: tuple[str, ...]
    """Headings that mean nothing to us."""


def read(app: App, file: Path) -> List:
    """The first sheet: its first row holds headings, each next one a case. Raises NoList."""
    rules = app.settings.rules
    today = app.clock.now().astimezone(rules.calendar.zone).date()
    rows = _rows(file)
    headings = [*rows[0]] if rows else []
    if not any(headings):
        raise NoList(f"{file}: the first row of the first sheet must hold headings, such as Voornaam, Stand, Sinds")
    known = _open_pupils(app)
    entries = []
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cells):
            continue
        entry = understood(number, [*zip(headings, cells, strict=False)], rules, today)
        who = pupil_of(entry.values)
        if who and who in known:
            entry = replace(entry, problems=(*entry.problems, f"{known[who]} is open for the same pupil already"))
        elif who:
            known[who] = f"row {number}"
        entries.append(entry)
    return List(entries=tuple(entries), left_out=tuple(unknown_headings(headings, rules)))


def keep(app: App, entries: Sequence[Entry]) -> list[str]:
    """Make the cases of rows that have no problems; their references."""
    now, references = app.clock.now(), []
    for entry in entries:
        decision = make(entry, app.settings.rules, now)
        assert decision.case is not None and entry.since is not None  # noqa: S101, PT018 - a row without problems
        reference = app.store.references.next(entry.since.year)
        decision = replace(decision, case=replace(decision.case, reference=reference))
        app.store.commit(decision, (), now)
        references.append(reference)
    return references


def _rows(file: Path) -> list[list[str]]:
    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except OSError:
        raise
    except Exception as fault:  # openpyxl raises whatever the file makes it raise
        raise NoList(f"{file} is no XLSX file, or is damaged: save it as XLSX again") from fault
    try:
        sheet = book.worksheets[0]
        rows = [[_text(cell) for cell in row] for row in sheet.iter_rows(max_row=MOST_ROWS + 1, values_only=True)]
    finally:
        book.close()
    return rows


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _open_pupils(app: App) -> dict[Pupil, str]:
    """Who has an open case -> its reference."""
    found = {}
    for line in app.store.cases.lines():
        who = pupil_of(app.store.cases.by_id(line.id).case.values)
        if who:
            found[who] = line.reference
    return found
