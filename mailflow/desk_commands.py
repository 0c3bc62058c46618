"""The commands of the meldpunt worker: what she types in an answer to her digest, typed here."""

# ruff: noqa: FBT002 - typer makes each option from a parameter and its default
from datetime import datetime
from typing import Annotated

import typer

from mailflow.screens import say
from mailflow.terminal import HERE, Config, Reference, audited, case_of, opened, out, stop

commands = typer.Typer()
Day = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d", "%d/%m/%Y"], help="2026-12-23 or 23/12/2026.")]


@commands.command()
def desk(
    line: Annotated[str, typer.Argument(help='"0042 stuur naar NAFT VBO"; "hulp" lists what can be typed.')],
    config: Config = HERE,
) -> None:
    """Do what the desk could type in an answer to its digest: the same orders, decided in the same way."""
    _do(line, config, what="desk", about="")


@commands.command()
def note(
    reference: Reference,
    words: Annotated[str, typer.Argument(help='What a party said by phone: "aanvaard", "wachtlijst", "gesproken".')],
    config: Config = HERE,
) -> None:
    """Write down what a party of a case said by phone; the others hear it as if it had been mailed."""
    with opened(config) as app:
        name = case_of(app, reference).case.reference
    _do(f"{name} noteer {words}", config, what="note", about=name)


@commands.command()
def search(
    last_name: Annotated[str, typer.Argument(help="The pupil's last name.")],
    birth_date: Day,
    config: Config = HERE,
) -> None:
    """Find the cases of a pupil, by last name and birth date."""
    _do(f"zoek {last_name} {birth_date:%d/%m/%Y}", config, what="search", about="")


@commands.command()
def close(
    first: Day,
    last: Day,
    config: Config = HERE,
    lift: Annotated[bool, typer.Option("--lift", help="Open after all: take back what was told before.")] = False,
) -> None:
    """Tell that the desk is closed on these days, both included: nothing leaves, and its terms stand still."""
    words = f"{'niet ' if lift else ''}gesloten van {first:%d/%m/%Y} tot en met {last:%d/%m/%Y}"
    _do(words, config, what="close", about=f"{first:%Y-%m-%d} {last:%Y-%m-%d}")


def _do(line: str, config: Config, *, what: str, about: str) -> None:
    from mailflow.at_desk import typed  # noqa: PLC0415 - a command loads only what it needs

    if "\n" in line:
        stop("one line at a time")
    with opened(config) as app:
        audited(app, what, about)
        rows = typed(app, line)
    for row in rows:
        say(out, f"{row.label}: {row.value}" if row.value else row.label)
    if any(row.label == "niet uitgevoerd" or row.value.startswith("niet uitgevoerd") for row in rows):
        raise typer.Exit(1)
