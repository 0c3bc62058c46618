"""Asks the real DNS, with patience for one mail at a time and a memory that honours how long answers hold."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver

from mailflow.clock import monotonic
from mailflow.reading.authentication.resolver import (
    Answer,
    Exchangers,
    Names,
    NoSuchName,
    TemporaryFailure,
    Texts,
    reverse_name,
)

T = TypeVar("T")

SECONDS_PER_QUESTION = 4.0
SECONDS_PER_MAIL = 12.0
"""A stranger's slow name servers may hold up his own mail this long and no longer; limits.seconds is 20."""
REMEMBERED = 10_000
"""Answers, those that a name does not exist among them; each as long as its TTL says."""


class DnsResolver:
    """The name servers of this machine, or *servers* at *port*; its memory is shared by all threads."""

    def __init__(self, servers: tuple[str, ...] = (), *, port: int = 53) -> None:
        self._servers = servers
        self._port = port
        self._dns: dns.resolver.Resolver | None = None

    def for_one_mail(self) -> "Patience":
        """A resolver for the questions about one mail: what they take together is limited."""
        if self._dns is None:
            self._dns = self._connected()
        return Patience(self._dns, until=monotonic() + SECONDS_PER_MAIL)

    def _connected(self) -> dns.resolver.Resolver | None:
        try:
            found = dns.resolver.Resolver(configure=not self._servers)
        except dns.resolver.NoResolverConfiguration:  # not yet: the network may still come up
            return None
        if self._servers:
            found.nameservers = list(self._servers)
            found.port = self._port
        found.cache = dns.resolver.LRUCache(REMEMBERED)
        found.timeout = SECONDS_PER_QUESTION / 2
        return found


@dataclass(frozen=True)
class Patience:
    """Answers questions until that moment (clock.monotonic); after it, every question fails for now."""

    dns: dns.resolver.Resolver | None
    until: float

    def txt(self, name: str) -> Texts:
        """As Resolver says."""
        return self._ask(name, "TXT", lambda record: b"".join(record.strings))

    def a(self, name: str) -> Names:
        """As Resolver says."""
        return self._ask(name, "A", lambda record: str(record.address))

    def aaaa(self, name: str) -> Names:
        """As Resolver says."""
        return self._ask(name, "AAAA", lambda record: str(record.address))

    def mx(self, name: str) -> Exchangers:
        """As Resolver says."""
        return self._ask(name, "MX", lambda record: (int(record.preference), _written(record.exchange)))

    def ptr(self, ip: str) -> Names:
        """As Resolver says."""
        name = reverse_name(ip)
        return self._ask(name, "PTR", lambda record: _written(record.target)) if name else NoSuchName()

    def _ask(self, name: str, kind: str, read: Callable[[Any], T]) -> Answer[T] | NoSuchName | TemporaryFailure:
        if self.dns is None:
            return TemporaryFailure("this machine has no name servers")
        left = self.until - monotonic()
        if left <= 0:
            return TemporaryFailure("the DNS was too slow")
        try:
            asked = dns.name.from_text(name)
        except (dns.exception.DNSException, UnicodeError):
            return NoSuchName()  # such a name cannot be in the DNS
        try:
            found = self.dns.resolve(
                asked,
                kind,
                raise_on_no_answer=False,
                lifetime=min(SECONDS_PER_QUESTION, left),
            )
            return Answer(tuple(read(record) for record in found.rrset or ()))
        except (dns.resolver.NXDOMAIN, dns.resolver.YXDOMAIN):
            return NoSuchName()
        except (dns.exception.DNSException, OSError) as fault:
            return TemporaryFailure(f"the DNS did not answer ({type(fault).__name__})")


def _written(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()
