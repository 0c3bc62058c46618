"""Whose mail is it? Our reply addresses and Message-IDs: minted with a seal, recognised in constant time."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from mailflow.core.mail import Mail

LONGEST_LOCAL_PART = 64  # RFC 5321 4.5.3.1.1
MOST_SIGNS = 32
"""Addresses or Message-IDs of one mail that are looked at: a hostile mail can name thousands."""
SEAL_LENGTH = 10  # base32 characters, 50 bits: a guess is a mail, and mails are slow
SEAL_BYTES = 10
"""Of the digest: more than those characters hold; base32 takes five at a time."""
PARTIES = ("referrer", "provider", "desk", "sender", "clb")
REPLY = "reply"
WHO_QUESTIONS = tuple(f"{said}_{number}" for number in range(1, 6) for said in ("mine", "not_mine"))
"""The answers to "was that you?": each question of a case has its own, so that an old tap answers no new question."""
# What a tap can carry; the same words typed by hand work as well.
ACTIONS = (
    REPLY, "accept", "waitlist", "full", "no_match", "contacted", "started", "completed",
    "keep", "withdraw", "stop_release", "elsewhere", "confirm", "deny", "assign", "feedback", "think", "ongoing",
    "disagree",
    *WHO_QUESTIONS,
)  # fmt: skip

_REFERENCE = r"MSI-(?:19|20)\d\d-\d{4,7}"
_IN_TEXT = re.compile(rf"\b{_REFERENCE}\b", re.IGNORECASE)
_IN_SUBJECT = re.compile(rf"\[({_REFERENCE})\]", re.IGNORECASE)
_DETAIL = re.compile(rf"({_REFERENCE})\.([a-z2-7]{{{SEAL_LENGTH}}})", re.IGNORECASE)
_MESSAGE_ID = re.compile(
    rf"<({_REFERENCE})\.(\d{{1,6}})\.([a-z2-7]{{{SEAL_LENGTH}}})@([^<>@\s]{{1,255}})>", re.IGNORECASE
)
_BOUNCE = re.compile(rf"b\.(\d{{1,12}})\.([a-z2-7]{{{SEAL_LENGTH}}})", re.IGNORECASE)
_DIGEST = re.compile(rf"d\.(\d{{4}}-\d\d-\d\d)\.([a-z2-7]{{{SEAL_LENGTH}}})", re.IGNORECASE)
_MAIL = re.compile(rf"m\.(\d{{1,12}})\.([a-z2-7]{{{SEAL_LENGTH}}})", re.IGNORECASE)
_SURVEY = re.compile(rf"s\.(\d{{4}})\.([a-z0-9_-]{{1,40}})\.([a-z2-7]{{{SEAL_LENGTH}}})", re.IGNORECASE)
_LOOSE_ID = re.compile(
    r"<((?:mail-(\d{1,12})(?:-\d{1,12})?|digest-(\d{4}-\d\d-\d\d)[\dT-]{0,12}"
    r"|survey(?:too)?-(\d{4})-([a-z0-9_-]{1,40}))\.\d{1,6})"
    rf"\.([a-z2-7]{{{SEAL_LENGTH}}})@([^<>@\s]{{1,255}})>"
)


@dataclass(frozen=True)
class Seal:
    """The seal keys, newest first: old ones stay valid until their cases end."""

    keys: tuple[bytes, ...] = field(repr=False)

    def mint(self, *words: str) -> str:
        """The seal of these words under the newest key: ten lower-case base32 characters."""
        return _seal(self.keys[0], words)

    def holds(self, seal: str, *words: str) -> bool:
        """Whether *seal* was minted for these words under any key; compared in constant time."""
        given = seal.lower().encode()
        return any([hmac.compare_digest(_seal(key, words).encode(), given) for key in self.keys])  # noqa: C419 - tries all


@dataclass(frozen=True, kw_only=True)
class Thread:
    """The case that a mail belongs to, and by which sign; *party* and *action* only where a seal says so."""

    reference: str | None = None
    by: str | None = None
    """address, message_id, subject or body, in order of trust; digest for a digest reply, mail for an answer to a
    letter of no case, survey for one to the survey."""
    party: str | None = None
    action: str | None = None
    digest: str | None = None
    letter: int | None = None
    """The number of the letter of its case that a delivery report is about."""
    survey: tuple[int, str] | None = None
    """The school year of a survey and the CLB that was asked."""
    mail: int | None = None
    """The number of the mail that the letter was about."""

    @property
    def sealed(self) -> bool:
        """Whether a seal of ours, not a plain reference, names the case."""
        return self.by in ("address", "message_id")


def reply_address(desk: str, reference: str, party: str, seal: Seal, *, action: str = REPLY) -> str:
    """`desk+msi-2026-0042.seal@domain`: where *party* answers on this case; the plain one where that is too long."""
    return _with_detail(desk, f"{reference.lower()}.{seal.mint(reference.upper(), party, action)}")


def message_id(domain: str, reference: str, number: int, party: str, seal: Seal) -> str:
    """`<MSI-2026-0042.7.seal@domain>`: the Message-ID of letter *number* of this case to *party*."""
    return f"<{reference.lower()}.{number}.{seal.mint(reference.upper(), party, f'm{number}')}@{domain}>"


def bounce_address(desk: str, letter_id: int, seal: Seal) -> str:
    """The envelope sender of one letter: a bounce to it names that letter."""
    return _with_detail(desk, f"b.{letter_id}.{seal.mint('bounce', str(letter_id))}")


def digest_address(desk: str, day: str, seal: Seal) -> str:
    """Where the desk answers the digest of *day* (ISO date)."""
    return _with_detail(desk, f"d.{day}.{seal.mint('digest', day)}")


def mail_address(desk: str, mail_id: int, seal: Seal) -> str:
    """Where the desk answers about a mail that belongs to no case."""
    return _with_detail(desk, f"m.{mail_id}.{seal.mint('mail', str(mail_id))}")


def survey_address(desk: str, survey: int, clb: str, seal: Seal) -> str:
    """Where a CLB answers the survey of that school year."""
    return _with_detail(desk, f"s.{survey}.{clb}.{seal.mint('survey', str(survey), clb)}")


def loose_id(domain: str, key: str, seal: Seal) -> str:
    """The Message-ID of a letter of no case; *key* names it ("mail-17.1", "digest-2026-11-23.1")."""
    return f"<{key}.{seal.mint('loose', key)}@{domain}>"


def is_ours(address: str, desk: str) -> bool:
    """Whether mail to *address* is for us: the desk's address, its + forms, or postmaster."""
    local, _, domain = address.lower().rpartition("@")
    own, _, own_domain = desk.lower().rpartition("@")
    if "@" not in address:
        return address.lower() == "postmaster"  # RFC 5321 4.5.1: without a domain too
    if domain != own_domain:
        return False
    return local in (own, "postmaster") or local.startswith(f"{own}+")


def letter_of_bounce(addresses: Iterable[str], desk: str, seal: Seal) -> int | None:
    """The letter whose envelope sender this mail was sent to, or None."""
    for detail in _details(addresses, desk):
        if (match := _BOUNCE.fullmatch(detail)) and seal.holds(match[2], "bounce", match[1]):
            return int(match[1])
    return None


def sealed_case(addresses: Iterable[str], desk: str, seal: Seal) -> str:
    """The reference that the first reply address of ours among these names, "" when there is none."""
    thread = _by_address(addresses, desk, seal)
    return (thread.reference or "") if thread else ""


def whose(mail: Mail, recipients: Sequence[str], desk: str, seal: Seal, *, quoted: str = "") -> Thread:
    """The case this mail belongs to, by the surest sign it has; an empty Thread when it has none."""
    addresses = [*recipients, *mail.delivered_to, *(a.address for a in (*mail.to, *mail.cc))]
    return (
        _by_address(addresses, desk, seal)
        or _by_message_id((*mail.in_reply_to, *reversed(mail.references))[:MOST_SIGNS], desk, seal)
        or _by_words(mail.subject, "subject")
        or _by_words(quoted[:20_000], "body")
        or Thread()
    )


def by_message_id(message_ids: Iterable[str], desk: str, seal: Seal) -> tuple[str, int, str] | None:
    """(reference, letter number, party) of the first Message-ID that is one of ours, or None."""
    domain = desk.lower().rpartition("@")[2]
    for one in message_ids:
        match = _MESSAGE_ID.fullmatch(one.strip())
        if match is None or match[4].lower() != domain:
            continue
        for party in PARTIES:
            if seal.holds(match[3], match[1].upper(), party, f"m{match[2]}"):
                return match[1].upper(), int(match[2]), party
    return None


def hints(head: str) -> tuple[str, ...]:
    """The references that the head of an unread mail mentions: good for caution, never for trust."""
    return tuple(dict.fromkeys(match[0].upper() for match in _IN_TEXT.finditer(head)))[:8]


def _by_address(addresses: Iterable[str], desk: str, seal: Seal) -> Thread | None:
    for detail in _details(addresses, desk):
        if match := _DETAIL.fullmatch(detail):
            for action in ACTIONS:  # a plain answer of anybody first: most are
                for party in PARTIES:
                    if seal.holds(match[2], match[1].upper(), party, action):
                        return Thread(reference=match[1].upper(), by="address", party=party, action=action)
        elif (match := _DIGEST.fullmatch(detail)) and seal.holds(match[2], "digest", match[1]):
            return Thread(by="digest", party="desk", digest=match[1])
        elif (match := _SURVEY.fullmatch(detail)) and seal.holds(match[3], "survey", match[1], match[2].lower()):
            return Thread(by="survey", party="clb", survey=(int(match[1]), match[2].lower()))
        elif (match := _MAIL.fullmatch(detail)) and seal.holds(match[2], "mail", match[1]):
            return Thread(by="mail", party="desk", mail=int(match[1]))
    return None


def _by_message_id(message_ids: Iterable[str], desk: str, seal: Seal) -> Thread | None:
    found = by_message_id(message_ids, desk, seal)
    if found:
        return Thread(reference=found[0], by="message_id", party=found[2], action=REPLY)
    return next(filter(None, (_by_loose_id(one, desk, seal) for one in message_ids)), None)


def _by_loose_id(one: str, desk: str, seal: Seal) -> Thread | None:
    """An answer to a letter of no case; whoever got one can write it, so that only the proven desk is heard."""
    match = _LOOSE_ID.fullmatch(one.strip())
    if (
        match is None
        or match[7].lower() != desk.lower().rpartition("@")[2]
        or not seal.holds(match[6], "loose", match[1])
    ):
        return None
    if match[4]:
        return Thread(by="survey", party="clb", survey=(int(match[4]), match[5]))
    return Thread(by="mail", mail=int(match[2])) if match[2] else Thread(by="digest", digest=match[3])


def _by_words(text: str, by: str) -> Thread | None:
    if by == "body" and len({match.upper() for match in _IN_TEXT.findall(text)}) > 1:
        return None  # a list of ours is quoted: each of its lines names its own case
    match = (_IN_SUBJECT if by == "subject" else _IN_TEXT).search(text)
    return Thread(reference=match[match.lastindex or 0].upper(), by=by) if match else None


def _with_detail(desk: str, detail: str) -> str:
    local, _, domain = desk.rpartition("@")
    # Too long for a mailbox: the Message-ID still says whose answer it is.
    return f"{local}+{detail}@{domain}" if len(f"{local}+{detail}".encode()) <= LONGEST_LOCAL_PART else desk


def _details(addresses: Iterable[str], desk: str) -> list[str]:
    own, _, own_domain = desk.lower().rpartition("@")
    found = []
    for address in addresses:
        local, _, domain = address.lower().rpartition("@")
        if domain == own_domain and local.startswith(f"{own}+"):
            found.append(local[len(own) + 1 :])
    return list(dict.fromkeys(found))[:MOST_SIGNS]


def _seal(key: bytes, words: Sequence[str]) -> str:
    # Length-prefixed, so that no two lists of words are sealed alike.
    message = b"".join(f"{len(word.encode())}:".encode() + word.encode() for word in words)
    digest = hmac.digest(key, message, hashlib.sha256)[:SEAL_BYTES]
    return base64.b32encode(digest)[:SEAL_LENGTH].decode().lower()
