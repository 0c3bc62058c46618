"""Commits 2 and 3: all of a decision or nothing, and never on a case that moved on."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from house import CLB, FORM, NAFT, House
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from mailflow.core.case import Case, Happened
from mailflow.core.decision import Decision, ProviderMark
from mailflow.core.lifecycle import Event, Party, State
from mailflow.core.mail import Envelope
from mailflow.settings import Settings
from mailflow.storage.cases import Cases, MovedOn, StoredCase
from mailflow.storage.letters import ToKeep
from mailflow.storage.mails import MailResult
from mailflow.storage.store import Store
from mailflow.storage.tables import CARE_CASE, EVENT, LETTER, TASK
from mailflow.storage.tasks import Tasks
from mailflow.storage.vault import Vault

NOW = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)


def letter(number: int) -> ToKeep:
    return ToKeep(
        number=number,
        kind="received",
        role="referrer",
        address=CLB,
        content=b"Dag",
        not_before=None,
    )


def opening(reference: str) -> Decision:
    """A decision that opens a case with one event."""
    came = Happened(at=NOW, kind=Event.MAIL_CAME, by=Party.REFERRER, codes={"mail": "1"})
    case = Case(reference=reference, opened_at=NOW, history=(came,), values={"first_name": "Noor"})
    return Decision(case=case, opens=True, events=(came,))


def noting(stored: StoredCase, what: str) -> Decision:
    """A decision that adds a note to what *stored* was when it was loaded."""
    note = Happened(at=NOW, kind=Event.NOTE, codes={"what": what})
    case = replace(stored.case, history=(*stored.case.history, note))
    return Decision(case=case, seen=stored.case.seen, events=(note,))


def opened(store: Store) -> StoredCase:
    """A case that was just opened."""
    reference = store.references.next(2026)
    store.commit(opening(reference), (), NOW)
    stored = store.cases.get(reference)
    assert stored is not None
    return stored


def rows(store: Store) -> tuple[int, ...]:
    with store.database.read() as tx:
        return tuple(
            tx.execute(select(func.count()).select_from(t)).scalar_one() for t in (CARE_CASE, EVENT, LETTER, TASK)
        )


def test_a_decision_is_kept_as_a_whole(store: Store, tasks: Tasks):
    """Case, events, letters with their tasks, the release, the mark, the mail's result and the finished task."""
    number = store.mails.keep(b"Subject: x\n\ny", Envelope(), NOW)
    task = tasks.claim(["read"], now=NOW, real_now=NOW, holder="one")
    decision = replace(
        opening("MSI-2026-0001"), release_at=NOW, marks=(ProviderMark("naft-vbo", NOW.date() + timedelta(days=9)),)
    )

    store.commit(
        decision, [letter(1), letter(2)], NOW, finishing=task,
        mail=MailResult(mail_id=number, outcome="referral", trace=("why",)),
    )  # fmt: skip

    stored, line = store.cases.get("MSI-2026-0001"), store.mails.line(number)
    assert stored is not None
    assert line is not None
    assert (stored.case.values, stored.case.history) == (decision.case and decision.case.values, decision.events)
    assert (line.state, line.outcome, line.reference) == ("read", "referral", "MSI-2026-0001")
    assert store.mails.trace(number) == ("why",)
    assert store.full_providers(NOW.date()) == {"naft-vbo"}
    assert rows(store) == (1, 1, 2, 3)


def test_a_failure_in_the_middle_keeps_nothing(store: Store, tasks: Tasks):
    """Two letters of one number cannot be: neither the case, nor the first letter, nor the finished task stays."""
    number = store.mails.keep(b"Subject: x\n\ny", Envelope(), NOW)
    task = tasks.claim(["read"], now=NOW, real_now=NOW, holder="one")
    result = MailResult(mail_id=number, outcome="referral", trace=())

    with pytest.raises(IntegrityError):
        store.commit(opening("MSI-2026-0001"), [letter(1), letter(1)], NOW, finishing=task, mail=result)

    line = store.mails.line(number)
    assert line is not None
    assert line.state == "unread"
    assert rows(store) == (0, 0, 0, 1)


def test_a_decision_on_a_case_that_moved_on_is_refused(store: Store):
    """Both loaded the same case; the second to commit is told, and nothing of it stays."""
    opened(store)
    one, two = (store.cases.get("MSI-2026-0001") for _ in range(2))
    assert one
    assert two
    store.commit(noting(one, "first"), (), NOW, before=one)

    with pytest.raises(MovedOn):
        store.commit(noting(two, "second"), [letter(1)], NOW, before=two)

    now = store.cases.get("MSI-2026-0001")
    assert now is not None
    assert [h.codes.get("what") for h in now.case.history] == [None, "first"]
    assert rows(store) == (1, 2, 0, 0)


def test_an_event_of_a_number_that_is_there_is_a_case_that_moved_on(store: Store):
    """The last fence: even if the row's own guard were passed, no event is written over another."""
    stored = opened(store)
    with store.database.write() as tx:
        tx.execute(
            insert(EVENT).values(
                case_id=stored.id, number=2, at=NOW, kind="note", party="mailflow", codes="{}", mac="0" * 64
            )
        )

    with pytest.raises(MovedOn):
        store.commit(noting(stored, "second"), (), NOW, before=stored)


def test_four_threads_that_note_on_one_case_lose_nothing(store: Store):
    """Each decides again when it was too late: forty notes, in one unbroken chain."""
    stored = opened(store)
    at_once = Barrier(4)

    def note(name: int) -> None:
        at_once.wait()
        for turn in range(10):
            while True:
                now = store.cases.by_id(stored.id)
                try:
                    store.commit(noting(now, f"{name}.{turn}"), (), NOW, before=now)
                except MovedOn:
                    continue
                break

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(note, range(4)))

    notes = [h.codes["what"] for h in store.cases.by_id(stored.id).case.history[1:]]
    assert sorted(notes) == sorted(f"{name}.{turn}" for name in range(4) for turn in range(10))
    assert store.cases.broken_chain(stored.id) is None


def test_references_are_given_once_each(store: Store):
    """Four threads take twenty-five each, the counter's first among them; a new year begins at 1."""
    at_once = Barrier(4)

    def take(_: int) -> list[str]:
        at_once.wait()
        return [store.references.next(2026) for _ in range(25)]

    with ThreadPoolExecutor(4) as pool:
        given = [one for taken in pool.map(take, range(4)) for one in taken]

    assert sorted(given) == [f"MSI-2026-{n:04}" for n in range(1, 101)]
    assert store.references.next(2027) == "MSI-2027-0001"


def three_events(store: Store) -> int:
    stored = opened(store)
    for what in ("one", "two"):
        now = store.cases.by_id(stored.id)
        store.commit(noting(now, what), (), NOW, before=now)
    return stored.id


@pytest.mark.parametrize(
    "change",
    [
        {"codes": '{"what": "other"}'},
        {"at": NOW + timedelta(seconds=1)},
        {"kind": "bounced"},
        {"party": "desk"},
        {"mac": "0" * 64},
    ],
    ids=["codes", "moment", "kind", "party", "link"],
)  # fmt: skip
def test_an_event_that_was_changed_is_noticed(store: Store, change: dict[str, Any]):
    """Whoever edits the database cannot make the chain fit without the key."""
    case_id = three_events(store)
    whole = store.cases.broken_chain(case_id)
    with store.database.write() as tx:
        tx.execute(update(EVENT).where(EVENT.c.number == 2).values(**change))

    assert whole is None
    assert store.cases.broken_chain(case_id) == 2


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_event_that_was_taken_out_is_noticed(store: Store, number: int):
    """Also the newest one: the head of the chain stands on the case."""
    case_id = three_events(store)
    with store.database.write() as tx:
        tx.execute(delete(EVENT).where(EVENT.c.number == number))

    assert store.cases.broken_chain(case_id) == number


def test_a_letter_that_is_just_being_sent_cannot_be_voided(store: Store, tasks: Tasks):
    """Whether it left is not known yet: decide again when it is. One that waits is voided, and its task goes."""
    stored = opened(store)
    store.commit(noting(stored, "two letters"), [letter(1), letter(2)], NOW, before=stored)
    task = tasks.claim(["send"], now=NOW, real_now=NOW, holder="one")
    assert task is not None
    now = store.cases.by_id(stored.id)

    with pytest.raises(MovedOn):
        store.commit(replace(noting(now, "void"), voids=(1, 2)), (), NOW, before=now)
    store.commit(replace(noting(now, "void"), voids=(2,)), (), NOW, before=now)

    with store.database.read() as tx:
        states = tx.execute(select(LETTER.c.state).order_by(LETTER.c.number)).scalars().all()
    assert states == ["waiting", "void"]
    tasks.finish(task)
    assert tasks.next_due() is None


def test_a_change_of_terms_looks_at_every_open_case_again(store: Store, vault: Vault, settings: Settings):
    """Other rules, other terms: each open case once, those that ended not."""
    for _ in range(3):
        opened(store)
    with store.database.write() as tx:
        tx.execute(update(CARE_CASE).where(CARE_CASE.c.id == 3).values(state=State.CLOSED.value))
    before = store.cases.due_looks(NOW)
    changed = replace(settings.rules, fingerprint="f" * 64)
    after_change = Cases(store.database, vault, lambda: changed, lambda: "0" * 32, store.references)

    added = [after_change.due_looks(NOW), after_change.due_looks(NOW)]
    for case_id in (1, 2):
        after_change.refresh(after_change.by_id(case_id))
    with store.database.write() as tx:
        tx.execute(delete(TASK))

    assert before == 0
    assert added == [2, 0]
    assert after_change.due_looks(NOW) == 0


def test_the_cached_row_of_every_case_is_what_its_events_come_to(house: House):
    """After a story with answers, reminders and a refusal: recomputing changes nothing."""
    house.mail()
    house.mail(FORM.replace("Noor", "Lou").replace("Aanleiding: komt sinds september amper nog op school\n", ""))
    house.drain()
    house.at(2026, 10, 5, 9, 0)
    house.reply(house.letters(NAFT)[0], "Helaas, voor deze leerling zijn we volzet.")
    house.drain()
    house.at(2026, 10, 20, 9, 0)
    cases = house.app.store.cases

    def cached() -> Sequence[Any]:
        with house.app.database.read() as tx:
            return tx.execute(select(CARE_CASE).order_by(CARE_CASE.c.id)).all()

    before = cached()
    for row in before:
        cases.refresh(cases.by_id(row.id))

    assert len(before) == 2
    assert cached() == before
    assert [cases.by_id(row.id).case.seen for row in before] == [row.seen for row in before]
    assert [cases.broken_chain(row.id) for row in before] == [None, None]


def test_two_workers_deciding_on_one_case_at_once_lose_nothing(house: House):
    """While one worker is about to commit, another decides on the same case: the first decides again."""
    house.mail()
    house.drain()
    house.at(2026, 10, 5, 9, 0)
    told, referral = house.letters(CLB)[0], house.letters(NAFT)[0]
    mails = [house.reply(referral, "We hebben elkaar gesproken."), house.reply(told, "Hoe ver staat het?")]
    other, commit, refused = house.another(), house.app.store.commit, []

    def late(*values: Any, **named: Any) -> None:
        if not refused:
            refused.append(True)
            other.drain()
        try:
            commit(*values, **named)
        except MovedOn:
            refused.append(True)
            raise

    house.app.store.commit = late
    house.drain()
    other.close()

    written = [h.codes["n"] for h in house.case().history if h.kind is Event.LETTER_WRITTEN]
    came = [h.codes["mail"] for h in house.case().history if h.kind is Event.MAIL_CAME]
    assert len(refused) == 2
    assert came == ["1", str(mails[1]), str(mails[0])]
    assert written == [str(n) for n in range(1, len(written) + 1)]
    assert [house.outcome(mail) for mail in mails] == ["reply", "reply"]
    assert len({sent.message["Message-ID"] for sent in house.courier.sent}) == len(house.courier.sent)


def test_two_processes_that_drain_at_once_send_each_letter_once(house: House):
    """Twenty referrals, as many as one mailbox may send in a day, two processes: twenty references, and each letter once."""
    for n in range(20):
        house.mail(FORM.replace("Noor", f"Noor-{chr(65 + n // 26)}{chr(97 + n % 26)}"))
    other, at_once = house.another(), Barrier(2)

    def drain(app: Any) -> None:
        at_once.wait()
        app.drain()

    for moment in ((2026, 10, 4, 22, 15), (2026, 10, 5, 9, 0)):
        house.clock.set(datetime(*moment, tzinfo=house.clock.at.tzinfo))
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(drain, (house.app, other)))
        house.later(minutes=2)  # also what was too much for one minute: one process may have done all
    other.close()

    lines = house.app.store.cases.lines()
    ids = [str(sent.message["Message-ID"]) for sent in house.courier.sent]
    assert len({line.reference for line in lines}) == 20
    assert {line.state for line in lines} == {State.DISPATCHED}
    assert (len(house.letters(CLB)), len(house.letters(NAFT))) == (20, 20)
    assert len(ids) == len(set(ids))
    assert [house.app.store.cases.broken_chain(line.id) for line in lines] == [None] * 20
    assert house.app.store.stuck_tasks() == []
