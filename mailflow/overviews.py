"""The weekly overviews: once a week one letter to each party that still owes something."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import structlog

from mailflow.core.decision import Decision
from mailflow.core.overview import Owed, overview, owed, week_of
from mailflow.core.rules import Rules
from mailflow.core.watches import calendar_of
from mailflow.means import Means
from mailflow.rendering import render_all

log = structlog.get_logger()


def owed_now(means: Means) -> Mapping[str, Sequence[Owed]]:
    """Address -> what it owes on the open cases, as its overview would show it now."""
    return owed((one.case for one in means.store.cases.all_open()), means.rules, means.now)


def write_overviews(means: Means) -> int:
    """Write this week's overviews, each in a transaction of its own; how many. One that was written is not again.

    A party whose calendar has no working day in the coming week gets none: nobody is at work to read it.
    """
    store, rules, today = means.store, means.rules, means.today
    written = 0
    for address, rows in owed_now(means).items():
        if not _at_work(rows[0], rules, today):
            continue
        key = f"overview:{week_of(today)}:{store.party_index(address)}"
        decision = Decision(letters=(overview(rows, rules, today),))
        kept = render_all(means, decision, key=key.replace(":", "-")[:40])
        if store.commit_once(decision, kept, means.now, kind="overview", unique_key=key):
            written += 1
            log.info("overview", rows=len(rows))
    return written


def _at_work(one: Owed, rules: Rules, today: date) -> bool:
    calendar = calendar_of(one.party, one.case, rules)
    return any(calendar.is_working_day(today + timedelta(days=more)) for more in range(7))
