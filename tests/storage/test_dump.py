"""A dump of either database fills either database."""

import json
from datetime import date
from pathlib import Path

import pytest
from house import FORM, House
from sqlalchemy import select

from mailflow.core.decision import Decision, ProviderMark
from mailflow.storage import dump
from mailflow.storage.engine import Database
from mailflow.storage.migrate import TooNew, migrate
from mailflow.storage.tables import Mail

HEAD = {"mailflow": "0", "made_at": "2026-10-05T09:00:00+02:00"}


def rows(database: Database) -> dict[str, list]:
    with database.read() as tx:
        return {
            table.name: [tuple(row) for row in tx.execute(select(table).order_by(*table.primary_key))]
            for table in Mail.metadata.sorted_tables
        }


@pytest.fixture
def told(house: House) -> list[str]:
    """A database with a case in it, as lines."""
    house.mail()
    house.drain()
    house.app.store.pause("send", house.clock.now())
    mark = ProviderMark("naft-vbo", date(2027, 6, 30))
    house.app.store.commit(Decision(marks=(mark,)), (), house.clock.now())
    return [*dump.lines(house.app.database, HEAD)]


@pytest.fixture
def empty_file(tmp_path: Path):
    one = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    yield one
    one.close()


def test_every_row_comes_back_in_another_database(house: House, told: list[str], empty_file: Database):
    """From SQLite or PostgreSQL into SQLite, and from there back over what there is by now."""
    before = rows(house.app.database)

    head = dump.load(told, empty_file)
    house.mail(FORM.replace("Noor", "Mila"), message_id="<later@vclbleuven.be>")
    house.drain()
    dump.replace(empty_file, house.app.database)

    assert head["made_at"] == HEAD["made_at"]
    assert rows(empty_file) == before == rows(house.app.database)
    assert dump.sizes(empty_file)["care_case"] == 1
    house.mail(FORM.replace("Noor", "Lotte"), message_id="<daarna@vclbleuven.be>")
    house.drain()
    assert house.case("MSI-2026-0002").values["first_name"] == "Lotte"


def test_a_dump_that_was_cut_off_is_refused(told: list[str], empty_file: Database):
    """The last line counts the rows."""
    with pytest.raises(dump.Damaged, match="cut off"):
        dump.load(told[:-1], empty_file)


def test_a_row_that_is_missing_is_noticed(told: list[str], empty_file: Database):
    """Or one too many."""
    last_row = max(number for number, line in enumerate(told) if line.startswith("["))

    with pytest.raises(dump.Damaged, match="cut off"):
        dump.load(told[:last_row] + told[last_row + 1 :], empty_file)


@pytest.mark.parametrize("first", ["", "Dag", "[]", "{}"])
def test_anything_else_is_no_dump(empty_file: Database, first: str):
    """Whatever it is."""
    with pytest.raises(dump.Damaged, match="does not begin"):
        dump.load([first], empty_file)


def test_a_dump_of_a_newer_release_is_refused(told: list[str], empty_file: Database):
    """Its tables may mean something else."""
    with pytest.raises(TooNew):
        dump.load([json.dumps({**json.loads(told[0]), "revision": "9999"}), *told[1:]], empty_file)


def test_a_dump_of_an_older_release_is_brought_to_today(tmp_path: Path, empty_file: Database):
    """It is loaded into the tables of its time, which are then migrated."""
    moment = "2026-10-05T09:00:00+00:00"
    older = [
        json.dumps({**HEAD, "revision": "0001"}),
        json.dumps({"table": "letter", "columns": [
            "id", "uuid", "number", "kind", "role", "address", "address_key", "message_key", "content", "state", "written_at",
        ]}),
        json.dumps([1, "u", 0, "digest", "desk", "", "", "", "", "sent", moment]),
        json.dumps({"rows": 1}),
    ]  # fmt: skip

    dump.load(older, empty_file)
    migrate(empty_file)

    assert [row[3] for row in rows(empty_file)["letter"]] == [None]
