"""What does the meldpunt worker need to know today? One letter on each opening day, in the order of use."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from mailflow.core.digest_health import Trouble, health
from mailflow.core.letters import Kind, Letter
from mailflow.core.lifecycle import Party, State
from mailflow.core.moments import DECIDES_TOO, NEXT_YEAR, OF_AGE
from mailflow.core.rules import Rules
from mailflow.core.taps import ABOUT, Tap
from mailflow.core.wording import PARTIES, STATES, day_text, short_day

UNREAD_AFTER = timedelta(hours=1)
"""A mailbox is read every minute: after an hour it is not its server that is being restarted."""
AGAIN = "T2"
"""At the end of the key of the second digest of a day."""
TOP = 25
"""Lines of one section; the rest is a number."""

WAITED_FOR: dict[str, str] = {
    "confirmation": "bevestiging",
    "clb": "een CLB dat overneemt",
    "take_over": "overname",
    "family": "de keuze van een CLB",
    "info": "ontbrekende gegevens",
    "desk": "jouw beslissing",
    "release": "de opening",
    "contact": "een eerste contact",
    "decision": "een antwoord na het contact",
    "keep": "ja of nee op de wachtlijst",
    "callback": "een plaats",
    "start": "de opstart",
    "end": "nieuws over het traject",
    "feedback": "terugkoppeling",
    "clarity": "een duidelijk antwoord",
    "who": "ja of nee: kwam een mail van daar",
    NEXT_YEAR: "ja of nee voor het nieuwe schooljaar",
    "choice": "een keuze na volzet of geen match",
}


WHY: dict[str, str] = {
    "provider": "welke aanbieder?",
    "provider_gone": "de aanbieder staat niet meer in de lijst",
    "undeliverable": "de aanmelding raakte niet bezorgd bij de aanbieder",
    "left_all_the_same": "de brief was al weg toen hij tegengehouden werd",
    "unclear": "het antwoord van de aanmelder is niet duidelijk",
    "set_aside": "een mail op dit dossier moet je zelf lezen",
    "denied": "de aanmelder zegt dat dit niet van hem of haar komt",
    "wait": "jij liet dit wachten",
}
"""Why the desk must decide, by the code of its event."""
GONE = "stuur naar een andere aanbieder, of sluit"
OTHERS = (Party.PROVIDER, Party.REFERRER, Party.CLB, Party.SENDER)
"""Whoever is waited for and is not the desk."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """An open case, as far as the digest shows it: reference and initials, never a name."""

    reference: str
    initials: str
    state: State
    since: datetime
    opened_at: datetime
    turn: str
    what: str
    due_at: datetime | None
    provider: str = ""
    likely: tuple[str, ...] = ()
    """Names of the CLBs that may be responsible, while none has it."""
    away_until: date | None = None
    """The last day on which whoever is waited for is away, as an out-of-office notice told."""
    same_pupil: tuple[tuple[str, bool], ...] = ()
    """Cases of the same pupil that came to light since the last digest: (reference, whether that is sure)."""
    clb_open: bool = False
    """Whether it left although no CLB has taken it over yet."""
    waits_until: date | None = None
    """Until when the desk itself lets it wait."""
    turned: tuple[int, ...] = ()
    """How old the pupil turned since the last digest, where that counts."""
    misfits: tuple[str, ...] = ()
    """Why it no longer fits its provider, as came to light since the last digest (Dutch)."""
    gone: bool = False
    """Whether its provider is no longer in the list."""
    why: str = ""
    """The code of why the desk is needed, a key of WHY."""
    taps: tuple[Tap, ...] = ()


@dataclass(frozen=True)
class Line:
    """One row of a section."""

    reference: str
    initials: str
    text: str
    taps: tuple[Tap, ...] = ()
    first: int = 0
    last: int = 0
    """Its taps among those of the letter: from *first* up to, not including, *last*."""


@dataclass(frozen=True)
class Section:
    """A heading with its rows; *more* counts those that are not shown."""

    title: str
    lines: tuple[Line, ...]
    more: int = 0


def digest(
    items: Sequence[Item], trouble: Trouble, rules: Rules, *, day: date, since: datetime, now: datetime
) -> Letter:
    """The digest of *day*: cases opened since the last one are new. Empty sections are left out."""
    zone = rules.calendar.zone

    def line(item: Item, words: str) -> Line:
        return Line(item.reference, item.initials, words, item.taps)

    def name(item: Item) -> str:
        if item.turn == Party.PROVIDER and item.provider in rules.providers:
            return rules.providers[item.provider].name
        return PARTIES[Party(item.turn)] if item.turn else ""

    def local(at: datetime) -> str:
        return short_day(at.astimezone(zone).date())

    def waits(item: Item) -> str:
        what = WAITED_FOR.get(item.what, item.what)
        away = f", afwezig tot en met {short_day(item.away_until)}" if item.away_until else ""
        return f"{STATES[item.state]}: wacht op {name(item)} ({what}) sinds {local(item.since)}{away}"

    def decides(item: Item) -> str:
        likely = f"; waarschijnlijk {' of '.join(item.likely)}" if item.likely else ""
        why = WHY.get(item.why, WAITED_FOR.get(item.what, item.what))
        return f"{STATES[item.state]} ({why}) sinds {local(item.since)}{likely}"

    waiting = [i for i in items if i.waits_until and i.waits_until > day]
    desk = [i for i in items if i.turn == Party.DESK and i not in waiting]
    unanswered = [i for i in items if i.what == NEXT_YEAR and i.due_at and i.due_at.astimezone(zone).date() <= day]
    aside = [*waiting, *unanswered, *(i for i in items if i.gone)]
    overdue = [i for i in items if i.due_at and i.due_at < now and i.turn in OTHERS and i not in aside]
    new = [i for i in items if i.opened_at >= since]
    held = [i for i in items if i.state is State.QUEUED and i.turn == Party.MAILFLOW]
    rest = [i for i in items if i.turn in OTHERS and i not in overdue and i not in aside]
    sections = (
        _section(
            "In quarantaine: de afzender lijkt vervalst",
            [Line("", "", _suspect(n, local(at), trouble, rules), _ignore(n)) for n, at in trouble.quarantined],
        ),
        _section(
            "Op de wachtlijst, en nog geen antwoord voor dit schooljaar",
            [line(i, waits(i)) for i in items if i in unanswered],
        ),
        _section("Enkel jij kunt dit beslissen", [line(i, decides(i)) for i in desk]),
        _section(
            "De aanbieder staat niet meer in de lijst", [line(i, f"{STATES[i.state]}: {GONE}") for i in items if i.gone]
        ),
        _section("Al bezorgd, en nog geen CLB", [line(i, STATES[i.state]) for i in items if i.clb_open]),
        _section("Over tijd", [line(i, f"{waits(i)}, termijn {local(i.due_at)}") for i in overdue if i.due_at]),
        _section("Nieuw sinds het vorige overzicht", [line(i, STATES[i.state]) for i in new]),
        _section(
            "Een leerling die we al kennen",
            [line(i, _known(reference, sure)) for i in items for reference, sure in i.same_pupil],
        ),
        _section("Een leerling is 12 of 18 geworden", [line(i, _turned(i)) for i in items if i.turned]),
        _section("Past niet meer bij de aanbieder", [line(i, "; ".join(i.misfits)) for i in items if i.misfits]),
        _section("Vertrekt bij de opening", [line(i, f"naar {_provider(i, rules)}") for i in held]),
        _section("Wie is aan zet", [line(i, waits(i)) for i in rest]),
        _section("Wacht op jouw vraag", [line(i, f"tot {short_day(i.waits_until)}") for i in waiting if i.waits_until]),
        _section(
            "Niet begrepen: kijk zelf",
            [
                Line("", "", _held(n, local(at), trouble), _ignore(n) if n in trouble.unsettled else ())
                for n, at in trouble.held
            ],
        ),
    )
    shown, taps = _numbered([s for s in sections if s.lines])
    return Letter(
        kind=Kind.DIGEST,
        to="desk",
        address=rules.desk.workers[0],
        values={"day": day_text(day), "sections": shown, "silent": 0, "health": health(trouble, zone, rules, day)},
        taps=taps,
    )


def _ignore(number: int) -> tuple[Tap, ...]:
    return (Tap(f"Negeer mail {number}", f"{ABOUT}{number}", f"mail {number} negeer"),)


def _numbered(sections: Sequence[Section]) -> tuple[list[Section], tuple[Tap, ...]]:
    """The sections with each line's place among the taps of the letter; a case has its taps where it stands first."""
    taps: list[Tap] = []
    found, seen = [], set()
    for section in sections:
        lines = []
        for one in section.lines:
            first, own = len(taps), one.taps
            if one.reference and one.reference in seen:
                own = ()
            seen.add(one.reference)
            # Those of a case go to its own address: see framing.
            taps += [replace(t, action=f"{one.reference}/{t.action}") if one.reference else t for t in own]
            lines.append(replace(one, first=first, last=len(taps)))
        found.append(replace(section, lines=tuple(lines)))
    return found, tuple(taps)


def _turned(item: Item) -> str:
    """What the desk reads of a birthday: 12 and 18 change who agrees; any other is the limit of the provider."""
    means = {DECIDES_TOO: "het eigen akkoord telt mee", OF_AGE: "beslist nu zelf"}
    return "; ".join(f"{age} jaar: {means[age]}" for age in item.turned if age in means)


def _known(reference: str, sure: bool) -> str:  # noqa: FBT001 - a fact, no switch
    alike = "dezelfde leerling als" if sure else "misschien dezelfde leerling (een geboortedatum ontbreekt) als"
    return f"{alike} {reference}"


def _held(number: int, came: str, trouble: Trouble) -> str:
    why = trouble.why.get(number, "")
    return f"mail {number}, binnen op {came}{f': {why}' if why else ''}"


def _suspect(number: int, came: str, trouble: Trouble, rules: Rules) -> str:
    """What the desk does about a forgery: ask the CLB by phone, then settle it."""
    clb = next((one for one in rules.clbs if one.key == trouble.forged.get(number)), None)
    phone = f" (bel {clb.phone})" if clb and clb.phone else ""
    name = f" in naam van {clb.name}{phone}" if clb else ""
    return f"mail {number}, binnen op {came}{name}; nagekeken? Antwoord “mail {number} negeer”"


def _provider(item: Item, rules: Rules) -> str:
    return rules.providers[item.provider].name if item.provider in rules.providers else "een aanbieder"


def _section(title: str, lines: Sequence[Line]) -> Section:
    return Section(title, tuple(lines[:TOP]), max(0, len(lines) - TOP))
