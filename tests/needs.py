"""What a test needs that is not in this repository: where it is missing the test is skipped, in CI it fails."""

import os
from pathlib import Path

import pytest

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
"""Real mail that others collected; tests ask for the fixture *corpus* before they read it."""


def missing(why: str, *, module: bool = False) -> None:
    """Skip with the reason (*module*: everything in that file); MAILFLOW_REQUIRE_SERVERS=1 makes it a failure."""
    if os.environ.get("MAILFLOW_REQUIRE_SERVERS") == "1":
        pytest.fail(why)
    pytest.skip(why, allow_module_level=module)
