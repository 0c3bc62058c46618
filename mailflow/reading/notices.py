"""Did a machine write this mail? None of its mails is ever answered, and none changes a state."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from mailflow.core.mail import Machine, Mail, Notice
from mailflow.reading.bounces import REPORTS, RETURNED, action, bounce, reported
from mailflow.reading.calendar_answers import CALENDARS, calendar_answer
from mailflow.reading.machine_signs import (
    ABSENT_OPENING,
    ABSENT_REPLY,
    ABSENT_SUBJECT,
    ABSENT_TEXT,
    ABSENT_WORD,
    AUTOMATIC_FIELDS,
    CALENDAR_METHOD,
    CHALLENGE,
    DAEMONS,
    FILTERED,
    LIST_FIELDS,
    NOT_DELIVERED,
    OFFICES,
    QUOTE_STARTS,
    REPLIED_SUBJECT,
    SPACE,
)


@dataclass(frozen=True)
class OwnMarks:
    """What our own mails carry: how a letter of ours is known when it comes back."""

    addresses: frozenset[str]
    """Our addresses in full and in lower case; a + form of one of them is ours too."""
    instance: str
    """The value of our field X-Mailflow-Instance."""
    form_services: frozenset[str] = frozenset()
    """Lower-case domains of the web forms that we list: "auto-generated" and "bulk" are no sign there,
    since a form passes on what a person filled in."""


@dataclass(frozen=True)
class _Seen:
    """One mail and what is asked of it more than once."""

    mail: Mail
    own: OwnMarks
    envelope_from: str | None

    @cached_property
    def kind(self) -> str:
        """The top Content-Type, lower case."""
        return (self.mail.header("content-type") or "").lower()

    @cached_property
    def null_sender(self) -> bool:
        """Whether the reverse path is <> (RFC 5321 4.5.5): who sends so wants no answer."""
        path = self.mail.header("return-path")
        return self.envelope_from in ("", "<>") or (path is not None and path.strip() in ("<>", "<null>", "< >"))

    @cached_property
    def local(self) -> str:
        """The local part of From in lower case, or the whole field where it holds no address."""
        author = self.mail.author
        return (author.key.partition("@")[0] or author.name.lower()).strip()

    @cached_property
    def precedence(self) -> str:
        return (self.mail.header("precedence") or "").strip().lower()

    @cached_property
    def is_report(self) -> bool:
        return self.kind.startswith("multipart/report")

    @cached_property
    def bulk(self) -> str:
        """The Precedence that says that this went to many, "" when it does not."""
        return f"Precedence: {self.precedence}" if self.precedence in ("bulk", "junk") and not self.form_service else ""

    @cached_property
    def form_service(self) -> bool:
        return self.mail.author.domain in self.own.form_services and not self.null_sender

    @cached_property
    def opening(self) -> str:
        """The first words of the mail on one line, without what it quotes."""
        text = self.mail.text[:4000]
        quote = QUOTE_STARTS.search(text)
        return SPACE.sub(" ", text[: quote.start()] if quote else text)[:2000]

    @cached_property
    def automatic(self) -> str:
        """Which field says that no person sent this, "" when none does."""
        mail = self.mail
        allowed = ("no", "", "auto-generated") if self.form_service else ("no", "")
        for value in mail.headers_named("auto-submitted"):
            if value.partition(";")[0].partition("(")[0].strip().lower() not in allowed:
                return "Auto-Submitted"
        if self.precedence in ("auto_reply", "auto-reply", "autoreply"):
            return "Precedence"
        for name, value in mail.headers:
            if name in AUTOMATIC_FIELDS and value.lower() not in ("", "no", "false", "0", "none"):
                return name
        if "autoresponder" in (mail.header("x-post-messageclass") or "").lower():
            return "x-post-messageclass"
        return ""

    def is_ours(self, address: str) -> bool:
        """Whether *address* is one of ours, + form or not."""
        local, _, domain = address.strip("<> ").lower().rpartition("@")
        return f"{local.partition('+')[0]}@{domain}" in self.own.addresses or f"{local}@{domain}" in self.own.addresses


def notice(mail: Mail, raw: bytes, own: OwnMarks, *, envelope_from: str | None = None) -> Notice:
    """Which kind of machine mail *mail* is and why; Notice() when a person wrote it. Never raises.

    *envelope_from* is the reverse path ("" for the null sender, None when not known). *raw*, the bytes *mail* was
    read from, helps only to find our letter in reports that return it outside any part.
    """
    seen = _Seen(mail, own, envelope_from)
    for asked, kind in QUESTIONS:
        if why := asked(seen):
            return Notice(
                kind=kind,
                why=why,
                bounce=bounce(mail, raw) if kind is Machine.BOUNCE else None,
                answer=calendar_answer(mail) if kind is Machine.CALENDAR_REPLY else None,
            )
    return Notice()


def _is_our_letter(seen: _Seen) -> str:
    marks = seen.mail.headers_named("x-mailflow-instance")
    return "carries our own instance mark" if seen.own.instance and seen.own.instance in marks else ""


def _is_from_us(seen: _Seen) -> str:
    if any(author.address and seen.is_ours(author.address) for author in seen.mail.from_):
        return "From is our own address"
    if seen.envelope_from and seen.is_ours(seen.envelope_from):
        return "the reverse path is our own address"
    return ""


def _reports_success(seen: _Seen) -> str:
    told = {action(group) for group in reported(seen.mail)} - {""}
    return "a report of delivery" if told and told <= {"delivered", "relayed", "expanded"} else ""


def _is_delivery_report(seen: _Seen) -> str:
    if "report-type=delivery-status" in SPACE.sub("", seen.kind).replace('"', ""):
        return "multipart/report of type delivery-status"
    types = {part.type for part in seen.mail.attachments}
    return "a delivery status part" if types & REPORTS else ""


def _is_receipt(seen: _Seen) -> str:
    types = {part.type for part in seen.mail.attachments}
    if "message/disposition-notification" in types or "report-type=disposition-notification" in seen.kind:
        return "a read receipt"
    if "message/feedback-report" in types or "report-type=feedback-report" in seen.kind:
        return "a complaint report"
    return "a complaint report" if seen.mail.subject.lower().startswith("complaint about message from ") else ""


def _is_calendar_reply(seen: _Seen) -> str:
    for part in seen.mail.attachments:
        if part.type in CALENDARS and CALENDAR_METHOD.search(part.content[:4000]):
            return "a calendar reply"
    return ""


def _is_old_bounce(seen: _Seen) -> str:
    subject = NOT_DELIVERED.match(seen.mail.subject)
    if seen.local in DAEMONS:
        return "From a mailer daemon"
    if seen.local.startswith(("mail delivery", "mailer-daemon", "mailer daemon")):
        return "From a mail delivery system"
    if seen.mail.header("x-failed-recipients"):
        return "X-Failed-Recipients"
    if subject and (seen.null_sender or seen.local in OFFICES or seen.automatic or seen.is_report):
        return "the subject of a bounce, from no person"
    if seen.local in OFFICES and any(part.type in RETURNED for part in seen.mail.attachments):
        return "a mail returned by a postmaster"
    return ""


def _is_list_mail(seen: _Seen) -> str:
    if seen.form_service:
        return ""
    for name, _ in seen.mail.headers:
        if name in LIST_FIELDS:
            return name
    return "Precedence: list" if seen.precedence == "list" else ""


def _is_absence(seen: _Seen) -> str:
    subject = seen.mail.subject
    if ABSENT_SUBJECT.match(subject) or ABSENT_REPLY.match(subject):
        return "the subject of an absence notice"
    mark = seen.automatic or (seen.null_sender and "the null sender") or seen.bulk
    if not mark and REPLIED_SUBJECT.match(subject):
        mark = "the subject of an automatic reply"
    opens = ABSENT_OPENING.match(subject) and not seen.mail.attachments
    if not (mark or opens):
        return ""
    absent_text = ABSENT_TEXT.search(seen.opening)
    if mark and (absent_text or ABSENT_WORD.search(subject)):
        return f"words of absence, and {mark}"
    if absent_text and opens:
        return "subject and text of an absence notice"
    return ""


def _is_automatic(seen: _Seen) -> str:
    if seen.automatic or seen.is_report:
        return seen.automatic or "a multipart/report"
    for pattern, why in ((REPLIED_SUBJECT, "an automatic reply"), (CHALLENGE, "a challenge"), (FILTERED, "a filter")):
        if pattern.match(seen.mail.subject):
            return f"the subject of {why}"
    return ""


def _is_bulk(seen: _Seen) -> str:
    return seen.bulk


def _has_no_return(seen: _Seen) -> str:
    return "the reverse path is <>" if seen.null_sender else ""


Question = Callable[[_Seen], str]

# X-Auto-Response-Suppress is no row: Exchange and ticket systems put it on what people wrote.
# fmt: off
QUESTIONS: tuple[tuple[Question, Machine], ...] = (
    (_is_our_letter,      Machine.LOOP),
    (_reports_success,    Machine.AUTO_REPLY),
    (_is_delivery_report, Machine.BOUNCE),
    (_is_receipt,         Machine.AUTO_REPLY),
    (_is_from_us,         Machine.LOOP),
    (_is_calendar_reply,  Machine.CALENDAR_REPLY),
    (_is_old_bounce,      Machine.BOUNCE),
    (_is_list_mail,       Machine.LIST),
    (_is_absence,         Machine.OUT_OF_OFFICE),
    (_is_automatic,       Machine.AUTO_REPLY),
    (_is_bulk,            Machine.LIST),
    (_has_no_return,      Machine.AUTO_REPLY),
)
# fmt: on
