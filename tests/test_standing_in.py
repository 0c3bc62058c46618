"""A referral that cannot be delivered goes to the stand-in of its provider, and the desk knows at once."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from house import BRUSSELS, CLB, NAFT, WORKER, House, Sent

from mailflow.core.lifecycle import Party, State
from mailflow.core.watches import watch
from mailflow.outgoing.deliver import Refused

STAND_IN = "vervanging@naft-vbo.example"
MONDAY = datetime(2026, 10, 5, 10, 0, tzinfo=BRUSSELS)
BOUNCE = """\
Return-Path: <>
From: Mail Delivery Subsystem <mailer-daemon@naft-vbo.example>
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="-b"

---b
Content-Type: text/plain

It could not be delivered.

---b
Content-Type: message/delivery-status

Reporting-MTA: dns; naft-vbo.example

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1

---b--
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A meldpunt whose first provider has a stand-in."""
    House(tmp_path, MONDAY).close()
    providers = tmp_path / "config" / "providers.toml"
    providers.write_text(providers.read_text().replace("addresses = []", f'addresses = []\nstand_in = "{STAND_IN}"', 1))
    house = House(tmp_path, MONDAY)
    house.drain()  # the overview of that morning
    yield house
    house.close()


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[House]:
    """A meldpunt as shipped."""
    house = House(tmp_path, MONDAY)
    house.drain()  # the overview of that morning
    yield house
    house.close()


def bounced(house: House, letter):
    """The provider's host returns that letter: what leaves because of it."""
    raw = BOUNCE.format(to=letter.sender, recipient=letter.recipient).replace("\n", "\r\n").encode()
    house.raw(raw, sender="", to=letter.sender)
    return house.drain()


def test_a_referral_that_bounces_goes_to_the_stand_in(house: House):
    """The same referral, once; the desk reads where it went."""
    house.mail()
    [referral] = [one for one in house.drain() if one.recipient == NAFT]

    told = bounced(house, referral)

    assert sorted(one.recipient for one in told) == sorted([STAND_IN, WORKER])
    [again] = [one for one in told if one.recipient == STAND_IN]
    [desk] = [one for one in told if one.recipient == WORKER]
    assert again.subject == referral.subject
    assert f"reserveadres {STAND_IN}" in " ".join(desk.text.split())


def test_a_stand_in_that_bounces_too_is_only_told(house: House):
    """Nobody is written to a third time."""
    house.mail()
    [referral] = [one for one in house.drain() if one.recipient == NAFT]
    [again] = [one for one in bounced(house, referral) if one.recipient == STAND_IN]

    told = bounced(house, again)

    assert [one.recipient for one in told] == [WORKER]
    assert "NAFT VBO heeft deze aanmelding dus niet" in " ".join(told[0].text.split())


def test_who_stands_in_may_answer(house: House):
    """It is an address of the provider."""
    house.mail()
    [referral] = [one for one in house.drain() if one.recipient == NAFT]
    [again] = [one for one in bounced(house, referral) if one.recipient == STAND_IN]

    house.mail("aanvaard", sender=STAND_IN, to=again.reply_to)
    house.drain()

    assert house.case("MSI-2026-0001").state is State.ACCEPTED


def test_a_referral_that_is_refused_at_once_goes_to_the_stand_in(house: House):
    """It waits for no desk: the case is dispatched by the second letter."""
    house.mail()
    house.courier.answers += [Refused("550 5.1.1")] * 2

    house.drain()

    assert house.case("MSI-2026-0001").state in (State.DISPATCHED, State.QUEUED)
    assert STAND_IN in [one.recipient for one in house.courier.offered]


def test_another_letter_that_bounces_goes_nowhere_else(house: House):
    """Only a referral is worth a second address."""
    house.mail()
    [received] = [one for one in house.drain() if one.recipient != NAFT]

    told = bounced(house, received)

    assert [one.recipient for one in told] == [WORKER]


def test_without_a_stand_in_the_desk_arranges_it(plain: House):
    """The letter says that nobody has it, and how it goes once more."""
    plain.mail()
    [referral] = [one for one in plain.drain() if one.recipient == NAFT]

    told = bounced(plain, referral)

    assert [one.recipient for one in told] == [WORKER]
    assert "NAFT VBO heeft deze aanmelding dus niet: bel 016 00 00 11." in " ".join(told[0].text.split())
    assert 'mail "opnieuw" naar' in told[0].text


def order(house: House, letter: Sent, words: str) -> list[Sent]:
    """The desk answers that letter; what leaves, at once and after the pause."""
    house.reply(letter, words, sender=WORKER)
    return [*house.drain(), *house.later(minutes=16)]


@pytest.fixture
def lost(plain: House) -> tuple[House, Sent]:
    """A referral that came back from its provider, and the letter that told the desk."""
    plain.mail()
    [referral] = [one for one in plain.drain() if one.recipient == NAFT]
    [told] = bounced(plain, referral)
    return plain, told


def test_it_waits_for_the_desk_and_goes_once_more_on_its_word(lost: tuple[House, Sent]):
    """To the same address if nothing else is in the list; its term begins anew."""
    house, told = lost
    open_ = watch(house.case(), house.app.store.rules)
    assert open_
    assert open_.party is Party.DESK

    left = order(house, told, "opnieuw")

    assert [one.recipient for one in left] == [WORKER, NAFT]
    open_ = watch(house.case(), house.app.store.rules)
    assert open_
    assert (open_.what, open_.party, open_.since) == ("contact", Party.PROVIDER, house.clock.at)


def test_within_the_pause_it_can_be_taken_back(lost: tuple[House, Sent]):
    """Then it waits for the desk again; once it has left, the answer is honest."""
    house, told = lost
    house.reply(told, "opnieuw", sender=WORKER)
    house.drain()

    left = order(house, told, "oeps")

    assert [one.recipient for one in left] == [WORKER]
    assert "ze wacht weer op jou" in left[0].text
    house.reply(told, "opnieuw", sender=WORKER)
    house.drain()
    house.later(minutes=15)
    assert "al onderweg" in order(house, told, "oeps")[0].text


def test_another_provider_can_get_it(lost: tuple[House, Sent]):
    """The referrer reads why; not the same one, for that is "opnieuw"."""
    house, told = lost

    assert "Hier kan" in order(house, told, "stuur naar NAFT VBO")[0].text
    left = order(house, told, "stuur naar Zorgboerderij De Linde")

    [moved] = [one for one in left if "andere aanbieder" in one.subject]
    assert moved.recipient == CLB
    assert "kon niet bezorgd worden bij NAFT VBO" in " ".join(moved.text.split())


@pytest.mark.parametrize("words", ["gesproken", "aanvaard"])
def test_a_provider_that_answers_all_the_same_has_it(lost: tuple[House, Sent], words: str):
    """One of its two addresses bounced, the other did not."""
    house, _ = lost
    referral = house.letters(NAFT)[0]

    house.reply(referral, words)
    house.drain()

    open_ = watch(house.case(), house.app.store.rules)
    assert open_
    assert open_.party is Party.PROVIDER


def test_a_provider_that_left_the_list_gets_it_no_more(lost: tuple[House, Sent]):
    """The desk is asked for another one."""
    house, told = lost
    providers = house.config / "providers.toml"
    _, _, *others = providers.read_text().split("\n[[provider]]")
    providers.write_text("".join(f"\n[[provider]]{one}" for one in others))
    house.reply(told, "opnieuw", sender=WORKER)
    house.drain()
    house.restart()

    assert [one.recipient for one in house.later(minutes=16) if one.recipient != WORKER] == []
    answer = order(house, told, "opnieuw")[0].text
    assert "staat niet meer in de lijst" in " ".join(answer.split())
