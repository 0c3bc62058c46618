"""May this host send for that domain? SPF (RFC 7208) by pyspf, which asks our resolver and never the network."""

import importlib
import ipaddress
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from mailflow.reading.authentication.resolver import Answer, NoSuchName, Resolver, TemporaryFailure

MOST_QUESTIONS = 60
"""Ten terms with ten mail exchangers each may be asked for; nobody honest comes near."""
LONGEST_RECORD = 4096
"""Bytes; RFC 7208 3.4 asks to stay below 450. pyspf needs quadratic time for a word of a record."""
LOCAL_PART = re.compile(r"[^@\x00-\x1f\x7f]{0,256}\Z")  # pyspf takes all after the first @ for the domain
LABEL = re.compile(r"[^\x00-\x20\x7f]{1,63}\Z")


@dataclass(frozen=True)
class SpfResult:
    """pass, fail, softfail, neutral, none, temperror or permerror (RFC 7208 2.6), for the domain that was checked."""

    result: str
    domain: str


def check_spf(*, client_ip: str, mail_from: str, helo: str, resolver: Resolver) -> SpfResult:
    """Whether *client_ip* may send for the domain of *mail_from*, or of *helo* when that is the null sender."""
    domain = spf_domain(mail_from, helo)
    try:
        ip = ipaddress.ip_address(client_ip)
    except ValueError:
        return SpfResult("none", domain)
    if not domain or not LOCAL_PART.match(mail_from.rpartition("@")[0]):
        return SpfResult("none", domain)
    spf = _pyspf()
    try:
        question = spf.query(i=str(ip).partition("%")[0], s=mail_from, h=helo)
        _ask_through(question, spf, resolver)
        result = str(question.check()[0])
    except Exception:  # a stranger's record must not hold up a mail: what pyspf cannot take is the record's fault
        result = "permerror"
    return SpfResult(result, domain)


def spf_domain(mail_from: str, helo: str) -> str:
    """The domain that SPF would prove, lower case; "" when there is none to prove."""
    domain = (mail_from.rpartition("@")[2] if mail_from else helo).lower().rstrip(".")
    return domain if len(domain) <= 253 and all(LABEL.match(label) for label in domain.split(".")) else ""


@cache
def _pyspf() -> Any:  # noqa: ANN401 - untyped
    return importlib.import_module("spf")


def _ask_through(question: Any, spf: Any, resolver: Resolver) -> None:  # noqa: ANN401 - untyped
    """Let this one question ask *resolver*: pyspf's own way in is a global that threads would share."""
    asked = 0

    def dns(name: str, kind: str, cnames: object = None, ignore_void: object = False) -> list[Any]:  # noqa: FBT002 - pyspf's signature
        nonlocal asked
        asked += 1
        if asked > MOST_QUESTIONS:
            raise spf.PermError("too many questions")
        name = str(name).rstrip(".").lower()
        if len(name) > 253 or not all(0 < len(label) < 64 for label in name.split(".")):
            return []
        found = _records(name, kind, resolver, spf)
        if not found and not ignore_void:
            question.void_lookups += 1
            if question.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError("too many names that do not exist")
        return found

    question.dns = dns
    question.get_explanation = lambda _spec: None  # we tell nobody, so need not ask


def _records(name: str, kind: str, resolver: Resolver, spf: Any) -> list[Any]:  # noqa: ANN401 - untyped
    answer = _answer(name, kind, resolver)
    match answer:
        case TemporaryFailure():
            raise spf.TempError("the DNS did not answer")
        case Answer(values=values) if kind == "TXT":
            if any(len(value) > LONGEST_RECORD and value[:6].lower() == b"v=spf1" for value in values):
                raise spf.PermError("the record is too long")
            return [(value,) for value in values]
        case Answer(values=values):
            return list(values)
        case _:
            return []


def _answer(name: str, kind: str, resolver: Resolver) -> Answer[Any] | NoSuchName | TemporaryFailure:
    match kind:
        case "TXT":
            return resolver.txt(name)
        case "A":
            return resolver.a(name)
        case "AAAA":
            return resolver.aaaa(name)
        case "MX":
            return resolver.mx(name)
        case "PTR":
            return resolver.ptr(_address(name))
        case _:
            return NoSuchName()


def _address(reverse: str) -> str:
    """The address that a name under in-addr.arpa or ip6.arpa stands for, "" if none."""
    labels = reverse.lower().removesuffix(".in-addr.arpa").removesuffix(".ip6.arpa").split(".")[::-1]
    if reverse.lower().endswith(".in-addr.arpa"):
        return ".".join(labels)
    digits = "".join(labels)
    return ":".join(digits[i : i + 4] for i in range(0, 32, 4)) if len(digits) == 32 else ""
