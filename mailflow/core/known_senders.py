"""Whom do we know? The CLBs, providers, form services and desk that are listed, and whose an address is."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from mailflow.core.lookalikes import Listed, is_at, is_below, is_in
from mailflow.core.provider import Provider


class Meaning(StrEnum):
    """What the desk said of a sender whom we remember."""

    CLB = "clb"
    FAMILY = "family"
    IGNORE = "ignore"


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """A sender whom the desk told us to remember."""

    who: str
    """A full address, or @ and a domain; lower case."""
    meaning: Meaning
    clb: str = ""
    """Key of the CLB."""


@dataclass(frozen=True, kw_only=True)
class Clb:
    """A CLB as clbs.toml lists it."""

    key: str
    name: str
    network: str = ""
    domains: tuple[str, ...] = ()
    """Exclusive to this CLB: whoever proves to write from here is a CLB worker."""
    subdomains: bool = False
    """Whether sub-domains count too (dot-suffix, never a substring)."""
    addresses: tuple[str, ...] = ()
    """Full addresses at shared domains."""
    postcode: str = ""
    phone: str = ""
    contact: str = ""
    """The address that a referral by a parent or facility is put to; empty: the desk forwards it itself."""
    schools: tuple[str, ...] = ()
    """Names of the schools that it works for."""
    municipalities: tuple[str, ...] = ()
    """Municipalities that it serves."""


@dataclass(frozen=True, kw_only=True)
class FormService:
    """A service whose mails hold a form that a CLB worker filled in."""

    domain: str
    name: str = ""
    trusted_login: bool = False
    """Whether the service's own login proves the CLB worker, so that no confirmation is asked."""


@dataclass(frozen=True, kw_only=True)
class Senders:
    """Everybody whom the configuration knows."""

    desk: frozenset[str] = frozenset()
    """Full addresses of the meldpunt workers, lower case."""
    clbs: tuple[Clb, ...] = ()
    providers: Mapping[str, Provider]
    form_services: tuple[FormService, ...] = ()
    own: frozenset[str] = frozenset()
    """Our own addresses: mail from them is our own."""
    lists: frozenset[str] = frozenset()
    """Domains of mailing lists that may put themselves in From for somebody ("An via Lijst"), lower case."""

    @property
    def listed(self) -> Listed:
        """Those whom a stranger can be taken for."""
        addresses = sorted(self.desk | self.own)
        domains = [address.rpartition("@")[2] for address in addresses] + [one.domain for one in self.form_services]
        domains += [domain for one in self.providers.values() for domain in one.domains]
        addresses += [address for one in self.providers.values() for address in (one.address, *one.addresses)]
        addresses += [address for clb in self.clbs for address in clb.addresses]
        return Listed.of((d for one in self.clbs for d in one.domains), domains, addresses, (c.name for c in self.clbs))


def clb_of(address: str, clbs: tuple[Clb, ...]) -> Clb | None:
    """The CLB that *address* belongs to: exact address, else exact domain, else dot-suffix where the list says so."""
    exact = (clb for clb in clbs if is_in(address, clb.addresses))
    at = (clb for clb in clbs if is_at(address, clb.domains))
    below = (clb for clb in clbs if clb.subdomains and is_below(address, clb.domains))
    return next(exact, None) or next(at, None) or next(below, None)


def provider_of(address: str, providers: Mapping[str, Provider]) -> Provider | None:
    """The provider that *address* answers for: a full address, or a domain that is its alone."""
    exact = (one for one in providers.values() if is_in(address, _answering(one)))
    return next(exact, None) or next((one for one in providers.values() if is_at(address, one.domains)), None)


def _answering(one: Provider) -> tuple[str, ...]:
    return (one.address, *((one.stand_in,) if one.stand_in else ()), *one.addresses)
