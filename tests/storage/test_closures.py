"""Closing days that the desk told are in force at once, for every process, until they are taken back."""

from datetime import UTC, date, datetime

from mailflow.core.decision import Decision
from mailflow.core.house import HouseDecision
from mailflow.core.school_year import Closure
from mailflow.storage.store import Store

NOW = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
DAYS = Closure(date(2026, 11, 2), date(2026, 11, 6))


def test_told_days_are_closed_and_terms_are_reckoned_anew(store: Store):
    """The fingerprint differs, so that every open case is looked at again."""
    before = store.rules

    store.commit(Decision(house=HouseDecision(closes=(DAYS, DAYS))), (), NOW)

    assert store.closures.told() == (DAYS,)
    assert not store.rules.calendar.is_working_day(date(2026, 11, 3))
    assert store.rules.fingerprint != before.fingerprint


def test_taken_back_they_are_open_again(store: Store):
    """Everything is as the configuration says."""
    before = store.rules
    store.commit(Decision(house=HouseDecision(closes=(DAYS,))), (), NOW)

    store.commit(Decision(house=HouseDecision(reopens=(DAYS,))), (), NOW)

    assert store.rules == before
