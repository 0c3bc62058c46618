"""requirements.lock is complete: it is installed as it stands, without a look at what each package asks for."""

import re
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def asked_for(name: str, extras: set[str]) -> list[Requirement]:
    """What a package asks for on this machine, with these extras."""
    found = [Requirement(text) for text in requires(name) or ()]
    return [one for one in found if not one.marker or any(one.marker.evaluate({"extra": e}) for e in ("", *extras))]


def test_the_lock_names_everything_that_mailflow_needs():
    """Down to what the packages of others need, so that pip need not choose anything by itself."""
    pinned = {canonical(name) for name in re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text(), re.M)}
    to_see, seen = [("mailflow", frozenset({"postgres", "dev"}))], set()

    while to_see:
        one = to_see.pop()
        seen.add(one)
        needs = {(canonical(need.name), frozenset(need.extras)) for need in asked_for(one[0], {*one[1]})}
        to_see += [*(needs - seen)]

    assert {name for name, _ in seen} - pinned == {"mailflow"}
