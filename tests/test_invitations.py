"""A round table in the calendars of both sides: asked, moved, called off, and the answers noted."""

from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from house import BRUSSELS, CLB, FORM, NAFT, House, Sent
from icalendar import Calendar

from mailflow.core.lifecycle import Event


@pytest.fixture
def accepted(tmp_path: Path) -> Iterator[House]:
    """NAFT VBO asks for invitations of an hour and a half, and has accepted; those letters left."""
    House(tmp_path, datetime(2026, 10, 4, 22, 14, tzinfo=BRUSSELS)).close()
    config = tmp_path / "config" / "providers.toml"
    config.write_text(config.read_text().replace('key = "naft-vbo"\n', 'key = "naft-vbo"\ninvitation_minutes = 90\n'))
    house = House(tmp_path, datetime(2026, 10, 4, 22, 14, tzinfo=BRUSSELS))
    house.mail(FORM)
    house.at(2026, 10, 5, 9, 0)
    house.reply(referral(house), "Aanvaard, we hebben plaats.")
    house.later(minutes=16)
    yield house
    house.close()


def referral(house: House) -> Sent:
    """The letter that the provider answers."""
    return next(one for one in house.courier.sent if one.recipient == NAFT)


def says(house: House, words: str) -> dict[str, Calendar]:
    """The provider says it; what then lies in each one's mail, by address."""
    house.reply(referral(house), words)
    sent = [*house.drain(), *house.later(minutes=16)]
    return {one.recipient: found for one in sent if (found := invitation(one.message))}


def invitation(message: EmailMessage) -> Calendar | None:
    """The calendar's part, which names its method in the type as Outlook and Gmail want it."""
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            found = Calendar.from_ical(part.get_payload(decode=True))
            assert part.get_param("method") == found["METHOD"]
            return found
    return None


def event_of(calendar: Calendar) -> dict[str, object]:
    """The one event in it."""
    (event,) = calendar.walk("VEVENT")
    return event


def test_both_sides_are_asked_with_the_hour_in_our_zone(accepted: House):
    """No name of the pupil stands in it, and the zone comes along."""
    found = says(accepted, "De rondetafel is op 12 oktober om 14u.")

    assert found.keys() == {CLB, NAFT}
    for address, calendar in found.items():
        event = event_of(calendar)
        assert calendar["METHOD"] == "REQUEST"
        assert event.decoded("dtstart") == datetime(2026, 10, 12, 14, 0, tzinfo=BRUSSELS)
        assert event.decoded("dtend") == datetime(2026, 10, 12, 15, 30, tzinfo=BRUSSELS)
        assert event["SUMMARY"] == "Rondetafel MSI-2026-0001"
        assert event["ATTENDEE"] == f"mailto:{address}"
        assert event["ORGANIZER"].startswith("mailto:meldpunt+msi-2026-0001.")
        assert event["SEQUENCE"] == 0
        assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["Europe/Brussels"]
        assert b"Noor" not in calendar.to_ical()
        assert b"Voorbeeld" not in calendar.to_ical()


def test_a_new_day_moves_the_same_event(accepted: House):
    """The same UID, a higher sequence."""
    before = says(accepted, "De rondetafel is op 12 oktober om 14u.")

    after = says(accepted, "De rondetafel is verplaatst naar 13 oktober om 9u30.")

    for address in (CLB, NAFT):
        old, new = event_of(before[address]), event_of(after[address])
        assert old["UID"] == new["UID"]
        assert new["SEQUENCE"] > old["SEQUENCE"]
        assert new.decoded("dtstart") == datetime(2026, 10, 13, 9, 30, tzinfo=BRUSSELS)


def test_without_an_hour_the_day_is_named(accepted: House):
    """Nothing is guessed."""
    found = says(accepted, "De rondetafel is op 12 oktober.")

    assert event_of(found[CLB]).decoded("dtstart").isoformat() == "2026-10-12"


def test_when_the_case_ends_it_is_called_off(accepted: House):
    """Out of both calendars."""
    asked = says(accepted, "De rondetafel is op 12 oktober om 14u.")

    found = says(accepted, "Na het gesprek is dit toch geen match.")

    assert found.keys() == {CLB, NAFT}
    for address, calendar in found.items():
        assert calendar["METHOD"] == "CANCEL"
        assert event_of(calendar)["UID"] == event_of(asked[address])["UID"]
        assert event_of(calendar)["STATUS"] == "CANCELLED"
        assert event_of(calendar)["SEQUENCE"] > event_of(asked[address])["SEQUENCE"]


@pytest.mark.parametrize(("partstat", "noted"), [("ACCEPTED", "accepted"), ("DECLINED", "declined")])
def test_the_answer_of_a_calendar_is_noted(accepted: House, partstat: str, noted: str):
    """It moves nothing, and nobody is written to."""
    found = says(accepted, "De rondetafel is op 12 oktober om 14u.")
    organizer = str(event_of(found[CLB])["ORGANIZER"]).removeprefix("mailto:")
    answer = (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:x\r\n"
        f"ATTENDEE;CN=An;PARTSTA\r\n T={partstat}:mailto:{CLB}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    head = (
        f"From: <{CLB}>\r\nTo: {organizer}\r\nSubject: Geaccepteerd: Rondetafel\r\nMessage-ID: <answer@vclbleuven.be>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/calendar; charset=utf-8; method=REPLY\r\n\r\n"
    )

    accepted.raw((head + answer).encode(), to=organizer)
    letters = accepted.drain()

    case = accepted.app.store.cases.get("MSI-2026-0001").case
    assert case.last(Event.NOTE).codes["answer"] == noted
    assert case.last(Event.NOTE).codes["party"] == "referrer"
    assert letters == []


def test_a_provider_that_does_not_ask_gets_none(house: House):
    """As shipped: the letter says the day, and that is all."""
    house.mail(FORM)
    house.at(2026, 10, 5, 9, 0)
    house.reply(referral(house), "Aanvaard. De rondetafel is op 12 oktober om 14u.")
    house.later(minutes=16)

    assert not any(invitation(one.message) for one in house.courier.sent)
