"""What does the meldpunt worker need to know today? One letter on each opening day, in the order of use."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from mailflow.core.digest_health import Trouble, health
from mailflow.core.digest_parts import TOP, Item, Parts, listed, parts
from mailflow.core.letters import Kind, Letter
from mailflow.core.lifecycle import Party
from mailflow.core.moments import DECIDES_TOO, NEXT_YEAR, OF_AGE
from mailflow.core.rules import Rules
from mailflow.core.taps import ABOUT, Tap
from mailflow.core.unreached import UNREACHED
from mailflow.core.week import Weeks
from mailflow.core.wording import PARTIES, STATES, day_text, listing, short_day

UNREAD_AFTER = timedelta(hours=1)
"""A mailbox is read every minute: after an hour it is not its server that is being restarted."""
AGAIN = "T2"
"""At the end of the key of the second digest of a day."""
DAY = re.compile(r"\d{4}-\d\d-\d\d")
"""In the key of a digest that the day itself asks for; one that a person asks for names the second."""
MOST_NAMES = 8
"""Parties whose overdue cases are counted apart, of those that have no line."""
MOST_TAPS = 90
"""Buttons in one digest: with more of them, Gmail would cut it off (102 kB)."""

WAITED_FOR: dict[str, str] = {
    "confirmation": "bevestiging",
    "clb": "een CLB dat overneemt",
    "take_over": "overname",
    "family": "de keuze van een CLB",
    "info": "ontbrekende gegevens",
    "desk": "jouw beslissing",
    "release": "de opening",
    "contact": "een eerste contact",
    UNREACHED: "de aanmelding kwam terug",
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
    whose: str = ""
    """Of whom the others are, where that is known: "NAFT VBO 20, aanmelder 15"."""


def digest(
    items: Sequence[Item],
    trouble: Trouble,
    rules: Rules,
    *,
    day: date,
    since: datetime,
    now: datetime,
    weeks: Weeks | None = None,
) -> Letter:
    """The digest of *day*: cases opened since the last one are new. Empty sections are left out; so are *weeks*."""
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
        away = f" (afwezig tot en met {short_day(item.away_until)})" if item.away_until else ""
        return f"wacht op {name(item)}{away}: {what}, sinds {local(item.since)}"

    def stands(item: Item) -> str:
        return "kwam terug van de aanbieder" if item.what == UNREACHED else STATES[item.state]

    def decides(item: Item) -> str:
        if item.what == UNREACHED:
            return f"kwam terug, dus {_provider(item, rules)} heeft deze aanmelding niet, sinds {local(item.since)}"
        likely = f"; waarschijnlijk {' of '.join(item.likely)}" if item.likely else ""
        why = WHY.get(item.why, WAITED_FOR.get(item.what, item.what))
        return f"{STATES[item.state]} ({why}) sinds {local(item.since)}{likely}"

    def section(title: str, part: Sequence[Item], words: Callable[[Item], str]) -> Section:
        return Section(title, tuple(line(i, words(i)) for i in part[:TOP]), max(0, len(part) - TOP))

    by = parts(items, since=since, now=now, zone=zone)
    overdue = section("Over tijd", by.overdue, lambda i: f"{waits(i)}, verwacht tegen {local(i.due_at or now)}")
    sections = (
        section("Op de wachtlijst, en nog geen antwoord voor dit schooljaar", by.unanswered, waits),
        section("Enkel jij kunt dit beslissen", by.desk, decides),
        section("De aanbieder staat niet meer in de lijst", by.gone, lambda i: f"{STATES[i.state]}: {GONE}"),
        section("Al bezorgd, en nog geen CLB", by.clb_open, lambda i: STATES[i.state]),
        replace(overdue, whose=_whose(name(item) for item in by.overdue[TOP:])),
        section("Nieuw sinds het vorige overzicht", by.new, stands),
        _section(
            "Een leerling die we al kennen",
            [line(i, _known(reference, sure)) for i in by.same_pupil for reference, sure in i.same_pupil],
        ),
        section("Een leerling is 12 of 18 geworden", by.turned, _turned),
        section("Past niet meer bij de aanbieder", by.misfits, lambda i: "; ".join(i.misfits)),
        section("Vertrekt bij de opening", by.held, lambda i: f"naar {_provider(i, rules)}"),
        section("Een uitnodiging is afgeslagen", by.refused, lambda i: f"rondetafel van {_round_table(i, rules)}"),
        section("Rondetafels deze week", by.round_tables, lambda i: _round_table(i, rules)),
        _section(
            "Wachtlijsten",
            [Line("", "", _list(rules, key, count, at, now)) for key, count, at in listed(by.waitlisted)],
        ),
        _section(
            "Niet begrepen: kijk zelf",
            [
                Line("", "", _held(n, local(at), trouble), _ignore(n) if n in trouble.unsettled else ())
                for n, at in trouble.held
            ],
        ),
        _section(
            "In quarantaine: de afzender lijkt vervalst",
            [Line("", "", _suspect(n, local(at), trouble, rules), _ignore(n)) for n, at in trouble.quarantined],
        ),
        section("Een brief kwam terug", by.bounced, lambda i: STATES[i.state]),
    )
    told = weeks if weeks and not weeks.is_empty else None
    shown, taps = _numbered([s for s in sections if s.lines])
    return Letter(
        kind=Kind.DIGEST,
        to="desk",
        address=rules.desk.workers[0],
        values={"day": day_text(day), "summary": _summary(by, trouble), "sections": shown, "silent": 0}
        | {"health": health(trouble, zone, rules, day)}
        | {"week": told.rows() if told else [], "trend": " · ".join(map(str, told.came)) if told else ""},
        taps=taps,
        chart=tuple(told.came) if told else (),
    )


def is_past(key: str, today: date) -> bool:
    """Whether *key* is that of the digest of an earlier day, which nobody wrote then: today's tells all of it."""
    due = key.removeprefix(f"{Kind.DIGEST}:").removesuffix(AGAIN)
    return bool(DAY.fullmatch(due)) and due < today.isoformat()


def _summary(by: Parts, trouble: Trouble) -> str:
    """The whole day in a sentence or two: what a mailbox shows beside the subject (Dutch)."""
    counts = (
        (len(by.desk) + len(by.gone), "wacht op jou", "wachten op jou"),
        (len(by.overdue) + len(by.unanswered), "is over tijd", "zijn over tijd"),
        (len(by.new), "kwam binnen", "kwamen binnen"),
    )
    said = [(count, one if count == 1 else many) for count, one, many in counts if count]
    words = [
        f"{count} {_cases(count)} {does}" if place == 0 else f"{count} {does}"
        for place, (count, does) in enumerate(said)
    ]
    if mails := len(trouble.held) + len(trouble.quarantined):
        words.append("1 mail moet je zelf lezen" if mails == 1 else f"{mails} mails moet je zelf lezen")
    running = len(by.running)
    others = f" Er {'loopt' if running == 1 else 'lopen'} {running} {_cases(running)} volgens plan." if running else ""
    return f"{listing(words) or 'Niets wacht op jou en niemand is te laat'}.{others}"


def _cases(count: int) -> str:
    return "dossier" if count == 1 else "dossiers"


def _whose(names: Iterable[str]) -> str:
    """How many of these are of whom, most first."""
    return ", ".join(f"{name} {count}" for name, count in Counter(names).most_common(MOST_NAMES))


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
            if (one.reference and one.reference in seen) or first + len(own) > MOST_TAPS:
                own = ()
            seen.add(one.reference)
            # Those of a case go to its own address: see rendering.
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


def _round_table(item: Item, rules: Rules) -> str:
    """When it is, and who cannot come then."""
    day, at = item.round_table or (None, "")
    when = " om ".join(filter(None, (day_text(day) if day else "", at)))
    names = [_provider(item, rules) if one == Party.PROVIDER else "de aanmelder" for one in item.absent]
    return f"{when}: {listing(names)} {'kan' if len(names) == 1 else 'kunnen'} dan niet" if names else when


def _list(rules: Rules, key: str, count: int, first: datetime, now: datetime) -> str:
    """A provider's waitlist: how many, and for how many weeks the first one waits."""
    name = rules.providers[key].name if key in rules.providers else "een aanbieder"
    weeks = (now - first).days // 7
    many = "1 aanmelding wacht" if count == 1 else f"{count} aanmeldingen wachten"
    return f"{name}: {many}, {'de eerste ' if count > 1 else ''}{_weeks(weeks)}"


def _weeks(weeks: int) -> str:
    return "minder dan een week" if weeks < 1 else "1 week" if weeks == 1 else f"{weeks} weken"


def _section(title: str, lines: Sequence[Line]) -> Section:
    return Section(title, tuple(lines[:TOP]), max(0, len(lines) - TOP))
