"""What is not the writer's own message: signature, "Verstuurd vanaf mijn iPhone", disclaimer, caution banner."""

import re

# fmt: off
SENT_FROM = re.compile(
    r"[ \t]{0,4}[\[(<*_]{0,2}(?:"
    r"(?:verstuurd|verzonden) (?:vanaf|vanuit|via|met|van) "
    r"(?:mijn|m'n|outlook|mail|proton|een|yahoo|gmail|samsung|iphone|android|my|blackberry)"
    r"|envoyé (?:de|depuis) (?:mon|ma|outlook|mail|yahoo)|envoyé à partir de"
    r"|sent (?:from|via|with|using) "
    r"(?:my|outlook|mail|proton|yahoo|gmail|a|the|airmail|windows|samsung|iphone|android|mobile|mailbox|\[mail)"
    r"|sent by [\w .]{1,40}>{1,2}$|from my (?:iphone|android|mobile)"
    r"|(?:get|download|ontvang|haal|télécharger|obtenir) \[?outlook (?:for|voor|pour)"
    r"|outlook voor (?:ios|android|mac)(?:\s?[<\[(][^<>\s]{1,200}[>\])])? (?:downloaden|ophalen)"
    r"|von meinem|sendt fra min|diese nachricht wurde von meinem"
    r")",
    re.IGNORECASE,
)
BANNER = re.compile(
    r"[ \t]{0,4}[\[(*<!⚠️ ]{0,6}(?:"
    r"caution\s?:|external (?:e-?mail|sender|message)|extern(?:e)? (?:e-?mail|bericht|afzender)"
    r"|(?:let op|opgelet|waarschuwing|attention)\s?[:!].{0,40}(?:e-?mail|bericht|message|courriel)"
    r"|(?:deze e-?mail|dit bericht) (?:komt|is afkomstig|werd verzonden|is verzonden) van (?:buiten|een extern)"
    r"|(?:u|je) (?:ontvangt|krijgt) niet vaak e-?mail|sommige (?:personen|mensen) die dit bericht hebben ontvangen"
    r"|you don't often get e-?mail from|some people who received this message|vous n'obtenez pas souvent"
    r"|\[?extern(?:al|e)?\]?\s*$"
    r")",
    re.IGNORECASE,
)
DISCLAIMER = re.compile(
    r"[ \t]{0,4}[\[(*_]{0,3}(?:"
    r"disclaimer\b|vertrouwelijkheid(?:sclausule)?\b"
    r"|(?:dit (?:e-?mail|mail)?bericht|deze e-?mail|de (?:informatie in|inhoud van) (?:dit|deze)).{0,80}"
    r"(?:vertrouwelijk|bijlagen?|bestemd|geadresseerde|bevat)"
    r"|this (?:e-?mail|message|communication).{0,60}(?:confidential|intended|attachments?)"
    r"|the information (?:contained )?in this (?:e-?mail|message)"
    r"|ce (?:message|courriel|mail).{0,60}(?:confidentiel|destiné|pièces jointes)"
    r"|(?:denk aan het milieu|spaar het milieu|bespaar papier|please consider the environment)"
    r")",
    re.IGNORECASE,
)
FAREWELL = re.compile(
    r"[ \t]{0,4}(?:"
    r"(?:met )?(?:(?:heel|zeer|de) )?"
    r"(?:vriendelijke?|hartelijke?|warme|beste|lieve|zonnige|collegiale)[ -]{1,2}groet(?:en|jes)?"
    r"|hoogachtend|m\.?v\.?g\.?|vr\.? ?gr\.?|gr(?:t|tjs)?\.?|groet(?:en|jes|ekes)?|grtz|hartelijks|liefs"
    r"|(?:(?:best|kind|warm) )?regards|(?:bien )?cordialement|bien à (?:vous|toi)"
    r"|(?:met )?dank en (?:vriendelijke )?groet(?:en|jes)?"
    r")[ \t]{0,4}[,.!]?[ \t]{0,4}(?:[^\W\d_][\w.'-]{0,24}(?: [^\W\d_][\w.'-]{0,24}){0,3})?[ \t]{0,4}$",
    re.IGNORECASE,
)
# fmt: on
LABEL = re.compile(r"[ \t*•-]{0,4}([^\W\d_][^:\n]{1,60}):(?:[ \t]|$)")
CONTACT = re.compile(
    r"(?:t|m|e|w|f|a|tel|tél|telefoon|telefoonnummer|gsm|mobiel|fax|e-?mail|mail|web|website|www|adres|bereikbaar"
    r"|aanwezig|werkdagen|kbo|btw|ondernemingsnummer|rpr|volg ons|facebook|instagram|linkedin|https?|mailto)\b",
    re.IGNORECASE,
)
AFTERTHOUGHT = re.compile(r"[ \t]{0,4}(?:p\.?s\.?|ps|nb|n\.b\.)\s?[:.\-)]?\s", re.IGNORECASE)
# Longer than this under a farewell, and it is no signature but more mail.
SIGNATURE_LINES = 18
# "All messages signed with fingerprint:" is a sentence; with a value behind it, it could be a field.
MOST_IN_LABEL = 4
# Where a signature is looked for: so many lines from the end, a postscript included.
NEAR_THE_END = 100


def without_additions(lines: list[str]) -> str:
    """The writer's own lines of one run, without what mail programs and organisations add around them."""
    kept = _without_boilerplate(lines)
    while kept and not kept[-1].strip():
        kept.pop()
    return "\n".join(line.rstrip() for line in _without_signature(kept)).strip("\n")


def _without_boilerplate(lines: list[str]) -> list[str]:
    """Leave out banners, "Verstuurd vanaf …" and the paragraphs of a disclaimer."""
    kept: list[str] = []
    in_disclaimer = in_banner = False
    for line in lines:
        start = line[:300]
        if not start.strip():
            in_disclaimer = in_banner = False
        elif in_disclaimer or (SENT_FROM.match(start) and len(line) < 160):
            continue
        elif in_banner:
            # A banner that was wrapped goes on until its sentence ends; the writer's words may follow at once.
            in_banner = not _ends(line)
            continue
        elif DISCLAIMER.match(start):
            in_disclaimer = True
            continue
        elif BANNER.match(start):
            in_banner = not _ends(line)
            continue
        kept.append(line)
    return kept


def _without_signature(lines: list[str]) -> list[str]:
    """Cut below the first farewell or "-- ", but only when all that follows reads like a signature."""
    for number in range(max(0, len(lines) - NEAR_THE_END), len(lines)):
        line = lines[number]
        marked = line.rstrip() in {"--", "—"}
        if not (marked or (len(line) < 120 and FAREWELL.match(line))):
            continue
        tail = lines[number + 1 :]
        after = next((at for at, below in enumerate(tail) if AFTERTHOUGHT.match(below)), len(tail))
        if _is_signature(tail[:after], sentences=marked):
            return lines[: number if marked else number + 1] + tail[after:]
    return lines


def _is_signature(lines: list[str], *, sentences: bool) -> bool:
    """Name, function, address, telephone; *sentences*: the mark "-- " promised a signature, so mottos may be in it."""
    worded = [line for line in lines if line.strip()]
    if len(worded) > SIGNATURE_LINES:
        return False
    return not any(_is_field(line) or (not sentences and _is_sentence(line)) for line in worded)


def _is_field(line: str) -> bool:
    label = LABEL.match(line[:200])
    if label is None or CONTACT.match(label[1].strip()):
        return False
    return bool(line[label.end() :].strip()) or len(label[1].split()) <= MOST_IN_LABEL


def _is_sentence(line: str) -> bool:
    words = line.split()
    return len(line) > 100 or (len(words) >= 4 and line.rstrip().endswith((".", "!", "?")))


def _ends(line: str) -> bool:
    return line.rstrip().endswith((".", "!", "?", "]", ")", ">", ":", "*"))
