"""While somebody stands in for a silent desk: the alarms go to both, and what the stand-in does ends nothing."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from house import BRUSSELS, CLB, FORM, NAFT, WORKER, House

from mailflow.outgoing.deliver import Refused
from mailflow.standstill import tell_stuck
from mailflow.storage.tasks import Task

STAND_IN = "vervanger@meldpunt.example"
PARENT = (
    FORM.replace("Noor", "Lotte")
    .replace("CLB: Vrij CLB Leuven\n", "")
    .replace("an.peeters@vclbleuven.be", "papa@thuis.example")
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A meldpunt with a stand-in, of whose worker nothing was heard since Sunday; it is Thursday morning."""
    monday = datetime(2026, 10, 4, 22, 0, tzinfo=BRUSSELS)
    House(tmp_path, monday).close()
    main = tmp_path / "config" / "mailflow.toml"
    main.write_text(main.read_text().replace('stand_in = ""', f'stand_in = "{STAND_IN}"'))
    house = House(tmp_path, monday)
    house.mail(PARENT, sender="papa@thuis.example")
    house.drain()
    for day in (5, 6, 7, 8):
        house.at(2026, 10, day, 8, 30)
    yield house
    house.close()


def digests(house: House, day: int) -> list[str]:
    """Who gets the digest of that morning."""
    left = house.at(2026, 10, day, 8, 30)
    return sorted(one.recipient for one in left if one.subject.startswith("Overzicht van"))


def test_a_referral_that_bounces_is_told_to_both(house: House):
    """It waits for a person, and the worker reads no mail."""
    house.mail()
    [referral] = [one for one in house.at(2026, 10, 8, 9, 5) if one.recipient == NAFT]
    raw = (
        f"Return-Path: <>\r\nFrom: <mailer-daemon@naft-vbo.example>\r\nTo: {referral.sender}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="-b"\r\n\r\n---b\r\n'
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; naft-vbo.example\r\n\r\n"
        f"Final-Recipient: rfc822; {NAFT}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n---b--\r\n"
    )
    house.raw(raw.encode(), sender="", to=referral.sender)

    assert sorted(one.recipient for one in house.drain()) == [WORKER, STAND_IN]


def test_a_letter_that_is_refused_is_told_to_both(house: House):
    """The same when our own server says at once that it cannot be delivered."""
    house.mail()
    house.courier.answers = [Refused("550 5.1.1")]

    assert sorted(one.recipient for one in house.drain()) == [WORKER, STAND_IN]


def test_work_that_is_stuck_is_told_to_both(house: House):
    """A mail that cannot be read waits for a person."""
    number = house.mail(sender=CLB)
    app = house.app
    task = Task(id=7, kind="read", fence=1, attempts=3, due_at=house.clock.now(), mail_id=number)

    tell_stuck(app.worker.means, task)

    assert {WORKER, STAND_IN} <= {one.recipient for one in house.drain()}


def test_what_the_stand_in_decides_does_not_end_it(house: House):
    """By a tap, by a line in answer to the digest, or by asking for the list."""
    digest = house.letters(STAND_IN)[-1]
    for number, words in enumerate(
        ["0001 wijs toe aan Vrij CLB Leuven", "zoek Peeters 12/03/2011", "hulp", "ik ben terug"]
    ):
        house.reply(digest, words, quote=False)
        house.drain()
        assert digests(house, (9, 12, 13, 14)[number]) == [WORKER, STAND_IN], words
    assert "dat schrijft wie terug is" in " ".join(house.letters(STAND_IN)[-2].text.split())


@pytest.mark.parametrize("words", ["ik ben terug", "0001 wijs toe aan Vrij CLB Leuven", "hulp"])
def test_a_word_of_the_worker_ends_it(house: House, words: str):
    """From then on both the digest and the alarms are hers alone."""
    house.reply(house.letters(WORKER)[-1], words, quote=False)
    house.drain()

    assert digests(house, 9) == [WORKER]
    house.mail(FORM.replace("komt sinds", "wil dood, komt sinds"))
    assert STAND_IN not in [one.recipient for one in house.drain()]


def test_nobody_stands_in_before_the_silence_was_told(house: House):
    """Once the worker answered, it takes as many silent opening days again."""
    house.reply(house.letters(WORKER)[-1], "ik ben terug", quote=False)
    house.drain()

    assert [digests(house, day) for day in (9, 12)] == [[WORKER], [WORKER]]
    assert digests(house, 13) == [WORKER, STAND_IN]
