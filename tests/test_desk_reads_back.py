"""The desk answers its digest in its own words: each line gets an answer that says what was done, or why not."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from house import BRUSSELS, CLB, FORM, WORKER, House, Sent


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Two referrals at their provider's, and the digest of that morning."""
    house = House(tmp_path, datetime(2026, 10, 4, 22, 14, tzinfo=BRUSSELS))
    house.mail(FORM)
    house.mail(FORM.replace("Noor", "Emma").replace("Voorbeeld\n", "Anders\n"))
    house.drain()
    house.at(2026, 10, 5, 8, 30)
    house.at(2026, 10, 5, 9, 0)
    yield house
    house.close()


def answered(house: House, words: str) -> str:
    """What the desk reads when it answers the digest with these lines, in one line; the rest leaves after the pause."""
    [digest] = [one for one in house.letters(WORKER) if "Overzicht van" in one.subject]
    house.reply(digest, words, sender=WORKER)
    [answer] = [one for one in house.drain() if one.recipient == WORKER]
    return " ".join(answer.text.split())


def test_a_note_that_changes_nothing_is_read_back_too(house: House):
    """A party needs no answer to "gesproken"; whoever typed five lines wants to see five."""
    told = answered(house, "0001 noteer gesproken\n0002 noteer aanvaard")

    assert "MSI-2026-0001: genoteerd" in told
    assert "MSI-2026-0002: de aanbieder aanvaardt deze aanmelding" in told


@pytest.mark.parametrize("words", ["0099 sluit", "0099 sluit\n0001 noteer gesproken"])
def test_a_number_of_no_case_is_named(house: House, words: str):
    """Alone or beside another: not "geen opdracht die we kennen", for the order was one."""
    assert "0099: dit dossier bestaat niet" in answered(house, words)
    assert house.outcome(3) == "reply"


def test_a_provider_that_is_not_in_the_list_is_answered_with_those_that_are(house: House):
    """So that the next line is right."""
    told = answered(house, "aanbieder NAFT Gent volzet")

    assert "ik ken geen aanbieder met die naam, wel NAFT VBO, NAFT AHV" in told


def test_the_same_note_again_tells_nobody_the_same_news(house: House):
    """The first one was told; a second one is a note."""

    def news() -> list[Sent]:
        return [one for one in house.letters(CLB) if "volzet" in one.subject]

    answered(house, "0001 noteer volzet")
    house.later(minutes=16)
    answered(house, "0001 volzet")
    house.later(minutes=16)

    assert len(news()) == 1
