"""Is the From domain proven? All checks together: pass, fail, none, or a DNS that must be asked again.

pass: a right signature or a right host of an aligned domain, or a chain of seals that we trust says that there was one.
fail: none of these, and the domain asks to set such mail aside. none: all else.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from mailflow.core.mail import Envelope, Mail, Proof, ProofResult
from mailflow.core.rules import ProofRules
from mailflow.reading.authentication.arc_check import Chain, chain_of, check_arc, results_of
from mailflow.reading.authentication.dkim_check import check_dkim
from mailflow.reading.authentication.dmarc_check import DmarcPolicy, is_aligned, policy_of
from mailflow.reading.authentication.resolver import Resolver, TemporaryFailure
from mailflow.reading.authentication.result_field import domain_of, only, results_in
from mailflow.reading.authentication.signature import Checked, Outcome
from mailflow.reading.authentication.signed_mail import SignedMail, has_odd_line_ends, split_signed
from mailflow.reading.authentication.spf_check import check_spf, spf_domain

DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,62})\.)+[a-z0-9](?:[a-z0-9-]{0,62})\Z")
TEMPORARY = (Outcome.TEMPORARY, Chain.TEMPORARY, "temperror")


@dataclass(frozen=True)
class NotProvenYet:
    """The DNS did not answer, and the answer can change the proof: ask again later.

    *otherwise* is the proof when there are no more tries: none, with this as its reason.
    """

    why: str

    @property
    def otherwise(self) -> Proof:
        """What is proven as long as the DNS does not answer."""
        return Proof(reason=self.why)


@dataclass(frozen=True)
class _Claim:
    """What is to be proven: that this mail is of that domain."""

    domain: str
    """In lower case, as the DNS writes it."""
    written: str
    """As From has it."""
    policy: DmarcPolicy | TemporaryFailure | None
    signed: SignedMail | None

    @property
    def strict(self) -> DmarcPolicy:
        """How close a domain must be: as the policy asks, and only the same one while we cannot ask."""
        if isinstance(self.policy, TemporaryFailure):
            return DmarcPolicy(strict_dkim=True, strict_spf=True)
        return self.policy or DmarcPolicy()


def as_border_host(
    mail: Mail, raw: bytes, envelope: Envelope, rules: ProofRules, resolver: Resolver, *, now: datetime
) -> Proof | NotProvenYet:
    """What we find when the sender's host spoke to us: SPF, DKIM and ARC, judged by the domain's DMARC record.

    *now* is when the mail came (aware).
    """
    claim = _claim(mail, raw, resolver)
    if isinstance(claim, Proof):
        return claim
    signatures = _signatures(claim, resolver, now)
    spf = _spf(claim, raw, envelope, resolver) if not _right(signatures) else ""
    chain, seen = _chain(claim, rules, resolver) if spf != "pass" and not _right(signatures) else (Chain.NONE, "")
    proven = _proven(claim, signatures, spf, envelope) or _sealed(claim, chain, seen)
    if proven:
        return proven
    if isinstance(claim.policy, TemporaryFailure) or _is_temporary(signatures, spf, chain):
        return NotProvenYet("the DNS did not answer, so that nothing is proven yet")
    why = _why_not(signatures, spf)
    if claim.policy is None:
        return Proof(reason=f"{why}, and its domain has no DMARC record")
    weak = any(one.outcome is Outcome.WEAK for one in signatures)
    if claim.policy.enforces and not weak:
        return Proof(
            result=ProofResult.FAIL,
            method="dmarc",
            reason=f"{why}, and its domain asks to {claim.policy.wanted} such mail (DMARC)",
        )
    return Proof(reason=f"{why} (DMARC: p={claim.policy.wanted or 'none'})")


def behind_our_host(
    mail: Mail, raw: bytes, rules: ProofRules, resolver: Resolver, *, now: datetime
) -> Proof | NotProvenYet:
    """What we find when our own mail host spoke to us: a right signature counts, a broken one proves nothing.

    Our host may have changed the mail, and the address that SPF needs is not the sender's.
    """
    if not (mail.header("dkim-signature") or mail.header("arc-seal")):
        return Proof(reason="the mail is not signed")
    claim = _claim(mail, raw, resolver)
    if isinstance(claim, Proof):
        return claim
    signatures = _signatures(claim, resolver, now)
    chain, seen = _chain(claim, rules, resolver) if not _right(signatures) else (Chain.NONE, "")
    proven = _proven(claim, signatures, "", Envelope()) or _sealed(claim, chain, seen)
    if proven:
        return proven
    if isinstance(claim.policy, TemporaryFailure) or _is_temporary(signatures, "", chain):
        return NotProvenYet("the DNS did not answer, so that nothing is proven yet")
    return Proof(reason=_why_not(signatures, ""))


def dns_form(domain: str) -> str:
    """A domain as the DNS writes it: lower case, other letters as xn--; "" when it is no domain name."""
    try:
        name = domain.lower().encode("idna").decode("ascii") if not domain.isascii() else domain.lower()
    except UnicodeError:
        return ""
    return name if len(name) <= 253 and DOMAIN.match(name) else ""


def _claim(mail: Mail, raw: bytes, resolver: Resolver) -> _Claim | Proof:
    domain = dns_form(mail.author.domain)
    if not domain or len(mail.from_) != 1 or mail.from_fields != 1:
        return Proof(reason="there is no single From domain to prove")
    return _Claim(domain, mail.author.domain, policy_of(domain, resolver), split_signed(raw))


def _signatures(claim: _Claim, resolver: Resolver, now: datetime) -> tuple[Checked, ...]:
    if claim.signed is None:
        return ()
    aligned = partial(is_aligned, claim.domain, strict=claim.strict.strict_dkim)
    return check_dkim(claim.signed, aligned, resolver, now)


def _right(signatures: tuple[Checked, ...]) -> bool:
    return any(one.outcome is Outcome.PASS for one in signatures)


def _spf(claim: _Claim, raw: bytes, envelope: Envelope, resolver: Resolver) -> str:
    """SPF's result for the envelope where its domain is aligned; "" where it could prove nothing."""
    domain = dns_form(spf_domain(envelope.mail_from, envelope.helo))
    if not is_aligned(claim.domain, domain, strict=claim.strict.strict_spf):
        return ""
    if has_odd_line_ends(raw):
        return "smuggled"
    return check_spf(
        client_ip=envelope.client_ip, mail_from=envelope.mail_from, helo=envelope.helo, resolver=resolver
    ).result


def _chain(claim: _Claim, rules: ProofRules, resolver: Resolver) -> tuple[Chain, str]:
    """The state of the chain, and its first host's results, when every host in it is one we trust; else none."""
    sets = chain_of(claim.signed) if claim.signed and rules.arc_sealers else ()
    trusted = frozenset(sealer.lower() for sealer in rules.arc_sealers)
    if not sets or not claim.signed or any(not {one.sealer, one.signer} <= trusted for one in sets):
        return Chain.NONE, ""
    return check_arc(claim.signed, sets, resolver), results_of(sets[0])


def _proven(claim: _Claim, signatures: tuple[Checked, ...], spf: str, envelope: Envelope) -> Proof | None:
    for one in signatures:
        if one.outcome is Outcome.PASS:
            return _pass(claim, "dkim", f"the DKIM signature of {one.domain} is right")
    if spf == "pass":
        by = spf_domain(envelope.mail_from, envelope.helo)
        return _pass(claim, "spf", f"the host that sent it may send for {by} (SPF)")
    return None


def _sealed(claim: _Claim, chain: Chain, seen: str) -> Proof | None:
    """What the first host of a trusted chain saw: DMARC passed for this very domain."""
    if chain is not Chain.PASS:
        return None
    dmarc = only(results_in(seen) or (), "dmarc")
    about = domain_of(dmarc.properties.get("header.from", "")) if dmarc and dmarc.value == "pass" else ""
    if not about or about != claim.domain:
        return None
    return _pass(claim, "arc", "hosts that we trust sealed that it was right when it reached them (ARC)")


def _pass(claim: _Claim, method: str, reason: str) -> Proof:
    return Proof(result=ProofResult.PASS, method=method, domain=claim.written, reason=reason)


def _is_temporary(signatures: tuple[Checked, ...], spf: str, chain: Chain) -> bool:
    return any(found in TEMPORARY for found in (*(one.outcome for one in signatures), spf, chain))


def _why_not(signatures: tuple[Checked, ...], spf: str) -> str:
    signed = next((f"the DKIM signature of {one.domain} {one.why}" for one in signatures), "no signature of its domain")
    hosts = {
        "": "",
        "smuggled": ", SPF does not count for a mail with mixed line ends",
        "none": ", its domain has no SPF record",
    }
    return signed + hosts.get(spf, f", SPF says {spf}")
