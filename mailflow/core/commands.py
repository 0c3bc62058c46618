"""What the meldpunt worker can order by mail: one typed line, or a tap that types it."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mailflow.core.known_senders import Clb
from mailflow.core.places import plain
from mailflow.core.provider import Provider
from mailflow.core.wording import listing

LONGEST_LINE = 300
MOST_NAMES = 12
"""More names than this are no help in an answer."""
_REFERENCE = re.compile(r"^\W*(?:MSI-\d{4}-)?\d{4,7}\b:?", re.IGNORECASE)
_OF_CASE = re.compile(r"(?:hoort )?(?:bij )?dossier:? ?(MSI-\d{4}-\d{4,7})[. ]*", re.IGNORECASE)
_REMEMBER = re.compile(
    r"[\s,;(]{0,20}(?:\ben\s{1,9})?\bonthoud(?:en)?(?P<domain>\s{1,9}(?:het\s{1,9})?(?:hele\s{1,9})?domein)?\)?[.!]?$",
    re.IGNORECASE,
)
_MAIL = re.compile(r"\s*mail (\d{1,9})\b[\s:,-]*", re.IGNORECASE)


@dataclass(frozen=True)
class AssignClb:
    """This CLB takes the referral over (wijs toe aan)."""

    clb: str


@dataclass(frozen=True)
class SendTo:
    """It goes to this provider (stuur naar)."""

    provider: str


@dataclass(frozen=True)
class StartAlready:
    """A pupil who is not enrolled: it leaves while the CLB question is open (start al)."""


@dataclass(frozen=True)
class FromFamily:
    """A held mail is a parent's, a facility's or a school's (ouder)."""


@dataclass(frozen=True)
class OfCase:
    """A held mail belongs to this case: it is read as an answer on it (dossier)."""

    reference: str


@dataclass(frozen=True)
class Ignore:
    """A held mail, or a case, needs nothing more (negeer)."""


@dataclass(frozen=True)
class LetFamilyChoose:
    """The family chooses among the nearest CLB of each network (laat kiezen)."""


@dataclass(frozen=True)
class Wait:
    """It is not sent on, and nobody is asked, before that day (wacht); *until* is as typed, "" for none."""

    until: str = ""


@dataclass(frozen=True)
class CloseCase:
    """It ends here (sluit); whoever has it hears so."""


@dataclass(frozen=True)
class TryAgain:
    """A referral that could not be delivered goes on its way once more (opnieuw)."""


@dataclass(frozen=True)
class Show:
    """Everything that happened to the case, for the desk to read (toon)."""


Order = (
    AssignClb
    | OfCase
    | SendTo
    | StartAlready
    | FromFamily
    | Ignore
    | LetFamilyChoose
    | Wait
    | CloseCase
    | TryAgain
    | Show
)


@dataclass(frozen=True, kw_only=True)
class Command:
    """An order, and whether the sender is remembered from now on (onthoud)."""

    order: Order
    remember: str = ""
    """How much of the sender is remembered: address, domain, or "" for nothing."""
    mail: int | None = None
    """The number of the mail that the line names ("mail 17 negeer")."""


@dataclass(frozen=True)
class Misread:
    """Something like a command that cannot be obeyed; *why* is Dutch, for the desk."""

    why: str
    mail: int | None = None
    """The number of the mail that the line names."""


def read_command(written: str, clbs: Sequence[Clb], providers: Mapping[str, Provider]) -> Command | Misread | None:
    """The order on the first line that holds one; None when the mail holds none at all."""
    for line in written.splitlines():
        mail = _MAIL.match(line)
        line = line[mail.end() :] if mail else line  # noqa: PLW2901 - the rest of it
        if of_case := _OF_CASE.fullmatch(line.strip()[:LONGEST_LINE]):
            return Command(order=OfCase(of_case[1].upper()), mail=int(mail[1]) if mail else None)
        words = _REFERENCE.sub("", line.strip()[:LONGEST_LINE], count=1).strip(" :-–.")
        remember, words = _without_remember(words)
        for pattern, order in ORDERS:
            if match := pattern.fullmatch(words):
                made = order(match.groupdict().get("name") or "", clbs, providers)
                number = int(mail[1]) if mail else None
                if isinstance(made, Misread):
                    return replace(made, mail=number)
                return Command(order=made, remember=remember, mail=number)
    return None


def mails_named(written: str) -> tuple[int, ...]:
    """The numbers of the mails that lines begin with ("mail 17 negeer"), in order."""
    return tuple(int(found[1]) for line in written.splitlines() if (found := _MAIL.match(line)))


def named(name: str, among: Iterable[tuple[str, Iterable[str]]]) -> list[str]:
    """The keys that *name* can mean: exactly one of their names, else part of one."""
    wanted = plain(name)
    rows = [(key, [plain(one) for one in names if one]) for key, names in among]
    exact = [key for key, names in rows if wanted in names]
    return exact or [key for key, names in rows if len(wanted) >= 3 and any(wanted in one for one in names)]


def _assign(name: str, clbs: Sequence[Clb], providers: Mapping[str, Provider]) -> Order | Misread:
    found = named(name, ((clb.key, (clb.key, clb.name, clb.name.replace("CLB ", ""))) for clb in clbs))
    return AssignClb(found[0]) if len(found) == 1 else which("CLB", found, [clb.name for clb in clbs])


def _send(name: str, clbs: Sequence[Clb], providers: Mapping[str, Provider]) -> Order | Misread:
    found = named(name, ((key, (key, one.name, *one.synonyms)) for key, one in providers.items()))
    return SendTo(found[0]) if len(found) == 1 else which("aanbieder", found, [p.name for p in providers.values()])


def which(kind: str, found: Sequence[str], names: Sequence[str]) -> Misread:
    """A name that is nobody's, or of more than one: which names there are."""
    if not found:
        known = f", wel {listing(names)}" if 0 < len(names) <= MOST_NAMES else ""
        return Misread(f"ik ken geen {kind} met die naam{known}")
    return Misread(f"die naam past bij meer dan één {kind}: schrijf de volledige naam")


def _plainly(order: Order) -> Callable[[str, Sequence[Clb], Mapping[str, Provider]], Order | Misread]:
    return lambda name, clbs, providers: order


def _without_remember(words: str) -> tuple[str, str]:
    found = _REMEMBER.search(words)
    if found is None:
        return "", words
    return "domain" if found["domain"] else "address", words[: found.start()]


def _order(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_NAME = r"(?P<name>\S[^\n]{0,100})"

# fmt: off
ORDERS: tuple[tuple[re.Pattern[str], Callable[[str, Sequence[Clb], Mapping[str, Provider]], Order | Misread]], ...] = (
    (_order(rf"wijs toe aan (?:het )?{_NAME}"),                   _assign),
    (_order(rf"clb ?: ?{_NAME}"),                                 _assign),
    (_order(rf"stuur (?:maar )?(?:door )?naar {_NAME}"),          _send),
    (_order(r"(?:graag )?naar (?P<name>\S[^\n]{0,100}?) (?:door)?sturen(?: graag| aub| a\.u\.b)?"), _send),
    (_order(r"laat (?:het gezin )?kiezen"),                       _plainly(LetFamilyChoose())),
    (_order(r"start(?:en)? al|al starten"),                       _plainly(StartAlready())),
    (_order(r"ouders?|voorziening|school|gezin"),                 _plainly(FromFamily())),
    (_order(r"negeer|negeren"),                                   _plainly(Ignore())),
    (_order(r"wacht(?:en)?(?: (?:tot|op)(?: en met)? (?P<name>.{2,40}))?"), lambda name, _clbs, _providers: Wait(name)),
    (_order(r"sluit(?: (?:dit dossier|af))?|afsluiten"),          _plainly(CloseCase())),
    (_order(r"(?:probeer )?opnieuw"),                             _plainly(TryAgain())),
    (_order(r"toon|tijdlijn|zoek"),                               _plainly(Show())),
)
# fmt: on
