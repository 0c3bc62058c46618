"""Is what is kept sound? Each case must come to what its row says, its chain must hold, and everything must open."""

from collections.abc import Iterator

from sqlalchemy import select

from mailflow.core.case import CannotHappen
from mailflow.core.lifecycle import ENDS, State
from mailflow.core.rules import Rules
from mailflow.patience import Told, unheard
from mailflow.storage.store import Store
from mailflow.storage.tables import CARE_CASE, LETTER, MAIL
from mailflow.storage.vault import Unreadable


def cases(store: Store, rules: Rules, told: Told = unheard) -> Iterator[str]:
    """What is wrong with the cases: a line each, by reference; *told* hears how far it is."""
    with store.database.read() as tx:
        rows = tx.execute(select(CARE_CASE).order_by(CARE_CASE.c.id)).mappings().all()
    store.cases.reread()
    for done, row in enumerate(rows, start=1):
        told(done, len(rows))
        reference = row["reference"]
        try:
            case = store.cases.by_id(row["id"]).case
        except (CannotHappen, Unreadable, ValueError) as fault:
            yield f"{reference}: its events cannot be replayed ({type(fault).__name__})"
            continue
        kept = (row["state"], row["provider"], row["seen"], row["since"])
        if kept != (case.state, case.provider, case.seen, case.since or case.opened_at):
            yield f"{reference}: its row is not what its events come to"
        broken = store.cases.broken_chain(row["id"])
        if broken is not None:
            yield f"{reference}: event {broken} was changed, taken out or put in"
        if State(row["state"]) not in ENDS and row["provider"] and row["provider"] not in rules.providers:
            yield f"{reference}: is open at {row['provider']}, which providers.toml does not know any more"


def sealed(store: Store, told: Told = unheard) -> Iterator[str]:
    """What cannot be opened with our keys, or was changed: a line each, by number."""
    with store.database.read() as tx:
        mails = tx.execute(select(MAIL.c.id).order_by(MAIL.c.id)).scalars().all()
        letters = tx.execute(select(LETTER.c.id).order_by(LETTER.c.id)).scalars().all()
    total = len(mails) + len(letters)
    for done, mail_id in enumerate(mails, start=1):
        told(done, total)
        try:
            store.mails.raw(mail_id)
            store.mails.trace(mail_id)
            store.mails.arrivals(mail_id)
        except Unreadable as fault:
            yield f"mail {mail_id}: {fault}"
    for done, letter_id in enumerate(letters, start=len(mails) + 1):
        told(done, total)
        try:
            store.letters.find(letter_id)
        except Unreadable as fault:
            yield f"letter {letter_id}: {fault}"
