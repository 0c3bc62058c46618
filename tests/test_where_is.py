"""README and docs/ lead to what they name: the table "Where is …?", links and pictures."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PAGES = (README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))
LONGEST = 600


def rows() -> list[tuple[str, list[str], list[str]]]:
    """What is sought, in which files, and what to look for there."""
    section = README.read_text(encoding="utf-8").partition("## Where is …?\n")[2].partition("\n## ")[0]
    cells = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| ")][1:]
    return [
        (what.strip(), re.findall("`([^`]+)`", where), re.findall("`([^`]+)`", names)) for what, where, names in cells
    ]


def names_in(path: Path) -> set[str]:
    """What a reader can look for: functions, classes and constants; the top keys of a table; the files of a folder."""
    if path.is_dir():
        return {one.name for one in path.iterdir()}
    if path.suffix == ".toml":
        return set(tomllib.loads(path.read_text(encoding="utf-8")))
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
            case ast.Assign(targets=targets):
                found |= {one.id for one in targets if isinstance(one, ast.Name)}
    return found


@pytest.mark.parametrize(("files", "names"), [row[1:] for row in rows()], ids=[row[0] for row in rows()])
def test_each_file_of_where_is_holds_what_it_says(files: list[str], names: list[str]):
    """Each name is defined in one of the files of its row, and no file stands there for nothing."""
    held = {file: names_in(ROOT / file) for file in files}

    assert names
    assert [name for name in names if not any(name in one for one in held.values())] == []
    assert [file for file, one in held.items() if not one & set(names)] == []


def test_the_table_is_long_enough_to_find_a_rule_by():
    """The parts of the package that decide or do something each have a row."""
    files = {file for _, where, _ in rows() for file in where}

    assert len(rows()) >= 20
    assert {"mailflow/core", "mailflow/reading", "mailflow/intake", "mailflow/outgoing", "mailflow/storage"} <= {
        str(Path(file).parent) for file in files
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_link_leads_to_a_file_or_a_heading(page: Path):
    """Those that stay within the project; what is elsewhere is not asked for."""
    for link in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        name, _, heading = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.is_file(), link
        assert not heading or heading in anchors(target), link


def anchors(page: Path) -> set[str]:
    """The headings of a page as a link names them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", one.strip()).lower().replace(" ", "-") for one in headings}


def test_each_page_of_docs_can_be_reached_from_readme():
    """By a link in README, or in a page that is linked there."""
    seen, ahead = set[Path](), [README]
    while ahead:
        page = ahead.pop()
        seen.add(page)
        links = re.findall(r"\]\(([^)#]+\.md)[^)]*\)", page.read_text(encoding="utf-8"))
        ahead += [one for link in links if "://" not in link and (one := (page.parent / link).resolve()) not in seen]

    assert [page.name for page in PAGES if page.parent.name == "docs" and page not in seen] == []


def test_each_page_that_code_names_is_there():
    """With its folder or without: a comment leads nobody to a page that only its writer has."""
    pages = {f"/{one.relative_to(ROOT)}" for one in (*PAGES, *(ROOT / "tests").rglob("*.md"))}
    code = [one for folder in ("mailflow", "tests") for one in (ROOT / folder).rglob("*.py")]
    named = {
        (str(file.relative_to(ROOT)), name)
        for file in code
        for name in re.findall(r"[\w/-]+\.md\b(?!\.j2)", file.read_text(encoding="utf-8"))
    }

    assert len(named) > 10
    assert [one for one in sorted(named) if not any(page.endswith(f"/{one[1]}") for page in pages)] == []


def test_readme_can_be_read_in_one_sitting():
    """What is longer belongs in docs/."""
    assert len(README.read_text(encoding="utf-8").splitlines()) < LONGEST
