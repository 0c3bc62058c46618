"""Who plays in the demo: invented people, and the mail programs that they write with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

from mailflow.outgoing.compose import File

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
WEBSITE = Person("a web form", "webformulier@formulieren.example")
DESK = Person("meldpunt worker", "medewerker@meldpunt.example")
EVERYBODY = (AN, BRAM, NAFT, PIETER, ANS_OWN, LEUVEN, WEBSITE, DESK)


def name_of(address: str) -> str:
    """What the timeline calls whoever has this address."""
    return next((person.name for person in EVERYBODY if person.address == address), address)


def writes(
    person: Person, at: datetime, subject: str, text: str, *, files: Sequence[File] = (), answer_to: str = ""
) -> bytes:
    """A new mail, as plain text, with *files* attached; *answer_to*: the address that an answer should go to."""
    return _mail(person, at, subject, DESK_ADDRESS, text, files=files, answer_to=answer_to)


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
    person: Person,
    at: datetime,
    subject: str,
    to: str,
    text: str,
    *,
    letter: EmailMessage | None = None,
    files: Sequence[File] = (),
    answer_to: str = "",
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
    if answer_to:
        mail["Reply-To"] = answer_to
    mail.set_content(text)
    for file in files:
        major, _, minor = file.type.partition("/")
        mail.add_attachment(file.content, maintype=major, subtype=minor, filename=file.name)
    return bytes(mail)
