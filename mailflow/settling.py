"""A mail that waits for the desk is settled by a command, as by the desk's own answer."""

from mailflow.core.commands import Command, read_command
from mailflow.core.draft import Drafts
from mailflow.core.holding import POSSIBLE, settled
from mailflow.keeping import keep, with_references
from mailflow.kept_mail import waiting_mail
from mailflow.means import Means


def settle(means: Means, mail_id: int, words: str) -> str:
    """Do what the desk says of a mail that waits for it; "" when done, else why not (Dutch), and nothing moved."""
    store, rules = means.store, means.rules
    held = waiting_mail(means, mail_id)
    if held is None:
        return f"mail {mail_id} wacht niet op jou"
    command = read_command(words, rules.clbs, rules.providers)
    if not isinstance(command, Command):
        return f"{command.why if command else 'dat is geen opdracht die we kennen'}. {POSSIBLE}"
    named = (stored for line in words.split() if (stored := store.cases.get(line.strip(".,:").upper())))
    before = {one.case.reference: one for one in named}
    drafts = Drafts(rules=rules, now=means.now, pupils=held.pupils)
    made = settled(held, command, drafts, {reference: one.case for reference, one in before.items()})
    if isinstance(made, str):
        return made
    decision = with_references(means, made)
    keep(means, decision, *before.values(), key=f"mail-{mail_id}-0", answering=held.reading.mail.message_id)
    return ""
