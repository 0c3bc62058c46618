"""A disk that is nearly full: mail stays with the server that holds it, and the operator is told once."""

import errno
from dataclasses import replace

import pytest
from house import House

from mailflow.room import Room

MORE_THAN_ANY_DISK = 10**18


@pytest.fixture
def told() -> list[str]:
    """The alarms."""
    return []


@pytest.fixture
def full(house: House, told: list[str]) -> Room:
    """A house that wants to keep more free than there is."""
    room = Room(house.config, MORE_THAN_ANY_DISK, told.append)
    house.app = replace(house.app, room=room)
    return room


def test_while_the_disk_is_nearly_full_no_mail_is_taken_in(house: House, full: Room):
    """The server that brings it keeps it, and comes again."""
    with pytest.raises(OSError, match="No space left") as refused:
        house.mail()

    assert refused.value.errno == errno.ENOSPC
    assert house.app.store.mails.lines(limit=10) == []


def test_each_shortage_is_one_alarm(house: House, full: Room, told: list[str]):
    """However many mails are refused; a next one is told again."""
    for keep_free in (MORE_THAN_ANY_DISK, MORE_THAN_ANY_DISK, 0, MORE_THAN_ANY_DISK):
        full.keep_free = keep_free
        try:
            house.mail()
        except OSError:
            continue

    assert told == ["the disk is nearly full: no mail is taken in until there is room"] * 2
    assert len(house.app.store.mails.lines(limit=10)) == 1


def test_the_disk_of_a_database_elsewhere_is_no_business_of_ours(house: House, told: list[str]):
    """PostgreSQL may well be on another machine."""
    house.app = replace(house.app, room=Room(None, MORE_THAN_ANY_DISK, told.append))

    house.mail()

    assert told == []
