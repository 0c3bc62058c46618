"""What a person can type: each command reads, asks app or store, and prints."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from mailflow import __version__

cli = typer.Typer(
    name="mailflow",
    help="The mailbox that does the work of a meldpunt. Start with `mailflow demo`, then `mailflow init DIR`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)

Config = Annotated[
    Path, typer.Option("--config", envvar="MAILFLOW_CONFIG", help="The folder that `mailflow init` made.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
HERE = Path("mailflow-config")


@cli.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Show the version and stop.", is_eager=True)] = False,
) -> None:
    """The mailbox that does the work of a meldpunt."""
    if show:
        out.print(f"mailflow {__version__}")
        raise typer.Exit


@cli.command()
def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the service running afterwards, to mail to.")] = False,
    to: Annotated[
        Path | None, typer.Option("--out", help="Where the mails are left; a temporary folder if not given.")
    ] = None,
) -> None:
    """Play the whole story on this machine: real mail on loopback, a clock that can jump, nothing outside touched."""
    from mailflow.demo import play  # noqa: PLC0415 - each command loads only what it needs: start-up stays quick

    raise typer.Exit(play(out, keep=keep, folder=to))


@cli.command()
def init(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing, keep every default.")] = False,
) -> None:
    """Make a folder with your own configuration, letters and keys."""
    from mailflow.newcomer import init as make  # noqa: PLC0415 - as above
    from mailflow.newcomer import questions  # noqa: PLC0415 - as above

    answers = {} if yes else {q.key: typer.prompt(q.text, default=q.default) for q in questions()}
    with _told_plainly():
        made = make(folder, answers)
    out.print(f"{len(made)} files in {folder}. Read {folder / 'mailflow.toml'}, then:")
    out.print(f"  mailflow check --config {folder}\n  mailflow run --config {folder}")
    out.print(f"Keep {folder / 'keys'} safe and apart from the database's backups: without them nothing can be read.")


@cli.command()
def check(config: Annotated[Path | None, typer.Option("--config", envvar="MAILFLOW_CONFIG")] = None) -> None:
    """Look over the whole configuration and say everything that is wrong, at once."""
    from mailflow.outgoing.render import Renderer  # noqa: PLC0415 - as above
    from mailflow.settings import load  # noqa: PLC0415 - as above

    with _told_plainly():
        settings = load(config)
    problems = Renderer(settings.templates, settings.rules, settings.instance).check()
    if problems:
        err.print("mailflow cannot start:\n" + "\n".join(f"  templates: {p}" for p in problems))
        raise typer.Exit(1)
    rules = settings.rules
    where = config or "the shipped defaults"
    out.print(
        f"{where}: all is well ({len(rules.providers)} providers, {len(rules.clbs)} CLBs, {len(rules.fields)} form fields)"
    )


@cli.command()
def run(
    config: Config = HERE,
    only: Annotated[str, typer.Option("--only", help="A comma list of: intake, work, send, schedule.")] = "",
) -> None:
    """Run the service until it is told to stop (Ctrl-C or SIGTERM)."""
    from mailflow.app import PARTS  # noqa: PLC0415 - as above
    from mailflow.app import run as serve  # noqa: PLC0415 - as above

    parts = [part.strip() for part in only.split(",") if part.strip()] or [*PARTS]
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        _stop(f"--only takes {', '.join(PARTS)}; not {', '.join(unknown)}", status=2)
    with _told_plainly():
        serve(_settings(config), parts)


@cli.command()
def inspect(
    file: Annotated[Path, typer.Argument(help="A mail as a file (.eml).")],
    role: Annotated[str, typer.Option("--as", help="Whose words: provider, referrer, desk or anyone.")] = "anyone",
    config: Annotated[Path | None, typer.Option("--config", envvar="MAILFLOW_CONFIG")] = None,
    as_json: AsJson = False,
    mail_from: Annotated[str, typer.Option("--mail-from", help="The envelope sender to judge it by.")] = "",
    client_ip: Annotated[str, typer.Option("--client-ip", help="The address it came from.")] = "127.0.0.1",
    authserv_id: Annotated[str, typer.Option("--authserv-id", help="Trust Authentication-Results of this host.")] = "",
) -> None:
    """How would this mail be read, and why? Touches nothing."""
    from mailflow.inspecting import ROLES, show  # noqa: PLC0415 - as above

    if role not in ROLES:
        _stop(f"--as takes {', '.join(ROLES)}; not {role}", status=2)
    try:
        raw = file.read_bytes()
    except OSError as fault:
        _stop(f"{file} cannot be read: {fault.strerror}", status=2)
    with _told_plainly():
        found = show(raw, _settings(config), role, mail_from=mail_from, client_ip=client_ip, authserv_id=authserv_id)
    if as_json:
        _json(found)
    else:
        from mailflow.screens import inspection  # noqa: PLC0415 - as above

        inspection(out, found)


@cli.command()
def cases(config: Config = HERE, as_json: AsJson = False) -> None:
    """The open cases, longest overdue first."""
    with _app(config) as app:
        lines = app.store.cases.lines()
    rows = [
        {"reference": c.reference, "state": c.state.value, "turn": c.turn, "waits_for": c.what, "provider": c.provider,
         "since": c.since, "due": c.due_at}
        for c in lines
    ]  # fmt: skip
    _rows(rows, as_json, "No open cases.")


@cli.command()
def case(
    reference: Annotated[str, typer.Argument(help="MSI-2026-0042, or 0042 for this year's.")],
    config: Config = HERE,
    as_json: AsJson = False,
) -> None:
    """One case: where it stands, and everything that happened to it."""
    from mailflow.core.case import timeline  # noqa: PLC0415 - as above
    from mailflow.core.watches import watch  # noqa: PLC0415 - as above

    with _app(config) as app:
        year = app.clock.now().astimezone(app.settings.rules.calendar.zone).year
        full = reference.upper() if not reference.isdigit() else f"MSI-{year}-{int(reference):04}"
        stored = app.store.cases.get(full)
        if stored is None:
            _stop(f"there is no case {full}: `mailflow cases` lists the open ones")
        open_ = watch(stored.case, app.settings.rules)
    found = {
        "reference": stored.case.reference,
        "state": stored.case.state.value,
        "since": stored.case.since,
        "provider": stored.case.provider,
        "turn": open_.party.value if open_ else None,
        "waits_for": open_.what if open_ else None,
        "due": open_.due if open_ else None,
        "timeline": list(timeline(stored.case)),
    }
    if as_json:
        _json(found)
        return
    for key, value in found.items():
        if key != "timeline":
            out.print(f"{key:10} {_shown(value)}")
    for line in found["timeline"]:
        out.print(line, markup=False, highlight=False)


@cli.command()
def mail(
    number: Annotated[int, typer.Argument(help="The number that lists and logs show.")],
    config: Config = HERE,
    as_json: AsJson = False,
) -> None:
    """One mail: what became of it, and every question that was asked of it."""
    with _app(config) as app:
        line = app.store.mails.line(number)
        if line is None:
            _stop(f"there is no mail {number}")
        trace = app.store.mails.trace(number)
    found = {
        "mail": line.id,
        "received": line.received_at,
        "size": line.size,
        "state": line.state,
        "outcome": line.outcome,
        "reference": line.reference,
        "trace": list(trace),
    }
    if as_json:
        _json(found)
        return
    for key, value in found.items():
        if key != "trace":
            out.print(f"{key:10} {_shown(value)}")
    for why in trace:
        out.print(f"  {why}", markup=False, highlight=False)


@cli.command()
def stuck(config: Config = HERE, as_json: AsJson = False) -> None:
    """Work that failed three times and waits for you; the mail itself is intact."""
    with _app(config) as app:
        rows = app.store.stuck_tasks()
    _rows(rows, as_json, "Nothing is stuck.")


@cli.command()
def retry(
    task: Annotated[int | None, typer.Argument(help="The id that `mailflow stuck` shows.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every stuck task.")] = False,
    config: Config = HERE,
) -> None:
    """Put stuck work back in the queue."""
    if (task is None) == (not every):
        _stop("name one task, or --all", status=2)
    with _app(config) as app:
        again = app.tasks.retry(task, app.clock.now())
    if not again:
        _stop("nothing to retry: `mailflow stuck` lists what is stuck")
    out.print(f"{again} put back")


@cli.command()
def digest(
    config: Config = HERE,
    send: Annotated[bool, typer.Option("--send", help="Mail it now, beside the daily one.")] = False,
) -> None:
    """Show the digest as it would be written now."""
    from mailflow.worker import digest_letter  # noqa: PLC0415 - as above

    with _app(config) as app:
        now = app.clock.now()
        if send:
            day = now.astimezone(app.settings.rules.calendar.zone)
            app.tasks.once("digest", f"digest:{day:%Y-%m-%dT%H:%M:%S}", now)
            out.print("the digest is on its way")
            return
        letter = digest_letter(app.worker, now)
    out.print(str(letter.values["day"]), highlight=False)
    sections: Any = letter.values["sections"]
    for section in sections:
        out.print(f"\n{section.title}", style="bold", highlight=False)
        for line in section.lines:
            out.print(f"  {line.reference} {line.initials} {line.text}", markup=False, highlight=False)
        if section.more:
            out.print(f"  en nog {section.more}", highlight=False)
    out.print(f"\n{letter.values['health']}", highlight=False)


@cli.command()
def form(
    txt: Annotated[
        bool, typer.Option("--txt", help="As text, to fill in and mail back (the only shape so far).")
    ] = True,
    config: Annotated[Path | None, typer.Option("--config", envvar="MAILFLOW_CONFIG")] = None,
) -> None:
    """The blank referral form."""
    from mailflow.core.blank_form import blank_form  # noqa: PLC0415 - as above

    if not txt:
        _stop("text is the only shape so far: mailflow form --txt", status=2)
    with _told_plainly():
        rules = _settings(config).rules
    sys.stdout.write(blank_form(rules.fields, rules.providers))


@cli.command()
def pause(what: Annotated[str, typer.Argument(help="send, or all")] = "send", config: Config = HERE) -> None:
    """Halt sending, or all work. Mail is still received and kept."""
    if what not in ("send", "all"):
        _stop(f"pause takes send or all; not {what}", status=2)
    with _app(config) as app:
        app.store.pause(what, app.clock.now())
    out.print(f"{what}: paused; `mailflow resume {what}` goes on")


@cli.command()
def resume(what: Annotated[str, typer.Argument(help="send, or all")] = "all", config: Config = HERE) -> None:
    """Go on after a pause."""
    if what not in ("send", "all"):
        _stop(f"resume takes send or all; not {what}", status=2)
    with _app(config) as app:
        app.store.resume(what)
    out.print(f"{what}: goes on")


def main() -> None:
    """The console script."""
    cli()


def _settings(config: Path | None) -> Any:  # noqa: ANN401 - Settings, whose import waits until a command needs it
    from mailflow.settings import load  # noqa: PLC0415 - as above

    return load(config)


@contextmanager
def _app(config: Path) -> Iterator[Any]:
    from mailflow.app import build  # noqa: PLC0415 - as above

    with _told_plainly():
        app = build(_settings(config))
    try:
        yield app
    finally:
        app.close()


@contextmanager
def _told_plainly() -> Iterator[None]:
    """What an operator can mend is told in plain words, not as a traceback."""
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415 - as above

    from mailflow.configuration.problems import ConfigError, render_problems  # noqa: PLC0415 - as above
    from mailflow.storage.migrate import TooNew  # noqa: PLC0415 - as above

    try:
        yield
    except ConfigError as fault:
        _stop(render_problems(fault.problems))
    except TooNew as fault:
        _stop(f"{fault}: install the newer mailflow, or restore a backup of before it")
    except OperationalError as fault:
        _stop(f"the database cannot be used: {str(fault.orig).splitlines()[0]}")
    except OSError as fault:
        _stop(f"{fault.strerror or type(fault).__name__}{f': {fault.filename}' if fault.filename else ''}")


def _stop(why: str, status: int = 1) -> Any:  # noqa: ANN401 - it never returns
    err.print(why, markup=False, highlight=False)
    raise typer.Exit(status)


def _json(value: object) -> None:
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=_plain)
    sys.stdout.write("\n")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return "-" if value in (None, "") else str(value)


def _rows(rows: Sequence[dict[str, Any]], as_json: bool, none: str) -> None:  # noqa: FBT001 - the --json of the command
    if as_json:
        _json(list(rows))
    elif not rows:
        out.print(none)
    else:
        table = Table(*rows[0])
        for row in rows:
            table.add_row(*(_shown(value) for value in row.values()))
        out.print(table)
