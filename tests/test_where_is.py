"""README and docs/ lead to what they name: the table "Where is …?", links, pictures, and tables made from the code."""

import ast
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from mailflow.core.lifecycle import WHOSE_TURN, State
from mailflow.core.rules import Terms
from mailflow.core.sender import QUESTIONS
from mailflow.core.watches import WATCHES, Promise
from mailflow.settings import load

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
    return {re.sub(r"[^\w -]", "", one).strip().lower().replace(" ", "-") for one in headings}


def test_each_page_of_docs_can_be_reached_from_readme():
    """By a link in README, or in a page that is linked there."""
    seen, ahead = set[Path](), [README]
    while ahead:
        page = ahead.pop()
        seen.add(page)
        links = re.findall(r"\]\(([^)#]+\.md)[^)]*\)", page.read_text(encoding="utf-8"))
        ahead += [one for link in links if "://" not in link and (one := (page.parent / link).resolve()) not in seen]

    assert [page.name for page in PAGES if page.parent.name == "docs" and page not in seen] == []


def test_readme_can_be_read_in_one_sitting():
    """What is longer belongs in docs/."""
    assert len(README.read_text(encoding="utf-8").splitlines()) < LONGEST


def promises() -> list[str]:
    """WATCHES with the terms as shipped."""
    terms = load(None).rules.terms
    return [
        "| state | waits for | whose turn | working days | then |",
        "|---|---|---|---|---|",
        *(
            f"| {state} | {promise.what} | {WHOSE_TURN[state]} | {_term(promise, terms)} | {_then(promise, state)} |"
            for state, promise in WATCHES.items()
        ),
    ]


def _term(promise: Promise, terms: Terms) -> str:
    match promise.what:
        case "contact":
            return "`contact_days` of the provider"
        case "callback" | "end":
            return f"{terms.waitlist_review.days // 7} weeks"
    return str(promise.days(terms))


def _then(promise: Promise, state: State) -> str:
    if state is State.NEEDS_DESK:
        return "it stands in the digest"
    return "one reminder, then the desk hears of it" if promise.reminder else "the desk hears of it"


def questions() -> list[str]:
    """QUESTIONS: what is asked, why, and what can come of it."""
    return [
        "| question | why | what can come of it |",
        "|---|---|---|",
        *(
            f"| {one.__name__.replace('_', ' ')} | {(one.__doc__ or '').splitlines()[0]} | {', '.join(comes)} |"
            for one, comes in QUESTIONS.items()
        ),
    ]


@pytest.mark.parametrize(
    ("page", "name", "lines"),
    [(README, "watches", promises), (ROOT / "docs" / "security.md", "questions", questions)],
    ids=["promises", "questions"],
)
def test_a_table_that_is_made_from_the_code_is_that_of_today(
    page: Path, name: str, lines: Callable[[], list[str]], request: pytest.FixtureRequest
):
    """`pytest tests/test_where_is.py --update-readme` writes it anew."""
    words = page.read_text(encoding="utf-8")
    before, begin, rest = words.partition(f"<!-- {name}:begin -->\n")
    shown, end, after = rest.partition(f"<!-- {name}:end -->")
    wanted = "\n" + "\n".join(lines()) + "\n\n"
    assert begin, f"{page.name} has no block {name}"
    assert end
    if request.config.getoption("--update-readme"):
        page.write_text(before + begin + wanted + end + after, encoding="utf-8")
        return

    same = shown == wanted

    assert same, f"{page.name} shows another table: run pytest tests/test_where_is.py --update-readme"
