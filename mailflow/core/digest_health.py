"""How is the service itself? What the digest says beside the cases."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from mailflow.core.retention import Erased
from mailflow.core.rules import Rules
from mailflow.core.wording import listing, moment_text, short_day

SOON = timedelta(weeks=4)
"""So long before them closing days stand in the digest."""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What lies beside the cases: mails held since the last digest, in quarantine, and work that is stuck."""

    held: tuple[tuple[int, datetime], ...] = ()
    quarantined: tuple[tuple[int, datetime], ...] = ()
    """These stay until they are settled."""
    why: Mapping[int, str] = field(default_factory=dict)
    """Number of a held mail -> why (Dutch), where that is known."""
    unsettled: tuple[int, ...] = ()
    """Held mails of no case: the desk says what they are."""
    forged: Mapping[int, str] = field(default_factory=dict)
    """Number of a mail in quarantine -> key of the CLB in whose name it came."""
    stuck: int = 0
    late_letters: int = 0
    erased: Erased = field(default_factory=Erased)
    copies: int = 0
    """Copies of erased mails that must still leave a mailbox."""
    set_aside: int = 0
    """Mails in the mailbox itself that could not be fetched."""
    unread_since: Mapping[str, datetime] = field(default_factory=dict)
    """Name of a mailbox that cannot be read -> when that last went well."""


def health(trouble: Trouble, zone: tzinfo, rules: Rules, day: date) -> str:
    """A line on the service itself, on closing days to come, and on what was erased (Dutch)."""
    parts = []
    if trouble.stuck:
        parts.append(f"{trouble.stuck} taken zijn vastgelopen (mailflow stuck)")
    if trouble.late_letters:
        parts.append(f"{trouble.late_letters} brieven raken niet weg")
    for name, since in trouble.unread_since.items():
        parts.append(f"mailbox {name} is niet gelezen sinds {moment_text(since, zone)}")
    if trouble.set_aside:
        stand = "1 mail staat" if trouble.set_aside == 1 else f"{trouble.set_aside} mails staan"
        parts.append(f"{stand} apart in de mailbox, te groot of niet te lezen: kijk daar zelf")
    if trouble.copies:
        stand = (
            "1 kopie van een gewiste mail staat"
            if trouble.copies == 1
            else f"{trouble.copies} kopieën van gewiste mails staan"
        )
        parts.append(f"{stand} nog in een mailbox")
    well = f"Let op: {'; '.join(parts)}." if parts else "Alles loopt."
    return " ".join([well, *_closed_soon(rules, day), *_erased(trouble.erased)])


def _closed_soon(rules: Rules, day: date) -> list[str]:
    """The closing days with a date that are to come within some weeks: who told them reads them back."""
    soon = [one for one in rules.calendar.closures if one.last >= day and one.first - day <= SOON]
    words = [
        f"op {short_day(one.first)}"
        if one.first == one.last
        else f"van {short_day(one.first)} tot {short_day(one.last)}"
        for one in sorted(soon, key=lambda one: one.first)
    ]
    return [f"Het meldpunt is gesloten {listing(words)}."] if words else []


def _erased(erased: Erased) -> list[str]:
    """What went because its term was over, or because somebody asked: a count, never of whom."""
    counts = (
        (erased.mails, "1 mail", "{} mails"),
        (erased.letters, "1 brief", "{} brieven"),
        (erased.cases, "de namen in 1 dossier", "de namen in {} dossiers"),
    )
    parts = [one if count == 1 else many.format(count) for count, one, many in counts if count]
    return [f"Gewist sinds het vorige overzicht: {', '.join(parts)}."] if parts else []
