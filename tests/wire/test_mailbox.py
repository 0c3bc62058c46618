"""A mailbox on a real Dovecot: mail is moved only once it is kept, and nothing that goes wrong loses any."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError
from servers import Dovecot, free_port

from mailflow.core.mail import Envelope
from mailflow.intake.imap import Mailbox, MailboxDown, MailboxSettings

USERS = (f"desk{n}" for n in count(1))


def mail(subject: str) -> bytes:
    return f"From: an@clb.example\r\nSubject: {subject}\r\n\r\nDag\r\n".encode()


@dataclass
class Shelf:
    """Keeps what it receives; refuses what holds one of *faulty*."""

    kept: list[bytes] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    faulty: tuple[bytes, ...] = ()

    def receive(self, raw: bytes, envelope: Envelope) -> None:
        if any(word in raw for word in self.faulty):
            raise OSError(28, "disk full")
        self.kept.append(raw)
        self.envelopes.append(envelope)


@dataclass
class Post:
    """One user's mailbox, as this person sees it."""

    server: Dovecot
    user: str = field(default_factory=lambda: next(USERS))

    def settings(self, **other: Any) -> MailboxSettings:
        given = {
            "name": "desk",
            "host": "localhost",
            "port": self.server.imaps,
            "user": self.user,
            "password": self.server.password,
            "ca_file": self.server.certificate.cert,
        }
        return MailboxSettings(**(given | other))

    @contextmanager
    def open(self) -> Iterator[IMAPClient]:
        with IMAPClient("127.0.0.1", self.server.imap, ssl=False) as client:
            client.sasl_login("PLAIN", lambda _: f"\0{self.user}\0{self.server.password}".encode())
            yield client

    def put(self, *mails: bytes) -> None:
        with self.open() as client:
            for raw in mails:
                client.append("INBOX", raw)

    def put_file(self, raw: bytes) -> None:
        """As a file: for bytes that APPEND would not take."""
        with self.open() as client:
            client.select_folder("INBOX")
            new = self.server.maildir(self.user) / "new"
        (new / "1700000000.M1P1.test").write_bytes(raw)

    def subjects(self, folder: str) -> list[str]:
        with self.open() as client:
            client.select_folder(folder, readonly=True)
            found = client.fetch(client.search(), ["ENVELOPE"]).values()
            return [envelope[b"ENVELOPE"].subject.decode() for envelope in found]

    def flags(self, folder: str) -> list[tuple[bytes, ...]]:
        with self.open() as client:
            client.select_folder(folder, readonly=True)
            return list(client.get_flags(client.search()).values())

    def folders(self) -> set[str]:
        with self.open() as client:
            return {name for _, _, name in client.list_sub_folders()}


@pytest.fixture
def post(mailserver: Dovecot) -> Post:
    return Post(mailserver)


def without(*capabilities: str) -> Callable[[IMAPClient, str], bool]:
    """An IMAPClient.has_capability for a server that lacks these."""
    has = IMAPClient.has_capability
    return lambda client, name: name not in capabilities and has(client, name)


def fails_once(method: Callable[..., Any], error: Exception) -> Callable[..., Any]:
    """The same method, but its first call raises."""
    calls = count()

    def call(*args: Any, **kwargs: Any) -> Any:
        if next(calls) == 0:
            raise error
        return method(*args, **kwargs)

    return call


def test_mail_is_taken_in_and_moved(post: Post):
    """All that lies in the inbox, oldest first; then it lies in Verwerkt, where people find it."""
    post.put(mail("een"), mail("twee"))
    shelf = Shelf()

    with closing(Mailbox(post.settings(), shelf.receive)) as mailbox:
        taken = [mailbox.poll(), mailbox.poll()]

    assert taken == [2, 0]
    assert shelf.kept == [mail("een"), mail("twee")]
    assert shelf.envelopes == [Envelope(via="imap")] * 2
    assert post.subjects("INBOX") == []
    assert post.subjects("Verwerkt") == ["een", "twee"]
    assert post.folders() >= {"Verwerkt", "Te bekijken"}


def test_mail_that_somebody_has_read_is_taken_in_too(post: Post):
    """What lies in the inbox is work, also when the desk worker opened it; what she deleted is not."""
    post.put(mail("gelezen"), mail("weg"))
    with post.open() as client:
        client.select_folder("INBOX")
        client.add_flags([1], [rb"\Seen"])
        client.add_flags([2], [rb"\Deleted"])
    shelf = Shelf()

    with closing(Mailbox(post.settings(), shelf.receive)) as mailbox:
        mailbox.poll()

    assert shelf.kept == [mail("gelezen")]
    assert post.subjects("INBOX") == ["weg"]


def test_a_mail_that_could_not_be_kept_stays(post: Post):
    """Unread, in the inbox; the next ones go on, and it comes again at the next poll."""
    post.put(mail("een"), mail("twee"), mail("drie"))
    shelf = Shelf(faulty=(b"twee",))

    with closing(Mailbox(post.settings(), shelf.receive)) as mailbox:
        first = mailbox.poll()
        left, flags = post.subjects("INBOX"), post.flags("INBOX")
        shelf.faulty = ()
        second = mailbox.poll()

    assert (first, second) == (2, 1)
    assert left == ["twee"]
    assert rb"\Seen" not in flags[0]
    assert shelf.kept == [mail("een"), mail("drie"), mail("twee")]


@pytest.mark.parametrize("lacking", [("MOVE",), ("MOVE", "UIDPLUS")])
def test_a_server_without_move(post: Post, monkeypatch: pytest.MonkeyPatch, lacking: tuple[str, ...]):
    """COPY, mark as deleted, expunge just these; what others marked as deleted is left alone."""
    monkeypatch.setattr(IMAPClient, "has_capability", without(*lacking))
    post.put(mail("van een ander"), mail("een"))
    with post.open() as client:
        client.select_folder("INBOX")
        client.add_flags([1], [rb"\Deleted"])
    shelf = Shelf()

    with closing(Mailbox(post.settings(), shelf.receive)) as mailbox:
        taken = [mailbox.poll(), mailbox.poll()]

    assert taken == [1, 0]
    assert shelf.kept == [mail("een")]
    assert post.subjects("Verwerkt") == ["een"]
    assert post.subjects("INBOX") == (["van een ander"] if lacking == ("MOVE",) else ["van een ander", "een"])


@pytest.mark.parametrize(
    "error", [IMAPClientError("NO [OVERQUOTA]"), IMAPClientAbortError("EOF"), TimeoutError()], ids=repr
)
def test_what_is_kept_but_not_moved_is_only_moved_again(post: Post, monkeypatch: pytest.MonkeyPatch, error: Exception):
    """Whether the server refuses or the line is lost: this process does not take it in twice."""
    monkeypatch.setattr(IMAPClient, "move", fails_once(IMAPClient.move, error))
    post.put(mail("een"))
    shelf = Shelf()

    with closing(Mailbox(post.settings(), shelf.receive)) as mailbox:
        try:
            mailbox.poll()
        except MailboxDown:
            assert type(error) is not IMAPClientError
        left = post.subjects("INBOX")
        again = mailbox.poll()

    assert left == ["een"]
    assert again == 0
    assert shelf.kept == [mail("een")]
    assert post.subjects("Verwerkt") == ["een"]


def test_a_refused_move_does_not_hold_up_the_others(post: Post, monkeypatch: pytest.MonkeyPatch):
    """The next mails are taken in within the same poll."""
    monkeypatch.setattr(IMAPClient, "move", fails_once(IMAPClient.move, IMAPClientError("NO")))
    post.put(mail("een"), mail("twee"))
    shelf = Shelf()

    with closing(Mailbox(post.settings(), shelf.receive)) as mailbox:
        assert mailbox.poll() == 2

    assert post.subjects("INBOX") == ["een"]


def test_a_folder_that_was_removed_is_made_again(post: Post):
    """Somebody tidied up; the mail is moved at the next poll."""
    shelf = Shelf()
    with closing(Mailbox(post.settings(), shelf.receive)) as mailbox:
        mailbox.poll()
        with post.open() as client:
            client.delete_folder("Verwerkt")
        post.put(mail("een"))

        mailbox.poll()
        mailbox.poll()

    assert shelf.kept == [mail("een")]
    assert post.subjects("Verwerkt") == ["een"]


def test_a_new_process_takes_in_again_what_was_kept_but_not_moved(post: Post, monkeypatch: pytest.MonkeyPatch):
    """Killed between commit and move: it comes a second time, and its content is known by then."""
    monkeypatch.setattr(IMAPClient, "move", fails_once(IMAPClient.move, IMAPClientAbortError("killed")))
    post.put(mail("een"))
    shelf = Shelf()
    with closing(Mailbox(post.settings(), shelf.receive)) as killed, pytest.raises(MailboxDown):
        killed.poll()

    with closing(Mailbox(post.settings(), shelf.receive)) as mailbox:
        mailbox.poll()

    assert shelf.kept == [mail("een")] * 2


def test_a_renumbered_mailbox_is_read_afresh(post: Post, monkeypatch: pytest.MonkeyPatch):
    """After a change of UIDVALIDITY the same number is another mail: it is taken in, not just moved."""
    monkeypatch.setattr(IMAPClient, "move", fails_once(IMAPClient.move, IMAPClientError("NO")))
    post.put(mail("een"))
    shelf = Shelf()
    with closing(Mailbox(post.settings(folder="Binnen"), shelf.receive)) as mailbox:
        with post.open() as client:
            client.create_folder("Binnen")
            client.append("Binnen", mail("een"))
        mailbox.poll()
        with post.open() as client:
            client.delete_folder("Binnen")
            client.create_folder("Binnen")
            client.append("Binnen", mail("twee"))

        mailbox.poll()

    assert shelf.kept == [mail("een"), mail("twee")]


def test_a_mail_that_is_too_big_is_set_aside_unread(post: Post):
    """It is never fetched, it is told, and a person finds it in Te bekijken."""
    post.put(mail("groot") + b"x" * 2000, mail("klein"))
    shelf, told = Shelf(), []

    with closing(Mailbox(post.settings(max_size=1000), shelf.receive, lambda *what: told.append(what))) as mailbox:
        assert mailbox.poll() == 1

    assert told == [(1, len(mail("groot")) + 2000)]
    assert shelf.kept == [mail("klein")]
    assert post.subjects("Te bekijken") == ["groot"]


def test_a_big_mail_that_could_not_be_told_stays(post: Post):
    """What nobody hears of is not put away."""
    post.put(mail("groot") + b"x" * 2000)

    def fails(uid: int, size: int) -> None:
        raise OSError(28, "disk full")

    with closing(Mailbox(post.settings(max_size=1000), Shelf().receive, fails)) as mailbox:
        mailbox.poll()

    assert post.subjects("INBOX") == ["groot"]


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (b"Subject: nul\x00\r\n\r\na\x00b\r\n", b"Subject: nul\x80\r\n\r\na\x80b\r\n"),
        (b"Subject: \xe9\xff\r\n\r\n\xfe\r\n", b"Subject: \xe9\xff\r\n\r\n\xfe\r\n"),
        (b"no headers at all", b"no headers at all"),
        (b"\r\n\r\n", b"\r\n\r\n"),
        (b"Subject: one line feed\n\nx\n", b"Subject: one line feed\r\n\r\nx\r\n"),
        (b"Subject: long\r\n\r\n" + b"x" * 2_000_000, b"Subject: long\r\n\r\n" + b"x" * 2_000_000),
    ],
    ids=["nul", "8 bit", "no headers", "empty", "line feeds", "long line"],
)
def test_odd_mails_are_kept_as_the_server_gives_them(post: Post, raw: bytes, kept: bytes):
    """Dovecot itself turns NUL into 0x80 and a bare line feed into CR LF; we change nothing."""
    post.put_file(raw)
    shelf = Shelf()

    with closing(Mailbox(post.settings(), shelf.receive)) as mailbox:
        mailbox.poll()

    assert shelf.kept == [kept]


def test_a_mail_that_the_server_cannot_read_does_not_hold_up_the_others(post: Post, monkeypatch: pytest.MonkeyPatch):
    """A damaged mail stays for a person to find; the next one is taken in."""
    monkeypatch.setattr(IMAPClient, "fetch", fails_once(IMAPClient.fetch, IMAPClientError("NO [UNAVAILABLE]")))
    post.put(mail("een"), mail("twee"))
    shelf = Shelf()

    with closing(Mailbox(post.settings(), shelf.receive)) as mailbox:
        mailbox.poll()

    assert shelf.kept == [mail("twee")]
    assert post.subjects("INBOX") == ["een"]


def test_a_mail_that_somebody_takes_away_meanwhile_is_no_fault(post: Post, monkeypatch: pytest.MonkeyPatch):
    """Between the list and the mail itself, the desk worker moved it."""
    post.put(mail("een"))
    monkeypatch.setattr(IMAPClient, "search", lambda *_: [1, 77])
    shelf = Shelf()

    with closing(Mailbox(post.settings(), shelf.receive)) as mailbox:
        assert mailbox.poll() == 1


def test_folders_lie_where_the_server_wants_them(prefixed_mailserver: Dovecot):
    """With a prefix and dots: INBOX.Verwerkt, and a level below it."""
    post = Post(prefixed_mailserver)
    post.put(mail("een"))
    settings = post.settings(done="Archief/Verwerkt", failed="INBOX.Te bekijken")

    with closing(Mailbox(settings, Shelf().receive)) as mailbox:
        mailbox.poll()

    assert post.folders() >= {"INBOX.Archief.Verwerkt", "INBOX.Te bekijken"}
    assert post.subjects("INBOX.Archief.Verwerkt") == ["een"]


def test_folder_names_may_have_accents(post: Post):
    """As people write them."""
    post.put(mail("een"))

    with closing(Mailbox(post.settings(done="Verwérkt & klaar"), Shelf().receive)) as mailbox:
        mailbox.poll()

    assert post.subjects("Verwérkt & klaar") == ["een"]


def test_a_certificate_that_nobody_vouches_for_is_refused(post: Post):
    """Without the authority's file: no login, no mail, and why."""
    mailbox = Mailbox(post.settings(ca_file=None), Shelf().receive)

    with pytest.raises(MailboxDown, match="certificate is not trusted"):
        mailbox.poll()


def test_a_certificate_for_another_name_is_refused(post: Post):
    """The name is checked as well."""
    mailbox = Mailbox(post.settings(host="127.0.0.2"), Shelf().receive)

    with pytest.raises(MailboxDown):
        mailbox.poll()


def test_starttls_is_used_when_asked(post: Post):
    """With the same check of the certificate."""
    post.put(mail("een"))
    port = post.server.imap

    with closing(Mailbox(post.settings(security="starttls", port=port), Shelf().receive)) as mailbox:
        taken = mailbox.poll()
    untrusted = Mailbox(post.settings(security="starttls", port=port, ca_file=None), Shelf().receive)
    with pytest.raises(MailboxDown, match="certificate is not trusted"):
        untrusted.poll()

    assert taken == 1


def test_a_server_without_starttls_gets_no_password(post: Post, monkeypatch: pytest.MonkeyPatch):
    """Never back to clear text."""
    monkeypatch.setattr(IMAPClient, "has_capability", without("STARTTLS"))
    monkeypatch.setattr(IMAPClient, "sasl_login", lambda *_: pytest.fail("a password in clear text"))
    mailbox = Mailbox(post.settings(security="starttls", port=post.server.imap), Shelf().receive)

    with pytest.raises(MailboxDown, match="STARTTLS"):
        mailbox.poll()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"security": "none", "host": "mail.example"}, "this machine"),
        ({"security": "ssl"}, "tls, starttls or none"),
        ({"done": "INBOX"}, "other folders"),
    ],
)
def test_settings_that_cannot_be_right_are_refused(wrong: dict[str, str], words: str):
    """Before anything connects; and the password is not shown."""
    given = {"name": "desk", "host": "localhost", "port": 993, "user": "desk", "password": "hunter2"}

    with pytest.raises(ValueError, match=words):
        MailboxSettings(**(given | wrong))
    assert "hunter2" not in repr(MailboxSettings(**given))


def test_a_wrong_password_is_told_without_names(post: Post):
    """And the right one, not all ASCII, is taken (the other tests)."""
    for password in ("hunter2", "hünter2"):
        mailbox = Mailbox(post.settings(password=password), Shelf().receive)

        with pytest.raises(MailboxDown) as down:
            mailbox.poll()

        assert down.value.why == "the login was refused [AUTHENTICATIONFAILED]"
        assert down.value.__suppress_context__
        assert down.value.__cause__ is None


def test_nobody_there_is_told():
    """A refused connection is no crash."""
    settings = MailboxSettings(name="desk", host="127.0.0.1", port=free_port(), user="desk", password="x")

    with pytest.raises(MailboxDown, match="no connection"):
        Mailbox(settings, Shelf().receive).poll()


def test_a_server_that_restarts_between_polls_is_found_again(post: Post):
    """The kept connection died; the next poll makes a new one, at once."""
    shelf = Shelf()
    with closing(Mailbox(post.settings(), shelf.receive)) as mailbox:
        mailbox.poll()
        post.server.server.stop()
        with pytest.raises(MailboxDown):
            mailbox.poll()
        post.server.server.start()
        post.put(mail("een"))
        mailbox.poll()
        post.server.server.stop()
        post.server.server.start()
        post.put(mail("twee"))

        mailbox.poll()

    assert shelf.kept == [mail("een"), mail("twee")]


def test_watching_goes_on_until_told_to_stop(post: Post):
    """Mail comes in while it watches; faults are told and waited out, a little longer each time."""
    stop, down, waits = threading.Event(), [], []
    shelf = Shelf()
    settings = post.settings(poll_seconds=7)

    class Waiting(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout)
            if len(waits) == 3:
                post.server.server.start()
                post.put(mail("een"))
            if len(waits) == 4:
                self.set()
            return self.is_set()

    stop = Waiting()
    post.server.server.stop()
    Mailbox(settings, shelf.receive).watch(stop, down.append, lambda: 0.5)

    assert waits == [2.0, 10.0, 30.0, 7]
    assert [type(error) for error in down] == [MailboxDown] * 3
    assert shelf.kept == [mail("een")]


def test_stopping_ends_between_two_mails(post: Post):
    """A full mailbox does not hold up the shutdown; the rest comes the next time."""
    post.put(mail("een"), mail("twee"))
    stop, kept = threading.Event(), []

    def receive(raw: bytes, _: Envelope) -> None:
        kept.append(raw)
        stop.set()

    with closing(Mailbox(post.settings(), receive)) as mailbox:
        assert mailbox.poll(stop) == 1

    assert post.subjects("INBOX") == ["twee"]
