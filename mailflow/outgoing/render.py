"""A decided letter becomes a complete message: text and HTML from one Markdown source, strangers' words escaped."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Template

from mailflow.core.copying import Copy
from mailflow.core.letters import Kind, Letter
from mailflow.core.rules import Rules
from mailflow.outgoing import compose, copy_pdf
from mailflow.outgoing.blank import TYPES, document
from mailflow.outgoing.chart import bars
from mailflow.outgoing.layout import CHART_ID, LOGO_ID, Layout, html_part
from mailflow.outgoing.plain import fill, text_part
from mailflow.outgoing.slots import SLOTS, Slots, one_line
from mailflow.outgoing.sources import Sources

SHAPES = 512
"""How many shapes are kept: letters with as many rows and the same parts present share one."""
PREVIEW = 120
SUBJECT_LENGTH = 200
BARE = frozenset({Kind.NEUTRAL, Kind.FAMILY, Kind.CHOOSE_CLB})
"""To people who are not proven: the same for everybody, so no reference, initials or taps, whatever the header says."""


@dataclass(frozen=True, kw_only=True)
class Header:
    """What stands at the head of a letter beside whom it is for, and the sealed addresses that answer it."""

    reference: str
    """MSI-2026-0042, "" for a letter without a case."""
    message_id: str
    """With its angle brackets."""
    reply_to: str
    """The sealed reply address, or the desk's plain one."""
    tap_addresses: Mapping[str, str]
    """Action -> sealed address; an action that is not there goes to *reply_to*."""
    in_reply_to: str | None
    references: tuple[str, ...]
    at: datetime
    """For the Date field, aware."""
    initials: str


@dataclass(frozen=True)
class TapLine:
    """A tap as the frame shows it."""

    label: str
    word: str
    address: str


class Unwritten(Exception):
    """There is no usable template for this kind of letter; `mailflow check` says why."""


class Renderer:
    """Holds the templates and the shapes of the letters that were rendered lately."""

    def __init__(
        self, templates: Path, rules: Rules, instance: str, sign: Callable[[bytes], bytes] = lambda message: message
    ) -> None:
        """*sign* puts a signature above a message."""
        self.rules = rules
        self._sign = sign
        self.instance = one_line(instance).encode("ascii", "replace").decode()
        self.sources = Sources(templates)
        layout = self.sources.layout
        self._blank = lru_cache(len(TYPES))(self._blank_form)
        self._logo = Path(rules.desk.logo).read_bytes() if rules.desk.logo else b""
        self._shape = lru_cache(SHAPES)(Layout(layout, logo=bool(self._logo)).shape) if layout else None

    def _blank_form(self, kind: str) -> compose.File:
        """The blank form as a file of that kind, made once."""
        type_, name = TYPES[kind]
        return compose.File(name, type_, document(self.rules.fields, self.rules.providers, kind))

    def check(self) -> list[str]:
        """What is wrong with the templates folder, one line per problem; empty when every letter can be written."""
        return self.sources.problems()

    def render(self, letter: Letter, header: Header) -> bytes:
        """The message of this letter, RFC 5322 with CRLF, all ASCII: the same letter and header give the same bytes.

        Raises Unwritten, jinja2.UndefinedError for a value that the template needs and the letter lacks, and
        ValueError when a reply address, Message-ID or time of ours is none.
        """
        source, outer, shape_of = self.sources.letter(letter.kind), self.sources.frame, self._shape
        if source is None or outer is None or shape_of is None:
            raise Unwritten(letter.kind)
        bare = letter.kind in BARE
        reference = "" if bare else one_line(header.reference)
        taps = () if bare else _tap_lines(letter, header)
        known = self._known(letter, reference=reference, initials="" if bare else header.initials)

        title = _title(source.subject, known)
        slots = Slots()
        shape = shape_of(outer.render(known | {"body": source.body, "taps": taps, SLOTS: slots}))
        values = slots.named()
        text = text_part(shape.plain, values)
        values |= {"title": title, "preview": _shortened(one_line(fill(shape.preview, values)))}
        values |= {f"tap{number}": mailto(tap, reference) for number, tap in enumerate(taps)}

        message = compose.message(
            self._fields(letter, header, subject=f"[{reference}] {title}" if reference else title),
            text=text,
            html=html_part(shape, values),
            seed=header.message_id,
            pictures=[
                *([(LOGO_ID, self._logo)] if self._logo else []),
                *([(CHART_ID, bars(letter.chart))] if letter.chart else []),
            ],
            files=[
                *(self._blank(kind) for kind in letter.documents),
                *(compose.File(one.name, one.type, one.content) for one in letter.files),
                *([_copy_file(letter.copy)] if letter.copy else []),
            ],
            calendar=self._invitation(letter, header),
        )
        return self._sign(message)

    def _invitation(self, letter: Letter, header: Header) -> tuple[str, bytes] | None:
        if letter.invitation is None:
            return None
        from mailflow.outgoing.invitation import calendar_part  # noqa: PLC0415 - slow to load, and few letters invite

        return calendar_part(letter.invitation, letter.address, header.reply_to, header.at, self.rules)

    def _known(self, letter: Letter, *, reference: str, initials: str) -> dict[str, object]:
        """What the templates can name; a letter may have initials of its own."""
        ours = {"kind": str(letter.kind), "to": letter.to, "desk": self.rules.desk, "reference": reference}
        return {"initials": initials, **letter.values, **ours}

    def _fields(self, letter: Letter, header: Header, *, subject: str) -> list[str]:
        desk = self.rules.desk
        return [
            compose.sender(desk.name, desk.address),
            compose.recipient(letter.address),
            f"Reply-To: {compose.plain_address(header.reply_to)}",
            compose.subject(subject),
            compose.date(header.at, self.rules.calendar.zone),
            f"Message-ID: {compose.own_id(header.message_id)}",
            *compose.threading(header.in_reply_to, header.references),
            f"Auto-Submitted: {'auto-replied' if letter.answers_mail else 'auto-generated'}",
            "X-Auto-Response-Suppress: DR, RN, NRN, AutoReply",  # never NDR or OOF: we act on those
            f"X-Mailflow-Instance: {self.instance}",
            "Content-Language: nl",
        ]


def _copy_file(copy: Copy) -> compose.File:
    """The copy of a case, in a file without anybody's name."""
    return compose.File(f"kopie-{copy.reference}.pdf", "application/pdf", copy_pdf.made(copy))


def mailto(tap: TapLine, reference: str) -> str:
    """The link of a tap (RFC 6068): address, subject and first line filled in; + is encoded, as some clients need."""
    subject = f"[{reference}] {tap.label}" if reference else tap.label
    return f"mailto:{quote(tap.address, safe='@')}?subject={quote(subject, safe='')}&body={quote(tap.word, safe='')}"


def _tap_lines(letter: Letter, header: Header) -> Sequence[TapLine]:
    """Each tap with its address; the tap of a row that has none of its own (no plus addressing) names its case."""
    return [
        TapLine(tap.label, tap.word, header.tap_addresses[tap.action])
        if tap.action in header.tap_addresses
        else TapLine(tap.label, " ".join(filter(None, (_case_of(tap.action), tap.word))), header.reply_to)
        for tap in letter.taps
    ]


def _case_of(action: str) -> str:
    """The reference in the action of a tap that stands in a row: `MSI-2026-0042/accept`."""
    return action.partition("/")[0] if "/" in action else ""


def _title(template: Template, known: Mapping[str, object]) -> str:
    slots = Slots()
    words = template.render({**known, SLOTS: slots})
    return one_line(fill(words, slots.named()))[:SUBJECT_LENGTH]


def _shortened(text: str) -> str:
    return text if len(text) <= PREVIEW else text[:PREVIEW].rsplit(" ", 1)[0] + " …"
