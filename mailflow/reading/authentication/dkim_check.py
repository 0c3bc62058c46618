"""Which DKIM signatures of the From domain are right, and close what we act upon? RFC 6376, RFC 8463, RFC 8301."""

from collections.abc import Callable, Iterator
from datetime import datetime

from mailflow.reading.authentication.public_key import Key
from mailflow.reading.authentication.resolver import Resolver
from mailflow.reading.authentication.signature import NUMBER, Checked, Outcome, signed_names, text, verify
from mailflow.reading.authentication.signed_mail import RawField, SignedMail
from mailflow.reading.authentication.tag_list import parse_tags

MOST_SIGNATURES = 5
NEEDED = ("v", "a", "b", "bh", "d", "h", "s")

# RFC 5322 3.6 and RFC 2045 allow each once: a second one, added after signing, is what a reader may be shown.
ONCE = (
    "from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references",
    "mime-version", "content-type", "content-transfer-encoding",
)  # fmt: skip

# Who is answered and what a mail is about: an unsigned one could have been put there by whoever sends a mail again.
MUST_BE_SIGNED = ("subject", "reply-to")


def check_dkim(
    mail: SignedMail, is_aligned: Callable[[str], bool], resolver: Resolver, now: datetime
) -> tuple[Checked, ...]:
    """The outcome of each signature whose domain is aligned; others prove nothing to us, so that none is looked up.

    At most five are checked. *now* is when the mail came: signatures expire.
    """
    candidates: list[tuple[RawField, dict[str, bytes]]] = []
    for field in mail.named("dkim-signature"):
        tags = parse_tags(field.value)
        if tags is not None and is_aligned(text(tags, "d").lower()):
            candidates.append((field, tags))
    return tuple(_check(mail, field, tags, resolver, now) for field, tags in candidates[:MOST_SIGNATURES])


def _check(mail: SignedMail, field: RawField, tags: dict[str, bytes], resolver: Resolver, now: datetime) -> Checked:
    domain = text(tags, "d").lower()
    wrong = next(_mistakes(tags, domain, now), None)
    if wrong:
        return Checked(Outcome.FAIL, domain, wrong)
    key = verify(mail, field, tags, resolver)
    if isinstance(key, Checked):
        return key
    if "s" in key.flags and _agent_domain(tags, domain) != domain:
        return Checked(Outcome.FAIL, domain, "is by a key that speaks for another domain")
    gap = next(_gaps(mail, tags, key), None)
    return Checked(Outcome.WEAK, domain, gap) if gap else Checked(Outcome.PASS, domain, "is right")


def _mistakes(tags: dict[str, bytes], domain: str, now: datetime) -> Iterator[str]:
    """What is wrong with a signature before any sum is done."""
    names = signed_names(tags)
    if any(tag not in tags for tag in NEEDED) or tags["v"] != b"1" or names is None:
        yield "is malformed"
        return
    if "dns/txt" not in text(tags, "q").lower().replace(" ", "").split(":") and "q" in tags:
        yield "keeps its key where we cannot look"
    agent = _agent_domain(tags, domain)
    if agent != domain and not agent.endswith(f".{domain}"):
        yield "speaks for another domain"
    if "from" not in names:
        yield "does not sign From"
    made, expires = tags.get("t", b""), tags.get("x", b"")
    if any(not NUMBER.match(moment) for moment in (made, expires) if moment) or (
        made and expires and int(expires) < int(made)
    ):
        yield "is malformed"
    elif expires and int(expires) < now.timestamp():
        yield "has expired"


def _gaps(mail: SignedMail, tags: dict[str, bytes], key: Key) -> Iterator[str]:
    """What a right signature leaves open."""
    if "l" in tags:
        yield "does not cover the whole body (l=)"
    if "y" in key.flags:  # RFC 6376 3.6.1: not to be treated otherwise than unsigned mail
        yield "is only a test of its domain"
    for name in ONCE:
        if len(mail.named(name)) > 1:
            yield f"cannot count: the mail has more than one {name.title()} field"
    signed = signed_names(tags) or ()
    for name in MUST_BE_SIGNED:
        if mail.named(name) and name not in signed:
            yield f"does not sign {name.title()}"


def _agent_domain(tags: dict[str, bytes], domain: str) -> str:
    return text(tags, "i").rpartition("@")[2].lower() if "i" in tags else domain
