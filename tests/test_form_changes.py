"""A field that an operator adds to form.toml is seen in the letters of `mailflow letters`; its place is looked at by `check`."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from mailflow import newcomer
from mailflow.cli import cli
from mailflow.configuration.form_order import form_text, headings_twice
from mailflow.core.form_fields import KINDS, Field
from mailflow.core.letters import Kind
from mailflow.core.wording import value_text
from mailflow.outgoing.sample_forms import invented, of_form
from mailflow.settings import load

LAPTOP = """
[field.laptop]
label = "Laptop van de school"
kind = "yes_no"
shown = "always"
group = "Leerling"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What `mailflow init` makes."""
    newcomer.init(tmp_path / "meldpunt", {})
    return tmp_path / "meldpunt"


def type_in(*words: object) -> Result:
    """What the command says."""
    return CliRunner().invoke(cli, [*map(str, words)])


def add(folder: Path, section: str, *, above: str = "") -> int:
    """Write *section* into form.toml, at its end or *above* a line that stands there; the line where it begins."""
    file = folder / "form.toml"
    before, found, after = file.read_text().partition(above) if above else (file.read_text(), "", "")
    assert bool(found) == bool(above)
    file.write_text(f"{before}{section}\n{found}{after}")
    return f"{before}{section}".partition("[field.laptop]")[0].count("\n") + 1


def test_a_field_that_was_added_stands_in_the_letters_that_show_the_form(folder: Path, tmp_path: Path):
    """With an invented value of its kind: to the referrer, to the provider, and on the blank form."""
    add(folder, LAPTOP, above="[field.school_year]")

    assert type_in("letters", tmp_path / "pages", "--config", folder).exit_code == 0

    def text(kind: Kind) -> str:
        return (tmp_path / "pages" / f"{kind}.txt").read_text()

    assert [
        kind for kind in (Kind.RECEIVED, Kind.REFERRAL, Kind.TAKEN_OVER) if "Laptop van de school:" not in text(kind)
    ] == []
    assert "ja" in text(Kind.REFERRAL).partition("Laptop van de school:")[2].splitlines()[0]
    assert "Laptop van de school" in text(Kind.BLANK_FORM)


def test_a_provider_sees_in_the_gallery_what_it_would_see(folder: Path):
    """What it hears once it accepted is not in its first letter."""
    rules = load(folder).rules
    letters = of_form(rules)

    first, later = ({row.label for row in letters[kind]["rows"]} for kind in (Kind.REFERRAL, Kind.AFTER_ACCEPT))

    assert {one.label for one in rules.fields if one.shown == "always"} <= first
    assert {one.label for one in rules.fields if one.shown == "accepted"} == later
    assert not {one.label for one in rules.fields if one.shown != "always"} & first


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_field_has_an_invented_value(kind: str):
    """Also without any provider."""
    choices = {"pen": ("met de pen",)} if kind == "choice" else {}
    one = Field(key="x", label="X", kind=kind, choices=choices)

    [value] = invented([one], {}).values()

    assert value_text(one, value, {})


def test_check_hints_at_a_heading_that_comes_twice(folder: Path):
    """With the line, and where the section belongs; mailflow starts all the same."""
    line = add(folder, LAPTOP)

    result = type_in("check", "--config", folder)

    assert result.exit_code == 0
    assert "all is well" in result.output
    assert result.output.splitlines()[-1] == (
        f'  hint: form.toml: line {line}: the heading "Leerling" comes twice on the form. '
        "Move [field.laptop] up, below [field.last_school_left_on], or give it another group."
    )


def test_a_field_beside_its_group_is_no_reason_for_a_hint(folder: Path):
    """Nor is anything in the form as shipped."""
    add(folder, LAPTOP, above="[field.school_year]")

    assert "hint" not in type_in("check", "--config", folder).output
    assert headings_twice(form_text(None), load(None).rules.fields) == []


def test_fields_without_a_heading_part_no_group():
    """They stand under none; the hint names no line where the section is written in another way."""
    a, b, c = Field(key="a", label="A", group="G"), Field(key="b", label="B"), Field(key="c", label="C", group="G")

    assert headings_twice("", [a, c, b]) == []
    assert headings_twice('field."c".label = "C"', [a, b, c]) == [
        'form.toml: the heading "G" comes twice on the form. Move [field.c] up, below [field.a], or give it another group.'
    ]
