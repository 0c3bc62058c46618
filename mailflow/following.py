"""The commands that follow up: who waits for a provider, and what a party still owes."""

# ruff: noqa: FBT002 - typer makes each option from a parameter and its default
from typing import Annotated

import typer

from mailflow.operating import list_rows
from mailflow.terminal import HERE, AsJson, Config, opened, stop

commands = typer.Typer()


@commands.command()
def waitlist(
    provider: Annotated[str, typer.Argument(help="Its key in providers.toml, such as naft-vbo.")],
    config: Config = HERE,
    as_json: AsJson = False,
) -> None:
    """Show who waits for a provider, and since when."""
    from mailflow.core.provider_mail import WAITING, by_date, waits_since  # noqa: PLC0415 - as above

    with opened(config) as app:
        if provider not in app.settings.rules.providers:
            stop(f"there is no provider {provider}: {', '.join(sorted(app.settings.rules.providers))}")
        found = by_date([one.case for one in app.store.cases.all_open(WAITING, provider)])
        rows = [{"reference": one.reference, "since": waits_since(one), "state": one.state.value} for one in found]
        list_rows(app, rows, as_json, "Nobody waits.")


@commands.command()
def overview(
    party: Annotated[str, typer.Argument(help="The address of a provider or a CLB worker.")],
    config: Config = HERE,
    as_json: AsJson = False,
) -> None:
    """Show what a party still owes, as its weekly overview would say it now; nothing is sent."""
    from mailflow.overviews import owed_now  # noqa: PLC0415 - as above

    with opened(config) as app:
        owes = owed_now(app.store, app.store.rules, app.clock.now()).get(party.lower(), ())
        rows = [
            {
                "reference": one.case.reference,
                "waits_for": one.open_.what,
                "since": one.open_.since,
                "due": one.open_.due,
            }
            for one in owes
        ]
        list_rows(app, rows, as_json, "That party owes nothing.")
