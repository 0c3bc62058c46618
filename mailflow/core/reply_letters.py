"""The letters to whoever wrote, before or beside any case: what we understood, and what we ask back."""

from collections.abc import Sequence
from datetime import datetime

from mailflow.core import shown
from mailflow.core.letters import TO_FILL_IN, Kind, Letter
from mailflow.core.rules import Rules
from mailflow.core.shown import Row, Unread
from mailflow.core.taps import Tap
from mailflow.core.wording import moment_text


def neutral(address: str) -> Letter:
    """One line without content to a sender at another address than the one that confirms."""
    return Letter(kind=Kind.NEUTRAL, to="sender", address=address, answers_mail=True)


def family(address: str) -> Letter:
    """The kind answer to a parent, facility or school: the same whether we know the child or not."""
    return Letter(kind=Kind.FAMILY, to="sender", address=address, answers_mail=True)


def erased(address: str, to: str) -> Letter:
    """To whoever writes on an erased case: it says nothing of the case, for who wrote this cannot be known."""
    return Letter(kind=Kind.ERASED, to=to, address=address, answers_mail=True)


def no_form(address: str, role: str, blank: str, *, unread: Unread = ()) -> Letter:
    """To a proven CLB worker or provider whose mail holds no form: a person reads it, and here is the form."""
    return Letter(
        kind=Kind.NO_FORM,
        to="sender",
        address=address,
        values={"role": role, "form": blank, "unread": shown.unread_rows(unread)},
        answers_mail=True,
        documents=TO_FILL_IN if blank and unread else (),
    )


def echo(to: str, address: str, sentence: str, other: str, taps: tuple[Tap, ...], *, day: str = "") -> Letter:
    """One line on what free text was understood to say; *other* names who hears it after the pause, "" nobody.

    *day* says why a day that stands there could not be taken: it is asked for, and what is certain counts already.
    """
    return Letter(
        kind=Kind.ECHO,
        to=to,
        address=address,
        values={"sentence": sentence, "other": other, "rows": [], "day": day},
        taps=taps,
        answers_mail=True,
    )


def echoes(to: str, address: str, rows: Sequence[Row]) -> Letter:
    """What was understood on several cases, a row each with its reference, in one letter of no case."""
    values = {"sentence": "", "other": "", "rows": list(rows), "day": ""}
    return Letter(kind=Kind.ECHO, to=to, address=address, values=values, answers_mail=True)


def unclear(to: str, address: str, why: str, taps: tuple[Tap, ...], *, unread: Unread = ()) -> Letter:
    """Asked back once: what we could not read, and the words that are certain."""
    values = {"why": why, "unread": shown.unread_rows(unread)}
    return Letter(kind=Kind.UNCLEAR, to=to, address=address, values=values, taps=taps, answers_mail=True)


def was_it_you(to: str, address: str, rules: Rules, *, arrived: datetime, taps: tuple[Tap, ...]) -> Letter:
    """Did this party write a mail that came from an address that we do not know? It repeats only when that came."""
    values = {"arrived": moment_text(arrived, rules.calendar.zone)}
    return Letter(kind=Kind.WAS_IT_YOU, to=to, address=address, values=values, taps=taps)


def hand_over(
    address: str, *, name: str = "", since: str, references: Sequence[str], colleague: str = "", said: str = ""
) -> Letter:
    """Does this colleague take these cases over? With *said* "yes" or "no": her answer, to whoever hands them over.

    *name* is the old worker's, *colleague* an address: of her we know no name yet.
    """
    return Letter(
        kind=Kind.HAND_OVER,
        to="referrer",
        address=address,
        values={"name": name, "since": since, "references": list(references), "colleague": colleague, "said": said},
        taps=() if said else (Tap("Ja, ik neem over", "confirm", "bevestig"), Tap("Nee", "deny", "dat was ik niet")),
    )
