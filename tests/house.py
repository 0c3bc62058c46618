"""A whole mailflow without wires: the real store, reader, rules and templates; a stopped clock; letters are recorded."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from zoneinfo import ZoneInfo

from edited import edit
from noor import CLB, FORM, NAFT  # noqa: F401 - of all three, whoever tests with a house takes them from here

from mailflow.app import App, build
from mailflow.clock import StoppedClock
from mailflow.core.case import Case, timeline
from mailflow.core.mail import Envelope
from mailflow.newcomer import init
from mailflow.outgoing.brake import Brake
from mailflow.outgoing.deliver import Delivered, Outcome
from mailflow.reading.authentication.resolver import ZoneResolver
from mailflow.settings import load

BRUSSELS = ZoneInfo("Europe/Brussels")
DESK = "meldpunt@meldpunt.example"
WORKER = "medewerker@meldpunt.example"
MAIL_HOST = "mx.meldpunt.example"


@dataclass(frozen=True)
class Sent:
    """A letter as it left."""

    sender: str
    recipient: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = BytesParser(policy=policy.default).parsebytes(self.raw)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    @property
    def reply_to(self) -> str:
        return str(self.message["Reply-To"])


@dataclass
class RecordingCourier:
    """Keeps what it is given; *answers* are used up first, then *says*, then everything is Delivered."""

    answers: list[Outcome] = field(default_factory=list)
    says: dict[str, Outcome] = field(default_factory=dict)
    """Recipient -> what its host says; "*" is everybody else's."""
    sent: list[Sent] = field(default_factory=list)
    offered: list[Sent] = field(default_factory=list)

    def deliver(self, *, sender: str, recipient: str, message: bytes) -> Outcome:
        says = self.says.get(recipient, self.says.get("*", Delivered()))
        outcome = self.answers.pop(0) if self.answers else says
        self.offered.append(Sent(sender, recipient, message))
        if isinstance(outcome, Delivered):
            self.sent.append(self.offered[-1])
        return outcome

    def close(self) -> None:
        pass


OPENED: list[App] = []
"""Every process of a test; tests/conftest.py closes what the test itself left open."""


class House:
    """One meldpunt on the shipped configuration, in a temporary folder."""

    def __init__(self, folder: Path, at: datetime, database: str | None = None) -> None:
        self.config = folder / "config"
        if not self.config.exists():
            init(self.config, {})
            changes = {
                '\nauthserv_id = ""': f'\nauthserv_id = "{MAIL_HOST}"',
                "\nown_hosts = []": f'\nown_hosts = ["{MAIL_HOST}"]',
                '\nurl = "sqlite:///mailflow.sqlite3"': f'\nurl = "{database or "sqlite:///mailflow.sqlite3"}"',
            }
            edit(self.config / "mailflow.toml", changes)
            leuven = 'postcode = "3000"\nphone = "016 00 00 01"\ncontact = "onthaal@vclbleuven.be"\nmunicipalities = ["Leuven"]'
            edit(self.config / "clbs.toml", {'postcode = "3000"\nphone = ""': leuven})
        self.clock = StoppedClock(at)
        self.courier = RecordingCourier()
        self.zone: dict[str, dict[str, list[str]]] = {}
        """The DNS of this house; empty: no name exists."""
        self.alarms: list[str] = []
        """When (UTC) and why the alarm command was run."""
        self.app = self.another()
        self.mails = 0

    def another(self) -> App:
        """A second process on the same database, with the same clock and courier."""
        app = build(load(self.config), self.clock, resolver=lambda: ZoneResolver(self.zone))
        OPENED.append(app)
        raised = app.worker.brake.alarm

        def alarm(why: str) -> None:
            self.alarms.append(f"{self.clock.now().astimezone(UTC).isoformat()} alarm {why}")
            raised(why)

        worker = replace(app.worker, courier=self.courier, brake=Brake(alarm))
        return replace(app, worker=worker)

    def restart(self) -> None:
        """The service ends and starts again, on the configuration as it now is."""
        self.app.close()
        self.app = self.another()

    def mail(
        self,
        text: str = FORM,
        *,
        sender: str = CLB,
        to: str = DESK,
        subject: str = "Aanmelding",
        proof: str = "pass",
        headers: str = "",
        message_id: str | None = None,
    ) -> int:
        """A mail comes in by way of our own mail host, which stamped *proof* on it ("" for no stamp); its number."""
        self.mails += 1
        domain = sender.rpartition("@")[2]
        policy_ = " (p=reject dis=none)" if proof == "fail" else ""
        stamp = f"Authentication-Results: {MAIL_HOST}; dmarc={proof}{policy_} header.from={domain}\r\n" if proof else ""
        head = (
            f"{stamp}Received: from mail.{domain} by {MAIL_HOST}\r\nFrom: <{sender}>\r\nTo: {to}\r\n"
            f"Subject: {subject}\r\nMessage-ID: {message_id or f'<{self.mails}@{domain}>'}\r\n"
            f"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n{headers}\r\n"
        )
        return self.raw(head.encode() + text.replace("\n", "\r\n").encode(), sender=sender, to=to)

    def raw(self, raw: bytes, *, sender: str = CLB, to: str = DESK) -> int:
        """Raw bytes come in from our own mail host; the mail's number. Nothing is read yet."""
        return self.app.receive(raw, Envelope(mail_from=sender, recipients=(to,), client_ip="127.0.0.1"))

    def reply(
        self, letter: Sent, text: str, *, sender: str | None = None, proof: str = "pass", quote: bool = True
    ) -> int:
        """Somebody answers a letter above the quoted original."""
        quoted = "\n".join(f"> {line}" for line in letter.text.splitlines())
        original = f"\n\nOp ma 5 okt 2026 om 09:00 schreef Meldpunt <{DESK}>:\n{quoted}\n" if quote else "\n"
        return self.mail(
            f"{text}{original}",
            sender=sender or letter.recipient,
            to=letter.reply_to,
            subject=f"Re: {letter.subject}",
            proof=proof,
            headers=f"In-Reply-To: {letter.message['Message-ID']}\r\n",
        )

    def drain(self) -> list[Sent]:
        """Do all work that is due; the letters that left."""
        before = len(self.courier.sent)
        self.app.drain()
        return self.courier.sent[before:]

    def at(self, *moment: int) -> list[Sent]:
        """Jump to this Brussels time and do what is due; the letters that left."""
        self.clock.set(datetime(*moment, tzinfo=BRUSSELS))
        return self.drain()

    def later(self, **by: float) -> list[Sent]:
        """Move on and do what is due; the letters that left."""
        self.clock.move(**by)
        return self.drain()

    def letters(self, recipient: str) -> list[Sent]:
        """Every letter that left for that address."""
        return [one for one in self.courier.sent if one.recipient == recipient]

    def case(self, reference: str = "MSI-2026-0001") -> Case:
        """The case of that reference; it must be there."""
        stored = self.app.store.cases.get(reference)
        assert stored is not None, f"no case {reference}"
        return stored.case

    def timeline(self, reference: str = "MSI-2026-0001") -> list[str]:
        """Its events, a line each."""
        return list(timeline(self.case(reference)))

    def outcome(self, mail_id: int) -> str:
        """What became of a mail."""
        line = self.app.store.mails.line(mail_id)
        assert line is not None
        return line.outcome

    def close(self) -> None:
        """Let go of the database."""
        self.app.close()
