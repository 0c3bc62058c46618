"""The survey of under-12 needs: the CLBs are asked, reminded once, and summed up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

import structlog
from sqlalchemy import Connection

from mailflow.core.decision import Decision
from mailflow.core.figure_tables import Table
from mailflow.core.known_senders import Clb
from mailflow.core.rules import Rules
from mailflow.core.school_year import school_year_bounds
from mailflow.core.survey import Asked, per_clb, summary
from mailflow.core.survey_mail import question, year_text
from mailflow.core.wording import short_day
from mailflow.means import Means
from mailflow.outgoing.figures_page import report
from mailflow.rendering import render_all
from mailflow.storage.measures import courses
from mailflow.storage.store import Store

log = structlog.get_logger()


@dataclass(frozen=True)
class Started:
    """Keys of the CLBs: asked now, asked before, and those without a contact address in clbs.toml."""

    asked: tuple[str, ...]
    before: tuple[str, ...]
    unknown: tuple[str, ...]


def start(means: Means, survey: int) -> Started:
    """Ask each CLB that has a contact address and was not asked yet; each in a transaction of its own."""
    asked: list[str] = []
    before: list[str] = []
    for clb in (one for one in means.rules.clbs if one.contact):
        new = _write(means, survey, clb, reminder=False)
        (asked if new else before).append(clb.key)
    return Started(tuple(asked), tuple(before), tuple(one.key for one in means.rules.clbs if not one.contact))


def remind(means: Means) -> int:
    """Remind each CLB, once, that has not answered the newest survey within its term; how many."""
    store, rules, now = means.store, means.rules, means.now
    survey = store.surveys.newest()
    clbs = {one.key: one for one in rules.clbs if one.contact}
    late = [
        clbs[one.clb]
        for one in (store.surveys.asked(survey) if survey is not None else ())
        if one.clb in clbs and not one.answered_at and not one.reminded_at and _is_over(one, rules, now)
    ]
    return sum(_write(means, survey, one, reminder=True) for one in late if survey is not None)


def _is_over(one: Asked, rules: Rules, now: datetime) -> bool:
    return rules.clb_calendar.add_working_days(one.asked_at, rules.survey_days) <= now


def _write(means: Means, survey: int, clb: Clb, *, reminder: bool) -> bool:
    surveys, now = means.store.surveys, means.now
    kind = "surveytoo" if reminder else "survey"
    letter = replace(question(clb, survey, reminder=reminder), not_before=means.rules.calendar.next_open(now))
    kept = render_all(means, Decision(letters=(letter,)), key=f"{kind}-{survey}-{clb.key}")
    note: Callable[[Connection, int, str, datetime], bool] = surveys.remind if reminder else surveys.ask
    written = means.store.write_if(kept, now, lambda tx: note(tx, survey, clb.key, now))
    if written:
        log.info("survey", survey=survey, reminder=reminder)
    return written


def survey_tables(store: Store, rules: Rules, survey: int) -> tuple[tuple[Table, ...], tuple[Table, ...]]:
    """The survey of that school year in tables: those for everybody, and those for the desk alone."""
    first, last = school_year_bounds(survey)
    zone = rules.calendar.zone
    since, until = (datetime.combine(day, time.min, zone) for day in (first, last + timedelta(days=1)))
    young = [
        one
        for one in courses(store.database, since, until, zone)
        if one.came >= first and not one.dropped and one.facts.get("age") == "under_12"
    ]
    asked = store.surveys.asked(survey)
    names = {one.key: one.name for one in rules.clbs}
    return summary(asked, (len(young), sum(one.no_offer for one in young))), (per_clb(asked, names),)


def survey_page(
    tables: Sequence[Table], for_the_desk: Sequence[Table], survey: int, rules: Rules, now: datetime
) -> str:
    """These tables as one page."""
    made = short_day(now.astimezone(rules.calendar.zone).date())
    title = f"Bevraging over kinderen jonger dan 12, schooljaar {year_text(survey)}"
    return report(title, f"{rules.desk.name}. Opgemaakt op {made}.", tables, for_the_desk=for_the_desk)
