"""What a person can type: to begin with and to run it; the other commands stand in files of their own."""

# ruff: noqa: FBT002, PLR0917 - typer makes each option from a parameter and its default
import sys
from pathlib import Path
from typing import Annotated

import typer

from mailflow import __version__
from mailflow.answering import commands as answering
from mailflow.check_command import check
from mailflow.custody import commands as custody
from mailflow.desk_commands import commands as desk_commands
from mailflow.figures_commands import commands as figures_commands
from mailflow.following import commands as following
from mailflow.inspect_command import inspect
from mailflow.loading import loading
from mailflow.operating import commands
from mailflow.patience import patience
from mailflow.record import commands as record
from mailflow.rotating import commands as rotating
from mailflow.screens import say
from mailflow.terminal import (
    HERE,
    WRONG_USE,
    Config,
    ConfigOrShipped,
    err,
    out,
    settings_of,
    settings_or_shipped,
    stop,
    told_plainly,
    without_color,
)

cli = typer.Typer(name="mailflow", pretty_exceptions_enable=False)
NO_COLOR = "--no-color"


@cli.callback(invoke_without_command=True)
def welcome(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and stop.", is_eager=True)] = False,
    no_color: Annotated[
        bool, typer.Option(NO_COLOR, help="Without colours, wherever it stands on the line; so does NO_COLOR.")
    ] = False,
) -> None:
    """The mailbox that does the work of a meldpunt. `mailflow` alone says what to do next."""
    if no_color:
        without_color()
    if version:
        say(out, f"mailflow {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        from mailflow.next_step import tell  # noqa: PLC0415 - each command loads only what it needs: start-up stays quick

        tell(Path.cwd())


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the service running afterwards, to mail to.")] = False,
    year: Annotated[
        bool, typer.Option("--year", help="A whole school year with 300 invented referrals instead.")
    ] = False,
    to: Annotated[
        Path | None,
        typer.Option("--out", help="A new folder for the mails; without it a temporary one, which is not removed."),
    ] = None,
) -> None:
    """Play the whole story on this machine: real mail on loopback, a clock that jumps; nothing leaves it."""
    from mailflow.demo import play  # noqa: PLC0415 - each command loads only what it needs: start-up stays quick

    if year:
        from mailflow.demo.year_shown import play_year  # noqa: PLC0415 - as above

        with told_plainly():
            raise typer.Exit(play_year(out, to))
    with told_plainly():
        raise typer.Exit(play(out, keep=keep, folder=to))


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing, keep every default.")] = False,
) -> None:
    """Make a folder with your own configuration, letters and keys."""
    from mailflow.newcomer import init as make  # noqa: PLC0415 - as above
    from mailflow.newcomer import questions  # noqa: PLC0415 - as above

    if folder.is_dir() and any(folder.iterdir()):
        stop(f"{folder} is not empty: name a new folder, nothing was changed")  # before asking anything
    answers = {} if yes else {q.key: typer.prompt(q.text, default=q.default) for q in questions()}
    with told_plainly():
        made = make(folder, answers)
    say(out, f"{len(made)} files in {folder}. Read {folder / 'mailflow.toml'}, then:")
    say(out, f"  mailflow check --config {folder}\n  mailflow run --config {folder}")
    say(out, f"Keep a copy of {folder / 'keys'} apart from the database: without these keys nothing in it can be read.")


def run(
    config: Config = HERE,
    only: Annotated[str, typer.Option("--only", help="A comma list of: intake, work, send, schedule.")] = "",
) -> None:
    """Run the service until Ctrl-C or SIGTERM; it finishes what it has accepted."""
    with loading():
        from mailflow.service import PARTS  # noqa: PLC0415 - as above
        from mailflow.service import run as serve  # noqa: PLC0415 - as above

    parts = [part.strip() for part in only.split(",") if part.strip()] or [*PARTS]
    if unknown := [part for part in parts if part not in PARTS]:
        stop(f"--only takes {', '.join(PARTS)}; not {', '.join(unknown)}", status=WRONG_USE)
    settings = settings_of(config)
    with told_plainly(settings):
        serve(settings, parts)


def form(
    txt: Annotated[
        bool, typer.Option("--txt", help="As text, to fill in and mail; so it is without any option.")
    ] = False,
    docx: Annotated[bool, typer.Option("--docx", help="As a Word document.")] = False,
    odt: Annotated[bool, typer.Option("--odt", help="As a LibreOffice document.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="As a PDF that can be filled in.")] = False,
    html: Annotated[bool, typer.Option("--html", help="As a web page.")] = False,
    config: ConfigOrShipped = None,
) -> None:
    """Print the blank referral form: mailflow form --docx > aanmelding.docx."""
    from mailflow.outgoing.blank import document  # noqa: PLC0415 - as above

    asked = [kind for kind, on in (("txt", txt), ("docx", docx), ("odt", odt), ("pdf", pdf), ("html", html)) if on]
    if len(asked) > 1:
        stop(f"one shape at a time: not {' and '.join(f'--{kind}' for kind in asked)}", status=WRONG_USE)
    kind = asked[0] if asked else "txt"
    if kind not in ("txt", "html") and sys.stdout.isatty():
        stop(f"a {kind} file is no text: mailflow form --{kind} > aanmelding.{kind}", status=WRONG_USE)
    rules = settings_or_shipped(config, "form").rules
    typer.echo(document(rules.fields, rules.providers, kind), nl=False)


def letters(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder, or that of the last time.")],
    config: ConfigOrShipped = None,
) -> None:
    """Write every letter with invented people in it, as web page, text and mail, with an index to open in a browser."""
    from mailflow.gallery import in_the_way, write  # noqa: PLC0415 - as above

    settings = settings_or_shipped(config, "letters")
    if in_the_way(folder):
        stop(f"{folder} is not empty and holds no letters of mailflow: name a new folder, nothing was changed")
    with told_plainly(settings), patience(err, "Writing the letters"):
        index, problems = write(settings, folder)
    if problems:
        told = [f"templates: {problem}" for problem in problems]
        stop("\n".join([*told, f"the other letters: {index}" if index else "no letter was written"]))
    say(out, f"open {index}")


for command in (demo, init, check, run, inspect, form, letters):  # in the order of --help
    cli.command()(command)
cli.add_typer(commands)
cli.add_typer(following)
cli.add_typer(figures_commands)
cli.add_typer(desk_commands)
cli.add_typer(custody)
cli.add_typer(answering)
cli.add_typer(rotating)
cli.add_typer(record)


def main() -> None:
    """The console script; --no-color may stand anywhere on the line."""
    words = sys.argv[1:]
    cli([NO_COLOR, *(word for word in words if word != NO_COLOR)] if NO_COLOR in words else words)
