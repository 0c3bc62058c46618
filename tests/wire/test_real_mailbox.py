"""The same story by a mailbox: one edited section, a real Dovecot, and mail that is delivered into it."""

import signal
import smtplib
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from house import CLB, DESK, FORM, NAFT
from imapclient import IMAPClient
from running import Letter, Mailflow, mailflow, program
from servers import Dovecot, sink

from mailflow.storage.engine import Database
from mailflow.storage.tables import MAIL

ALWAYS_OPEN = "public_holidays_off = false\n[hours]\n" + "".join(
    f'{day} = ["00:00-24:00"]\n' for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
)
"""Whatever day the tests run: a mailbox is read on the machine's own clock only."""
USERS = (f"meldpunt{n}" for n in count(1))
SECTION = """
[[mailbox]]
name = "meldpunt"
host = "localhost"
port = {port}
user = "{user}"
password_file = "mailbox.password"
ca_file = "{ca}"
poll_seconds = 1
"""


class Postman:
    """Delivers into one mailbox on the server, and looks into its folders."""

    def __init__(self, server: Dovecot) -> None:
        self.server, self.user = server, next(USERS)

    def section(self) -> str:
        """What an operator adds to mailflow.toml."""
        return SECTION.format(port=self.server.imaps, user=self.user, ca=self.server.certificate.cert)

    def deliver(self, mail: str) -> None:
        config = str(self.server.folder / "dovecot.conf")
        command = [program("doveadm"), "-c", config, "save", "-u", self.user]
        done = subprocess.run(command, input=mail.encode(), capture_output=True, timeout=30, check=False)
        assert done.returncode == 0, done.stderr

    def holds(self, folder: str) -> int:
        """How many mails are in that folder; 0 when it is not there."""
        with IMAPClient("127.0.0.1", self.server.imap, ssl=False) as client:
            client.sasl_login("PLAIN", lambda _: f"\0{self.user}\0{self.server.password}".encode())
            if not client.folder_exists(folder):
                return 0
            client.select_folder(folder, readonly=True)
            return len(client.search())


@pytest.fixture
def postman(mailserver: Dovecot) -> Postman:
    """For a mailbox that nobody used before."""
    return Postman(mailserver)


@pytest.fixture
def service(tmp_path: Path, postman: Postman) -> Iterator[Mailflow]:
    """With that one section added, and always open; not started."""
    files = {"mailbox.password": f"{postman.server.password}\n", "calendar.toml": ALWAYS_OPEN}
    with sink() as letters, mailflow(tmp_path, letters, files=files, more=postman.section()) as one:
        yield one


def referral() -> str:
    return f"From: An Peeters <{CLB}>\nTo: {DESK}\nSubject: Aanmelding\nMessage-ID: <1@vclbleuven.be>\n\n{FORM}"


def reply(letter: Letter, words: str, *, sender: str) -> str:
    """A mail that answers a letter, as the mail host delivers it."""
    head = f"Delivered-To: {letter.reply_to}\nFrom: {sender}\nTo: {letter.reply_to}\nSubject: Re: {letter.subject}\n"
    return f"{head}In-Reply-To: {letter.message['Message-ID']}\nMessage-ID: <{words[:4]}@x.example>\n\n{words}\n"


def mails_kept(service: Mailflow) -> int:
    database = Database(f"sqlite:///{service.config / 'mailflow.sqlite3'}")
    try:
        with database.read() as tx:
            return len(tx.execute(MAIL.select()).all())
    finally:
        database.close()


def test_a_referral_and_its_answers_go_by_way_of_the_mailbox(service: Mailflow, postman: Postman):
    """Referral, confirmation, dispatch, the provider's answer: each is read there, and moves to "Verwerkt"."""
    service.start()

    postman.deliver(referral())
    asked = service.letter(CLB, "Was jij dit?")
    postman.deliver(reply(asked, "Ja, dat was ik.", sender=CLB))
    sent = service.letter(NAFT, "Nieuwe aanmelding")
    postman.deliver(reply(sent, "Aanvaard, we starten in november.", sender=NAFT))
    understood = service.letter(NAFT, "Zo hebben we je antwoord begrepen")
    moved = service.wait_until(lambda: postman.holds("Verwerkt") == 3)
    status = service.end()

    assert understood.subject == sent.subject.replace("Nieuwe aanmelding", "Zo hebben we je antwoord begrepen")
    assert moved
    assert postman.holds("INBOX") == 0
    assert status == 0
    assert not [word for word in ("Noor", "Peeters", "vclbleuven", postman.user, "sécret") if word in service.log]


def test_killed_between_commit_and_move_a_mail_counts_once(service: Mailflow, postman: Postman):
    """It is kept but still in the inbox: at the next start it is known, moved, and answered once."""
    service.start(kill_at="after_commit_1")
    postman.deliver(referral())
    died = service.running.process.wait(20)
    left = mails_kept(service), postman.holds("INBOX"), postman.holds("Verwerkt")

    service.start()
    service.letter(CLB, "Was jij dit?")
    moved = service.wait_until(lambda: postman.holds("Verwerkt") == 1)
    service.rest()

    assert died == -signal.SIGKILL
    assert left == (1, 1, 0)
    assert moved
    assert postman.holds("INBOX") == 0
    assert mails_kept(service) == 1
    assert len(service.letters(CLB)) == 1


def test_the_same_mail_by_smtp_and_in_the_mailbox_is_one_mail(service: Mailflow, postman: Postman):
    """A host that hands it over and keeps a copy: one case, one question to its referrer."""
    service.start()
    with smtplib.SMTP("127.0.0.1", service.port, timeout=20) as host:
        host.sendmail(CLB, [DESK], referral().encode())
    postman.deliver(f"Delivered-To: {DESK}\nReceived: from x by mx\n{referral()}")

    moved = service.wait_until(lambda: postman.holds("Verwerkt") == 1)
    service.letter(CLB, "Was jij dit?")
    service.rest()

    assert moved
    assert mails_kept(service) == 1
    assert len(service.letters(CLB)) == 1


def test_a_mailbox_that_is_down_stops_nothing_else(service: Mailflow, postman: Postman):
    """The server is away at the start: an alarm in the log, and the mail is read once it is there."""
    postman.deliver(referral())
    postman.server.server.stop()
    try:
        service.start()
        told = service.wait_until(lambda: "mailbox meldpunt: no connection" in service.log)
    finally:
        postman.server.server.start()

    letter = service.letter(CLB, "Was jij dit?")

    assert told
    assert letter
