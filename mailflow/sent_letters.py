"""The letters of a case that left, as they can stand in a copy: without the addresses that answer them."""

import re

from mailflow.core.copying import SentLetter
from mailflow.core.letters import Kind
from mailflow.means import Means
from mailflow.reading.mime import MimeLimits, parse
from mailflow.storage.letters import StoredLetter

FOOT = "-" * 40
"""What stands below it is the same under each letter."""
TAPS = re.compile(r"^Eén woord volstaat\n-+$.*", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"\[MSI-\d{4}-\d+\] *")
HEAD = re.compile(r"\AMSI-\d{4}-\d+ · [^\n]*\n")
"""What stands above each letter: whose it is, which the copy says itself."""
SEALED = re.compile(r"([^\s+@]{1,64})\+(?:msi-|[dm]\.)[^\s@]{1,60}@")
"""An address of ours that speaks for a party of the case."""


def sent_letters(means: Means, case_id: int) -> tuple[SentLetter, ...]:
    """Every letter of the case that was delivered, oldest first; what is erased is not there."""
    kept, limits = means.store.letters.of_case(case_id), means.reader.limits
    return tuple(_read(one, limits) for one in kept if one.state == "sent" and one.content and one.kind != Kind.COPY)


def _read(letter: StoredLetter, limits: MimeLimits) -> SentLetter:
    read = parse(letter.content, limits)
    subject = NUMBER.sub("", read.subject)
    to = {"to": letter.role, "address": letter.address.lower()}
    return SentLetter(**to, at=letter.written_at, subject=subject, text=said(read.text))


def said(text: str) -> str:
    """What a letter says, without its buttons and its foot."""
    words = HEAD.sub("", text.replace("\r\n", "\n").partition(FOOT)[0])
    return SEALED.sub(r"\1@", TAPS.sub("", words)).strip()
