"""The commands that follow up: who waits for a provider, and what a party still owes."""

# ruff: noqa: FBT002 - typer makes each option from a parameter and its default
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailflow.terminal import FOLDER, HERE, AsJson, Config, audited, list_rows, opened, stop

if TYPE_CHECKING:
    from mailflow.core.provider import Provider

commands = typer.Typer()


def completed() -> list[str]:
    """The keys of the providers, for a shell that completes what is typed."""
    from mailflow.configuration.problems import ConfigError  # noqa: PLC0415 - a command loads only what it needs
    from mailflow.settings import load  # noqa: PLC0415 - as above

    try:
        return sorted(load(Path(os.environ.get(FOLDER, HERE))).rules.providers)
    except ConfigError:
        return []


Key = Annotated[str, typer.Argument(help="Its key in providers.toml, such as naft-vbo.", autocompletion=completed)]


@commands.command()
def providers(config: Config = HERE, as_json: AsJson = False) -> None:
    """List the providers: whom they take, and how many open cases each has, waiting and late ones apart."""
    from mailflow.core.digest_parts import ON_THE_LIST  # noqa: PLC0415 - as above
    from mailflow.core.lifecycle import Party  # noqa: PLC0415 - as above

    with opened(config) as app:
        now = app.clock.now()
        full = app.store.full_providers(now.astimezone(app.settings.rules.calendar.zone).date())
        lines = app.store.cases.lines(limit=None)
        rows = []
        for key, one in app.settings.rules.providers.items():
            own = [line for line in lines if line.provider == key]
            late = [i for i in own if i.turn == Party.PROVIDER and i.due_at and i.due_at < now]
            waiting = sum(i.state in ON_THE_LIST for i in own)
            rows.append({
                "key": key, "name": one.name, "ages": _ages(one), "full": key in full,
                "open": len(own), "waiting": waiting, "late": len(late),
            })  # fmt: skip
        list_rows(app, rows, as_json, "There are no providers.")


def _ages(provider: "Provider") -> str | None:
    if provider.maximum_age is None:
        return None if provider.minimum_age is None else f"{provider.minimum_age}+"
    return f"{provider.minimum_age or 0}-{provider.maximum_age}"


@commands.command()
def waitlist(
    provider: Key,
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
    party: Annotated[
        str,
        typer.Argument(
            help="The address of a CLB worker or a provider, or a provider's key.", autocompletion=completed
        ),
    ],
    config: Config = HERE,
    as_json: AsJson = False,
) -> None:
    """Show what a party still owes, as its weekly overview would say it now; nothing is sent."""
    from mailflow.core.known_senders import clb_of, provider_of  # noqa: PLC0415 - as above
    from mailflow.overviews import owed_now  # noqa: PLC0415 - as above

    with opened(config) as app:
        audited(app, "overview", "")
        rules = app.store.rules
        provider = rules.providers.get(party) or provider_of(party.lower(), rules.providers)
        address = provider.address.lower() if provider else party.lower()
        owes = owed_now(app.worker.means).get(address, ())
        if not (owes or provider or clb_of(address, rules.clbs)):
            known = ", ".join(sorted(rules.providers))
            stop(f"nobody is known as {party}: write the address of a CLB worker or a provider, or one of {known}")
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
