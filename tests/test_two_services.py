"""Two services on one database: exactly one keeps time, and the other one takes over."""

from dataclasses import replace

import pytest
from house import House
from sqlalchemy import update

from mailflow.app import App
from mailflow.clock import real_now
from mailflow.service import TICK_TERM, Service
from mailflow.storage.tables import LEASE


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Who kept time, beat by beat."""
    kept: list[str] = []
    monkeypatch.setattr(App, "tick", lambda app: kept.append(app.worker.holder))
    return kept


def service(app: App, holder: str) -> Service:
    return Service(replace(app, worker=replace(app.worker, holder=holder)))


def test_of_two_services_one_ticks(house: House, ticks: list[str]):
    """At each beat the one that has the lease; the other does nothing."""
    other = house.another()
    one, two = service(house.app, "one"), service(other, "two")

    for _ in range(3):
        one._beat()
        two._beat()
    other.close()

    assert ticks == ["one"] * 3


def test_when_it_stops_the_other_one_ticks(house: House, ticks: list[str]):
    """At once when it gives the lease back, and after its term when it vanished."""
    other = house.another()
    one, two = service(house.app, "one"), service(other, "two")
    one._beat()

    one._ticks.let_go()
    two._beat()
    with house.app.database.write() as tx:
        tx.execute(update(LEASE).values(held_until=real_now() - TICK_TERM))
    one._beat()
    other.close()

    assert ticks == ["one", "two", "one"]
