"""The commands of whoever looks after a running mailflow: see the cases, why a mail was so treated, what is stuck."""

# ruff: noqa: FBT002 - typer makes each option from a parameter and its default
from collections.abc import Mapping
from datetime import tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailflow.mail_command import mail
from mailflow.patience import patience
from mailflow.screens import as_json as print_json
from mailflow.screens import facts, say
from mailflow.terminal import (
    FAILED,
    HERE,
    LARGEST_ID,
    WRONG_USE,
    AsJson,
    Config,
    Reference,
    audited,
    case_of,
    err,
    list_rows,
    opened,
    out,
    settings_of,
    stop,
)

if TYPE_CHECKING:
    from mailflow.app import App

commands = typer.Typer()


class What(StrEnum):
    """What can be halted."""

    SEND = "send"
    ALL = "all"


@commands.command()
def cases(config: Config = HERE, as_json: AsJson = False) -> None:
    """List the open cases, the longest overdue first."""
    with opened(config) as app:
        rows = [
            {"reference": one.reference, "state": one.state.value, "turn": one.turn or None,
             "waits_for": one.what or None, "provider": one.provider or None, "since": one.since, "due": one.due_at}
            for one in app.store.cases.lines()
        ]  # fmt: skip
        list_rows(app, rows, as_json, "No open cases.")


@commands.command()
def case(reference: Reference, config: Config = HERE, as_json: AsJson = False) -> None:
    """Show one case: where it stands, and everything that happened to it."""
    from mailflow.core.case import timeline  # noqa: PLC0415 - as above
    from mailflow.core.watches import watch  # noqa: PLC0415 - as above
    from mailflow.exporting import replaced  # noqa: PLC0415 - as above

    with opened(config) as app:
        stored = case_of(app, reference)
        audited(app, "case", stored.case.reference)
        promise = watch(stored.case, app.store.rules)
        mails = app.store.mails.of_case(stored.id)
        shown = {
            "reference": stored.case.reference,
            "state": stored.case.state.value,
            "since": stored.case.since,
            "provider": stored.case.provider or None,
            "turn": promise.party.value if promise else None,
            "waits_for": promise.what if promise else None,
            "due": promise.due if promise else None,
            "leaves": app.tasks.release_of(stored.id),
            "mails": list(mails),
            "replaced": replaced(stored.case, app.settings.rules),
            "timeline": list(timeline(stored.case)),
        }
        if as_json:
            print_json(shown)
        else:
            del shown["due" if shown["leaves"] else "leaves"]  # when it leaves says more than when that would be late
            told = {"mails": ", ".join(map(str, mails)), "timeline": [*timeline(stored.case, _zone(app))]}
            facts(out, {**shown, **told}, _zone(app))


commands.command()(mail)


@commands.command()
def stuck(config: Config = HERE, as_json: AsJson = False) -> None:
    """List the work that failed three times and waits for you; the mail itself is intact."""
    with opened(config) as app:
        list_rows(app, app.store.stuck_tasks(), as_json, "Nothing is stuck.")


@commands.command()
def retry(
    task: Annotated[
        int | None, typer.Argument(min=1, max=LARGEST_ID, help="The id that `mailflow stuck` shows.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every stuck task.")] = False,
    config: Config = HERE,
) -> None:
    """Put stuck work back in the queue."""
    if (task is None) == (not every):
        stop("name one task, or --all", status=WRONG_USE)
    with opened(config) as app:
        again = app.tasks.retry(task, app.clock.now())
    if task is not None and not again:
        stop(f"task {task} is not stuck: `mailflow stuck` lists what is")
    say(out, f"{again} put back" if again else "Nothing is stuck.")


@commands.command()
def settle(
    mail: Annotated[int, typer.Argument(min=1, max=LARGEST_ID, help="The number that the digest shows.")],
    words: Annotated[str, typer.Argument(help='What the desk would answer: "negeer", "ouder", "CLB: ...".')] = "negeer",
    config: Config = HERE,
) -> None:
    """Say what a mail is that is held or in quarantine; without words: it needs nothing more."""
    from mailflow.settling import settle as obey  # noqa: PLC0415 - as above

    with opened(config) as app:
        audited(app, "settle", f"mail {mail}")
        if app.store.mails.line(mail) is None:
            stop(f"there is no mail {mail}")
        why = obey(app.worker.means, mail, words)
    if why:
        stop(f"mail {mail} is not settled: {why}")
    say(out, f"mail {mail} is settled")


@commands.command()
def senders(
    config: Config = HERE,
    as_json: AsJson = False,
    forget: Annotated[
        int | None, typer.Option("--forget", min=1, max=LARGEST_ID, help="Take this one out, by its number.")
    ] = None,
) -> None:
    """List the senders that the desk said to remember ("onthoud"), and what their mails are taken for."""
    with opened(config) as app:
        audited(app, "senders", f"forget {forget}" if forget is not None else "")
        if forget is not None:
            if not app.store.senders.forget(forget):
                stop(f"there is no remembered sender {forget}")
            say(out, f"sender {forget} is forgotten")
            return
        rows = [
            {"number": one.id, "who": one.remembered.who, "taken_for": one.remembered.meaning.value,
             "clb": one.remembered.clb or None, "since": one.since}
            for one in app.store.senders.lines()
        ]  # fmt: skip
        list_rows(app, rows, as_json, "Nobody is remembered.")


@commands.command()
def digest(
    config: Config = HERE,
    send: Annotated[bool, typer.Option("--send", help="Mail it now, beside the daily one.")] = False,
    open_: Annotated[bool, typer.Option("--open", help="Show it in the browser, as the mail would look.")] = False,
) -> None:
    """Show the digest as it would be written now; it is not sent."""
    from mailflow.browsing import browse  # noqa: PLC0415 - a command loads only what it needs
    from mailflow.digesting import digest_letter  # noqa: PLC0415 - as above

    if send and open_:
        stop("--send and --open do not go together", status=WRONG_USE)
    with opened(config) as app:
        now = app.clock.now()
        if send:
            app.tasks.once("digest", f"digest:{now.astimezone(_zone(app)):%Y-%m-%dT%H:%M:%S}", now)
            say(out, "the digest leaves as soon as the service runs")
            return
        audited(app, "digest", "")
        with patience(err, "Reading the cases"):
            letter = digest_letter(app.worker.means)
        if open_:
            browse(config, app, letter)
            return
    values: Mapping[str, Any] = letter.values
    say(out, str(values["day"]), style="bold")
    say(out, str(values["summary"]))
    for section in values["sections"]:
        say(out, f"\n{section.title}", style="bold")
        for line in section.lines:
            say(out, "  " + " ".join(filter(None, (line.reference, line.initials, line.text))))
        if section.more:
            say(out, f"  en nog {section.more}{f': {section.whose}' if section.whose else ''}")
    say(out, f"\n{values['health']}")


@commands.command()
def pause(
    what: Annotated[What, typer.Argument(help="Letters only, or all work.")] = What.SEND, config: Config = HERE
) -> None:
    """Halt sending, or all work. Mail is still received and kept."""
    with opened(config) as app:
        app.store.pause(what.value, app.clock.now())
    say(out, f"{what.value}: paused; `mailflow resume` goes on")


@commands.command()
def resume(
    what: Annotated[What, typer.Argument(help="Letters only, or everything.")] = What.ALL, config: Config = HERE
) -> None:
    """Go on after a pause."""
    with opened(config) as app:
        app.store.resume(what.value)
        halted = sorted(app.store.paused())
    say(out, f"{what.value}: goes on" + (f"; still paused: {', '.join(halted)}" if halted else ""))


@commands.command()
def login(
    name: Annotated[
        str, typer.Argument(metavar="[MAILBOX]", help="The name of a mailbox, or sending; without it all of them.")
    ] = "",
    config: Config = HERE,
) -> None:
    """Try the login of a mailbox, and of the server that takes letters. Nothing is read, moved or sent."""
    from mailflow.logins import SENDING, try_all  # noqa: PLC0415 - as above

    settings = settings_of(config)
    known = [*(mailbox.name for mailbox in settings.mailboxes), SENDING]
    if name and name not in known:
        stop(f"there is no mailbox {name}: name one of {', '.join(known)}", status=WRONG_USE)
    failed = 0
    for tried in try_all(settings.mailboxes, settings.submission, name):
        say(out, f"{tried.name}: {tried.what}{f'. {tried.remedy}' if tried.remedy else ''}")
        failed += not tried.well
    if failed:
        raise typer.Exit(FAILED)


@commands.command()
def unit(config: Config = HERE) -> None:
    """Print a systemd unit for this folder: mailflow unit > /etc/systemd/system/mailflow.service."""
    from mailflow.unit import unit as text  # noqa: PLC0415 - as above

    settings = settings_of(config)
    stop_seconds = int(settings.submission.timeout) + 30
    typer.echo(text(config, name=settings.rules.desk.name, stop_seconds=stop_seconds), nl=False)


def _zone(app: "App") -> tzinfo:
    return app.settings.rules.calendar.zone
