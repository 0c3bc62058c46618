"""What monitors and systemd hear: counted from the database, without a name, and true when something is wrong."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread

import pytest
from house import BRUSSELS, CLB, NAFT, House
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

from mailflow.alarm import raise_alarm
from mailflow.cli import cli
from mailflow.health import HealthServer
from mailflow.notify import notify, watchdog_seconds
from mailflow.outgoing.deliver import Unavailable
from mailflow.oversight import Oversight


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A meldpunt on a Sunday night."""
    one = House(tmp_path, datetime(2026, 10, 4, 22, 14, tzinfo=BRUSSELS))
    yield one
    one.close()


@pytest.fixture
def wrong() -> list[str]:
    """What is wrong with the process: nothing, until a test says so."""
    return []


@pytest.fixture
def pages(house: House, wrong: list[str]) -> Iterator[HealthServer]:
    """The pages on a free port."""
    server = HealthServer(house.app, 0, lambda: wrong)
    server.start()
    yield server
    server.stop()


def get(pages: HealthServer, path: str) -> tuple[int, str]:
    with closing(HTTPConnection("127.0.0.1", pages.port, timeout=10)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def metrics(pages: HealthServer) -> dict[str, float]:
    """Name with labels -> value."""
    status, text = get(pages, "/metrics")
    assert status == 200, text
    return {
        sample.name + "".join(f"[{value}]" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_happened_is_counted(house: House, pages: HealthServer):
    """Mails, letters, cases, answers, and what waits."""
    house.mail()
    house.mail(proof="fail", message_id="<vals@vclbleuven.be>")
    house.drain()
    house.at(2026, 10, 5, 9, 0)
    house.reply(house.letters(NAFT)[-1], "hoe lang duurt dat meestal, en wie komt er?")
    house.drain()

    found = metrics(pages)

    assert found["mailflow_mails_in_total"] == 3
    assert found["mailflow_mails_read_total[referral]"] == 1
    assert found["mailflow_mails_read_total[quarantined]"] == found["mailflow_mails[quarantined]"] == 1
    assert found["mailflow_mails[held]"] == found["mailflow_mails[unread]"] == 0
    assert found["mailflow_cases[dispatched]"] == 1
    assert found["mailflow_letters_out_total[sent]"] == len(house.courier.sent) >= 3
    assert found["mailflow_letters[waiting]"] == 1  # what the other party is told may still be taken back
    assert found["mailflow_answers_total[read]"] >= 1
    assert found["mailflow_stuck"] == 0
    assert found["mailflow_last_sent_timestamp_seconds"] == house.clock.now().timestamp()


def test_the_age_of_the_queue_is_told(house: House, pages: HealthServer):
    """Nothing works for an hour: the oldest work is an hour old."""
    house.mail()
    house.clock.move(hours=1)

    found = metrics(pages)

    assert found["mailflow_queue[read]"] == 1
    assert found["mailflow_queue_oldest_seconds[read]"] == 3600


def test_how_it_stands_is_right_after_a_restart(house: House, pages: HealthServer):
    """Another process tells the same of what there is; what it did itself begins at nothing, as Prometheus expects."""
    house.mail()
    house.mail(proof="fail", message_id="<vals@vclbleuven.be>")
    house.drain()
    raise_alarm(house.app.store, (), "the mail server is down")
    other = House(house.config.parent, house.clock.at)
    again = HealthServer(other.app, 0, list)
    again.start()

    first, second = metrics(pages), metrics(again)

    again.stop()
    other.close()
    did = ("mailflow_mails_in_total", "mailflow_mails_read_total", "mailflow_letters_out_total", "mailflow_answers")
    assert {k: v for k, v in first.items() if not k.startswith(did)} == {
        k: v for k, v in second.items() if not k.startswith(did)
    }
    assert (first["mailflow_mails_in_total"], second["mailflow_mails_in_total"]) == (2, 0)
    assert second["mailflow_alarms_total"] == 1
    assert (second["mailflow_mails[quarantined]"], second["mailflow_cases[queued]"]) == (1, 1)


def test_what_is_taken_back_is_counted(house: House, pages: HealthServer):
    """Answers read, and the two letters that had not left when "oeps" came."""
    house.mail()
    house.at(2026, 10, 5, 9, 0)
    house.reply(house.letters(NAFT)[-1], "Gesproken, en aanvaard.")
    house.drain()
    answer = house.letters(NAFT)[-1]
    house.reply(answer, "oeps")
    house.drain()

    found = metrics(pages)

    assert found["mailflow_mails_in_total"] == 3
    assert found["mailflow_answers_total[read]"] == 3
    assert found["mailflow_letters_out_total[void]"] == found["mailflow_answers_total[corrected]"] == 2


def test_a_pause_a_backup_and_a_mail_server_that_is_down_are_told(house: House, pages: HealthServer, tmp_path: Path):
    """And the alarm that it raised."""
    before = metrics(pages)
    CliRunner().invoke(cli, ["backup", str(tmp_path / "x.age"), "--config", str(house.config)])
    house.app.store.pause("all", house.clock.now())
    house.app.store.resume("all")
    house.courier.answers += [Unavailable("connection refused")]
    house.mail()
    house.drain()
    house.app.store.pause("send", house.clock.now())

    found = metrics(pages)

    assert "mailflow_last_backup_timestamp_seconds" not in before
    assert found["mailflow_last_backup_timestamp_seconds"] > 0
    assert (found["mailflow_paused[send]"], found["mailflow_paused[all]"]) == (1, 0)
    assert (found["mailflow_sending_halted"], found["mailflow_alarms_total"]) == (1, 1)


def test_nothing_personal_is_in_them(house: House, pages: HealthServer):
    """No name, address, reference or provider."""
    house.mail()
    house.drain()

    text = get(pages, "/metrics")[1]

    assert not [word for word in ("Noor", "Voorbeeld", CLB, "vclb", "MSI-", "naft") if word in text]


def test_a_part_that_ended_makes_it_unwell(pages: HealthServer, wrong: list[str]):
    """Both pages say which; nobody else is told anything."""
    well = get(pages, "/healthz"), get(pages, "/readyz")
    wrong.append("send has ended")

    assert well == ((200, "ok\n"), (200, "ok\n"))
    assert get(pages, "/healthz") == (503, "send has ended\n")
    assert get(pages, "/readyz") == (503, "send has ended\n")
    assert get(pages, "/keys/data.key")[0] == 404


def test_without_its_database_it_is_not_ready(house: House, pages: HealthServer):
    """But alive."""
    file = house.config / "mailflow.sqlite3"
    house.app.database.close()
    for one in house.config.glob("mailflow.sqlite3*"):
        one.unlink()
    file.mkdir()

    assert get(pages, "/healthz")[0] == 200
    assert get(pages, "/readyz")[0] == 503
    assert get(pages, "/metrics")[0] == 503


# systemd


@pytest.fixture
def supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The socket on which systemd listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        one.bind(str(tmp_path / "notify"))
        one.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield one


def test_systemd_hears_that_it_is_ready_alive_and_stopping(
    house: House, supervisor: socket.socket, monkeypatch: pytest.MonkeyPatch
):
    """In that order; a second sign of life comes by itself."""
    monkeypatch.setenv("WATCHDOG_USEC", "20000")

    async def life() -> None:
        oversight = Oversight(house.app, [])
        oversight.start()
        heard.extend([await asyncio.to_thread(supervisor.recv, 100) for _ in range(3)])
        await oversight.stop()

    heard: list[bytes] = []
    asyncio.run(life())
    while heard[-1] != b"STOPPING=1":
        heard.append(supervisor.recv(100))

    assert heard[0] == b"READY=1"
    assert {*heard[1:-1]} == {b"WATCHDOG=1"}


def test_when_a_part_has_ended_systemd_hears_nothing_more(
    house: House, supervisor: socket.socket, monkeypatch: pytest.MonkeyPatch
):
    """So it starts the service again."""
    monkeypatch.setenv("WATCHDOG_USEC", "20000")
    ended = Thread(name="work")
    ended.start()
    ended.join()

    async def life() -> None:
        oversight = Oversight(house.app, [ended])
        oversight.start()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await oversight.stop()

    asyncio.run(life())

    assert [supervisor.recv(100), supervisor.recv(100)] == [b"READY=1", b"STOPPING=1"]


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "60000000"}, 30),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, 30),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "veel"}, None),
    ],
)
def test_the_watchdog_is_fed_twice_within_its_limit(environment: dict[str, str], seconds: float | None):
    """And only when it is ours."""
    assert watchdog_seconds(environment) == seconds


@pytest.mark.parametrize("address", ["", "elsewhere", "/nowhere/at/all", "@mailflow-nobody-listens"])
def test_without_systemd_nothing_happens(address: str):
    """Nor when it went away."""
    assert not notify("READY=1", {"NOTIFY_SOCKET": address})


def test_an_abstract_socket_is_known(tmp_path: Path):
    """Containers use those."""
    name = f"mailflow-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        one.bind(f"\0{name}")
        one.settimeout(20)

        told = notify("READY=1", {"NOTIFY_SOCKET": f"@{name}"})

        assert (told, one.recv(100)) == (True, b"READY=1")


def test_the_pages_are_there_only_when_asked_for(house: House):
    """[health] port; a part that lives on is no trouble."""
    stop = Event()
    part = Thread(target=stop.wait, name="work")
    part.start()

    async def port(number: int) -> int | None:
        settings = replace(house.app.settings, health_port=number)
        oversight = Oversight(replace(house.app, settings=settings), [part])
        oversight.start()
        found, trouble = oversight.port, oversight.trouble()
        await oversight.stop()
        assert trouble == []
        return found

    with socket.create_server(("127.0.0.1", 0)) as probe:
        free = probe.getsockname()[1]
    ports = [asyncio.run(port(0)), asyncio.run(port(free))]
    stop.set()
    part.join()

    assert ports == [None, free]


def test_a_mailbox_that_was_never_read_has_no_last_time(house: House, pages: HealthServer):
    """Only how many of its mails were set aside: none that we know of."""
    house.app.store.mailboxes.expect(["meldpunt"], house.clock.now())

    found = metrics(pages)

    assert "mailflow_mailbox_read_timestamp_seconds[meldpunt]" not in found
    assert found["mailflow_mailbox_set_aside[meldpunt]"] == 0
