"""One mail, bytes to Reading: everything that can be known of it before anything is decided."""

from collections.abc import Callable
from dataclasses import dataclass

from mailflow.core.mail import QUOTED, Envelope, Found, Pair, Reading
from mailflow.core.rules import ProofRules
from mailflow.reading.documents import text
from mailflow.reading.mime import MimeLimits, parse
from mailflow.reading.notices import OwnMarks, notice
from mailflow.reading.proof import prove
from mailflow.reading.quotes import Split, split


@dataclass(frozen=True, kw_only=True)
class Reader:
    """What reading needs to know of us."""

    own: OwnMarks
    proof: ProofRules
    is_label: Callable[[str], bool]
    limits: MimeLimits = MimeLimits()

    def read(self, raw: bytes, envelope: Envelope) -> Reading:
        """Never raises on bad input; what could not be read stands in the mail's problems."""
        mail = parse(raw, self.limits)
        sender = envelope.mail_from if envelope.via != "imap" else None
        parts = split(mail.text)
        return Reading(
            mail=mail,
            envelope=envelope,
            notice=notice(mail, raw, self.own, envelope_from=sender),
            proof=prove(mail, envelope, self.proof),
            written=parts.written,
            nothing_new=parts.whole,
            quoted=parts.quoted,
            found=self._found(parts),
        )

    def _found(self, parts: Split) -> tuple[Found, ...]:
        every = (
            Found(source="text", pairs=self._pairs(parts.written), name=QUOTED if parts.whole else ""),
            Found(source="text", pairs=self._pairs(parts.quoted), name=QUOTED),
        )
        return tuple(found for found in every if found.pairs)

    def _pairs(self, words: str) -> tuple[Pair, ...]:
        return text.pairs(words, known=self.is_label)
