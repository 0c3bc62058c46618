"""A story that touches every kind of work, played in a process that may be killed at any point of it and played on."""

import os
import pickle
import re
import shutil
import signal
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from house import BRUSSELS, CLB, DESK, FORM, NAFT, House, Sent

from mailflow import app as composition
from mailflow import backup, forgetting, seams, soundness
from mailflow.app import App, build
from mailflow.core.case import timeline
from mailflow.core.lifecycle import State
from mailflow.holders import is_alive
from mailflow.outgoing.deliver import Delivered, Outcome
from mailflow.outgoing.render import Renderer
from mailflow.reading.authentication.resolver import ZoneResolver
from mailflow.settings import Settings, load

PARENT = "ouder@gezin.example"
SECOND = (
    FORM.replace("Noor", "Sam")
    .replace("12/03/2011", "")
    .replace("Voorbeeld\n", "Denkbeeld\n")
    .replace("Sint-Voorbeeld", "Atheneum")
)
THIRD = (
    FORM.replace("Noor", "Lina")
    .replace("12/03/2011", "7/9/2012")
    .replace("E-mail aanmelder: an.peeters@vclbleuven.be", "E-mail aanmelder: ouder@gezin.example")
)
_REFERENCE = re.compile(r"MSI-\d{4}-\d{4,7}")


_template: list[Settings] = []
_renderers: list[Renderer] = []


def _rendering(*told: object, **more: object) -> Renderer:
    """Every house here has the same letters: they are put together once."""
    if not _renderers:
        _renderers.append(Renderer(*told, **more))
    return _renderers[0]


composition.Renderer = _rendering


def settings_of(config: Path) -> Settings:
    """The settings in that folder: all houses here are copies of one, so its files are read once."""
    if not _template:
        _template.append(load(config))
    return replace(
        _template[0], folder=config, database=f"sqlite:///{config / 'mailflow.sqlite3'}", keys_folder=config / "keys"
    )


@dataclass
class Outside:
    """The rest of the world, which no kill of ours touches: who got which letter, and which mail was taken (250)."""

    folder: Path

    def deliver(self, *, sender: str, recipient: str, message: bytes) -> Outcome:
        """Take a letter, for good."""
        self._add("letters", (sender, recipient, message))
        return Delivered()

    def close(self) -> None:
        """Nothing to let go of."""

    @property
    def letters(self) -> list[Sent]:
        return [Sent(*one) for one in self._all("letters")]

    @property
    def done(self) -> list[str]:
        """The steps that are done, and the mails that were taken."""
        return self._all("done")

    def note(self, what: str) -> None:
        self._add("done", what)

    def _add(self, name: str, what: object) -> None:
        descriptor = os.open(self.folder / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(descriptor, pickle.dumps(what))
        os.close(descriptor)

    def _all(self, name: str) -> list:
        try:
            with (self.folder / name).open("rb") as file:
                found = []
                while file.peek(1):
                    found.append(pickle.load(file))
                return found
        except FileNotFoundError:
            return []


class Told(House):
    """The house, with letters that go outside; one life of it."""

    def __init__(self, folder: Path) -> None:
        self.outside = Outside(folder)
        super().__init__(folder, datetime(2026, 10, 4, 22, 14, tzinfo=BRUSSELS))

    def another(self) -> App:
        app = build(settings_of(self.config), self.clock, resolver=lambda: ZoneResolver(self.zone))
        return replace(app, worker=replace(app.worker, courier=self.outside))

    def begin(self) -> None:
        """What the service does at each start."""
        self.app.tasks.rescue(is_alive)
        forgetting.replay(self.app)
        self.app.store.pupils.fill_in()

    def comes(self, name: str, send: Callable[[str], int]) -> None:
        """A mail that its sender's host offers until it is taken; then all that follows from it."""
        if name not in self.outside.done:
            send(f"<{name}@buiten.example>")
            self.outside.note(name)
        self.app.drain()

    def letter(self, recipient: str, words: str) -> Sent:
        """The newest letter to that address with these words."""
        mine = [one for one in self.outside.letters if one.recipient == recipient]
        return next(one for one in reversed(mine) if words in f"{one.subject}\n{one.text}")

    def answer(self, name: str, to: tuple[str, str], text: str) -> None:
        letter = self.letter(*to)
        head = f"In-Reply-To: {letter.message['Message-ID']}\r\n"
        self.comes(
            name,
            lambda message_id: self.mail(
                f"{text}\n\nOp ma 5 okt 2026 om 09:00 schreef Meldpunt <{DESK}>:\n> {letter.subject}\n",
                sender=letter.recipient,
                to=letter.reply_to,
                subject=f"Re: {letter.subject}",
                headers=head,
                message_id=message_id,
            ),
        )


def _erase(told: Told) -> None:
    parent = next(
        (line for line in told.app.store.cases.lines(states=[*State]) if line.state is State.AWAITING_CLB), None
    )
    if parent is not None:
        forgetting.erase(told.app, told.app.store.cases.by_id(parent.id))


def _backup(told: Told) -> None:
    file = told.config.parent / "nightly.age"
    if not file.exists():
        backup.write(told.app, file)


def _restore(told: Told) -> None:
    backup.restore(told.app, told.config.parent / "nightly.age")
    told.app.store.resume("all")


# What happens, and when (Brussels). Each step can be begun again: whatever of it is done already is not done twice.
STEPS: tuple[tuple[str, tuple[int, ...], Callable[[Told], None]], ...] = (
    ("referral", (2026, 10, 4, 22, 14), lambda t: t.comes("a", lambda i: t.mail(FORM, message_id=i))),
    ("digest", (2026, 10, 5, 8, 31), lambda t: t.app.drain()),
    ("opening", (2026, 10, 5, 9, 0), lambda t: t.app.drain()),
    ("incomplete", (2026, 10, 5, 9, 20), lambda t: t.comes("b", lambda i: t.mail(SECOND, message_id=i))),
    ("completed", (2026, 10, 5, 9, 40), lambda t: t.answer("c", (CLB, "Geboortedatum:"), "Geboortedatum: 5/6/2010")),
    ("parent", (2026, 10, 5, 10, 0), lambda t: t.comes("d", lambda i: t.mail(THIRD, sender=PARENT, message_id=i))),
    ("waitlist", (2026, 10, 5, 14, 0), lambda t: t.answer("e", (NAFT, "Noor"), "Noor komt op de wachtlijst.")),
    ("told", (2026, 10, 5, 14, 20), lambda t: t.app.drain()),
    ("kept", (2026, 10, 6, 10, 0), lambda t: t.answer("f", (CLB, "wachtlijst"), "behouden")),
    ("ask", (2026, 10, 6, 10, 10), lambda t: t.comes("g", lambda i: t.mail("Hoe zit het met uw aanbod?", message_id=i))),
    ("again", (2026, 10, 6, 10, 20), lambda t: t.comes("h", lambda i: t.mail(FORM, message_id="<a@buiten.example>"))),
    ("backup", (2026, 10, 7, 2, 0), _backup),
    ("erase", (2026, 10, 7, 10, 0), _erase),
    ("restore", (2026, 10, 7, 10, 2), _restore),
    ("accept", (2026, 10, 7, 10, 5), lambda t: t.answer("i", (NAFT, "Noor"), "Er is een plaats vrij, Noor kan starten op 12 oktober.")),
    ("next", (2026, 10, 8, 9, 0), lambda t: t.app.drain()),
    ("retention", (2027, 10, 4, 9, 0), lambda t: t.app.drain()),
)  # fmt: skip


def live(folder: Path, arm: str = "", steps=STEPS, *, then: Callable[[Told], None] | None = None) -> int:
    """One life of the service, in a process of its own, until the story ends or *arm* kills it; its wait status."""
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1]
    status = 1
    try:
        told = Told(folder)
        seams.arm(arm)
        told.begin()
        for name, moment, step in steps:
            if name not in told.outside.done:
                told.clock.set(datetime(*moment, tzinfo=BRUSSELS))
                step(told)
                told.outside.note(name)
        if then is not None:
            then(told)
        told.close()
        status = 0
    finally:
        if status:
            traceback.print_exc()
        os._exit(status)


def was_killed(status: int) -> bool:
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def fresh(folder: Path) -> Path:
    """A house with its database, to copy from."""
    Told(folder).close()
    return folder


def copied(template: Path, folder: Path) -> Path:
    shutil.copytree(template, folder)
    return folder


@dataclass(frozen=True)
class End:
    """How a story ended, without what may differ between two tellings of it."""

    cases: tuple[str, ...]
    letters: tuple[tuple[str, str], ...]
    mails: Counter
    wrong: tuple[str, ...]
    copies: int
    """Letters that left once more, byte for byte."""


def end_of(folder: Path) -> End:
    told = Told(folder)
    with closing(told.app) as app:
        lines = app.store.cases.lines(states=[*State])
        names = {line.reference: f"case-{n}" for n, line in enumerate(sorted(lines, key=lambda one: one.id))}

        def plain(text: str) -> str:
            return _REFERENCE.sub(lambda found: names.get(found[0], "nobody"), text)

        cases = sorted(plain("\n".join(timeline(app.store.cases.by_id(one.id).case))) for one in lines)
        bytes_of: dict[str, set[bytes]] = {}
        for one in told.outside.letters:
            bytes_of.setdefault(str(one.message["Message-ID"]), set()).add(one.raw)
        first = {str(one.message["Message-ID"]): one for one in told.outside.letters}
        wrong = [f"{one} left with other bytes" for one, kept in bytes_of.items() if len(kept) > 1]
        wrong += [f"stuck: {one}" for one in app.store.stuck_tasks()]
        wrong += [*soundness.cases(app.store, app.settings.rules), *soundness.sealed(app.store)]
        with app.database.read() as tx:
            wrong += [] if str(tx.exec_driver_sql("PRAGMA integrity_check").scalar()) == "ok" else ["integrity"]
        return End(
            cases=tuple(cases),
            letters=tuple(sorted((one.recipient, plain(one.subject)) for one in first.values())),
            mails=Counter((one.state, one.outcome) for one in app.store.mails.lines(limit=10_000)),
            wrong=tuple(wrong),
            copies=len(told.outside.letters) - len(first),
        )
