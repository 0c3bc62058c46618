"""A house at work, with every kind of fault: no name of anybody in what it leaves beside its letters."""

import logging
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
import structlog
from house import BRUSSELS, FORM, NAFT, House
from prometheus_client import CollectorRegistry, generate_latest

from mailflow import backup
from mailflow.health import Counts
from mailflow.outgoing.deliver import Refused, TryLater, Unavailable
from mailflow.storage.tables import TASK

PEOPLE = (
    "Noorlinde", "Zwaluwstaart", "Sint-Verzonnen", "an.peeters", "Peeters", "kind-zonder", "ouder.zwaluwstaart",
    "016 12 34 56", "+3216123456", "2011-03-12", "12/03/2011", "heimelijke", "boze.brief", "geheime-bijlage",
)  # fmt: skip
STORY = (
    FORM.replace("Noor", "Noorlinde").replace("Voorbeeld\nGeb", "Zwaluwstaart\nGeb").replace("Sint-Voorbeeld", "Sint-Verzonnen")
    .replace("komt sinds september amper nog op school", "een heimelijke reden")
)  # fmt: skip


@pytest.fixture
def told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[tuple[House, StringIO]]:
    """Everything that is logged at its loudest, by us and by every library."""
    caplog.set_level(logging.DEBUG)
    out = StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(out), cache_logger_on_first_use=False)
    with redirect_stdout(out):
        house = House(tmp_path, datetime(2026, 10, 5, 10, 0, tzinfo=BRUSSELS))
        yield house, out
        house.close()
    structlog.reset_defaults()


def lived(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Referrals, answers, refusals, a reader that falls over, a retry, an erasure, a backup, a year's retention."""
    house.mail(STORY)
    house.drain()
    house.courier.answers = [TryLater("450 try later"), Refused("550 <ouder.zwaluwstaart@gezin.example> unknown"[:3]), Unavailable("gone")]  # fmt: skip
    house.mail(
        "Onze Noorlinde Zwaluwstaart is boos", sender="ouder.zwaluwstaart@gezin.example", subject="boze.brief", proof=""
    )
    house.mail(STORY.replace("12/03/2011", ""), subject="Noorlinde Zwaluwstaart", proof="fail")
    house.drain()
    house.reply(house.letters(NAFT)[-1], "Noorlinde komt op de wachtlijst")
    house.drain()
    with monkeypatch.context() as patched:

        def falls(*_: object, **__: object):
            raise ValueError("Noorlinde Zwaluwstaart, heimelijke reden")

        patched.setattr("mailflow.gathering.understand", falls)
        house.mail("Noorlinde Zwaluwstaart: volzet", sender=NAFT, subject="kind-zonder")
        for _ in range(6):
            house.drain()
            house.later(hours=5)
    assert house.app.store.stuck_tasks()
    house.app.tasks.retry(None, house.clock.now())
    for day in range(6, 12):
        house.at(2026, 10, day, 9, 1)
    backup.write(house.app, house.config.parent / "backup.age")


def names_in(text: str) -> list[str]:
    return [name for name in PEOPLE if re.search(re.escape(name), text, re.IGNORECASE)]


def test_no_name_in_logs_task_rows_metrics_files_and_titles(
    told: tuple[House, StringIO], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
):
    """A letter and the sealed database are for people; nothing else holds a name."""
    house, out = told
    lived(house, monkeypatch)

    with house.app.database.read() as tx:
        tasks = "\n".join(str(tuple(row)) for row in tx.execute(TASK.select()))
    registry = CollectorRegistry()
    registry.register(Counts(house.app))
    subjects = "\n".join(one.subject for one in house.courier.sent if not one.recipient.endswith("gezin.example"))
    house.app.database.wipe()
    files = {
        path: path.read_bytes().decode("latin-1")
        for path in tmp_path.rglob("*.*")
        if path.is_file() and path.suffix not in (".toml", ".j2")
    }

    assert names_in(out.getvalue()) == []
    assert names_in(caplog.text) == []
    assert names_in(tasks) == []
    assert names_in(generate_latest(registry).decode()) == []
    assert names_in(subjects) == []
    assert {path.name: found for path, text in files.items() if (found := names_in(text + path.name))} == {}
    assert "a task is stuck" in out.getvalue()  # of any level that another test may have set


@pytest.mark.parametrize("command", [["cases"], ["stuck"], ["audit"], ["waitlist", "naft-vbo"], ["digest"], ["audit", "verify"]])  # fmt: skip
def test_no_name_in_the_lists_that_no_audit_notes(
    told: tuple[House, StringIO], monkeypatch: pytest.MonkeyPatch, command: list[str]
):
    """What shows a name is noted first: these show numbers, states and times, by a command as it is typed."""
    house, _ = told
    lived(house, monkeypatch)

    shown = subprocess.run(
        [sys.executable, "-m", "mailflow", *command, "--config", str(house.config)], capture_output=True, text=True, check=True
    )  # fmt: skip

    assert names_in(shown.stdout + shown.stderr) == []


def test_an_open_document_leaves_no_file_behind(told: tuple[House, StringIO], tmp_path: Path):
    """Nothing in the folder for temporary files, whatever was opened or put back."""
    house, _ = told
    house.mail(STORY)
    house.drain()
    before = {*Path(tempfile.gettempdir()).glob("mailflow-*")}
    file = tmp_path / "b.age"
    backup.write(house.app, file)
    backup.verify(house.app.settings, file)
    backup.restore(house.app, file)

    assert {*Path(tempfile.gettempdir()).glob("mailflow-*")} <= before
