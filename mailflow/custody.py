"""The commands of whoever answers for the data: erase it, keep it safe, hand it over."""

# ruff: noqa: FBT002 - typer makes each option from a parameter and its default
import re
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from mailflow.patience import patience
from mailflow.screens import as_json as print_json
from mailflow.screens import say, table
from mailflow.terminal import (
    HERE,
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
    told_plainly,
)

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
    from mailflow.erasing import LegalHold  # noqa: PLC0415 - as above
    from mailflow.forgetting import erase as forget  # noqa: PLC0415 - a command loads only what it needs

    with opened(config) as app:
        stored = case_of(app, reference)
        if order := stored.case.legal_hold:
            raise LegalHold(stored.case.reference, order)
        name, still = stored.case.reference, "" if stored.case.state in ENDS else " It is still open, and ends by this."
        if not yes and not typer.confirm(f"Erase {name} for good?{still}"):
            stop("nothing was erased")
        audited(app, "erase", name)
        with patience(err, f"Erasing {name}"):
            left = forget(app, stored)
    say(out, f"{name} is erased; `mailflow case {name}` shows what happened, without names")
    if left.others:
        who = ", ".join(PARTIES.get(one, f"the {one}") for one in left.others)
        say(out, f"Others have a copy of their own, ask them to erase it too: {who}.")
    if left.held:
        say(out, f"{left.held} mails are about a case under a legal hold too: they go after that (mailflow hold).")
    if left.shared:
        also = ", ".join(left.shared)
        say(out, f"The mail with its form holds that of {also} too: it stays for that, and goes when that is erased.")
    if left.copies:
        say(out, f"{left.copies} copies in a mailbox go as soon as the service runs.")
    if left.unread:
        say(out, f"{left.unread} mails that name it are not read yet (`mailflow stuck`): erase again after that.")


@commands.command()
def hold(
    reference: Annotated[str, typer.Argument(metavar="[REF]", help="Without it: list what is held.")] = "",
    why: Annotated[str, typer.Option(help="The reference of the order, such as JR-2026/114; no name.")] = "",
    lift: Annotated[bool, typer.Option("--lift", help="It may be erased again, by its terms or on request.")] = False,
    config: Config = HERE,
    as_json: AsJson = False,
) -> None:
    """Legal hold: nothing of this case is erased, by nobody and by no term, until it is lifted."""
    from mailflow.forgetting import hold as keep  # noqa: PLC0415 - as above

    if reference and not lift and not re.fullmatch(r"[A-Za-z0-9./_-]{1,40}", why):
        stop("--why takes the reference of the order: letters, digits and ./_- only, so no name", status=WRONG_USE)
    with opened(config) as app:
        if not reference:
            orders = ((one.case.reference, one.case.legal_hold) for one in app.store.cases.held())
            rows = [{"reference": name, "since": o.at, "why": o.codes["why"]} for name, o in orders if o]
            list_rows(app, rows, as_json, "Nothing is held.")
            return
        stored = case_of(app, reference)
        name = stored.case.reference
        if stored.case.erased and not lift:
            stop(f"{name} is erased already: there is nothing left to hold")
        audited(app, "lift hold" if lift else "hold", name)
        keep(app, stored, "" if lift else why)
    say(
        out,
        f"{name} may be erased again" if lift else f"nothing of {name} is erased until: mailflow hold {name} --lift",
    )


@commands.command()
def backup(
    file: Annotated[Path, typer.Argument(help="A new file, such as mailflow-2026-11-25.age.")], config: Config = HERE
) -> None:
    """Write the whole database to one encrypted file, while the service runs. The keys are not in it."""
    from mailflow.backup import write  # noqa: PLC0415 - as above

    with opened(config) as app:
        audited(app, "backup", "")
        with patience(err, "Backing up") as told:
            made = write(app, file, told)
    say(out, f"{file}: {made.cases} cases, {made.mails} mails, {made.letters} letters")
    say(out, "It opens with the keys of today only: keep a copy of those elsewhere.")


@commands.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A file that `mailflow backup` made.")], config: Config = HERE
) -> None:
    """Try whether a backup can be put back: open it, replay each case, and open everything that is in it."""
    from mailflow.backup import verify as look  # noqa: PLC0415 - as above

    settings = settings_of(config)
    with told_plainly(settings), patience(err, "Looking at every row") as told:
        found = look(settings, file, told)
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
    from mailflow.audit_log import RESTORED  # noqa: PLC0415 - as above
    from mailflow.backup import restore as put_back  # noqa: PLC0415 - as above
    from mailflow.holders import is_alive  # noqa: PLC0415 - as above
    from mailflow.storage.dump import sizes  # noqa: PLC0415 - as above

    with opened(config) as app:
        if [one for one in app.leases.holders() if is_alive(one)]:
            stop("mailflow is running on this database: stop it first (systemctl stop mailflow), then try again")
        held = sizes(app.database)
        if (held["mail"] or held["care_case"]) and not replace:
            stop(
                f"the database holds {held['care_case']} cases and {held['mail']} mails, which would be gone.\n"
                f"Stop the service, keep what there is (mailflow backup FILE), then: mailflow restore {file} --replace"
            )
        before = len(app.store.audits.lines())
        with patience(err, "Putting it back"):
            contents, erased = put_back(app, file)
        after = len(app.store.audits.lines())
        gone = f"lines {after + 1} to {before} are gone" if before > after else ""
        audited(app, "restore", gone, restored=RESTORED)
    made = contents.made_at.astimezone(app.settings.rules.calendar.zone)
    say(out, f"The database is as it was at {made:%Y-%m-%d %H:%M}: {contents.cases} cases, {contents.mails} mails.")
    if erased:
        say(out, f"{erased} cases were erased since, and are erased again.")
    say(
        out, "Mail that came after that moment is not in it: move it back from Verwerkt to the inbox, to be read again."
    )
    say(out, "Letters wait until you have looked (mailflow cases): mailflow resume")


@commands.command()
def export(reference: Reference, config: Config = HERE, as_json: AsJson = False) -> None:
    """Print everything that is kept on one case: form, timeline, mails and letters, for whoever may ask for it."""
    from mailflow.exporting import export as everything  # noqa: PLC0415 - as above
    from mailflow.exporting import page  # noqa: PLC0415 - as above

    with opened(config) as app:
        stored = case_of(app, reference)
        audited(app, "export", stored.case.reference)
        found = everything(app, stored)
    if as_json:
        print_json(found)
    else:
        say(out, page(found))


@commands.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="An XLSX file: headings in the first row, a case in each next one.")],
    config: Config = HERE,
    make: Annotated[
        bool, typer.Option("--make", help="Make the cases; without it, only show what would be made.")
    ] = False,
) -> None:
    """Take over a list of open cases. Headings are labels of the form, and Stand and Sinds. Nothing is mailed by it."""
    from mailflow.listing import keep, read  # noqa: PLC0415 - as above

    with opened(config) as app:
        with patience(err, "Reading the rows"):
            found = read(app, file)
        for entry in found.entries:
            place = f"row {entry.number}: "
            state = entry.state.value if entry.state else "?"
            since = f"{entry.since:%d/%m/%Y}" if entry.since else "?"
            fine = f"{state} since {since}, {entry.values.get('provider') or 'no provider'}"
            say(out, place + ("; ".join(entry.problems) or fine), style="red" if entry.problems else "")
        if found.left_out:
            say(out, f"No label of the form, so left out: {', '.join(found.left_out)}")
        wrong = sum(bool(entry.problems) for entry in found.entries)
        if wrong:
            stop(f"{wrong} of {len(found.entries)} rows cannot be taken over; nothing was made")
        if not make:
            say(out, f"{len(found.entries)} cases would be made: mailflow import {file} --make")
            return
        audited(app, "import", f"{len(found.entries)} cases")
        references = keep(app, found.entries)
    say(out, f"{len(references)} cases are made, {references[0]} to {references[-1]}" if references else "No rows.")


audit = typer.Typer(invoke_without_command=True, help="Who looked at, handed out or erased what.")
commands.add_typer(audit, name="audit")


@audit.callback()
def look(context: typer.Context, config: Config = HERE, as_json: AsJson = False) -> None:
    """List who looked at, handed out or erased what with these commands."""
    if context.invoked_subcommand is not None:
        return
    with opened(config) as app:
        rows = [asdict(line) for line in app.store.audits.lines()]
        if as_json:
            print_json(rows)
        elif rows:
            table(out, rows, app.settings.rules.calendar.zone)
        else:
            say(out, "Nothing yet.")


@audit.command("verify")
def verify_audit(config: Config = HERE) -> None:
    """Check that no line of that list, and no event of any case, was changed, taken out or put in."""
    from mailflow.audit_log import read  # noqa: PLC0415 - as above
    from mailflow.soundness import cases  # noqa: PLC0415 - as above

    with opened(config) as app:
        known, count = read(app.settings.keys_folder), len(app.store.audits.lines())
        broken, last = app.store.audits.broken(known), max(known, default=0)
        problems = [f"audit: line {broken} was changed, taken out or put in"] if broken and broken <= count else []
        problems += [f"audit: its end was cut off: it had {last} lines, and has {count}"] if last > count else []
        with patience(err, "Replaying the cases") as told:
            problems += cases(app.store, app.settings.rules, told)
    if problems:
        stop("\n".join(problems))
    say(out, f"{count} lines, and the events of every case, are as they were written")
