"""One mail, bytes to Reading: everything that can be known of it before anything is decided."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from mailflow.core.mail import (
    MAY_BE_MARKED,
    QUOTED,
    Attachment,
    Envelope,
    Found,
    Machine,
    Mail,
    Pair,
    ProofResult,
    Reading,
)
from mailflow.core.rules import ProofRules
from mailflow.reading.apart import Apart
from mailflow.reading.authentication.judge import NotProvenYet
from mailflow.reading.authentication.resolver import Resolver, ZoneResolver
from mailflow.reading.documents import attachments, html_form, text, web_form
from mailflow.reading.documents.limits import DocumentLimits
from mailflow.reading.mime import MimeLimits, parse
from mailflow.reading.notices import OwnMarks, notice
from mailflow.reading.proof import prove
from mailflow.reading.quotes import Split, split

END_OF_TIME = datetime.max.replace(tzinfo=UTC)
MOST_ASKED = 20_000
"""Questions of one mail that the form is asked about; a table of a hundred thousand cells holds no form."""


@dataclass(frozen=True, kw_only=True)
class Reader:
    """What reading needs to know of us."""

    own: OwnMarks
    proof: ProofRules
    labels: Callable[[], Callable[[str], bool]]
    """Makes the test whether a text is a question of the form, for one mail: nothing is remembered beyond it."""
    limits: MimeLimits = field(default_factory=MimeLimits)
    documents: DocumentLimits = field(default_factory=DocumentLimits)
    apart: Apart | None = None
    """Opens attached documents in a process of its own; without one they are opened here."""
    resolver: Callable[[], Resolver] = ZoneResolver
    """Makes the resolver for one mail; without one, no name exists and the network is never asked."""
    now: Callable[[], datetime] = lambda: END_OF_TIME
    """When mail comes that is read now (aware); without one, every signature that can expire has."""

    def read(self, raw: bytes, envelope: Envelope) -> Reading:
        """Never raises on bad input; what could not be read stands in the mail's problems and in *unread*."""
        mail = parse(raw, self.limits)
        sender = envelope.mail_from if envelope.via != "imap" else None
        parts = split(mail.text)
        machine = notice(mail, raw, self.own, envelope_from=sender)
        known = _Asked(self.labels())
        opened = self._opened(_worth_opening(mail, machine.kind), known)
        proof = prove(mail, raw, envelope, self.proof, self.resolver(), now=self.now())
        return Reading(
            mail=mail,
            envelope=envelope,
            notice=machine,
            proof=proof.otherwise if isinstance(proof, NotProvenYet) else proof,
            try_later=proof.why if isinstance(proof, NotProvenYet) else "",
            written=parts.written,
            nothing_new=parts.whole,
            quoted=parts.quoted,
            answered=parts.answered,
            found=self._found(mail, parts, opened.found, known),
            unread=opened.unread,
        )

    def _opened(self, several: Sequence[Attachment], known: "_Asked") -> attachments.Opened:
        opens = partial(self.apart.read, limits=self.documents, labels=self.labels) if self.apart else None
        return attachments.read_all(several, self.documents, known, opens)

    def _found(self, mail: Mail, parts: Split, attached: Sequence[Found], known: "_Asked") -> tuple[Found, ...]:
        """The writer's own words, then what came along, then what was quoted; only sources that hold any pair."""
        service = web_form.service(mail, parts.written, parts.quoted, known=known)
        own = (web_form.pairs if service else text.pairs)(parts.written, known=known)
        older = web_form.marked(parts.quoted)
        below = (web_form.pairs if older else text.pairs)(parts.quoted, known=known)
        skip = web_form.is_around if service else html_form.nothing
        page = html_form.read(mail.html or "", self.documents, known=known, skip=skip)
        # Where the text shows a quote and the markup does not, the markup's words may be somebody else's.
        mixed = bool(parts.quoted) and bool(page.written) and not page.quoted
        own_page = () if mixed else page.written
        made = mail.made_text
        written = _sources(own, own_page, known, service=service, name=QUOTED if parts.whole else "", made=made)
        quoted = _sources(
            below, page.quoted or (page.written if mixed else ()), known, service=older, name=QUOTED, made=made
        )
        return tuple(found for found in (*written, *attached, *quoted) if found.pairs)


def best(reader: Reader, copies: Sequence[tuple[Envelope, bytes]]) -> Reading:
    """The reading of the copy that vouches most for its writer; there is at least one."""
    return max((reader.read(raw, envelope) for envelope, raw in copies), key=standing)


def standing(reading: Reading) -> tuple[bool, int]:
    """How much a copy vouches for its writer: a person wrote it, and the sender is proven; the same mail compares."""
    proof = {ProofResult.PASS: 3, ProofResult.NONE: 1, ProofResult.FAIL: 0}[reading.proof.result]
    return reading.notice.kind is None, 2 if reading.try_later else proof


def _worth_opening(mail: Mail, machine: Machine | None) -> Sequence[Attachment]:
    """What a machine sends along is a report or our own letter; a form can come with what is only marked as such."""
    if machine is None:
        return mail.attachments
    return [
        one for one in mail.attachments if machine in MAY_BE_MARKED and not one.type.startswith(("message/", "text/"))
    ]


@dataclass
class _Asked:
    """Is this a question of the form? Remembers its answers for one mail, and stops asking after MOST_ASKED."""

    ask: Callable[[str], bool]
    answers: dict[str, bool] = field(default_factory=dict)

    def __call__(self, label: str) -> bool:
        if label not in self.answers:
            if len(self.answers) >= MOST_ASKED or len(label) > text.MAX_LABEL:
                return False
            self.answers[label] = self.ask(label)
        return self.answers[label]


def _sources(
    words: tuple[Pair, ...],
    page: tuple[Pair, ...],
    known: Callable[[str], bool],
    *,
    service: str,
    name: str,
    made: bool,
) -> list[Found]:
    """The text, or the HTML where it tells more, as it does in a tie when the text was *made* of it.

    Both where each has answers that the other lacks.
    """
    of_words = Found(source="webform" if service else "text", pairs=words, name=name)
    tidy = web_form.tidied(page, known=known) if service else page
    of_page = Found(source="webform" if service else "html", pairs=tidy, name=name)
    in_words, in_page = _answered(words, known), _answered(page, known)
    more = len(in_page) - len(in_words)
    if not page or not (_tells_more(of_page, of_words, more) or (made and more == 0)):
        return [of_words]
    return [of_page] if in_words <= in_page else [of_words, of_page]


def _tells_more(page: Found, words: Found, more: int) -> bool:
    """Is the HTML the better source? In a tie a service's markup says where an answer ends, text does not."""
    if more or page.source == "webform":
        return more >= 0
    # In other mail too a table keeps apart what its text runs together: a question that the form does not know.
    return sum(1 for one in page.pairs if one.label) > sum(1 for one in words.pairs if one.label)


def _answered(pairs: Sequence[Pair], known: Callable[[str], bool]) -> set[str]:
    """The known questions with an answer, spelled alike: the text has the stars and numbers of lists, HTML has not."""
    return {
        "".join(sign for sign in one.label.casefold() if sign.isalpha())
        for one in pairs
        if one.label and one.value.strip() and known(one.label)
    }
