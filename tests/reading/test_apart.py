"""A document that eats memory or time, or kills its reader, costs that document alone."""

import os
import select
from functools import partial
from pathlib import Path

import pytest

from mailflow.core.form import labels
from mailflow.core.mail import Attachment, Found, Pair
from mailflow.reading.apart import TOO_HEAVY, Apart
from mailflow.reading.documents import attachments
from mailflow.reading.documents.limits import DocumentLimits, Unread
from mailflow.settings import load

FORM = Attachment("form.csv", "text/csv", 40, b"Voornaam;Noor\r\nAchternaam;Voorbeeld\r\n")
LIMITS = DocumentLimits()


KNOWN = partial(labels, load(None).rules.fields)


@pytest.fixture
def apart():
    one = Apart(seconds=5, megabytes=700)
    yield one
    one.close()


def test_a_document_is_read_there_as_it_is_here(apart: Apart):
    there = apart.read(FORM, LIMITS, KNOWN)

    assert there == attachments.read(FORM, LIMITS, KNOWN())
    assert isinstance(there, Found)
    assert there.pairs[0] == Pair("Voornaam", "Noor", 1)
    assert isinstance(apart.read(Attachment("a.pdf", "application/pdf", 9, b"%PDF-1.7x"), LIMITS, KNOWN), Unread)


@pytest.mark.parametrize("does", ["dies", "eats", "writes", "hangs"])
def test_what_ends_or_fills_the_other_process_costs_that_document_only(tmp_path: Path, does: str):
    """Whatever a document makes its reader do; and the next document is opened by a new one."""
    file = tmp_path / "written"
    harm = {
        "dies": os.abort,
        "eats": partial(bytes, 2_000_000_000),
        "writes": partial(file.write_text, "x" * 10_000),
        "hangs": partial(select.select, [], [], []),
    }[does]
    apart = Apart(seconds=4, megabytes=700)
    try:
        assert isinstance(apart.read(FORM, LIMITS, KNOWN), Found)
        assert apart.read(FORM, LIMITS, harm) == TOO_HEAVY
        assert isinstance(apart.read(FORM, LIMITS, KNOWN), Found)
        assert not file.exists() or not file.read_text()
    finally:
        apart.close()
