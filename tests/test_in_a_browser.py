"""Every letter as a person sees it: in Chromium, on a phone and on a desk; the screenshots stay in build/."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from chromium import Page, page  # noqa: F401 - a fixture
from invented_courses import PER_CLB, SIGNALS, SURVEY, TODAY, YEAR, invented

from mailflow import gallery
from mailflow.core.figures import figures
from mailflow.core.letters import Kind
from mailflow.outgoing import figures_page
from mailflow.settings import load
from mailflow.surveying import survey_page

BUILD = Path(__file__).resolve().parents[1] / "build"
PHONE, DESK = 360, 700
ONE_LINE = ("neutral", "page-has-heading-one")
"""To a stranger: it needs no title."""


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_every_letter_looks_right(page: Page, tmp_path: Path, width: int):  # noqa: F811 - the fixture
    """Nothing overflows; contrast and structure hold, looked at where the layout changes most: on a phone."""
    shots = BUILD / "letters" / str(width)
    shots.mkdir(parents=True, exist_ok=True)
    gallery.write(load(None), tmp_path)
    wrong = {}
    for file in sorted(tmp_path.glob("*.html")):
        page.open(file, width=width)
        page.screenshot(shots / f"{file.stem}.png")
        faults = [f"too wide: {one}" for one in page.too_wide()]
        if width == PHONE:
            faults += [one for one in page.faults() if (file.stem, one.partition(":")[0]) != ONE_LINE]
        if faults:
            wrong[file.stem] = faults

    assert wrong == {}
    taken = {file.stem for file in shots.glob("*.png")}
    assert taken >= {*map(str, Kind), *(f"digest-{shape}" for shape in (2, 3, 4))}  # quiet, overfull, a Monday


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_figures_look_right(page: Page, tmp_path: Path, width: int):  # noqa: F811 - the fixture
    """With two years of invented referrals, and what is for the meldpunt alone."""
    shots = BUILD / "figures" / str(width)
    shots.mkdir(parents=True, exist_ok=True)
    rules = load(None).rules
    found = figures(invented(), YEAR, rules, TODAY, SIGNALS)
    file = tmp_path / "cijfers.html"
    file.write_text(figures_page.page(found, meldpunt=rules.desk.name, tables=(*found.tables, *found.for_the_desk)))

    page.open(file, width=width)
    page.screenshot(shots / "cijfers.png")

    assert page.too_wide() == []
    assert page.faults() == []

    file.write_text(survey_page((*SURVEY, PER_CLB), (PER_CLB,), 2026, rules, datetime(2027, 6, 1, 9, tzinfo=UTC)))
    page.open(file, width=width)
    page.screenshot(shots / "bevraging.png")

    assert page.too_wide() == []
    assert page.faults() == []


def test_what_is_wrong_is_found(page: Page, tmp_path: Path):  # noqa: F811 - the fixture
    """A page with a box that sticks out, pale words and a table without headers does not pass."""
    bad = tmp_path / "bad.html"
    bad.write_text(
        '<!doctype html><html><title>x</title><body><div style="width:900px">breed</div>'
        '<h1 style="color:#ccc;background:#fff">bleek</h1><h3>te diep</h3></body></html>'
    )

    page.open(bad, width=PHONE)

    assert len(page.too_wide()) == 2
    assert {one.partition(":")[0] for one in page.faults()} >= {"color-contrast", "heading-order", "html-has-lang"}
