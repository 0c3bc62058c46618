"""What comes in between in the demo's school year: absences, a silent desk, a closed day, a provider that stops."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from email.utils import format_datetime

from mailflow.demo.office import ZONE
from mailflow.demo.people import Person
from mailflow.demo.year_plans import AN, BRAM, COACHES, WORKER
from mailflow.reading.mime import parse

STAND_IN = Person("Vervanger", "vervanger@meldpunt.example")


@dataclass(frozen=True)
class Away:
    """Somebody who does not work from one day to another, both included."""

    person: Person
    first: date
    last: date
    says: str = ""
    """What the mailbox answers meanwhile; "" nothing at all: ill without notice."""


AWAY = (
    Away(AN, date(2026, 11, 16), date(2026, 11, 27), "Ik ben afwezig tot en met 27 november 2026."),
    Away(BRAM, date(2027, 2, 1), date(2027, 2, 5), "Ik ben momenteel niet op kantoor. Dringend? Bel het onthaal."),
    Away(COACHES["NAFT VBO"], date(2027, 1, 18), date(2027, 1, 29), "Ik ben met verlof t/m 29 januari 2027."),
    Away(COACHES["NAFT AHV"], date(2027, 3, 8), date(2027, 3, 12), "Bedankt voor je mail. Ik ben even afwezig."),
    Away(WORKER, date(2027, 4, 19), date(2027, 4, 30)),
)
CLOSES_ON = date(2027, 3, 11)
"""At nine, when what waited that night begins to leave, the meldpunt worker says that it is closed today."""
WAITS_FOR_IT = (CLOSES_ON - timedelta(days=3), CLOSES_ON + timedelta(days=3))
"""The referrals of these days come together on the evening before."""
STOPS, STOPS_ON = "naft-ahv", date(2027, 6, 7)
"""From that day on the operator has this provider no longer in the list."""


def away(address: str, day: date) -> Away | None:
    """The absence of whoever has this address on that day."""
    return next((one for one in AWAY if one.person.address == address and one.first <= day <= one.last), None)


def back(address: str, at: datetime) -> datetime:
    """That moment, or the morning after the absence that it lies in."""
    found = away(address, at.date())
    return datetime.combine(found.last + timedelta(days=1), time(9, 10), ZONE) if found else at


def out_of_office(one: Away, letter: bytes, sender: str, at: datetime) -> bytes:
    """What the mailbox of somebody who is away answers by itself; *sender* is the envelope sender of the letter."""
    head = parse(letter.partition(b"\r\n\r\n")[0])
    domain, local = one.person.address.rpartition("@")[2], sender.partition("@")[0]
    return (
        f"From: {one.person.name} <{one.person.address}>\r\nTo: {sender}\r\n"
        f"Subject: Automatisch antwoord: {head.subject}\r\nDate: {format_datetime(at)}\r\n"
        f"Message-ID: <away.{local}@{domain}>\r\nIn-Reply-To: {head.message_id}\r\n"
        "Auto-Submitted: auto-replied\r\nX-Auto-Response-Suppress: All\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{one.says}\r\n"
    ).encode()
