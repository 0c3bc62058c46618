"""A mailbox on a real Dovecot: mail is moved only once it is kept, and nothing that goes wrong loses any."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError
from ports import free_port
from post import Post, Shelf, fails_once, mail, without
from servers import Dovecot

from mailflow.intake.imap import Mailbox
from mailflow.intake.imap_faults import MailboxDown
from mailflow.intake.imap_settings import MailboxSettings


@pytest.fixture
def post(mailserver: Dovecot) -> Post:
    return Post(mailserver)


def test_mail_is_taken_in_and_moved(post: Post):
    """All that lies in the inbox, oldest first; then it lies in Verwerkt, where people find it."""
    post.put(mail("een"), mail("twee"))
    shelf = Shelf()

    with closing(Mailbox(post.settings(), shelf.receive)) as mailbox:
        taken = [mailbox.poll().kept, mailbox.poll().kept]

    assert taken == [2, 0]
    assert shelf.kept == [mail("een"), mail("twee")]
    assert [(one.via, one.origin.split("/")[0::2]) for one in shelf.envelopes] == [
        ("imap", ["desk", uid]) for uid in "12"
    ]
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
        first = mailbox.poll().kept
        left, flags = post.subjects("INBOX"), post.flags("INBOX")
        shelf.faulty = ()
        second = mailbox.poll().kept

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
        taken = [mailbox.poll().kept, mailbox.poll().kept]

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
        again = mailbox.poll().kept

    assert left == ["een"]
    assert again == 0
    assert shelf.kept == [mail("een")]
    assert post.subjects("Verwerkt") == ["een"]


def test_a_refused_move_does_not_hold_up_the_others(post: Post, monkeypatch: pytest.MonkeyPatch):
    """All are moved together; when the server will not, one by one, and what was refused is told."""
    move = IMAPClient.move

    def refuses_the_first(client: IMAPClient, uids: list[int], folder: str) -> None:
        if 1 in uids:
            raise IMAPClientError("NO [LIMIT] an@clb.example")
        move(client, uids, folder)

    monkeypatch.setattr(IMAPClient, "move", refuses_the_first)
    post.put(mail("een"), mail("twee"))
    shelf = Shelf()

    with closing(Mailbox(post.settings(), shelf.receive)) as mailbox:
        read = mailbox.poll()

    assert read.kept == 2
    assert read.trouble.startswith("mail that is kept cannot be moved to Verwerkt: ")
    assert read.trouble.endswith(" [LIMIT]")
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


def test_a_mailbox_where_no_folder_can_be_made_is_read_all_the_same(post: Post, monkeypatch: pytest.MonkeyPatch):
    """Not allowed, or the disk is full: the mail is kept, stays where it is, and an operator hears of it."""

    def refuses(*_: Any) -> None:
        raise IMAPClientError("NO [NOPERM]")

    monkeypatch.setattr(IMAPClient, "create_folder", refuses)
    post.put(mail("een"))
    shelf = Shelf()

    with closing(Mailbox(post.settings(), shelf.receive)) as mailbox:
        reads = [mailbox.poll(), mailbox.poll()]

    assert [read.kept for read in reads] == [1, 0]
    assert reads[1].trouble.startswith("mail that is kept cannot be moved to Verwerkt")
    assert post.subjects("INBOX") == ["een"]


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
    """It is never fetched; a person finds it in Te bekijken, and hears of it until it is gone from there."""
    post.put(mail("groot") + b"x" * 2000, mail("klein"))
    shelf = Shelf()

    with closing(Mailbox(post.settings(max_size=1000), shelf.receive)) as mailbox:
        kept = mailbox.poll().kept
        later = mailbox.poll()
        with post.open() as client:
            client.select_folder("Te bekijken")
            client.delete_messages([1])
            client.expunge()
        in_the_end = mailbox.poll()

    assert kept == 1
    assert shelf.kept == [mail("klein")]
    assert (later.set_aside, in_the_end.set_aside) == (1, 0)


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


def cannot_read(uid: int, code: str) -> Callable[..., Any]:
    """An IMAPClient.fetch of a server where this mail is damaged."""
    fetch = IMAPClient.fetch

    def call(client: IMAPClient, uids: list[int], items: list[str]) -> Any:
        if uid in uids and items != ["ENVELOPE"]:
            raise IMAPClientError(f"NO {code} an@clb.example")
        return fetch(client, uids, items)

    return call


def test_a_mail_that_the_server_cannot_read_does_not_hold_up_the_others(post: Post, monkeypatch: pytest.MonkeyPatch):
    """The next one is taken in; after three readings the damaged one goes where a person finds it."""
    monkeypatch.setattr(IMAPClient, "fetch", cannot_read(1, "[SERVERBUG]"))
    post.put(mail("een"), mail("twee"))
    shelf = Shelf()

    with closing(Mailbox(post.settings(), shelf.receive)) as mailbox:
        mailbox.poll()
        left = post.subjects("INBOX")
        mailbox.poll()
        mailbox.poll()

    assert shelf.kept == [mail("twee")]
    assert left == ["een"]
    monkeypatch.undo()
    assert post.subjects("INBOX") == []
    assert post.subjects("Te bekijken") == ["een"]


def test_a_server_that_cannot_read_anything_now_is_waited_for(post: Post, monkeypatch: pytest.MonkeyPatch):
    """Its own word for a passing fault: nothing is set aside, and it all comes in later."""
    monkeypatch.setattr(IMAPClient, "fetch", cannot_read(1, "[UNAVAILABLE]"))
    post.put(mail("een"))
    shelf = Shelf()

    with closing(Mailbox(post.settings(), shelf.receive)) as mailbox:
        for _ in range(5):
            mailbox.poll()
        monkeypatch.undo()
        mailbox.poll()

    assert shelf.kept == [mail("een")]


def test_a_mail_that_somebody_takes_away_meanwhile_is_no_fault(post: Post, monkeypatch: pytest.MonkeyPatch):
    """Between the list and the mail itself, the desk worker moved it."""
    post.put(mail("een"))
    search = IMAPClient.search
    monkeypatch.setattr(IMAPClient, "search", lambda client, *what: [*search(client, *what), 77])
    shelf = Shelf()

    with closing(Mailbox(post.settings(), shelf.receive)) as mailbox:
        assert mailbox.poll().kept == 1


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
        taken = mailbox.poll().kept
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


def test_stopping_ends_between_two_mails(post: Post):
    """A full mailbox does not hold up the shutdown; the rest comes the next time."""
    post.put(mail("een"), mail("twee"))
    shelf = Shelf()

    with closing(Mailbox(post.settings(), shelf.receive)) as mailbox:
        assert mailbox.poll(lambda: not shelf.kept).kept == 1

    assert post.subjects("INBOX") == ["twee"]
