"""Letters by way of a real Postfix, and what comes back from it: what it takes later, refuses, loses and returns."""

import asyncio
import smtplib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from email.message import Message
from email.parser import BytesParser
from functools import partial
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest
from house import CLB, DESK, FORM, NAFT, WORKER, House
from ports import free_port
from servers import Postfix, Sink, comes_to_be, postfix, sink

from mailflow.core.mail import Envelope
from mailflow.core.thread import is_ours
from mailflow.intake.smtp import Listener
from mailflow.intake.smtp_settings import ListenerSettings
from mailflow.outgoing.brake import Brake
from mailflow.outgoing.deliver import Courier
from mailflow.outgoing.submission import SubmissionSettings

PUPILS = ("", "Noor", "Lotte", "Mila")
ELSEWHERE = """
relayhost = [127.0.0.1]:{sink}
virtual_mailbox_domains =
transport_maps = inline:{{ {{ meldpunt@meldpunt.example = lmtp:inet:127.0.0.1:{lmtp} }},
  {{ niemand@meldpunt.example = lmtp:inet:127.0.0.1:{lmtp} }} }}
relay_domains = meldpunt.example
relay_recipient_maps =
smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:{policy}, permit
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
default_destination_concurrency_failed_cohort_limit = 100
"""


@dataclass
class Policy:
    """What the host answers at RCPT, by recipient: the next of its list, then nothing special."""

    port: int = 0
    answers: dict[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, recipient: str) -> str:
        self.asked.append(recipient)
        waiting = self.answers.get(recipient, [])
        return waiting.pop(0) if waiting else "DUNNO"


@contextmanager
def policy() -> Iterator[Policy]:
    """A policy server of Postfix's own protocol, such as greylisting uses."""
    here = Policy()

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            asked: dict[str, str] = {}
            for line in self.rfile:
                name, _, value = line.decode().strip().partition("=")
                asked[name] = value
                if not name:
                    self.wfile.write(f"action={here.answer(asked.get('recipient', ''))}\n\n".encode())
                    asked = {}

    class Server(ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        here.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield here
        finally:
            server.shutdown()
            thread.join(10)


@dataclass
class Host:
    """The meldpunt's own mail host, the rest of the world behind it, and the port where it brings our mail."""

    postfix: Postfix
    world: Sink
    policy: Policy
    lmtp: int

    def mails_for(self, address: str) -> list[Message]:
        return [BytesParser().parsebytes(raw) for _, to, raw in [*self.world.kept] if address in to]


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    """One for all tests here."""
    lmtp = free_port()
    with sink() as world, policy() as asked:
        more = ELSEWHERE.format(sink=world.port, lmtp=lmtp, policy=asked.port)
        with postfix("error:nobody", more) as server:
            yield Host(server, world, asked, lmtp)


@pytest.fixture
def fresh(host: Host) -> Host:
    """The same, with nothing left of the test before."""
    host.world.kept.clear()
    host.world.answers.clear()
    host.policy.answers.clear()
    host.postfix.server.lines.clear()
    return host


@pytest.fixture
def sending(house: House, fresh: Host) -> Iterator[House]:
    """A meldpunt on a Sunday night whose letters really leave by that host."""
    yield from with_courier(house, fresh.postfix.port)


def with_courier(house: House, port: int) -> Iterator[House]:
    courier = Courier(
        SubmissionSettings(host="127.0.0.1", port=port, security="none", hostname="meldpunt.example", timeout=10)
    )
    house.app = replace(house.app, worker=replace(house.app.worker, courier=courier))
    yield house
    courier.close()


def referral(house: House, number: int) -> None:
    """One of several pupils."""
    house.mail(FORM.replace("Noor", PUPILS[number]), message_id=f"<{number}@vclbleuven.be>")


def ids(mails: list[Message]) -> list[str]:
    return [str(mail["Message-ID"]) for mail in mails]


def test_held_referrals_leave_in_the_order_in_which_they_came(sending: House, fresh: Host):
    """On Monday at nine: the host takes them one after the other, and the provider gets each of them once."""
    for number in (1, 2, 3):
        referral(sending, number)
        sending.drain()
    fresh.postfix.server.lines.clear()

    sending.at(2026, 10, 5, 9, 0)
    arrived = comes_to_be(lambda: len(fresh.mails_for(NAFT)) == 3)

    assert arrived
    letters = {str(mail["Message-ID"]): str(mail["Subject"]) for mail in fresh.mails_for(NAFT)}
    taken = [letters[one] for one in fresh.postfix.accepted() if one in letters]
    assert [subject[:15] for subject in taken] == [f"[MSI-2026-000{n}]" for n in (1, 2, 3)]


def test_greylisting_is_waited_out(sending: House, fresh: Host):
    """Put off twice, then taken: the same bytes, once."""
    fresh.policy.answers[CLB] = ["450 4.2.0 Greylisted", "450 4.2.0 Greylisted"]
    referral(sending, 1)

    sending.drain()
    sending.later(minutes=1)
    before = fresh.postfix.accepted()
    sending.later(minutes=5)
    arrived = comes_to_be(lambda: fresh.mails_for(CLB))

    assert before == []
    assert arrived
    assert len(fresh.mails_for(CLB)) == 1
    assert "letter_sent" in " ".join(sending.timeline())


def test_a_host_that_is_full_for_hours_is_told_in_the_digest(sending: House, fresh: Host):
    """4xx again and again: nothing is given up, the digest says so, and in the end it is taken."""
    fresh.policy.answers[CLB] = ["452 4.3.1 Insufficient system storage"] * 6
    referral(sending, 1)

    sending.drain()
    for minutes in (1, 5, 20, 60, 240):
        sending.later(minutes=minutes)
    late = sending.app.store.late_letters(5)
    sending.later(hours=4)
    arrived = comes_to_be(lambda: fresh.mails_for(CLB))

    assert late == 1
    assert arrived
    assert sending.app.store.late_letters(1) == 0


def test_an_address_that_is_refused_for_good_goes_to_the_desk(sending: House, fresh: Host):
    """5xx: the desk hears of it, and the next letters leave."""
    fresh.policy.answers[NAFT] = ["550 5.1.1 User unknown"]
    referral(sending, 1)
    referral(sending, 2)

    sending.drain()
    sending.at(2026, 10, 5, 9, 0)
    told = comes_to_be(lambda: any("MSI-2026-0001" in str(mail["Subject"]) for mail in fresh.mails_for(WORKER)))
    arrived = comes_to_be(lambda: fresh.mails_for(NAFT))

    assert told
    assert arrived
    assert len(fresh.mails_for(NAFT)) == 1
    assert "MSI-2026-0002" in str(fresh.mails_for(NAFT)[0]["Subject"])


@contextmanager
def cuts_once(port: int) -> Iterator[int]:
    """A line to that server that breaks, once, after the server took a mail and before we hear of it."""
    cut = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def carry(caller: socket.socket) -> None:
            with caller, socket.create_connection(("127.0.0.1", port)) as server, suppress(OSError):
                threading.Thread(target=partial(pump, caller, server), daemon=True).start()
                in_data = False
                while said := server.recv(65536):
                    if in_data and said.startswith(b"250") and not cut.is_set():
                        cut.set()
                        caller.shutdown(socket.SHUT_RDWR)
                        return
                    in_data = said.startswith(b"354")
                    caller.sendall(said)

        def pump(caller: socket.socket, server: socket.socket) -> None:
            with suppress(OSError):
                while said := caller.recv(65536):
                    server.sendall(said)

        def serve() -> None:
            with suppress(OSError):
                while True:
                    carry(listening.accept()[0])

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def test_a_line_that_breaks_after_the_mail_sends_the_same_mail_again(house: House, fresh: Host):
    """Nobody knows whether it arrived: the same bytes and Message-ID, so that the receiver sees one mail twice."""
    with cuts_once(fresh.postfix.port) as port:
        for sending in with_courier(house, port):
            referral(sending, 1)
            sending.drain()
            sending.later(minutes=1)
            arrived = comes_to_be(lambda: len(fresh.mails_for(CLB)) == 2)

    one, two = fresh.mails_for(CLB)
    assert arrived
    assert ids([one]) == ids([two])
    assert one.get_payload(0).get_payload() == two.get_payload(0).get_payload()
    assert str(one["Date"]) == str(two["Date"])
    assert " ".join(house.timeline()).count("letter_sent") == 1


def test_a_host_that_is_away_for_a_day_delays_and_loses_nothing(house: House, fresh: Host):
    """Monday without a mail host: one alarm, no try is counted, and on Tuesday all of it leaves in its order."""
    port = free_port()
    heard: list[str] = []
    for sending in with_courier(house, port):
        sending.app = replace(sending.app, worker=replace(sending.app.worker, brake=Brake(heard.append)))
        for number in (1, 2, 3):
            referral(sending, number)
        for hour in (9, 10, 12, 16):
            sending.at(2026, 10, 5, hour, 0)
        waiting = fresh.mails_for(NAFT)

        with postfix(
            "error:nobody", f"relayhost = [127.0.0.1]:{fresh.world.port}\nvirtual_mailbox_domains =", port=port
        ) as back:
            sending.at(2026, 10, 6, 9, 5)
            arrived = comes_to_be(lambda: len(fresh.mails_for(NAFT)) == 3)

    subjects = {str(mail["Message-ID"]): str(mail["Subject"]) for mail in fresh.mails_for(NAFT)}
    taken = [subjects[one][:15] for one in back.accepted() if one in subjects]
    assert waiting == []
    assert heard == ["sending: no connection: Connection refused"]
    assert arrived
    assert taken == [f"[MSI-2026-000{n}]" for n in (1, 2, 3)]
    assert sending.app.store.late_letters(1) == 0


@contextmanager
def listening(host: Host, receive: Callable[[bytes, Envelope], object]) -> Iterator[None]:
    """Our own LMTP door, where that host brings the meldpunt's mail."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def taken_in(raw: bytes, envelope: Envelope) -> None:
        await loop.run_in_executor(None, receive, raw, envelope)

    settings = ListenerSettings(
        host="127.0.0.1", port=host.lmtp, hostname="meldpunt.example", lmtp=True, shutdown_grace=1
    )
    listener = Listener(settings, taken_in, lambda address: is_ours(address, DESK))
    asyncio.run_coroutine_threadsafe(listener.start(), loop).result(10)
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(listener.stop(), loop).result(10)
        asyncio.run_coroutine_threadsafe(loop.shutdown_default_executor(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def test_a_bounce_comes_back_to_the_letter_that_it_is_about(sending: House, fresh: Host):
    """Taken by our host, refused by the provider's: the real delivery report reaches the right case and the desk."""
    referral(sending, 1)
    referral(sending, 2)
    sending.drain()
    assert comes_to_be(lambda: len(fresh.world.kept) == 2), "that they were received, on their way no more"
    came: list[bytes] = []

    def receive(raw: bytes, envelope: Envelope) -> None:
        sending.app.receive(raw, envelope)
        came.append(raw)

    with listening(fresh, receive):
        fresh.world.answers["RCPT"] = "550 5.1.1 <aanmelding@naft-vbo.example>: Recipient address rejected"
        sending.at(2026, 10, 5, 9, 0)
        returned = comes_to_be(lambda: came)
        sending.drain()
        told = comes_to_be(lambda: any("MSI-2026" in str(mail["Subject"]) for mail in fresh.mails_for(WORKER)))

    bounced = [ref for ref in ("MSI-2026-0001", "MSI-2026-0002") if "bounced" in " ".join(sending.timeline(ref))]
    delivered = str(fresh.mails_for(NAFT)[0]["Subject"])
    assert returned
    assert told
    assert len(bounced) == 1
    assert bounced[0] not in delivered
    assert any(bounced[0] in str(mail["Subject"]) for mail in fresh.mails_for(WORKER))


def test_each_recipient_has_an_answer_of_its_own(house: House, fresh: Host):
    """By LMTP from a real host: kept for our addresses, and only the unknown one bounces to its sender."""
    recipients = [DESK, "meldpunt+kopie@meldpunt.example", "niemand@meldpunt.example"]
    arrived: list[Envelope] = []

    def receive(raw: bytes, envelope: Envelope) -> None:
        arrived.append(envelope)
        house.app.receive(raw, envelope)

    with listening(fresh, receive):
        send(fresh, recipients)
        answered = comes_to_be(lambda: all(fresh.postfix.fates(one) for one in recipients))
        bounced = comes_to_be(lambda: fresh.mails_for(CLB))

    assert answered
    assert [fresh.postfix.fates(one)[0] for one in recipients] == ["sent", "sent", "bounced"]
    assert sorted(to for one in arrived for to in one.recipients) == sorted(recipients[:2])
    assert house.app.store.mails.line(1) is not None
    assert house.app.store.mails.line(2) is None
    assert bounced
    assert "niemand@meldpunt.example" in fresh.mails_for(CLB)[0].as_string()


def test_a_fault_of_ours_makes_the_host_keep_it_for_every_recipient(house: House, fresh: Host):
    """451 for each: deferred, nothing bounces; a little later the host brings it again, and it is kept."""
    recipients = [DESK, "meldpunt+kopie@meldpunt.example"]
    full = [OSError(28, "disk full")] * 2

    def receive(raw: bytes, envelope: Envelope) -> None:
        if full:
            raise full.pop()
        house.app.receive(raw, envelope)

    with listening(fresh, receive):
        send(fresh, recipients)
        put_off = comes_to_be(lambda: all("deferred" in fresh.postfix.fates(one) for one in recipients))
        kept = comes_to_be(lambda: brought_again(fresh.postfix, recipients))

    assert put_off
    assert kept
    assert "bounced" not in [fate for one in recipients for fate in fresh.postfix.fates(one)]
    assert house.app.store.mails.line(1) is not None
    assert house.app.store.mails.line(2) is None


def brought_again(postfix: Postfix, recipients: list[str]) -> bool:
    """Whether they arrived; a queue that is flushed just before a mail is put back in it does not bring it."""
    postfix.try_again()
    return all("sent" in postfix.fates(one) for one in recipients)


def send(host: Host, recipients: list[str]) -> None:
    """A CLB worker's mail program hands a mail to that host."""
    with smtplib.SMTP("127.0.0.1", host.postfix.port, timeout=10) as program:
        program.sendmail(CLB, recipients, f"From: {CLB}\r\nTo: {DESK}\r\nSubject: Vraag\r\n\r\nDag\r\n".encode())
