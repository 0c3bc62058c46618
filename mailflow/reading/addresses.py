"""Who is named in an address field (RFC 5322 3.4)? Split first, decode after: an encoded "@" or "," changes nothing."""

import re
from dataclasses import dataclass, field

from mailflow.core.mail import Address
from mailflow.reading.charsets import decode_words, guess, visible

MAX_BYTES = 65_536
MAX_MAILBOXES = 1000
MAX_NAME = 500

QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
INSIDE = re.compile(r"[^<>]*")
COMMENT_MARK = re.compile(r"\\.|[()]", re.DOTALL)
# An encoded-word is one token even with a comma in it: broken senders leave commas bare. With an @ it is none.
WORD = re.compile(r'=\?[^?\s@,<>"]{1,60}\?[bBqQ]\?[^?\s@<>"]{0,500}\?=|[^\s"(),:;<>]+|\s+')
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
ADDR_SPEC = re.compile(
    r'(?:[^\s"(),:;<>@\[\]\\]{1,200}|"(?:[^"\\\r\n]|\\[^\r\n]){0,200}")'  # a dot-atom or a quoted local part
    r"@(?:[^\s\"(),:;<>@\[\]\\]{1,255}|\[[0-9A-Za-z.:]{1,60}\])"  # a domain or a literal
)


@dataclass
class _Mailbox:
    """What was seen of one mailbox so far."""

    said: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    angles: list[str] = field(default_factory=list)

    def finish(self) -> Address | None:
        """The mailbox, None when there was nothing at all."""
        written = "".join(self.said).strip()
        if not (written or self.angles):
            return None
        if self.angles:
            # Two addresses in one mailbox: whoever chose would guess.
            address = _spec(self.angles[0]) if len(self.angles) == 1 else ""
            return Address(address, _name(written) or _name(" ".join(self.comments)))
        if spec := _spec(written):
            return Address(spec, _name(" ".join(self.comments)))
        return Address("", _name(written))


def mailboxes(raw: bytes) -> tuple[Address, ...]:
    """Every mailbox of an unfolded address field, members of groups too; an unreadable address is ""."""
    value = guess(raw[:MAX_BYTES])
    found: list[Address] = []
    now = _Mailbox()
    position, quotes, comments = 0, True, True
    while position < len(value) and len(found) < MAX_MAILBOXES:
        sign = value[position]
        if sign == '"' and quotes:
            token = QUOTED.match(value, position)
            quotes = token is not None  # never closed: from here on a quote is only a letter
            now.said.append(token[0] if token else "")
            position = token.end() if token else position + 1
        elif sign == "(" and comments:
            end = _comment_end(value, position)
            comments = end > 0
            if comments:
                now.comments.append(value[position + 1 : end - 1])
                now.said.append(" ")
            position = end if comments else position + 1
        elif sign == "<":
            inside, position = _angle(value, position)
            now.angles.append(inside)
        elif sign in ",;":
            if done := now.finish():
                found.append(done)
            now, position = _Mailbox(), position + 1
        elif sign == ":" and not now.angles:
            now, position = _Mailbox(), position + 1  # what came before is the name of a group
        else:
            token = WORD.match(value, position)
            now.said.append(token[0] if token else sign)
            position = token.end() if token else position + 1
    if done := now.finish():
        found.append(done)
    return tuple(found)


def _spec(written: str) -> str:
    """The addr-spec in *written* as it stands, "" when it holds none or something unseen."""
    spec = written.strip(" \t")
    if spec.startswith("@") and ":" in spec:  # an obsolete route (RFC 5322 4.4)
        spec = spec.rpartition(":")[2].strip()
    return spec if len(spec) <= 320 and ADDR_SPEC.fullmatch(spec) and spec.isprintable() else ""


def _name(written: str) -> str:
    bare = QUOTED.sub(lambda quoted: ESCAPED.sub(r"\1", quoted[0][1:-1]), written[: 4 * MAX_NAME])
    return visible(decode_words(" ".join(bare.split())))[:MAX_NAME]


def _comment_end(value: str, position: int) -> int:
    """Just after the comment that opens at *position* (comments nest), 0 when it never closes."""
    depth = 0
    for mark in COMMENT_MARK.finditer(value, position):
        depth += {"(": 1, ")": -1}.get(mark[0], 0)
        if depth == 0:
            return mark.end()
    return 0


def _angle(value: str, position: int) -> tuple[str, int]:
    """What stands in the angle brackets that open at *position*, and where to read on."""
    quoted = QUOTED.match(value, position + 1)
    inside = INSIDE.match(value, quoted.end() if quoted else position + 1)
    end = inside.end() if inside else len(value)
    return value[position + 1 : end], end + (value[end : end + 1] == ">")
