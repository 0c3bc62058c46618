"""Erasing on request: written down beside the keys first, so that no crash and no backup can undo it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailflow import erased_log
from mailflow.core.lifecycle import Event
from mailflow.core.retention import What
from mailflow.erasing import erase_case
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


def erase(app: "App", stored: StoredCase) -> Forgotten:
    """Erase a case for good. Raises MovedOn while a letter of it is just being sent."""
    others = dict.fromkeys(h.codes["to"] for h in stored.case.history if h.kind is Event.LETTER_WRITTEN)
    if app.settings.keys_folder is not None:
        erased_log.write(app.settings.keys_folder, stored.case.reference, app.clock.now())
    _erase(app, stored)
    app.store.database.wipe()
    return Forgotten(
        others=tuple(one for one in others if one != "desk"),
        unread=app.store.mails.waiting_for(stored.case.reference),
        copies=app.store.copies.left(),
    )


def replay(app: "App") -> int:
    """Erase again what erased.log names and the database (a backup that was put back) still holds; how many cases."""
    asked = erased_log.read(app.settings.keys_folder)
    found = [(app.store.cases.get(reference), at) for reference, at in asked.items()]
    # A reference that an old backup gave out again is another case, which nobody asked to erase.
    back = [one for one, at in found if one and not one.case.erased and one.case.opened_at and one.case.opened_at <= at]
    for stored in back:
        _erase(app, stored)
    if back:
        app.store.database.wipe()
    return len(back)


def _erase(app: "App", stored: StoredCase) -> None:
    erase_case(app.store, app.settings.rules, stored.id, Erasing(what=What.ALL), app.clock.now())
