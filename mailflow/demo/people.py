"""Who plays in the demo: invented people, and the mail programs that they write with."""

from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

DESK_ADDRESS = "meldpunt@meldpunt.example"


@dataclass(frozen=True)
class Person:
    """Somebody who mails."""

    name: str
    address: str


AN = Person("An (CLB)", "an.peeters@vclbleuven.be")
BRAM = Person("Bram (CLB)", "bram.claes@vrijclbbro.be")
NAFT = Person("NAFT VBO", "aanmelding@naft-vbo.example")
PIETER = Person("Pieter (parent)", "pieter.staal@thuis.example")
ANS_OWN = Person("An (at home)", "an.peeters@prive.example")
LEUVEN = Person("CLB Leuven", "onthaal@vclbleuven.be")
DESK = Person("meldpunt worker", "medewerker@meldpunt.example")
EVERYBODY = (AN, BRAM, NAFT, PIETER, ANS_OWN, LEUVEN, DESK)


def name_of(address: str) -> str:
    """What the timeline calls whoever has this address."""
    return next((person.name for person in EVERYBODY if person.address == address), address)


def writes(person: Person, at: datetime, subject: str, text: str) -> bytes:
    """A new mail, as plain text."""
    return _mail(person, at, subject, DESK_ADDRESS, text)


def answers(person: Person, at: datetime, letter: EmailMessage, words: str, style: str) -> bytes:
    """An answer to a letter as Outlook or an iPhone would write it: words on top, the original quoted below."""
    body = letter.get_body(("plain",))
    original = str(body.get_content()) if body else ""
    subject = f"{'RE' if style == 'outlook' else 'Re'}: {letter['Subject']}"
    text = (_outlook if style == "outlook" else _iphone)(words, letter, original)
    return _mail(person, at, subject, str(letter["Reply-To"]), text, letter=letter)


def _outlook(words: str, letter: EmailMessage, original: str) -> str:
    head = f"Van: {letter['From']}\nVerzonden: {letter['Date']}\nAan: {letter['To']}\nOnderwerp: {letter['Subject']}"
    return (
        f"{words}\n\nMet vriendelijke groeten\nKoen\nNAFT VBO\n\n________________________________\n{head}\n\n{original}"
    )


def _iphone(words: str, letter: EmailMessage, original: str) -> str:
    quoted = "\n".join(f"> {line}" for line in original.splitlines())
    return f"{words}\n\nVerstuurd vanaf mijn iPhone\n\nOp {letter['Date']} schreef {letter['From']}:\n{quoted}\n"


def _mail(
    person: Person, at: datetime, subject: str, to: str, text: str, *, letter: EmailMessage | None = None
) -> bytes:
    mail = EmailMessage(policy=policy.SMTP.clone(max_line_length=900))
    domain = person.address.rpartition("@")[2]
    mail["From"] = f"{person.name} <{person.address}>".replace("(", "").replace(")", "")
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{at.timestamp():.6f}@{domain}>"
    if letter is not None:
        mail["In-Reply-To"] = str(letter["Message-ID"])
        mail["References"] = f"{letter['References'] or ''} {letter['Message-ID']}".strip()
    mail.set_content(text)
    return bytes(mail)
