"""What to type next? `mailflow` alone looks at how things stand, and says so."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mailflow.configuration.config_files import MAIN
from mailflow.screens import say
from mailflow.terminal import FOLDER, HERE, opened, out, settings_of

if TYPE_CHECKING:
    from mailflow.app import App
    from mailflow.settings import Settings

WELCOME = "mailflow: the mailbox that does the work of a meldpunt."
HELP = "mailflow --help lists every command, mailflow COMMAND --help explains one."
SQLITE = "sqlite:///"
AT_ONCE = timedelta(minutes=1)
"""A letter that is due has left by then, unless something is wrong."""


@dataclass(frozen=True)
class Step:
    """Something to type, and why."""

    command: str
    why: str


NOTHING_YET = (
    Step("mailflow demo", "see it work: a whole story on this machine, nothing leaves it"),
    Step("mailflow init my-meldpunt", "make a folder with your own configuration, letters and keys"),
    Step("mailflow run --config my-meldpunt", "start the service"),
)


def tell(here: Path) -> None:
    """Print how things stand in the folder *here*, and what to type."""
    say(out, f"{WELCOME}\n")
    for one in _found(here):
        say(out, f"  {one.command}", style="bold")
        say(out, f"      {one.why}")
    say(out, f"\n{HELP}")


def _found(here: Path) -> Sequence[Step]:
    from mailflow.settings import check  # noqa: PLC0415 - start-up stays quick

    folder = folder_here(here, HERE)
    if folder is None:
        return NOTHING_YET
    config = option(folder, HERE)
    if problems := check(folder):
        wrong = "1 thing is" if len(problems) == 1 else f"{len(problems)} things are"
        return [Step(f"mailflow check{config}", f"{wrong} wrong in {folder}, so it cannot start")]
    if never_ran(settings_of(folder)):
        return [
            Step(f"mailflow check --online{config}", "look over the configuration, DNS, mailboxes and sending"),
            Step(f"mailflow run{config}", "start the service: it never ran here"),
        ]
    with opened(folder) as app:
        return [*steps(app, config)]


def folder_here(here: Path, usual: Path) -> Path | None:
    """The configuration that is meant: of the environment, the usual folder, this one, or the only one in it."""
    if named := os.environ.get(FOLDER):
        return Path(named)
    if (here / usual / MAIN).is_file():
        return usual
    if _is_own(here):
        return Path()
    below = sorted(one.parent for one in here.glob(f"*/{MAIN}") if _is_own(one.parent))
    return below[0].relative_to(here) if len(below) == 1 else None


def _is_own(folder: Path) -> bool:
    """Whether somebody made it: what is shipped has no keys."""
    return (folder / MAIN).is_file() and (folder / "keys").is_dir()


def option(folder: Path, usual: Path) -> str:
    """What a command needs to find that folder: nothing where it would look itself."""
    return "" if os.environ.get(FOLDER) or folder == usual else f" --config {folder}"


def never_ran(settings: "Settings") -> bool:
    """Whether there is no database yet: looking must not make one."""
    return settings.database.startswith(SQLITE) and not Path(settings.database.removeprefix(SQLITE)).exists()


def is_running(app: "App") -> bool:
    """Whether a service works on this database now."""
    from mailflow.holders import is_alive  # noqa: PLC0415 - only who asks loads all that runs

    return any(is_alive(holder) for holder in app.leases.holders())


def steps(app: "App", config: str) -> Iterator[Step]:
    """What asks for a person, the most pressing first; *config* is how the commands name the folder."""
    from mailflow.digesting import waits_for_the_desk  # noqa: PLC0415 - as above

    store, running = app.store, is_running(app)
    if not running:
        yield Step(f"mailflow run{config}", "the service does not run: mail waits, and nothing leaves")
    if halted := sorted(store.paused()):
        what = "all work is" if "all" in halted else "letters are"
        yield Step(f"mailflow resume{config}", f"{what} paused")
    if stuck := len(store.stuck_tasks()):
        yield Step(f"mailflow stuck{config}", f"{_count(stuck, 'task')} failed three times")
    unsent = 0 if halted or not running else store.letters_due_before(app.clock.now() - AT_ONCE)
    if unsent:
        yield Step(f"mailflow login{config}", f"{_count(unsent, 'letter')} could not leave: see what the server says")
    cases, mails = waits_for_the_desk(store, app.clock.now())
    if waits := " and ".join(_count(n, what) for n, what in ((cases, "case"), (mails, "mail")) if n):
        verb = "waits" if cases + mails == 1 else "wait"
        yield Step(f"mailflow digest{config}", f"{waits} {verb} for the desk")
    if running and not (halted or stuck or unsent or waits):
        yield Step(f"mailflow cases{config}", "the service runs, and nothing waits for you: see the open cases")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
