"""Commit 1: every mail is kept, once, whatever way and however often it arrives."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier

import pytest
from house import CLB, DESK, FORM, NAFT, House
from sqlalchemy import func, select

from mailflow.core.mail import Envelope
from mailflow.storage.arrivals import COPY, NAMES, arrival_key, arrival_of
from mailflow.storage.content_key import content_of
from mailflow.storage.store import Store
from mailflow.storage.tables import ARRIVAL, MAIL, TASK
from mailflow.storage.tasks import Tasks

NOW = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
BY_SMTP = Envelope(mail_from=CLB, recipients=(DESK,), client_ip="127.0.0.1", via="smtp")
BY_IMAP = Envelope(via="imap")
HEAD = b"From: <an@clb.example>\nDate: Mon, 5 Oct 2026 09:00:00 +0200\nMessage-ID: <1@clb.example>\nSubject: Hallo\n"
SPOKEN = b"From: <aanmelding@naft-vbo.example>\r\nMessage-ID: <9@naft-vbo.example>\r\n\r\nGesproken.\r\n"
MAIL_ = HEAD + b"\nDag,\n\nHierbij.\n"


def counted(store: Store) -> tuple[int, int, int]:
    """(mails, arrivals, tasks)"""
    with store.database.read() as tx:
        mails, arrivals, tasks = (
            tx.execute(select(func.count()).select_from(table)).scalar_one() for table in (MAIL, ARRIVAL, TASK)
        )
    return mails, arrivals, tasks


def test_a_mail_is_kept_with_its_envelope_and_its_task(store: Store, tasks: Tasks):
    """The bytes, how they came in and the work to do: all there once keep returns."""
    number = store.mails.keep(MAIL_, BY_SMTP, NOW)

    task = tasks.claim(["read"], now=NOW, real_now=NOW, holder="one")
    assert store.mails.raw(number) == MAIL_
    assert store.mails.arrivals(number) == (BY_SMTP,)
    assert task is not None
    assert task.mail_id == number


def test_the_same_mail_twice_is_one_mail_that_arrived_twice(store: Store):
    """By SMTP and again by IMAP: one mail, two arrivals, read once."""
    first = store.mails.keep(MAIL_, BY_SMTP, NOW)
    second = store.mails.keep(MAIL_, BY_IMAP, NOW)

    assert first == second
    assert counted(store) == (1, 2, 1)
    assert [one.via for one in store.mails.arrivals(first)] == ["smtp", "imap"]


def test_the_same_copy_read_twice_is_one_arrival(store: Store):
    """It was kept but could not be moved away, and is read again after a restart; another copy is an arrival."""
    lay_there = Envelope(via="imap", origin="desk/1700000000/17")

    numbers = [store.mails.keep(MAIL_, lay_there, NOW) for _ in range(3)]
    after_the_same = counted(store)
    store.mails.keep(MAIL_, replace(lay_there, origin="desk/1700000000/18"), NOW)

    assert len({*numbers}) == 1
    assert after_the_same == (1, 1, 1)
    assert counted(store) == (1, 2, 1)


def test_another_mail_at_the_same_place_is_another_mail(store: Store):
    """A server that gives a number out twice loses us nothing: what a mail says is asked, not where it lies."""
    lay_there = Envelope(via="imap", origin="desk/1700000000/17")
    store.mails.keep(MAIL_, lay_there, NOW)

    store.mails.keep(MAIL_ + b"En nog iets.\n", lay_there, NOW)

    assert counted(store) == (2, 2, 2)


@pytest.mark.parametrize(
    "other",
    [
        MAIL_.replace(b"\n", b"\r\n"),
        b"Received: from mail.clb.example by mx.meldpunt.example\r\n\tid 7\r\n" + MAIL_,
        b"X-Spam: no\nReturn-Path: <an@clb.example>\n" + MAIL_,
        MAIL_.replace(b"Subject: Hallo", b"subject:  Hallo"),
        MAIL_ + b"\n\n",
    ],
    ids=[
        "other line ends",
        "another Received",
        "other fields on top",
        "another case of a name",
        "empty lines at the end",
    ],
)
def test_what_changes_on_the_way_makes_no_other_mail(other: bytes):
    """Hosts add fields and rewrite line ends: it stays the same mail."""
    assert content_of(other) == content_of(MAIL_)


@pytest.mark.parametrize(
    "other",
    [
        MAIL_.replace(b"Hierbij", b"Daarbij"),
        MAIL_.replace(b"Hallo", b"Hallo!"),
        MAIL_.replace(b"an@", b"jan@"),
        MAIL_.replace(b"09:00:00", b"09:00:01"),
        b"To: <meldpunt+x@meldpunt.example>\n" + MAIL_,
        MAIL_.replace(b"\n\nDag", b"\n\n\nDag"),
    ],
    ids=["body", "subject", "writer", "date", "recipient", "a line on top"],
)
def test_what_a_person_changed_makes_another_mail(other: bytes):
    """The same Message-ID over other words is another mail: senders reuse it."""
    assert content_of(other) != content_of(MAIL_)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (b"Dag, dit is geen mail.\n", b"Dag, dit ook niet.\n"),
        (b"\nbegint met een lege regel", b"\nen dit ook"),
        (b"\r\nbegint met een lege regel", b"\r\nen dit ook"),
        (b"  ingesprongen", b"  en ook zo"),
        (b"Subject: Hallo\ngeen lege regel, dus geen inhoud?", b"Subject: Hallo\ngeen lege regel, maar iets anders"),
        (b"", b"\x00"),
    ],
)
def test_two_things_that_are_hardly_mail_are_not_taken_for_one(one: bytes, two: bytes):
    """Where there is no header to tell them apart, the words do: else the second would be lost."""
    assert content_of(one) != content_of(two)


def test_a_reused_message_id_over_another_body_is_kept_apart(store: Store):
    """Both are mails, both are read."""
    first = store.mails.keep(MAIL_, BY_SMTP, NOW)
    second = store.mails.keep(MAIL_.replace(b"Hierbij", b"Daarbij"), BY_SMTP, NOW)

    assert first != second
    assert counted(store) == (2, 2, 2)


def test_the_same_mail_at_the_same_moment_by_four_ways_is_one_mail(store: Store):
    """However the four race, one mail and one task come of it, and none is answered with a fault."""
    at_once = Barrier(4)

    def arrive(_: int) -> int:
        at_once.wait()
        return store.mails.keep(MAIL_, BY_SMTP, NOW)

    with ThreadPoolExecutor(4) as pool:
        numbers = set(pool.map(arrive, range(4)))

    assert len(numbers) == 1
    assert counted(store) == (1, 4, 1)


def test_a_mail_of_any_bytes_is_kept(store: Store):
    """Nothing in it can make keeping it fail: zero bytes, half characters, no header at all."""
    odd = [b"", b"\x00" * 10, b"\xff\xfe\r\n\r\n\xed\xa0\x80", b"Subject: [MSI-2026-0001]\x00\n\n\x00", b"\r" * 50]

    numbers = [store.mails.keep(raw, BY_SMTP, NOW) for raw in odd]

    assert [store.mails.raw(number) for number in numbers] == odd


def dispatched(house: House) -> str:
    """The reply address that the provider of MSI-2026-0001 got."""
    house.mail()
    house.drain()
    house.at(2026, 10, 5, 9, 0)
    return house.letters(NAFT)[0].reply_to


def test_a_copy_to_a_sealed_address_is_read_although_the_mail_was_read(house: House):
    """It first came to the plain address and was held; the copy says whose case it is."""
    sealed = dispatched(house)
    number = house.raw(SPOKEN, sender=NAFT)
    house.drain()
    first = house.outcome(number)

    again = house.raw(SPOKEN, sender=NAFT, to=sealed)
    house.drain()

    assert again == number
    assert (first, house.outcome(number)) == ("other", "reply")
    assert any("contact_made" in line for line in house.timeline())


def test_a_copy_to_a_sealed_address_that_was_read_already_is_not_read_again(house: House):
    """The same copy comes thrice: what it says happens once."""
    sealed = dispatched(house)

    for _ in range(3):
        house.raw(SPOKEN, sender=NAFT, to=sealed)
        house.drain()

    assert sum("contact_made" in line for line in house.timeline()) == 1


def test_a_copy_that_comes_while_the_mail_is_unread_is_read_with_it(house: House):
    """Both arrivals are looked at together: one reading."""
    sealed = dispatched(house)
    number = house.raw(SPOKEN, sender=NAFT)
    house.raw(SPOKEN, sender=NAFT, to=sealed)

    house.drain()

    assert house.outcome(number) == "reply"
    assert sum("contact_made" in line for line in house.timeline()) == 1


def test_a_form_that_also_came_to_a_sealed_address_makes_no_second_case(house: House):
    """It opened a case when it came to the plain address; its copy changes nothing."""
    sealed = dispatched(house)
    number = house.mail(FORM.replace("Noor", "Lotte"), message_id="<twee@vclbleuven.be>")
    house.drain()
    raw = house.app.store.mails.raw(number)

    house.raw(raw, to=sealed)
    house.drain()

    assert len(house.app.store.cases.lines()) == 2


def test_an_arrival_while_the_mail_is_being_read_is_not_missed(house: House):
    """Between reading and keeping, a copy with a seal comes in: the reading starts over with it."""
    sealed = dispatched(house)
    number = house.raw(SPOKEN, sender=NAFT)
    mails, waiting = house.app.store.mails, [sealed]
    copies = mails.copies

    def slow(mail_id: int, **which: int) -> tuple[list[tuple[Envelope, bytes]], int]:
        found = copies(mail_id, **which)
        if waiting:
            house.raw(SPOKEN, sender=NAFT, to=waiting.pop())
        return found

    mails.copies = slow
    house.drain()

    assert house.outcome(number) == "reply"
    assert sum("contact_made" in line for line in house.timeline()) == 1


def test_the_unread_mails_that_mention_a_case_are_counted_by_its_whole_reference(store: Store):
    """Alone or beside others, and not where a longer number begins with it."""
    for number, subject in enumerate((b"[MSI-2026-0004]", b"MSI-2026-0003 en MSI-2026-0004", b"MSI-2026-00041", b"x")):
        store.mails.keep(b"Message-ID: <%d@clb.example>\nSubject: %s\n\nDag\n" % (number, subject), BY_SMTP, NOW)

    waiting = [store.mails.waiting_for(f"MSI-2026-{number}") for number in ("0003", "0004", "00041", "0005")]

    assert waiting == [1, 2, 1, 0]


@pytest.mark.parametrize("why", [NAMES, COPY])
def test_the_key_of_a_task_says_which_arrival_it_looks_at_and_why(why: str):
    """The task that reads a mail first has no key."""
    assert arrival_of(arrival_key(why, 17, 23)) == (why, 23)
    assert arrival_of(None) == ("", 0)
