"""A mail host that does not deliver meldpunt+anything@...: what a letter offers can be done all the same."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from house import BRUSSELS, CLB, DESK, FORM, NAFT, WORKER, House, Sent

from mailflow.core.lifecycle import State


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[House]:
    """A house whose only address is the plain one."""
    House(tmp_path, datetime(2026, 10, 4, 22, 14, tzinfo=BRUSSELS)).close()
    main = tmp_path / "config" / "mailflow.toml"
    main.write_text(main.read_text().replace("plus_addressing = true", "plus_addressing = false"))
    house = House(tmp_path, datetime(2026, 10, 4, 22, 14, tzinfo=BRUSSELS))
    yield house
    house.close()


def offered(letter: Sent, label: str) -> str:
    """What the reader is told to answer for that choice."""
    found = re.search(rf'{label}: antwoord op deze mail met "([^"]+)"', " ".join(letter.text.split()))
    assert found, letter.text
    return found[1]


def test_what_the_digest_offers_can_be_answered(plain: House):
    """Its choices name their case and are answered in the digest, which no address has to be sealed for."""
    plain.mail(FORM.replace("NAFT VBO", "geen voorkeur"))
    digest = next(one for one in plain.at(2026, 10, 5, 9, 1) if one.recipient == WORKER)
    words = offered(digest, "Stuur naar NAFT VBO")

    plain.reply(digest, words)
    plain.drain()
    plain.later(minutes=20)

    assert words == "MSI-2026-0001 stuur naar NAFT VBO"
    assert digest.reply_to == DESK
    assert plain.case().state is State.DISPATCHED


def test_what_an_overview_offers_can_be_answered(plain: House):
    """The provider's week: one of its choices, as it stands there."""
    plain.mail(FORM)
    plain.at(2026, 10, 5, 9, 1)
    plain.reply(plain.letters(NAFT)[0], "aanvaard")
    plain.later(minutes=20)
    plain.at(2026, 11, 10, 9, 30)
    week = next(one for one in plain.letters(NAFT) if "nog van je willen weten" in one.subject)

    plain.reply(week, offered(week, "Vandaag gestart"))
    plain.drain()
    plain.later(minutes=20)

    assert plain.case().state is State.STARTED
    assert plain.letters(CLB)[-1].subject.endswith("Het traject is gestart")


def test_every_answer_and_bounce_comes_to_the_plain_address(plain: House):
    """Of a case and of none, and what the host returns."""
    plain.mail(FORM)
    plain.mail(FORM, sender="an.peeters@vclb1euven.be")
    plain.at(2026, 10, 5, 9, 1)

    assert {one.recipient for one in plain.courier.sent} >= {CLB, NAFT, WORKER}
    assert {(one.sender, one.reply_to) for one in plain.courier.sent} == {(DESK, DESK)}
