"""The three keys of an installation, kept outside its database: data, seal and index."""

import base64
import binascii
import dataclasses
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from mailflow.clock import new_key
from mailflow.configuration.problems import Problem
from mailflow.seams import reached

KEY_LENGTH = 32  # bytes: AES-256 and HMAC-SHA256
_ID = re.compile(r"[a-z][a-z0-9]{0,11}")
_OTHERS_MAY_READ_OR_GROUP_MAY_WRITE = 0o027


@dataclass(frozen=True)
class Key:
    """One key; the id stands in clear beside what it has encrypted."""

    id: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Keys:
    """Each kind of key, newest first: the first one makes, every one recognises."""

    data: tuple[Key, ...]
    """Encrypts what people wrote or are named in."""
    seal: tuple[Key, ...]
    """Seals our reply addresses and Message-IDs."""
    index: tuple[Key, ...]
    """Makes names and addresses findable without holding them."""


KINDS = tuple(one.name for one in fields(Keys))


def new_keys() -> Keys:
    """A fresh set of random keys, in memory only."""
    return Keys(**{kind: (Key("k1", new_key()),) for kind in KINDS})


def write_keys(folder: Path, keys: Keys) -> list[Path]:
    """Keep *keys* in *folder*, readable by this user alone; FileExistsError rather than touch a key that is there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return [_write_new(folder / f"{kind}.key", as_text(getattr(keys, kind))) for kind in KINDS]


def rotate(folder: Path, keys: Keys) -> Keys:
    """A new data key and a new seal in front of the others, each file replaced as a whole; the keys that there are now.

    The index key stays: it makes the fingerprints by which cases and senders are found, and nothing can be read by it.
    """
    made = dataclasses.replace(keys, data=(_next(keys.data), *keys.data), seal=(_next(keys.seal), *keys.seal))
    for kind in ("seal", "data"):  # the data key last: by it `keys rotate` sees that a rotation was begun
        beside = folder / f"{kind}.key.new"
        beside.unlink(missing_ok=True)
        _write_new(beside, as_text(getattr(made, kind)))
        reached("before_file")
        beside.replace(folder / f"{kind}.key")
        reached("after_file")
    return made


def _next(keys: tuple[Key, ...]) -> Key:
    numbers = [int(key.id[1:]) for key in keys if re.fullmatch(r"k[0-9]{1,9}", key.id)]
    return Key(f"k{max(numbers, default=0) + 1}", new_key())


def as_text(keys: tuple[Key, ...]) -> str:
    """The keys as their file holds them: a line `id:base64url` for each, newest first."""
    return "".join(f"{key.id}:{base64.urlsafe_b64encode(key.secret).decode()}\n" for key in keys)


def variable(kind: str) -> str:
    """The environment variable that can hold the keys of a kind instead of a file."""
    return f"MAILFLOW_KEY_{kind.upper()}"


def read_keys(folder: Path, shown_as: str, environment: Mapping[str, str]) -> Keys | list[Problem]:
    """The keys from the environment or *folder*, or all that is wrong with them; *shown_as* names the folder."""
    problems: list[Problem] = []
    found: dict[str, tuple[Key, ...]] = {}
    for kind in KINDS:
        if text := environment.get(variable(kind), ""):
            where = f"environment {variable(kind)}"
        else:
            where, path = f"{shown_as}/{kind}.key", folder / f"{kind}.key"
            read = read_secret(path, where)
            if isinstance(read, Problem):
                problems.append(read)
                continue
            text = read
        found[kind], wrong = _keys_in(text, where)
        problems += wrong
    problems += _used_twice(found)
    return problems or Keys(**found)


def read_secret(path: Path, shown_as: str) -> str | Problem:
    """The text of a file that only we may read, or what is wrong with that file."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Problem(shown_as, "", "this file is not there", _absent(path))
    except UnicodeDecodeError:
        return Problem(shown_as, "", "this is no text", "Put the right file back from your backup.")
    except OSError as error:
        why = f"cannot be read ({error.strerror})"
        return Problem(shown_as, "", why, "Make it readable for the user that runs mailflow.")
    if mode & _OTHERS_MAY_READ_OR_GROUP_MAY_WRITE:
        what = f"other users of this machine can get at it (mode {mode & 0o777:04o})"
        return Problem(shown_as, "", what, f"Close it: chmod 600 {shown_as}.")
    return text


def _absent(path: Path) -> str:
    if path.suffix == ".key":
        # A new key in place of a lost one would start, and then read nothing of what is in the database.
        return "Put it back from your backup of the keys; 'mailflow init' makes keys for a new installation."
    return "Make it, with the password on one line, or leave the key out of mailflow.toml."


def _keys_in(text: str, where: str) -> tuple[tuple[Key, ...], list[Problem]]:
    keys: list[Key] = []
    problems: list[Problem] = []
    for number, line in enumerate(re.split(r"[\s,]+", text.strip()), start=1):
        name, _, encoded = line.partition(":")
        secret = _decoded(encoded)
        if not _ID.fullmatch(name) or secret is None:
            what = f"this is no key of {KEY_LENGTH} bytes"
            remedy = "Write a line such as k1:BASE64URL, newest first, or put the file back from your backup."
            problems.append(Problem(where, f"key {number}", what, remedy))
        elif name in (key.id for key in keys):
            remedy = "Give each key its own short name, such as k2."
            problems.append(Problem(where, f"key {number}", f"the name {name} is used twice", remedy))
        else:
            keys.append(Key(name, secret))
    return tuple(keys), problems


def _decoded(text: str) -> bytes | None:
    try:
        secret = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    # All zeroes is what a broken copy looks like, and anybody can guess it.
    return secret if len(secret) == KEY_LENGTH and any(secret) else None


def _used_twice(found: Mapping[str, tuple[Key, ...]]) -> list[Problem]:
    secrets = [key.secret for keys in found.values() for key in keys]
    if len(secrets) == len(set(secrets)):
        return []
    what = "the same secret is used for two keys"
    return [Problem("keys", "", what, "Give data, seal and index each their own; 'mailflow init' makes them.")]


def _write_new(path: Path, text: str) -> Path:
    made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(made, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return path
