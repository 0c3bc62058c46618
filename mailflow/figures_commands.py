"""The commands that report: the figures of a period."""

# ruff: noqa: FBT002, PLR0917 - typer makes each option from a parameter and its default
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailflow.patience import patience
from mailflow.screens import as_json as print_json
from mailflow.screens import say
from mailflow.terminal import (
    HERE,
    LARGEST_ID,
    WRONG_USE,
    AsJson,
    Config,
    audited,
    err,
    list_rows,
    opened,
    out,
    stop,
    told_plainly,
)

if TYPE_CHECKING:
    from mailflow.core.figure_tables import Figures, Table

commands = typer.Typer()
DAYS = ["%Y-%m-%d", "%d/%m/%Y"]


@commands.command()
def figures(
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=DAYS, help="The first day; without it 1 September."),
    ] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=DAYS, help="The last day; without it today.")] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="As one page with charts.")] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", help="As a workbook.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="DIR", help="As a CSV file for each table.")] = None,
    desk: Annotated[
        bool, typer.Option("--desk", help="With what is for the meldpunt alone: what came of each provider's.")
    ] = False,
    config: Config = HERE,
    as_json: AsJson = False,
) -> None:
    """Count the referrals of a period, beside the year before; small numbers read "<5"."""
    from mailflow.core.figure_tables import Period  # noqa: PLC0415 - a command loads only what it needs
    from mailflow.figuring import figures_of, school_year_so_far, write  # noqa: PLC0415 - as above
    from mailflow.outgoing.figures_files import as_json as told  # noqa: PLC0415 - as above

    with opened(config) as app:
        now, rules = app.clock.now(), app.store.rules
        so_far = school_year_so_far((last or now.astimezone(rules.calendar.zone)).date())
        period = Period(first.date() if first else so_far.first, so_far.last)
        if period.last < period.first:
            stop("the last day comes before the first", status=WRONG_USE)
        with patience(err, "counting"):
            found = figures_of(app.store, rules, period, now)
        tables = (*found.tables, *(found.for_the_desk if desk else ()))
        with told_plainly(app.settings):
            files = write(found, tables, rules.desk.name, html=html, xlsx=xlsx, csv=csv)
    if as_json:
        print_json(told(found, tables))
    elif files:
        say(out, "\n".join(map(str, files)))
    else:
        _show(found, tables)


@commands.command()
def signals(
    drop: Annotated[
        int | None, typer.Option("--drop", min=1, max=LARGEST_ID, help="Take this one out, by its number.")
    ] = None,
    config: Config = HERE,
    as_json: AsJson = False,
) -> None:
    """List what parties mailed for the working group ("signaal: ..."); it comes out with the figures too."""
    with opened(config) as app:
        if drop is not None:
            if not app.store.signals.drop(drop):
                stop(f"there is no signal {drop}")
            say(out, f"signal {drop} is dropped")
            return
        audited(app, "signals", "all")
        rows = [
            {"number": one.mail, "from": one.role, "came": one.at, "text": " ".join(one.text.split())}
            for one in app.store.signals.lines()
        ]
        list_rows(app, rows, as_json, "No signals.")


survey = typer.Typer(no_args_is_help=True, help="The yearly survey of the needs of children under 12.")
commands.add_typer(survey, name="survey")
Year = Annotated[
    int | None,
    typer.Option("--year", min=2000, max=2100, help="The school year, by the year it begins in; else this one."),
]


@survey.command("start")
def survey_start(year: Year = None, config: Config = HERE) -> None:
    """Mail the short form to the contact address of each CLB that was not asked yet."""
    from mailflow.core.school_year import school_year_of  # noqa: PLC0415 - as above
    from mailflow.surveying import start  # noqa: PLC0415 - as above

    with opened(config) as app:
        rules, now = app.store.rules, app.clock.now()
        about = year if year is not None else school_year_of(now.astimezone(rules.calendar.zone).date())
        audited(app, "survey", f"start {about}")
        done = start(app.worker.means, about)
    say(
        out,
        f"survey {about}-{about + 1}: {len(done.asked)} CLBs are asked, once the service runs and the desk is open",
    )
    for words, keys in (("asked before", done.before), ("no contact in clbs.toml", done.unknown)):
        if keys:
            say(out, f"{words}: {', '.join(keys)}")


@survey.command("show")
def survey_show(
    year: Year = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="As one page.")] = None,
    desk: Annotated[bool, typer.Option("--desk", help="With what each CLB answered: for the meldpunt alone.")] = False,
    config: Config = HERE,
    as_json: AsJson = False,
) -> None:
    """Sum up the newest survey: who answered, what they counted and miss, and what was logged here."""
    from mailflow.outgoing.figures_files import tables_json  # noqa: PLC0415 - as above
    from mailflow.surveying import survey_page, survey_tables  # noqa: PLC0415 - as above

    with opened(config) as app:
        about = year if year is not None else app.store.surveys.newest()
        if about is None:
            stop("no survey was started yet: mailflow survey start")
        with patience(err, "counting"):
            for_all, for_the_desk = survey_tables(app.store, app.store.rules, about)
        tables = (*for_all, *(for_the_desk if desk else ()))
        if html:
            with told_plainly(app.settings):
                html.write_text(survey_page(tables, for_the_desk, about, app.store.rules, app.clock.now()), "utf-8")
    if as_json:
        print_json({"survey": about, "tables": tables_json(tables)})
    elif html:
        say(out, str(html))
    else:
        _tables(tables)


def _show(found: "Figures", tables: "Sequence[Table]") -> None:
    """The same on a terminal, below each other."""
    say(out, f"Figures of {found.period.text}: {found.came.text} referrals, a year before {found.came_before.text}")
    _tables(tables)


def _tables(tables: "Sequence[Table]") -> None:
    for one in tables:
        say(out, f"\n{one.title}", style="bold")
        if all(isinstance(cell, str) for row in one.rows for cell in row.cells):
            for row in one.rows:
                say(out, f"  {row.label}: {' '.join(cell for cell in row.cells if isinstance(cell, str))}")
            continue
        lines = [one.heads[1:], *(row.cells for row in (*one.rows, *([one.total] if one.total else ())))]
        labels = ["", *(row.label for row in (*one.rows, *([one.total] if one.total else ())))]
        words = [[cell if isinstance(cell, str) else cell.text for cell in line] for line in lines]
        wide = [max(map(len, column)) for column in zip(*words, strict=True)]
        for label, line in zip(labels, words, strict=True):
            numbers = "  ".join(cell.rjust(width) for cell, width in zip(line, wide, strict=True))
            say(out, f"  {label:{max(map(len, labels))}}  {numbers}")
