"""What all commands share: their options, where they print, and how a fault is told to an operator."""

import getpass
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console

from mailflow.configuration.config_files import NEEDED
from mailflow.screens import as_json as print_json
from mailflow.screens import say, table

if TYPE_CHECKING:
    from mailflow.app import App
    from mailflow.settings import Settings
    from mailflow.storage.cases import StoredCase

out = Console()
err = Console(stderr=True)

FAILED, WRONG_USE = 1, 2
HERE = Path("mailflow-config")
FOLDER = "MAILFLOW_CONFIG"
"""Of the environment: the folder that --config would name."""
LARGEST_ID = 2**63 - 1

Config = Annotated[Path, typer.Option("--config", envvar=FOLDER, help="The folder that `mailflow init` made.")]
ConfigOrShipped = Annotated[
    Path | None,
    typer.Option("--config", envvar=FOLDER, help="The folder that `mailflow init` made; else as shipped."),
]
Reference = Annotated[str, typer.Argument(metavar="REF", help="MSI-2026-0042, or 0042 for the newest with it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def settings_of(config: Path | None) -> "Settings":
    """The settings in that folder, or the shipped ones; all that is wrong with them is told, and ends the command."""
    from mailflow.settings import load  # noqa: PLC0415 - a command loads only what it needs: start-up stays quick

    if config is not None and not config.is_file() and not any((config / name).exists() for name in NEEDED):
        stop(_nothing_in(config))
    with told_plainly():
        return load(config)


def _nothing_in(config: Path) -> str:
    """What to do where no configuration is."""
    from mailflow.next_step import folder_here  # noqa: PLC0415 - as above

    what = "holds no configuration" if config.is_dir() else "does not exist"
    meant = folder_here(Path.cwd(), HERE)
    if meant is not None and meant.absolute() != config.absolute():
        return f"the folder {config} {what}: did you mean --config {meant}?"
    return f"the folder {config} {what}: name yours with --config, or make one with `mailflow init {config}`"


def settings_or_shipped(config: Path | None, what: str, *, quiet: bool = False) -> "Settings":
    """The same; that *what* is shown as shipped, for want of a folder, is said on standard error, unless *quiet*."""
    settings = settings_of(config)
    if not quiet:
        tell_shipped(config, what)
    return settings


def tell_shipped(config: Path | None, what: str) -> None:
    """Say on standard error that *what* is shown as shipped, where no folder is named."""
    if config is None:
        say(err, f"the shipped {what}; --config DIR for yours")


@contextmanager
def opened(config: Path) -> "Iterator[App]":
    """A mailflow on that folder, to ask it things."""
    from mailflow.app import build  # noqa: PLC0415 - as above

    settings = settings_of(config)
    with told_plainly():
        app = build(settings)
        try:
            yield app
        finally:
            app.close()


def case_of(app: "App", text: str) -> "StoredCase":
    """The case that a person means by *text*: a full reference, or a number of this year or else of the year before."""
    year = app.clock.now().astimezone(app.settings.rules.calendar.zone).year
    short = re.fullmatch(r"[0-9]{1,9}", text)
    years = (year, year - 1)
    names = [f"MSI-{one}-{int(text):04}" for one in years] if short else [text.strip("[] ").upper()]
    stored = next((found for name in names if (found := app.store.cases.get(name))), None)
    if stored is None:
        stop(f"there is no case {text}: `mailflow cases` lists the open ones, as MSI-2026-0042")
    return stored


def audited(app: "App", what: str, about: str, *, restored: str = "") -> None:
    """Write down who looks at personal data, or does something with it, before it is shown or done."""
    from mailflow import audit_log  # noqa: PLC0415 - as above

    number, link = app.store.audits.note(who=getuser()[:60], what=what, about=about, at=app.clock.now())
    audit_log.write(app.settings.keys_folder, number, link, restored=restored)


def list_rows(app: "App", rows: Sequence[Mapping[str, Any]], as_json: bool, none: str) -> None:  # noqa: FBT001 - the command's --json
    """A list as a table, as JSON, or the words for none."""
    if as_json:
        print_json(list(rows))
    elif rows:
        table(out, rows, app.settings.rules.calendar.zone)
    else:
        say(out, none)


def without_color() -> None:
    """From now on no colours, here and in the help of commands."""
    os.environ["NO_COLOR"] = "1"
    out.no_color = err.no_color = True


def getuser() -> str:
    """The user of this machine; a number for one without a name, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


@contextmanager
def told_plainly(settings: "Settings | None" = None) -> Iterator[None]:
    """What an operator can mend is told in plain words, not as a traceback."""
    from mailflow.faults import remedy  # noqa: PLC0415 - as above

    try:
        yield
    except typer.Exit:
        raise
    except Exception as fault:
        words = remedy(fault, settings)
        if words is None:
            raise
        stop(words)


def stop(why: str, status: int = FAILED) -> NoReturn:
    """End the command: *why* on standard error, and the exit status."""
    say(err, why)
    raise typer.Exit(status)
