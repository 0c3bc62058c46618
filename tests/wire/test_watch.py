"""A mailbox that is watched, on a real Dovecot: at once when mail comes, and on whatever happens to the server."""

import resource
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError
from post import Post, Shelf, fails_once, mail, without
from servers import Dovecot, comes_to_be, dovecot, scripted

from mailflow.clock import new_uuid
from mailflow.core.mail import Envelope
from mailflow.fetching import Fetching
from mailflow.intake import imap, imap_watch
from mailflow.intake.imap import Mailbox, Read
from mailflow.intake.imap_faults import MailboxDown
from mailflow.intake.imap_settings import MailboxSettings
from mailflow.intake.imap_watch import Watch
from mailflow.storage.content_key import content_of
from mailflow.storage.copies import Copies
from mailflow.storage.engine import Database
from mailflow.storage.leases import Leases
from mailflow.storage.mailboxes import Mailboxes
from mailflow.storage.migrate import migrate
from mailflow.storage.vault import Vault

PATIENCE = 20.0
VAULT = Vault([("k1", b"d" * 32)], b"i" * 32, [b"c" * 32])
FAR = 3000.0  # seconds between two polls: what comes before that, came by IDLE


@dataclass
class Desk:
    """A watch over one mailbox, running in a thread of its own; what it keeps, and what it complains of."""

    shelf: Shelf = field(default_factory=Shelf)
    reads: list[Read] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    moved: threading.Condition = field(default_factory=threading.Condition)

    def receive(self, raw: bytes, envelope: Envelope) -> None:
        self.shelf.receive(raw, envelope)

    def note(self, read: Read) -> None:
        with self.moved:
            self.reads.append(read)
            self.moved.notify_all()

    def complain(self, why: str) -> None:
        with self.moved:
            self.complaints.append(why)
            self.moved.notify_all()

    def until(self, there: Callable[[], Any]) -> bool:
        """Whether it came to be; looked at again after each reading and complaint."""
        with self.moved:
            return bool(self.moved.wait_for(there, PATIENCE))

    def watch(self, settings: MailboxSettings, **other: Any) -> Watch:
        given = {
            "mailbox": Mailbox(settings, self.receive),
            "stop": self.stop,
            "is_ours": lambda: True,
            "let_go": lambda: None,
            "note": self.note,
            "complain": self.complain,
            "jitter": lambda: 0.5,
        }
        return Watch(**(given | other))


@contextmanager
def running(watch: Watch) -> Iterator[None]:
    """In a thread, as the service does it."""
    thread = threading.Thread(target=watch.run)
    thread.start()
    try:
        yield
    finally:
        watch.stop.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


@pytest.fixture
def post(mailserver: Dovecot) -> Post:
    return Post(mailserver)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waits of a test are short; that they grow is asked of the numbers themselves."""
    monkeypatch.setattr(imap, "GLANCE_SECONDS", 0.1)
    monkeypatch.setattr(imap_watch, "QUEUE_SECONDS", 0.05)
    monkeypatch.setattr(imap_watch, "WAIT_AFTER_FAULT", (0.05,))


def test_mail_is_heard_of_at_once(post: Post):
    """By IDLE: the next poll would be an hour away."""
    desk = Desk()

    with running(desk.watch(post.settings(poll_seconds=FAR))):
        first = desk.until(lambda: desk.reads)
        post.put(mail("een"))
        heard = desk.until(lambda: desk.shelf.kept)

    assert first
    assert heard
    assert desk.shelf.kept == [mail("een")]
    assert post.subjects("Verwerkt") == ["een"]
    assert desk.complaints == []


def test_idle_never_lasts_until_a_router_forgets_it(post: Post, monkeypatch: pytest.MonkeyPatch):
    """It is ended and begun again well within nine minutes, with a reading between, whatever the poll is set to."""
    monkeypatch.setattr(imap, "IDLE_SECONDS", 0.2)
    desk = Desk()

    with running(desk.watch(post.settings(poll_seconds=FAR))):
        renewed = desk.until(lambda: len(desk.reads) >= 3)

    assert renewed
    monkeypatch.undo()
    assert imap.IDLE_SECONDS < 9 * 60


def test_without_idle_it_is_polled(post: Post, monkeypatch: pytest.MonkeyPatch):
    """Every poll_seconds."""
    monkeypatch.setattr(IMAPClient, "has_capability", without("IDLE"))
    desk = Desk()

    with running(desk.watch(post.settings(poll_seconds=0.1))):
        desk.until(lambda: desk.reads)
        post.put(mail("een"))
        heard = desk.until(lambda: desk.shelf.kept)

    assert heard


def test_what_others_do_in_the_folder_does_not_end_the_waiting(post: Post):
    """Somebody reads, marks and deletes: no new mail, nothing to do; then one comes."""
    desk = Desk()
    post.put(mail("een"))
    desk.shelf.faulty = (b"een",)  # it stays, for others to play with

    with running(desk.watch(post.settings(poll_seconds=FAR))):
        desk.until(lambda: desk.reads)
        with post.open() as person:
            person.select_folder("INBOX")
            person.add_flags([1], [rb"\Seen"])
            person.fetch([1], ["BODY[]"])
            person.delete_messages([1])
            person.expunge()
        post.put(mail("twee"))
        heard = desk.until(lambda: len(desk.reads) >= 2)

    assert heard
    assert len(desk.reads) == 2
    assert desk.shelf.kept == [mail("twee")]


def test_a_line_that_died_in_idle_is_noticed(post: Post):
    """idle_check answers at once and says nothing, 58,000 times a second: that is a dead line, not a quiet one."""
    desk = Desk()
    watch = desk.watch(post.settings(poll_seconds=FAR))

    with running(watch):
        desk.until(lambda: desk.reads)
        client = watch.mailbox._client
        client.socket().shutdown(socket.SHUT_RDWR)
        again = desk.until(lambda: len(desk.reads) >= 2)
        post.put(mail("een"))
        heard = desk.until(lambda: desk.shelf.kept)

    assert again
    assert heard


def test_a_server_that_falls_silent_is_left(monkeypatch: pytest.MonkeyPatch):
    """IDLE is asked for and nothing is ever said again, as behind a router that forgot the line: reconnected."""
    monkeypatch.setattr(imap, "IDLE_SECONDS", 0.2)

    def falls_silent(caller: socket.socket, lines: Any) -> None:
        caller.sendall(b"* OK hello\r\n")
        for line in lines:
            tag, command = line.split()[:2]
            told = {
                b"CAPABILITY": b"* CAPABILITY IMAP4rev1 IDLE\r\n",
                b"LIST": b'* LIST () "/" Verwerkt\r\n',
                b"STATUS": b'* STATUS "Te bekijken" (MESSAGES 0)\r\n',
                b"SELECT": b"* 0 EXISTS\r\n* OK [UIDVALIDITY 1]\r\n",
                b"UID": b"* SEARCH\r\n",
            }.get(command, b"")
            if command == b"IDLE":
                caller.sendall(b"+ idling\r\n")
                lines.read()
                return
            caller.sendall(told + tag + b" OK done\r\n")

    desk = Desk()
    with scripted(falls_silent, falls_silent) as port:
        settings = MailboxSettings(
            name="desk", host="127.0.0.1", port=port, user="desk", password="x", security="none", timeout=0.5
        )
        with running(desk.watch(settings, complain=desk.complain)):
            twice = desk.until(lambda: len(desk.reads) >= 2)

    assert twice


def test_a_server_that_restarts_in_the_middle_of_a_mail_loses_nothing(post: Post, monkeypatch: pytest.MonkeyPatch):
    """Stopped between two mails of one reading: it comes back, and each mail is kept once."""
    post.put(*(mail(f"mail {n}") for n in range(5)))
    desk = Desk()
    restarts = count()

    def receive(raw: bytes, envelope: Envelope) -> None:
        desk.shelf.receive(raw, envelope)
        if b"mail 2" in raw and next(restarts) == 0:
            post.server.server.stop()
            post.server.server.start()

    with running(desk.watch(post.settings(poll_seconds=FAR), mailbox=Mailbox(post.settings(), receive))):
        done = desk.until(lambda: desk.reads)

    assert done
    assert sorted({*desk.shelf.kept}) == [mail(f"mail {n}") for n in range(5)]
    assert desk.shelf.kept[:3] == [mail(f"mail {n}") for n in range(3)]
    assert len(desk.shelf.kept) == 5
    assert len(post.subjects("Verwerkt")) == 5
    assert post.subjects("INBOX") == []


def test_a_line_that_is_cut_within_a_mail_keeps_no_half_mail(post: Post):
    """The server dies while it sends 4 MB: nothing of it is kept, and it is fetched anew."""
    big = mail("groot") + (b"x" * 76 + b"\r\n") * 50_000
    post.put(big)
    desk = Desk()
    cut = count()
    watch = desk.watch(post.settings(poll_seconds=FAR))
    readings = IMAPClient.fetch

    def fetch(client: IMAPClient, uids: list[int], items: list[str]) -> Any:
        if "BODY.PEEK[]" in items and next(cut) == 0:
            client._imap.send(b"X1 UID FETCH 1 BODY.PEEK[]\r\n")
            client._imap.read(100_000)
            post.server.server.stop()
            post.server.server.start()
        return readings(client, uids, items)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(IMAPClient, "fetch", fetch)
        with running(watch):
            done = desk.until(lambda: desk.reads)

    assert done
    assert desk.shelf.kept == [big]


def test_a_mailbox_that_is_renumbered_is_read_again_by_content(post: Post, tmp_path: Path):
    """The index is lost, UIDVALIDITY changes: everything is looked at again, and it is noted."""
    desk = Desk(shelf=Shelf(faulty=(b"een",)))
    post.put(mail("een"))
    with house(tmp_path, desk) as fetching, closing(Mailbox(post.settings(), desk.receive)) as mailbox:
        before = mailbox.poll()
        fetching.watch(post.settings(), threading.Event()).note(before)
        post.server.server.stop()
        for name in ("dovecot-uidlist", "dovecot-uidvalidity"):
            (post.server.maildir(post.user) / name).unlink()
        for index in post.server.maildir(post.user).glob("dovecot*index*"):
            index.unlink()
        for shown in post.server.maildir(post.user).glob("dovecot-uidvalidity.*"):
            shown.rename(shown.with_name("dovecot-uidvalidity.12345678"))
        post.server.server.start()
        desk.shelf.faulty = ()

        after = mailbox.poll()

    assert after.uid_validity != before.uid_validity
    assert desk.shelf.kept == [mail("een")]
    assert post.subjects("Verwerkt") == ["een"]


@pytest.fixture(scope="module")
def small_mailserver() -> Iterator[Dovecot]:
    """A Dovecot where Verwerkt holds three mails and no more."""
    limits = """
mail_plugins = quota
plugin {
  quota = maildir:Verwerkt:ns=done/
  quota_rule = *:messages=3
  quota_grace = 0
}
namespace done {
  prefix = done/
  separator = /
  location = maildir:~/Done
  mailbox Verwerkt {
    auto = create
  }
}
"""
    with dovecot(more=limits) as server:
        yield server


def test_a_full_disk_on_the_server_is_told_and_loses_nothing(small_mailserver: Dovecot):
    """MOVE is refused with OVERQUOTA: the mail is kept, stays in the inbox, is never kept twice, and moves later."""
    post = Post(small_mailserver)
    settings = post.settings(done="done/Verwerkt")
    post.put(*(mail(f"mail {n}") for n in range(5)))
    desk = Desk()

    with running(desk.watch(settings, mailbox=Mailbox(settings, desk.receive))):
        told = desk.until(lambda: desk.complaints)
        left = post.subjects("INBOX")
        with post.open() as person:
            person.select_folder("done/Verwerkt")
            person.delete_messages(person.search())
            person.expunge()
        post.put(mail("mail 5"))
        moved = desk.until(lambda: desk.reads[-1].trouble == "" and not post.subjects("INBOX"))

    assert told
    assert desk.complaints == ["mail that is kept cannot be moved to done/Verwerkt: " + QUOTA]
    assert left
    assert moved
    assert desk.shelf.kept == [mail(f"mail {n}") for n in range(6)]


QUOTA = "the server refused it [OVERQUOTA]"


def test_our_own_full_disk_leaves_everything_where_it_is(post: Post):
    """Nothing can be kept: nothing moves, nothing is set aside, and all of it comes in once there is room."""
    desk = Desk(shelf=Shelf(faulty=(b"mail",)))
    post.put(*(mail(f"mail {n}") for n in range(3)))

    with running(desk.watch(post.settings(poll_seconds=0.1))):
        desk.until(lambda: len(desk.reads) > 4)
        left, aside = post.subjects("INBOX"), post.subjects("Te bekijken")
        desk.shelf.faulty = ()
        kept = desk.until(lambda: len(desk.shelf.kept) == 3)

    assert sorted(left) == ["mail 0", "mail 1", "mail 2"]
    assert aside == []
    assert kept


def test_twenty_thousand_mails_come_in_in_their_order_and_in_little_memory(post: Post):
    """A mailbox of years, or one that nobody read over the summer: oldest first, and all of it moves."""
    post.fill(20_000)
    numbers: list[int] = []

    def receive(raw: bytes, _: Envelope) -> None:
        numbers.append(int(raw.split(b"mail ")[1].split()[0]))

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with closing(Mailbox(post.settings(), receive)) as mailbox:
        read = mailbox.poll()
        left = mailbox.poll()
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        mailbox._client.select_folder("Verwerkt", readonly=True)
        moved = len(mailbox._client.search())

    assert numbers == [*range(20_000)]
    assert (read.kept, left.kept, moved) == (20_000, 0, 20_000)
    assert grown < 50_000  # kB


@contextmanager
def house(folder: Path, desk: Desk, holder: str = "one") -> Iterator[Fetching]:
    """What reads mailboxes, on a database in that folder."""
    database = Database(f"sqlite:///{folder / 'mailflow.sqlite3'}")
    try:
        migrate(database)
        yield Fetching(
            leases=Leases(database),
            mailboxes=Mailboxes(database),
            copies=Copies(database, VAULT, new_uuid, mailboxes=["desk"]),
            holder=holder,
            receive=desk.receive,
            alarm=desk.complain,
        )
    finally:
        database.close()


def test_of_two_services_on_one_mailbox_exactly_one_reads(post: Post, tmp_path: Path):
    """On one database: the other waits, and takes over when the first one stops."""
    one, two = Desk(), Desk()
    settings = post.settings(poll_seconds=0.1)

    with house(tmp_path, one, "one") as first, house(tmp_path, two, "two") as second, ExitStack() as both:
        with running(first.watch(settings, one.stop)):
            reads = comes_to_be(first.mailboxes.states)
            both.enter_context(running(second.watch(settings, two.stop)))
            for n in range(6):
                post.put(mail(f"mail {n}"))
            kept = comes_to_be(lambda: len(one.shelf.kept) == 6)
        post.put(mail("later"))
        taken_over = comes_to_be(lambda: two.shelf.kept)

    assert reads
    assert kept
    assert taken_over
    assert two.shelf.kept == [mail("later")]


def test_one_bad_mailbox_does_not_stop_another(post: Post, tmp_path: Path):
    """A wrong password in the first; the second one reads on."""
    desk = Desk()
    bad, good = post.settings(name="bad", password="wrong"), post.settings(name="good", poll_seconds=0.1)
    post.put(mail("een"))

    with house(tmp_path, desk) as fetching:
        with running(fetching.watch(bad, desk.stop)), running(fetching.watch(good, desk.stop)):
            told = desk.until(lambda: desk.complaints)
            kept = comes_to_be(fetching.mailboxes.states)

        states = fetching.mailboxes.states()

    assert told
    assert desk.complaints == ["mailbox bad: the login was refused [AUTHENTICATIONFAILED]"]
    assert kept
    assert [(one.mailbox, one.uid, one.set_aside) for one in states] == [("good", 1, 0)]


def test_a_person_who_works_in_the_same_folder_disturbs_nothing(post: Post):
    """She reads, marks and moves mail while it is taken in, and puts one back: it is looked at again, by content."""
    desk = Desk()
    post.put(*(mail(f"mail {n}") for n in range(4)))

    with post.open() as person, running(desk.watch(post.settings(poll_seconds=FAR))):
        desk.until(lambda: desk.reads)
        person.select_folder("Verwerkt")
        person.add_flags([1], [rb"\Flagged"])
        person.move([2], "INBOX")
        again = desk.until(lambda: len(desk.shelf.kept) == 5)

    assert again
    assert desk.shelf.kept[-1] == mail("mail 1")
    assert len({one.origin for one in desk.shelf.envelopes}) == 5
    assert sorted(post.subjects("Verwerkt")) == [f"mail {n}" for n in range(4)]


def test_faults_are_waited_out_ever_longer_each_jittered(post: Post, monkeypatch: pytest.MonkeyPatch):
    """2 seconds at first, 5 minutes in the end; an alarm at the third, once; after a success it begins anew."""
    monkeypatch.undo()
    desk = Desk()
    waits: list[float] = []
    mailbox = SimpleNamespace(
        settings=SimpleNamespace(name="desk", poll_seconds=60),
        poll=lambda go_on: next(results)(),
        wait=lambda go_on, seconds: True,
        close=lambda: None,
    )

    def down() -> Read:
        raise MailboxDown("no connection")

    def well() -> Read:
        return Read(kept=0, uid_validity=1, uid=0, set_aside=0, trouble="")

    def end() -> Read:
        desk.stop.set()
        return well()

    results = iter([down] * 8 + [well] + [down] * 3 + [end])
    watch = desk.watch(post.settings(), mailbox=mailbox, jitter=lambda: 1.0)
    monkeypatch.setattr(Watch, "_rest", lambda self, seconds, **_: waits.append(seconds))

    watch.run()

    assert waits == [1.5 * n for n in (2, 10, 30, 60, 180, 300, 300, 300, 2, 10, 30)]
    assert desk.complaints == ["no connection"] * 2


def test_the_lease_is_given_back_while_a_server_is_away(post: Post):
    """So that a service with a better line can read; and a fault of the database ends no thread."""
    desk = Desk()
    asked, given_back = count(), []

    def is_ours() -> bool:
        if next(asked) == 0:
            raise OSError("the database is away")
        return True

    watch = desk.watch(post.settings(), is_ours=is_ours, let_go=lambda: given_back.append(len(desk.reads)))
    with running(watch):
        read = desk.until(lambda: desk.reads)

    assert read
    assert given_back == [0, 1]


def test_stopping_ends_a_wait_in_idle(post: Post):
    """Within a glance, with a goodbye."""
    desk = Desk()

    with running(desk.watch(post.settings(poll_seconds=FAR))):
        desk.until(lambda: desk.reads)

    assert len(desk.reads) == 1


def test_a_line_cut_while_moving_moves_only_what_is_left(post: Post, monkeypatch: pytest.MonkeyPatch):
    """Kept, and then the line went: known by its place, it is only moved."""
    monkeypatch.setattr(IMAPClient, "move", fails_once(IMAPClient.move, IMAPClientAbortError("EOF")))
    post.put(mail("een"), mail("twee"))
    desk = Desk()

    with running(desk.watch(post.settings(poll_seconds=FAR))):
        done = desk.until(lambda: desk.reads)

    assert done
    assert desk.shelf.kept == [mail("een"), mail("twee")]
    assert sorted(post.subjects("Verwerkt")) == ["een", "twee"]


@pytest.mark.parametrize("lacking", [(), ("UIDPLUS",)])
def test_copies_of_an_erased_mail_leave_every_folder(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lacking: tuple[str, ...]
):
    """By Message-ID or by size, and compared by content: what only shares the id stays; then the request is done."""
    monkeypatch.setattr(IMAPClient, "has_capability", without(*lacking))
    with_id, without_id = b"Message-ID: <1@clb.example>\r\n" + mail("weg"), mail("ook weg")
    same_id = b"Message-ID: <1@clb.example>\r\n" + mail("blijft")
    post.put(with_id, same_id, without_id, mail("ander"))
    desk = Desk()

    with house(tmp_path, desk) as fetching, running(fetching.watch(post.settings(poll_seconds=0.1), desk.stop)):
        read = comes_to_be(lambda: len(desk.shelf.kept) == 4)
        with fetching.copies.database.write() as tx:
            for raw in (with_id, without_id):
                fetching.copies.ask(tx, raw, VAULT.digest(content_of(raw)))
        done = comes_to_be(lambda: fetching.copies.left() == 0)

    assert read
    assert done
    assert post.subjects("Verwerkt") == ["blijft", "ander"]
