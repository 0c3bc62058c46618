"""The commands of whoever answers for the data: erase it, keep it safe, hand it over."""

# ruff: noqa: FBT002 - typer makes each option from a parameter and its default
from pathlib import Path
from typing import Annotated

import typer

from mailflow.screens import say
from mailflow.terminal import HERE, Config, Reference, case_of, opened, out, settings_of, stop, told_plainly

commands = typer.Typer()
PARTIES = {"clb": "the CLB that was asked", "sender": "whoever wrote first"}


@commands.command()
def erase(
    reference: Reference,
    config: Config = HERE,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether you are sure.")] = False,
) -> None:
    """Erase a case for good: its mails, letters and form. What happened stays, without a name. An open case ends."""
    from mailflow.core.lifecycle import ENDS  # noqa: PLC0415 - as above
    from mailflow.forgetting import erase as forget  # noqa: PLC0415 - a command loads only what it needs

    with opened(config) as app:
        stored = case_of(app, reference)
        name, still = stored.case.reference, "" if stored.case.state in ENDS else " It is still open, and ends by this."
        if not yes and not typer.confirm(f"Erase {name} for good?{still}"):
            stop("nothing was erased")
        left = forget(app, stored)
    say(out, f"{name} is erased; `mailflow case {name}` shows what happened, without names")
    if left.others:
        who = ", ".join(PARTIES.get(one, f"the {one}") for one in left.others)
        say(out, f"Others have a copy of their own, ask them to erase it too: {who}.")
    if left.copies:
        say(out, f"{left.copies} copies in a mailbox go as soon as the service runs.")
    if left.unread:
        say(out, f"{left.unread} mails that name it are not read yet (`mailflow stuck`): erase again after that.")


@commands.command()
def backup(
    file: Annotated[Path, typer.Argument(help="A new file, such as mailflow-2026-11-25.age.")], config: Config = HERE
) -> None:
    """Write the whole database to one encrypted file, while the service runs. The keys are not in it."""
    from mailflow.backup import write  # noqa: PLC0415 - as above

    with opened(config) as app:
        made = write(app, file)
    say(out, f"{file}: {made.cases} cases, {made.mails} mails, {made.letters} letters")
    say(out, "It opens with the keys of today only: keep a copy of those elsewhere.")


@commands.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A file that `mailflow backup` made.")], config: Config = HERE
) -> None:
    """Try whether a backup can be put back: open it, replay each case, and open everything that is in it."""
    from mailflow.backup import verify as look  # noqa: PLC0415 - as above

    settings = settings_of(config)
    with told_plainly(settings):
        found = look(settings, file)
    made = found.made_at.astimezone(settings.rules.calendar.zone)
    say(out, f"{file}: made {made:%Y-%m-%d %H:%M} by mailflow {found.release}")
    say(out, f"{found.cases} cases, {found.mails} mails, {found.letters} letters")
    if found.problems:
        stop("\n".join(("It cannot be relied on:", *(f"  {one}" for one in found.problems))))
    say(out, "All of it can be put back.")


@commands.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `mailflow backup` made.")],
    config: Config = HERE,
    replace: Annotated[bool, typer.Option("--replace", help="Even though the database holds something.")] = False,
) -> None:
    """Make the database what it was in a backup. Stop the service first. What was erased since stays erased."""
    from mailflow.backup import restore as put_back  # noqa: PLC0415 - as above
    from mailflow.storage.dump import sizes  # noqa: PLC0415 - as above

    with opened(config) as app:
        held = sizes(app.database)
        if (held["mail"] or held["care_case"]) and not replace:
            stop(
                f"the database holds {held['care_case']} cases and {held['mail']} mails, which would be gone.\n"
                f"Stop the service, keep what there is (mailflow backup FILE), then: mailflow restore {file} --replace"
            )
        contents, erased = put_back(app, file)
    made = contents.made_at.astimezone(app.settings.rules.calendar.zone)
    say(out, f"The database is as it was at {made:%Y-%m-%d %H:%M}: {contents.cases} cases, {contents.mails} mails.")
    if erased:
        say(out, f"{erased} cases were erased since, and are erased again.")
    say(
        out, "Mail that came after that moment is not in it: move it back from Verwerkt to the inbox, to be read again."
    )
    say(out, "Letters wait until you have looked (mailflow cases): mailflow resume")
