"""Mails made worse: bits flipped, cut short, headers swapped, charsets that lie. No crash, no hang, and the limits hold."""

import random
import resource
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from outcome import SEED, Row

from mailflow.app import reader_of
from mailflow.core.mail import Envelope
from mailflow.core.understand import understand
from mailflow.discretion import where
from mailflow.settings import load

HERE = Path(__file__).resolve().parents[1]
CORPUS = HERE.parent.parent / "shared" / "corpus"
LARGEST = 3_000
"""Bytes; larger mails are left out: what they cost is measured elsewhere, and damage to a small one hits more often."""
SECONDS = 5
MEGABYTES = 2_000
CHARSETS = (b"utf-8", b"utf-7", b"utf-16", b"iso-2022-jp", b"hz", b"x-unknown", b"us-ascii", b"punycode", b"idna", b"undefined", b"rot13", b"zip", b"unicode_escape", b"cp037")  # fmt: skip
NAMES = (b"Content-Type", b"Content-Transfer-Encoding", b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Reply-To", b"Received", b"MIME-Version", b"Content-Disposition", b"DKIM-Signature", b"Auto-Submitted", b"References")  # fmt: skip
ENCODINGS = (b"base64", b"quoted-printable", b"7bit", b"8bit", b"binary", b"x-uuencode", b"nonsense")
TOKENS = (b"\r\n", b"\n", b"\r", b"\0", b"=?utf-8?q?", b"?=", b"<", b">", b"\"", b";", b"--", b"boundary=", b"&lt;", b"<table>", b"=00", b"\xff\xfe", "\u202e".encode(), b"(", b")" , b"<!--", b"%PDF-", b"PK\x03\x04")  # fmt: skip


def seeds() -> list[bytes]:
    """Every mail of the tests, and those of others where they are there."""
    files = sorted(HERE.rglob("*.eml"))
    if CORPUS.is_dir():
        files += sorted(one for one in CORPUS.rglob("*") if one.is_file() and "trimmed" not in str(one))
    return [raw for file in files if len(raw := file.read_bytes()) <= LARGEST]


def mutated(raw: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """The mail after one to four changes."""
    found = bytearray(raw)
    for _ in range(chance.randint(1, 4)):
        found = _changed(found, chance, others)
    return bytes(found[: 2 * LARGEST])


def _changed(raw: bytearray, chance: random.Random, others: list[bytes]) -> bytearray:
    at = chance.randrange(len(raw) + 1)
    match chance.randrange(10):
        case 0:
            for _ in range(chance.randint(1, 30)):
                if raw:
                    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
            return raw
        case 1:
            return raw[:at]
        case 2:
            lines = bytes(raw).split(b"\n")
            for _ in range(chance.randint(1, 5)):
                first, second = chance.randrange(len(lines)), chance.randrange(min(len(lines), 30))
                lines[first], lines[second] = lines[second], lines[first]
            return bytearray(b"\n".join(lines))
        case 3:
            return _replaced(raw, b"charset=", chance.choice(CHARSETS), chance)
        case 4:
            return _replaced(raw, b"Content-Transfer-Encoding: ", chance.choice(ENCODINGS), chance)
        case 5:
            name = chance.choice(NAMES)
            return bytearray(name + b": " + chance.choice(NAMES) + b" " + bytes(raw[at : at + 60]) + b"\r\n" + raw)
        case 6:
            other = chance.choice(others)
            return raw[:at] + other[chance.randrange(len(other) + 1) :]
        case 7:
            size = chance.randint(1, 400)
            return raw[:at] + raw[at : at + size] * chance.randint(2, 60) + raw[at:]
        case 8:
            return raw[:at] + chance.choice(TOKENS) * chance.choice((1, 2, 50, 3000)) + raw[at:]
        case _:
            return raw[:at] + raw[at + chance.randint(1, 200) :]


def _replaced(raw: bytearray, after: bytes, by: bytes, chance: random.Random) -> bytearray:
    places = [n for n in range(len(raw)) if raw.startswith(after, n)] if after in raw else []
    if not places:
        return raw
    at = chance.choice(places) + len(after)
    end = next((n for n in range(at, min(len(raw), at + 40)) if raw[n : n + 1] in b"\r\n;"), at)
    return raw[:at] + by + raw[end:]


@dataclass
class Slow(Exception):
    """Reading took too long."""


def mutants(_base: Path, count: int) -> Row:
    """So many mutants, read and understood; whatever goes wrong is named by the number that makes it again."""
    chunks = [range(start, min(start + 250, count)) for start in range(0, count, 250)]
    with get_context("fork").Pool(2, initializer=_bounded) as pool:
        found = list(pool.imap_unordered(_read_all, chunks))
    wrong = sorted(line for lines, _ in found for line in lines)
    slowest = max((slow for _, slow in found), default=0.0)
    return Row(
        fault="hostile mail", how="bits, cuts, headers, charsets", times=count,
        seen=f"the slowest took {slowest:.1f} s", wrong=tuple(wrong[:20]),
    )  # fmt: skip


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES * 1_000_000, MEGABYTES * 1_000_000))
    signal.signal(signal.SIGVTALRM, _too_slow)


def _too_slow(*_: object) -> None:
    raise Slow


def one(number: int, of: list[bytes]) -> bytes:
    """Mutant *number*: the same at every run."""
    chance = random.Random(SEED * 1_000_003 + number)
    return mutated(chance.choice(of), chance, of)


def _read_all(numbers: range) -> tuple[list[str], float]:
    of, read = _seeds(), _reading()
    wrong, slowest = [], 0.0
    for number in numbers:
        raw = one(number, of)
        began = time.process_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)  # of its own time: another program may be busy
        try:
            read(raw)
        except BaseException as fault:  # whatever it is, it is wrong
            wrong.append(f"mutant {number}: {where(fault)}")
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        slowest = max(slowest, time.process_time() - began)
    return wrong, slowest


_kept: dict[str, object] = {}


def _seeds() -> list[bytes]:
    if "seeds" not in _kept:
        _kept["seeds"] = seeds()
    return _kept["seeds"]


def _reading():
    if "settings" not in _kept:
        _kept["settings"] = load(None)
    settings = _kept["settings"]
    reader = reader_of(settings)
    today = datetime(2026, 11, 29, tzinfo=UTC).date()

    def read(raw: bytes) -> None:
        reading = reader.read(raw, Envelope(mail_from="a@x.example", recipients=("meldpunt@meldpunt.example",)))
        understand(reading, settings.rules, today)

    return read


def numbered(numbers: Iterator[int]) -> Iterator[bytes]:
    """For a closer look at some of them."""
    return (one(number, _seeds()) for number in numbers)
