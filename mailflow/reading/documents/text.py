"""Plain text to label and value pairs: `Label: value` in the ways that people and mail programs write it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from mailflow.core.mail import Pair

Known = Callable[[str], bool]
"""Is this text the label of a form field? Unusual shapes are split only where it says so."""

MAX_CHARACTERS = 4_000_000
MAX_LINES = 5_000
MAX_VALUE = 100_000
MAX_LABEL = 160
MAX_COLUMNS = 2_000
"""Characters of a line that is looked at for columns."""
MAX_PROSE_WORDS = 6
"""An unknown label of more words is a sentence with a colon."""

# fmt: off
ASIDES = frozenset({
    "let op", "opgelet", "nb", "n.b", "ps", "p.s", "bv", "bijv", "bijvoorbeeld", "vb", "voorbeeld", "noot",
    "nota bene", "kortom", "samengevat", "concreet", "dus",
    "gevolg", "resultaat", "conclusie", "http", "https", "mailto",
})
VERBS = frozenset({
    "is", "zijn", "was", "waren", "heeft", "hebben", "had", "zegt", "zeggen", "zei", "zeiden", "vertelt", "vertelde",
    "vraagt", "vroeg", "schrijft", "schreef",
    "wil", "willen", "gaat", "gaan", "ging", "komt", "kwam", "vindt", "vond", "meldt", "meldde", "blijkt", "bleek",
    "kan", "kunnen", "moet", "moeten", "zie",
})
CONTACT = frozenset({
    "t", "tel", "telefoon", "m", "gsm", "mobiel", "e", "mail", "e-mail", "email", "fax", "f", "w", "web", "website",
    "adres", "bereikbaar", "werkdagen", "aanwezig",
})
# fmt: on
_FAREWELL = re.compile(
    r"(?:--|_{5,}|-{3,}|m\.?v\.?g\b|(?:met )?(?:zeer |heel )?(?:vriendelijke|hartelijke|warme|beste|collegiale)n? groet"
    r"|groet(?:en|jes)?\b|hoogachtend|cordialement|kind regards|alvast bedankt|bedankt\b|dank (?:je|u)"
    r"|verzonden vanaf|verstuurd vanaf|sent from)",
    re.IGNORECASE,
)
_BULLET = re.compile(
    r"[ \t]*(?:[-–—*•·▪◦‣►➢✓>]+[ \t]+|o[ \t]{2,}|\(?\d{1,3}(?:\.\d{1,3}){0,2}[.)]+[ \t]*|\(?[a-zA-Z][.)][ \t]+)"
)
_GAPS = re.compile(r"\t+| {2,}")
_LEADERS = re.compile(r"\.{3,}|_{3,}")
_BOX = re.compile(r"\[[ \t]{0,3}[xXvV*✓✔✗]?[ \t]{0,3}\]|\([ \t]?[xXvV✓✔]?[ \t]{1,2}\)|\([xXvV✓✔]\)|[☐☑☒□■⬜✅✔✓]")
_TICKED = re.compile(r"[xXvV*✓✔✗☑☒■✅]")
_BULLET_BEFORE_BOX = re.compile(r"(?m)^[ \t]{0,8}[-*•][ \t]{1,4}(?=[\[(☐☑☒□■])")


@dataclass
class _Open:
    """A pair that still grows; loose text has no label."""

    label: str
    line: int
    depth: int
    bare: bool = False
    """The label stood alone on its line, without a colon."""
    value: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, text: str) -> None:
        """One more line, as far as the limit goes."""
        room = MAX_VALUE - self.size
        if text.strip() and room > 0:
            self.value.append(text.strip()[:room])
            self.size += len(self.value[-1]) + 1


@dataclass(frozen=True)
class _Line:
    number: int
    depth: int
    text: str

    @property
    def blank(self) -> bool:
        return not self.text.strip()


def pairs(text: str, *, known: Known | None = None) -> tuple[Pair, ...]:
    """The pairs of a plain text in order; () when it has no label at all.

    Loose text between them comes as a pair without a label: a heading, or a further paragraph of the answer above it.
    A ticked box gives the words beside it, no ticked box gives "". Never raises; reads at most MAX_LINES lines.
    """
    lines = _rejoined(_lines(text), known) if known else _lines(text)
    spaced = _double_spaced(lines)
    found: list[_Open] = []
    current: _Open | None = None
    over = after_blank = False
    for line in lines:
        if line.blank:
            # In double-spaced text an empty line says nothing: a label there still waits for its value.
            current = current if current and spaced and current.label and not current.value else None
            after_blank = True
            continue
        new = _labelled(line, known, current)
        if new and over and all(one.label.casefold().rstrip(".") in CONTACT for one in new):
            continue  # the writer's signature, not an answer
        if new:
            found += new
            current, over = new[-1], False
        elif current is None and _FAREWELL.match(line.text.strip()[:80]):
            over = True
        elif current and _goes_on(current, line, after_blank=after_blank):
            current.add(line.text)
        elif not over:
            current = _Open("", line.number, line.depth)
            current.add(line.text)
            found.append(current)
        after_blank = False
    if not any(one.label for one in found):
        return ()
    return tuple(Pair(one.label, ticked("\n".join(one.value)), one.line) for one in found if one.label or one.value)


def ticked(value: str) -> str:
    """The words beside the ticked boxes of *value*, "" when none is ticked; text without boxes as it is."""
    boxes = _BULLET_BEFORE_BOX.sub("", value).strip()
    marks = list(_BOX.finditer(boxes))
    if not marks:
        return value
    ends = [*(mark.start() for mark in marks[1:]), len(boxes)]
    if marks[0].start() == 0:
        words = [boxes[mark.end() : end] for mark, end in zip(marks, ends, strict=True)]
    elif marks[-1].end() == len(boxes):
        starts = [0, *(mark.end() for mark in marks[:-1])]
        words = [boxes[start : mark.start()] for start, mark in zip(starts, marks, strict=True)]
    else:
        return value
    chosen = [word.strip(" \t\n,;/|") for mark, word in zip(marks, words, strict=True) if _TICKED.search(mark[0])]
    return ", ".join(word or "ja" for word in chosen)


def _lines(text: str) -> list[_Line]:
    plain = text[:MAX_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n").translate(_BLANKS)
    lines = []
    for number, raw in enumerate(plain.split("\n", MAX_LINES)[:MAX_LINES], 1):
        depth, rest = 0, raw
        while rest.lstrip(" ").startswith(">") and depth < 20:
            depth, rest = depth + 1, rest.lstrip(" ")[1:]
        lines.append(_Line(number, depth, rest))
    return lines


def _rejoined(lines: list[_Line], known: Known) -> list[_Line]:
    """The lines with a question whole again that a mail program wrapped inside the parentheses behind its label."""
    whole: list[_Line] = []
    for line in lines:
        last = whole[-1] if whole else None
        if last and last.depth == line.depth and not line.blank and _breaks_off(last.text, known):
            whole[-1] = _Line(last.number, last.depth, f"{last.text.rstrip()} {line.text.strip()}")
        else:
            whole.append(line)
    return whole


def _breaks_off(text: str, known: Known) -> bool:
    label, opening, hint = text.partition("(")
    if not opening or len(text) > MAX_LABEL or ")" in hint or ":" in text:
        return False
    return known(label.strip(" \t*_"))


# No-break and other wide spaces are spaces; a byte order mark and zero-width space are nothing.
_BLANKS = {0xA0: " ", 0x2007: " ", 0x202F: " ", 0x3000: " ", 0xFEFF: None, 0x200B: None, 0x2028: "\n", 0x2029: "\n"}


def _double_spaced(lines: list[_Line]) -> bool:
    """Does an empty line follow nearly every line, as when HTML paragraphs became text?"""
    full = [at for at, line in enumerate(lines) if not line.blank]
    followed = sum(1 for at in full if at + 1 < len(lines) and lines[at + 1].blank)
    return len(full) >= 6 and followed >= 0.8 * (len(full) - 1)


def _goes_on(current: _Open, line: _Line, *, after_blank: bool) -> bool:
    """Does this line belong to the value above it? At another depth of quoting it may begin, not go on."""
    if current.value:
        return line.depth == current.depth
    return line.depth <= current.depth and not (after_blank and _is_heading(line.text))


def _is_heading(text: str) -> bool:
    bare = text.strip()
    return (
        bare.startswith(("==", "##", "--", "**"))
        or bool(_FAREWELL.match(bare[:80]))
        or (bare.isupper() and " " in bare)
    )


def _labelled(line: _Line, known: Known | None, current: _Open | None) -> list[_Open]:
    """The pairs that begin on this line: one as a rule, several in columns, none when it is no label."""
    bullet = _BULLET.match(line.text)
    text = line.text[bullet.end() :] if bullet else line.text
    for body in dict.fromkeys((text.strip(), line.text.strip())):
        read = _columns(body, known) or _colon(body, known) or _dashed(body, known)
        if read:
            return [_opened(label, value, line) for label, value in read]
    waits = current is not None and current.label and not current.value
    shouts = text.strip().isupper()
    alone = (
        current is None
        or (current.bare and not waits)
        or (waits and (shouts or (current.bare and current.depth == line.depth)))
    )
    bare = text.strip(" \t*_")
    if known and alone and len(bare) <= MAX_LABEL and bare[:1].isupper() and known(bare):
        return [_Open(bare, line.number, line.depth, bare=True)]
    return []


def _opened(label: str, value: str, line: _Line) -> _Open:
    new = _Open(label, line.number, line.depth)
    new.add(value)
    return new


def _columns(text: str, known: Known | None) -> list[tuple[str, str]]:
    """`Voornaam: Noor   Naam: Voorbeeld`, `Voornaam<tab>Noor`, `| Voornaam | Noor |`, `Voornaam ..... Noor`."""
    if len(text) > MAX_COLUMNS:
        return []
    wide = text
    if ":" not in text:
        wide = _LEADERS.sub("\t", text.replace("|", "\t").replace("…", "\t"))
        wide = wide.replace("=", "\t") if known and not text.startswith("=") else wide
    pieces = [piece.strip(" *") for piece in _GAPS.split(wide) if piece.strip(" *")]
    if known is None:
        aligned = (
            len(pieces) == 2
            and ("\t" in wide or "   " in wide)
            and ":" not in text
            and len(pieces[0].split()) <= MAX_PROSE_WORDS
        )
        return [(pieces[0], pieces[1])] if aligned and _looks_like_label(pieces[0], "", known=None) else []
    if wide == text and len(pieces) < 2:
        return []
    read: list[tuple[str, str]] = []
    for piece in pieces:
        inner = _colon(piece, known)
        if inner and (not read or known(inner[0][0])):
            read += inner
        elif known(piece) and (not read or read[-1][1]):
            read.append((piece, ""))
        elif read:
            read[-1] = (read[-1][0], f"{read[-1][1]} {piece}".lstrip(" :"))
        else:
            return []
    # A label alone is no column; it is for the line below.
    return read if len(read) > 1 or (read and read[0][1]) or wide != text else []


def _colon(text: str, known: Known | None) -> list[tuple[str, str]]:
    """`Label: value`, `*Label:* value`; the colon that counts stands outside parentheses."""
    at = _colon_at(text)
    if at < 0:
        return []
    starred = text[:1] in "*_"
    label, value = text[:at].strip(" \t*_"), text[at + 1 :].strip()
    value = value.lstrip("*_ ").strip() if starred or value.startswith(("* ", "** ")) or value in ("*", "**") else value
    if starred and value.endswith("*") and value.count("*") == 1:
        value = value[:-1].strip()
    return [(label, value)] if _looks_like_label(label, text[at + 1 : at + 3], known=known) else []


def _colon_at(text: str) -> int:
    depth = 0
    for at, character in enumerate(text[: MAX_LABEL + 4]):
        if character in "([":
            depth += 1
        elif character in ")]":
            depth = max(0, depth - 1)
        elif character == ":" and not depth:
            return at
    return text.find(":", 0, MAX_LABEL + 4) if depth else -1


def _looks_like_label(label: str, behind: str, *, known: Known | None) -> bool:
    """A few words before a colon; neither a time, nor an address on the web, nor a sentence that goes on."""
    if not 0 < len(label) <= MAX_LABEL or not any(character.isalpha() for character in label):
        return False
    if behind.startswith("//") or (label[-1].isdigit() and behind[:1].isdigit()):
        return False
    if known and known(label):
        return True
    words = label.casefold().split()
    if len(words) > MAX_PROSE_WORDS or " ".join(words).rstrip(".") in ASIDES or VERBS & set(words):
        return False
    if any(mark in label for mark in (". ", "! ", "; ", ", ")):
        return False
    return known is None or not label[0].islower()


def _dashed(text: str, known: Known | None) -> list[tuple[str, str]]:
    """`Label - value`, `Vraag? antwoord`: only where the label is known."""
    if known is None:
        return []
    for mark in (" - ", " – ", " — ", "? "):
        label, found, value = text[:MAX_COLUMNS].partition(mark)
        if found and len(label) <= MAX_LABEL and known(label.strip(" *_")):
            return [(label.strip(" *_"), (value + text[MAX_COLUMNS:]).strip(" *"))]
    return []
