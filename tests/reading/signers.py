"""Signs mail as senders do, right and wrong: the canonical forms are dkimpy's, so that ours do not test themselves."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import dkim
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from dkim.canonicalization import CanonicalizationPolicy
from dkim.crypto import EMSA_PKCS1_v1_5_encode

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SIGNED = ("from", "to", "subject", "date", "message-id")

MAIL = (
    b"From: An Peeters <an@clb.example>\r\n"
    b"To: meldpunt@meldpunt.example\r\n"
    b"Subject: Aanmelding\r\n"
    b"Date: Mon, 23 Nov 2026 09:00:00 +0100\r\n"
    b"Message-ID: <1@clb.example>\r\n"
    b"\r\n"
    b"Dag,  \r\n"
    b"\tgraag een  plaats voor N.\r\n"
    b"\r\n"
    b"An\r\n"
    b"\r\n"
)


@dataclass(frozen=True)
class Signer:
    """A private key, and the record that its public half has in the DNS."""

    algorithm: str
    key: object
    packed: str

    def record(self, **tags):
        """The TXT record, with more tags if given."""
        kind = self.algorithm.partition("-")[0]
        return "; ".join(["v=DKIM1", f"k={kind}", *(f"{tag}={said}" for tag, said in tags.items()), f"p={self.packed}"])

    def sign(self, data):
        """The signature over *data*."""
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return self.key.sign(hashlib.sha256(data).digest())
        if isinstance(self.key, Tiny):
            return self.key.sign(data)
        return self.key.sign(data, padding.PKCS1v15(), SHA256())


@dataclass(frozen=True)
class Tiny:
    """An RSA key so short that others can find the private half; no library makes these any more."""

    modulus: int
    private: int

    def sign(self, data):
        """RSASSA-PKCS1-v1_5 with SHA-256."""
        length = (self.modulus.bit_length() + 7) // 8
        padded = EMSA_PKCS1_v1_5_encode(hashlib.sha256(data), length)
        return pow(int.from_bytes(padded, "big"), self.private, self.modulus).to_bytes(length, "big")


@cache
def rsa_signer(bits=1024, name=""):
    """A new RSA key of that size; the same one for the same *name*."""
    del name
    key = rsa.generate_private_key(65537, bits)
    return Signer("rsa-sha256", key, _packed(key.public_key()))


@cache
def ed25519_signer():
    """A new Ed25519 key (RFC 8463)."""
    key = ed25519.Ed25519PrivateKey.generate()
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return Signer("ed25519-sha256", key, base64.b64encode(raw).decode())


@cache
def tiny_signer():
    """An RSA key of 512 bits."""
    p, q = (_prime_after(seed << 252) for seed in (15, 13))
    modulus, private = p * q, pow(65537, -1, (p - 1) * (q - 1))
    inner = _der(0x30, _integer(modulus) + _integer(65537))
    oid = bytes.fromhex("300d06092a864886f70d0101010500")
    packed = base64.b64encode(_der(0x30, oid + _der(0x03, b"\0" + inner))).decode()
    return Signer("rsa-sha256", Tiny(modulus, private), packed)


def sign(
    mail, signer, *, domain="clb.example", selector="s1", names=SIGNED, form="relaxed/relaxed", length=None, **tags
):
    """*mail* with a DKIM-Signature on top; *tags* are added to it or take the place of those that would stand there."""
    body = _body(mail, form)
    values = {
        "v": "1",
        "a": signer.algorithm,
        "c": form,
        "d": domain,
        "s": selector,
        "h": ":".join(names),
        "bh": base64.b64encode(hashlib.sha256(body if length is None else body[:length]).digest()).decode(),
    }
    values |= {} if length is None else {"l": str(length)}
    values |= {tag: str(said) for tag, said in tags.items() if said is not None}
    for tag in (tag for tag, said in tags.items() if said is None):
        del values[tag]
    return _signed(mail, "DKIM-Signature", values, names, form, signer) + mail


def seal(mail, signer, *, domain="forum.example", number=1, results="dmarc=pass header.from=clb.example", cv=None):
    """*mail* with an ARC set on top (RFC 8617 5.1)."""
    told = f"ARC-Authentication-Results: i={number}; {domain}; {results}\r\n".encode()
    values = {
        "i": str(number),
        "a": signer.algorithm,
        "c": "relaxed/relaxed",
        "d": domain,
        "s": "s1",
        "h": ":".join(SIGNED),
        "bh": base64.b64encode(hashlib.sha256(_body(mail, "relaxed/relaxed")).digest()).decode(),
    }
    message = _signed(mail, "ARC-Message-Signature", values, SIGNED, "relaxed/relaxed", signer)
    before = dkim.rfc822_parse(mail)[0]
    sets = [field for field in before if field[0].lower().startswith(b"arc-")]
    ordered = [*reversed(sets), *dkim.rfc822_parse(told)[0], *dkim.rfc822_parse(message)[0]]
    status = cv or ("none" if number == 1 else "pass")
    head = {"i": str(number), "a": signer.algorithm, "cv": status, "d": domain, "s": "s1"}
    empty = b"ARC-Seal: " + _list(head) + b"; b="
    policy = CanonicalizationPolicy.from_c_value(b"relaxed/relaxed")
    covered = policy.canonicalize_headers([*ordered, *dkim.rfc822_parse(empty)[0]])
    data = b"".join(name + b":" + value for name, value in covered).removesuffix(b"\r\n")
    return empty + base64.b64encode(signer.sign(data)) + b"\r\n" + message + told + mail


def _signed(mail, name, values, names, form, signer):
    policy = CanonicalizationPolicy.from_c_value(form.encode())
    headers = policy.canonicalize_headers(dkim.rfc822_parse(mail)[0])
    chosen = dkim.select_headers([(n, v) for n, v in headers], [n.encode() for n in names])
    empty = f"{name}: ".encode() + _list(values) + b"; b="
    own = policy.canonicalize_headers(dkim.rfc822_parse(empty)[0])
    data = b"".join(n + b":" + v for n, v in [*chosen, *own]).removesuffix(b"\r\n")
    return empty + base64.b64encode(signer.sign(data)) + b"\r\n"


def _list(values):
    return "; ".join(f"{tag}={said}" for tag, said in values.items()).encode()


def _body(mail, form):
    return CanonicalizationPolicy.from_c_value(form.encode()).canonicalize_body(dkim.rfc822_parse(mail)[1])


def _packed(public):
    return base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def _prime_after(number):
    number |= 1
    while pow(2, number - 1, number) != 1:
        number += 2
    return number


def _integer(number):
    return _der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _der(kind, content):
    length = len(content)
    size = (
        bytes([length])
        if length < 128
        else bytes([0x81, length])
        if length < 256
        else b"\x82" + length.to_bytes(2, "big")
    )
    return bytes([kind]) + size + content
