"""How mail programs introduce what they quote: Dutch, French and English by our own rules, the rest by quotequail."""

import re

# fmt: off
KINDS: dict[str, frozenset[str]] = {
    "from":    frozenset({"van", "from", "de", "von", "da", "expéditeur", "afzender"}),
    "date":    frozenset({"verzonden", "verstuurd", "datum", "sent", "date", "envoyé", "gesendet", "enviado", "data",
                          "verzonden op", "envoyé le"}),
    "to":      frozenset({"aan", "to", "à", "an", "para", "a", "pour"}),
    "subject": frozenset({"onderwerp", "subject", "objet", "betreff", "asunto", "oggetto", "sujet"}),
    "more":    frozenset({"cc", "kopie", "bcc", "antwoord aan", "reply-to", "répondre à", "prioriteit", "importance",
                          "urgentie", "bijlagen", "attachments", "risposta"}),
}
# fmt: on
KIND_OF = {label: kind for kind, labels in KINDS.items() for label in labels}
HEADER_LINE = re.compile(
    r"[ \t]{0,8}\*{0,2}([^\W\d_][^:*\n]{0,18}?)[ \xa0]?\*{0,2}:\*{0,2}[ \t\xa0]*(\S.{0,400})?$",
)
# A header block holds at most this many lines: five fields, some wrapped, with blank lines between them.
BLOCK_LINES = 16

DIVIDER = re.compile(
    r"[ \t]{0,4}(?:[-_=*]{2,40} ?)?"
    r"(?:(?:oorspronkelijk|origineel|doorgestuurd|begin doorgestuurd) bericht|oorspronkelijke e-mail"
    r"|original message|forwarded message|begin forwarded message|original appointment|reply message"
    r"|message d'origine|message original|message transféré|message transmis|début du message transféré"
    r"|début du message réexpédié|mensaje original|ursprüngliche nachricht)"
    r"(?:\s?[-_=*]{2,40}|:)?\s{0,4}$",
    re.IGNORECASE,
)

# What opens and what closes the line that introduces a quote; between them stand a date and a name.
OPENS = re.compile(r"[ \t]{0,4}(?:-{2,8} ?)?(?:op|on|le|el|am|en date du)\s", re.IGNORECASE)
CLOSES = re.compile(
    r"(?:schreef|het volgende geschreven|geschreven|wrote|a écrit|a écrit ce qui suit|escribió|schrieb)\b.{0,200}"
    r"(?::|-{3,8})\s{0,8}$",
    re.IGNORECASE,
)
# Roundcube and older programs: "An Peeters schreef op 2026-11-03 10:02:".
NAME_FIRST = re.compile(
    r"[ \t]{0,4}\S.{0,120}?\s(?:schreef op|wrote on|a écrit le)\s.{0,80}\d.{0,40}:\s{0,8}$",
    re.IGNORECASE,
)
# Gmail in other tongues: "2026-11-03 10:02 GMT+01:00 An <an@clb.example>:" and "3 nov 2026 10:02 "An" <…> …:".
DATE_FIRST = re.compile(r"[ \t]{0,4}\d{1,4}[-/. ].{4,160}<[^<>\s]{1,120}@[^<>\s]{1,120}>(?:.{0,20}:)?\s{0,8}$")
# A real date of a mail program has a clock time or an address beside it; "Op maandag schreef de school:" has neither.
TIME_OR_ADDRESS = re.compile(r"\d{1,2}[:.hu]\d{2}|\S@\S")
ADDRESS = re.compile(r"<\s?[^<>\s@]{1,80}@[^<>\s@]{1,120}\s?>")
MOST_WRAPS = 5
LONGEST = 500


def is_quoted(line: str) -> bool:
    """Does the line carry a quote mark in front?"""
    start = line.lstrip(" \t\xa0")
    return start.startswith(">") or (line[:1] == "|" and line.count("|") == 1)


def unmarked(line: str) -> str:
    """The line without the quote marks in front of it."""
    return line.lstrip(" \t\xa0>|") if is_quoted(line) else line


def is_rule(line: str) -> bool:
    """Is it a drawn line of dashes or underscores?"""
    bare = line.strip()
    return len(bare) >= 5 and not bare.strip("-_=*")


def divider_at(lines: list[str], at: int) -> int | None:
    """The line after "-----Oorspronkelijk bericht-----" and the header block below it, if that stands here."""
    line = lines[at]
    if len(line) > 120 or not DIVIDER.match(line):
        return None
    bare = line.strip()
    if bare[0] not in "-_=*" and not bare.endswith(":"):
        return None
    below = next((number for number in range(at + 1, min(at + 4, len(lines))) if lines[number].strip()), None)
    block = None if below is None else header_block_at(lines, below)
    return block or at + 1


def header_block_at(lines: list[str], at: int) -> int | None:
    """The line after a "Van: / Verzonden: / Aan: / Onderwerp:" block that begins here.

    A form also holds "Label: value" lines, perhaps even "Van:". So the block must be of header lines only, begin with
    its From, hold two others of date, to and subject, and show a clock time, a year or an address.
    """
    if _kind(lines[at]) != "from" or (first := HEADER_LINE.match(lines[at])) is None or not first[2]:
        return None
    seen = {"from"}
    proof = "@" in first[2]
    last = at
    wrapped = blank = 0
    for number in range(at + 1, min(at + BLOCK_LINES, len(lines))):
        line = lines[number]
        if not line.strip():
            blank += 1
            if blank > 1:
                break
            continue
        kind = _kind(line)
        if kind is None or kind == "from":
            # An address or a name list that runs on; anything with its own label ends the block.
            if HEADER_LINE.match(line) or blank or wrapped >= 3:
                break
            wrapped += 1
        else:
            seen.add(kind)
            wrapped = blank = 0
            last = number
        proof = proof or _dated(line)
    return last + 1 if len(seen - {"more"}) >= 3 and proof else None


def attribution_at(lines: list[str], at: int) -> int | None:
    """The line after "Op … schreef …:", which may run over several lines, if it begins here."""
    first = lines[at]
    if len(first) > LONGEST:
        return None
    if (NAME_FIRST.match(first) or DATE_FIRST.match(first)) and TIME_OR_ADDRESS.search(first):
        return at + 1
    if (after := _addressed(lines, at)) is not None:
        return after
    joined = ""
    blanks = 0
    date_first = bool(re.match(r"\d{4}-\d\d-\d\d \d", first))
    if not (OPENS.match(first) or date_first):
        return None
    for number in range(at, min(at + MOST_WRAPS + 3, len(lines))):
        line = lines[number]
        if not line.strip():
            # Some programs put the address on lines of its own: allowed once a date stood in front.
            blanks += 1
            if blanks > 2 or not _dated(joined):
                return None
            continue
        joined = f"{joined} {line.strip().lstrip('> ')}".strip()
        if len(joined) > LONGEST:
            return None
        if CLOSES.search(joined) or (date_first and DATE_FIRST.match(joined)):
            known = TIME_OR_ADDRESS.search(joined) or any(is_quoted(below) for below in lines[number + 1 : number + 3])
            return number + 1 if known else None
    return None


def _addressed(lines: list[str], at: int) -> int | None:
    """In any tongue: up to three lines that show an address in brackets, end in ":" and stand above a "> " line."""
    joined = ""
    if not any(line.rstrip().endswith(":") for line in lines[at : at + 3]):
        return None
    if not ("<" in lines[at] or _dated(lines[at])):
        return None
    for number in range(at, min(at + 3, len(lines))):
        line = lines[number].strip()
        if not line or is_quoted(line) or len(line) > 200 or (joined and OPENS.match(line)):
            return None
        joined = f"{joined} {line}"
        if line.endswith(":"):
            below = next((text for text in lines[number + 1 : number + 3] if text.strip()), "")
            return number + 1 if is_quoted(below) and ADDRESS.search(joined) else None
    return None


def foreign_attribution(lines: list[str]) -> tuple[int, int] | None:
    """First line of, and line after, what quotequail knows in the languages that our own rules leave out."""
    likely = 0
    asked = []
    for line in lines[:2_000]:
        keep = len(line) <= 200 and line.rstrip().endswith((":", "-")) and not is_rule(line) and not OPENS.match(line)
        likely += keep
        # Its patterns try every pair of brackets in a line: few and short lines keep that cheap.
        asked.append(line if keep and likely <= 40 and line.count("<") <= 2 else "")
    if not likely:
        return None
    import quotequail  # noqa: PLC0415 - it is slow to load, and most mails have no such line

    text = "\n".join(asked)
    above = quotequail.quote(text, limit=len(asked) + 2, quote_intro_line=True)
    if len(above) < 2:
        return None
    above_and_intro = quotequail.quote(text, limit=len(asked) + 2)
    start = above[0][1].count("\n") + 1 if above[0][1] or above[1][1] != text else 0
    return start, max(above_and_intro[0][1].count("\n") + 1, start + 1)


def _kind(line: str) -> str | None:
    found = HEADER_LINE.match(line) if len(line) <= LONGEST else None
    return KIND_OF.get(found[1].strip().lower()) if found else None


def _dated(line: str) -> bool:
    return bool(TIME_OR_ADDRESS.search(line[:LONGEST]) or re.search(r"\b20\d\d\b", line[:LONGEST]))
