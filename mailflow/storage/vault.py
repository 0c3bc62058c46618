"""Personal columns are encrypted here, with keys that live outside the database; and indexed blindly."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mailflow.core.pupil import Pupil, family_of, pupil_of

_NONCE = 12


class Unreadable(Exception):
    """A column cannot be decrypted: its key is not in the key folder, or the bytes were changed."""


class Vault:
    """AES-256-GCM with the key's id in front and table, row and column as associated data; HMAC-SHA256 for lookups."""

    def __init__(self, data_keys: Sequence[tuple[str, bytes]], index_key: bytes, chain_keys: Sequence[bytes]) -> None:
        """*data_keys* are (id, 32 bytes), and *chain_keys*, newest first; what old ones made stays valid."""
        self._ciphers = {key_id: AESGCM(secret) for key_id, secret in data_keys}
        self._newest = data_keys[0][0]
        self._index_key = index_key
        self._chain_keys = tuple(chain_keys)

    @property
    def newest(self) -> bytes:
        """What everything begins with that is sealed now."""
        return self._newest.encode() + b":"

    def seal(self, plain: bytes, *place: str) -> bytes:
        """*plain* encrypted for this place (table, row uuid, column) and no other."""
        nonce = secrets.token_bytes(_NONCE)
        return self._newest.encode() + b":" + nonce + self._ciphers[self._newest].encrypt(nonce, plain, _aad(place))

    def open(self, sealed: bytes, *place: str) -> bytes:
        """What was sealed for this place; raises Unreadable without its key or when it was changed or moved."""
        key_id, _, rest = sealed.partition(b":")
        cipher = self._ciphers.get(key_id.decode("ascii", "replace"))
        if cipher is None:
            raise Unreadable(f"no data key for a column of {place[0]}")
        try:
            return cipher.decrypt(rest[:_NONCE], rest[_NONCE:], _aad(place))
        except (InvalidTag, ValueError) as fault:  # ValueError: cut short
            raise Unreadable(f"a column of {place[0]} was changed or moved") from fault

    def index(self, kind: str, value: str) -> str:
        """A keyed fingerprint to look *value* up by (an address, a Message-ID) without keeping it; 64 hex digits."""
        return self.digest(f"{kind}:{value}".encode())

    def digest(self, content: bytes) -> str:
        """A keyed fingerprint of bytes; 64 hex digits."""
        return hmac.digest(self._index_key, content, hashlib.sha256).hex()

    def link(self, previous: str, event: bytes) -> str:
        """The next link of a case's chain: changing an event breaks every later link; 64 hex digits."""
        return _link(self._chain_keys[0], previous, event)

    def is_linked(self, previous: str, event: bytes, mac: str) -> bool:
        """Whether *mac* links *event* to *previous* under any of our keys."""
        return any(hmac.compare_digest(_link(key, previous, event), mac) for key in self._chain_keys)


def case_keys(vault: Vault, values: Mapping[str, str]) -> dict[str, str]:
    """The columns by which a case is found again through its form's *values*; "" where there is nothing to go by."""
    return {**pupil_keys(vault, pupil_of(values)), "family_key": family_key(vault, values)}


def family_key(vault: Vault, values: Mapping[str, str]) -> str:
    """The same of the last name and birth date alone."""
    family = family_of(values.get("last_name", ""), values.get("birth_date", ""))
    return vault.index("pupil-family", family) if family else ""


def pupil_keys(vault: Vault, pupil: Pupil | None) -> dict[str, str]:
    """Those of a pupil's whole name."""
    if pupil is None:
        return {"pupil_key": "", "name_key": ""}
    born = vault.index("pupil", f"{pupil.name} {pupil.birth_date}") if pupil.birth_date else ""
    return {"pupil_key": born, "name_key": vault.index("pupil-name", pupil.name)}


def _link(key: bytes, previous: str, event: bytes) -> str:
    return hmac.digest(key, previous.encode() + b"\n" + event, hashlib.sha256).hex()


def _aad(place: Sequence[str]) -> bytes:
    return "/".join(place).encode()
