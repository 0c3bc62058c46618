"""What proves that the domain in From sent this? Our own mail host's Authentication-Results (RFC 8601)."""

import re
from typing import Any

import authres

from mailflow.core.mail import Envelope, Mail, Proof, ProofResult
from mailflow.core.rules import ProofRules

_AUTHRES: Any = authres  # untyped
_BY = re.compile(r"\bby\s+([A-Za-z0-9._-]{1,255})")
_POLICY = re.compile(r"\bp\s*=\s*(none|quarantine|reject)\b", re.IGNORECASE)
_LONGEST_FIELD = 10_000


def prove(mail: Mail, envelope: Envelope, rules: ProofRules) -> Proof:
    """Pass, fail or none, with the reason; never raises. Only the From domain, aligned, can pass."""
    if not rules.authserv_id:
        return Proof(reason="no authserv_id is configured, so that no Authentication-Results can be trusted")
    if envelope.via != "imap" and envelope.client_ip not in rules.relays:
        return Proof(reason="it did not come through our own mail host")
    domain = mail.author.domain
    if not domain or len(mail.from_) != 1 or mail.from_fields != 1:
        return Proof(reason="there is no single From domain to prove")
    trusted = _trusted_fields(mail, rules)
    if not trusted:
        return Proof(reason=f"no Authentication-Results of {rules.authserv_id} above the first foreign Received")
    return _judge(trusted[0], domain)


def _trusted_fields(mail: Mail, rules: ProofRules) -> list[str]:
    """The fields above the first Received that our hosts did not write: below it anybody can have written them."""
    own = {host.lower() for host in rules.own_hosts}
    found = []
    for name, value in mail.headers:
        if name == "received":
            by = _BY.search(value[:_LONGEST_FIELD])
            if by is None or by[1].lower() not in own:
                break
        if name == "authentication-results" and _authserv_id(value) == rules.authserv_id.lower():
            found.append(value[:_LONGEST_FIELD])
    return found


def _authserv_id(value: str) -> str:
    head = re.sub(r"\([^()]{0,500}\)", " ", value[:_LONGEST_FIELD]).partition(";")[0].split()
    return head[0].lower() if head else ""


def _judge(field: str, domain: str) -> Proof:
    try:
        header = _AUTHRES.AuthenticationResultsHeader.parse(f"Authentication-Results: {field}")
    except Exception:  # authres raises its own and Python's errors alike on a field it cannot read
        return Proof(reason="our mail host's Authentication-Results cannot be read")
    for result in header.results:
        if result.method.lower() != "dmarc" or not result.result:
            continue
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
