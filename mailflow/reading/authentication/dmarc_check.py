"""What does a domain ask for mail that claims to be its own, and which domains speak for it? RFC 7489.

The `dmarc` package takes a signature of any parent, so of "be", for aligned; here the public suffix list decides.
"""

from dataclasses import dataclass
from functools import cache

from publicsuffixlist import PublicSuffixList

from mailflow.reading.authentication.resolver import NoSuchName, Resolver, TemporaryFailure
from mailflow.reading.authentication.tag_list import parse_tags

ENFORCING = ("quarantine", "reject")


@dataclass(frozen=True)
class DmarcPolicy:
    """What a DMARC record asks; pct is left out: mail that fails is judged the same whatever the share."""

    wanted: str = "none"
    strict_dkim: bool = False
    strict_spf: bool = False

    @property
    def enforces(self) -> bool:
        """Whether mail that fails is to be set aside."""
        return self.wanted in ENFORCING


def policy_of(domain: str, resolver: Resolver) -> DmarcPolicy | TemporaryFailure | None:
    """The policy for *domain*, its own or its organisation's (RFC 7489 6.6.3); None without a record."""
    own = _record(domain, resolver)
    if isinstance(own, TemporaryFailure):
        return own
    if own is not None:
        return _policy(own, _word(own, "p"))
    organisation = organisation_of(domain)
    above = _record(organisation, resolver) if organisation != domain else None
    if above is None or isinstance(above, TemporaryFailure):
        return above
    return _policy(above, _word(above, "sp") or _word(above, "p"))


def organisation_of(domain: str) -> str:
    """The registered domain that *domain* lies under; itself when it is a public suffix or no name."""
    return _suffixes().privatesuffix(domain) or domain


def is_aligned(author: str, proven: str, *, strict: bool = False) -> bool:
    """Whether *proven* speaks for *author* (lower case): the same domain or, unless strict, the same organisation."""
    if not author or not proven:
        return False
    return author == proven or (not strict and organisation_of(author) == organisation_of(proven))


@cache
def _suffixes() -> PublicSuffixList:
    """The list that came with the package: loaded once, at the first mail."""
    return PublicSuffixList()


def _record(domain: str, resolver: Resolver) -> dict[str, bytes] | TemporaryFailure | None:
    match resolver.txt(f"_dmarc.{domain}"):
        case TemporaryFailure() as failure:
            return failure
        case NoSuchName():
            return None
        case answer:
            lists = [parse_tags(value) for value in answer.values if value.lstrip().startswith(b"v")]
    records = [tags for tags in lists if tags and next(iter(tags)) == "v" and tags["v"] == b"DMARC1"]
    return records[0] if len(records) == 1 else None  # several are none: RFC 7489 6.6.3, step 5


def _policy(tags: dict[str, bytes], wanted: str) -> DmarcPolicy:
    return DmarcPolicy(wanted, _word(tags, "adkim") == "s", _word(tags, "aspf") == "s")


def _word(tags: dict[str, bytes], tag: str) -> str:
    return tags.get(tag, b"").decode("ascii", "replace").lower()
