"""What only one may do: leases by name, and the note on how far a mailbox was read, on both databases."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from mailflow.storage.engine import Database
from mailflow.storage.leases import Hold, Leases
from mailflow.storage.mailboxes import Mailboxes, MailboxState
from mailflow.storage.tables import LEASE

TERM = timedelta(minutes=3)
STATE = MailboxState(
    mailbox="desk", uid_validity=2**32 - 1, uid=17, set_aside=2, read_at=datetime(2026, 10, 5, tzinfo=UTC)
)


@pytest.fixture
def leases(database: Database) -> Leases:
    return Leases(database)


def expire(database: Database) -> None:
    """As if its holder had not been heard of for the whole term."""
    with database.write() as tx:
        tx.execute(update(LEASE).values(held_until=PAST))


PAST = datetime(2026, 1, 1, tzinfo=UTC)


def test_one_holds_it_and_the_other_does_not(leases: Leases):
    """Taking again renews it; its fence stays."""
    assert leases.take("mailbox", "one", TERM) == 1
    assert leases.take("mailbox", "two", TERM) is None
    assert leases.take("mailbox", "one", TERM) == 1
    assert leases.take("schedule", "two", TERM) == 1


def test_what_ran_out_can_be_taken_and_the_fence_rises(leases: Leases, database: Database):
    """The first holder finds out at its next step."""
    leases.take("mailbox", "one", TERM)

    expire(database)

    assert leases.take("mailbox", "two", TERM) == 2
    assert leases.take("mailbox", "one", TERM) is None


def test_a_holder_that_was_late_goes_on_when_nobody_came(leases: Leases, database: Database):
    """Its own lease, with its own fence."""
    leases.take("mailbox", "one", TERM)

    expire(database)

    assert leases.take("mailbox", "one", TERM) == 1


def test_what_is_given_back_is_free_at_once(leases: Leases):
    """But nobody gives back what another holds."""
    leases.take("mailbox", "one", TERM)

    leases.let_go("mailbox", "two")
    still = leases.take("mailbox", "two", TERM)
    leases.let_go("mailbox", "one")

    assert still is None
    assert leases.take("mailbox", "two", TERM) == 2


def test_the_leases_of_the_dead_are_freed(leases: Leases):
    """At a start after a crash nobody waits for the term."""
    leases.take("mailbox", "dead", TERM)
    leases.take("schedule", "alive", TERM)

    leases.rescue(lambda holder: holder == "alive")

    assert leases.take("mailbox", "new", TERM) == 2
    assert leases.take("schedule", "new", TERM) is None


def test_many_that_ask_at_once_get_one_holder(leases: Leases):
    """Exactly one."""
    got: list[int | None] = []
    start = threading.Barrier(8)

    def ask(number: int) -> None:
        start.wait()
        got.append(leases.take("mailbox", f"holder{number}", TERM))

    threads = [threading.Thread(target=ask, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(got, key=str) == [1] + [None] * 7


def test_a_hold_asks_the_database_only_now_and_then(leases: Leases, database: Database):
    """Between two mails nothing is asked; when the term is far gone, it is renewed or lost."""
    hold = Hold(leases, "mailbox", "one", TERM)
    first = hold.is_ours()
    expire(database)
    leases.take("mailbox", "two", TERM)

    at_once = hold.is_ours()
    hold._renewed_at -= TERM.total_seconds()
    later = hold.is_ours()
    hold.let_go()

    assert (first, at_once, later) == (True, True, False)
    assert leases.take("mailbox", "two", TERM) == 2


def test_a_hold_that_is_let_go_is_free_for_others(leases: Leases):
    """And can be taken up again."""
    hold = Hold(leases, "mailbox", "one", TERM)
    hold.is_ours()

    hold.let_go()
    hold.let_go()

    assert leases.take("mailbox", "two", TERM) == 2
    assert not hold.is_ours()


def test_how_a_mailbox_stands_is_noted(leases: Leases, database: Database):
    """The newest note holds."""
    mailboxes = Mailboxes(database)
    fence = leases.take("mailbox:desk", "one", TERM)
    before = mailboxes.state("desk")

    assert mailboxes.keep(STATE, lease="mailbox:desk", fence=fence)
    assert mailboxes.keep(STATE, lease="mailbox:desk", fence=fence)

    assert before is None
    assert mailboxes.states() == [STATE]


def test_who_lost_the_lease_notes_nothing(leases: Leases, database: Database):
    """It may have been asleep for an hour: what it knows is old."""
    mailboxes = Mailboxes(database)
    fence = leases.take("mailbox:desk", "one", TERM)
    expire(database)
    leases.take("mailbox:desk", "two", TERM)

    assert not mailboxes.keep(STATE, lease="mailbox:desk", fence=fence)

    assert mailboxes.state("desk") is None


def test_a_mailbox_that_is_read_no_more_is_forgotten_and_a_new_one_is_expected(leases: Leases, database: Database):
    """One was taken out of the configuration; since when the other stays unread can be told."""
    mailboxes = Mailboxes(database)
    fence = leases.take("mailbox:desk", "one", TERM)
    mailboxes.keep(STATE, lease="mailbox:desk", fence=fence)

    mailboxes.expect(["desk"], STATE.read_at + TERM)
    kept = mailboxes.states()
    mailboxes.expect(["post"], STATE.read_at)

    assert kept == [STATE]
    assert mailboxes.states() == [
        MailboxState(mailbox="post", uid_validity=0, uid=0, set_aside=0, read_at=STATE.read_at)
    ]
