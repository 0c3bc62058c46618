"""How a value reads to a person: Dutch dates, states and form values."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, tzinfo

from mailflow.core.form_fields import Field
from mailflow.core.lifecycle import Party, State
from mailflow.core.provider import Provider

_DAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
_MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip

STATES: dict[State, str] = {
    State.NEW: "binnengekomen",
    State.UNCONFIRMED: "wacht op bevestiging door het CLB",
    State.AWAITING_CLB: "wacht op een CLB",
    State.NEEDS_INFO: "wacht op gegevens van de aanmelder",
    State.NEEDS_DESK: "wacht op het meldpunt",
    State.QUEUED: "vertrekt bij de volgende opening",
    State.DISPATCHED: "bezorgd aan de aanbieder",
    State.WAITLIST_OFFERED: "wachtlijst voorgesteld",
    State.WAITLISTED: "op de wachtlijst",
    State.ACCEPTED: "aanvaard",
    State.STARTED: "opgestart",
    State.COMPLETED: "afgerond",
    State.FULL: "volzet",
    State.NO_MATCH: "geen match",
    State.CLOSED: "afgesloten",
    State.WITHDRAWN: "ingetrokken",
    State.REPLACED: "vervangen door een nieuwe aanmelding",
}

PARTIES: dict[Party, str] = {
    Party.REFERRER: "aanmelder",
    Party.PROVIDER: "aanbieder",
    Party.DESK: "meldpunt",
    Party.CLB: "het gevraagde CLB",
    Party.SENDER: "de afzender",
    Party.MAILFLOW: "mailflow",
}


def day_text(day: date) -> str:
    """`maandag 23 november 2026`."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_day(day: date) -> str:
    """`23/11/2026`."""
    return f"{day.day:02}/{day.month:02}/{day.year}"


def month_text(year: int, month: int) -> str:
    """`november 2026`."""
    return f"{_MONTHS[month - 1]} {year}"


def moment_text(at: datetime, zone: tzinfo) -> str:
    """`maandag 23 november 2026 om 09:00`, in that time zone."""
    local = at.astimezone(zone)
    return f"{day_text(local.date())} om {local:%H:%M}"


def value_text(field: Field, value: str, providers: Mapping[str, Provider]) -> str:
    """A normalised form value as a person would write it; unknown values as they stand."""
    match field.kind:
        case "yes_no":
            return {"yes": "ja", "no": "nee"}.get(value, value)
        case "date":
            try:
                return short_day(date.fromisoformat(value))
            except ValueError:
                return value
        case "choice":
            words = field.choices.get(value)
            return words[0] if words else value
        case "provider":
            if value == "none":
                return "geen voorkeur"
            return providers[value].name if value in providers else value
        case "phone":
            return phone_text(value)
        case _:
            return value


def initials(values: Mapping[str, str]) -> str:
    """`N.V.` of a pupil; for a school its part ("klas"); never more of a name than this in digests and subjects.

    Of a case that is erased nothing is known: "".
    """
    letters = [values.get(key, "").strip()[:1].upper() for key in ("first_name", "last_name")]
    return "".join(f"{letter}." for letter in letters if letter) or ("(school)" if values else "")


def phone_text(number: str) -> str:
    """`016123456` for `+3216123456`; a foreign number as it is."""
    return f"0{number[3:]}" if number.startswith("+32") else number


def listing(words: Iterable[str]) -> str:
    """`a, b en c`."""
    *most, last = [*words] or [""]
    return f"{', '.join(most)} en {last}" if most else last
