"""The logo above each letter: in the mail itself, checked before anything starts."""

import email
from dataclasses import replace
from pathlib import Path

import pytest

from mailflow.core.letters import Kind
from mailflow.gallery import page_of
from mailflow.newcomer import init
from mailflow.outgoing.chart import bars
from mailflow.outgoing.digest_samples import MONDAY
from mailflow.outgoing.render import Renderer
from mailflow.outgoing.samples import HEADER, sample
from mailflow.settings import check, load

PICTURE = bars((1, 2, 3))
"""A PNG of ours."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration that names a logo."""
    made = tmp_path / "meldpunt"
    init(made, {})
    main = made / "mailflow.toml"
    main.write_text(main.read_text().replace('logo = ""', 'logo = "logo.png"'))
    (made / "logo.png").write_bytes(PICTURE)
    return made


def test_it_stands_above_the_words_and_comes_along(folder: Path):
    """By its Content-ID, beside the chart of the digest; nothing is fetched from elsewhere."""
    settings = load(folder)
    renderer = Renderer(settings.templates, settings.rules, settings.instance)
    for letter, count in ((sample(Kind.RECEIVED), 1), (sample(Kind.DIGEST, **MONDAY), 2)):
        message = renderer.render(letter, HEADER)

        parts = {part["Content-ID"]: part for part in email.message_from_bytes(message).walk() if part["Content-ID"]}
        assert len(parts) == count
        assert parts["<logo@mailflow>"].get_payload(decode=True) == PICTURE
        page = page_of(message)
        assert page.count("<img") == count
        assert "cid:" not in page
        assert page.index("<img") < page.index("<h1")


def test_without_one_nothing_comes_along():
    """As shipped."""
    settings = load(None)
    renderer = Renderer(settings.templates, replace(settings.rules), settings.instance)

    assert b"logo@mailflow" not in renderer.render(sample(Kind.RECEIVED), HEADER)


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "cannot be read"), (b"GIF89a", "is no PNG"), (PICTURE + b"x" * 50_000, "is too big")],
)
def test_a_picture_that_no_mail_can_hold_is_told(folder: Path, content: bytes | None, words: str):
    """Before it starts: file, key, and what to do."""
    if content is None:
        (folder / "logo.png").unlink()
    else:
        (folder / "logo.png").write_bytes(content)

    [problem] = check(folder)

    assert words in str(problem)
    assert "meldpunt.logo" in str(problem)
