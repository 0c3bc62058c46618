"""Mail that leaves over real sockets: every answer of a server is one of five outcomes, and names nobody."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, BinaryIO

import pytest
from ports import free_port
from servers import Certificate, Sink, postfix, scripted, sink

from mailflow.outgoing import submission
from mailflow.outgoing.deliver import (
    Courier,
    Delivered,
    Outcome,
    Refused,
    TryLater,
    Unavailable,
    Uncertain,
)
from mailflow.outgoing.submission import SubmissionSettings
from mailflow.outgoing.wording import Wording

DESK = "meldpunt+b.7.seal@desk.example"
COACH = "coach.janssens@naft.example"
MAIL = b"Subject: aanmelding 0042\r\n\r\nDag\r\n"


@pytest.fixture
def server() -> Iterator[Sink]:
    with sink() as server:
        yield server


def courier(port: int, **settings: Any) -> Courier:
    given: dict[str, Any] = {"host": "localhost", "port": port, "security": "none", "hostname": "desk.example"}
    return Courier(SubmissionSettings(**(given | {"timeout": 5} | settings)))


def bring(courier: Courier, message: bytes = MAIL, recipient: str = COACH, sender: str = DESK) -> Outcome:
    return courier.deliver(sender=sender, recipient=recipient, message=message)


def once(port: int, **settings: Any) -> Outcome:
    with closing(courier(port, **settings)) as one:
        return bring(one)


def test_a_mail_is_delivered_byte_for_byte(server: Sink):
    """To one recipient, from the address that bounces come back to."""
    outcome = once(server.port)

    assert outcome == Delivered()
    assert server.kept == [(DESK, [COACH], MAIL)]
    assert server.calls == ["desk.example"]


def test_no_letter_waits_for_the_packets_before_it(server: Sink):
    """The final dot leaves at once: Nagle's algorithm held it back for 40 ms with each letter."""
    with closing(submission.connected(courier(server.port).settings)) as connection:
        assert connection.sock is not None
        assert connection.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_one_connection_serves_many_mails(server: Sink):
    """It is kept open, also after a refusal."""
    with closing(courier(server.port)) as one:
        server.answers["RCPT"] = "550 5.1.1 unknown"
        outcomes = [bring(one), bring(one), bring(one)]

    assert outcomes == [Refused("550 5.1.1 unknown"), Delivered(), Delivered()]
    assert len(server.calls) == 1


def test_an_idle_connection_is_not_trusted(server: Sink):
    """After idle_seconds a new one is made."""
    with closing(courier(server.port, idle_seconds=-1)) as one:
        outcomes = [bring(one), bring(one)]

    assert outcomes == [Delivered(), Delivered()]
    assert len(server.calls) == 2


def test_after_closing_it_connects_again(server: Sink):
    """Closing twice does no harm either."""
    one = courier(server.port)
    bring(one)
    one.close()
    one.close()

    with closing(one):
        assert bring(one) == Delivered()


def test_a_bounce_address_may_be_empty(server: Sink):
    """The null sender, for answers that must never be answered."""
    with closing(courier(server.port)) as one:
        bring(one, sender="")

    assert server.kept[0][0] == "<>"


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("450 4.2.0 greylisted", TryLater("450 4.2.0 greylisted")),
        ("550 5.7.1 not allowed", Refused("550 5.7.1 not allowed")),
        ("552 5.2.2 mailbox full", Refused("552 5.2.2 mailbox full")),
    ],
)
def test_the_servers_answer_is_the_outcome(server: Sink, stage: str, answer: str, outcome: Outcome):
    """4xx: the same bytes later. 5xx: for good. At whatever step."""
    server.answers[stage] = answer

    assert once(server.port) == outcome
    assert server.kept == []


@pytest.mark.parametrize(
    ("stage", "answer", "kind"),
    [
        ("MAIL", "421 4.3.2 shutting down", Unavailable),
        ("RCPT", "421 4.3.2 shutting down", Unavailable),
        ("DATA", "421 4.3.2 shutting down", TryLater),
        ("MAIL", "530 5.7.0 authentication required", Unavailable),
        ("MAIL", "503 5.5.1 AUTH first", Unavailable),
        ("RCPT", "999 what", Unavailable),
        ("DATA", "999 what", Uncertain),
        ("DATA", "what", Uncertain),
    ],
)
def test_what_is_the_servers_own_trouble(server: Sink, stage: str, answer: str, kind: type):
    """It says nothing about this mail; but an answer to the whole mail is an answer, if it can be read."""
    server.answers[stage] = answer

    with closing(courier(server.port)) as one:
        first, second = bring(one), bring(one)

    assert type(first) is kind
    assert second == Delivered()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"550 5.1.1 <{COACH}>: User unknown", "550 5.1.1 : User unknown"),
        (f"550 No such user {COACH} here", "550 No such user here"),
        ("550 Mailbox of coach.janssens's team is full", "550 Mailbox of team is full"),
        ("550 JANSSENS, Coach left us", "550 left us"),
        ("550-5.1.1 The email account\r\n550 5.1.1 <x@y.example> is gone", "550 5.1.1 The email account 5.1.1 is gone"),
        ("550 " + "very " * 60 + "long", "550 " + "very " * 31 + "v"),
        ("550 a=40b coach%40naft.example <\x1b[31m", "550"),
        ("550", "550"),
    ],
)  # fmt: skip
def test_no_outcome_names_anybody(server: Sink, text: str, why: str):
    """The code and a few words; no address, no part of the name in one, no control characters."""
    server.answers["RCPT"] = text

    assert once(server.port) == Refused(why)


def test_hostile_words_are_read_quickly():
    """A server can write whatever it likes."""
    wording = Wording(DESK, COACH)

    for text in (b"<" * 2_000_000, b"<>" * 1_000_000, b"\xff" * 2_000_000, b"@ " * 1_000_000):
        assert len(wording.of(550, text)) <= 160


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (b"a\nb\rc\r\nd", b"a\r\nb\r\nc\r\nd\r\n"),
        (b".\r\n..\r\n.x\r\n", b".\r\n..\r\n.x\r\n"),
        (b"x\n.\nRSET\n", b"x\r\n.\r\nRSET\r\n"),
        (b"x\r.\r\n", b"x\r\n.\r\n"),
        (b"\r\r\n\n", b"\r\n\r\n\r\n"),
        (b"", b"\r\n"),
        (b"nul \x00\r\n", b"nul \x00\r\n"),
        (b"x" * 900 + b"\r\n", b"x" * 900 + b"\r\n"),
    ],
    ids=repr,
)
def test_a_mail_ends_where_we_end_it(server: Sink, given: bytes, sent: bytes):
    """Bare line ends become CR LF, dots at the start of a line are doubled: nothing inside can end the mail."""
    with closing(courier(server.port)) as one:
        bring(one, given)

    assert [raw for _, _, raw in server.kept] == [sent]


def test_eight_bit_mail_is_announced(server: Sink):
    """BODY=8BITMIME, and the size."""
    mail = "Subject: x\r\n\r\ncafé\r\n".encode()
    with closing(courier(server.port)) as one:
        outcome = bring(one, mail)

    assert outcome == Delivered()
    assert server.options == [[f"SIZE={len(mail)}", "BODY=8BITMIME"]]


def test_an_address_with_accents_needs_a_server_that_takes_it(server: Sink):
    """SMTPUTF8 when it is offered; an accent in the domain alone needs none."""
    with sink(utf8=False) as old, closing(courier(old.port)) as one, closing(courier(server.port)) as other:
        by_old = bring(one, recipient="zoë@naft.example")
        domain = bring(one, recipient="zoe@nаft-é.example")
        by_new = bring(other, recipient="zoë@naft.example")

    assert by_old == Refused("the server takes no address with accents (SMTPUTF8)")
    assert domain == Delivered()
    assert old.kept[0][1][0].isascii()
    assert by_new == Delivered()
    assert server.kept[0][1] == ["zoë@naft.example"]
    assert "SMTPUTF8" in server.options[0]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "coach",
        "@naft.example",
        "coach@",
        "coach@naft.example>\r\nRCPT TO:<x@y.example",
        "coach@naft.example\n",
        "co ach@naft.example",
        "c\x00@naft.example",
        "\udce9@naft.example",
        "a@" + "é" * 70 + ".example",
    ],
)
def test_an_address_that_would_break_a_command_is_refused(server: Sink, address: str):
    """Before anything is said; the outcome does not repeat it."""
    with closing(courier(server.port)) as one:
        assert bring(one, recipient=address) == Refused("the address cannot be written in SMTP")
        if address:
            assert isinstance(bring(one, sender=address), Refused)

    assert server.options == []


def test_tls_is_verified(certificate: Certificate):
    """With the authority's file it goes through, at once or by STARTTLS; without, the server is not used."""
    for security, tls_at_once in (("tls", True), ("starttls", False)):
        with sink(certificate, tls_at_once=tls_at_once) as server:
            trusted = once(server.port, security=security, ca_file=certificate.cert)
            untrusted = once(server.port, security=security)
            other_name = once(server.port, security=security, ca_file=certificate.cert, host="127.0.0.2")

        assert trusted == Delivered()
        assert untrusted == Unavailable("the server's certificate is not trusted: self-signed certificate")
        assert isinstance(other_name, Unavailable)
        assert len(server.kept) == 1


def test_it_never_falls_back_to_clear_text(server: Sink, certificate: Certificate):
    """A server without STARTTLS, or one that speaks no TLS at all, gets neither the mail nor the password."""
    by_starttls = once(server.port, security="starttls", ca_file=certificate.cert)
    by_tls = once(server.port, security="tls", ca_file=certificate.cert, timeout=0.5)

    assert by_starttls == Unavailable("the server does not offer STARTTLS or a login")
    assert isinstance(by_tls, Unavailable)
    assert server.kept == []


@pytest.mark.parametrize("password", ["sécret", "hunter2", "hünter2"])
def test_a_login_that_is_refused_is_the_servers_affair(certificate: Certificate, password: str):
    """No mail is blamed for a wrong password; a right one may have accents."""
    with sink(certificate, auth=True) as server:
        outcome = once(server.port, security="starttls", ca_file=certificate.cert, user="desk", password=password)

    if password == "sécret":
        assert outcome == Delivered()
    else:
        assert isinstance(outcome, Unavailable)
        assert outcome.why.startswith("535 5.7.8")
    assert {login for login, _ in server.logins} == {b"desk"}


def test_a_login_where_none_is_offered(server: Sink):
    """The settings ask for one that this server does not have."""
    outcome = once(server.port, user="desk", password="x")

    assert isinstance(outcome, Unavailable)
    assert server.kept == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"security": "none", "host": "mail.example"}, "clear text"),
        ({"security": "ssl"}, "tls, starttls or none"),
    ],
)
def test_settings_that_cannot_be_right_are_refused(wrong: dict[str, Any], words: str):
    """At the start, not at the first mail; and the password is not shown."""
    given: dict[str, Any] = {"host": "localhost", "port": 25, "password": "hunter2"}

    with pytest.raises(ValueError, match=words):
        SubmissionSettings(**(given | wrong))
    assert "hunter2" not in repr(SubmissionSettings(**given))


def test_in_clear_text_nothing_leaves_this_machine(server: Sink, monkeypatch: pytest.MonkeyPatch):
    """A name that should mean this machine, and does not: not even a hello is sent."""
    monkeypatch.setattr(submission, "_is_this_machine", lambda address: address == "localhost")

    outcome = once(server.port)

    assert outcome == Unavailable("no connection: without TLS letters go to this machine only")
    assert server.calls == []


def test_nobody_there_is_unavailable():
    """A refused connection."""
    assert once(free_port()) == Unavailable("no connection: Connection refused")


Script = Callable[[socket.socket, BinaryIO], None]


def says(*steps: tuple[bytes, bytes], then: Script | None = None) -> Script:
    """Greet, then answer each line that begins as given; at the end do the last thing and hang up."""

    def talk(caller: socket.socket, lines: BinaryIO) -> None:
        caller.sendall(b"220 odd.test\r\n")
        for begins, answer in steps:
            assert lines.readline().startswith(begins)
            caller.sendall(answer + b"\r\n")
        if then:
            then(caller, lines)

    return talk


def reads_the_mail(caller: socket.socket, lines: BinaryIO) -> None:
    while lines.readline() not in (b".\r\n", b""):
        pass


HELLO = ((b"ehlo", b"250 odd.test"),)
ENVELOPE = (*HELLO, (b"MAIL", b"250 ok"), (b"RCPT", b"250 ok"))
UP_TO_DATA = (*ENVELOPE, (b"DATA", b"354 go on"))


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (lambda caller, lines: None, Unavailable),
        (lambda caller, lines: caller.sendall(b"554 no service\r\n"), Unavailable),
        (lambda caller, lines: caller.sendall(b"\xff\x00nonsense\r\n"), Unavailable),
        (lambda caller, lines: caller.sendall(b"2" * 20_000), Unavailable),
        (says(), Unavailable),
        (says((b"ehlo", b"500 no"), (b"helo", b"500 no")), Unavailable),
        (says(*HELLO), Unavailable),
        (says(*HELLO, (b"MAIL", b"250 ok")), Unavailable),
        (says(*ENVELOPE), Unavailable),
        (says(*UP_TO_DATA, then=reads_the_mail), Uncertain),
    ],
    ids=["hangs up", "no service", "nonsense", "endless", "hello", "no hello", "mail", "rcpt", "data", "final dot"],
)
def test_a_line_that_is_cut(script: Script, kind: type):
    """Before the final dot nothing can have been delivered; after it, nobody knows."""
    with scripted(script) as port:
        outcome = once(port)

    assert type(outcome) is kind


def waits(caller: socket.socket, lines: BinaryIO) -> None:
    lines.read()


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        (waits, Unavailable("the connection was lost: SMTPServerDisconnected")),
        (says(*ENVELOPE, then=waits), Unavailable("the connection was lost: SMTPServerDisconnected")),
        (
            says(*UP_TO_DATA, then=waits),
            Uncertain("after the mail was sent: the connection was lost: SMTPServerDisconnected"),
        ),
    ],
    ids=["greeting", "data", "final dot"],
)
def test_a_server_that_falls_silent(script: Script, outcome: Outcome):
    """After the timeout: the same as a line that is cut."""
    with scripted(script) as port:
        assert once(port, timeout=0.2) == outcome


def test_a_line_cut_in_mid_mail_counts_as_an_attempt():
    """A mail that no server survives must not hold up the others for ever."""
    with scripted(says(*UP_TO_DATA), says(*UP_TO_DATA, then=reads_the_mail)) as port, closing(courier(port)) as one:
        outcome = bring(one, b"x" * 50_000_000)

        assert isinstance(outcome, TryLater)
        assert isinstance(bring(one), Uncertain)


def test_what_a_server_says_before_it_hangs_up_is_heard():
    """Too big, in the middle of the mail: refused for good, not tried for days."""

    def too_big(caller: socket.socket, lines: BinaryIO) -> None:
        lines.read(1000)
        caller.sendall(b"552 5.3.4 too big\r\n")

    with scripted(says(*UP_TO_DATA, then=too_big)) as port, closing(courier(port)) as one:
        outcome = bring(one, b"x" * 50_000_000)

    assert outcome == Refused("552 5.3.4 too big")


def test_a_connection_that_died_while_idle_is_replaced_once():
    """The mail had not begun; nothing is uncertain."""

    def takes_it(caller: socket.socket, lines: BinaryIO) -> None:
        reads_the_mail(caller, lines)
        caller.sendall(b"250 ok\r\n")

    with (
        scripted(says(*UP_TO_DATA, then=takes_it), says(*UP_TO_DATA, then=takes_it)) as port,
        closing(courier(port)) as one,
    ):
        outcomes = [bring(one), bring(one)]

    assert outcomes == [Delivered(), Delivered()]


def test_a_real_postfix_takes_it_and_passes_it_on():
    """As in real life: accepted, queued, delivered; an unknown recipient is refused at once."""
    with sink() as behind, postfix(f"smtp:[127.0.0.1]:{behind.port}") as host, closing(courier(host.port)) as one:
        taken = bring(one, b"Subject: x\n\n.\ncaf\xc3\xa9\n", recipient="coach@naft.example")
        unknown = bring(one, recipient="niemand@naft.example")
        too_big = bring(one, b"x" * 31_000_000, recipient="coach@naft.example")
        arrived = behind.arrived.wait(20)

    assert arrived
    assert behind.kept[0][:2] == (DESK, ["coach@naft.example"])
    assert behind.kept[0][2].endswith(b"\r\n\r\n.\r\ncaf\xc3\xa9\r\n")
    assert taken == Delivered()
    assert unknown == Refused("550 5.1.1 : Recipient address rejected: User unknown in virtual mailbox table")
    assert isinstance(too_big, Refused)
