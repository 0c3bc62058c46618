"""The post around the bench: mails as a CLB and a provider send them, a client that posts them, a sink that counts."""

import re
import socket
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "reading"))

from signers import rsa_signer, sign

DESK = "meldpunt@meldpunt.example"
CLB, PROVIDER = "vclbleuven.be", "naft-vbo.example"
SIGNER = rsa_signer(2048, "bench")
ZONE = {f"s1._domainkey.{domain}": {"TXT": [SIGNER.record()]} for domain in (CLB, PROVIDER)}
ZONE |= {f"_dmarc.{domain}": {"TXT": ["v=DMARC1; p=reject"]} for domain in (CLB, PROVIDER)}
REFERENCE = re.compile(r"MSI-\d{4}-\d+")

FIELDS = (
    ("Voornaam", "{first}"), ("Achternaam", "{last}"), ("Geboortedatum", "12/03/2011"), ("Woonplaats", "3000 Leuven"),
    ("School", "Sint-Voorbeeld Leuven"), ("Naam aanmelder", "An Peeters"), ("CLB", "Vrij CLB Leuven"),
    ("E-mail aanmelder", "an.{n}@vclbleuven.be"), ("Telefoon aanmelder", "016 12 34 56"), ("Ouders akkoord", "ja"),
    ("Aanleiding", "komt sinds september amper nog op school, en zegt dat het er te druk is"),
    ("Gewenste aanbieder", "NAFT VBO"),
)  # fmt: skip


def referral(number: int, *, signed: bool = True) -> bytes:
    """A referral of 3.8 kB in text and HTML, of a pupil and a CLB worker of its own."""
    name = _letters(number)
    said = [(label, value.format(first=f"N{name}", last=f"Voorbeeld{name}", n=number)) for label, value in FIELDS]
    text = "Dag,\r\n\r\nhierbij een aanmelding.\r\n\r\n" + "".join(f"{label}: {value}\r\n" for label, value in said)
    rows = "".join(f'<tr><td style="padding:4px">{label}</td><td>{value}</td></tr>\r\n' for label, value in said)
    html = f"<html><body><p>Dag,</p><p>hierbij een aanmelding.</p><table>\r\n{rows}</table></body></html>\r\n"
    boundary = f"=_{number:032d}"
    parts = "".join(
        f"--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{words}\r\n"
        for kind, words in (("plain", text), ("html", html))
    )
    head = (
        f"Received: from pc.{CLB} (pc.{CLB} [192.0.2.7])\r\n by mail.{CLB} with ESMTPSA; Tue, 6 Oct 2026 09:59:00 +0200\r\n"
        f"From: An Peeters <an.{number}@{CLB}>\r\nTo: {DESK}\r\nSubject: Aanmelding\r\n"
        f"Date: Tue, 6 Oct 2026 09:59:00 +0200\r\nMessage-ID: <{number}@{CLB}>\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'
    )
    mail = f"{head}{parts}--{boundary}--\r\n".encode()
    return sign(mail, SIGNER, domain=CLB) if signed else mail


def reply(letter: "Landed", *, signed: bool = True) -> bytes:
    """A provider takes the pupil of that letter: an answer above a quote of it."""
    quoted = "".join(f"> {line}\r\n" for line in ("Een nieuwe aanmelding.", "Neem contact op met de aanmelder."))
    mail = (
        f"From: Aanmelding <aanmelding@{PROVIDER}>\r\nTo: {letter.reply_to}\r\nSubject: Re: {letter.subject}\r\n"
        f"Date: Tue, 6 Oct 2026 10:30:00 +0200\r\nMessage-ID: <re-{letter.reference}@{PROVIDER}>\r\n"
        f"In-Reply-To: {letter.message_id}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        f"Dag,\r\n\r\nWij nemen deze leerling graag op.\r\n\r\nOp di 6 okt 2026 om 10:00 schreef Meldpunt <{DESK}>:\r\n{quoted}"
    ).encode()
    return sign(mail, SIGNER, domain=PROVIDER) if signed else mail


def _letters(number: int) -> str:
    """A number as letters, for a name that is nobody's."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


@dataclass(frozen=True)
class Landed:
    """A letter that reached the sink, and when (monotonic seconds)."""

    at: float
    recipient: str
    head: str

    def header(self, name: str) -> str:
        found = re.search(rf"(?im)^{name}: *(.*(?:\r\n[ \t].*)*)", self.head)
        return re.sub(r"\r\n\s+", " ", found[1]).strip() if found else ""

    @property
    def subject(self) -> str:
        return self.header("Subject")

    @property
    def reply_to(self) -> str:
        return self.header("Reply-To").strip("<>")

    @property
    def message_id(self) -> str:
        return self.header("Message-ID")

    @property
    def reference(self) -> str:
        found = REFERENCE.search(self.subject)
        return found[0] if found else ""


@dataclass
class Sink:
    """Takes every letter, keeps its head, and lets somebody wait until so many have come."""

    letters: list[Landed] = field(default_factory=list)
    port: int = 0
    _more: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        threading.Thread(target=self._accept, args=[listening], daemon=True).start()

    def wait_for(self, count: int, seconds: float = 120) -> None:
        """Until *count* letters have come in all; raises TimeoutError when they do not."""
        with self._more:
            if not self._more.wait_for(lambda: len(self.letters) >= count, seconds):
                raise TimeoutError(f"{len(self.letters)} of {count} letters came")

    def _accept(self, listening: socket.socket) -> None:
        while True:
            caller, _ = listening.accept()
            caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=[caller], daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        stream, recipient = caller.makefile("rb"), ""
        caller.sendall(b"220 sink\r\n")
        while line := stream.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                caller.sendall(b"354 go\r\n")
                lines = []
                while (line := stream.readline()) not in (b".\r\n", b""):
                    lines.append(line)
                at, head = time.monotonic(), b"".join(lines).partition(b"\r\n\r\n")[0]
                caller.sendall(b"250 taken\r\n")
                if recipient.endswith(DESK.partition("@")[2]):  # the digest of the day comes when it comes
                    continue
                with self._more:
                    self.letters.append(Landed(at, recipient, head.decode("ascii", "replace")))
                    self._more.notify_all()
                continue
            if verb == b"RCPT":
                recipient = line.decode("ascii", "replace").partition("<")[2].partition(">")[0]
            caller.sendall(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")


class Poster:
    """Posts mails over one connection."""

    def __init__(self, port: int) -> None:
        self._line = socket.create_connection(("127.0.0.1", port))
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = self._line.makefile("rb")
        self._expect(b"220")
        self._say(b"EHLO mail.clb.example", b"250")

    def post(self, mail: bytes, *, sender: str, to: str) -> float:
        """Post one mail; the seconds from its last byte to 250."""
        self._say(f"MAIL FROM:<{sender}>".encode(), b"250")
        self._say(f"RCPT TO:<{to}>".encode(), b"250")
        self._say(b"DATA", b"354")
        began = time.monotonic()
        self._say(mail.replace(b"\r\n.", b"\r\n..") + b".", b"250")
        return time.monotonic() - began

    def close(self) -> None:
        self._line.close()

    def _say(self, words: bytes, wanted: bytes) -> None:
        self._line.sendall(words + b"\r\n")
        self._expect(wanted)

    def _expect(self, wanted: bytes) -> None:
        line = self._stream.readline()
        while line[3:4] == b"-":
            line = self._stream.readline()
        if not line.startswith(wanted):
            raise ConnectionError(f"{wanted!r} was expected, {line[:80]!r} came")
