"""Mail that comes in over real sockets: what is acknowledged is kept, and what is not kept is not acknowledged."""

import asyncio
import contextlib
import functools
import logging
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from servers import Certificate

from mailflow.core.mail import Envelope
from mailflow.intake.smtp import Listener, is_address
from mailflow.intake.smtp_session import Session
from mailflow.intake.smtp_settings import ListenerSettings

DESK = "meldpunt@desk.example"
CLB = "an.peeters@clb.example"
MAIL = b"Subject: aanmelding\r\n\r\nDag\r\n"


def accepts(address: str) -> bool:
    """What app.py will judge: our address, its + forms, and the postmaster."""
    local, _, domain = address.lower().partition("@")
    return local == "postmaster" or (domain == "desk.example" and local.partition("+")[0] == "meldpunt")


def played(story: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run a story in an event loop of its own, and not for ever."""

    @functools.wraps(story)
    def run(**fixtures: Any) -> None:
        asyncio.run(asyncio.wait_for(story(**fixtures), 30))

    return run


@dataclass
class Shelf:
    """Keeps what it receives; can be told to fail, and to wait in the middle of the commit."""

    kept: list[tuple[bytes, Envelope]] = field(default_factory=list)
    fault: Exception | None = None
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    slow: bool = False

    async def receive(self, raw: bytes, envelope: Envelope) -> None:
        self.begun.set()
        if self.slow:
            await self.go_on.wait()
        if self.fault:
            raise self.fault
        self.kept.append((raw, envelope))
        self.done.set()

    @property
    def mails(self) -> list[bytes]:
        return [raw for raw, _ in self.kept]


@dataclass
class Caller:
    """Somebody who speaks SMTP by hand."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def answer(self) -> str:
        """The next reply, all its lines; "" when the line is cut."""
        lines = [(await self.reader.readline()).decode()]
        while lines[-1][3:4] == "-":
            lines.append((await self.reader.readline()).decode())
        return "".join(lines).rstrip()

    async def say(self, line: str | bytes) -> str:
        self.send((line.encode() if isinstance(line, str) else line) + b"\r\n")
        return await self.answer()

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def begin(self, *recipients: str, sender: str = CLB, hello: str = "EHLO clb.example") -> str:
        """From hello up to the invitation to send the mail."""
        await self.say(hello)
        await self.say(f"MAIL FROM:<{sender}>")
        for recipient in recipients or (DESK,):
            await self.say(f"RCPT TO:<{recipient}>")
        return await self.say("DATA")

    async def finish(self, mail: bytes = MAIL) -> str:
        return await self.say(mail + b".")

    async def hangs_up(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()

    async def is_cut_off(self) -> bool:
        """Whether the other side hung up; waits for it, and skips what was said before."""
        with contextlib.suppress(ConnectionError):
            await self.reader.read()
        return self.reader.at_eof() or self.reader.exception() is not None


@dataclass
class House:
    """A listener, and the callers of a test."""

    listener: Listener
    callers: list[Caller] = field(default_factory=list)

    async def call(self) -> Caller:
        caller = Caller(*await asyncio.open_connection("127.0.0.1", self.listener.port, limit=1 << 20))
        self.callers.append(caller)
        return caller

    async def greeted(self) -> Caller:
        caller = await self.call()
        assert (await caller.answer()).startswith("220 ")
        return caller


@asynccontextmanager
async def house(shelf: Shelf, **settings: Any) -> AsyncIterator[House]:
    """A listener on a free port that stops at the end, quickly."""
    given = {"host": "127.0.0.1", "port": 0, "hostname": "desk.example", "shutdown_grace": 0.2} | settings
    listener = Listener(ListenerSettings(**given), shelf.receive, accepts)
    await listener.start()
    here = House(listener)
    try:
        yield here
    finally:
        await listener.stop()
        for caller in here.callers:
            caller.writer.transport.abort()


@played
async def test_a_mail_is_kept_with_its_envelope():
    """The bytes are kept as they came, with who sent them, to whom, and from where."""
    shelf = Shelf()
    async with house(shelf) as here:
        caller = await here.greeted()
        await caller.begin(DESK, "meldpunt+r.7.abc@desk.example")

        answer = await caller.finish()

    assert answer == "250 2.0.0 kept"
    assert shelf.kept == [
        (
            MAIL,
            Envelope(
                mail_from=CLB,
                recipients=(DESK, "meldpunt+r.7.abc@desk.example"),
                client_ip="127.0.0.1",
                helo="clb.example",
                via="smtp",
            ),
        )
    ]


@played
async def test_250_comes_only_after_the_commit():
    """While the commit is under way, the sender hears nothing."""
    shelf = Shelf(slow=True)
    async with house(shelf) as here:
        caller = await here.greeted()
        await caller.begin()
        answer = asyncio.ensure_future(caller.finish())
        await shelf.begun.wait()

        early = answer.done()
        shelf.go_on.set()

        assert not early
        assert (await answer).startswith("250 ")
        assert shelf.mails == [MAIL]


@pytest.mark.parametrize(
    "fault", [RuntimeError("db password=hunter2"), OSError(28, "disk full"), ValueError(CLB), TimeoutError()]
)
def test_a_fault_of_ours_is_451_without_any_detail(fault):
    """Never 500, which would lose the mail, and never the text of the exception."""
    shelf = Shelf(fault=fault)

    @played
    async def story():
        async with house(shelf) as here:
            caller = await here.greeted()
            await caller.begin()

            first = await caller.finish()
            shelf.fault = None
            await caller.begin()
            second = await caller.finish()

            assert first == "451 4.3.0 temporary failure, please try again later"
            assert second.startswith("250 ")

    story()


@played
async def test_a_fault_in_judging_a_recipient_is_451():
    """The address book may be out of order as well."""
    shelf = Shelf()
    async with house(shelf) as here:
        here.listener.accepts = lambda address: 1 / 0
        caller = await here.greeted()
        await caller.say("EHLO clb.example")
        await caller.say(f"MAIL FROM:<{CLB}>")

        answer = await caller.say(f"RCPT TO:<{DESK}>")

    assert answer == "451 4.3.0 temporary failure, please try again later"


@played
async def test_the_line_cut_in_mid_mail_keeps_nothing():
    """Half a mail was never acknowledged; the sender has it still."""
    shelf = Shelf()
    async with house(shelf) as here:
        caller = await here.greeted()
        await caller.begin()
        caller.send(b"Subject: half\r\n\r\nDag")
        await caller.hangs_up()

        other = await here.greeted()
        await other.begin()
        await other.finish()

    assert shelf.mails == [MAIL]


@played
async def test_the_line_cut_after_the_final_dot_does_not_stop_the_commit():
    """A commit that has begun goes on to its end, though nobody waits for the answer."""
    shelf = Shelf(slow=True)
    async with house(shelf) as here:
        caller = await here.greeted()
        await caller.begin()
        caller.send(MAIL + b".\r\n")
        await shelf.begun.wait()

        caller.writer.transport.abort()
        other = await here.greeted()
        await other.say("NOOP")
        shelf.go_on.set()
        await shelf.done.wait()

    assert shelf.mails == [MAIL]


@played
async def test_a_fault_after_the_line_was_cut_is_quiet():
    """No traceback with what was in the mail: the kind of fault is logged, nothing else."""
    shelf, told = Shelf(slow=True, fault=ValueError(CLB)), []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    async with house(shelf) as here:
        caller = await here.greeted()
        await caller.begin()
        caller.send(MAIL + b".\r\n")
        await shelf.begun.wait()
        caller.writer.transport.abort()

        shelf.go_on.set()
        await here.listener.stop()

    assert told == []


@pytest.mark.parametrize(
    "address",
    [DESK, "MELDPUNT@Desk.Example", "meldpunt+r.12.seal@desk.example", "postmaster@desk.example", "Postmaster"],
)
def test_our_own_addresses_are_accepted(address):
    """Our address, its + forms, and the postmaster with or without a domain (RFC 5321 4.5.1)."""

    @played
    async def story():
        async with house(Shelf()) as here:
            caller = await here.greeted()
            await caller.say("EHLO clb.example")
            await caller.say("MAIL FROM:<>")

            assert (await caller.say(f"RCPT TO:<{address}>")).startswith("250 ")

    story()


@pytest.mark.parametrize(
    ("address", "answer"),
    [
        ("jan@elsewhere.example", "550 5.1.1"),
        ("iemand@desk.example", "550 5.1.1"),
        ("meldpunt%elsewhere.example@desk.example", "550 5.1.1"),
        ("@desk.example:jan@elsewhere.example", "550 5.1.1"),
        ('"meldpunt@desk.example"@elsewhere.example', "550 5.1.1"),
        ("meldpunt", "553 5.1.3"),
        ("", "553 5.1.3"),
        ("mel..dpunt@desk.example", "55"),
        ("meldpunt@", "553 5.1.3"),
    ],
)
def test_we_relay_for_nobody(address, answer):
    """Everything else is refused at RCPT, before a mail is sent."""

    @played
    async def story():
        async with house(Shelf()) as here:
            caller = await here.greeted()
            await caller.say("EHLO clb.example")
            await caller.say(f"MAIL FROM:<{CLB}>")

            assert (await caller.say(f"RCPT TO:<{address}>")).startswith(answer)
            assert (await caller.say("DATA")).startswith("503 ")

    story()


@pytest.mark.parametrize(
    "address",
    [
        "an@clb.example",
        "an.peeters+x=y@clb.example",
        '"an peeters"@clb.example',
        "an@[192.0.2.1]",
        "zoë@clb.example",
        "bounce-" + "x" * 100 + "@clb.example",
        "an@mail_1.clb.example",
    ],
)
def test_these_are_addresses(address):
    """Also what real bounce addresses look like."""
    assert is_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "an",
        "@clb.example",
        "an@",
        "an@@clb.example",
        ".an@clb.example",
        "an..p@clb.example",
        "an p@clb.example",
        "an@clb..example",
        "an@-clb.example",
        "an@clb.example\r\nRCPT TO:<x@y.example>",
        "a\x00n@clb.example",
        "\udce9@clb.example",
        "x" * 129 + "@clb.example",
        "an@" + "x." * 130 + "example",
        "an@" + "x" * 64 + ".example",
    ],
)
def test_these_are_no_addresses(address):
    """What would break a header, a database or a command further on."""
    assert not is_address(address)


@pytest.mark.parametrize(
    "spoken",
    ["<an.peeters@clb.example>", " <an@clb.example>", "<an@clb.example> SIZE=3 BODY=8BITMIME", "<an@clb.example>  SIZE=3 ",
     "<an+x_{1}~@clb-2.example>SIZE=3", "<an@clb.example> (a comment) SIZE=3", "<an@clb.example> SIZE=3 (a comment)",
     '<"an peeters"@clb.example>', "<an@[192.0.2.1]>", "<>", "<@relay.example:an@clb.example>", "an@clb.example SIZE=3",
     "<an..peeters@clb.example>", "<an@clb..example>", "<an@clb.example", "<an.@clb.example>", "<ân@clb.example>", ""],
)  # fmt: skip
def test_an_address_is_heard_as_the_library_hears_it(spoken):
    """The short way for plain addresses comes to what the long one does, with all that stands behind the address."""
    session = Session.__new__(Session)

    assert session._getaddr(spoken) == SMTP._getaddr(session, spoken)


@played
async def test_a_sender_address_is_judged_too():
    """Malformed, or not ASCII without SMTPUTF8: refused; with it: taken as it is."""
    shelf = Shelf()
    async with house(shelf) as here:
        caller = await here.greeted()
        await caller.say("EHLO clb.example")

        malformed = await caller.say("MAIL FROM:<an@-clb.example>")
        undeclared = await caller.say("MAIL FROM:<zoë@clb.example>")
        undecodable = await caller.say(b"MAIL FROM:<zo\xeb@clb.example> SMTPUTF8")
        declared = await caller.say("MAIL FROM:<zoë@clb.example> SMTPUTF8")

    assert [malformed[:9], undeclared[:9], undecodable[:3], declared[:3]] == ["553 5.1.7", "553 5.6.7", "553", "250"]


@played
async def test_a_bounce_comes_from_nobody():
    """The null sender is taken, and is "" in the envelope."""
    shelf = Shelf()
    async with house(shelf) as here:
        caller = await here.greeted()
        await caller.begin(sender="")
        await caller.finish()

    assert [envelope.mail_from for _, envelope in shelf.kept] == [""]


@played
async def test_a_mail_that_says_it_is_too_big_is_refused_at_once():
    """552 at MAIL, so that nobody sends 30 MB for nothing."""
    async with house(Shelf(), max_size=10_000) as here:
        caller = await here.greeted()
        offered = await caller.say("EHLO clb.example")

        answer = await caller.say(f"MAIL FROM:<{CLB}> SIZE=10001")

    assert "SIZE 10000" in offered
    assert answer.startswith("552 ")


@played
async def test_thirty_megabytes_without_a_word_are_refused_at_the_end():
    """552 after the final dot, nothing kept, and the connection goes on."""
    shelf = Shelf()
    async with house(shelf) as here:
        caller = await here.greeted()
        await caller.begin()

        answer = await caller.finish((b"x" * 998 + b"\r\n") * 30_000)
        await caller.begin()
        then = await caller.finish()

    assert answer.startswith("552 ")
    assert then.startswith("250 ")
    assert shelf.mails == [MAIL]


@played
async def test_a_mail_without_end_is_cut_off():
    """One line that never ends would fill the memory: at twice the limit the line is cut."""
    shelf = Shelf()
    async with house(shelf, max_size=100_000) as here:
        caller = await here.greeted()
        await caller.begin()

        caller.send(b"x" * 5_000_000)

        assert await caller.is_cut_off()

    assert shelf.kept == []


@pytest.mark.parametrize(
    "mail",
    [
        b"Subject: " + b"x" * 5000 + b"\r\n\r\n" + b"y" * 900_000 + b"\r\n",
        b"Subject: nul\x00\r\n\r\n\x00\x00\r\n",
        b"\xff\xfe\xe9\r\n",
        b"",
        b"\r\n",
        b"Subject: bare\n\nline\nfeeds\n\r\n",
    ],
    ids=["long lines", "nul", "8 bit", "nothing", "an empty line", "bare line feeds"],
)
def test_odd_mails_are_kept_as_they_came(mail):
    """Whether a mail can be read is asked later; taking it in changes nothing."""
    shelf = Shelf()

    @played
    async def story():
        async with house(shelf) as here:
            caller = await here.greeted()
            await caller.begin()
            await caller.finish(mail)

    story()

    assert shelf.mails == [mail]


@played
async def test_dots_at_the_start_of_a_line_survive():
    """Dot stuffing is undone, once."""
    shelf = Shelf()
    async with house(shelf) as here:
        caller = await here.greeted()
        await caller.begin()
        await caller.finish(b"..\r\n...x\r\n")

    assert shelf.mails == [b".\r\n..x\r\n"]


@pytest.mark.parametrize(
    "end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r\n\0.\r\n", b"\r.\r\n", b"\n\r.\r\n"], ids=repr
)
def test_nobody_smuggles_a_second_mail(end):
    """Only CR LF dot CR LF ends a mail: what looks like it to others stays inside this one."""
    shelf = Shelf()
    inner = b"MAIL FROM:<desk@desk.example>\r\nRCPT TO:<meldpunt@desk.example>\r\nDATA\r\nSubject: false\r\n\r\nx\r\n"

    @played
    async def story():
        async with house(shelf) as here:
            caller = await here.greeted()
            await caller.begin()
            answer = await caller.finish(b"Subject: one\r\n\r\nx" + end + inner)

            assert answer.startswith("250 ")
            assert (await caller.say("QUIT")).startswith("221 ")

    story()

    assert len(shelf.kept) == 1
    assert b"Subject: false" in shelf.mails[0]


@played
async def test_two_mails_in_one_breath_are_two_mails():
    """A sender that does not wait for answers is served in order."""
    shelf = Shelf()
    one = f"MAIL FROM:<{CLB}>\r\nRCPT TO:<{DESK}>\r\nDATA\r\n".encode()
    async with house(shelf) as here:
        caller = await here.greeted()

        caller.send(b"EHLO clb.example\r\n" + one + b"1\r\n.\r\n" + one + b"2\r\n.\r\nQUIT\r\n")
        answers = [(await caller.answer())[:3] for _ in range(10)]

    assert answers == ["250", "250", "250", "354", "250", "250", "250", "354", "250", "221"]
    assert shelf.mails == [b"1\r\n", b"2\r\n"]


@played
async def test_one_caller_too_many_is_told_to_come_back():
    """421 at once; when another leaves there is room again."""
    shelf = Shelf()
    async with house(shelf, max_connections=2) as here:
        first, _ = await here.greeted(), await here.greeted()

        third = await here.call()
        turned_away = await third.answer()
        gone = await third.is_cut_off()
        await first.say("QUIT")
        await first.is_cut_off()
        fourth = await here.greeted()
        await fourth.begin()

        assert turned_away.startswith("421 4.3.2")
        assert gone
        assert (await fourth.finish()).startswith("250 ")


@played
async def test_nobody_learns_who_is_here():
    """No VRFY, no EXPN, no login."""
    async with house(Shelf()) as here:
        caller = await here.greeted()
        offered = await caller.say("EHLO clb.example")

        answers = [
            await caller.say(f"VRFY {DESK}"),
            await caller.say(f"EXPN {DESK}"),
            await caller.say("AUTH PLAIN AAAA"),
        ]

    assert [answer[:3] for answer in answers] == ["502", "502", "500"]
    assert "AUTH" not in offered


@played
async def test_who_asks_the_same_too_often_is_sent_away():
    """A limit on calls per command; sending mail has a wide one."""
    async with house(Shelf()) as here:
        caller = await here.greeted()

        caller.send(b"NOOP\r\n" * 60)
        answers = [(await caller.answer())[:3] for _ in range(51)]

        assert answers == ["250"] * 50 + ["421"]
        assert await caller.is_cut_off()


@pytest.mark.parametrize(
    "line",
    [
        b"\x00\xff\xfe",
        b"MAIL FROM:<" + b"(" * 900 + b">",
        b"MAIL FROM:<an@clb.example> SIZE=\xc2\xb2",
        b"EHLO " + b"x" * 5000,
        b"RCPT TO:" + b"<" * 400,
        b"VRFY \xff",
        b"HELP \xff",
        b"MAIL FROM:<>" * 50,
        b"A" * 3_000_000,
    ],
    ids=["nul", "brackets", "size", "long name", "angles", "vrfy", "help", "repeated", "three megabytes"],
)
def test_nonsense_gets_an_answer_and_the_talk_goes_on(line):
    """A refusal that names nothing of ours; then a mail goes through all the same."""
    shelf = Shelf()

    @played
    async def story():
        async with house(shelf) as here:
            caller = await here.greeted()
            await caller.say("EHLO clb.example")

            answer = await caller.say(line)

            assert answer[0] in "45"
            assert "Error: (" not in answer
            await caller.say("RSET")
            await caller.begin()
            assert (await caller.finish()).startswith("250 ")

    story()


@played
async def test_a_name_told_by_a_stranger_is_fit_to_be_kept():
    """Control characters and broken bytes in HELO would break the database further on."""
    shelf = Shelf()
    async with house(shelf) as here:
        caller = await here.greeted()
        await caller.say(b"HELO a\x00b\xffc")
        await caller.say(f"MAIL FROM:<{CLB}>")
        await caller.say(f"RCPT TO:<{DESK}>")
        await caller.say("DATA")
        await caller.finish()

    assert [envelope.helo for _, envelope in shelf.kept] == ["a?b?c"]


@played
async def test_a_hundred_recipients_are_enough():
    """More than the least that the standard asks: 452, and the others stand."""
    shelf = Shelf()
    async with house(shelf) as here:
        caller = await here.greeted()
        await caller.say("EHLO clb.example")
        await caller.say(f"MAIL FROM:<{CLB}>")

        answers = [(await caller.say(f"RCPT TO:<meldpunt+{n}@desk.example>"))[:3] for n in range(101)]
        await caller.say("DATA")
        await caller.finish()

    assert answers == ["250"] * 100 + ["452"]
    assert len(shelf.kept[0][1].recipients) == 100


@pytest.mark.parametrize("in_data", [False, True], ids=["idle", "in mid-mail"])
def test_a_slow_caller_is_told_and_cut_off(in_data):
    """421 after the timeout, in a mail as well; nothing is kept."""
    shelf = Shelf()

    @played
    async def story():
        async with house(shelf, timeout=0.2) as here:
            caller = await here.greeted()
            if in_data:
                await caller.begin()
                caller.send(b"Subject: slow\r\n")

            assert (await caller.answer()).startswith("421 4.4.2")
            assert await caller.is_cut_off()

    story()

    assert shelf.kept == []


@played
async def test_starttls_is_offered_and_not_required(certificate: Certificate):
    """With a certificate: TLS for who wants it, and clear text within our own walls."""
    shelf = Shelf()
    async with house(shelf, certificate=certificate.cert, key=certificate.key) as here:
        plain = await here.greeted()
        await plain.begin()
        await plain.finish(b"plain\r\n")
        caller = await here.greeted()
        offered = await caller.say("EHLO clb.example")
        await caller.say("STARTTLS")

        context = ssl.create_default_context(cafile=certificate.cert)
        await caller.writer.start_tls(context, server_hostname="localhost")
        offered_within = await caller.say("EHLO clb.example")
        again = await caller.say("STARTTLS")
        await caller.begin()
        answer = await caller.finish(b"secret\r\n")
        await caller.say("QUIT")

    assert "STARTTLS" in offered
    assert "STARTTLS" not in offered_within
    assert "AUTH" not in offered_within
    assert again.startswith("503 ")
    assert answer.startswith("250 ")
    assert shelf.mails == [b"plain\r\n", b"secret\r\n"]
    assert [envelope.client_ip for _, envelope in shelf.kept] == ["127.0.0.1"] * 2


@played
async def test_what_was_said_before_tls_counts_no_more(certificate: Certificate):
    """Commands pushed in behind STARTTLS in clear text are dropped (injection)."""
    shelf = Shelf()
    async with house(shelf, certificate=certificate.cert, key=certificate.key) as here:
        caller = await here.greeted()
        await caller.say("EHLO clb.example")
        await caller.say(f"STARTTLS\r\nEHLO x.example\r\nMAIL FROM:<{CLB}>")
        context = ssl.create_default_context(cafile=certificate.cert)
        await caller.writer.start_tls(context, server_hostname="localhost")

        answer = await caller.say(f"RCPT TO:<{DESK}>")

    assert answer.startswith("503 ")


@played
async def test_a_failed_handshake_is_the_callers_own_affair(certificate: Certificate):
    """It goes away; its place is free again."""
    shelf = Shelf()
    async with house(shelf, certificate=certificate.cert, key=certificate.key, max_connections=1) as here:
        caller = await here.greeted()
        await caller.say("EHLO clb.example")
        await caller.say("STARTTLS")
        caller.send(b"this is no TLS\r\n" * 10)
        await caller.is_cut_off()

        other = await here.greeted()
        await other.begin()

        assert (await other.finish()).startswith("250 ")


@played
async def test_stopping_in_mid_handshake_hangs_up(certificate: Certificate):
    """Nobody is waited for who asked for TLS and then fell silent."""
    async with house(Shelf(), certificate=certificate.cert, key=certificate.key, shutdown_grace=20) as here:
        caller = await here.greeted()
        await caller.say("EHLO clb.example")
        await caller.say("STARTTLS")

        await asyncio.wait_for(here.listener.stop(), 5)

        assert await caller.is_cut_off()


@played
async def test_who_falls_silent_in_mid_handshake_takes_no_place(certificate: Certificate):
    """After the timeout there is room for another."""
    tls = {"certificate": certificate.cert, "key": certificate.key}
    async with house(Shelf(), **tls, timeout=0.2, max_connections=1) as here:
        caller = await here.greeted()
        await caller.say("EHLO clb.example")
        await caller.say("STARTTLS")

        assert await caller.is_cut_off()
        assert await here.greeted()


@played
async def test_stopping_says_goodbye_to_idle_callers():
    """And does not wait for them."""
    async with house(Shelf(), shutdown_grace=20) as here:
        idle, between = await here.greeted(), await here.greeted()
        await between.say("EHLO clb.example")
        await between.say(f"MAIL FROM:<{CLB}>")

        await asyncio.wait_for(here.listener.stop(), 5)

        assert (await idle.answer()).startswith("421 4.3.2")
        assert (await between.answer()).startswith("421 4.3.2")
        assert await idle.is_cut_off()


@played
async def test_stopping_lets_a_mail_under_way_arrive():
    """Who is sending may finish, gets its 250, and only then goodbye; nobody else gets in."""
    shelf = Shelf()
    async with house(shelf, shutdown_grace=20) as here:
        caller = await here.greeted()
        await caller.begin()
        port = here.listener.port
        stopped = asyncio.ensure_future(here.listener.stop())
        caller.send(b"Subject: last\r\n")
        await asyncio.sleep(0)

        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", port)
        answer = await caller.finish(b"\r\nDag\r\n")
        goodbye = await caller.answer()
        await stopped

    assert answer.startswith("250 ")
    assert goodbye.startswith("421 ")
    assert shelf.mails == [b"Subject: last\r\n\r\nDag\r\n"]


@played
async def test_stopping_waits_for_a_commit_whose_caller_is_gone():
    """What was begun is finished before the database is closed."""
    shelf = Shelf(slow=True)
    async with house(shelf, shutdown_grace=20) as here:
        caller = await here.greeted()
        await caller.begin()
        caller.send(MAIL + b".\r\n")
        await shelf.begun.wait()
        caller.writer.transport.abort()
        await (await here.greeted()).say("QUIT")

        stopped = asyncio.ensure_future(here.listener.stop())
        for _ in range(20):  # turns of the event loop: by now it would have ended
            await asyncio.sleep(0)
        early = stopped.done()
        shelf.go_on.set()
        await stopped

    assert not early
    assert shelf.mails == [MAIL]


@played
async def test_stopping_does_not_wait_for_ever():
    """A mail that never ends is cut off after the grace, unacknowledged."""
    shelf = Shelf()
    async with house(shelf, shutdown_grace=0.05) as here:
        caller = await here.greeted()
        await caller.begin()

        await here.listener.stop()

        assert await caller.is_cut_off()
    assert shelf.kept == []


@played
async def test_by_lmtp_each_recipient_gets_an_answer():
    """RFC 2033: as many answers as accepted recipients, for our refusals too; EHLO is not for here."""
    shelf = Shelf()
    hello = "LHLO mta.example"
    async with house(shelf, lmtp=True, max_size=1000) as here:
        caller = await here.greeted()
        wrong_hello = await caller.say("EHLO mta.example")
        await caller.begin(DESK, "jan@elsewhere.example", "meldpunt+2@desk.example", hello=hello)
        kept = [await caller.finish(), await caller.answer()]
        shelf.fault = OSError()
        await caller.begin(DESK, DESK, hello=hello)
        failed = [await caller.finish(), await caller.answer()]
        await caller.begin(DESK, DESK, hello=hello)
        too_big = [await caller.finish(b"x" * 2000 + b"\r\n"), await caller.answer()]
        goodbye = await caller.say("QUIT")

    assert wrong_hello.startswith("500 ")
    assert [answer[:3] for answer in [*kept, *failed, *too_big]] == ["250", "250", "451", "451", "552", "552"]
    assert goodbye.startswith("221 ")
    assert [envelope.recipients for _, envelope in shelf.kept] == [(DESK, "meldpunt+2@desk.example")]
    assert shelf.kept[0][1].via == "lmtp"


@played
async def test_a_commit_in_a_thread_goes_on_beside_the_talk():
    """As app.py does it: the database waits in a thread, other callers are served."""
    go_on, kept = threading.Event(), []

    def keep(raw: bytes) -> None:
        go_on.wait(20)
        kept.append(raw)

    async def receive(raw: bytes, envelope: Envelope) -> None:
        await asyncio.to_thread(keep, raw)

    shelf = Shelf()
    shelf.receive = receive
    async with house(shelf) as here:
        caller, other = await here.greeted(), await here.greeted()
        await caller.begin()
        answer = asyncio.ensure_future(caller.finish())

        assert (await other.say("NOOP")).startswith("250 ")
        go_on.set()
        assert (await answer).startswith("250 ")
    assert kept == [MAIL]


@played
async def test_a_command_that_ends_in_a_bare_line_feed_is_not_obeyed():
    """As it would come out of somebody's mail through a careless host: told, and cut off."""
    shelf = Shelf()
    async with house(shelf) as here:
        caller = await here.greeted()
        await caller.say("EHLO clb.example")

        caller.send(b"MAIL FROM:<an@clb.example>\nRCPT TO:<meldpunt@desk.example>\r\n")

        assert (await caller.answer()).startswith("521 5.5.2")
        assert await caller.is_cut_off()
    assert shelf.kept == []


@played
async def test_a_line_end_that_comes_in_two_packets_is_whole():
    """CR at the end of one, LF at the begin of the next; and a mail itself may hold bare line feeds."""
    shelf = Shelf()
    async with house(shelf) as here:
        caller = await here.greeted()
        (session,) = here.listener._sessions
        session.data_received(b"EHLO clb.example\r")
        session.data_received(b"\n")
        assert (await caller.answer()).startswith("250-")
        await caller.begin(hello="RSET")

        answer = await caller.finish(b"Subject: x\n\none\ntwo\r\n")

    assert answer == "250 2.0.0 kept"
    assert shelf.mails == [b"Subject: x\n\none\ntwo\r\n"]


@played
async def test_a_slow_line_is_waited_for_as_long_as_it_brings_something():
    """The timeout counts anew for each 64 kB of a mail: a big one over a slow line comes in, a drip does not."""
    async with house(Shelf()) as here:
        caller = await here.greeted()
        await caller.begin()
        (session,) = here.listener._sessions
        begun = session._timeout_handle

        session.data_received(b"drip\r\n" * 10)
        after_a_drip = session._timeout_handle
        session.data_received(b"x" * 64 * 1024)
        after_much = session._timeout_handle

        assert after_a_drip is begun
        assert after_much is not begun
        assert begun.cancelled()


@played
async def test_what_is_not_offered_is_refused():
    """DSN (RFC 3461) and chunking: a host that asks all the same is told, and sends without."""
    async with house(Shelf()) as here:
        caller = await here.greeted()
        offered = await caller.say("EHLO clb.example")

        answers = [
            await caller.say("MAIL FROM:<an@clb.example> RET=HDRS ENVID=1"),
            await caller.say("BDAT 10 LAST"),
            await caller.say("MAIL FROM:<an@clb.example>"),
        ]

    assert not [word for word in ("DSN", "CHUNKING", "PIPELINING", "AUTH") if word in offered]
    assert [answer[:3] for answer in answers] == ["555", "500", "250"]


@played
async def test_one_caller_s_limits_are_not_another_s():
    """aiosmtpd keeps the size of commands in one table for all: what one is allowed, the next would be."""
    async with house(Shelf()) as here:
        await here.greeted()
        await here.greeted()

        one, two = here.listener._sessions
        one.command_size_limits["MAIL"] += 100_000

        assert two.command_size_limits["MAIL"] == one.command_size_limits["NOOP"]


@played
async def test_no_command_and_no_mail_is_ever_logged(caplog: pytest.LogCaptureFixture):
    """Whatever level an operator sets: aiosmtpd writes every address at INFO and every line at DEBUG."""
    caplog.set_level(logging.DEBUG)
    async with house(Shelf()) as here:
        caller = await here.greeted()
        await caller.begin()
        await caller.finish(b"Subject: Noor\r\n\r\nx\r\n")

    assert [record.name for record in caplog.records if record.name.startswith("mail")] == []
    assert "Noor" not in caplog.text
    assert CLB not in caplog.text
