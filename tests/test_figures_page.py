"""The figures as page, workbook, CSV and JSON: all say the same, and none says what is not shown."""

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from invented_courses import SIGNALS, TODAY, YEAR, invented
from openpyxl import load_workbook

from mailflow.core.figure_tables import Figures, Table, TableRow
from mailflow.core.figures import figures
from mailflow.core.small_cells import Shown, shown
from mailflow.outgoing.figures_files import as_json, sheets, workbook
from mailflow.outgoing.figures_page import page
from mailflow.outgoing.svg import INK
from mailflow.settings import load

RULES = load(None).rules


@pytest.fixture(scope="module")
def found() -> Figures:
    return figures(invented(), YEAR, RULES, TODAY, SIGNALS)


@pytest.fixture(scope="module")
def html(found: Figures) -> str:
    return page(found, meldpunt="Meldpunt <SI>", tables=(*found.tables, *found.for_the_desk))


class Reader(HTMLParser):
    """What a screen reader is told: tables with their headers, headings, drawings with their names."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.ids: set[str] = set()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._cell: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append((tag, found))
        if found.get("id"):
            self.ids.add(found["id"] or "")
        match tag:
            case "table":
                self.tables.append([])
            case "tr":
                self.tables[-1].append([])
            case "th" | "td":
                self._cell = []
            case "br":
                self.handle_data("\n")

    def handle_data(self, data):
        if self._cell is not None:
            self._cell.append(data)

    def handle_endtag(self, tag):
        if tag in ("th", "td") and self._cell is not None:
            self.tables[-1][-1].append("".join(self._cell))
            self._cell = None


def lines(table: Table) -> list[list[str]]:
    """Its cells as words, the heads first."""
    rows = (*table.rows, *filter(None, [table.total]))
    words = [[row.label, *(cell.text if isinstance(cell, Shown) else cell for cell in row.cells)] for row in rows]
    return [list(table.heads), *words]


def test_the_page_holds_each_table(html: str, found: Figures):
    """Cell by cell, in their order."""
    assert Reader(html).tables == [lines(one) for one in (*found.tables, *found.for_the_desk)]


def test_the_page_can_be_listened_to(html: str):
    """Headers have a scope, drawings a name and a description, or they are silent; one h1; links lead somewhere."""
    read = Reader(html)

    assert all(attrs.get("scope") in ("col", "row") for tag, attrs in read.tags if tag == "th")
    drawings = [attrs for tag, attrs in read.tags if tag == "svg"]
    assert len([one for one in drawings if one.get("role") == "img"]) == 2
    for one in drawings:
        named = (one.get("aria-labelledby") or "").split()
        assert one.get("aria-hidden") == "true" or (len(named) == 2 and {*named} <= read.ids)
    assert html.count("<title id=") == html.count("<desc id=") == 2
    assert [tag for tag, _ in read.tags].count("h1") == 1
    assert {(attrs["href"] or "")[1:] for tag, attrs in read.tags if tag == "a"} <= read.ids
    assert 'lang="nl"' in html


def test_the_page_is_whole_in_itself(html: str):
    """No script, nothing from elsewhere; it is printed without its menu; names are escaped."""
    assert not re.search(r"<script|<link|<img|@import|url\(|https?:", html)
    assert "@media print" in html
    assert "Meldpunt &lt;SI&gt;" in html


def test_a_chart_says_no_more_than_its_table(found: Figures, html: str):
    """A small number has a stub of one height, whatever it is, and its description says "<5"."""
    assert found.tables[0].key == "month"
    stubs = re.findall(r'height="([\d.]+)" fill="none"', html)
    assert stubs
    assert len({*stubs}) <= 2  # one height in each of the two charts
    described = re.search(r'<desc id="chart-month-desc">(.*?)</desc>', html)
    assert described is not None
    assert "juni 2027: 5 en &lt;5" in described[1]


def test_the_words_of_a_chart_can_be_read():
    """WCAG 2.2, 1.4.3: 4.5 to 1 on white, reckoned here since a browser cannot tell what lies behind them."""
    red, green, blue = (int(INK[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in (red, green, blue)]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    assert 1.05 / (light + 0.05) >= 4.5


def test_the_workbook_has_a_typed_sheet_for_each_table(found: Figures):
    """Numbers are numbers, all else is text."""
    book = load_workbook(io.BytesIO(workbook(found, found.tables)))

    assert len(book.sheetnames) == len(found.tables)
    for sheet, table in zip(book, found.tables, strict=True):
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(max_row=len(lines(table)))]
        assert [[str(value) for value in row] for row in rows] == lines(table)
        types = {
            cell.data_type for row in sheet.iter_rows(min_row=2, max_row=len(table.rows) + 1, min_col=2) for cell in row
        }
        assert types <= {"n", "s"}
        assert all(isinstance(value, int) for row in rows[1:] for value in row[1:] if str(value).isdigit())
    assert book.properties.creator == "mailflow"


EVIL = ("=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://kwaad.example")')


@pytest.fixture
def evil(found: Figures) -> tuple[Figures, Table]:
    """A provider whose name is a formula."""
    rows = tuple(TableRow(name, (shown(9), shown(9))) for name in EVIL)
    return found, replace(found.tables[0], title="=kwaad: [x]", note="=1", rows=rows, over_time=False)


def test_no_words_become_a_formula(evil: tuple[Figures, Table]):
    """Not in a sheet, and not in a CSV that is opened as one."""
    figures_, table = evil
    [sheet] = load_workbook(io.BytesIO(workbook(figures_, [table])))

    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s", "n"}
    assert [sheet.cell(row=at, column=1).value for at in range(2, 2 + len(EVIL))] == list(EVIL)
    [text] = sheets([table]).values()
    assert [row[0] for row in csv.reader(io.StringIO(text))][1:-1] == [f"'{name}" for name in EVIL]


def test_each_table_is_a_csv(found: Figures):
    """With the lines of the page."""
    written = sheets(found.tables)

    assert [*written] == [f"{one.key}.csv" for one in found.tables]
    for text, table in zip(written.values(), found.tables, strict=True):
        assert [*csv.reader(io.StringIO(text))] == lines(table)


def test_programs_get_numbers(found: Figures):
    """And words where a number is not shown."""
    told = json.loads(json.dumps(as_json(found, found.tables)))

    assert (told["first"], told["referrals"], told["referrals_year_before"]) == ("2026-09-01", 170, 130)
    assert ["juni 2027", 5, "<5"] in told["tables"]["month"]["rows"]
    assert told["tables"]["region"]["total"] == [170, 130]
    assert "conversion" not in told["tables"]


def test_a_page_of_nothing(tmp_path: Path):
    """Before the first referral."""
    empty = figures([], YEAR, RULES, TODAY)

    assert Reader(page(empty, meldpunt="M", tables=empty.tables)).tables[0][-1] == ["Samen", "0", "0"]
