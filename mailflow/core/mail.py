"""What a mail says, once it has been read: values without behaviour, made by reading/, judged by core/."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


@dataclass(frozen=True)
class Address:
    """One mailbox of a header field (RFC 5322 3.4); *address* is the addr-spec as written, "" when unreadable."""

    address: str
    name: str = ""

    @property
    def key(self) -> str:
        """The address for comparison: lower case, as every mail host treats it in practice."""
        return self.address.lower()

    @property
    def domain(self) -> str:
        """The part after the last @ in lower case, "" when there is none."""
        return self.key.rpartition("@")[2] if "@" in self.address else ""


@dataclass(frozen=True)
class Attachment:
    """A part that is not the mail's own text; *content* is decoded, and empty when a limit forbade unpacking."""

    name: str
    type: str
    size: int
    content: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A parsed message. Text is Unicode with LF line ends; nothing in it can be trusted."""

    message_id: str | None = None
    """With its angle brackets, as the sender wrote it: no key, senders reuse it."""
    subject: str = ""
    date: datetime | None = None
    """Aware; None when absent or unreadable."""
    size: int = 0
    from_: tuple[Address, ...] = ()
    """Every mailbox of every From field, in order."""
    from_fields: int = 1
    """How many From fields the mail has; RFC 5322 3.6 allows exactly one."""
    sender: Address | None = None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    delivered_to: tuple[str, ...] = ()
    """Delivered-To, X-Original-To and Envelope-To: where the mail host says that it was delivered."""
    in_reply_to: tuple[str, ...] = ()
    """Message-IDs with angle brackets."""
    references: tuple[str, ...] = ()
    """Message-IDs with angle brackets, oldest first, at most the newest 32."""
    headers: tuple[tuple[str, str], ...] = ()
    """All fields in order: lower-case name, decoded and unfolded value."""
    text: str = ""
    """The whole text part; made from the HTML part where there is no text part."""
    made_text: bool = False
    """Whether all of *text* was made from the HTML: then it tells nothing of its own."""
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    problems: tuple[str, ...] = ()
    """What was odd while reading, in English, without personal data: "unknown charset", "more than 200 parts"."""

    @property
    def author(self) -> Address:
        """The first From mailbox, or an empty address."""
        return self.from_[0] if self.from_ else Address("")

    def header(self, name: str) -> str | None:
        """The first field of that name (given in lower case), or None."""
        return next((value for key, value in self.headers if key == name), None)

    def headers_named(self, name: str) -> tuple[str, ...]:
        """Every field of that name (given in lower case), topmost first."""
        return tuple(value for key, value in self.headers if key == name)


class Machine(StrEnum):
    """The kinds of mail that no person wrote for us; none of them may ever change a state."""

    BOUNCE = "bounce"
    AUTO_REPLY = "auto_reply"
    OUT_OF_OFFICE = "out_of_office"
    LIST = "list"
    LOOP = "loop"
    CALENDAR_REPLY = "calendar_reply"


MAY_BE_MARKED = frozenset({Machine.AUTO_REPLY, Machine.LIST, Machine.LOOP, Machine.OUT_OF_OFFICE})
"""Kinds that are known by a mark or some words, which also stand on what a person wrote: a website, a list or a gateway
put them there, or "afwezig" is what the mail is about."""


@dataclass(frozen=True, kw_only=True)
class Bounce:
    """What a delivery report says (RFC 3464, and the older formats)."""

    recipient: str
    permanent: bool
    status: str | None = None
    original_message_id: str | None = None


PROPOSED = "proposed"
"""A calendar asks for another moment (RFC 5546: COUNTER)."""


@dataclass(frozen=True, kw_only=True)
class CalendarAnswer:
    """What a calendar answered to an invitation of ours (RFC 5546)."""

    answer: str
    """accepted, declined, tentative, or PROPOSED."""
    sequence: int | None = None
    """Which change of the invitation it answers, None where it does not say."""
    proposed: date | datetime | None = None
    """The other moment: a day, or an aware moment."""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Whether a machine wrote this mail, and why we think so; *kind* None means a person did."""

    kind: Machine | None = None
    why: str = ""
    bounce: Bounce | None = None
    answer: CalendarAnswer | None = None


class ProofResult(StrEnum):
    """Whether the domain in From is proven (pass, fail, or none for all else)."""

    PASS = "pass"  # noqa: S105 - a result, no password
    FAIL = "fail"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What proves that the From domain sent this; *domain* is the proven domain, None without a pass."""

    result: ProofResult = ProofResult.NONE
    method: str = "none"
    domain: str | None = None
    reason: str = "nothing proves the sender"


QUOTED = "quoted"
"""The name of what was found in quoted text: it counts for a forwarded form, never for a reply on a case."""


@dataclass(frozen=True)
class Pair:
    """One line of a form as found: *label* and *value* as written, *line* counts from 1 in its source."""

    label: str
    value: str
    line: int = 0


@dataclass(frozen=True, kw_only=True)
class Found:
    """The pairs of one source (text, html, docx, odt, pdf, xlsx or webform); *name* is the attachment's, if one."""

    source: str
    pairs: tuple[Pair, ...]
    name: str = ""
    quoted: bool = False
    """Somebody else's words, as with the name QUOTED: a mail that was attached."""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """How a mail arrived (RFC 5321): the recipient it was accepted for, and by which way."""

    mail_from: str = ""
    """The reverse path without angle brackets; "" is the null sender."""
    recipients: tuple[str, ...] = ()
    client_ip: str = ""
    helo: str = ""
    via: str = "smtp"
    """smtp, lmtp or imap."""
    origin: str = ""
    """For imap: which copy it is (mailbox, UIDVALIDITY and UID)."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Everything that was read of one mail, before anything is decided."""

    mail: Mail
    envelope: Envelope = field(default_factory=Envelope)
    notice: Notice = field(default_factory=Notice)
    proof: Proof = field(default_factory=Proof)
    try_later: str = ""
    """Why reading it again later can find a better proof (the DNS did not answer); *proof* holds if it never does."""
    written: str = ""
    """What this person wrote now: without quoted text, signature and disclaimers."""
    nothing_new: bool = False
    """Whether all of it was quoted: *written* is then the whole text, and never an answer."""
    quoted: str = ""
    """The rest: what was quoted below or between."""
    answered: tuple[tuple[tuple[str, ...], str], ...] = ()
    """*written* again, run by run, each with the quoted lines directly above it."""
    found: tuple[Found, ...] = ()
    """Label and value pairs per source, the writer's own text first; only sources that hold any."""
    unread: tuple[tuple[str, str], ...] = ()
    """(name of an attachment, why it could not be read: Dutch, for the sender)."""
    extra: Mapping[str, str] = field(default_factory=dict)
