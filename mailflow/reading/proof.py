"""What proves that the domain in From sent this? What our own mail host says of it (RFC 8601), and what we find."""

import re
from datetime import datetime
from typing import Any

import authres

from mailflow.core.mail import Envelope, Mail, Proof, ProofResult
from mailflow.core.rules import ProofRules
from mailflow.reading.authentication.judge import NotProvenYet, as_border_host, behind_our_host
from mailflow.reading.authentication.resolver import Resolver
from mailflow.reading.authentication.result_field import domain_of, names_a_host, only, results_in

_AUTHRES: Any = authres  # untyped
_BY = re.compile(r"\bby\s+([A-Za-z0-9._-]{1,255})")
_POLICY = re.compile(r"\bp\s*=\s*(none|quarantine|reject)\b", re.IGNORECASE)
_LONGEST_FIELD = 10_000
_EXCHANGE_HOSTS = ".outlook.com"
_SETS_ASIDE = {"quarantine": "quarantine", "reject": "reject", "oreject": "reject"}
"""What Exchange Online does with mail that fails, and the policy that it does so for."""


def prove(
    mail: Mail, raw: bytes, envelope: Envelope, rules: ProofRules, resolver: Resolver, *, now: datetime
) -> Proof | NotProvenYet:
    """Pass, fail or none, with the reason, or a DNS to be asked again; never raises. *now* is when the mail came.

    Only the From domain, aligned, can pass. Where the sender's host spoke to us, we check all. Behind our own mail host
    its results count, and a signature that we find right.
    """
    if envelope.via == "smtp" and envelope.client_ip and envelope.client_ip not in rules.relays:
        return as_border_host(mail, raw, envelope, rules, resolver, now=now)
    told = _told(mail, rules)
    if told.result is not ProofResult.NONE:
        return told
    found = behind_our_host(mail, raw, rules, resolver, now=now)
    if isinstance(found, NotProvenYet) or found.result is ProofResult.PASS:
        return found
    return Proof(method=told.method, reason=f"{told.reason}; {found.reason}")


def _told(mail: Mail, rules: ProofRules) -> Proof:
    """What our own mail host says."""
    domain = mail.author.domain
    if not domain or len(mail.from_) != 1 or mail.from_fields != 1:
        return Proof(reason="there is no single From domain to prove")
    if rules.exchange_online:
        return _told_by_exchange(mail, rules, domain)
    if not rules.authserv_id:
        return Proof(reason="no authserv_id is configured, so that no Authentication-Results can be trusted")
    trusted = _trusted_fields(mail, rules)
    if not trusted:
        return Proof(reason=f"no Authentication-Results of {rules.authserv_id} above the first foreign Received")
    return _judge(trusted[0], domain)


def _told_by_exchange(mail: Mail, rules: ProofRules, domain: str) -> Proof:
    """The topmost field alone, which Exchange Online writes without a name in front; those below may be anybody's."""
    field = next(iter(_upper_fields(mail, rules)), None)
    if field is None or names_a_host(field):
        return Proof(reason="Exchange Online wrote no Authentication-Results above the first foreign Received")
    dmarc = only(results_in(field) or (), "dmarc")
    if dmarc is None or domain_of(dmarc.properties.get("header.from", "")) != domain:
        return Proof(reason="Exchange Online does not say whether DMARC passed for this From domain")
    return _dmarc(dmarc.value, _SETS_ASIDE.get(dmarc.properties.get("action", ""), ""), domain)


def _trusted_fields(mail: Mail, rules: ProofRules) -> list[str]:
    """The fields that our own host signs with its name."""
    return [value for value in _upper_fields(mail, rules) if _authserv_id(value) == rules.authserv_id.lower()]


def _upper_fields(mail: Mail, rules: ProofRules) -> list[str]:
    """The results above the first Received that our hosts did not write: below it anybody can have written them."""
    found = []
    for name, value in mail.headers:
        if name == "received" and not _is_by_us(value, rules):
            break
        if name == "authentication-results":
            found.append(value[:_LONGEST_FIELD])
    return found


def _is_by_us(received: str, rules: ProofRules) -> bool:
    by = _BY.search(received[:_LONGEST_FIELD])
    host = by[1].lower() if by else ""
    if rules.exchange_online and host.endswith(_EXCHANGE_HOSTS):
        return True
    return host != "" and host in {own.lower() for own in rules.own_hosts}


def _authserv_id(value: str) -> str:
    head = re.sub(r"\([^()]{0,500}\)", " ", value[:_LONGEST_FIELD]).partition(";")[0].split()
    return head[0].lower() if head else ""


def _judge(field: str, domain: str) -> Proof:
    try:
        header = _AUTHRES.AuthenticationResultsHeader.parse(f"Authentication-Results: {field}")
    except Exception:  # authres raises its own and Python's errors alike on a field it cannot read
        return Proof(reason="our mail host's Authentication-Results cannot be read")
    told = [one for one in header.results if one.method.lower() == "dmarc" and one.result]
    if len(told) > 1:
        # What a stranger put in his own address may have been copied here without quotes (RFC 8601 7.1).
        return Proof(reason="our mail host's Authentication-Results tells of DMARC more than once")
    for result in told:
        about = next((p.value for p in result.properties if p.type == "header" and p.name == "from"), "")
        if about.strip("@").lower() != domain:
            return Proof(reason="our mail host judged another From domain")
        return _dmarc(result.result.lower(), _policy(result, field), domain)
    return Proof(reason="our mail host says nothing of DMARC")


def _policy(result: object, field: str) -> str:
    match = _POLICY.search(str(getattr(result, "result_comment", "") or "")) or _POLICY.search(field)
    return match[1].lower() if match else ""


def _dmarc(result: str, policy: str, domain: str) -> Proof:
    method = "authentication-results"
    if result == "pass":
        return Proof(result=ProofResult.PASS, method=method, domain=domain, reason="our mail host says dmarc=pass")
    if result == "fail" and policy in ("quarantine", "reject"):
        reason = f"our mail host says dmarc=fail, and the domain's policy is {policy}"
        return Proof(result=ProofResult.FAIL, method=method, reason=reason)
    return Proof(method=method, reason=f"our mail host says dmarc={re.sub('[^a-z]', '', result)[:20]}")
