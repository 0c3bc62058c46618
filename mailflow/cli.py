"""What a person can type: to begin with, to run it, and to try what it makes of a mail."""

# ruff: noqa: FBT002, PLR0917 - typer makes each option from a parameter and its default
import sys
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from mailflow import __version__
from mailflow.answering import commands as answering
from mailflow.custody import commands as custody
from mailflow.desk_commands import commands as desk_commands
from mailflow.figures_commands import commands as figures_commands
from mailflow.following import commands as following
from mailflow.loading import loading
from mailflow.operating import commands
from mailflow.patience import patience
from mailflow.record import commands as record
from mailflow.rotating import commands as rotating
from mailflow.screens import as_json as print_json
from mailflow.screens import inspection, say
from mailflow.terminal import (
    HERE,
    WRONG_USE,
    AsJson,
    Config,
    ConfigOrShipped,
    err,
    opened,
    out,
    settings_of,
    stop,
    told_plainly,
    without_color,
)

cli = typer.Typer(name="mailflow", pretty_exceptions_enable=False)
NO_COLOR = "--no-color"


class Speaker(StrEnum):
    """Whose words a mail is taken for."""

    PROVIDER = "provider"
    REFERRER = "referrer"
    DESK = "desk"
    ANYONE = "anyone"


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


@cli.command()
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


@cli.command()
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


@cli.command()
def check(
    config: ConfigOrShipped = None,
    online: Annotated[
        bool, typer.Option("--online", help="Also the clock, disk, database and backup, DNS, mailboxes and sending.")
    ] = False,
    replay: Annotated[
        bool, typer.Option("--replay", help="Also whether each case is what its events come to, and has its provider.")
    ] = False,
    wait: Annotated[int, typer.Option(help="Seconds that the mail to ourselves (--online) may be under way.")] = 60,
) -> None:
    """Look over the whole configuration and say everything that is wrong, at once."""
    from mailflow.outgoing.render import Renderer  # noqa: PLC0415 - as above

    settings = settings_of(config)
    rules = settings.rules
    if problems := Renderer(settings.templates, rules, settings.instance).check():
        stop("mailflow cannot start:\n" + "\n".join(f"  templates: {problem}" for problem in problems))
    counts = f"{len(rules.providers)} providers, {len(rules.clbs)} CLBs, {len(rules.fields)} form fields"
    say(out, f"{config or 'the shipped defaults'}: all is well ({counts})")
    if (online or replay) and config is None:
        stop("--online and --replay need --config: the folder that `mailflow init` made", status=WRONG_USE)
    if config is not None and replay:
        _replayed(config)
    if config is not None and online:
        _online(config, wait)


def _replayed(config: Path) -> None:
    from mailflow import soundness  # noqa: PLC0415 - as above

    with opened(config) as app:
        with patience(err, "Replaying the cases") as told:
            problems = [*soundness.cases(app.store, app.settings.rules, told)]
        if problems:
            stop("\n".join(problems))
        today = app.clock.now().astimezone(app.settings.rules.calendar.zone).date()
        for one in app.store.closures.told():
            if one.last >= today:
                say(out, f"The desk told that it is closed from {one.first} to {one.last}.")
    say(out, "Each case is what its events come to, and its provider is in the list.")


def _online(config: Path, wait: int) -> None:
    from mailflow.probing import rows  # noqa: PLC0415 - as above
    from mailflow.resolver import DnsResolver  # noqa: PLC0415 - as above

    with opened(config) as app:
        found = []
        for row in rows(app, DnsResolver().for_one_mail(), patience=wait):
            found.append(row)
            mark = {True: "well", False: "WRONG", None: "?"}[row.well]
            say(out, f"{mark:6} {row.what:20} {row.found}", style="red" if row.well is False else "")
            if not row.well and row.remedy:
                say(out, f"{'':6} {'':20} {row.remedy}")
    if any(row.well is False for row in found):
        raise typer.Exit(1)


@cli.command()
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


@cli.command()
def inspect(
    file: Annotated[Path, typer.Argument(help="A mail as a file (.eml).")],
    role: Annotated[Speaker, typer.Option("--as", help="Whose words these are.")] = Speaker.ANYONE,
    config: ConfigOrShipped = None,
    as_json: AsJson = False,
    mail_from: Annotated[
        str, typer.Option(help="The envelope sender to judge it by; without it the From address.")
    ] = "",
    client_ip: Annotated[str, typer.Option(help="The IP address that it came from.")] = "127.0.0.1",
    authserv_id: Annotated[str, typer.Option(help="Trust the Authentication-Results of this mail host.")] = "",
    zone: Annotated[
        Path | None, typer.Option(help="The DNS to judge it by, a TOML file; without it no name exists.")
    ] = None,
) -> None:
    """Show how this mail would be read, and why. Touches nothing, and works without a folder of your own."""
    from mailflow.inspecting import show  # noqa: PLC0415 - as above

    _check_ip(client_ip)
    settings = settings_of(config)
    raw = _bytes_of(file, settings.limits.mail_bytes)
    found = show(
        raw,
        settings,
        role.value,
        mail_from=mail_from,
        client_ip=client_ip,
        authserv_id=authserv_id,
        zone=_zone_of(zone) if zone else None,
    )
    if as_json:
        print_json(found)
    else:
        inspection(out, found)


@cli.command()
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
    rules = settings_of(config).rules
    typer.echo(document(rules.fields, rules.providers, kind), nl=False)


@cli.command()
def letters(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where they go; made when it is not there.")],
    config: ConfigOrShipped = None,
) -> None:
    """Write every letter with invented people in it, as web page, text and mail, with an index to open in a browser."""
    from mailflow.gallery import write  # noqa: PLC0415 - as above

    settings = settings_of(config)
    with told_plainly(settings), patience(err, "Writing the letters"):
        index = write(settings, folder)
    say(out, f"open {index}")


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


def _bytes_of(file: Path, limit: int) -> bytes:
    """What is in the file, up to one byte over the limit: the rest would be refused at the door."""
    if file.is_dir():
        stop(f"{file} is a folder: name a file that holds one mail", status=WRONG_USE)
    try:
        with file.open("rb") as mail_file:
            return mail_file.read(limit + 1)
    except OSError as fault:
        stop(f"{file} cannot be read: {fault.strerror}", status=WRONG_USE)


def _zone_of(file: Path) -> dict[str, Any]:
    """{"name": {"TXT": [...], "A": [...], "MX": [...]}}: each record a list of texts."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else fault
        stop(f"{file} cannot be read as a zone: {why}", status=WRONG_USE)
    for name, records in table.items():
        lists = records.values() if isinstance(records, dict) else [None]
        if not all(isinstance(one, list) and all(isinstance(text, str) for text in one) for one in lists):
            stop(f'{file}: {name} must hold lists of texts, such as TXT = ["v=spf1 -all"]', status=WRONG_USE)
    return table


def _check_ip(text: str) -> None:
    from ipaddress import ip_address  # noqa: PLC0415 - as above

    try:
        ip_address(text)
    except ValueError:
        stop(f"--client-ip takes an IP address, such as 192.0.2.1; not {text}", status=WRONG_USE)
