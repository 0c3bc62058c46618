"""The mail of the demo's school year: who writes what and when, and the mailboxes that our letters come to."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime

from mailflow.demo.people import DESK_ADDRESS, Person, answers, writes
from mailflow.demo.year_plans import Plan
from mailflow.outgoing.deliver import Delivered, Outcome
from mailflow.reading.mime import parse

QUOTES_EACH = 4
"""One answer in so many repeats our letter below it, as a mail program at a desk does; a phone often does not."""

# What a letter names, and what an overview or a digest asks of each case.
REFERENCE = re.compile(r"MSI-\d{4}-\d{4,7}")
NEXT_YEAR = re.compile(r"(MSI-\d{4}-\d{4,7}) [^:]*: blijft dit volgend schooljaar")
DECIDE = re.compile(r"(MSI-\d{4}-\d{4,7}) [^:]*: wacht op het meldpunt")
NO_CLB = re.compile(r"(MSI-\d{4}-\d{4,7}) [^:]*: wacht op een CLB \(")
GONE = re.compile(r"(MSI-\d{4}-\d{4,7}) [^:]*: [^:]*: stuur naar een andere aanbieder, of sluit")


@dataclass
class Mailboxes:
    """Everybody's mailbox but ours: every letter is taken, and kept until somebody reads it."""

    came: list[tuple[str, str, bytes]] = field(default_factory=list)
    """(envelope sender, recipient, letter)"""
    total: int = 0

    def deliver(self, *, sender: str, recipient: str, message: bytes) -> Outcome:
        """Take one letter."""
        self.came.append((sender, recipient, message))
        self.total += 1
        return Delivered()

    def close(self) -> None:
        """Nothing to let go of."""


@dataclass(order=True, frozen=True)
class Due:
    """A mail that somebody writes at that moment."""

    at: datetime
    number: int
    person: Person = field(compare=False)
    text: str = field(compare=False)
    letter: bytes | None = field(compare=False, default=None)
    """The letter that this answers."""
    plan: Plan | None = field(compare=False, default=None)
    proof: str = field(compare=False, default="pass")

    def written(self, at: datetime) -> tuple[bytes, str]:
        """The mail, and where it goes."""
        if self.letter is None:
            return writes(self.person, at, "Aanmelding", self.text), DESK_ADDRESS
        read = parse(self.letter)
        to = read.reply_to[0].address
        if self.number % QUOTES_EACH == 0:
            program = ("outlook", "iphone")[self.number // QUOTES_EACH % 2]
            return answers(self.person, at, _parsed(self.letter), self.text, program), to
        domain, text = self.person.address.rpartition("@")[2], self.text.replace("\n", "\r\n")
        raw = (
            f"From: {self.person.name} <{self.person.address}>\r\nTo: {to}\r\nSubject: Re: {read.subject}\r\n"
            f"Date: {format_datetime(at)}\r\nMessage-ID: <{at.timestamp():.6f}.{self.number}@{domain}>\r\n"
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
            f"{text}\r\n\r\nVerstuurd vanaf mijn telefoon\r\n"
        )
        return raw.encode(), to


def subject_of(raw: bytes) -> str:
    """The subject of one of our letters."""
    return parse(raw.partition(b"\r\n\r\n")[0]).subject


def _parsed(raw: bytes) -> EmailMessage:
    parsed = BytesParser(policy=policy.default).parsebytes(raw)
    assert isinstance(parsed, EmailMessage)  # noqa: S101 - the policy says so, its type does not
    return parsed
