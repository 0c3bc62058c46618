"""The meldpunt's figures of a period, with those of the year before beside them: referrals in, tables out."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from mailflow.core.checks import REGIONS
from mailflow.core.course import Course
from mailflow.core.ending import OUTCOMES as RESULTS
from mailflow.core.figure_tables import HEADS, Figures, Period, Table, TableRow, year_before
from mailflow.core.kept_signal import WHO, Signal
from mailflow.core.likely_clb import NETWORKS
from mailflow.core.rules import Rules
from mailflow.core.said import REASONS
from mailflow.core.small_cells import Shown, guarded, shown
from mailflow.core.spans import Workdays, span
from mailflow.core.wording import month_text, short_day
from mailflow.core.workdays import Calendar

UNKNOWN = "niet bekend"
# fmt: off
WHOM = {
    "under_12": "leerling jonger dan 12",
    "12_15":    "leerling van 12 tot en met 15",
    "16_17":    "leerling van 16 of 17",
    "18_plus":  "leerling van 18 of ouder",
    "pupil":    "leerling, leeftijd niet bekend",
    "school":   "klas, team of school",
}
BOTH_REGIONS = {"+".join(sorted(REGIONS)): "allebei de regio's"}
OUTCOMES = {
    "not_sent":     "nog niet bezorgd",
    "dispatched":   "bij de aanbieder, nog geen antwoord",
    "waitlist":     "op een wachtlijst",
    "accepted":     "aanvaard, nog niet gestart",
    "running":      "gestart, loopt",
    **{key: f"gestart en beëindigd: {words}" for key, words in RESULTS.items()},
    "ended":        "gestart en beëindigd: afloop niet gemeld",
    "full":         "volzet",
    "no_match":     "geen match",
    "replaced":     "vervangen door een nieuwe aanmelding",
    "withdrawn":    "ingetrokken of gestopt",
}
NO_MATCH = {**REASONS, "unsaid": "geen reden gemeld"}
# fmt: on


def figures(
    courses: Iterable[Course], period: Period, rules: Rules, today: date, signals: Sequence[tuple[date, Signal]] = ()
) -> Figures:
    """The figures of *period*: of the referrals that came in then, as they stand on *today*; and its *signals*.

    *courses* are all referrals that came in up to the end of it, older ones for the waitlists.
    """
    kept = [one for one in courses if not one.dropped]
    now = [one for one in kept if period.holds(one.came)]
    before = [one for one in kept if period.before.holds(one.came)]
    both = _Both(period, now, before)
    purposes = rules.field("purpose")
    names = {key: one.name for key, one in rules.providers.items()}
    tables = (
        both.by_month(),
        both.by("region", "Per regio", "Regio", lambda one: one.facts.get("region", ""), REGIONS | BOTH_REGIONS),
        both.by("network", "Per net van het CLB", "Net", lambda one: one.facts.get("network", ""), NETWORKS),
        both.by(
            "provider", "Per aanbieder", "Aanbieder", lambda one: one.provider, names, "bij geen aanbieder uit de lijst"
        ),
        both.by("who", "Voor wie, en hoe oud", "Wie", _who, WHOM),
        both.by(
            "purpose",
            "Per doel van de interventie",
            "Doel",
            lambda one: one.facts.get("purpose", ""),
            {key: words[0] for key, words in purposes.choices.items()} if purposes else {},
        ),
        both.by(
            "outcome",
            "Hoe het ervoor staat",
            "Stand",
            lambda one: one.outcome,
            OUTCOMES,
            note=f"Zoals het stond op {short_day(today)}.",
        ),
        _durations(both, rules.calendar),
        _waitlists(kept, period, today),
        both.by(
            "no_match",
            "Waarom er geen match was",
            "Reden",
            lambda one: one.no_match,
            NO_MATCH,
            among=lambda one: bool(one.no_match),
        ),
        both.by(
            "no_offer",
            "Aanmeldingen zonder aanbod",
            "Wie",
            _who,
            WHOM,
            note="Niemand in de lijst werkte voor deze leerling of school, toen de aanmelding binnenkwam.",
            among=lambda one: one.no_offer,
        ),
        *_agenda([one for day, one in signals if period.holds(day)]),
    )
    return Figures(
        period=period,
        made_on=today,
        came=shown(len(now)),
        came_before=shown(len(before)),
        tables=tables,
        for_the_desk=(_conversion(now, names),),
    )


def _who(one: Course) -> str:
    """Age and subject in one: in tables of their own, a small number of classes would be what they differ by."""
    subject = one.facts.get("subject", "")
    return subject if subject == "school" else one.facts.get("age", "") or subject


@dataclass(frozen=True)
class _Both:
    """The referrals of the period, and of the year before."""

    period: Period
    now: Sequence[Course]
    before: Sequence[Course]

    def by(  # noqa: PLR0917 - a row of the list of tables
        self,
        key: str,
        title: str,
        head: str,
        asks: Callable[[Course], str],
        labels: Mapping[str, str],
        unknown: str = UNKNOWN,
        *,
        note: str = "",
        among: Callable[[Course], bool] | None = None,
    ) -> Table:
        """How many have each answer; *among*: of these referrals only, whose number stands nowhere else."""
        counted = [
            Counter(label if (label := asks(one)) in labels else "" for one in part if among is None or among(one))
            for part in (self.now, self.before)
        ]
        known = [*labels, ""]
        names = {**labels, "": unknown}
        used = [one for one in known if one or any(count[one] for count in counted)]
        columns = [guarded([count[one] for one in used], total_is_known=among is None) for count in counted]
        return Table(
            key=key,
            title=title,
            note=note,
            heads=(head, *HEADS),
            rows=tuple(
                TableRow(names[one], tuple(column.cells[at] for column in columns)) for at, one in enumerate(used)
            ),
            total=TableRow("Samen", tuple(column.total for column in columns)),
        )

    def by_month(self) -> Table:
        """How many came in each month, beside the same month of the year before."""
        months = _months(self.period)
        found = [Counter((one.came.year, one.came.month) for one in part) for part in (self.now, self.before)]
        columns = [
            guarded([found[0][month] for month in months], total_is_known=True),
            guarded([found[1][year - 1, month] for year, month in months], total_is_known=True),
        ]
        return Table(
            key="month",
            title="Per maand",
            heads=("Maand", *HEADS),
            rows=tuple(
                TableRow(month_text(*month), tuple(column.cells[at] for column in columns))
                for at, month in enumerate(months)
            ),
            total=TableRow("Samen", tuple(column.total for column in columns)),
            over_time=True,
        )


def _months(period: Period) -> list[tuple[int, int]]:
    """(year, month) of each month in it, in order."""
    months = []
    year, month = period.first.year, period.first.month
    while (year, month) <= (period.last.year, period.last.month):
        months.append((year, month))
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return months


SPANS: Sequence[tuple[str, Callable[[Course], tuple[date | None, date | None]]]] = (
    ("van binnenkomst tot bezorging", lambda one: (one.came, one.sent)),
    ("van bezorging tot eerste contact", lambda one: (one.sent, one.contact)),
    ("van bezorging tot antwoord", lambda one: (one.sent, one.decided)),
    ("van binnenkomst tot opstart", lambda one: (one.came, one.started)),
)


def _durations(both: _Both, calendar: Calendar) -> Table:
    """Median and 90th percentile in working days of the desk, of those that came so far."""
    parts = (both.now, both.before)
    days = [day for part in parts for one in part for day in (one.came, one.sent, one.started, one.decided) if day]
    working = Workdays(calendar, min(days), max(days) + timedelta(days=400)) if days else None
    rows = []
    for label, ends in SPANS:
        for part, name in zip(parts, (label, "– een jaar eerder"), strict=True):
            found = sorted(
                working.between(first, last)
                for one in part
                if not one.imported
                for first, last in [ends(one)]
                if working and first and last
            )
            rows.append(TableRow(name, span(found)))
    return Table(
        key="durations",
        title="Hoe lang het duurde",
        # How many came so far is not told: that number and the whole would give a small rest away.
        note="In werkdagen van het meldpunt; 0 is dezelfde dag. Alleen wie al zo ver kwam telt mee. "
        "“Helft binnen” is de mediaan, “9 op 10 binnen” het 90ste percentiel; “-” staat bij te weinig aanmeldingen.",
        heads=("Wat", "helft binnen", "9 op 10 binnen"),
        parts=False,
        rows=tuple(rows),
    )


def _waitlists(courses: Sequence[Course], period: Period, today: date) -> Table:
    """How many were on a waitlist on the first of each month, and on the last day."""
    moments = [day for year, month in _months(period) if period.holds(day := date(year, month, 1)) and day <= today]
    moments = sorted({*moments, min(period.last, today)})
    lists = [one for course in courses for one in course.lists]

    def waiting(day: date) -> Shown:
        return shown(sum(begun <= day and (left is None or left > day) for begun, left in lists))

    rows = [TableRow(short_day(day), (waiting(day), waiting(year_before(day)))) for day in moments]
    return Table(
        key="waitlists",
        title="Hoeveel op een wachtlijst stonden",
        note="Op de eerste dag van elke maand, en op de laatste dag; alle aanbieders samen.",
        heads=("Dag", *HEADS),
        rows=tuple(rows),
        over_time=True,
    )


def _agenda(signals: Sequence[Signal]) -> tuple[Table, ...]:
    """What parties want the working group to talk about: a point each; no table when there are none."""
    rows = [TableRow(WHO[one.role], (one.text,)) for one in signals]
    agenda = Table(
        key="agenda",
        title="Signalen voor de agenda",
        note="Wat CLB's en aanbieders mailden met “signaal:” vooraan, zonder namen. […] is wat we weglieten.",
        heads=("Van", "Signaal"),
        rows=tuple(rows),
        parts=False,
    )
    return (agenda,) if rows else ()


CONVERSION: Sequence[tuple[str, Callable[[Course], bool]]] = (
    ("bezorgd", lambda one: one.sent is not None),
    ("aanvaard", lambda one: one.accepted),
    ("wachtlijst", lambda one: one.waited),
    ("volzet", lambda one: one.refused == "full"),
    ("geen match", lambda one: one.refused == "no_match"),
    ("gestart", lambda one: one.started is not None),
)


def _conversion(courses: Sequence[Course], names: Mapping[str, str]) -> Table:
    """What became of the referrals to each provider: exact, so for the desk alone."""
    rows = []
    for key, name in names.items():
        own = [one for one in courses if one.provider == key]
        rows.append(TableRow(name, tuple(_exact(sum(map(asks, own))) for _, asks in CONVERSION)))
    return Table(
        key="conversion",
        title="Wat er per aanbieder van kwam",
        note="Enkel voor het meldpunt: exacte aantallen, niet om door te geven.",
        heads=("Aanbieder", *(label for label, _ in CONVERSION)),
        parts=False,
        rows=tuple(rows),
    )


def _exact(count: int) -> Shown:
    return Shown(str(count), count, count, count)
