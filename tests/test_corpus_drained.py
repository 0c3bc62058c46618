"""Every mail of ../shared/corpus, drained by one meldpunt: real mail, none for us. Skipped without that folder."""

from collections.abc import Iterator
from datetime import datetime
from email.parser import BytesHeaderParser
from pathlib import Path

import pytest
from house import BRUSSELS, NAFT, WORKER, House


@pytest.fixture(scope="module")
def drained(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, dict[int, Path]]]:
    """One meldpunt that received every file of the corpus on a Monday, and did all its work."""
    house = House(tmp_path_factory.mktemp("corpus"), datetime(2026, 10, 5, 10, tzinfo=BRUSSELS))
    numbers: dict[int, Path] = {}
    for file in sorted(one for one in corpus.rglob("*") if one.is_file()):
        numbers[house.raw(file.read_bytes(), sender="iemand@elders.example")] = file
    house.drain()
    yield house, numbers
    house.close()


def test_every_file_of_the_corpus_has_an_outcome(drained: tuple[House, dict[int, Path]]):
    """Nothing is stuck, nothing is left unread."""
    house, numbers = drained

    assert not house.app.store.stuck_tasks()
    assert not [file.name for number, file in numbers.items() if not house.outcome(number)]


def test_no_bounce_of_the_corpus_is_answered(drained: tuple[House, dict[int, Path]]):
    """A delivery report reaches nobody but the desk, whatever addresses it names."""
    house, numbers = drained
    named = b"".join(one.raw for one in house.courier.sent if one.recipient != WORKER)

    answered = [
        file.name
        for file in numbers.values()
        if "bounces" in file.parts and (message_id := _message_id(file)) and message_id.encode() in named
    ]

    assert not answered


def test_no_mail_of_the_corpus_reaches_a_provider(drained: tuple[House, dict[int, Path]]):
    """None of it is a proven referral."""
    house, _ = drained

    assert not house.letters(NAFT)


def _message_id(file: Path) -> str:
    return str(BytesHeaderParser().parsebytes(file.read_bytes()).get("Message-ID", "")).strip()
