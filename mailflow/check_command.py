"""The command that looks over a configuration, and on request the cases kept and the world outside."""

# ruff: noqa: FBT002 - typer makes each option from a parameter and its default
from pathlib import Path
from typing import Annotated

import typer

from mailflow.patience import patience
from mailflow.screens import say
from mailflow.shipped import WEIGHTS
from mailflow.terminal import WRONG_USE, ConfigOrShipped, err, opened, out, settings_of, stop


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
    from mailflow.configuration.form_order import asked_now, form_hints, form_text  # noqa: PLC0415 - start-up stays quick
    from mailflow.gallery import wrong_letters  # noqa: PLC0415 - as above

    settings = settings_of(config)
    rules = settings.rules
    if problems := wrong_letters(settings):
        stop("mailflow cannot start:\n" + "\n".join(f"  templates: {problem}" for problem in problems))
    try:
        _ = rules.words  # which is put off as shipped: mail can come in before
    except ValueError as fault:
        stop(f"mailflow cannot start:\n  {WEIGHTS.name}: {fault}")
    counts = f"{len(rules.providers)} providers, {len(rules.clbs)} CLBs, {len(rules.fields)} form fields"
    say(out, f"{config or 'the shipped defaults'}: all is well ({counts})")
    if asked := asked_now(settings.folder, rules.fields):
        say(out, "  form.toml is your own: its fields under each heading, by `asked`")
        for line in asked:
            say(out, f"    {line}")
    for hint in form_hints(form_text(settings.folder), rules.fields):
        say(out, f"  hint: {hint}")
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
