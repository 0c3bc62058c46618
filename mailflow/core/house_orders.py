"""What the desk types about no single case: a search, a provider's places, closing days, stuck work, senders."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from mailflow.core.commands import LONGEST_LINE, Misread, named, which
from mailflow.core.dutch_dates import day_in
from mailflow.core.form_dates import read_birth_date
from mailflow.core.mail import Reading
from mailflow.core.provider import Provider
from mailflow.core.rules import Rules
from mailflow.core.sender import Disposition
from mailflow.core.understand import Understanding

LONGEST_CLOSURE = timedelta(days=100)
"""A longer one is rather a typing error than a holiday."""
MOST_LINES = 40


@dataclass(frozen=True)
class Find:
    """The cases of this pupil (zoek)."""

    last_name: str
    birth_date: str
    """ISO."""


@dataclass(frozen=True)
class Places:
    """A provider is full for the school year, or has places again (volzet, weer plaats)."""

    provider: str
    full: bool


@dataclass(frozen=True)
class Close:
    """The desk is closed on these days, both included; or after all not (gesloten van … tot …)."""

    first: date
    last: date
    lifted: bool = False


@dataclass(frozen=True)
class Again:
    """Work that is stuck is tried once more (opnieuw): on one mail, or all of it."""

    mail: int | None = None


@dataclass(frozen=True)
class Senders:
    """Who is remembered (afzenders)."""


@dataclass(frozen=True)
class Forget:
    """A remembered sender is forgotten (vergeet afzender)."""

    number: int


@dataclass(frozen=True)
class Signals:
    """The signals for the working group (signalen)."""


@dataclass(frozen=True)
class Drop:
    """A signal that the working group is not to hear of (signaal … weg)."""

    number: int


@dataclass(frozen=True)
class Help:
    """What can be typed (hulp)."""


@dataclass(frozen=True)
class Back:
    """A worker of whom nothing was heard is there again (ik ben terug)."""


HouseOrder = Back | Find | Places | Close | Again | Senders | Forget | Signals | Drop | Help


@dataclass(frozen=True)
class Ordered:
    """The lines of a mail that are such orders, as typed and as understood, and the mail without them."""

    lines: tuple[tuple[str, HouseOrder | Misread], ...]
    rest: Reading

    @property
    def orders(self) -> tuple[HouseOrder, ...]:
        """Those that were understood."""
        return tuple(one for _, one in self.lines if not isinstance(one, Misread))


def ordered(reading: Reading, understanding: Understanding, rules: Rules, today: date) -> Ordered | None:
    """The orders about no single case in a mail of the proven desk; None when it is not the desk's, or holds none."""
    verdict = understanding.verdict
    if verdict.role != "desk" or verdict.disposition is not Disposition.ACCEPT or reading.nothing_new:
        return None
    if understanding.form is not None:
        return None
    found: list[tuple[str, HouseOrder | Misread]] = []
    for line in reading.written.splitlines():
        order = house_order(line, rules, today)
        if order is not None and len(found) < MOST_LINES:
            found.append((line.strip(), order))
    if not found:
        return None
    taken = frozenset(line for line, _ in found)

    def without(words: str) -> str:
        return "\n".join(line for line in words.splitlines() if line.strip() not in taken)

    answered = tuple((above, left) for above, words in reading.answered if (left := without(words)).strip())
    return Ordered(tuple(found), replace(reading, written=without(reading.written), answered=answered))


def house_order(line: str, rules: Rules, today: date) -> HouseOrder | Misread | None:
    """The order that a typed line is; Misread when it is nearly one, None when it is something else."""
    words = " ".join(line.strip()[:LONGEST_LINE].lstrip("-*• ").rstrip(" .!").split())
    for pattern, order in ORDERS:
        match = pattern.fullmatch(words)
        if match and (read := order(match.groupdict(), rules.providers, today)):
            return read
    return None


def _find(said: Mapping[str, str], _providers: Mapping[str, Provider], today: date) -> HouseOrder | Misread:
    words = said["what"].replace(",", " ").split()
    # A day may be of several words, "3 mei 2012", and so may a name: the day begins with a figure.
    for begins in (number for number, word in enumerate(words) if number and word[0].isdigit()):
        day = read_birth_date(" ".join(words[begins:]), today)
        if day.text and not day.why:
            return Find(" ".join(words[:begins]), day.text)
    return Misread("zoek met een dossiernummer, of met achternaam en geboortedatum: “zoek Peeters 12/03/2011”")


def _places(said: Mapping[str, str], providers: Mapping[str, Provider], _today: date) -> HouseOrder | Misread | None:
    found = named(said["who"], ((key, (key, one.name, *one.synonyms)) for key, one in providers.items()))
    if len(found) == 1:
        return Places(found[0], full=said["how"].casefold().startswith("volzet"))
    # Without the word "aanbieder" it may be about a case: "0042 volzet".
    return which("aanbieder", found, [one.name for one in providers.values()]) if said["kind"] else None


def _close(said: Mapping[str, str], _providers: Mapping[str, Provider], today: date) -> HouseOrder | Misread:
    first: date | None
    last: date | None
    if said["first"].casefold() == "vandaag en morgen":
        first, last = today, today + timedelta(days=1)
    elif said["first"].isdigit() and said["last"]:  # "van 2 tot en met 6 november"
        last = day_in(f"op {said['last']}", today).day
        first = _in_month(int(said["first"]), last) if last else None
    else:
        first = day_in(f"op {said['first']}", today).day
        last = day_in(f"op {said['last']}", first or today).day if said["last"] else first
    if first is None or last is None:
        return Misread("welke dagen? Schrijf bijvoorbeeld “gesloten van 23 december tot en met 2 januari”")
    if last < first or last < today or last - first > LONGEST_CLOSURE:
        return Misread(f"dat zijn geen dagen die nog komen, of het zijn er meer dan {LONGEST_CLOSURE.days}")
    return Close(first, last, lifted=bool(said["lifted"]))


def _in_month(day: int, of: date) -> date | None:
    return of.replace(day=day) if 1 <= day <= of.day else None


def _again(said: Mapping[str, str], _providers: Mapping[str, Provider], _today: date) -> HouseOrder | Misread:
    return Again(int(said["mail"]) if said["mail"] else None)


def _forget(said: Mapping[str, str], _providers: Mapping[str, Provider], _today: date) -> HouseOrder | Misread:
    return Forget(int(said["number"]))


def _drop(said: Mapping[str, str], _providers: Mapping[str, Provider], _today: date) -> HouseOrder | Misread:
    return Drop(int(said["number"]))


def _order(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


Reads = Callable[[Mapping[str, str], Mapping[str, Provider], date], HouseOrder | Misread | None]
_REFERENCE = r"\[?(?:MSI-\d{4}-)?\d{1,7}\]?"
_UNTIL = r" (?:tot(?: en met)?|t/m|tem|t\.e\.m\.?) "
_DAYS = rf"(?:op |vanaf |van )?(?P<first>(?:(?!{_UNTIL}).){{1,40}})(?:{_UNTIL}(?P<last>.{{2,40}}))?"
_WE = r"(?:we|wij|het meldpunt) (?:zijn|is|gaan|blijven|blijft)"
_PLACES = (
    r"(?:is |heeft |hebben )?(?P<how>volzet|(?:weer|opnieuw|terug) plaats(?:en)?)"
    r"(?: (?:tot )?(?:(?:het )?einde? )?(?:voor )?(?:van )?(?:de rest )?(?:van )?(?:het |dit )?schooljaar)?"
)

_THESE_DAYS = r"(?P<first>vandaag en morgen|vandaag|morgen|overmorgen)(?P<last>(?!))?(?P<lifted>(?!))?"

# fmt: off
ORDERS: Sequence[tuple[re.Pattern[str], Reads]] = (
    (_order(rf"zoek:? (?!(?:bij )?{_REFERENCE}$)(?P<what>.+)"),                        _find),
    (_order(rf"(?P<kind>(?:aanbieder|provider) )?(?P<who>.+?):? {_PLACES}"),          _places),
    (_order(rf"(?:{_WE} )?(?P<lifted>(?:toch )?niet )?gesloten {_DAYS}"),             _close),
    (_order(rf"(?:ik ben ziek[,.:;]? )?(?:het meldpunt is|we zijn|wij zijn) {_THESE_DAYS} (?:gesloten|dicht)"), _close),
    (_order(r"mail (?P<mail>\d{1,9})[: ]+(?:probeer )?opnieuw|(?:probeer )?alles opnieuw"), _again),
    (_order(r"vergeet (?:de )?afzender (?P<number>\d{1,9})"),                         _forget),
    (_order(r"(?:toon |welke )?(?:de )?afzenders\??"),                                lambda *_: Senders()),
    (_order(r"(?:ik ben )?(?:er )?(?:weer )?terug|ik ben er (?:weer|terug)"),         lambda *_: Back()),
    (_order(r"signaal (?P<number>\d{1,9})[: ]+(?:mag )?(?:weg|laat (?:dit )?weg|schrap(?:pen)?)"), _drop),
    (_order(r"(?:toon |welke )?(?:de )?signalen\??"),                                 lambda *_: Signals()),
    (_order(r"hulp|help|\?+|wat kan(?: ik)?(?: hier)?(?: typen| doen)?\??"),          lambda *_: Help()),
)
# fmt: on
