"""What does the DNS say? The five questions that checks ask, their answers, and a zone that answers from a table."""

import ipaddress
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")

MOST_ALIASES = 10


@dataclass(frozen=True)
class Answer(Generic[T]):
    """The records of that name and type; none at all when the name has only records of other types."""

    values: tuple[T, ...] = ()


@dataclass(frozen=True)
class NoSuchName:
    """The DNS says that this name does not exist (RFC 8020)."""


@dataclass(frozen=True)
class TemporaryFailure:
    """The DNS did not answer, or said that it could not: ask again later. *why* names no name."""

    why: str = "the DNS did not answer"


Texts = Answer[bytes] | NoSuchName | TemporaryFailure
Names = Answer[str] | NoSuchName | TemporaryFailure
Exchangers = Answer[tuple[int, str]] | NoSuchName | TemporaryFailure


class Resolver(Protocol):
    """Who answers questions about names. Never raises; names come without a final dot, aliases are followed."""

    def txt(self, name: str) -> Texts:
        """Each TXT record as bytes, its strings joined."""

    def a(self, name: str) -> Names:
        """IPv4 addresses."""

    def aaaa(self, name: str) -> Names:
        """IPv6 addresses."""

    def mx(self, name: str) -> Exchangers:
        """Preference and host of each mail exchanger."""

    def ptr(self, ip: str) -> Names:
        """The names that this address, an IPv4 or IPv6 one, says it has."""


class ZoneResolver:
    """Answers from a table: {"clb.example": {"TXT": ["v=spf1 -all"], "A": ["192.0.2.1"], "MX": ["10 mx.clb.example"]}}.

    CNAME names another name, PTR stands under the address or its name in the DNS. A name with FAILS = ["TXT"] fails for
    now on these types. What the table does not name does not exist: the network is never asked.
    """

    def __init__(self, zone: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self._zone = {_plain(name): _records(records) for name, records in (zone or {}).items()}

    def txt(self, name: str) -> Texts:
        """As Resolver says."""
        return self._ask(name, "TXT", lambda value: value.encode("utf-8", "surrogateescape"))

    def a(self, name: str) -> Names:
        """As Resolver says."""
        return self._ask(name, "A", str)

    def aaaa(self, name: str) -> Names:
        """As Resolver says."""
        return self._ask(name, "AAAA", str)

    def mx(self, name: str) -> Exchangers:
        """As Resolver says."""
        return self._ask(name, "MX", _exchanger)

    def ptr(self, ip: str) -> Names:
        """As Resolver says."""
        direct = self._ask(ip, "PTR", str)
        return direct if isinstance(direct, Answer) else self._ask(reverse_name(ip), "PTR", str)

    def _ask(self, name: str, kind: str, read: Callable[[str], T]) -> Answer[T] | NoSuchName | TemporaryFailure:
        name = _plain(name)
        for _ in range(MOST_ALIASES):
            records = self._zone.get(name)
            if records is None:
                return NoSuchName()
            if kind in records.get("FAILS", ()):
                return TemporaryFailure()
            if kind in records or "CNAME" not in records:
                return Answer(tuple(read(value) for value in records.get(kind, ())))
            name = _plain(records["CNAME"][0])
        return NoSuchName()


def reverse_name(ip: str) -> str:
    """The name under which the DNS keeps what *ip* is called; "" when it is no address."""
    try:
        return ipaddress.ip_address(ip).reverse_pointer
    except ValueError:
        return ""


def _plain(name: str) -> str:
    return name.rstrip(".").lower()


def _records(records: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {kind.upper(): tuple(_texts(values)) for kind, values in records.items()}


def _texts(values: object) -> Iterable[str]:
    """One value or a list of them; a TXT record of several strings, or preference and host, may be a list itself."""
    if isinstance(values, str):
        return (values,)
    if not isinstance(values, list | tuple):
        return ()
    return (one if isinstance(one, str) else _joined(one) for one in values if isinstance(one, str | list | tuple))


def _joined(parts: Sequence[object]) -> str:
    between = "" if all(isinstance(part, str) for part in parts) else " "
    return between.join(str(part) for part in parts)


def _exchanger(value: str) -> tuple[int, str]:
    preference, _, host = value.strip().partition(" ")
    return (int(preference), host.strip()) if preference.isdecimal() else (0, value.strip())
