"""What did this person write now, apart from quotes, signature and what their mail program added?"""

from collections import deque
from dataclasses import dataclass

from mailflow.reading.quote_marks import (
    attribution_at,
    divider_at,
    foreign_attribution,
    header_block_at,
    is_quoted,
    is_rule,
    unmarked,
)
from mailflow.reading.signatures import without_additions

# Nobody answers in more than this; what comes after it counts as quoted, so that one mail costs a bounded time.
MOST_LINES = 20_000
MOST_ABOVE = 12
"""Quoted lines that are remembered with what was written below them: an item of a list of ours is shorter."""


@dataclass(frozen=True)
class Split:
    """One text in two: *written* now by this person, and *quoted* by them. Signatures are in neither."""

    written: str
    quoted: str
    answered: tuple[tuple[tuple[str, ...], str], ...] = ()
    """(the quoted lines directly above, without their marks, and what was written below them) of each own run of
    lines: *written* again, with what it answers."""
    whole: bool = False
    """Nothing was left as written, so *written* is the full text: look for a form in it, not for an answer."""


def split(text: str) -> Split:
    """Tell new words from quoted ones; *text* has LF line ends. Never raises, takes time linear in the text.

    An answer between quoted lines stays in *written*, the lines that it answers in *quoted*. Below a header block
    or an "Op … schreef …:" without "> " everything is quoted, a forwarded form included.
    """
    lines = text.split("\n")
    runs, quoted = _parted(lines)
    answered = tuple((above, part) for above, run in runs if (part := without_additions(run)))
    written = "\n\n".join(part for _, part in answered)
    below = "\n".join(quoted).strip("\n")
    if not written.strip():
        return Split(text.strip(), "", whole=True)
    return Split(written, below, answered)


def _parted(lines: list[str]) -> tuple[list[tuple[tuple[str, ...], list[str]]], list[str]]:
    """The runs of lines that are not quoted, each below the quoted lines directly above it, and all quoted lines."""
    runs: list[tuple[tuple[str, ...], list[str]]] = [((), [])]
    above: deque[str] = deque(maxlen=MOST_ABOVE)
    quoted: list[str] = []
    foreign = foreign_attribution(lines)
    at = 0
    while at < len(lines):
        after = _quote_begins(lines, at, foreign=foreign)
        if after is None:
            runs[-1][1].append(lines[at])
            at += 1
            continue
        own = runs[-1][1]
        if any(line.strip() for line in own):
            _drop_rule(own)
            above.clear()
        else:
            above += own
            runs.pop()
        if after > at and not _marked_below(lines, after):
            quoted += lines[at:]
            break
        after = max(after, at + 1)
        quoted += lines[at:after]
        above += (unmarked(line) for line in lines[at:after][-MOST_ABOVE:])
        at = after
        runs.append((tuple(above), []))
    return runs, quoted


def _quote_begins(lines: list[str], at: int, *, foreign: tuple[int, int] | None) -> int | None:
    """The line after the words that introduce a quote here; *at* itself for a "> " line; None for own words."""
    if at >= MOST_LINES:
        return len(lines)
    if is_quoted(lines[at]):
        return at
    after = divider_at(lines, at) or header_block_at(lines, at) or attribution_at(lines, at)
    if after is None and foreign is not None and at == foreign[0]:
        return foreign[1]
    return after


def _marked_below(lines: list[str], at: int) -> bool:
    """Is the first line with words from *at* marked with ">"? Then what is unmarked below it may be an answer."""
    return next((is_quoted(line) for line in lines[at : at + 5] if line.strip()), False)


def _drop_rule(run: list[str]) -> None:
    """Take the drawn line above a header block away: Outlook draws it, no person."""
    while run and (not run[-1].strip() or is_rule(run[-1])):
        run.pop()
