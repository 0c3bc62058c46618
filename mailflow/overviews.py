"""The weekly overviews: once a week one letter to each party that still owes something."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import structlog

from mailflow.core.decision import Decision
from mailflow.core.letters import Letter
from mailflow.core.overview import Owed, overview, owed, week_of
from mailflow.core.rules import Rules
from mailflow.core.watches import calendar_of
from mailflow.framing import frame_all
from mailflow.outgoing.render import Renderer
from mailflow.storage.store import Store

log = structlog.get_logger()


def owed_now(store: Store, rules: Rules, now: datetime) -> Mapping[str, Sequence[Owed]]:
    """Address -> what it owes on the open cases, as its overview would show it at *now*."""
    return owed((one.case for one in store.cases.all_open()), rules, now)


def overview_letter(rows: Sequence[Owed], rules: Rules, now: datetime) -> Letter:
    """The overview of these rows, all of one party."""
    return overview(rows, rules, now.astimezone(rules.calendar.zone).date())


def write_overviews(store: Store, renderer: Renderer, rules: Rules, now: datetime) -> int:
    """Write this week's overviews, each in a transaction of its own; how many. One that was written is not again.

    A party whose calendar has no working day in the coming week gets none: nobody is at work to read it.
    """
    today = now.astimezone(rules.calendar.zone).date()
    written = 0
    for address, rows in owed_now(store, rules, now).items():
        if not _at_work(rows[0], rules, today):
            continue
        key = f"overview:{week_of(today)}:{store.party_index(address)}"
        decision = Decision(letters=(overview_letter(rows, rules, now),))
        kept = frame_all(decision, renderer, rules, now, key=key.replace(":", "-")[:40])
        if store.commit_once(decision, kept, now, kind="overview", unique_key=key):
            written += 1
            log.info("overview", rows=len(rows))
    return written


def _at_work(one: Owed, rules: Rules, today: date) -> bool:
    calendar = calendar_of(one.party, one.case, rules)
    return any(calendar.is_working_day(today + timedelta(days=more)) for more in range(7))
