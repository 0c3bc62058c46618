"""READ and DECIDE: what a mail that came means, and what it makes happen, kept in one transaction."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from mailflow.clock import Clock
from mailflow.core import at_once, retry
from mailflow.core.decide import decide
from mailflow.core.decision import Decision, Outcome
from mailflow.core.desk_answers import typed_orders
from mailflow.core.guessing import is_hers, is_loose_answer
from mailflow.core.handing_over import belongs_with, worth_gathering
from mailflow.core.holding import decides_on
from mailflow.core.letters import Kind
from mailflow.core.mail import Mail, Reading
from mailflow.core.occasions import MailCame, ReleaseDue
from mailflow.core.provider_mail import WAITING, asks_for_its_waitlist
from mailflow.core.pupil import Pupil
from mailflow.core.remembering import remembering
from mailflow.core.rules import Rules
from mailflow.core.same_pupil import pupils_in
from mailflow.core.several_replies import worth_looking_up
from mailflow.core.signals import holds_a_signal
from mailflow.core.thread import Thread, by_message_id, letter_of_bounce
from mailflow.core.understand import names_in, understand
from mailflow.deputizing import alarming_both
from mailflow.framing import frame_all
from mailflow.looking_up import looked_up
from mailflow.outgoing.render import Renderer
from mailflow.reading.mime import parse
from mailflow.reading.reader import Reader, best, standing
from mailflow.seams import reached
from mailflow.settling import asked_mail, waiting_mail, with_references
from mailflow.storage.cases import MovedOn, StoredCase
from mailflow.storage.claims import Claim, Task
from mailflow.storage.mails import COPY, MailResult
from mailflow.storage.store import Other, Store
from mailflow.storage.tasks import Tasks

log = structlog.get_logger()

DECIDE_AGAIN = 5
"""How often a decision is made anew because somebody else decided on the same case first."""
PROVE_AGAIN = 4
"""How often a mail waits because the DNS could not say who sent it: then it counts as not proven."""


@dataclass(frozen=True, kw_only=True)
class Means:
    """What it takes to read a mail and to keep what was decided."""

    store: Store
    tasks: Tasks
    reader: Reader
    renderer: Renderer
    rules: Rules
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class _Made:
    """What a mail makes happen, ready to be kept."""

    kept: list[Other]
    outcome: Outcome
    trace: tuple[str, ...]
    pupils: Mapping[Pupil, int]
    """Those that were looked up, each with its newest case."""


def read_mail(means: Means, task: Task, *, then: Callable[[], Sequence[Claim]]) -> Sequence[Task]:
    """READ and DECIDE: a mail becomes a decision [commit 2]; the work that *then* claims with it, at that moment."""
    for _ in range(DECIDE_AGAIN):
        try:
            return _read_mail(means, task, then)
        except MovedOn:
            continue
    raise MovedOn


def _read_mail(means: Means, task: Task, then: Callable[[], Sequence[Claim]]) -> Sequence[Task]:
    mail_id = known(task.mail_id)
    store, now = means.store, means.clock.now()
    arrival = int(task.unique_key.rpartition(":")[2]) if task.unique_key else 0  # one that came after the reading
    with store.database.snapshot():
        copies, seen = store.mails.copies(mail_id, only=arrival)
    reading = best(means.reader, copies)
    if reading.try_later and task.attempts < PROVE_AGAIN:
        means.tasks.again(task, retry.again_at(task.attempts + 1, now), why=reading.try_later)
        return ()
    if task.unique_key and task.unique_key.startswith(COPY):
        others, _ = store.mails.copies(mail_id, besides=arrival)
        if standing(reading) <= standing(best(means.reader, others)):
            return store.commit(Decision(), (), now, finishing=task, mail=store.mails.result(mail_id), then=then())
    key = f"mail-{mail_id}-{arrival}" if arrival else f"mail-{mail_id}"
    with store.database.snapshot():
        made = _made(means, reading, key=key, mail_id=mail_id, now=now)
    main, *more = made.kept
    result = MailResult(
        mail_id=mail_id,
        outcome=made.outcome,
        trace=made.trace,
        arrivals=0 if arrival else seen,
    )
    following = store.commit(
        main.decision,
        main.letters,
        now,
        finishing=task,
        mail=result,
        before=main.before,
        others=more,
        pupils=made.pupils,
        then=then(),
    )
    reached("after_commit_2")
    log.info("read", mail=mail_id, outcome=made.outcome, letters=sum(len(one.letters) for one in made.kept))
    return following


def _made(means: Means, reading: Reading, *, key: str, mail_id: int, now: datetime) -> _Made:
    """DECIDE and render: everything that this mail makes happen; *key* names its letters of no case."""
    store, rules = means.store, means.rules
    today = now.astimezone(rules.calendar.zone).date()
    remembered = store.senders.of(reading.mail.author.key)
    rules = remembering(rules, remembered)
    understanding = understand(reading, rules, today, remembered=remembered)
    thread = _thread_of_notice(means, reading) or understanding.thread
    understanding = replace(understanding, thread=thread)
    said = "" if reading.nothing_new else reading.written
    to_author = store.letters.lately(reading.mail.author.key, now)
    to_desk = store.letters.lately(rules.desk.workers[0], now)
    occasion = MailCame(
        mail_id=mail_id,
        reading=reading,
        understanding=understanding,
        full=store.full_providers(today),
        lately=to_author.total(),
        held=waiting_mail(store, means.reader, rules, decides_on(understanding, said), now),
        answered=to_author[Kind.NO_FORM] + to_author[Kind.FAMILY],
        survey_asked=to_author[Kind.SURVEY_KEPT],
        alarmed=to_desk[Kind.DANGER],
        held_in_all=to_desk[Kind.HELD],
    )
    if occasion.held_in_all >= rules.brakes.held_a_day:
        occasion = replace(occasion, held_lately=_held_of(reading.mail.author.key, means, now))
    stored = _stored(store, (thread.reference,) if thread.reference else ())
    others = _stored(store, worth_looking_up(occasion, today))
    occasion = replace(occasion, others={reference: one.case for reference, one in others.items()})
    if provider := asks_for_its_waitlist(occasion, rules):
        occasion = replace(occasion, waiting=tuple(one.case for one in store.cases.all_open(WAITING, provider)))
    if typed := typed_orders(occasion, rules, today):
        occasion = replace(occasion, looked_up=looked_up(store, typed))
    case = stored[thread.reference].case if thread.reference in stored else None
    occasion = replace(occasion, asked=asked_mail(store, means.reader, rules, case, now))
    if case is None and is_loose_answer(occasion, rules, today):
        author = reading.mail.author.key
        maybe = [one.case for one in store.cases.all_open() if is_hers(one.case, author, rules)]
        occasion = replace(occasion, maybe=tuple(maybe))
    if holds_a_signal(occasion) or thread.survey:
        author = reading.mail.author.key
        own = (one.case.values for one in store.cases.all_open() if is_hers(one.case, author, rules))
        occasion = replace(occasion, people=frozenset(name for values in own for name in names_in(values)))
    if case and worth_gathering(case, occasion):
        hers = [one for one in store.cases.all_open() if belongs_with(one.case, case, reading.mail.author.key)]
        others |= {one.case.reference: one for one in hers}
        occasion = replace(occasion, hers=tuple(one.case for one in hers))
    if case and reading.notice.bounce and reading.notice.bounce.permanent:
        names = attachment_names(store, means.reader, stored[case.reference].id)
        occasion = replace(occasion, attachments=names)
    known_pupils = {one: store.pupils.known(one) for one in pupils_in(occasion, case, rules)}
    occasion = replace(occasion, pupils={one: found.earlier for one, found in known_pupils.items()})
    same = {one.case.reference: one for found in known_pupils.values() for one in found.stored}
    decision = alarming_both(store, decide(case, occasion, rules, now), now)
    decision = with_references(store, rules, decision, now)
    if at_once.may_leave(decision, now) and not (decision.settles or means.tasks.any_due("release", now)):
        due = ReleaseDue(full=occasion.full, attachments=_names([reading.mail]))
        decision = at_once.leaving(decision, due, rules, now)
    answered = occasion.held.reading if occasion.held and decision.settles else reading
    kept = _framed(means, decision, now, {**same, **others, **stored}, key=key, answering=answered.mail.message_id)
    return _Made(
        kept=kept,
        outcome=decision.outcome or Outcome.HELD,
        trace=decision.trace or understanding.trace,
        pupils={one: found.newest for one, found in known_pupils.items()},
    )


def _held_of(author: str, means: Means, now: datetime) -> int:
    """How many mails of that author were held within the last day, among the newest of them."""
    store, since = means.store, now - timedelta(days=1)
    newest = store.mails.held(since, means.rules.brakes.held_in_all_a_day)
    raw = [store.mails.raw(one.id) for one in newest if one.received_at >= since]
    return sum(parse(one, means.reader.limits).author.key == author for one in raw)


def attachment_names(store: Store, reader: Reader, case_id: int) -> tuple[str, ...]:
    """The names of everything that came with the mails of a case: the referral names them."""
    return _names(parse(store.mails.raw(mail_id), reader.limits) for mail_id in store.mails.of_case(case_id))


def _names(mails: Iterable[Mail]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.name for mail in mails for one in mail.attachments if one.name))


def _thread_of_notice(means: Means, reading: Reading) -> Thread | None:
    """A bounce names its letter by the envelope sender that only we know, or by the Message-ID that it returns."""
    if reading.notice.kind is None:
        return None
    rules = means.rules
    recipients = (*reading.envelope.recipients, *reading.mail.delivered_to)
    letter_id = letter_of_bounce(recipients, rules.desk.address, rules.seal)
    if letter_id is not None:
        letter = means.store.letters.find(letter_id)
        if letter is not None and letter.case_id is not None:
            case = means.store.cases.by_id(letter.case_id).case
            return Thread(reference=case.reference, by="address", party=letter.role, letter=letter.number)
    original = reading.notice.bounce.original_message_id if reading.notice.bounce else None
    found = by_message_id([original], rules.desk.address, rules.seal) if original else None
    return Thread(reference=found[0], by="message_id", party=found[2], letter=found[1]) if found else None


def _stored(store: Store, references: Iterable[str]) -> dict[str, StoredCase]:
    """The cases of these references that exist."""
    return {reference: one for reference in references if (one := store.cases.get(reference))}


def _framed(
    means: Means,
    decision: Decision,
    now: datetime,
    stored: Mapping[str, StoredCase],
    *,
    key: str,
    answering: str | None,
) -> list[Other]:
    """The decision on each case with its rendered letters, and what was stored of that case when it was decided on."""
    return [
        Other(
            decision=one,
            letters=frame_all(one, means.renderer, means.rules, now, key=key, answering=answering),
            before=stored[one.case.reference] if one.case and not one.opens else None,
        )
        for one in decision.whole
    ]


def known(number: int | None) -> int:
    """What a task of this kind is about."""
    if number is None:
        raise LookupError("a task that does not say what it is about")
    return number
