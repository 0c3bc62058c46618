"""DNS, submission, mailbox and certificate fail; a reader eats memory or time: nothing is lost, and somebody is told."""

import os
import select
import shutil
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import story
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from house import CLB, DESK, FORM, MAIL_HOST, NAFT
from outcome import Row
from servers import Certificate, dovecot, open_folder, sink
from story import Told

from mailflow.app import build
from mailflow.core.form import labels
from mailflow.core.mail import Attachment, Envelope, Found
from mailflow.intake.imap import Mailbox
from mailflow.intake.imap_faults import MailboxDown
from mailflow.intake.imap_settings import MailboxSettings
from mailflow.outgoing.deliver import Courier, Unavailable
from mailflow.outgoing.submission import SubmissionSettings
from mailflow.reading.apart import TOO_HEAVY, Apart
from mailflow.reading.authentication.resolver import TemporaryFailure
from mailflow.reading.documents.limits import DocumentLimits
from mailflow.settings import load


class _NoDns:
    """Every question times out."""

    def txt(self, _name: str) -> TemporaryFailure:
        return TemporaryFailure("timeout")

    a = aaaa = mx = ptr = txt


def dns_down(base: Path) -> Row:
    """A CLB mails straight to us while no name server answers: it is tried again, and then the address confirms."""
    told = Told(story.copied(story.fresh(base / "dns-fresh"), base / "dns"))
    told.app.close()
    app = build(story.settings_of(told.config), told.clock, resolver=_NoDns)
    told.app = replace(app, worker=replace(app.worker, courier=told.outside))
    with closing(told.app):
        head = f"From: <{CLB}>\r\nTo: {DESK}\r\nSubject: Aanmelding\r\nMessage-ID: <1@vclbleuven.be>\r\n\r\n"
        straight = Envelope(mail_from=CLB, recipients=(DESK,), client_ip="203.0.113.5", helo="mail.vclbleuven.be")
        told.app.receive(head.encode() + FORM.replace("\n", "\r\n").encode(), straight)
        for _ in range(60):
            told.app.drain()
            told.clock.move(minutes=10)
        letters = Counter(one.recipient for one in told.outside.letters)
        line = told.app.store.mails.line(1)
        stuck = told.app.store.stuck_tasks()
    wrong = [f"{letters}, {line}"] if letters[NAFT] or not line or line.state != "read" or stuck else []
    return Row(fault="DNS down", how="ten hours", times=1, accepted=1, lost=int(not line), seen="the sender is asked to confirm", wrong=tuple(wrong))  # fmt: skip


def submission_down(base: Path) -> Row:
    """The sending server refuses connections for three days: one alarm, every letter waits, and leaves once after."""
    told = Told(story.copied(story.fresh(base / "sub-fresh"), base / "sub"))
    alarms: list[str] = []

    class Down:
        def deliver(self, **_: object):
            return Unavailable("connection refused")

        def close(self) -> None:
            pass

    up = told.outside
    brake = replace(told.app.worker.brake, alarm=alarms.append)
    told.app = replace(told.app, worker=replace(told.app.worker, courier=Down(), brake=brake))
    with closing(told.app):
        for number in range(20):
            told.mail(FORM.replace("Noor", f"Kind{chr(97 + number)}").replace("12/03", f"{number + 1}/03"))
        for _ in range(3 * 24 * 4):
            told.app.drain()
            told.clock.move(minutes=15)
        waiting = len(up.letters)
        told.app = replace(told.app, worker=replace(told.app.worker, courier=up))
        for _ in range(24):  # a referral that was held up leaves in opening hours only
            told.app.drain()
            told.clock.move(hours=1)
        got = Counter((one.recipient, one.subject) for one in up.letters)
        referrals = sum(count for (to, subject), count in got.items() if to == NAFT and "aanmelding" in subject)
        stuck = told.app.store.stuck_tasks()
    wrong = [f"{waiting} left too early"] if waiting else []
    wrong += [f"{len(alarms)} alarms"] if len(alarms) != 1 else []
    wrong += [f"{len(stuck)} stuck"] if stuck else []
    return Row(
        fault="submission down", how="three days", times=1, accepted=20, lost=20 - referrals,
        doubled=sum(count - 1 for count in got.values()), seen="one alarm; letters leave when it is back", wrong=tuple(wrong),
    )  # fmt: skip


def certificate_expired(_base: Path) -> Row:
    """The sending server shows a certificate that has expired: nothing is said to it, and the reason is told."""
    with open_folder() as folder:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "127.0.0.1")])
        then = datetime(2020, 1, 1, tzinfo=UTC)
        made = (
            x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(then).not_valid_after(then + timedelta(days=90))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )  # fmt: skip
        cert, secret = folder / "cert.pem", folder / "key.pem"
        cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        with sink(Certificate(cert, secret)) as here:
            courier = Courier(
                SubmissionSettings(
                    host="localhost", port=here.port, security="starttls", ca_file=cert, hostname="x.example"
                )
            )
            outcome = courier.deliver(sender=DESK, recipient=CLB, message=b"Subject: x\r\n\r\ny\r\n")
            courier.close()
            kept = len(here.kept)
    why = outcome.why if isinstance(outcome, Unavailable) else str(outcome)
    wrong = () if isinstance(outcome, Unavailable) and not kept and "expired" in why else (why,)
    return Row(fault="certificate expired", how="of the sending server", times=1, seen=f"“{why}”", wrong=wrong)


MAILS = 12


def mailbox_killed_and_down(base: Path, every: int = 1) -> Row:
    """Real Dovecot: killed at each commit and around each move (or at each *every*-th), then the server itself stops."""
    template = story.fresh(base / "box-fresh")
    wrong, times, lost, accepted = [], 0, 0, 0
    with dovecot() as server:
        arms = ["before_move:1", "after_move:1", *(f"{when}_commit:{n}" for n in range(1, MAILS + 1) for when in ("before", "after"))]  # fmt: skip
        for number, arm in enumerate(arms[::every]):
            user = f"box{number}"
            inbox = server.maildir(user) / "new"
            for part in ("new", "cur", "tmp"):
                (server.maildir(user) / part).mkdir(parents=True)
            for mail in range(MAILS):
                head = f"Authentication-Results: {MAIL_HOST}; dmarc=pass header.from=vclbleuven.be\nReceived: by {MAIL_HOST}\n"
                (inbox / f"{mail}.host").write_text(f"{head}From: <{CLB}>\nTo: {DESK}\nSubject: Vraag\nMessage-ID: <{mail}@x.example>\n\nDag {mail}\n")  # fmt: skip
            for path in [server.folder / "mail" / user, *(server.folder / "mail" / user).rglob("*")]:
                shutil.chown(path, "vmail", "vmail")
            settings = MailboxSettings(
                name="box", host="127.0.0.1", port=server.imap, security="none", user=user, password=server.password
            )
            folder = story.copied(template, base / f"box-{number}")
            step = [("poll", (2026, 10, 5, 10, 0), lambda told, settings=settings: _poll(told, settings))]
            times += story.was_killed(story.live(folder, arm, step))
            if story.live(folder, steps=step):
                wrong.append(f"{arm}: it does not get up again")
            told = Told(folder)
            with closing(told.app):
                kept = len(told.app.store.mails.lines(limit=1000))
            left = len([*inbox.iterdir(), *(server.maildir(user) / "cur").iterdir()])
            accepted += MAILS
            lost += MAILS - kept
            if left:
                wrong.append(f"{arm}: {left} are still in the inbox")
        settings = replace(settings, timeout=5)
        server.server.stop()
        box = Mailbox(settings, lambda _raw, _envelope: None)
        try:
            box.poll()
            wrong.append("a server that is gone was read")
        except MailboxDown as fault:
            words = str(fault)
        box.close()
    return Row(
        fault="mailbox", how="killed at each commit and around the move (Dovecot); then the server is gone", times=times + 1, accepted=accepted, lost=lost,
        doubled=0, seen=f"“{words}”; mail waits there", wrong=tuple(wrong),
    )  # fmt: skip


def _poll(told: Told, settings: MailboxSettings) -> None:
    box = Mailbox(settings, lambda raw, envelope: (told.app.receive(raw, envelope), None)[1])
    try:
        box.poll()
    finally:
        box.close()


def reader_gone(_base: Path) -> Row:
    """A document that kills, fills or never lets go of the process that opens it."""
    form, limits = (
        Attachment("form.csv", "text/csv", 40, b"Voornaam;Noor\r\nAchternaam;Voorbeeld\r\n"),
        DocumentLimits(),
    )
    known = partial(labels, load(None).rules.fields)
    apart, wrong = Apart(seconds=4, megabytes=700), []
    harms = {
        "dies": os.abort,
        "eats memory": partial(bytes, 2_000_000_000),
        "eats time": partial(select.select, [], [], []),
    }
    try:
        for what, harm in harms.items():
            if apart.read(form, limits, harm) != TOO_HEAVY or not isinstance(apart.read(form, limits, known), Found):
                wrong.append(what)
    finally:
        apart.close()
    return Row(fault="reader", how="dies, eats memory, eats time", times=len(harms), seen=f"“form.csv: {TOO_HEAVY.why}”", wrong=tuple(wrong))  # fmt: skip
