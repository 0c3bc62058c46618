"""The letters to the meldpunt worker about one mail or one case: what only a person can judge or mend."""

from collections.abc import Sequence

from mailflow.core.case import Case
from mailflow.core.letters import Kind, Letter
from mailflow.core.mail import Mail
from mailflow.core.rules import Rules
from mailflow.core.shown import Guess, Row
from mailflow.core.taps import AGAIN, FAMILY, IGNORE, WITHDRAW, Tap


def same_pupil(case: Case, rows: Sequence[Row], rules: Rules, *, other_clb: bool) -> Letter:
    """To the desk: *rows* are the cases that go on for the same pupil; *other_clb*: not all of one CLB."""
    values = {"rows": list(rows), "other_clb": other_clb}
    return Letter(kind=Kind.SAME_PUPIL, to="desk", address=rules.desk.workers[0], values=values, taps=(WITHDRAW,))


def other_mail(rules: Rules, mail: Mail, *, reference: str, why: str) -> Letter:
    """Mail that makes no case is passed on to the meldpunt worker; it answers the author itself."""
    return Letter(kind=Kind.OTHER_MAIL, to="desk", address=rules.desk.workers[0], values=_whole(mail, reference, why))


def held(
    rules: Rules,
    mail: Mail,
    *,
    number: int,
    reference: str,
    why: str,
    clbs: Sequence[str] | None,
    guesses: Sequence[Guess] = (),
) -> Letter:
    """A mail that only the desk can judge; *clbs* names those whose referral it may be, None: it holds no form.

    *guesses* are the cases that it may be about.
    """
    taps = [Tap(f"Van {name}", "reply", f"CLB: {name}") for name in clbs or ()]
    taps += [Tap(f"Hoort bij {one.reference}", "reply", f"dossier {one.reference}") for one in guesses]
    return Letter(
        kind=Kind.HELD,
        to="desk",
        address=rules.desk.workers[0],
        values=_whole(mail, reference, why) | {"number": number, "form": clbs is not None, "guesses": list(guesses)},
        taps=(*taps, FAMILY, IGNORE),
        about_mail=number,
    )


def danger(rules: Rules, mail: Mail, *, words: Sequence[str], lines: Sequence[str]) -> Letter:
    """Somebody must read this now: words that point to danger, and the lines that hold them."""
    values = {"author": mail.author.address, "words": list(words), "lines": list(lines)}
    return Letter(kind=Kind.DANGER, to="desk", address=rules.desk.workers[0], values=values)


def _whole(mail: Mail, reference: str, why: str) -> dict[str, object]:
    return {
        "author": mail.author.address,
        "mail_subject": mail.subject,
        "text": mail.text,
        "attachments": [one.name for one in mail.attachments],
        "why": why,
        "about": reference,
    }


def undeliverable(case: Case, rules: Rules, *, kind: str, to: str, why: str, stand_in: str = "") -> Letter:
    """A letter was refused for good, or bounced: the desk hears at once, also where it goes instead (*stand_in*).

    A referral that nobody got goes once more on the desk's word.
    """
    provider = rules.providers.get(case.provider) if to == "provider" else None
    values = {"about": case.reference, "letter": kind, "party": to, "why": why, "stand_in": stand_in}
    values |= {"name": provider.name if provider else "", "phone": provider.phone if provider else ""}
    nobody = kind == Kind.REFERRAL and not stand_in
    taps = (AGAIN,) if nobody else ()
    return Letter(kind=Kind.UNDELIVERABLE, to="desk", address=rules.desk.workers[0], values=values, taps=taps)
