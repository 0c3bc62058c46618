"""Each reference is given out once, also when it was only looked up."""

from datetime import UTC, datetime

import pytest

from mailflow.core.case import Case, Happened
from mailflow.core.decision import Decision
from mailflow.core.lifecycle import Event, Party
from mailflow.storage.cases import MovedOn
from mailflow.storage.store import Store

NOW = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)


def opening(reference: str) -> Decision:
    came = Happened(at=NOW, kind=Event.MAIL_CAME, by=Party.REFERRER, codes={"mail": "1"})
    return Decision(case=Case(reference=reference, opened_at=NOW, history=(came,)), opens=True, events=(came,))


def test_several_new_cases_of_one_mail_get_numbers_in_a_row(store: Store):
    """And the next mail goes on behind them."""
    for one in store.references.several(2026, 2):
        store.commit(opening(one), (), NOW)

    assert store.references.several(2026, 1) == ["MSI-2026-0003"]
    assert store.references.several(2027, 1) == ["MSI-2027-0001"]


@pytest.mark.parametrize("before", [0, 1], ids=["the first of the year", "a later one"])
def test_who_looked_up_what_another_took_meanwhile_decides_again(store: Store, before: int):
    """Two programs that open a case at once: the second one to commit is refused, and finds a free number."""
    if not store.database.is_sqlite:
        pytest.skip("there, a reference is taken when it is asked for")
    for _ in range(before):
        store.references.next(2026)
    [looked_up] = store.references.several(2026, 1)
    taken = store.references.next(2026)

    with pytest.raises(MovedOn):
        store.commit(opening(looked_up), (), NOW)

    assert taken == looked_up
    assert store.cases.get(looked_up) is None
    [again] = store.references.several(2026, 1)
    store.commit(opening(again), (), NOW)
    assert again == f"MSI-2026-{before + 2:04}"
