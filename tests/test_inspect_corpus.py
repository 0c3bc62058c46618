"""`mailflow inspect --json` on mail that others wrote: real, broken and hostile."""

import json
import resource
import subprocess
import sys
import time
import tracemalloc
from types import UnionType
from typing import Any

import pytest
from needs import CORPUS

from mailflow.inspecting import show
from mailflow.settings import Settings, load

MAILS = sorted(path for path in CORPUS.rglob("*") if path.is_file())
SLOWEST_SECONDS = 20
"""Only to end a hang: how fast it is, is measured and printed."""
MOST_BYTES = 100 * 1024 * 1024
SAMPLE = MAILS[:: max(1, len(MAILS) // 8)]
PERSON = ("accept", "confirm", "involve_clb", "hold", "reject", "discard")

# Design, section 8. A tuple lists the words that are allowed; [x] is a list of x, {str: x} a table of x.
# fmt: off
SCHEMA: dict[str, Any] = {
    "message_id": str | None, "subject": str, "date": str | None, "size": int,
    "from": {"address": str, "name": str, "domain": str},
    "machine": (None, "bounce", "auto_reply", "out_of_office", "list", "loop", "calendar_reply"),
    "bounce": [None, {"recipient": str, "permanent": bool, "status": str | None, "original_message_id": str | None}],
    "proof": {
        "result": ("pass", "fail", "none"), "method": ("dkim", "spf", "arc", "authentication-results", "none"),
        "domain": str | None, "reason": str,
    },
    "sender": {
        "role": ("clb", "provider", "desk", "form_service", "school", "other", "machine"),
        "organisation": str | None, "verdict": PERSON, "reasons": [str],
    },
    "thread": {"reference": str | None, "by": ("address", "message_id", "subject", "body", None)},
    "text": str, "written": str,
    "answer": {"action": str, "evidence": str, "date": str | None, "also": [str]},
    "form": [None, {
        "source": ("text", "html", "docx", "odt", "pdf", "xlsx", "webform"),
        "values": {str: str}, "sources": {str: str}, "missing": [str], "odd": [{"field": str, "why": str}],
    }],
    "attachments": [{"name": str, "type": str, "size": int, "read": bool}],
    "suggested_providers": [{"key": str, "why": str}],
    "trace": [str],
}
# fmt: on


def wrong(value: Any, schema: Any, where: str = "") -> list[str]:
    """Where *value* is not as *schema* says; keys that are missing or too many count."""
    match schema:
        case type() | UnionType():
            fits = isinstance(value, schema) and not (schema is int and isinstance(value, bool))
            return [] if fits else [f"{where}: {type(value).__name__}"]
        case tuple():
            return [] if value in schema else [f"{where}: not one of {schema}"]
        case [None, other]:
            return [] if value is None else wrong(value, other, where)
        case [each]:
            if not isinstance(value, list):
                return [f"{where}: no list"]
            return [found for number, one in enumerate(value) for found in wrong(one, each, f"{where}[{number}]")]
        case dict() if str in schema:
            return [found for key, one in value.items() for found in wrong(one, schema[str], f"{where}.{key}")]
        case dict():
            if not isinstance(value, dict) or value.keys() != schema.keys():
                return [f"{where}: other keys"]
            return [found for key in schema for found in wrong(value[key], schema[key], f"{where}.{key}")]
    raise AssertionError(f"no such schema: {schema!r}")


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load(None)


def inspect(raw: bytes, settings: Settings) -> dict[str, Any]:
    """As the command prints it."""
    printed = json.dumps(show(raw, settings, "anyone"), ensure_ascii=False)
    printed.encode()  # a lone surrogate would not get out
    return json.loads(printed)


@pytest.mark.usefixtures("corpus")
def test_every_mail_of_the_corpus_is_shown_by_the_schema(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is in the file; how long it takes and what it needs is printed."""
    faults: dict[str, list[str]] = {}
    times: list[tuple[float, str]] = []

    for path in MAILS:
        raw, began = path.read_bytes(), time.perf_counter()
        found = wrong(inspect(raw, settings), SCHEMA)
        times.append((time.perf_counter() - began, str(path.relative_to(CORPUS))))
        if found:
            faults[times[-1][1]] = found

    slowest = max(times)
    with capsys.disabled():
        print(
            f"\ninspect: {len(times)} files, {sum(t for t, _ in times):.2f} s; slowest {slowest[1]}, {slowest[0]:.3f} s"
        )
    assert not faults
    assert slowest[0] < SLOWEST_SECONDS


@pytest.mark.usefixtures("corpus")
def test_no_mail_of_the_corpus_takes_much_memory(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """Of the files that are largest or took longest before: never more than the limit of the design."""
    heaviest = sorted(MAILS, key=lambda path: path.stat().st_size)[-40:]
    peaks: list[tuple[int, str]] = []

    tracemalloc.start()
    for path in heaviest:
        raw = path.read_bytes()
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        inspect(raw, settings)
        peaks.append((tracemalloc.get_traced_memory()[1] - before, str(path.relative_to(CORPUS))))
    tracemalloc.stop()

    most, process = max(peaks), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    with capsys.disabled():
        print(f"\ninspect: most memory {most[0] / 1e6:.1f} MB, for {most[1]}; this whole process {process} MB")
    assert most[0] < MOST_BYTES


@pytest.mark.usefixtures("corpus")
@pytest.mark.parametrize("number", range(8))
def test_the_command_itself_prints_the_schema(number: int) -> None:
    """A process of its own, as a person starts it: status 0, one JSON object, nothing on standard error."""
    command = [sys.executable, "-m", "mailflow", "inspect", str(SAMPLE[number]), "--json"]

    done = subprocess.run(command, capture_output=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, b"")
    assert not wrong(json.loads(done.stdout), SCHEMA)


NASTY = {
    "nothing": b"",
    "no mail at all": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40,
    "only a header": b"Subject: x",
    "a lone surrogate": b"From: a@b.example\r\nSubject: =?utf-8?b?7aCA?=\r\n"
    b"Content-Type: text/plain; charset=utf-7\r\n\r\n+2AA-",
    "a null byte": b"From: a@b.example\r\nSubject: a\0b\r\n\r\n\0\x1b[2J\0",
    "5000 nested parts": b"From: a@b.example\r\n"
    + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(5000)),
    "a million lines": b"From: a@b.example\r\n\r\n" + b"Voornaam: Noor\r\n" * 70_000,
    "30 MB": b"From: a@b.example\r\n\r\n" + b"x" * 76 * 400_000,
}


@pytest.mark.parametrize("name", NASTY)
def test_nasty_bytes_are_shown_by_the_schema(name: str, settings: Settings) -> None:
    """What no sane person mails, and somebody will."""
    began = time.perf_counter()

    found = inspect(NASTY[name], settings)

    assert not wrong(found, SCHEMA)
    assert time.perf_counter() - began < SLOWEST_SECONDS


def test_the_schema_notices_what_is_wrong(settings: Settings) -> None:
    """The test of this test: a key too many, one too few, a wrong kind, a word that is not allowed."""
    good = inspect(b"From: a@b.example\r\n\r\nx", settings)

    assert not wrong(good, SCHEMA)
    assert wrong({**good, "extra": 1}, SCHEMA)
    assert wrong({key: value for key, value in good.items() if key != "trace"}, SCHEMA)
    assert wrong({**good, "size": True}, SCHEMA)
    assert wrong({**good, "trace": [1]}, SCHEMA)
    assert wrong({**good, "machine": "robot"}, SCHEMA)
    assert wrong({**good, "form": {}}, SCHEMA)


def test_a_form_is_shown_by_the_schema(settings: Settings) -> None:
    """The corpus and what is nasty hold none: each value says where it was read."""
    body = b"Voornaam: Noor\r\nAchternaam: Voorbeeld\r\nGeboortedatum: 12/03/2011\r\nPostcode: 1\r\nSchool: Sint-Voorbeeld\r\n"
    found = inspect(b"From: an@clb.example\r\nSubject: Aanmelding\r\n\r\n" + body, settings)

    assert not wrong(found, SCHEMA)
    assert found["form"]["odd"]
    assert found["form"]["sources"].keys() == found["form"]["values"].keys()
    assert found["form"]["sources"]["first_name"] == "text"
