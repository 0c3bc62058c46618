"""What a value in the configuration may look like: text, an address, a domain, an hour, a number of days."""

import ipaddress
import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from mailflow.configuration.problems import did_you_mean

MISTAKE = "mailflow"
"""The type of the errors that are worded here."""

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.){{1,10}}[a-z][a-z0-9-]{{1,62}}")
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}){0,9}")
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_PHONE = re.compile(r"\+?[0-9][0-9 ./()-]{5,29}")
_POSTCODE = re.compile(r"[1-9][0-9]{3}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def wrong(what: str, remedy: str) -> PydanticCustomError:
    """A mistake in a value, worded for the person who has to mend it."""
    return PydanticCustomError(MISTAKE, "{what}", {"what": what, "remedy": remedy})


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine itself."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _text(value: str) -> str:
    if _CONTROL.search(value):
        raise wrong("holds a line break or another invisible sign", "Write it on one line.")
    if len(value) > 500:
        raise wrong(f"is {len(value)} characters long", "Keep it under 500.")
    return value.strip()


def _filled_in(value: str) -> str:
    if not value:
        raise wrong("is missing", "Fill it in.")
    return value


def _address(value: str) -> str:
    if not value:
        return value
    local, at, domain = value.rpartition("@")
    if not at:
        raise wrong(f"{value!r} is no mail address", "Write it in full, such as els@clb.example.")
    if not _LOCAL.fullmatch(local.lower()) or len(local) > 64:
        raise wrong(f"{value!r} is no mail address", "Write only the address, without a name or < >.")
    if not domain:
        raise wrong(f"{value!r} is no mail address", "Write it in full, such as els@clb.example.")
    _domain(domain)
    return f"{local}@{domain.lower()}"


def _domain(value: str) -> str:
    value = value.lower()
    if not value.isascii():
        raise wrong(f"{value!r} holds letters that mail domains have not", "Write its xn-- form.")
    if value and (len(value) > 253 or not _DOMAIN.fullmatch(value)):
        raise wrong(f"{value!r} is no mail domain", "Write what stands after the @, such as clb.example.")
    return value


def _host(value: str) -> str:
    if not value:
        raise wrong("is missing", "Write a name or address, such as 127.0.0.1.")
    if is_loopback(value) or _DOMAIN.fullmatch(value.lower()) or re.fullmatch(_LABEL, value.lower()):
        return value
    return _ip(value)


def _ip(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise wrong(f"{value!r} is no host or IP address", "Write a name or address, such as 127.0.0.1.") from None


def _key(value: str) -> str:
    if value and not _KEY.fullmatch(value):
        raise wrong(f"{value!r} cannot be a key", "Use small letters, digits and hyphens, such as naft-vbo.")
    return value


def _selector(value: str) -> str:
    if value and not re.fullmatch(rf"{_LABEL}(?:\.{_LABEL}){{0,5}}", value):
        raise wrong(f"{value!r} cannot be a selector", "Use small letters, digits and hyphens, such as mailflow1.")
    return value


def _phone(value: str) -> str:
    if value and not _PHONE.fullmatch(value):
        raise wrong(f"{value!r} is no phone number", 'Write digits and spaces, such as "016 00 00 00", or leave it "".')
    return value


def _postcode(value: str) -> str:
    if value and not _POSTCODE.fullmatch(value):
        raise wrong(f"{value!r} is no postcode", 'Write four digits in quotes, such as "3000".')
    return value


def _range(value: str) -> str:
    first, _, last = (part.strip() for part in value.partition("-"))
    last = last or first
    if not _POSTCODE.fullmatch(first) or not _POSTCODE.fullmatch(last) or first > last:
        raise wrong(f"{value!r} are no postcodes", 'Write "2000-2999", the lowest first, or one such as "2000".')
    return f"{first}-{last}"


def _day_of_year(value: str) -> str:
    try:
        date.fromisoformat(f"2001-{value}")
    except ValueError:
        raise wrong(f"{value!r} is no day of the year", "Write it as MM-DD, for example 06-15.") from None
    return value


def _time(value: str) -> str:
    if not _TIME.fullmatch(value):
        raise wrong(f"{value!r} is no time of day", 'Write hours and minutes in quotes, such as "08:30".')
    return value


def _once_each(values: list[str]) -> list[str]:
    if twice := sorted({value for value in values if values.count(value) > 1}):
        raise wrong(f"{', '.join(twice)} stands here twice", "Keep one.")
    return values


def one_of(*known: str) -> AfterValidator:
    """A text that must be one of *known*."""

    def check(value: str) -> str:
        if value not in known:
            raise wrong(f"{value!r} is not known here", did_you_mean(value, known))
        return value

    return AfterValidator(check)


def needed(example: str) -> AfterValidator:
    """A text that may not be empty."""

    def check(value: str) -> str:
        if not value:
            raise wrong("is missing", f'Fill it in, such as "{example}".')
        return value

    return AfterValidator(check)


def at_least_one(example: str) -> AfterValidator:
    """A list that may not be empty."""

    def check(values: list[str]) -> list[str]:
        if not values:
            raise wrong("is missing", f"Name at least one, such as {example}.")
        return values

    return AfterValidator(check)


Text = Annotated[str, AfterValidator(_text)]
Required = Annotated[Text, AfterValidator(_filled_in)]
Address = Annotated[Text, AfterValidator(_address)]
Domain = Annotated[Text, AfterValidator(_domain)]
Host = Annotated[Text, AfterValidator(_host)]
Ip = Annotated[Text, AfterValidator(_ip)]
Name = Annotated[Text, AfterValidator(_key)]
Selector = Annotated[Text, AfterValidator(_selector)]
Phone = Annotated[Text, AfterValidator(_phone)]
Postcode = Annotated[Text, AfterValidator(_postcode)]
DayOfYear = Annotated[Text, AfterValidator(_day_of_year)]
TimeOfDay = Annotated[Text, AfterValidator(_time)]
Addresses = Annotated[list[Address], AfterValidator(_once_each)]
Domains = Annotated[list[Domain], AfterValidator(_once_each)]
Names = Annotated[list[Text], AfterValidator(_once_each)]
DaysOfYear = Annotated[list[DayOfYear], AfterValidator(_once_each)]
Ranges = Annotated[list[Annotated[Text, AfterValidator(_range)]], AfterValidator(_once_each)]

Port = Annotated[int, Field(ge=1, le=65535)]
PortOrNone = Annotated[int, Field(ge=0, le=65535)]
"""0: none."""
Age = Annotated[int, Field(ge=0, le=30)]
Days = Annotated[int, Field(ge=1, le=250)]
"""Working days; 250 is a year of them."""
Weeks = Annotated[int, Field(ge=1, le=52)]
Minutes = Annotated[int, Field(ge=0, le=1440)]
Months = Annotated[int, Field(ge=1, le=600)]
Seconds = Annotated[int, Field(ge=1, le=3600)]
Megabytes = Annotated[int, Field(ge=1, le=1000)]
Count = Annotated[int, Field(ge=1, le=10_000)]
Many = Annotated[int, Field(ge=1_000, le=10_000_000)]
