"""The mails that wait for the desk: read once more, since its word may come days later, and settled."""

# ruff: noqa: PLR0917 - the parts of the house, each by its name
from dataclasses import replace
from datetime import datetime

from mailflow.core.case import Case
from mailflow.core.commands import Command, read_command
from mailflow.core.decision import Decision
from mailflow.core.draft import Draft
from mailflow.core.holding import POSSIBLE, settled
from mailflow.core.occasions import MailCame
from mailflow.core.remembering import remembering
from mailflow.core.rules import Rules
from mailflow.core.same_pupil import pupils_in
from mailflow.core.understand import understand
from mailflow.framing import frame_all
from mailflow.outgoing.render import Renderer
from mailflow.reading.reader import Reader, best
from mailflow.storage.store import Store


def waiting_mail(store: Store, reader: Reader, rules: Rules, mail_id: int | None, now: datetime) -> MailCame | None:
    """That mail as it is read now, or None when it does not wait for the desk."""
    if mail_id is None or not store.mails.waits(mail_id):
        return None
    return read_again(store, reader, rules, mail_id, now)


def asked_mail(store: Store, reader: Reader, rules: Rules, case: Case | None, now: datetime) -> MailCame | None:
    """The mail of which a party of *case* is asked whether it wrote it; None when none is, or it was erased."""
    asked = case.asked_who if case else None
    mail_id = int(asked.codes["mail"]) if asked else 0
    return read_again(store, reader, rules, mail_id, now, case) if mail_id and store.mails.raw(mail_id) else None


def read_again(
    store: Store, reader: Reader, rules: Rules, mail_id: int, now: datetime, case: Case | None = None
) -> MailCame:
    """A kept mail, as it is read now; *case* is the one that it is about, if any."""
    copies, _ = store.mails.copies(mail_id)
    reading = best(reader, copies)
    today = now.astimezone(rules.calendar.zone).date()
    remembered = store.senders.of(reading.mail.author.key)
    rules = remembering(rules, remembered)
    came = MailCame(
        mail_id=mail_id,
        reading=reading,
        understanding=understand(reading, rules, today, remembered=remembered),
        full=store.full_providers(today),
        lately=store.letters.lately(reading.mail.author.key, now).total(),
    )
    return replace(came, pupils={one: store.pupils.known(one).earlier for one in pupils_in(came, case, rules)})


def settle(
    store: Store, reader: Reader, renderer: Renderer, rules: Rules, mail_id: int, words: str, now: datetime
) -> str:
    """Do what the desk says of a mail that waits for it; "" when done, else why not (Dutch), and nothing moved."""
    held = waiting_mail(store, reader, rules, mail_id, now)
    if held is None:
        return f"mail {mail_id} wacht niet op jou"
    command = read_command(words, rules.clbs, rules.providers)
    if not isinstance(command, Command):
        return f"{command.why if command else 'dat is geen opdracht die we kennen'}. {POSSIBLE}"

    def draft(case: Case) -> Draft:
        return Draft(case=case, rules=rules, now=now, pupils=held.pupils)

    named = (stored for line in words.split() if (stored := store.cases.get(line.strip(".,:").upper())))
    before = {one.case.reference: one for one in named}
    made = settled(held, command, rules, draft, {reference: one.case for reference, one in before.items()})
    if isinstance(made, str):
        return made
    decision = with_references(store, rules, made, now)
    answering = held.reading.mail.message_id
    letters = frame_all(decision, renderer, rules, now, key=f"mail-{mail_id}-0", answering=answering)
    own = before.get(decision.case.reference) if decision.case and not decision.opens else None
    store.commit(decision, letters, now, before=own)
    return ""


def with_references(store: Store, rules: Rules, decision: Decision, now: datetime) -> Decision:
    """New cases get their references before letters are rendered."""
    year = now.astimezone(rules.calendar.zone).year
    return decision.referenced(store.references.several(year, sum(one.opens for one in decision.whole)))
