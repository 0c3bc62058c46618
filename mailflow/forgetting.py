"""Erasing on request, keeping on order: written down beside the keys first, so that no crash or backup can undo it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailflow import erased_log
from mailflow.core.lifecycle import Event
from mailflow.core.retention import What
from mailflow.erasing import LegalHold, erase_case, hold_case
from mailflow.storage.cases import StoredCase
from mailflow.storage.erasures import Erasing

if TYPE_CHECKING:
    from mailflow.app import App


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """What is left to do by hand after an erasure."""

    others: tuple[str, ...]
    """Who got letters about it, and so has a copy: referrer, provider, ..."""
    unread: int
    """Mails that name it and were not read yet: they are read, and go with their own term."""
    copies: int
    """Copies that must still leave a mailbox."""
    held: int
    """Mails that another case is about too, which must be kept."""
    shared: tuple[str, ...]
    """The cases that the same mail opened, and of which it stays until they are erased too."""


def erase(app: "App", stored: StoredCase) -> Forgotten:
    """Erase a case for good. Raises LegalHold when it must be kept, MovedOn while a letter of it is just being sent."""
    if order := stored.case.legal_hold:
        raise LegalHold(stored.case.reference, order)
    others = dict.fromkeys(h.codes["to"] for h in stored.case.history if h.kind is Event.LETTER_WRITTEN)
    if app.settings.keys_folder is not None:
        erased_log.write(app.settings.keys_folder, stored.case.reference, app.clock.now())
    _erase(app, stored)
    app.store.database.wipe()
    return Forgotten(
        others=tuple(one for one in others if one != "desk"),
        unread=app.store.mails.waiting_for(stored.case.reference),
        copies=app.store.copies.left(),
        held=app.store.erasures.kept_with_others(
            int(h.codes["mail"]) for h in stored.case.history if "mail" in h.codes
        ),
        shared=next(iter(app.store.mails.also_about(stored).values()), ()),
    )


def hold(app: "App", stored: StoredCase, why: str) -> None:
    """Nothing of this case may be erased; with *why* "" it may again. Raises MovedOn."""
    if app.settings.keys_folder is not None:
        order = f"{stored.case.reference} {why}".rstrip()
        erased_log.write(app.settings.keys_folder, order, app.clock.now(), name=erased_log.HELD)
    hold_case(app.worker.means, stored.id, why)


def replay(app: "App") -> int:
    """Erase again what erased.log names and the database (a backup that was put back) still holds; how many cases.

    And hold again what held.log names: a backup from before an order must not let retention have its way.
    """
    asked = erased_log.read(app.settings.keys_folder)
    found = [(app.store.cases.get(reference), at) for reference, at in asked.items()]
    # A reference that an old backup gave out again is another case, which nobody asked to erase.
    back = [one for one, at in found if one and not one.case.erased and one.case.opened_at and one.case.opened_at <= at]
    for stored in back:
        if stored.case.legal_hold:  # in the backup; it was lifted before the case was erased
            hold_case(app.worker.means, stored.id, "")
        _erase(app, stored)
    for reference, (at, why) in erased_log.held(app.settings.keys_folder).items():
        kept = app.store.cases.get(reference)
        if kept and not kept.case.legal_hold and kept.case.opened_at and kept.case.opened_at <= at:
            hold_case(app.worker.means, kept.id, why)
    if back:
        app.store.database.wipe()
    return len(back)


def _erase(app: "App", stored: StoredCase) -> None:
    erase_case(app.worker.means, stored.id, Erasing(what=What.ALL))
