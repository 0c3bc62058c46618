"""`mailflow run` as a process on a folder of `mailflow init`, with swaks and msmtp as the mail programs of people."""

import signal
import smtplib
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from house import BRUSSELS, CLB, DESK, FORM, NAFT
from ports import LISTENS, SENDS, shipped_ports
from running import Letter, Mailflow, mailflow, program
from servers import sink

from mailflow.storage.engine import Database
from mailflow.storage.tables import MAIL, TASK

SUNDAY = datetime(2026, 10, 4, 22, 14, tzinfo=BRUSSELS)
MONDAY = datetime(2026, 10, 5, 9, 0, tzinfo=BRUSSELS)
HOST = "mx.meldpunt.example"
TRUSTS_ITS_HOST = {'authserv_id = ""': f'authserv_id = "{HOST}"', "own_hosts = []": f'own_hosts = ["{HOST}"]'}
STAMP = f"Authentication-Results: {HOST}; dmarc=pass header.from=vclbleuven.be\nReceived: from mail by {HOST}\n"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Mailflow]:
    """On an unedited folder where the shipped ports are free, with the machine's own clock; not started."""
    with (
        shipped_ports() as (listens, sends),
        sink(port=sends) as letters,
        mailflow(tmp_path, letters, port=listens) as one,
    ):
        yield one


@pytest.fixture
def sunday(tmp_path: Path) -> Iterator[Mailflow]:
    """The same with a clock that can jump, on a Sunday night, and a mail host that it trusts; not started."""
    with sink() as letters, mailflow(tmp_path, letters, at=SUNDAY, **TRUSTS_ITS_HOST) as one:
        yield one


def swaks(service: Mailflow, folder: Path, text: str = FORM, *, to: str = DESK) -> subprocess.CompletedProcess[str]:
    """The command that README shows."""
    (folder / "form.txt").write_text(text)
    command = [program("swaks"), "--server", f"127.0.0.1:{service.port}", "--from", CLB, "--to", to]
    subject = ["--header", "Subject: Aanmelding"]
    command += [*subject, "--body", f"@{folder / 'form.txt'}"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def msmtp(service: Mailflow, mail: str, *, sender: str, to: str) -> None:
    """Hand a whole mail over as a mail program on a Linux machine does."""
    command = [program("msmtp"), "--host=127.0.0.1", f"--port={service.port}", f"--from={sender}", "--", to]
    done = subprocess.run(command, input=mail, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def reply(letter: Letter, words: str, *, sender: str) -> str:
    """A mail that answers a letter."""
    head = f"From: {sender}\nTo: {letter.reply_to}\nSubject: Re: {letter.subject}\n"
    return f"{head}In-Reply-To: {letter.message['Message-ID']}\n\n{words}\n"


def stamped(text: str = FORM) -> str:
    """A referral by way of the meldpunt's own host, which proved its sender."""
    return f"{STAMP}From: {CLB}\nTo: {DESK}\nSubject: Aanmelding\nMessage-ID: <1@vclbleuven.be>\n\n{text}"


def rows(service: Mailflow, table) -> int:
    """How many rows there are on disk."""
    database = Database(f"sqlite:///{service.config / 'mailflow.sqlite3'}")
    try:
        with database.read() as tx:
            return len(tx.execute(table.select()).all())
    finally:
        database.close()


def test_an_unedited_folder_takes_a_referral_from_swaks_and_its_confirmation_from_msmtp(
    service: Mailflow, tmp_path: Path
):
    """Nobody proves the sender on such a machine: so the address is asked, and says yes."""
    service.start()

    sent = swaks(service, tmp_path)
    asked = service.letter(CLB, "Was jij dit?")
    msmtp(service, reply(asked, "Ja, dat was ik", sender=CLB), sender=CLB, to=asked.reply_to)
    received = service.letter(CLB, "Aanmelding goed ontvangen")
    status = service.end()

    assert sent.returncode == 0, sent.stdout
    assert "250 2.0.0 kept" in sent.stdout
    assert received.subject.startswith("[MSI-")
    assert status == 0
    shipped = (service.port, service.sink.port) == (LISTENS, SENDS)  # unless another program has one of them just now
    ports = {f"port = {LISTENS}", f"port = {SENDS}"}
    assert shipped == (ports <= {*(service.config / "mailflow.toml").read_text().splitlines()})


def test_what_is_not_ours_is_refused(service: Mailflow, tmp_path: Path):
    """No relay: 550 to swaks before any content, and nothing is kept."""
    service.start()

    sent = swaks(service, tmp_path, to="iemand@elders.example")

    assert sent.returncode == 24  # swaks: no recipient was accepted
    assert "550 5.1.1" in sent.stdout
    assert rows(service, MAIL) == 0


def test_what_was_answered_with_250_is_on_disk(service: Mailflow, tmp_path: Path):
    """Killed right after 250, before anything else could be done: the mail and its task are there, and it goes on."""
    service.start("--only", "intake")

    sent = swaks(service, tmp_path)
    service.end(signal.SIGKILL)
    kept = rows(service, MAIL), rows(service, TASK)
    service.start()

    assert sent.returncode == 0
    assert kept == (1, 1)
    assert service.letter(CLB, "Was jij dit?")


def test_sigterm_lets_a_mail_under_way_come_in(service: Mailflow):
    """A caller in the middle of its mail may finish it, and only then the service ends, with status 0."""
    service.start("--only", "intake")
    with closing(smtplib.SMTP("127.0.0.1", service.port, timeout=20)) as caller:
        caller.ehlo("clb.example")
        caller.mail(CLB)
        caller.rcpt(DESK)
        caller.docmd("DATA")
        caller.send(f"From: {CLB}\r\nSubject: Aanmelding\r\n\r\n".encode())

        service.running.process.send_signal(signal.SIGTERM)
        assert service.wait_until(lambda: " stopping" in service.log)
        caller.send(FORM.replace("\n", "\r\n").encode() + b".\r\n")
        answer = caller.getreply()

    assert answer[0] == 250
    assert service.running.process.wait(20) == 0
    assert rows(service, MAIL) == 1


def test_a_restart_while_closed_sends_nothing(sunday: Mailflow):
    """Stopped, started, killed and started again on Sunday night: the provider hears at nine, and once."""
    sunday.start()
    msmtp(sunday, stamped(), sender=CLB, to=DESK)
    sunday.letter(CLB, "Aanmelding goed ontvangen")
    for kind in (signal.SIGTERM, signal.SIGKILL):
        sunday.end(kind)
        sunday.start()
        sunday.rest()
    before = sunday.letters(NAFT)

    sunday.clock.set(MONDAY)
    referral = sunday.letter(NAFT, "Nieuwe aanmelding")
    sunday.rest()

    assert before == []
    assert len(sunday.letters(NAFT)) == 1
    assert referral.left_at >= MONDAY


def test_nothing_personal_is_logged(sunday: Mailflow):
    """Neither what the form says, nor who wrote it or answered: numbers and codes only."""
    sunday.start()
    msmtp(sunday, stamped(), sender=CLB, to=DESK)
    sunday.letter(CLB, "Aanmelding goed ontvangen")
    sunday.clock.set(MONDAY)
    referral = sunday.letter(NAFT, "Nieuwe aanmelding")
    msmtp(sunday, reply(referral, "Aanvaard, wij bellen Noor.", sender=NAFT), sender=NAFT, to=referral.reply_to)
    sunday.letter(NAFT, "Zo hebben we je antwoord begrepen")
    status = sunday.end()

    words = {word for line in FORM.splitlines() for word in line.partition(": ")[2].split() if len(word) > 3}
    said = {word for word in (*words, "Noor", "Aanvaard", "@", "vclbleuven", "naft") if word in sunday.log}

    assert status == 0
    assert "received" in sunday.log
    assert said == set()
