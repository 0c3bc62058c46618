"""Mail made by a web form: which service made it, and what was filled in. (webformulier)"""

import re
from collections.abc import Callable, Sequence
from html import unescape

from mailflow.core.mail import Mail, Pair
from mailflow.reading.documents import dumps, text

Known = Callable[[str], bool]

# fmt: off
SERVICES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(marks, re.IGNORECASE | re.MULTILINE))
    for name, marks in (
        ("Microsoft Forms",
            r"microsoft forms|forms\.(?:office|microsoft|cloud\.microsoft)|power automate"
            r"|^(?:er is )?(?:een |a )?(?:nieuwe?|new) (?:antwoord|reactie|respons|response)\b"),
        ("Google Forms",
            r"google (?:forms|formulieren)|docs\.google\.com/forms|forms\.gle/|bedankt voor het invullen van"
            r"|thanks for filling out"),
        ("Drupal webform",
            r"submitted values are|(?:ingediende|ingezonden|ingevulde|verzonden) (?:waarden|gegevens) zijn"
            r"|^(?:submitted|ingediend|ingezonden|verzonden) (?:on|op) \w{2,12},? \d|^submitted by (?:user|anonymous)"),
        ("WordPress",
            r"(?:sent|submitted) (?:from|via) (?:a|the|your) contact form|^message body:|^berichtinhoud:"
            r"|(?:verzonden|verstuurd) (?:vanaf|via|met) (?:een|het|ons|uw|je) (?:contact|web|aanmeldings)?-?formulier"
            r"|new (?:submission|entry) (?:from|for)|nieuwe inzending (?:van|voor|via|op)"
            r"|contact form 7|gravity ?forms|wpforms|ninja forms"),
        ("a web form",
            r"(?:webformulier|online formulier|formulier op (?:de|onze) website)\b|form submission|formulierinzending"),
    )
)
# In the HTML part alone.
MARKUP = re.compile(
    r"bgcolor=[\"']?#EAF2FA"
    r"|class=[\"'][^\"'<>]{0,80}(?:webform-|wpforms|gform_|frm_|ninja-forms|forminator|elementor-form)",
    re.IGNORECASE,
)
SENDERS = re.compile(
    r"(?:forms-receipts-noreply@google\.com|flow-noreply@microsoft\.com"
    r"|[^@]{1,80}@(?:[a-z0-9-]{1,40}\.){0,3}(?:formspro|forms)\.[a-z.]{2,30}|microsoft-?forms?[^@]{0,40}@[^@]{1,80}"
    r"|(?:wordpress|webform(?:ulier)?|web-?form|gravityforms|drupal)[^@]{0,40}@[^@]{1,80})$",
    re.IGNORECASE,
)
# What the services say around the answers; none of it is one.
AROUND = re.compile(
    r"(?:submitted (?:on|by|values|from)\b|(?:ingediend|ingezonden|verzonden) (?:op|door)\b.{0,60}$"
    r"|(?:de )?(?:ingediende|ingezonden|ingevulde) (?:waarden|gegevens) zijn|message body:?$|berichtinhoud:?$"
    r"|(?:this|dit|deze) (?:e-?mail|bericht|message).{0,60}(?:contact ?form|formulier)"
    r"|(?:the results of this submission|(?:de )?resultaten van deze inzending)"
    r"|(?:bekijk|view|edit|bewerk|open) (?:alle |all |the |het |je |your |de )?"
    r"(?:antwoord|reactie|resultat|respons|result|inzending|submission)"
    r"|(?:deze (?:e-?)?mail werd )?(?:verstuurd|verzonden|gemaakt|sent|submitted) "
    r"(?:door|vanaf|via|met|by|from|with)\b.{0,60}"
    r"(?:power automate|wpforms|gravity forms|ninja forms|elementor|formulier|forms?)[.!]?$"
    r"|(?:aangedreven|powered|mogelijk gemaakt|gemaakt met|created with|create your own|maak je eigen)\b.{0,80}$"
    r"|bedankt voor het invullen|thanks for filling|dit (?:is wat we|hebben we) (?:hebben )?ontvangen|here'?s what"
    r"|(?:misbruik melden|report abuse|servicevoorwaarden|privacybeleid)\b"
    r"|(?:user agent|browser|(?:externe? )?ip(?:[- ]?adres)?|remote[ _](?:ip|host|addr)|(?:source|bron|pagina)[- ]?url)"
    r"[ \t]{0,4}[:=])",
    re.IGNORECASE,
)
# fmt: on
NUMBERED = re.compile(r"[ \t]{0,8}(?:vraag |question |v|q)?(\d{1,3})[.):][ \t]{1,4}(\S.{0,300})$", re.IGNORECASE)
ASKED = re.compile(r"(\S.{0,158}?)[ \t]{0,4}\*[ \t]{0,4}$")
ARRAY = re.compile(r"\[[ \t]{0,4}\"")
MOST_MARKED = 200_000
"""Characters in which marks are looked for."""
LEAST_QUESTIONS = 3
SENTENCE_WORDS = 4


def service(mail: Mail, own: str, quoted: str, *, known: Known | None = None) -> str:
    """The web form service that made this mail, as its marks say, "" when no mark does; *own* is all but *quoted*."""
    if dumps.pairs(own, known=known):
        return "a web form"
    # A signature is in neither part, and there many services name themselves.
    same = own.strip() == mail.text.strip()
    if name := marked(own) or ("" if same or marked(quoted) else marked(mail.text)):
        return name
    if SENDERS.match(mail.author.address):
        return "a web form"
    if mail.html and not quoted and MARKUP.search(mail.html[:MOST_MARKED]):
        return "a web form"
    return ""


def marked(words: str) -> str:
    """The service that names itself in *words*, or ""."""
    return next((name for name, mark in SERVICES if mark.search(words[:MOST_MARKED])), "")


def pairs(words: str, *, known: Known | None = None) -> tuple[Pair, ...]:
    """What was filled in, from the text of a web form's mail; () when it has no question. Never raises."""
    lines = [line for line in words[: text.MAX_CHARACTERS].split("\n") if not is_around(line)]
    readings = (
        dumps.pairs(words, known=known),
        _numbered(lines, known),
        _asked(lines, known),
        text.pairs("\n".join(lines), known=known),
    )
    best = max(readings, key=lambda read: answered(read, known))
    return tidied(best, known=known)


def is_around(line: str) -> bool:
    """Is it a line that the service put around the answers?"""
    return bool(AROUND.match(line.strip()[:200]))


def _whole(read: Sequence[Pair], known: Known | None) -> tuple[Pair, ...]:
    """The pairs, where a sentence with a colon at the start of a line is again part of the answer above it.

    A machine wrote the labels, and it repeats those that somebody made up for the form: short ones.
    """
    kept: list[Pair] = []
    for one in read:
        above = kept[-1] if kept else None
        sentence = known and not known(one.label) and len(one.label.split()) >= SENTENCE_WORDS
        if sentence and above and above.value and one.line - above.line <= above.value.count("\n") + 2:
            kept[-1] = Pair(above.label, f"{above.value}\n{one.label}: {one.value}", above.line)
        else:
            kept.append(one)
    return tuple(kept)


def answered(read: Sequence[Pair], known: Known | None) -> int:
    """How many known questions have an answer; all questions count where no form is known."""
    return len(
        {one.label.casefold() for one in read if one.label and one.value.strip() and (not known or known(one.label))}
    )


def tidied(read: Sequence[Pair], *, known: Known | None = None) -> tuple[Pair, ...]:
    """Answers as they were typed: whole again, WordPress' entities undone, Power Automate's lists as words."""
    return tuple(Pair(one.label, _cleaned(one.value), one.line) for one in _whole(read, known))


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
