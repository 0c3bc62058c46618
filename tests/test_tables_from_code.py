"""Four tables of README and docs/ are made from the code, and are those of today."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mailflow.core import desk_verbs
from mailflow.core.lifecycle import WHOSE_TURN, State, as_markdown, as_mermaid
from mailflow.core.rules import Terms
from mailflow.core.sender import QUESTIONS
from mailflow.core.watches import WATCHES, Promise
from mailflow.settings import load

ROOT = Path(__file__).resolve().parents[1]
README, DOCS = ROOT / "README.md", ROOT / "docs"


def lifecycle() -> list[str]:
    """ROWS as a table and as a drawing."""
    return [as_markdown(), "", "```mermaid", as_mermaid(), "```"]


def promises() -> list[str]:
    """WATCHES with the terms as shipped."""
    terms = load(None).rules.terms
    return [
        "| state | waits for | whose turn | working days | since the state, or later since | then |",
        "|---|---|---|---|---|---|",
        *(
            f"| {state} | {promise.what} | {WHOSE_TURN[state]} | {_term(promise, terms)} | {_later(promise)} |"
            f" {_then(promise, state)} |"
            for state, promise in WATCHES.items()
        ),
    ]


def _term(promise: Promise, terms: Terms) -> str:
    if promise.span:
        return f"{promise.span(terms).days // 7} weeks"
    return str(promise.days(terms)) if promise.days else "`contact_days` of the provider"


def _later(promise: Promise) -> str:
    return promise.since.__name__.replace("_", " ") if promise.since else ""


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
    [
        (README, "lifecycle", lifecycle),
        (README, "watches", promises),
        (DOCS / "security.md", "questions", questions),
        (DOCS / "desk.md", "desk", lambda: [desk_verbs.as_markdown()]),
    ],
    ids=["lifecycle", "promises", "questions", "orders"],
)
def test_a_table_that_is_made_from_the_code_is_that_of_today(
    page: Path, name: str, lines: Callable[[], list[str]], request: pytest.FixtureRequest
):
    """`pytest tests/test_tables_from_code.py --update-readme` writes it anew."""
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

    assert same, f"{page.name} shows another table: run pytest tests/test_tables_from_code.py --update-readme"
