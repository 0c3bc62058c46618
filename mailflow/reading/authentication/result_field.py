"""What an Authentication-Results field says (RFC 8601), read leniently where its shape allows only one reading.

Strangers choose what stands inside quotes and comments of such a field: those are read first, and never for results.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

LONGEST = 10_000
SIGN = re.compile(r'"(?:[^"\\]|\\.)*"|\\.|[();]|[^"\\();]+', re.DOTALL)
PAIR = re.compile(r"([A-Za-z][A-Za-z0-9.-]{0,60})\s{0,20}=\s{0,20}(\S{1,320})")
RESULT = re.compile(r"\s{0,100}([a-z][a-z0-9-]{0,40})\s{0,20}=\s{0,20}([a-z]{1,40})(?![^\s])", re.IGNORECASE)
DEEPEST = 20


@dataclass(frozen=True)
class Result:
    """One method's result with its properties, all in lower case: dmarc, pass, {"header.from": "clb.example"}."""

    method: str
    value: str
    properties: dict[str, str] = field(default_factory=dict)


def results_in(value: str) -> tuple[Result, ...] | None:
    """Every result of a field's value, the name in front of the first ";" left out; None when it cannot be read."""
    pieces = _pieces(value)
    if pieces is None:
        return None
    return tuple(found for piece in pieces if (found := _result(piece)) is not None)


def names_a_host(value: str) -> bool:
    """Whether an authserv-id stands in front, as RFC 8601 asks; Exchange Online begins with its first result."""
    pieces = _pieces(value)
    return pieces is None or not pieces or _result(pieces[0]) is None


def only(results: tuple[Result, ...], method: str) -> Result | None:
    """The one result of that method; None when there is none, or more than one."""
    found = [one for one in results if one.method == method]
    return found[0] if len(found) == 1 else None


def domain_of(value: str) -> str:
    """The domain of a property that may be an address, "@domain" or a domain."""
    return value.rpartition("@")[2].strip("<>.")


def _pieces(value: str) -> list[str] | None:
    """*value* cut at each ";" that stands in no quotes and no comment, comments left out and quotes emptied."""
    if len(value) > LONGEST:
        return None
    pieces, depth, position = [""], 0, 0
    while position < len(value):
        sign = SIGN.match(value, position)
        if sign is None:  # a quote that is never closed
            return None
        position = sign.end()
        depth, said = _next(sign[0], depth)
        if depth < 0 or depth > DEEPEST:
            return None
        if said == ";":
            pieces.append("")
        else:
            pieces[-1] += said
    return pieces if depth == 0 else None


def _next(sign: str, depth: int) -> tuple[int, str]:
    """The depth of comments after *sign*, and what it says."""
    if sign == "(":
        return depth + 1, " "
    if sign == ")":
        return depth - 1, " "
    if depth:
        return depth, ""
    return depth, '""' if sign.startswith('"') else sign


def _result(piece: str) -> Result | None:
    head = RESULT.match(piece)
    if head is None:
        return None
    properties: dict[str, str] = {}
    for name, said in _pairs(piece[head.end() :]):
        if properties.setdefault(name, said) != said:
            return Result(head[1].lower(), "unclear")
    return Result(head[1].lower(), head[2].lower(), properties)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    return ((pair[1].lower(), pair[2].lower()) for pair in PAIR.finditer(text))
