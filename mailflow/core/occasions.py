"""What can be decided upon: each occasion, with all that is known at that moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mailflow.core.case import Case
from mailflow.core.copying import SentLetter
from mailflow.core.house import LookedUp
from mailflow.core.mail import Reading
from mailflow.core.pupil import Earlier, Pupil
from mailflow.core.retention import What
from mailflow.core.understand import Understanding


@dataclass(frozen=True, kw_only=True)
class MailCame:
    """A mail was read; *case* of the decision is the one that it names, if that exists."""

    mail_id: int
    """0 for a line that was typed on this machine."""
    reading: Reading
    understanding: Understanding
    full: frozenset[str] = frozenset()
    """Keys of the providers that reported full for the school year."""
    lately: int = 0
    """How many letters of ours the author's address got within the last day."""
    answered: int = 0
    """How many of them answered a mail without form or case, or said that a person reads it."""
    alarmed: int = 0
    """How many letters about words of danger the desk got within the last day."""
    held_lately: int = 0
    """How many mails of this author were held within the last day."""
    held_in_all: int = 0
    """How many letters the desk got within the last day about held mail of anybody."""
    waiting: tuple[Case, ...] = ()
    """When a provider asks for its waitlist: the cases on it."""
    others: Mapping[str, Case] = field(default_factory=dict)
    """The other cases that its words mention, by reference: nothing is known yet of who may speak on them."""
    maybe: tuple[Case, ...] = ()
    """When it looks like an answer and names no case: the open ones that its author may speak on."""
    hers: tuple[Case, ...] = ()
    """When a worker hands her cases over: the other open ones that this is about."""
    pupils: Mapping[Pupil, tuple[Earlier, ...]] = field(default_factory=dict)
    """The pupils that it may be about, each with the cases there are of that pupil, newest first."""
    held: "MailCame | None" = None
    """The mail that the desk decides on with this one, if that still waits for it."""
    attachments: tuple[str, ...] = ()
    """When it says that a letter bounced: names of the attachments of the mails that made the referral."""
    asked: "MailCame | None" = None
    """The mail of which a party of the case is asked whether it wrote it, as it is read now."""
    survey_asked: int = 0
    """How many letters about an answer to the survey the author's address got within the last day."""
    people: frozenset[str] = frozenset()
    """When it holds a signal: the names in the cases that its author may speak on, lower case."""
    looked_up: LookedUp = field(default_factory=LookedUp)
    """What orders of the desk about no single case are about."""


@dataclass(frozen=True, kw_only=True)
class ReleaseDue:
    """The moment of a held referral has come; *blocked*: mail on this case is still unread or stuck."""

    blocked: bool = False
    full: frozenset[str] = frozenset()
    attachments: tuple[str, ...] = ()
    """Names of the attachments of the mails that made the referral."""


@dataclass(frozen=True, kw_only=True)
class ReferralHeldUp:
    """The letter of a referral is written, and cannot leave before that moment: the meldpunt closed meanwhile."""

    leaves: datetime


@dataclass(frozen=True, kw_only=True)
class LookDue:
    """The moment has come to look at a case again."""

    asked: MailCame | None = None
    """The mail of which a party is asked whether it wrote it, as it is read now."""
    full: frozenset[str] = frozenset()
    """Keys of the providers that are full for the school year."""


@dataclass(frozen=True, kw_only=True)
class LetterLeft:
    """A letter of this case was delivered to the next host."""

    number: int


@dataclass(frozen=True, kw_only=True)
class LetterFailed:
    """A letter of this case cannot be delivered; *why* is a status and words without addresses."""

    number: int
    why: str
    attachments: tuple[str, ...] = ()
    """Names of the attachments of the mails that made the referral."""


@dataclass(frozen=True, kw_only=True)
class EraseDue:
    """What people wrote on a case has had its time, or somebody asked for it to be erased."""

    what: What


@dataclass(frozen=True, kw_only=True)
class CopyDue:
    """The CLB worker is to get a copy of a case."""

    letters: tuple[SentLetter, ...]
    """All that left about it, oldest first."""


@dataclass(frozen=True, kw_only=True)
class HoldAsked:
    """Whoever answers for the data wants that nothing of a case is erased, or that it may be again."""

    why: str
    """A reference of the order, without a name; "" lifts it."""


Occasion = MailCame | ReleaseDue | ReferralHeldUp | LookDue | LetterLeft | LetterFailed | EraseDue | HoldAsked | CopyDue
