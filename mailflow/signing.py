"""May others see that a letter is really ours? A DKIM signature (RFC 6376) by our own key, if the operator has one."""

import base64
import hashlib
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from mailflow.reading.authentication.signed_mail import canonical_body, canonical_field, select, split_signed

FEWEST_BITS = 2048  # RFC 8301 3.2: signers should use at least this
LINE = 70

# From and Subject are named twice, so that nobody can put a second one above ours (RFC 6376 5.4.2).
SIGNED = (
    *("from", "from", "subject", "subject", "to", "cc", "date", "message-id", "reply-to", "in-reply-to", "references"),
    *("mime-version", "content-type", "content-transfer-encoding", "auto-submitted"),
)


@dataclass(frozen=True)
class Signer:
    """Signs for one domain with the key that its DNS shows under *selector*."""

    domain: str
    selector: str
    key: RSAPrivateKey | Ed25519PrivateKey = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """*message* with its signature above it; the same message gives the same bytes. Line ends must be CRLF."""
        mail = split_signed(message)
        if mail is None:
            raise ValueError("a message of ours has a header that can be read in two ways")
        body = base64.b64encode(hashlib.sha256(canonical_body(mail.body, "relaxed")).digest()).decode()
        unsigned = (
            f"DKIM-Signature: v=1; a={self._algorithm}; c=relaxed/relaxed; d={self.domain}; s={self.selector};\r\n"
            f"\th={':'.join(SIGNED[:8])}:\r\n\t {':'.join(SIGNED[8:])};\r\n"
            f"\tbh={body};\r\n"
            f"\tb="
        ).encode()
        hashed = b"".join(canonical_field(one.whole, "relaxed") for one in select(mail, SIGNED))
        hashed += canonical_field(unsigned + b"\r\n", "relaxed").removesuffix(b"\r\n")
        signature = base64.b64encode(self._signature(hashed))
        folded = b"\r\n\t ".join(signature[n : n + LINE] for n in range(0, len(signature), LINE))
        return unsigned + folded + b"\r\n" + message

    @property
    def _algorithm(self) -> str:
        return "rsa-sha256" if isinstance(self.key, RSAPrivateKey) else "ed25519-sha256"

    def _signature(self, data: bytes) -> bytes:
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(data, PKCS1v15(), SHA256())
        return self.key.sign(hashlib.sha256(data).digest())  # RFC 8463 3


def signing_key(pem: str) -> RSAPrivateKey | Ed25519PrivateKey:
    """The key in a PEM file; raises ValueError in plain words for one that cannot sign mail."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except TypeError:
        raise ValueError("this key is locked with a password") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("this is no private key in PEM form") from None
    match key:
        case RSAPrivateKey() if key.key_size < FEWEST_BITS:
            raise ValueError(f"this key has {key.key_size} bits: {FEWEST_BITS} or more are wanted")
        case RSAPrivateKey() | Ed25519PrivateKey():
            return key
        case _:
            raise ValueError("mail is signed with RSA or Ed25519, and this key is neither")
