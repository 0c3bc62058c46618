"""The age identity that follows from a data key: whoever keeps the keys can open the backups, and nobody else."""

import hashlib
import hmac

from pyrage import x25519

_PREFIX = "age-secret-key-"
_SIGNS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def identity_of(secret: bytes) -> x25519.Identity:
    """The identity of a 32-byte data key, always the same one; the key itself cannot be told from it."""
    return x25519.Identity.from_str(identity_text(hmac.digest(secret, b"mailflow backup", hashlib.sha256)))


def identity_text(scalar: bytes) -> str:
    """An X25519 scalar as age writes identities: AGE-SECRET-KEY-1... (Bech32, BIP 173)."""
    data = _in_fives(scalar)
    check = _polymod([*_expanded(_PREFIX), *data, *[0] * 6]) ^ 1
    sums = [(check >> 5 * (5 - place)) & 31 for place in range(6)]
    return f"{_PREFIX}1{''.join(_SIGNS[value] for value in [*data, *sums])}".upper()


def _in_fives(scalar: bytes) -> list[int]:
    """The bits in groups of five, the last one filled up with zeroes."""
    bits = "".join(f"{byte:08b}" for byte in scalar)
    return [int(bits[start : start + 5].ljust(5, "0"), 2) for start in range(0, len(bits), 5)]


def _expanded(prefix: str) -> list[int]:
    return [*(ord(sign) >> 5 for sign in prefix), 0, *(ord(sign) & 31 for sign in prefix)]


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATOR):
            check ^= generator if top >> place & 1 else 0
    return check
