"""Is this one signature over header and body right? What DKIM-Signature and ARC-Message-Signature share."""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from mailflow.reading.authentication.public_key import ALGORITHMS, Key, NoKey, has_signed, key_of, unpacked
from mailflow.reading.authentication.resolver import Resolver
from mailflow.reading.authentication.signed_mail import FORMS, RawField, SignedMail, canonical_field, select
from mailflow.reading.authentication.tag_list import without_blanks, without_signature

MOST_SIGNED = 1000
NAME = re.compile(r"[!-9;-~]{1,200}\Z")
NUMBER = re.compile(rb"[0-9]{1,12}\Z")
DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,62})\.)*[a-z0-9](?:[a-z0-9-]{0,62})\Z")


class Outcome(StrEnum):
    """What became of a signature."""

    PASS = "pass"  # noqa: S105 - a result
    WEAK = "weak"
    """Right, but it leaves open what we act upon, so that it proves nothing to us."""
    FAIL = "fail"
    TEMPORARY = "temporary"


@dataclass(frozen=True)
class Checked:
    """One signature's outcome; *why* is a sentence's end without personal data."""

    outcome: Outcome
    domain: str = ""
    why: str = ""


def verify(
    mail: SignedMail, field: RawField, tags: dict[str, bytes], resolver: Resolver, *, form: str = "simple"
) -> Key | Checked:
    """The key that made this signature over header and body, or why there is none.

    *form* is the canonical form where the tag c names none: simple for DKIM; for ARC its test suite takes relaxed.
    """
    domain = text(tags, "d").lower()
    forms = _forms(tags, form)
    names = signed_names(tags)
    if forms is None or names is None:
        return Checked(Outcome.FAIL, domain, "is malformed")
    claimed = unpacked(without_blanks(tags.get("bh", b"")))
    length = tags.get("l", b"")
    if claimed is None or ("l" in tags and not NUMBER.match(length)):
        return Checked(Outcome.FAIL, domain, "is malformed")
    if mail.body_hash(forms[1], int(length) if length else None) != claimed:
        return Checked(Outcome.FAIL, domain, "does not fit the body")
    data = b"".join(canonical_field(one.whole, forms[0]) for one in select(mail, names))
    data += canonical_field(without_signature(field.whole), forms[0]).removesuffix(b"\r\n")
    return verify_data(data, tags, resolver)


def verify_data(data: bytes, tags: dict[str, bytes], resolver: Resolver) -> Key | Checked:
    """The key that the tags a, b, d and s name, if it signed *data*; else why not."""
    domain, algorithm = text(tags, "d").lower(), text(tags, "a")
    signature = unpacked(without_blanks(tags.get("b", b"")))
    if algorithm not in ALGORITHMS:
        return Checked(Outcome.FAIL, domain, "uses an algorithm that does not count")
    if signature is None or not DOMAIN.match(domain):
        return Checked(Outcome.FAIL, domain, "is malformed")
    key = key_of(text(tags, "s"), domain, resolver)
    if isinstance(key, NoKey):
        return Checked(Outcome.TEMPORARY if key.temporary else Outcome.FAIL, domain, f"cannot be checked: {key.why}")
    if not has_signed(key, algorithm, signature, data, hashlib.sha256(data).digest()):
        return Checked(Outcome.FAIL, domain, "does not fit the header")
    return key


def signed_names(tags: dict[str, bytes]) -> list[str] | None:
    """The lower-case names of the tag h, empty ones left out; None when it is malformed."""
    names = [name for name in (name.strip().lower() for name in text(tags, "h").split(":")) if name]
    return names if len(names) <= MOST_SIGNED and all(NAME.match(name) for name in names) else None


def text(tags: dict[str, bytes], tag: str) -> str:
    """A tag's value; "" when absent. What is no ASCII stays recognisably wrong."""
    return tags.get(tag, b"").decode("ascii", "replace")


def _forms(tags: dict[str, bytes], without: str) -> tuple[str, str] | None:
    if "c" not in tags:
        return without, without
    header, slash, body = text(tags, "c").lower().partition("/")
    forms = (header, body if slash else "simple")
    return forms if forms[0] in FORMS and forms[1] in FORMS else None
