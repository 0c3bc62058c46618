"""Who wrote this, and may they? A table of small questions; the answer keeps its reasons."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from mailflow.core.mail import Address, Machine, Notice, Proof, ProofResult
from mailflow.core.region import Provider


class Disposition(StrEnum):
    """What is done with a mail because of its sender."""

    ACCEPT = "accept"
    CONFIRM = "confirm"
    INVOLVE_CLB = "involve_clb"
    HOLD = "hold"
    REJECT = "reject"
    """Quarantine: kept, shown to the desk, never answered."""
    DISCARD = "discard"


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


@dataclass(frozen=True, kw_only=True)
class Writer:
    """What the questions look at."""

    author: Address
    authors: int
    from_fields: int
    proof: Proof
    notice: Notice
    named: tuple[str, ...]
    """Addresses that the form or Reply-To names, lower case."""
    senders: Senders


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is done, as whom the sender counts, and why (reasons in English, for `mail N` and `inspect`)."""

    disposition: Disposition
    role: str
    """clb, provider, desk, form_service, school, other or machine."""
    organisation: str | None = None
    """Key of the CLB or provider."""
    address: str = ""
    """Whom the verdict is about: the author, or the CLB address that a form named. Lower case."""
    reasons: tuple[str, ...] = ()


Question = Callable[[Writer], "Answer | None"]
Answer = tuple[Disposition, str, str | None, str, str]
"""(what is done, role, organisation, address, reason)."""


def clb_of(address: str, clbs: tuple[Clb, ...]) -> Clb | None:
    """The CLB that *address* belongs to: exact address, exact domain, or dot-suffix where the list says so."""
    address = address.lower()
    domain = address.rpartition("@")[2]
    for clb in clbs:
        if address in clb.addresses or domain in clb.domains:
            return clb
        if clb.subdomains and any(domain.endswith(f".{own}") for own in clb.domains):
            return clb
    return None


def provider_of(address: str, providers: Mapping[str, Provider]) -> Provider | None:
    """The provider that *address* answers for: a full address, or a domain that is its alone."""
    address = address.lower()
    domain = address.rpartition("@")[2]
    exact = (p for p in providers.values() if address in (p.address.lower(), *(a.lower() for a in p.addresses)))
    return next(exact, None) or next((p for p in providers.values() if domain in p.domains), None)


def is_our_own_letter(writer: Writer) -> Answer | None:
    """Our own mail came back to us (RFC 3834 2: never answer yourself)."""
    if _is_own(writer) or writer.notice.kind is Machine.LOOP:
        return Disposition.DISCARD, "machine", None, writer.author.key, "our own letter came back"
    return None


def is_machine_mail(writer: Writer) -> Answer | None:
    """Nobody wrote it: never answered, never changes a state."""
    if writer.notice.kind is not None:
        return Disposition.DISCARD, "machine", None, writer.author.key, f"machine mail: {writer.notice.why}"
    return None


def is_unreadable(writer: Writer) -> Answer | None:
    """Without exactly one author nobody can be proven (RFC 5322 3.6 allows one From field; DMARC needs one mailbox)."""
    if writer.from_fields != 1:
        return Disposition.HOLD, "other", None, "", f"{writer.from_fields} From fields where RFC 5322 allows one"
    if writer.authors != 1:
        return Disposition.HOLD, "other", None, "", f"{writer.authors} addresses in From: the author is not certain"
    if "@" not in writer.author.address:
        return Disposition.HOLD, "other", None, "", "the From address cannot be read"
    return None


def proof_fails(writer: Writer) -> Answer | None:
    """The domain's owner says that this is forged (DMARC fails under quarantine or reject)."""
    if writer.proof.result is not ProofResult.FAIL:
        return None
    clb = clb_of(writer.author.key, writer.senders.clbs)
    reason = f"the sender's domain disowns this mail: {writer.proof.reason}"
    return Disposition.REJECT, "clb" if clb else "other", clb.key if clb else None, writer.author.key, reason


def is_the_desk(writer: Writer) -> Answer | None:
    """A meldpunt worker's full address: judged before the CLB list, since it may lie on a CLB domain."""
    if writer.author.key not in writer.senders.desk:
        return None
    if writer.proof.result is ProofResult.PASS:
        return Disposition.ACCEPT, "desk", None, writer.author.key, "the desk's address, proven"
    return Disposition.HOLD, "desk", None, writer.author.key, f"the desk's address without proof: {writer.proof.reason}"


def is_a_proven_clb(writer: Writer) -> Answer | None:
    """A listed CLB domain with an aligned pass: only a CLB worker may refer (FAQ, stated twice)."""
    clb = clb_of(writer.author.key, writer.senders.clbs)
    if clb and writer.proof.result is ProofResult.PASS:
        reason = f"address of a listed CLB, proven by {writer.proof.method}"
        return Disposition.ACCEPT, "clb", clb.key, writer.author.key, reason
    return None


def is_an_unproven_clb(writer: Writer) -> Answer | None:
    """A listed CLB domain, and nothing proves it: that address is asked to confirm."""
    clb = clb_of(writer.author.key, writer.senders.clbs)
    if clb:
        reason = f"address of a listed CLB without proof: {writer.proof.reason}"
        return Disposition.CONFIRM, "clb", clb.key, writer.author.key, reason
    return None


def is_a_form_service(writer: Writer) -> Answer | None:
    """A listed form service: the CLB address it names is the referrer, and confirms unless its login is trusted."""
    service = next((s for s in writer.senders.form_services if s.domain == writer.author.domain), None)
    if service is None:
        return None
    proven = writer.proof.result is ProofResult.PASS
    for address in writer.named:
        if clb := clb_of(address, writer.senders.clbs):
            done = Disposition.ACCEPT if service.trusted_login and proven else Disposition.CONFIRM
            return done, "form_service", clb.key, address, "a listed form service names the address of a listed CLB"
    return Disposition.INVOLVE_CLB, "form_service", None, writer.author.key, "a form service that names no CLB address"


def is_a_provider(writer: Writer) -> Answer | None:
    """A provider's address; whether it may answer on a case is judged with that case."""
    provider = provider_of(writer.author.key, writer.senders.providers)
    if provider is None:
        return None
    return Disposition.ACCEPT, "provider", provider.key, writer.author.key, "address of a listed provider"


def names_a_listed_clb_address(writer: Writer) -> Answer | None:
    """Another domain, but the form names an address at a listed CLB: *that* address is asked to confirm."""
    for address in writer.named:
        if clb := clb_of(address, writer.senders.clbs):
            return Disposition.CONFIRM, "clb", clb.key, address, "the form names an address of a listed CLB"
    return None


def is_anyone_else(writer: Writer) -> Answer:
    """A parent, a facility, a school, anyone: not refused, the CLB is involved (FAQ)."""
    return Disposition.INVOLVE_CLB, "other", None, writer.author.key, "no CLB, provider or desk address"


def _is_own(writer: Writer) -> bool:
    """One of our addresses, or a + form of it; a meldpunt worker may have such a form for herself."""
    local, _, domain = writer.author.key.rpartition("@")
    plain = f"{local.partition('+')[0]}@{domain}"
    own = writer.senders.own
    return writer.author.key in own or (plain in own and writer.author.key not in writer.senders.desk)


QUESTIONS: tuple[Question, ...] = (
    is_our_own_letter,
    is_machine_mail,
    is_unreadable,
    proof_fails,
    is_the_desk,
    is_a_proven_clb,
    is_an_unproven_clb,
    is_a_form_service,
    is_a_provider,
    names_a_listed_clb_address,
    is_anyone_else,
)


def judge(writer: Writer) -> Verdict:
    """The first question of the table that has an answer; the reasons name every question asked."""
    asked: list[str] = []
    for question in QUESTIONS:
        name = question.__name__.replace("_", " ")
        if answer := question(writer):
            done, role, organisation, address, reason = answer
            return Verdict(
                disposition=done,
                role=role,
                organisation=organisation,
                address=address.lower(),
                reasons=(*asked, f"{name}: yes, {reason}"),
            )
        asked.append(f"{name}: no")
    raise AssertionError("the last question always has an answer")  # pragma: no cover - unless somebody reorders them
