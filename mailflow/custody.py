"""The commands of whoever answers for the data: erase it, keep it safe, hand it over."""

# ruff: noqa: FBT002 - typer makes each option from a parameter and its default
from typing import Annotated

import typer

from mailflow.screens import say
from mailflow.terminal import HERE, Config, Reference, case_of, opened, out, stop

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
