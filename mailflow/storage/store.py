"""What must be true together is written together: commit(decision) is ONE transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select

from mailflow.core.decision import Decision, ProviderMark
from mailflow.core.house import HouseDecision
from mailflow.core.mail import Envelope
from mailflow.core.pupil import Pupil
from mailflow.core.rules import Rules
from mailflow.storage import claims, tasks
from mailflow.storage.attendance import Attendance
from mailflow.storage.audits import Audits
from mailflow.storage.cases import Cases, StoredCase
from mailflow.storage.claims import Claim, Task
from mailflow.storage.closures import Closures
from mailflow.storage.copies import Copies
from mailflow.storage.done import Done
from mailflow.storage.engine import Database, insert_unless
from mailflow.storage.erasures import Erasing, Erasures
from mailflow.storage.letters import Letters, Sealed, ToKeep
from mailflow.storage.mailboxes import Mailboxes
from mailflow.storage.mails import MailResult, Mails
from mailflow.storage.pupils import Pupils
from mailflow.storage.quick import prepared
from mailflow.storage.references import References
from mailflow.storage.sender_rules import SenderRules
from mailflow.storage.signals import Signals
from mailflow.storage.surveys import Surveys
from mailflow.storage.tables import COUNTER, PAUSE, PROVIDER_STATE, TASK
from mailflow.storage.vault import Vault


@dataclass(frozen=True, kw_only=True)
class Other:
    """What one occasion does to one more case: kept together with the rest."""

    decision: Decision
    letters: Sequence[ToKeep] = ()
    before: StoredCase | None = None


ALARMS = "alarms"
"""Counts the alarms that were raised."""
BACKUP = "last-backup"
"""The last backup that was made, in minutes since 1970."""


class Store:
    """The memory of the service."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        rules: Rules,
        *,
        new_uuid: Callable[[], str],
        mailboxes: Sequence[str] = (),
    ) -> None:
        """*new_uuid* gives 32 hex digits for a new row; *mailboxes* are the names of those that we read."""
        self.database = database
        self.done = Done()
        self.copies = Copies(database, vault, new_uuid, mailboxes)
        self.erasures = Erasures(database, vault, self.copies)
        self.mails = Mails(database, vault, rules, new_uuid, self.copies)
        self.closures = Closures(database, rules)
        self.references = References(database)
        self.cases = Cases(database, vault, self.closures.in_force, new_uuid, self.references)
        self.pupils = Pupils(database, vault, self.cases)
        self.letters = Letters(database, vault, new_uuid)
        self.attendance = Attendance(database, self.letters)
        self.mailboxes = Mailboxes(database)
        self.senders = SenderRules(database, vault, new_uuid)
        self.audits = Audits(database, vault)
        self.signals = Signals(database, vault, new_uuid)
        self.surveys = Surveys(database, vault, new_uuid)

    @property
    def rules(self) -> Rules:
        """The rules in force: the configured ones, and the closing days that the desk told (see look_again there)."""
        return self.closures.in_force()

    def commit(
        self,
        decision: Decision,
        letters: Sequence[ToKeep],
        now: datetime,
        *,
        finishing: Task | None = None,
        once: bool = False,
        mail: MailResult | None = None,
        letter: tuple[int, str] | None = None,
        before: StoredCase | None = None,
        erasing: Erasing | None = None,
        others: Sequence[Other] = (),
        pupils: Mapping[Pupil, int] | None = None,
        then: Sequence[Claim] = (),
    ) -> list[Task]:
        """Events, cases, letters, their tasks and the finished task together, or nothing [commits 2 and 3].

        *letter* is (id, new state) of the letter that was sent or refused; *erasing* is what goes of the case.
        *pupils* are those that were looked up, each with its newest case. The work that *then* claims comes back.
        Raises MovedOn when one of the cases has more events than it saw, or a case is opened for a pupil who got
        another one meanwhile; LostLease when another worker holds the task.
        """
        parts = [
            (one, [self.letters.seal(letter, now) for letter in one.letters], self._sealed(one))
            for one in (Other(decision=decision, letters=letters, before=before), *others)
        ]
        rule = self.senders.seal(decision.remembers, now) if decision.remembers else None
        signals = [self.signals.seal(one, now) for part, _, _ in parts for one in part.decision.signals]
        survey = self.surveys.seal(decision.survey, now) if decision.survey else None
        with self.database.write() as tx:
            if survey is not None:
                self.surveys.keep(tx, survey)
            if rule is not None:
                self.senders.keep(tx, rule)
            for signal in signals:
                self.signals.keep(tx, signal)
            self._keep_house(tx, decision.house, now)
            if finishing is not None:
                tasks.finish(tx, finishing, once=once)
            if pupils and any(one.decision.opens for one, _, _ in parts):
                self.pupils.fence(tx, pupils)
            about = mail.mail_id if mail else None
            kept = [self._keep(tx, one, sealed, personal, now, about) for one, sealed, personal in parts]
            if erasing is not None and before is not None:
                self.erasures.erase_case(tx, before, erasing, now)
            if letter is not None:
                self.letters.mark(tx, *letter, now)
            if mail is not None:
                self.mails.keep_result(tx, mail, next((one.id for one in kept if one), None))
            following = self._take(tx, then)
        self.done.kept([one.decision for one, _, _ in parts], mail, letter)
        for one in kept if erasing is None else ():
            if one is not None:
                self.cases.remember(one)
        if decision.house.closes or decision.house.reopens:
            self.closures.look_again()
        return following

    def receive(self, raw: bytes, envelope: Envelope, now: datetime, then: Sequence[Claim]) -> tuple[int, list[Task]]:
        """Keep a mail durably: its id, and the work that *then* claims, in the same transaction [commit 1]."""
        following: list[Task] = []
        mail_id = self.mails.keep(raw, envelope, now, within=lambda tx: following.extend(self._take(tx, then)))
        self.done.mail_came()
        return mail_id, following

    def _take(self, tx: Connection, then: Sequence[Claim]) -> list[Task]:
        """What these claim within a transaction; the rules are looked at once more before that work begins."""
        taken = [task for one in then if (task := claims.take(tx, one))]
        if taken:
            self.closures.look_again(tx)
        return taken

    def _sealed(self, one: Other) -> tuple[str, bytes] | None:
        case, before = one.decision.case, one.before.case if one.before and not one.decision.opens else None
        return self.cases.seal(case, before) if case else None

    def _keep_house(self, tx: Connection, house: HouseDecision, now: datetime) -> None:
        self.closures.change(tx, house.closes, house.reopens)
        for task_id in house.retries:
            tasks.retry(tx, task_id, now)
        for number in house.forgets:
            self.senders.take_out(tx, number)
        for number in house.drops:
            self.signals.take_out(tx, number)

    def _keep(  # noqa: PLR0917 - one place calls it, once for each case
        self,
        tx: Connection,
        one: Other,
        letters: Sequence[Sealed],
        personal: tuple[str, bytes] | None,
        now: datetime,
        mail_id: int | None,
    ) -> StoredCase | None:
        kept = self.cases.keep(tx, one.decision, personal, one.before)
        case_id = kept.id if kept else None
        for sealed in letters:
            self.letters.keep(tx, sealed, case_id, now, mail_id=mail_id)
        for number in one.decision.voids:
            self.letters.void(tx, case_id, number)
        if one.decision.release_at is not None and case_id is not None:
            lane = f"release:{kept.case.provider}" if kept and kept.case.provider else None
            at, key = one.decision.release_at, f"release:{case_id}"
            tasks.add(tx, "release", at, case_id=case_id, unique_key=key, lane=lane)
        if one.decision.copy_at is not None and case_id is not None:
            tasks.add(tx, "copy", one.decision.copy_at, case_id=case_id, unique_key=f"copy:{case_id}")
        for settled in one.decision.settles:
            self.mails.settle(tx, settled, case_id)
        for mark in one.decision.marks:
            _mark(tx, mark)
        return kept

    def commit_once(
        self, decision: Decision, letters: Sequence[ToKeep], now: datetime, *, kind: str, unique_key: str
    ) -> bool:
        """Letters of no case, at most once for that key; False when they were written before."""
        return self.write_if(letters, now, lambda tx: tasks.mark_done(tx, kind, now, unique_key=unique_key))

    def write_if(self, letters: Sequence[ToKeep], now: datetime, note: Callable[[Connection], bool]) -> bool:
        """Letters of no case, in one transaction with what *note* writes down; not written when that says no."""
        sealed = [self.letters.seal(letter, now) for letter in letters]
        with self.database.write() as tx:
            if not note(tx):
                return False
            for one in sealed:
                self.letters.keep(tx, one, None, now, mail_id=None)
        return True

    def party_index(self, address: str) -> str:
        """What stands for an address in task keys: keyed, so that it tells nobody whose it is."""
        return self.letters.index(address)[:32]

    def full_providers(self, today: date) -> frozenset[str]:
        """Keys of the providers that are full on that day by their own word or the desk's."""
        with self.database.read() as tx:
            return frozenset(tx.execute(_FULL, {"today": today}).scalars())

    def stuck_tasks(self) -> list[dict[str, Any]]:
        """What waits for a person: ids, kind, attempts and where our code failed."""
        columns = (
            TASK.c.id,
            TASK.c.kind,
            TASK.c.mail_id,
            TASK.c.case_id,
            TASK.c.letter_id,
            TASK.c.attempts,
            TASK.c.why,
        )
        with self.database.read() as tx:
            rows = tx.execute(select(*columns).where(TASK.c.state == "stuck").order_by(TASK.c.id)).mappings().all()
        return [dict(row) for row in rows]

    def letters_due_before(self, moment: datetime) -> int:
        """How many letters should have left before *moment* and are still here."""
        here = (TASK.c.kind == "send", TASK.c.state.in_(["ready", "running"]), TASK.c.due_at < moment)
        with self.database.read() as tx:
            return int(tx.execute(select(func.count()).select_from(TASK).where(*here)).scalar_one())

    def late_letters(self, tries: int) -> int:
        """How many letters were tried at least *tries* times and are still here."""
        query = (
            select(func.count())
            .select_from(TASK)
            .where(TASK.c.kind == "send", TASK.c.state.in_(["ready", "running"]), TASK.c.attempts >= tries)
        )
        with self.database.read() as tx:
            return int(tx.execute(query).scalar_one())

    def remember(self, name: str, number: int) -> None:
        """Keep a number under a name, in place of the one before."""
        with self.database.write() as tx:
            row = insert_unless(tx, COUNTER).values(name=name, value=number)
            tx.execute(row.on_conflict_do_update(index_elements=["name"], set_={"value": number}))

    def count(self, name: str) -> None:
        """Add one to the number kept under a name."""
        with self.database.write() as tx:
            first = insert_unless(tx, COUNTER).values(name=name, value=1)
            tx.execute(first.on_conflict_do_update(index_elements=["name"], set_={"value": COUNTER.c.value + 1}))

    def remembered(self, name: str) -> int | None:
        """The number kept under that name, or None."""
        with self.database.read() as tx:
            return tx.execute(select(COUNTER.c.value).where(COUNTER.c.name == name)).scalar()

    def paused(self) -> frozenset[str]:
        """What the operator halted: send, all."""
        with self.database.read() as tx:
            return frozenset(tx.execute(select(PAUSE.c.what)).scalars())

    def pause(self, what: str, now: datetime) -> None:
        """Halt sending, or all work; receiving goes on."""
        with self.database.write() as tx:
            halt = insert_unless(tx, PAUSE).values(what=what, since=now)
            tx.execute(halt.on_conflict_do_nothing(index_elements=["what"]))

    def resume(self, what: str) -> None:
        """Let it go on; "all" lifts every halt."""
        with self.database.write() as tx:
            tx.execute(delete(PAUSE) if what == "all" else delete(PAUSE).where(PAUSE.c.what == what))


_FULL = prepared(select(PROVIDER_STATE.c.provider).where(PROVIDER_STATE.c.full_until >= bindparam("today")))


def _mark(tx: Connection, mark: ProviderMark) -> None:
    values = {"full_until": mark.full_until}
    row = insert_unless(tx, PROVIDER_STATE).values(provider=mark.key, **values)
    tx.execute(row.on_conflict_do_update(index_elements=["provider"], set_=values))
