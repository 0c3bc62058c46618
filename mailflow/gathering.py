"""All that must be known before a mail is decided on: of its sender, its case, and whatever else it is about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from mailflow.core.case import Case
from mailflow.core.desk_answers import typed_orders
from mailflow.core.guessing import is_hers, is_loose_answer
from mailflow.core.handing_over import belongs_with, worth_gathering
from mailflow.core.holding import decides_on
from mailflow.core.letters import Kind
from mailflow.core.mail import Reading
from mailflow.core.occasions import MailCame
from mailflow.core.provider_mail import WAITING, asks_for_its_waitlist
from mailflow.core.pupil import Pupil
from mailflow.core.remembering import remembering
from mailflow.core.rules import Rules
from mailflow.core.same_pupil import pupils_in
from mailflow.core.several_replies import worth_looking_up
from mailflow.core.signals import holds_a_signal
from mailflow.core.thread import Thread, by_message_id, letter_of_bounce
from mailflow.core.understand import names_in, understand
from mailflow.kept_mail import asked_mail, attachment_names, waiting_mail
from mailflow.looking_up import looked_up
from mailflow.means import Means
from mailflow.reading.mime import parse
from mailflow.storage.cases import StoredCase
from mailflow.storage.store import Store


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """A mail with all that is known about it, and what is kept of each case that it may touch."""

    came: MailCame
    case: Case | None
    """The case that it names, if that exists."""
    rules: Rules
    """As they hold for its sender."""
    stored: Mapping[str, StoredCase]
    pupils: Mapping[Pupil, int]
    """Those that were looked up, each with its newest case."""


def gathered(means: Means, reading: Reading, *, mail_id: int) -> Gathered:
    """Ask the memory what this mail needs, and no more: each question depends on what is known before it."""
    store = means.store
    remembered = store.senders.of(reading.mail.author.key)
    means = replace(means, rules=remembering(means.rules, remembered))
    memory = _Memory(means=means, reading=reading)
    understanding = understand(reading, means.rules, means.today, remembered=remembered)
    thread = thread_of_notice(store, means.rules, reading) or understanding.thread
    came = memory.of_sender(
        MailCame(mail_id=mail_id, reading=reading, understanding=replace(understanding, thread=thread))
    )
    own = _stored(store, (thread.reference,) if thread.reference else ())
    case = own[thread.reference].case if thread.reference in own else None
    others = _stored(store, worth_looking_up(came, means.today))
    came = replace(came, others={reference: one.case for reference, one in others.items()})
    came = replace(came, waiting=memory.waitlist(came))
    came = memory.of_orders(came)
    came = replace(came, asked=asked_mail(means, case))
    came = replace(came, maybe=memory.maybe(came, case))
    came = replace(came, people=memory.people(came))
    hers = memory.hers(came, case)
    came = replace(came, hers=tuple(one.case for one in hers.values()))
    came = replace(came, attachments=memory.bounced(own[case.reference]) if case else ())
    pupils = {one: store.pupils.known(one) for one in pupils_in(came, case, means.rules)}
    same = {one.case.reference: one for found in pupils.values() for one in found.stored}
    return Gathered(
        came=replace(came, pupils={one: found.earlier for one, found in pupils.items()}),
        case=case,
        rules=means.rules,
        stored={**same, **others, **hers, **own},
        pupils={one: found.newest for one, found in pupils.items()},
    )


@dataclass(frozen=True, kw_only=True)
class _Memory:
    """What can be asked about one mail: a question each, and no answer where the mail does not ask it."""

    means: Means
    reading: Reading

    @property
    def store(self) -> Store:
        return self.means.store

    @property
    def rules(self) -> Rules:
        return self.means.rules

    @property
    def author(self) -> str:
        return self.reading.mail.author.key

    def of_sender(self, came: MailCame) -> MailCame:
        """What went to and fro with its sender and the desk within the last day, and the held mail that it settles."""
        to_author = self.store.letters.lately(self.author, self.means.now)
        to_desk = self.store.letters.lately(self.rules.desk.workers[0], self.means.now)
        said = "" if self.reading.nothing_new else self.reading.written
        decided = decides_on(came.understanding, said)
        held_in_all = to_desk[Kind.HELD]
        return replace(
            came,
            full=self.store.full_providers(self.means.today),
            lately=to_author.total(),
            held=waiting_mail(self.means, decided),
            answered=to_author[Kind.NO_FORM] + to_author[Kind.FAMILY],
            survey_asked=to_author[Kind.SURVEY_KEPT],
            alarmed=to_desk[Kind.DANGER],
            held_in_all=held_in_all,
            held_lately=self._held_lately() if held_in_all >= self.rules.brakes.held_a_day else 0,
        )

    def _held_lately(self) -> int:
        """How many mails of its author were held within the last day, among the newest of them."""
        since = self.means.now - timedelta(days=1)
        newest = self.store.mails.held(since, self.rules.brakes.held_in_all_a_day)
        raw = [self.store.mails.raw(one.id) for one in newest if one.received_at >= since]
        return sum(parse(one, self.means.reader.limits).author.key == self.author for one in raw)

    def waitlist(self, came: MailCame) -> tuple[Case, ...]:
        """The waitlist of a provider that asks for it."""
        provider = asks_for_its_waitlist(came, self.rules)
        return tuple(one.case for one in self.store.cases.all_open(WAITING, provider)) if provider else ()

    def of_orders(self, came: MailCame) -> MailCame:
        """What orders of the desk about no single case are about."""
        typed = typed_orders(came, self.rules, self.means.today)
        return replace(came, looked_up=looked_up(self.store, typed)) if typed else came

    def maybe(self, came: MailCame, case: Case | None) -> tuple[Case, ...]:
        """The open cases of its author, for an answer that names none."""
        return tuple(self._hers()) if case is None and is_loose_answer(came, self.rules, self.means.today) else ()

    def people(self, came: MailCame) -> frozenset[str]:
        """The names in the open cases of its author, which a signal must not keep."""
        if not (holds_a_signal(came) or came.understanding.thread.survey):
            return frozenset()
        return frozenset(name for one in self._hers() for name in names_in(one.values))

    def _hers(self) -> Iterable[Case]:
        return (one.case for one in self.store.cases.all_open() if is_hers(one.case, self.author, self.rules))

    def hers(self, came: MailCame, case: Case | None) -> dict[str, StoredCase]:
        """The other open cases of a worker who hands this one over, by reference."""
        if case is None or not worth_gathering(case, came):
            return {}
        every = self.store.cases.all_open()
        return {one.case.reference: one for one in every if belongs_with(one.case, case, self.author)}

    def bounced(self, stored: StoredCase) -> tuple[str, ...]:
        """The names of the attachments of a case whose letter bounced for good: another provider may get it."""
        bounce = self.reading.notice.bounce
        return attachment_names(self.means, stored.id) if bounce and bounce.permanent else ()


def thread_of_notice(store: Store, rules: Rules, reading: Reading) -> Thread | None:
    """A bounce names its letter by the envelope sender that only we know, or by the Message-ID that it returns."""
    if reading.notice.kind is None:
        return None
    recipients = (*reading.envelope.recipients, *reading.mail.delivered_to)
    letter_id = letter_of_bounce(recipients, rules.desk.address, rules.seal)
    if letter_id is not None:
        letter = store.letters.find(letter_id)
        if letter is not None and letter.case_id is not None:
            case = store.cases.by_id(letter.case_id).case
            return Thread(reference=case.reference, by="address", party=letter.role, letter=letter.number)
    original = reading.notice.bounce.original_message_id if reading.notice.bounce else None
    found = by_message_id([original], rules.desk.address, rules.seal) if original else None
    return Thread(reference=found[0], by="message_id", party=found[2], letter=found[1]) if found else None


def _stored(store: Store, references: Iterable[str]) -> dict[str, StoredCase]:
    """The cases of these references that exist."""
    return {reference: one for reference in references if (one := store.cases.get(reference))}
