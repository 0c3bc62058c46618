"""Forms in every shape, as programs really write them, are read with every value equal: the files of tests/forms."""

import tomllib
from collections import Counter
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from referrals import spaceless

from mailflow.app import reader_of
from mailflow.core.mail import Envelope
from mailflow.core.understand import understand
from mailflow.settings import load

FOLDER = Path(__file__).resolve().parent / "forms"
WRITTEN = tomllib.loads((FOLDER / "written.toml").read_text(encoding="utf-8"))
FILES = sorted(path for path in FOLDER.iterdir() if path.suffix not in (".py", ".toml") and path.is_file())
SETTINGS = load(None)
TODAY = datetime(2026, 11, 23, 10, 30, tzinfo=UTC).date()


def mail_with(path):
    """The file as its sender mailed it: a mail as it stands, anything else as an attachment."""
    if path.suffix == ".eml":
        return path.read_bytes()
    message = EmailMessage()
    message["From"] = "Secretariaat <secretariaat@clb.example>"
    message["To"] = "meldpunt@meldpunt.example"
    message.set_content("Dag, in bijlage vind je onze aanmelding.\n\nGroeten")
    message.add_attachment(
        path.read_bytes(), maintype="application", subtype="octet-stream", filename=f"aanmelding{path.suffix}"
    )
    return message.as_bytes()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_form_is_read(path):
    """Every value that was written, no other; what is missing and what cannot be."""
    expected = WRITTEN[path.name.partition(".")[0]]
    reading = reader_of(SETTINGS).read(mail_with(path), Envelope(via="imap"))

    form = understand(reading, SETTINGS.rules, TODAY).form

    assert spaceless(form.values) == spaceless(expected["values"])
    assert set(form.missing) == set(expected.get("missing", ()))
    assert {one.field for one in form.odd} == set(expected.get("odd", ()))
    assert reading.unread == ()


def test_every_shape_is_there():
    """Every file that written.toml names, no other, and at least sixty."""
    named = {f"{name}.{shape}" for name, one in WRITTEN.items() for shape in one["shapes"]}

    assert {path.stem for path in FILES} == named
    assert len(FILES) >= 60
    assert Counter(path.suffix for path in FILES).keys() == {
        ".docx", ".odt", ".pdf", ".xlsx", ".csv", ".zip", ".eml",
    }  # fmt: skip
