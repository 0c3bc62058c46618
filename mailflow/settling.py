"""The mails that wait for the desk: read once more, since its word may come days later, and settled."""

from dataclasses import replace

from mailflow.core.case import Case
from mailflow.core.commands import Command, read_command
from mailflow.core.draft import Draft
from mailflow.core.holding import POSSIBLE, settled
from mailflow.core.occasions import MailCame
from mailflow.core.remembering import remembering
from mailflow.core.same_pupil import pupils_in
from mailflow.core.understand import understand
from mailflow.keeping import keep, with_references
from mailflow.means import Means
from mailflow.reading.reader import best


def waiting_mail(means: Means, mail_id: int | None) -> MailCame | None:
    """That mail as it is read now, or None when it does not wait for the desk."""
    if mail_id is None or not means.store.mails.waits(mail_id):
        return None
    return _read_again(means, mail_id, None)


def asked_mail(means: Means, case: Case | None) -> MailCame | None:
    """The mail of which a party of *case* is asked whether it wrote it; None when none is, or it was erased."""
    asked = case.asked_who if case else None
    mail_id = int(asked.codes["mail"]) if asked else 0
    return _read_again(means, mail_id, case) if mail_id and means.store.mails.raw(mail_id) else None


def _read_again(means: Means, mail_id: int, case: Case | None) -> MailCame:
    """A kept mail, as it is read now; *case* is the one that it is about, if any."""
    store, today = means.store, means.today
    copies, _ = store.mails.copies(mail_id)
    reading = best(means.reader, copies)
    remembered = store.senders.of(reading.mail.author.key)
    rules = remembering(means.rules, remembered)
    came = MailCame(
        mail_id=mail_id,
        reading=reading,
        understanding=understand(reading, rules, today, remembered=remembered),
        full=store.full_providers(today),
        lately=store.letters.lately(reading.mail.author.key, means.now).total(),
    )
    return replace(came, pupils={one: store.pupils.known(one).earlier for one in pupils_in(came, case, rules)})


def settle(means: Means, mail_id: int, words: str) -> str:
    """Do what the desk says of a mail that waits for it; "" when done, else why not (Dutch), and nothing moved."""
    store, rules = means.store, means.rules
    held = waiting_mail(means, mail_id)
    if held is None:
        return f"mail {mail_id} wacht niet op jou"
    command = read_command(words, rules.clbs, rules.providers)
    if not isinstance(command, Command):
        return f"{command.why if command else 'dat is geen opdracht die we kennen'}. {POSSIBLE}"

    def draft(case: Case) -> Draft:
        return Draft(case=case, rules=rules, now=means.now, pupils=held.pupils)

    named = (stored for line in words.split() if (stored := store.cases.get(line.strip(".,:").upper())))
    before = {one.case.reference: one for one in named}
    made = settled(held, command, rules, draft, {reference: one.case for reference, one in before.items()})
    if isinstance(made, str):
        return made
    decision = with_references(means, made)
    keep(means, decision, *before.values(), key=f"mail-{mail_id}-0", answering=held.reading.mail.message_id)
    return ""
