"""Whose key is that, and did it sign this? Key records of RFC 6376 3.6 and RFC 8463, with the strength of RFC 8301."""

import base64
import binascii
import re
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from mailflow.reading.authentication.resolver import NoSuchName, Resolver, TemporaryFailure
from mailflow.reading.authentication.tag_list import parse_tags, without_blanks

FEWEST_BITS, MOST_BITS = 1024, 8192
"""RFC 8301 3.2 for the fewest; the most keeps a stranger's key from costing us seconds."""
ALGORITHMS = {"rsa-sha256": "rsa", "ed25519-sha256": "ed25519"}
"""rsa-sha1 must not be taken for valid (RFC 8301 3.1)."""
HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,62})\.)+[a-z0-9](?:[a-z0-9-]{0,62})\Z")
BASE64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}\Z")


@dataclass(frozen=True)
class Key:
    """A key that may be used for mail."""

    kind: str
    der: bytes
    flags: frozenset[str] = frozenset()
    """y: only a test. s: it speaks for this domain alone, not for sub-domains."""


@dataclass(frozen=True)
class NoKey:
    """There is none that counts; *temporary*: the DNS could not say."""

    why: str
    temporary: bool = False


def key_of(selector: str, domain: str, resolver: Resolver) -> Key | NoKey:
    """The key under that selector."""
    name = f"{selector}._domainkey.{domain}".lower()
    if len(name) > 253 or not HOST.match(name):
        return NoKey("the name of the key is no name")
    match resolver.txt(name):
        case TemporaryFailure():
            return NoKey("the DNS did not answer for the key", temporary=True)
        case NoSuchName():
            return NoKey("there is no such key")
        case answer:
            records = [tags for value in answer.values if (tags := parse_tags(value)) is not None and "p" in tags]
    if len(records) != 1:  # RFC 6376 3.6.2.2: with several, the result is undefined
        return NoKey("there is no such key" if not records else "there are several keys of that name")
    return _usable(records[0])


def _usable(tags: dict[str, bytes]) -> Key | NoKey:
    if tags.get("v", b"DKIM1") != b"DKIM1":
        return NoKey("the key is of an unknown version")
    if b"sha256" not in _list(tags.get("h", b"sha256")):
        return NoKey("the key allows no hash that counts")
    if not {b"*", b"email"} & set(_list(tags.get("s", b"*"))):
        return NoKey("the key is not for mail")
    packed = without_blanks(tags["p"])
    if not packed:
        return NoKey("the key was revoked")
    der = unpacked(packed)
    kind = tags.get("k", b"rsa").decode("ascii", "replace").lower()
    if der is None or kind not in ALGORITHMS.values():
        return NoKey("the key cannot be read")
    wrong = _wrong_with(kind, der)
    if wrong:
        return NoKey(wrong)
    return Key(kind, der, frozenset(flag.decode("ascii", "replace") for flag in _list(tags.get("t", b""))))


@lru_cache(256)
def _wrong_with(kind: str, der: bytes) -> str:
    key = _loaded(kind, der)
    if key is None:
        return "the key cannot be read"
    if isinstance(key, RSAPublicKey) and not FEWEST_BITS <= key.key_size <= MOST_BITS:
        return f"a key of {key.key_size} bits does not count"
    return ""


@lru_cache(256)
def _loaded(kind: str, der: bytes) -> RSAPublicKey | Ed25519PublicKey | None:
    try:
        key = Ed25519PublicKey.from_public_bytes(der) if kind == "ed25519" else load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, RSAPublicKey | Ed25519PublicKey) else None


def has_signed(key: Key, algorithm: str, signature: bytes, data: bytes, digest: bytes) -> bool:
    """Whether *key* made *signature* by *algorithm*: RSA signs the data, Ed25519 their SHA-256 (RFC 8463 3)."""
    loaded = _loaded(key.kind, key.der)
    try:
        if isinstance(loaded, RSAPublicKey) and algorithm == "rsa-sha256":
            loaded.verify(signature, data, PKCS1v15(), SHA256())
            return True
        if isinstance(loaded, Ed25519PublicKey) and algorithm == "ed25519-sha256":
            loaded.verify(signature, digest)
            return True
    except (InvalidSignature, ValueError):
        return False
    return False


def unpacked(value: bytes) -> bytes | None:
    """The bytes that base64 text without blanks stands for, or None."""
    if not BASE64.match(value):
        return None
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None


def _list(value: bytes) -> list[bytes]:
    return without_blanks(value).lower().split(b":")
