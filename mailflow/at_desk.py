"""A line typed on this machine is the desk's answer to its digest: read, decided and kept in the same way.

Nothing of it is mailed to the desk but what is a letter of its own (a timeline): the answer is for the terminal.
"""

from collections.abc import Sequence
from dataclasses import replace

from mailflow.app import App
from mailflow.core.decide import decide
from mailflow.core.decision import Decision
from mailflow.core.desk_answers import typed_orders
from mailflow.core.holding import decides_on
from mailflow.core.mail import Address, Envelope, Mail, Proof, ProofResult, Reading
from mailflow.core.occasions import MailCame
from mailflow.core.several_replies import worth_looking_up
from mailflow.core.shown import Row
from mailflow.core.thread import digest_address
from mailflow.core.understand import understand
from mailflow.keeping import keep, until_kept, with_references
from mailflow.kept_mail import waiting_mail
from mailflow.looking_up import looked_up
from mailflow.means import Means
from mailflow.storage.cases import StoredCase

NO_MAIL = 0
"""Stands for the number of the mail that there is none of."""


def typed(app: App, line: str) -> list[Row]:
    """What became of that line, row by row (Dutch). Raises MovedOn when a case keeps moving while it is decided on."""
    return until_kept(lambda: _typed(app.worker.means, line))


def _typed(means: Means, line: str) -> list[Row]:
    occasion, stored = _occasion(means, line)
    decision = with_references(means, decide(None, occasion, means.rules, means.now))
    answers = _rows(decision)
    # What only answers the line is printed, and not mailed; a decision on a case says itself which letters it has.
    kept = decision if decision.case else replace(decision, letters=())
    keep(means, kept, *stored.values(), key=f"mail-{NO_MAIL}-{int(means.now.timestamp())}")
    return answers


def _occasion(means: Means, line: str) -> tuple[MailCame, dict[str, StoredCase]]:
    store, rules, today = means.store, means.rules, means.today
    worker = rules.desk.workers[0]
    to = digest_address(rules.desk.address, today.isoformat(), rules.seal)
    reading = Reading(
        mail=Mail(from_=(Address(worker),), from_fields=1, to=(Address(to),), text=line),
        envelope=Envelope(mail_from=worker, recipients=(to,), via="cli"),
        proof=Proof(result=ProofResult.PASS, domain=worker.rpartition("@")[2], reason="typed on this machine"),
        written=line,
    )
    understanding = understand(reading, rules, today)
    occasion = MailCame(
        mail_id=NO_MAIL,
        reading=reading,
        understanding=understanding,
        full=store.full_providers(today),
        held=waiting_mail(means, decides_on(understanding, line)),
    )
    named = worth_looking_up(occasion, today)
    stored = {reference: one for reference in named if (one := store.cases.get(reference))}
    occasion = replace(occasion, others={reference: one.case for reference, one in stored.items()})
    if orders := typed_orders(occasion, rules, today):
        occasion = replace(occasion, looked_up=looked_up(store, orders))
    return occasion, stored


def _rows(decision: Decision) -> list[Row]:
    found: list[Row] = []
    for letter in decision.letters:
        if letter.to != "desk":
            continue
        rows, why = letter.values.get("rows"), str(letter.values.get("why", ""))
        if why:
            found.append(Row("niet uitgevoerd", why))
        elif sentence := letter.values.get("sentence"):
            found.append(Row("uitgevoerd", str(sentence)))
        if isinstance(rows, Sequence):
            found += [row for row in rows if isinstance(row, Row)]
    return found or [Row("uitgevoerd", "")]
