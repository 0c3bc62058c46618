"""A field that an operator adds to form.toml is seen in the letters of `mailflow letters`; its place is looked at by `check`."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from mailflow import newcomer
from mailflow.cli import cli
from mailflow.configuration.form_order import form_hints, form_text, headings_twice
from mailflow.core.form_fields import KINDS, Field
from mailflow.core.letters import Kind
from mailflow.core.wording import value_text
from mailflow.outgoing.sample_forms import invented, of_form
from mailflow.settings import load

LAPTOP = """
[field.laptop]
label = "Laptop van de school"
kind = "yes_no"
asked = "pupil"
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
    assert form_hints(form_text(None), load(None).rules.fields) == []


def test_fields_without_a_heading_part_no_group():
    """They stand under none; the hint names no line where the section is written in another way."""
    a, b, c = Field(key="a", label="A", group="G"), Field(key="b", label="B"), Field(key="c", label="C", group="G")

    assert headings_twice("", [a, c, b]) == []
    assert headings_twice('field."c".label = "C"', [a, b, c]) == [
        'form.toml: the heading "G" comes twice on the form. Move [field.c] up, below [field.a], or give it another group.'
    ]


BESIDE = "[field.school_year]"
"""A field of the group "Leerling", whose fields are all asked of a pupil, or never."""
NOT_ASKED = (
    "[field.laptop] does not say whom it is asked, so it is asked always; "
    'with it "(alleen voor een leerling)" cannot stand under the heading "Leerling". '
    'Write asked = "pupil", as its neighbours do, or asked = "always" if that is meant.'
)


def hints(folder: Path) -> list[str]:
    """What check hints at."""
    return [
        line.removeprefix("  hint: form.toml: ")
        for line in type_in("check", "--config", folder).output.splitlines()
        if line.startswith("  hint: ")
    ]


def test_a_field_that_forgets_whom_it_is_asked_is_told(folder: Path):
    """The heading would lose its line "(alleen voor een leerling)", and each question get a mark of its own."""
    before = type_in("form", "--txt", "--config", folder).stdout
    line = add(folder, LAPTOP.replace('asked = "pupil"\n', ""), above=BESIDE)
    after = type_in("form", "--txt", "--config", folder).stdout

    assert "== Leerling ==\n(alleen voor een leerling)" in before
    assert "== Leerling ==\n(alleen voor een leerling)" not in after
    assert hints(folder) == [f"line {line}: {NOT_ASKED}"]


def test_who_means_it_writes_it(folder: Path):
    """Then nothing is hinted at; how the form asks now stands there all the same."""
    add(folder, LAPTOP.replace('asked = "pupil"', 'asked = "always"'), above=BESIDE)

    assert hints(folder) == []
    assert "    Leerling            pupil 8, always 1 (laptop), never 6" in (
        type_in("check", "--config", folder).output.splitlines()
    )


def test_how_the_form_asks_is_told_of_a_form_that_was_changed(folder: Path):
    """A line for each heading; the shipped form is known."""
    shipped = [type_in("check", *words).output for words in ((), ("--config", folder))]
    add(folder, LAPTOP.replace('asked = "pupil"', 'asked = "school"'), above=BESIDE)
    told = type_in("check", "--config", folder).output

    assert not [one for one in shipped if "by `asked`" in one]
    assert "form.toml is your own: its fields under each heading, by `asked`" in told
    assert "    Leerling            pupil 8, school 1 (laptop), never 6" in told.splitlines()


@pytest.mark.parametrize(
    ("group", "told"),
    [
        (
            "",
            "has no group, so it stands under no heading. "
            'Write the one that it belongs to (beside it stands "Leerling"), or group = "" if that is meant.',
        ),
        ('group = "Leerlign"', 'stands under a heading of its own, "Leerlign". Did you mean group = "Leerling"?'),
        (
            'group = "School"',
            'is of the group "School" and stands among those of "Leerling": that heading comes twice. '
            'Move it below [field.school_kind], or write group = "Leerling".',
        ),
        (
            'group = "Computer"',
            'is of the group "Computer" and stands among those of "Leerling": that heading comes twice. '
            'Move it below [field.last_school_left_on], or write group = "Leerling".',
        ),
    ],
    ids=["none", "a slip", "another", "a new one"],
)
def test_a_field_with_no_group_or_another_one_is_told(folder: Path, group: str, told: str):
    """It is that field which is named, not the next one, whose heading comes again because of it."""
    line = add(folder, LAPTOP.replace('group = "Leerling"', group), above=BESIDE)

    assert hints(folder) == [f"line {line}: [field.laptop] {told}"]


def test_both_can_be_forgotten(folder: Path):
    """Two hints at once."""
    line = add(folder, '[field.laptop]\nlabel = "Laptop van de school"\n', above=BESIDE)

    no_group, not_asked = hints(folder)

    assert "has no group" in no_group
    assert not_asked == f"line {line}: {NOT_ASKED}"


def test_the_first_field_belongs_to_what_follows(folder: Path):
    """Nothing stands above it."""
    add(folder, '[field.laptop]\nlabel = "Laptop van de school"\n', above="[field.referrer_name]")

    [hint] = hints(folder)

    assert 'beside it stands "Aanmelder"' in hint


def test_a_field_that_stands_before_its_group_is_the_one_that_moves(folder: Path):
    """Not the first of the others."""
    line = add(folder, LAPTOP.replace("Leerling", "School"), above="[field.first_name]")

    assert hints(folder) == [
        f'line {line}: the heading "School" comes twice on the form. '
        "Move [field.laptop] down, to [field.school_name], or give it another group."
    ]


def test_no_heading_at_all_is_a_way_to_have_it(folder: Path):
    """`group = ""` is written by whoever means it; here the next heading comes twice for it."""
    add(folder, LAPTOP.replace('"Leerling"', '""'), above="[field.earlier_reference]")

    assert hints(folder) == []
    assert "    (no heading)        pupil 1" in type_in("check", "--config", folder).output.splitlines()


def test_headings_that_differ_by_their_number_are_no_slip():
    """Two parents, of whom the first is asked more."""
    groups = ("Ouder 1", "Ouder 1", "Ouder 2", "Ouder")

    assert form_hints("", [Field(key=str(n), label=str(n), group=group) for n, group in enumerate(groups)]) == []
