"""One mail about several cases: which of its words are about which?

"0042: wachtlijst, 0043: kan maandag starten". A reference counts only where a line or clause begins with it, or with
"noteer" or "toon" and then the reference: where one stands anywhere else, nothing is taken apart, and the writer is
asked. In an answer to a list of ours (the digest), words below a quoted line belong to the case that this line names:
the only use that is made of quoted text.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mailflow.core.case import Case
from mailflow.core.lifecycle import ENDS
from mailflow.core.mail import Reading
from mailflow.core.thread import Thread

MOST_CASES = 40
"""References of one mail that are looked up; a list of ours shows fewer."""
LONGEST_TEXT = 20_000

_NUMBER = r"(?:MSI-(?:19|20)\d\d-\d{4,7}|\d{4})"
# Within a sentence only a number that looks like one of ours: 2011 and 3000 are years and postcodes.
_WITHIN = re.compile(r"(?<![\w/.+-])(?:MSI-(?:19|20)\d\d-\d{4,7}|0\d{3})(?![\w/]|[.-]\d)", re.IGNORECASE)
_LONG = re.compile(r"\bMSI-(?:19|20)\d\d-\d{4,7}\b", re.IGNORECASE)
_GAP = r"[ \t]{1,40}"
# Where words about a case begin: at a line, or after a comma, a full stop or "en".
_BEGINS = re.compile(
    rf"(?:^[ \t]{{0,40}}(?:[-*•–]{_GAP})?|(?<=[,;.]){_GAP}|{_GAP}en{_GAP})(?:en{_GAP})?"
    rf"(?:(?P<verb>noteer|toon|zoek){_GAP}(?:bij{_GAP})?)?"
    rf"(?:(?:voor|over|betreft|dossier|aanmelding|nr\.?|nummer){_GAP}){{0,2}}"
    rf"\[?(?P<name>{_NUMBER})\]?(?![\w/]|[.-]\d)[ \t]*[:=–]?[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
_ITEM = re.compile(r"\s*(?:[-*•–]\s|#)")


@dataclass(frozen=True)
class Piece:
    """Words about one case; *reference* is "" for what stands before any reference."""

    reference: str
    words: str


def mentioned(reading: Reading, thread: Thread, today: date) -> tuple[str, ...]:
    """The references, other than the thread's own, that the written words may mean: worth looking up, no more.

    A short number means this year's case or last year's.
    """
    found: dict[str, None] = {}
    quoted = [line for above, _ in reading.answered for line in above] if thread.reference is None else []
    for match in _BEGINS.finditer(reading.written[:LONGEST_TEXT]):
        found |= dict.fromkeys(_meant(match["name"], today))
    for match in _WITHIN.finditer(reading.written[:LONGEST_TEXT]):
        found |= dict.fromkeys(_meant(match[0], today))
    for match in _LONG.finditer("\n".join(quoted)[:LONGEST_TEXT]):
        found[match[0].upper()] = None
    found.pop(thread.reference or "", None)
    return tuple(found)[:MOST_CASES]


def names_a_case(reading: Reading) -> bool:
    """Whether words in it begin with a number like ours, of a case that exists or not."""
    return any(_WITHIN.fullmatch(found["name"]) for found in _BEGINS.finditer(reading.written[:LONGEST_TEXT]))


def pieces(reading: Reading, thread: Thread, known: Mapping[str, Case], today: date) -> tuple[Piece, ...]:
    """The words apart, a piece per case, in their order; () where the mail is about one case at most.

    *known* are the cases that exist among those that are mentioned, the thread's own included. A reference that names
    none of them gets a piece too: somebody must be told.
    """
    inline = thread.reference is None and any(above for above, _ in reading.answered)
    runs = reading.answered if inline else (((), reading.written[:LONGEST_TEXT]),)
    found: dict[str, list[str]] = {}
    for above, words in runs:
        apart = _apart(words, known, today, listed=thread.digest is not None)
        if apart is None:
            return ()
        below = _named_above(above) if inline else ""
        for piece in apart:
            found.setdefault(piece.reference or below, []).append(piece.words)
    if not found.keys() - {"", thread.reference}:
        return ()
    if thread.reference and "" in found:
        lead = found.pop("")
        found = {thread.reference: [*lead, *found.pop(thread.reference, [])], **found}
    joined = (Piece(reference, "\n".join(words).strip()) for reference, words in found.items())
    return tuple(piece for piece in joined if piece.words)


def _apart(words: str, known: Mapping[str, Case], today: date, *, listed: bool) -> list[Piece] | None:
    """One run of words, apart; None where a case is named in the middle of a sentence.

    *listed*: it answers our list of cases, so that a number like theirs means one, whether or not it exists.
    """
    starts = [
        (m, name)
        for m in _BEGINS.finditer(words)
        for name in (_which(m["name"], known, today),)
        # A bare number that names no case is a time, a year or a postcode.
        if name in known
        or m["verb"]
        or m["name"].upper().startswith("MSI")
        or m[0].rstrip()[-1] in ":="
        or (listed and m["name"].startswith("0"))
    ]
    begun = {m.start("name") for m, _ in starts}
    if any(m.start() not in begun and _which(m[0], known, today) in known for m in _WITHIN.finditer(words)):
        return None
    ends = [*(m.start() for m, _ in starts), len(words)]
    rest = [
        Piece(name, f"{m['verb'] or ''} {words[m.end() : end]}".strip(" \t\n,;"))
        for (m, name), end in zip(starts, ends[1:], strict=True)
    ]
    return [Piece("", words[: ends[0]]), *rest]


def _which(number: str, known: Mapping[str, Case], today: date) -> str:
    """The reference that a number means: the one case that exists, the open one of two; else as it was written."""
    there = [one for one in _meant(number, today) if one in known]
    open_ = [one for one in there if known[one].state not in ENDS]
    best = open_ or there
    return best[0] if len(best) == 1 else number.upper()


def _meant(number: str, today: date) -> Sequence[str]:
    if number.upper().startswith("MSI"):
        return (number.upper(),)
    return [f"MSI-{year}-{number}" for year in (today.year, today.year - 1)]


def _named_above(quoted: Iterable[str]) -> str:
    """The one case that the list item directly above names; "" for none, or for two.

    The taps of an item stand below it as items of their own: where these name no case, what is above them does.
    """
    item: list[str] = []
    taps = False
    for line in reversed([*quoted]):
        if not line.strip():
            if not taps:
                break
            continue
        item.append(line)
        names = {match.upper() for match in _LONG.findall("\n".join(item))}
        starts = bool(_ITEM.match(line))
        taps = starts and not names and line[:1].isspace()
        if names and (starts or len(names) > 1):
            return names.pop() if len(names) == 1 else ""
        if starts and not taps:
            return ""
    names = {match.upper() for match in _LONG.findall("\n".join(item))}
    return names.pop() if len(names) == 1 else ""
