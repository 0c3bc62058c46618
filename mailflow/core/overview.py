"""What does one party still owe? Its weekly overview: a row and taps per case, and no letter when there is none."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from mailflow.core.case import Case
from mailflow.core.ending import outcome_of
from mailflow.core.letters import Kind, Letter
from mailflow.core.lifecycle import Party, State
from mailflow.core.moments import NEXT_YEAR
from mailflow.core.provider_taps import taps_for as provider_taps
from mailflow.core.referrer_decides import taps_for as referrer_taps
from mailflow.core.rules import Rules
from mailflow.core.successor import as_of
from mailflow.core.taps import DECISION_TAPS, Tap
from mailflow.core.watches import CLARITY, Watch, watch
from mailflow.core.wording import initials, short_day

MOST_ROWS = 40
"""Rows of one overview, the oldest first; the rest is a number, and they come the week after."""
PARTIES = (Party.PROVIDER, Party.REFERRER)
OWN_MAIL = ("contact", "info", CLARITY)
"""These were asked, or reminded of, by a mail of their own: they stand in it once the desk was told too."""
REVIEWED = ("callback", "end")
"""These stand in it only when their weeks are over: a waitlist is no reproach."""

# What is asked, by what is waited for; "you" are the provider or the CLB worker.
ASKED: dict[str, str] = {
    "contact": "sprak je de aanmelder al?",
    "decision": "jullie spraken elkaar: wat wordt het?",
    "callback": "op je wachtlijst: is er al plaats?",
    "start": "aanvaard: wanneer start het traject?",
    "end": "loopt het traject nog?",
    "feedback": "afgerond: is de terugkoppeling naar de school gebeurd?",
    "outcome": "afgerond: hoe liep het af, en is de terugkoppeling gebeurd?",
    "keep": "de aanbieder stelt de wachtlijst voor: behouden?",
    NEXT_YEAR: "blijft dit volgend schooljaar op de wachtlijst?",
    "info": "we wachten nog op gegevens of je keuze (zie onze eerdere mail)",
    "choice": "volzet of geen match: wat wil je doen?",
    CLARITY: "je antwoord was niet duidelijk: wat bedoelde je?",
}
WAITING = Tap("Nog geen plaats", "waitlist", "wachtlijst")
ONGOING = Tap("Loopt nog", "ongoing", "loopt nog")


def week_of(day: date) -> str:
    """`2026-W48`: what the once-only keys of one week have in common."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


@dataclass(frozen=True)
class Owed:
    """One case of which a party owes something: who, at which address, and what."""

    party: Party
    address: str
    case: Case
    open_: Watch


@dataclass(frozen=True)
class CaseRow:
    """One row of an overview; *first* and *last* number its taps among those of the letter."""

    reference: str
    name: str
    since: str
    asked: str
    first: int
    last: int


def owed(cases: Iterable[Case], rules: Rules, now: datetime) -> Mapping[str, Sequence[Owed]]:
    """Address -> what it owes on these cases at *now*, the longest waited for first.

    Nobody is asked for what another owes, and nothing goes to an address that was never proven.
    """
    found: dict[str, list[Owed]] = {}
    today = now.astimezone(rules.calendar.zone).date()
    for case in (as_of(one, today) for one in cases):
        open_ = watch(case, rules)
        if open_ is None or open_.party not in PARTIES or case.state is State.UNCONFIRMED:
            continue
        if (open_.what in REVIEWED and open_.due > now) or (open_.what in OWN_MAIL and open_.look_at is not None):
            continue
        provider = rules.providers.get(case.provider)
        to_provider = open_.party is Party.PROVIDER
        address = (provider.address if provider else "") if to_provider else case.parties.get("referrer", "")
        if address:
            found.setdefault(address.lower(), []).append(Owed(open_.party, address, case, open_))
    for rows in found.values():
        rows.sort(key=lambda one: (one.open_.since, one.case.reference))
    return found


def overview(rows: Sequence[Owed], rules: Rules, today: date) -> Letter:
    """The overview of one party; *rows* are all its own, and at least one."""
    shown = rows[:MOST_ROWS]
    taps: list[Tap] = []
    lines = []
    for one in shown:
        first = len(taps)
        own = _taps(one)
        taps += [Tap(tap.label, f"{one.case.reference}/{tap.action}", tap.word) for tap in own]
        lines.append(
            CaseRow(
                reference=one.case.reference,
                name=one.case.values.get("first_name") or initials(one.case.values),
                since=short_day(one.open_.since.astimezone(rules.calendar.zone).date()),
                asked=ASKED.get(_what(one), "wat is het nieuws?"),
                first=first,
                last=len(taps),
            )
        )
    return Letter(
        kind=Kind.OVERVIEW,
        to=shown[0].party.value,
        address=shown[0].address,
        values={"rows": lines, "more": len(rows) - len(shown), "day": short_day(today)},
        taps=tuple(taps),
    )


def _what(one: Owed) -> str:
    return "outcome" if one.open_.what == "feedback" and not outcome_of(one.case) else one.open_.what


def _taps(one: Owed) -> tuple[Tap, ...]:
    """What it can say with one tap: the same as in the letters of that case."""
    if one.party is Party.REFERRER:
        return referrer_taps(one.case)
    more = {"callback": (WAITING,), "end": (ONGOING,)}.get(one.open_.what, ())
    offered = DECISION_TAPS if one.open_.what == "decision" else provider_taps(one.case)
    return (*more, *offered)
