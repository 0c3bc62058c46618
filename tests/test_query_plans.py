"""Does any question that is asked all day read a whole table that grows? SQLite says how it would answer each."""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from house import FORM, NAFT, House
from sqlalchemy import Engine, event

from mailflow.core.figure_tables import Period
from mailflow.core.provider_mail import WAITING
from mailflow.digesting import asks_the_desk, digest_letters, waits_for_the_desk
from mailflow.figuring import figures_of
from mailflow.overviews import owed_now
from mailflow.storage.measures import courses

GROW = frozenset({"mail", "arrival", "care_case", "referral", "event", "letter", "task", "tombstone", "audit"})
PUPIL = ("Voorbeeld", date(2011, 3, 12))
LOOKS = ("SELECT", "WITH", "UPDATE", "DELETE")
"""How a statement begins that looks for rows."""


class Asked:
    """Every statement that SQLite was given, with its values."""

    def __init__(self) -> None:
        self.statements: dict[str, None] = {}

    def listen(self, connection: sqlite3.Connection, _record: object) -> None:
        connection.set_trace_callback(self.statements.setdefault)

    def scans(self, house: House) -> list[str]:
        """The statements that go through every row of a table that grows."""
        asked = [*self.statements]
        with house.app.database.read() as tx:
            driver = tx.connection.dbapi_connection
            assert driver is not None
            found = []
            for words in asked:
                if words.startswith(LOOKS):
                    steps = [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {words}")]
                    found += [f"{step}: {words[:500]}" for step in steps if _reads_all(step)]
        return found


def _reads_all(step: str) -> bool:
    what, _, table = step.partition(" ")
    return what == "SCAN" and table.split()[0] in GROW


@pytest.fixture
def asked() -> Iterator[Asked]:
    """What is asked from now on; before *house*, so that its connections are heard."""
    one = Asked()
    event.listen(Engine, "connect", one.listen)
    yield one
    event.remove(Engine, "connect", one.listen)


@pytest.fixture
def busy(asked: Asked, house: House) -> House:
    """A referral at its provider, who puts it on the waitlist; one that is stopped; one that lacks its school."""
    asked.statements.clear()  # those of making the tables
    house.at(2026, 10, 6, 10, 0)
    for name in ("Noor", "Lotte", "Mira"):
        form = FORM if name != "Mira" else FORM.replace("School: Sint-Voorbeeld Leuven\n", "")
        house.mail(form.replace("Noor", name), sender=f"{name.lower()}@vclbleuven.be")
        house.drain()
    waits, stops = house.letters(NAFT)
    house.reply(waits, "Gebeld met de aanmelder, zij gaat akkoord met de wachtlijst.")
    house.reply(stops, "volzet")
    house.mail("Dag, een vraagje.", sender="iemand@elders.example")
    house.mail("Betaal hier.", sender="x@vclbleuven.be", proof="fail")
    house.drain()
    return house


def test_no_work_of_a_day_reads_a_whole_table(asked: Asked, busy: House):
    """Mails taken in, answered, swept, digested, listed in the overviews and erased, for a fortnight and a year on."""
    for _ in range(10):
        busy.later(days=1)
    busy.later(days=400)

    assert asked.scans(busy) == []


def _figures(house: House) -> None:
    figures_of(house.app.store, house.app.store.rules, Period(date(2026, 9, 1), date(2026, 10, 6)), house.clock.now())


def _one_case(house: House) -> None:
    stored = house.app.store.cases.get("MSI-2026-0001")
    assert stored is not None
    house.app.store.mails.of_case(stored.id)
    house.app.store.mails.also_about(stored)
    house.app.store.letters.of_case(stored.id)


@pytest.mark.parametrize(
    "ask",
    [
        lambda house: house.app.store.cases.lines(),
        _one_case,
        lambda house: house.app.store.pupils.named(*PUPIL),
        lambda house: house.app.store.cases.all_open(WAITING, "naft-vbo"),
        lambda house: digest_letters(house.app.worker.means),
        lambda house: asks_the_desk(house.app.store, house.clock.now()),
        lambda house: waits_for_the_desk(house.app.store, house.clock.now()),
        lambda house: house.app.store.attendance.heard_at("vervanger@meldpunt.example"),
        lambda house: house.app.store.cases.next_look(),
        lambda house: house.app.store.stuck_tasks(),
        lambda house: owed_now(house.app.worker.means),
        _figures,
        lambda house: [
            *courses(
                house.app.database,
                house.clock.at - timedelta(days=300),
                house.clock.at,
                house.app.store.rules.calendar.zone,
            )
        ],
    ],
    ids=[
        "cases", "case", "zoek", "waitlist", "digest", "second digest", "for the desk", "heard of",
        "next look", "stuck", "overviews", "figures", "courses",
    ],
)  # fmt: skip
def test_no_question_reads_a_whole_table(asked: Asked, busy: House, ask: Callable[[House], object]):
    """However many years of cases there are, a question about today goes by an index."""
    busy.app.store.cases.reread()
    asked.statements.clear()

    ask(busy)

    assert asked.statements
    assert asked.scans(busy) == []
