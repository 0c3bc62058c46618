"""Mail made by a web form: which service made it, and what was filled in. (webformulier)"""

import re
from collections.abc import Callable, Sequence
from html import unescape

from mailflow.core.mail import Mail, Pair
from mailflow.reading.documents import dumps, text

Known = Callable[[str], bool]

# fmt: off
SERVICES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("Microsoft Forms", re.compile(
        r"microsoft forms|forms\.(?:office|microsoft|cloud\.microsoft)|power automate|(?:nieuwe? )?"
        r"(?:antwoord|reactie|response) (?:is |was )?(?:ingediend|verzonden|submitted|ontvangen|received)", re.I)),
    ("Google Forms", re.compile(
        r"google (?:forms|formulieren)|docs\.google\.com/forms|forms\.gle/|bedankt voor het invullen van"
        r"|thanks for filling out", re.I)),
    ("Drupal webform", re.compile(
        r"submitted values are|(?:de )?(?:ingediende|ingezonden|ingevulde|verzonden) (?:waarden|gegevens) zijn"
        r"|^(?:submitted|ingediend|ingezonden|verzonden) (?:on|op) \w{2,12},? \d|^submitted by (?:user|anonymous)", re.I | re.M)),
    ("WordPress", re.compile(
        r"(?:sent|submitted) (?:from|via) (?:a|the|your) contact form|verzonden via (?:een|het) (?:contact)?formulier"
        r"|(?:verzonden|verstuurd) (?:vanaf|via|met) (?:een|het|ons|uw|je) (?:\w{1,20}-?)?(?:contact|web|aanmeldings)?formulier"
        r"|^message body:|^berichtinhoud:|new submission from|nieuwe inzending (?:van|voor|via|op)"
        r"|new entry (?:from|for)|contact form 7|gravity ?forms|wpforms|ninja forms", re.I | re.M)),
    ("a web form", re.compile(
        r"(?:webformulier|online formulier|formulier op (?:de|onze) website)\b|form submission|formulierinzending", re.I)),
)
# In the HTML part alone.
MARKUP = re.compile(
    r"bgcolor=[\"']?#EAF2FA|class=[\"'][^\"'<>]{0,80}(?:webform-|wpforms|gform_|frm_|ninja-forms|forminator|elementor-form)",
    re.IGNORECASE,
)
SENDERS = re.compile(
    r"^(?:forms-receipts-noreply@google\.com|[^@]{1,80}@(?:[a-z0-9-]{1,40}\.){0,3}(?:formspro|forms)\.[a-z.]{2,30}"
    r"|flow-noreply@microsoft\.com|microsoft-?forms?[^@]{0,40}@[^@]{1,80}|(?:wordpress|webform(?:ulier)?|web-?form"
    r"|gravityforms|drupal)[^@]{0,40}@[^@]{1,80})$",
    re.IGNORECASE,
)
# What the services say around the answers; none of it is one.
AROUND = re.compile(
    r"(?:submitted (?:on|by|values|from)|(?:ingediend|ingezonden|verzonden) (?:op|door)\b.{0,60}$"
    r"|(?:de )?(?:ingediende|ingezonden|ingevulde) (?:waarden|gegevens) zijn|message body:?$|berichtinhoud:?$"
    r"|(?:this|dit|deze) (?:e-?mail|bericht|message).{0,60}(?:contact ?form|formulier)"
    r"|(?:the results of this submission|de resultaten van deze inzending|resultaten van deze inzending)"
    r"|(?:bekijk|view|edit|bewerk|open) (?:alle |all |the |het |je |your |de )?(?:antwoord|reactie|resultat|respons|result|inzending|submission)"
    r"|(?:aangedreven|powered|mogelijk gemaakt|gemaakt met|created with|create your own|maak je eigen)\b.{0,80}$"
    r"|(?:bedankt voor het invullen|thanks for filling|dit (?:is wat we|hebben we) (?:hebben )?ontvangen|here'?s what)"
    r"|(?:misbruik melden|report abuse|servicevoorwaarden|privacybeleid|user agent|browser|ip[- ]?adres|remote ip|source url|bron-?url)\b)",
    re.IGNORECASE,
)
# fmt: on
NUMBERED = re.compile(r"[ \t]{0,8}(?:vraag |question |v|q)?(\d{1,3})[.):][ \t]{1,4}(\S.{0,300})$", re.IGNORECASE)
ASKED = re.compile(r"(\S.{0,158}?)[ \t]{0,4}\*[ \t]{0,4}$")
ARRAY = re.compile(r"\[[ \t]{0,4}\"")
LEAST_QUESTIONS = 3


def service(mail: Mail, own: str, quoted: str) -> str:
    """The web form service that made this mail, as its marks say, "" when no mark does; *own* is all but *quoted*."""
    for name, mark in SERVICES:
        if mark.search(own) or (mark.search(mail.text[:MOST_MARKED]) and not mark.search(quoted)):
            return name
    if SENDERS.match(mail.author.address):
        return "a web form"
    if mail.html and not quoted and MARKUP.search(mail.html[:MOST_MARKED]):
        return "a web form"
    return ""


MOST_MARKED = 200_000
"""Characters in which marks are looked for."""


def pairs(words: str, *, known: Known | None = None) -> tuple[Pair, ...]:
    """What was filled in, from the text of a web form's mail; () when it has no question. Never raises."""
    lines = [line for line in words[: text.MAX_CHARACTERS].split("\n") if not AROUND.match(line.strip()[:200])]
    readings = (
        dumps.pairs(words, known=known),
        _numbered(lines, known),
        _asked(lines, known),
        text.pairs("\n".join(lines), known=known),
    )
    best = max(readings, key=lambda read: answered(read, known))
    return cleaned(best)


def answered(read: Sequence[Pair], known: Known | None) -> int:
    """How many known questions have an answer; all questions count where no form is known."""
    return len({one.label.casefold() for one in read if one.label and one.value.strip() and (not known or known(one.label))})


def cleaned(read: Sequence[Pair]) -> tuple[Pair, ...]:
    """Values as they were typed: WordPress' entities undone, Power Automate's lists as words."""
    return tuple(Pair(one.label, _cleaned(one.value), one.line) for one in read)


def _cleaned(value: str) -> str:
    plain = unescape(value) if "&" in value and len(value) < text.MAX_VALUE else value
    return dumps.words_of(plain) if ARRAY.match(plain) else plain


def _numbered(lines: Sequence[str], known: Known | None) -> tuple[Pair, ...]:
    """Questions with numbers that go up by one, an answer below each: lists inside an answer count from one again."""
    starts: list[tuple[int, str]] = []
    for at, line in enumerate(lines[: text.MAX_LINES]):
        found = NUMBERED.match(line[:400])
        if found and int(found[1]) == len(starts) + 1 and not _holds_answer(found[2]):
            starts.append((at, found[2].strip(" *:")))
    if len(starts) < LEAST_QUESTIONS or (known and sum(1 for _, label in starts if known(label)) < LEAST_QUESTIONS - 1):
        return ()
    return _between(lines, starts)


def _asked(lines: Sequence[str], known: Known | None) -> tuple[Pair, ...]:
    """Questions with the star of what must be filled in, or that are known, each at the head of a paragraph."""
    starts: list[tuple[int, str]] = []
    after_blank = True
    for at, line in enumerate(lines[: text.MAX_LINES]):
        bare = line.strip()
        if bare and after_blank and len(bare) <= text.MAX_LABEL:
            starred = ASKED.match(bare)
            if starred or (known and known(bare.strip(" *:"))):
                starts.append((at, (starred[1] if starred else bare).strip(" *:")))
        after_blank = not bare
    return _between(lines, starts) if len(starts) >= LEAST_QUESTIONS else ()


def _between(lines: Sequence[str], starts: Sequence[tuple[int, str]]) -> tuple[Pair, ...]:
    ends = [*(at for at, _ in starts[1:]), len(lines)]
    found: list[Pair] = []
    for (at, label), end in zip(starts, ends, strict=True):
        answer = "\n".join(line.strip() for line in lines[at + 1 : end]).strip()
        found.append(Pair(label, text.ticked(answer)[: text.MAX_VALUE], at + 1))
    return tuple(found)


def _holds_answer(question: str) -> bool:
    """ "1. Voornaam: Noor" is a line of its own kind."""
    _, colon, answer = question.partition(":")
    return bool(colon and answer.strip())
