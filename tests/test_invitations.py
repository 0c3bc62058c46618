"""A round table in the calendars of both sides: asked, moved, called off, and the answers noted."""

from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from house import BRUSSELS, CLB, FORM, MAIL_HOST, NAFT, WORKER, House, Sent
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

    found = says(accepted, "Dit is geen match: de groep is te jong voor haar.")

    assert found.keys() == {CLB, NAFT}
    for address, calendar in found.items():
        assert calendar["METHOD"] == "CANCEL"
        assert event_of(calendar)["UID"] == event_of(asked[address])["UID"]
        assert event_of(calendar)["STATUS"] == "CANCELLED"
        assert event_of(calendar)["SEQUENCE"] > event_of(asked[address])["SEQUENCE"]


def answers(house: House, asked: Sent, partstat: str, *, sender: str = "", sequence: int = 0, lines: str = "") -> None:
    """The calendar of whoever got that letter answers it, and nothing leaves at once."""
    found = invitation(asked.message)
    assert found is not None
    organizer = str(event_of(found)["ORGANIZER"]).removeprefix("mailto:")
    sender = sender or asked.recipient
    method = "COUNTER" if lines else "REPLY"
    domain = sender.partition("@")[2]
    head = (
        f"Authentication-Results: {MAIL_HOST}; dmarc=pass header.from={domain}\r\n"
        f"From: <{sender}>\r\nTo: {organizer}\r\nSubject: Rondetafel\r\n"
        f"Message-ID: <answer.{house.mails}@{domain}>\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: text/calendar; charset=utf-8; method={method}\r\n\r\n"
    )
    house.mails += 1
    answer = (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:x\r\nSEQUENCE:{sequence}\r\n{lines}"
        f"ATTENDEE;CN=An;PARTSTA\r\n T={partstat}:mailto:{sender}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    house.raw((head + answer).encode(), sender=sender, to=organizer)
    assert house.drain() == []


def asked(house: House) -> dict[str, Sent]:
    """Both sides got an invitation for 12 October: their letters, by address."""
    says(house, "De rondetafel is op 12 oktober om 14u.")
    return {one.recipient: one for one in house.courier.sent if invitation(one.message)}


def test_that_somebody_comes_is_noted(accepted: House):
    """It moves nothing, and nobody is written to."""
    letters = asked(accepted)

    answers(accepted, letters[CLB], "ACCEPTED")

    assert accepted.later(minutes=16) == []
    note = accepted.case().last(Event.NOTE)
    assert note
    assert (note.codes["answer"], note.codes["party"]) == ("accepted", "referrer")


@pytest.mark.parametrize(("who", "other", "name"), [(CLB, NAFT, "De aanmelder"), (NAFT, CLB, "NAFT VBO")])
def test_that_somebody_cannot_come_reaches_the_other_side_and_the_desk(
    accepted: House, who: str, other: str, name: str
):
    """After the pause; the digest of the next day says it, and the one after that no more than who cannot come."""
    letters = asked(accepted)

    answers(accepted, letters[who], "DECLINED")

    [told] = accepted.later(minutes=16)
    assert (told.recipient, told.subject) == (other, "[MSI-2026-0001] De rondetafel kan niet op dat moment")
    assert f"{name} kan niet op maandag 12 oktober 2026 om 14:00" in " ".join(told.text.split())
    accepted.at(2026, 10, 6, 8, 30)
    accepted.at(2026, 10, 12, 8, 30)
    first, later = (" ".join(one.text.split()) for one in accepted.letters(WORKER)[-2:])
    assert "Een uitnodiging is afgeslagen" in first
    assert "Een uitnodiging is afgeslagen" not in later
    assert f"{name[0].lower() + name[1:] if who == CLB else name} kan dan niet" in later


def test_who_answers_otherwise_within_the_pause_was_never_away(accepted: House):
    """A slip of the finger is nobody's news."""
    letters = asked(accepted)
    answers(accepted, letters[CLB], "DECLINED")

    answers(accepted, letters[CLB], "ACCEPTED")

    assert accepted.later(minutes=16) == []


def test_who_can_come_after_all_is_told_too(accepted: House):
    """Else the other side would look for another day. The same no a second time is no news."""
    letters = asked(accepted)
    answers(accepted, letters[CLB], "DECLINED")
    accepted.later(minutes=16)
    answers(accepted, letters[CLB], "DECLINED")
    assert accepted.later(minutes=16) == []

    answers(accepted, letters[CLB], "TENTATIVE")

    [told] = accepted.later(minutes=16)
    assert told.subject == "[MSI-2026-0001] De rondetafel kan toch doorgaan"


def test_an_answer_to_an_older_invitation_says_nothing_of_the_new_day(accepted: House):
    """She declined the 12th; meanwhile it is on the 13th."""
    letters = asked(accepted)
    says(accepted, "De rondetafel is verplaatst naar 13 oktober om 9u30.")

    answers(accepted, letters[CLB], "DECLINED", sequence=0)

    assert accepted.later(minutes=16) == []
    accepted.at(2026, 10, 6, 8, 30)
    assert "afgeslagen" not in accepted.letters(WORKER)[-1].text


def test_a_no_from_an_unknown_address_is_told_to_the_desk_only(accepted: House):
    """Whoever has the sealed address of an invitation makes nobody stay away."""
    letters = asked(accepted)

    answers(accepted, letters[CLB], "DECLINED", sender="iemand@ergens.example")

    assert accepted.later(minutes=16) == []
    accepted.at(2026, 10, 6, 8, 30)
    assert "de aanmelder kan dan niet" in " ".join(accepted.letters(WORKER)[-1].text.split())


@pytest.mark.parametrize(
    ("begins", "read"),
    [
        ("DTSTART;TZID=Romance Standard Time:20261013T093000\r\n", "dinsdag 13 oktober 2026 om 09:30"),
        ("DTSTART:20261013T073000Z\r\n", "dinsdag 13 oktober 2026 om 09:30"),
        ("DTSTART;VALUE=DATE:20261013\r\n", "dinsdag 13 oktober 2026"),
        ("DTSTART;TZID=Nergens:20261013T093000\r\n", "vraagt in de agenda om een ander moment"),
    ],
)
def test_another_moment_that_a_calendar_proposes_is_one_tap_away(accepted: House, begins: str, read: str):
    """Where it can be read for sure; the tap says it in words that move the round table."""
    letters = asked(accepted)

    answers(accepted, letters[NAFT], "TENTATIVE", lines=begins)

    [told] = accepted.later(minutes=16)
    assert told.recipient == CLB
    assert read in " ".join(told.text.split())
    assert ("rondetafel op 13/10/2026" in told.text) == ("13 oktober" in read)


def test_a_calendar_that_answers_twice_in_one_mail_says_nothing(accepted: House):
    """Two answers are none."""
    letters = asked(accepted)

    answers(accepted, letters[CLB], "DECLINED\r\nX;PARTSTAT=ACCEPTED")

    assert accepted.later(minutes=16) == []


def test_after_the_end_nobody_needs_to_come(accepted: House):
    """Whoever declines what was called off is not told on."""
    letters = asked(accepted)
    says(accepted, "Na het gesprek is dit toch geen match.")

    answers(accepted, letters[CLB], "DECLINED", sequence=1)

    assert accepted.later(minutes=16) == []


def test_a_provider_that_does_not_ask_gets_none(house: House):
    """As shipped: the letter says the day, and that is all."""
    house.mail(FORM)
    house.at(2026, 10, 5, 9, 0)
    house.reply(referral(house), "Aanvaard. De rondetafel is op 12 oktober om 14u.")
    house.later(minutes=16)

    assert not any(invitation(one.message) for one in house.courier.sent)
