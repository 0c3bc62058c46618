"""Machines that answer everything and hide that they are machines: the letters that leave stay few."""

from datetime import datetime

import pytest
from house import BRUSSELS, CLB, DESK, NAFT

MONDAY = datetime(2026, 10, 5, 10, 0, tzinfo=BRUSSELS)
ROUNDS = 1_000
THANKS = "Goedendag,\n\nWe kregen je bericht en antwoorden zo snel als het kan.\n\nHet team"
DUTCH = "Beste,\n\nIk lees mijn mails niet elke dag. Bel gerust het algemeen nummer.\n\nGroeten"


def storm(house, robots, rounds=ROUNDS, proof="pass"):
    """Whatever leaves for a robot is answered at once, and each robot writes anew while rounds are left; what left."""
    before = len(house.courier.sent)
    for address, (text, to, subject) in robots.items():
        house.mail(text, sender=address, to=to, subject=subject, proof=proof)
    seen, played = before, len(robots)
    while played < rounds:
        house.clock.move(seconds=20)
        house.drain()
        fresh = [one for one in house.courier.sent[seen:] if one.recipient in robots]
        seen = len(house.courier.sent)
        for letter in fresh:
            house.reply(letter, robots[letter.recipient][0], sender=letter.recipient, quote=False, proof=proof)
            played += 1
        if not fresh:
            # It never tires: one more answer to whatever it got last.
            for address, (text, to, subject) in robots.items():
                house.mail(text, sender=address, to=to, subject=subject, proof=proof)
                played += 1
    house.drain()
    return house.courier.sent[before:]


@pytest.mark.parametrize(("proof", "rounds"), [("pass", ROUNDS), ("none", 200)])
def test_two_strangers_never_tire(house, proof, rounds):
    """A thousand mails of two machines that are no party: an answer and a word to the desk for each, and no more."""
    house.clock.at = MONDAY
    robots = {"info@een.example": (THANKS, DESK, "Re: uw bericht"), "info@twee.example": (DUTCH, DESK, "Re: vraag")}

    left = storm(house, robots, rounds, proof)

    assert len(left) <= 5


def test_two_parties_whose_machines_ask_something(house):
    """A question is passed on to the other, whose machine asks something in turn: a ping-pong through us."""
    house.clock.at = MONDAY
    house.mail()
    house.drain()
    to_clb = next(one for one in house.courier.sent if one.recipient == CLB)
    to_naft = next(one for one in house.courier.sent if one.recipient == NAFT)
    asks = "Bedankt voor je mail. Waarmee kunnen we je helpen?"
    robots = {CLB: (asks, to_clb.reply_to, "Re: aanmelding"), NAFT: (asks, to_naft.reply_to, "Re: aanmelding")}

    left = storm(house, robots, rounds=200)

    assert len(left) <= 5
    assert house.case().state == "dispatched"


def test_the_two_parties_of_a_case_never_tire(house):
    """The CLB's machine and the provider's, at sealed addresses: asked back, the desk told, a last notice."""
    house.clock.at = MONDAY
    house.mail()
    house.drain()
    to_clb = next(one for one in house.courier.sent if one.recipient == CLB)
    to_naft = next(one for one in house.courier.sent if one.recipient == NAFT)
    robots = {CLB: (THANKS, to_clb.reply_to, "Re: aanmelding"), NAFT: (DUTCH, to_naft.reply_to, "Re: aanmelding")}

    left = storm(house, robots, rounds=400)  # each is an event more to read with the case

    assert len(left) <= 5
