"""A backup: the database of one moment as text, zipped, and encrypted with age under a key that follows from ours."""

import gzip
import io
import os
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyrage

from mailflow import __version__, soundness
from mailflow.age_key import identity_of
from mailflow.app import App, build
from mailflow.clock import StoppedClock
from mailflow.forgetting import replay
from mailflow.patience import Told, unheard
from mailflow.seams import reached
from mailflow.settings import Settings
from mailflow.storage import dump
from mailflow.storage.engine import Database
from mailflow.storage.store import BACKUP

GAP = 1000
"""Numbers that are skipped after a restore: more than were given out since any backup worth having."""


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a backup holds."""

    made_at: datetime
    release: str
    cases: int
    mails: int
    letters: int
    problems: tuple[str, ...] = ()
    """What is wrong with it; empty when all of it can be used."""


def write(app: App, file: Path, told: Told = unheard) -> Contents:
    """Make a backup while the service runs; FileExistsError rather than touch a file that is there.

    *told* hears how many rows are written.
    """
    now = app.clock.now()
    if file.exists():
        raise FileExistsError(17, "there is a file of that name already: name another", str(file))
    part = file.with_name(f"{file.name}.part")
    head = {"mailflow": __version__, "made_at": now.isoformat(), "instance": app.settings.instance}
    recipient = identity_of(app.settings.keys.data[0].secret).to_public()
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as to:
            rows = _counted(dump.lines(app.database, head), sum(dump.sizes(app.database).values()), told)
            pyrage.encrypt_io(_Zipped(rows), to, [recipient])
            to.flush()
            os.fsync(to.fileno())
        reached("before_file")
        part.rename(file)
        reached("after_file")
    finally:
        part.unlink(missing_ok=True)
    app.store.remember(BACKUP, int(now.timestamp()) // 60)
    return _contents(head, app.database)


def _counted(lines: Iterator[str], total: int, told: Told) -> Iterator[str]:
    for done, line in enumerate(lines):
        told(min(done, total), total)  # besides the rows there is a line for each table
        yield line


def verify(settings: Settings, file: Path, told: Told = unheard) -> Contents:
    """Put a backup back in a folder of its own, look at all that is in it, and throw that away."""
    with _opened(settings, file) as (head, database):
        elsewhere = replace(settings, database=database.url, keys_folder=None)
        with closing(build(elsewhere, StoppedClock(datetime.fromisoformat(head["made_at"])))) as app:
            found = (*soundness.cases(app.store, settings.rules, told), *soundness.sealed(app.store, told))
        return replace(_contents(head, database), problems=found)


def restore(app: App, file: Path) -> tuple[Contents, int]:
    """Make the database what it was in the backup, less what was erased since; letters wait for `mailflow resume`.

    What is in it, and how many cases were erased once more.
    """
    with _opened(app.settings, file) as (head, database):
        contents = _contents(head, database)
        # All of it is made ready beside: a crash leaves the database as it was, never half put back and sending.
        with closing(build(replace(app.settings, database=database.url), app.clock)) as beside:
            before, then = app.store.references.given_out(), beside.store.references.given_out()
            # A reference given out after the backup stands in letters: it must never mean another case.
            numbers = {name: max(before.get(name, 0), then.get(name, -GAP) + GAP) for name in {*before, *then}}
            beside.store.references.never_give_out(numbers)
            dump.leave_gap(beside.database, GAP, app.clock.now())
            erased = replay(beside)
            beside.store.pause("send", app.clock.now())
        dump.replace(database, app.database)
    app.store.cases.reread()
    app.database.wipe()
    return contents, erased


@contextmanager
def _opened(settings: Settings, file: Path) -> Iterator[tuple[dict[str, Any], Database]]:
    """The head of a backup, and a database that holds it, for as long as this lasts. Raises Damaged."""
    with TemporaryDirectory(prefix="mailflow-") as folder:
        plain = Path(folder) / "dump.gz"
        identities = [identity_of(key.secret) for key in settings.keys.data]
        with file.open("rb") as sealed, plain.open("wb") as opened:
            try:
                pyrage.decrypt_io(sealed, opened, identities)
            except (pyrage.DecryptError, OSError) as fault:
                if isinstance(fault, OSError) and fault.errno:  # the disk's, and not the file's
                    raise
                why = "it is no backup, was cut off or changed, or belongs to other keys"
                raise dump.Damaged(f"{file} cannot be opened: {why}") from fault
        database = Database(f"sqlite:///{folder}/restored.sqlite3")
        try:
            with gzip.open(plain, "rt", encoding="utf-8") as told:
                head = dump.load(told, database)
            plain.unlink()
            yield head, database
        except dump.Damaged as fault:
            raise dump.Damaged(f"{file} cannot be used: {fault}") from fault
        finally:
            database.close()


def _contents(head: dict[str, Any], database: Database) -> Contents:
    sizes = dump.sizes(database)
    return Contents(
        made_at=datetime.fromisoformat(head["made_at"]),
        release=head["mailflow"],
        cases=sizes["care_case"],
        mails=sizes["mail"],
        letters=sizes["letter"],
    )


class _Zipped(io.RawIOBase):
    """Lines of text as a zipped stream that is made while it is read: no database needs to fit into memory."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._zip = zlib.compressobj(level=3, wbits=31)
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:  # noqa: ANN401 - any writable buffer
        while not self._ready and not self._ended:
            line = next(self._lines, None)
            self._ended = line is None
            self._ready = self._zip.flush() if line is None else self._zip.compress(f"{line}\n".encode())
        size = min(len(into), len(self._ready))
        into[:size], self._ready = self._ready[:size], self._ready[size:]
        return size
