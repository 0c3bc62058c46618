"""A mail that is kept, read once more: what it says may be asked days after it came."""

from collections.abc import Iterable
from dataclasses import replace

from mailflow.core.case import Case
from mailflow.core.mail import Mail
from mailflow.core.occasions import MailCame
from mailflow.core.remembering import remembering
from mailflow.core.same_pupil import pupils_in
from mailflow.core.understand import understand
from mailflow.means import Means
from mailflow.reading.mime import parse
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


def attachment_names(means: Means, case_id: int) -> tuple[str, ...]:
    """The names of everything that came with the mails of a case: the referral names them."""
    mails, limits = means.store.mails, means.reader.limits
    return names_of(parse(mails.raw(mail_id), limits) for mail_id in mails.of_case(case_id))


def names_of(mails: Iterable[Mail]) -> tuple[str, ...]:
    """The names of the attachments of these mails, each once."""
    return tuple(dict.fromkeys(one.name for mail in mails for one in mail.attachments if one.name))
