"""A slip in a template is told by its line before a letter must leave, and no letter is lost over another one's slip."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from typer.testing import CliRunner, Result

from mailflow import gallery, newcomer
from mailflow.cli import cli
from mailflow.core.letters import Kind
from mailflow.discretion import where
from mailflow.outgoing.render import Renderer
from mailflow.outgoing.samples import HEADER, sample
from mailflow.settings import load

SLIP = "referral.md.j2: line 5: 'contactby' is no value of this letter. Did you mean contact_by?"


@pytest.fixture(scope="module")
def as_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `mailflow init` makes."""
    folder = tmp_path_factory.mktemp("as-made") / "meldpunt"
    newcomer.init(folder, {})
    return folder


@pytest.fixture
def folder(as_made: Path, tmp_path: Path) -> Path:
    """One of its own for each test."""
    return Path(shutil.copytree(as_made, tmp_path / "meldpunt"))


def change(folder: Path, name: str, old: str, new: str) -> None:
    """Write *new* for *old*, which stands there."""
    file = folder / "templates" / name
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def type_in(*words: object) -> Result:
    """What the command says."""
    return CliRunner().invoke(cli, [*map(str, words)])


def test_check_names_the_line_and_the_value_that_was_meant(folder: Path):
    """`{{ contactby }}` is good Jinja, but the letter has no such value."""
    change(folder, "referral.md.j2", "{{ contact_by }}", "{{ contactby }}")

    result = type_in("check", "--config", folder)

    assert result.exit_code == 1
    assert f"  templates: {SLIP}" in result.output
    assert "all is well" not in result.output


def test_a_slip_in_a_branch_that_letters_seldom_take_is_found_too(folder: Path):
    """Each shape of a letter is tried, and the subject as well as the words."""
    change(folder, "no_match.md.j2", "{{ reason }}", "{{ reasons }}")
    change(folder, "full.md.j2", "Subject: ", "Subject: {{ provder }} ")

    problems = gallery.wrong_letters(load(folder))

    assert any(one.startswith("full.md.j2: line 1: 'provder' is no value") for one in problems)
    assert any(one.startswith("no_match.md.j2: line ") and "'reasons'" in one for one in problems)


def test_what_many_letters_include_is_told_once(folder: Path):
    """By the name of the file that holds it."""
    included = folder / "templates" / "_rows.md.j2"
    included.write_text("{{ nowhere }}\n" + included.read_text())

    [problem] = gallery.wrong_letters(load(folder))

    assert problem.startswith("_rows.md.j2: line 1: 'nowhere' is no value of this letter.")


def test_a_part_that_is_missing_is_told_once(folder: Path):
    """By what includes it first, with the line, and all others; a part of a part is no exception."""
    (folder / "templates" / "_options.md.j2").unlink()

    result = type_in("check", "--config", folder)

    assert result.exit_code == 1
    assert result.output.splitlines()[1:] == [
        "  templates: choose_provider.md.j2: line 10: includes _options.md.j2, which is missing; copy it from a folder that "
        "'mailflow init' makes, or take that line out "
        "(also in elsewhere.md.j2, which_clb.md.j2, choose_clb.md.j2, _next.md.j2)"
    ]


def test_what_only_a_part_includes_is_told_too(folder: Path):
    """Though no other letter is tried: what is wrong would come out when a provider is full, and no sooner."""
    change(folder, "_next.md.j2", "_options.md.j2", "_keuzes.md.j2")

    problems = gallery.wrong_letters(load(folder))

    assert problems == [
        "_next.md.j2: line 6: includes _keuzes.md.j2, which is missing; copy it from a folder that 'mailflow init' makes, "
        "or take that line out"
    ]


def test_a_part_under_a_name_with_a_slip_is_told(folder: Path):
    """The file that is meant, when nothing includes it."""
    (folder / "templates" / "_words.md.j2").rename(folder / "templates" / "_word.md.j2")

    [problem] = gallery.wrong_letters(load(folder))

    assert (
        "includes _words.md.j2, which is missing; nothing includes _word.md.j2: did you mean _words.md.j2?" in problem
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff", "full.md.j2: line 9: includes _next.md.j2, which cannot be read (UnicodeDecodeError); copy it"),
        (b"{% for %}", "_next.md.j2: line 1: Expected an expression"),
        ("\ue000".encode(), "_next.md.j2: holds a character of the private use area"),
    ],
    ids=["no UTF-8", "no Jinja", "a mark"],
)
def test_a_part_that_cannot_be_used_is_told_once(folder: Path, content: bytes, told: str):
    """However many letters include it."""
    (folder / "templates" / "_next.md.j2").write_bytes(content)

    [problem] = gallery.wrong_letters(load(folder))

    assert problem.startswith(told)


def test_a_part_that_may_be_missing_and_one_that_includes_itself_are_no_mistakes(folder: Path):
    """As Jinja has it; the second ends by itself when it is asked to."""
    change(folder, "full.md.j2", '{% include "_next.md.j2" %}', '{% include "_weg.md.j2" ignore missing %}')
    change(folder, "_next.md.j2", "## Wat", '{% if not kind %}{% include "_next.md.j2" %}{% endif %}\n## Wat')

    assert gallery.wrong_letters(load(folder)) == []


def test_letters_are_tried_only_where_a_template_was_changed(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """All the shipped ones can be written, so that check stays quick."""
    tried: list[Kind] = []
    render = Renderer.render
    monkeypatch.setattr(Renderer, "render", lambda *given: tried.append(given[1].kind) or render(*given))

    assert gallery.wrong_letters(load(folder)) == []
    assert tried == []

    change(folder, "referral.md.j2", "Nieuwe aanmelding", "Een nieuwe aanmelding")

    assert gallery.wrong_letters(load(folder)) == []
    assert {*tried} == {*Kind}


def test_the_gallery_writes_the_others(folder: Path, tmp_path: Path):
    """The line of the slip, status 1, and every letter but that one."""
    change(folder, "referral.md.j2", "{{ contact_by }}", "{{ contactby }}")
    to = tmp_path / "letters"

    result = type_in("letters", to, "--config", folder)

    assert result.exit_code == 1
    assert f"templates: {SLIP}" in result.output
    assert f"the other letters: {to / 'index.html'}" in result.output.replace("\n", "")
    assert "open " not in result.output
    assert {one.value for one in Kind} - {file.stem for file in to.glob("*.html")} == {"referral"}
    assert "referral.html" not in (to / "index.html").read_text()


def test_a_gallery_without_a_letter_is_not_opened(folder: Path, tmp_path: Path):
    """Each letter needs the frame: there is nothing to look at."""
    (folder / "templates" / "frame.md.j2").unlink()

    result = type_in("letters", tmp_path / "letters", "--config", folder)

    assert result.exit_code == 1
    assert "templates: frame.md.j2: is missing" in result.output
    assert "no letter was written" in result.output
    assert "index.html" not in result.output
    assert not (tmp_path / "letters").exists()


def test_a_fault_of_ours_is_no_mistake_of_a_template(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """It is not told as one."""
    monkeypatch.setattr(gallery, "HEADER", replace(HEADER, message_id="none"))

    with pytest.raises(ValueError, match="Message-ID"):
        [*gallery.letters(load(folder), [])]


def test_a_log_names_the_template_and_its_line(folder: Path):
    """Also of one that is included; the message stays out."""
    change(folder, "referral.md.j2", "{{ contact_by }}", "{{ contactby }}")
    included = folder / "templates" / "_rows.md.j2"
    included.write_text("{{ nowhere }}\n" + included.read_text())
    settings = load(folder)
    renderer = Renderer(settings.templates, settings.rules, settings.instance)
    told = {}
    for kind in (Kind.REFERRAL, Kind.SUPPLEMENT):
        with pytest.raises(UndefinedError) as fault:
            renderer.render(sample(kind), HEADER)
        told[kind] = where(fault.value)

    assert " referral.md.j2:5 " in told[Kind.REFERRAL]
    assert " _rows.md.j2:1 < supplement.md.j2:" in told[Kind.SUPPLEMENT]
    assert "nowhere" not in told[Kind.SUPPLEMENT]
