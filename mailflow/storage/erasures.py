"""Erasing: what people wrote is emptied out of its row; ids, codes and times stay, so that the figures do."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    false,
    func,
    insert,
    or_,
    select,
    true,
    union,
    update,
)

from mailflow.core.lifecycle import ENDS, Event
from mailflow.core.retention import Cutoffs, Erased, What
from mailflow.storage.cases import StoredCase
from mailflow.storage.copies import Copies
from mailflow.storage.engine import Database
from mailflow.storage.siblings import opened_together
from mailflow.storage.tables import ARRIVAL, CARE_CASE, EVENT, LETTER, MAIL, SENDER_RULE, TASK, TOMBSTONE
from mailflow.storage.vault import Vault

LOOSE = "loose"
AT_ONCE = 200
"""Mails of no case that are erased in one transaction: nobody waits long for the database."""
NOTHING = b""


@dataclass(frozen=True, kw_only=True)
class Erasing:
    """What goes of a case: with *before* only what is older."""

    what: What
    before: datetime | None = None


class Erasures:
    """Every statement that erases, and the tombstones."""

    def __init__(self, database: Database, vault: Vault, copies: Copies) -> None:
        """*copies* are told which mails must leave the mailbox too."""
        self.database = database
        self._vault = vault
        self._copies = copies

    def due(self, cutoffs: Cutoffs, limit: int = 1000) -> list[tuple[int, Erasing]]:
        """(case, what goes of it) for each case of which something has had its time, and that need not be kept."""
        rows = (
            (_MAILS_DUE, cutoffs.mails, Erasing(what=What.MAILS, before=cutoffs.mails)),
            (_VALUES_DUE, cutoffs.values, Erasing(what=What.VALUES)),
            (_AFTER_ERASING, cutoffs.loose, Erasing(what=What.MAILS, before=cutoffs.loose)),
        )
        with self.database.read() as tx:
            kept = [*_held_mails(tx)]
            return [
                (case_id, erasing)
                for query, before, erasing in rows
                for case_id in tx.execute(query, {"before": before, "most": limit, "kept": kept}).scalars()
            ]

    def erase_case(self, tx: Connection, stored: StoredCase, erasing: Erasing, now: datetime) -> None:
        """Empty the mails and letters of a case, within a transaction; its values went with the decision."""
        mails: list[int] = []
        letters = 0
        if erasing.what is not What.VALUES:
            mails = _without_shared(tx, stored, self._mails_of(tx, stored, erasing), erasing)
            about = [LETTER.c.case_id == stored.id, LETTER.c.state != "waiting"]
            if erasing.before is not None:
                about.append(LETTER.c.written_at <= erasing.before)
            letters = _empty_letters(tx, and_(*about))
        if erasing.what is What.ALL:  # its line, with initials, stands in each digest since
            opened = stored.case.opened_at or now
            _empty_letters(tx, and_(_IS_DIGEST, LETTER.c.state != "waiting", LETTER.c.written_at >= opened))
            self._forget_sender(tx, stored)
        letters += self._empty_mails(tx, mails)
        _bury(tx, now, stored.case.reference, erasing.what.value, len(mails), letters)

    def erase_loose(self, before: datetime, now: datetime) -> bool:
        """Empty some mails of no case that came before then, and letters about them; whether there were any."""
        with self.database.read() as look:  # most days there is nothing: no write lock for that
            asked = {"before": before, "kept": [*_held_mails(look)]}
            if not any(look.execute(query, asked).first() for query in (_LOOSE_MAILS, _LOOSE_LETTERS)):
                return False
        with self.database.write() as tx:
            mail_ids = tx.execute(_LOOSE_MAILS, {"before": before, "kept": [*_held_mails(tx)]}).scalars().all()
            letter_ids = tx.execute(_LOOSE_LETTERS, {"before": before}).scalars().all()
            emptied = _empty_letters(tx, LETTER.c.id.in_(letter_ids)) + self._empty_mails(tx, mail_ids)
            if mail_ids or emptied:
                _bury(tx, now, "", LOOSE, len(mail_ids), emptied)
        return True

    def kept_with_others(self, mail_ids: Iterable[int]) -> int:
        """How many of these mails stay for another case, that is under a legal hold."""
        with self.database.read() as tx:
            return len(_held_mails(tx).intersection(mail_ids))

    def since(self, moment: datetime) -> Erased:
        """How much was erased after that moment."""
        with self.database.read() as tx:
            row = tx.execute(_ERASED_SINCE, {"moment": moment}).one()
        return Erased(cases=int(row.cases), mails=int(row.mails), letters=int(row.letters))

    def _forget_sender(self, tx: Connection, stored: StoredCase) -> None:
        """What the desk told us to remember of the parent or facility that wrote: that address is a person's too."""
        if sender := stored.case.parties.get("sender"):
            key = self._vault.index("sender", sender.lower())
            tx.execute(delete(SENDER_RULE).where(SENDER_RULE.c.who_key == key))

    def _mails_of(self, tx: Connection, stored: StoredCase, erasing: Erasing) -> list[int]:
        """Its mails by term; when somebody asked also those about it and another case, and those that only name it:
        in quarantine, or held.

        What nobody has read yet stays: it is read first, as mail on an erased case. So does what is about a case that
        is under a legal hold too.
        """
        kept = _held_mails(tx)
        if erasing.what is What.MAILS:
            by_term = (MAIL.c.case_id == stored.id, MAIL.c.state == "read", MAIL.c.received_at <= erasing.before)
            return [one for one in tx.execute(select(MAIL.c.id).where(*by_term)).scalars() if one not in kept]
        reference = stored.case.reference
        names_it = and_(MAIL.c.case_id.is_(None), MAIL.c.hint.contains(reference))
        shared = MAIL.c.id.in_({int(h.codes["mail"]) for h in stored.case.history if "mail" in h.codes})
        query = select(MAIL.c.id, MAIL.c.case_id, MAIL.c.hint).where(
            MAIL.c.state == "read", or_(MAIL.c.case_id == stored.id, shared, names_it)
        )
        named = (r.id for r in tx.execute(query).all() if r.case_id or reference in r.hint.split())
        return [one for one in named if one not in kept]

    def _empty_mails(self, tx: Connection, mail_ids: Sequence[int]) -> int:
        """Empty these mails and the letters about them, within a transaction; how many letters."""
        if not mail_ids:
            return 0
        chosen = MAIL.c.id.in_(mail_ids)
        by_mailbox = exists().where(ARRIVAL.c.mail_id == MAIL.c.id, ARRIVAL.c.via == "imap")
        for row in tx.execute(select(MAIL).where(chosen, by_mailbox)).all():
            raw = self._vault.open(row.sealed, "mail", row.uuid, "sealed")
            self._copies.ask(tx, raw, row.content_key)
        tx.execute(delete(ARRIVAL).where(ARRIVAL.c.mail_id.in_(mail_ids)))
        tx.execute(delete(TASK).where(TASK.c.mail_id.in_(mail_ids)))
        tx.execute(update(MAIL).where(chosen).values(sealed=NOTHING, trace=None, hint="", state="erased"))
        return _empty_letters(tx, and_(LETTER.c.mail_id.in_(mail_ids), LETTER.c.state != "waiting"))


# What each day asks, put together once: building a statement costs more than running it.
_BEFORE: BindParameter[Any] = bindparam("before")
_KEPT: BindParameter[Any] = bindparam("kept", expanding=True)
_OLD_MAIL = and_(MAIL.c.state == "read", MAIL.c.received_at <= _BEFORE, MAIL.c.id.not_in(_KEPT))
_OLD_LETTER = and_(LETTER.c.state != "waiting", LETTER.c.content != NOTHING, LETTER.c.written_at <= _BEFORE)
_HOLDS_OLDER = or_(
    exists().where(MAIL.c.case_id == CARE_CASE.c.id, _OLD_MAIL),
    exists().where(LETTER.c.case_id == CARE_CASE.c.id, _OLD_LETTER),
)
_LAST_ORDER = (
    select(EVENT.c.kind)
    .where(EVENT.c.case_id == CARE_CASE.c.id, EVENT.c.kind.in_([Event.LEGAL_HOLD, Event.LEGAL_HOLD_LIFTED]))
    .order_by(EVENT.c.number.desc())
    .limit(1)
    .correlate(CARE_CASE)
    .scalar_subquery()
)
_HELD = func.coalesce(_LAST_ORDER, "") == Event.LEGAL_HOLD.value
_ENDED = and_(CARE_CASE.c.state.in_([s.value for s in ENDS]), ~_HELD)
_VALUES_DUE = (
    select(CARE_CASE.c.id)
    .where(CARE_CASE.c.nameless == false(), CARE_CASE.c.since <= _BEFORE, _ENDED)
    .order_by(CARE_CASE.c.id)
    .limit(bindparam("most"))
)
_MAILS_DUE = _VALUES_DUE.where(_HOLDS_OLDER)
# Hardly any that was erased holds anything: found by what is still there, without opening it, not by looking at each.
_STILL_THERE = union(
    select(MAIL.c.case_id).where(MAIL.c.case_id > 0, _OLD_MAIL),
    select(LETTER.c.case_id).where(LETTER.c.address_key > "", LETTER.c.written_at <= _BEFORE),
).subquery()
_AFTER_ERASING = (
    select(_STILL_THERE.c.case_id)
    .where(
        exists().where(CARE_CASE.c.id == _STILL_THERE.c.case_id, CARE_CASE.c.nameless == true(), _ENDED, _HOLDS_OLDER)
    )
    .order_by(_STILL_THERE.c.case_id)
    .limit(bindparam("most"))
)
_LOOSE_MAILS = select(MAIL.c.id).where(MAIL.c.case_id.is_(None), _OLD_MAIL).order_by(MAIL.c.id).limit(AT_ONCE)
_LOOSE_LETTERS = select(LETTER.c.id).where(LETTER.c.case_id.is_(None), _OLD_LETTER).order_by(LETTER.c.id).limit(AT_ONCE)
_ERASES_NAMES = TOMBSTONE.c.what.in_([What.VALUES, What.ALL])
_ERASED_SINCE = select(
    func.count().filter(_ERASES_NAMES).label("cases"),
    func.coalesce(func.sum(TOMBSTONE.c.mails), 0).label("mails"),
    func.coalesce(func.sum(TOMBSTONE.c.letters), 0).label("letters"),
).where(TOMBSTONE.c.at > bindparam("moment"))
_IS_DIGEST = and_(LETTER.c.role == "desk", LETTER.c.kind == "digest")
_ORDERED = select(CARE_CASE.c.id).join(EVENT).where(EVENT.c.kind == Event.LEGAL_HOLD.value, _HELD)
_MAILS_ORDERED = select(EVENT.c.codes).where(EVENT.c.case_id.in_(_ORDERED), EVENT.c.codes.contains('"mail": "'))


def _without_shared(tx: Connection, stored: StoredCase, mails: Sequence[int], erasing: Erasing) -> list[int]:
    """These mails but the one that opened another case too: as long as that one needs it, it is that one's now."""
    mail, others = opened_together(tx, stored.id, stored.case, still_after=erasing.before)
    if mail not in mails or not others:
        return [*mails]
    tx.execute(update(MAIL).where(MAIL.c.id == mail).values(case_id=others[0].id))
    return [one for one in mails if one != mail]


def _held_mails(tx: Connection) -> frozenset[int]:
    """The mails that a case under a legal hold names; they can be another case's too, or no case's."""
    return frozenset(int(json.loads(codes)["mail"]) for codes in tx.execute(_MAILS_ORDERED).scalars())


def _empty_letters(tx: Connection, which: ColumnElement[bool]) -> int:
    """Empty them; how many there were, digests not counted: each day yesterday's would be told of."""
    empty: dict[str, Any] = {"content": NOTHING, "address": NOTHING, "address_key": ""}
    full = (which, LETTER.c.content != NOTHING)
    tx.execute(update(LETTER).where(*full, _IS_DIGEST).values(**empty))
    return tx.execute(update(LETTER).where(*full).values(**empty)).rowcount


def _bury(tx: Connection, now: datetime, reference: str, what: str, mails: int, letters: int) -> None:  # noqa: PLR0917 - a row's columns in order
    row = {"at": now, "reference": reference, "what": what, "mails": mails, "letters": letters}
    tx.execute(insert(TOMBSTONE).values(**row))
