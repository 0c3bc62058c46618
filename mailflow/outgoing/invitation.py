"""An invitation that calendars understand: asked, moved or called off (RFC 5545, 5546). It says no name of a pupil."""

from datetime import datetime, timedelta

from icalendar import Calendar, Event, vCalAddress, vText

from mailflow.core.letters import Invitation
from mailflow.core.rules import Rules


def calendar_part(
    invitation: Invitation, attendee: str, organizer: str, now: datetime, rules: Rules
) -> tuple[str, bytes]:
    """(method, iCalendar): the same bytes for the same values. Answers go to *organizer*, a sealed address of ours."""
    method = "CANCEL" if invitation.cancelled else "REQUEST"
    calendar, event = Calendar(), Event()
    calendar.add("prodid", "-//mailflow//NL")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    event.add("uid", f"{invitation.reference.lower()}-rondetafel@{rules.desk.domain}")
    event.add("dtstamp", now)
    event.add("sequence", invitation.sequence)
    event.add("status", "CANCELLED" if invitation.cancelled else "CONFIRMED")
    event.add("summary", f"Rondetafel {invitation.reference}")
    if invitation.at is None:
        event.add("dtstart", invitation.day)
        event.add("dtend", invitation.day + timedelta(days=1))
    else:
        begins = datetime.combine(invitation.day, invitation.at, rules.calendar.zone)
        event.add("dtstart", begins)
        event.add("dtend", begins + timedelta(minutes=invitation.minutes))
    event.add("organizer", _person(organizer, CN=rules.desk.name))
    event.add(
        "attendee",
        _person(attendee, CN=attendee, ROLE="REQ-PARTICIPANT", PARTSTAT="NEEDS-ACTION", RSVP="TRUE"),
    )
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return method, calendar.to_ical()


def _person(address: str, **parameters: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{address}")
    for name, value in parameters.items():
        person.params[name] = vText(value)
    return person
