"""What would we make of this answer? `mailflow answers try` shows the reading, and the words that it comes from."""

# ruff: noqa: FBT002 - typer makes each option from a parameter and its default
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailflow.screens import as_json as print_json
from mailflow.screens import say
from mailflow.terminal import AsJson, ConfigOrShipped, out, settings_or_shipped, stop

if TYPE_CHECKING:
    from mailflow.settings import Settings

LIKELIEST = 3
"""So many actions are shown of those that the words weigh towards."""
answers = typer.Typer(help="What people answer, and how it is read.", no_args_is_help=True)
commands = typer.Typer()
commands.add_typer(answers, name="answers")


class Role(StrEnum):
    """Who writes the answer."""

    PROVIDER = "provider"
    REFERRER = "referrer"
    DESK = "desk"


@answers.callback()
def about() -> None:
    """What people answer, and how it is read."""


@answers.command("try")
def try_answer(
    text: Annotated[str, typer.Argument(help="What somebody answers, in quotes.")],
    role: Annotated[Role, typer.Option("--as", help="Who writes it.")] = Role.PROVIDER,
    asked: Annotated[
        str, typer.Option(help="The action that a bare yes would mean, as our question offered it: keep, confirm.")
    ] = "",
    config: ConfigOrShipped = None,
    as_json: AsJson = False,
) -> None:
    """Show how an answer would be read: the action and its evidence, and what each phrase in it was taken for."""
    from mailflow.core.phrases import ACTIONS  # noqa: PLC0415 - a command loads only what it needs

    settings = settings_or_shipped(config, "words", quiet=as_json)
    if asked and asked not in ACTIONS:
        stop(f"--asked: {asked} is no action; there are {', '.join(sorted(ACTIONS))}")
    found = _tried(text, role, asked or None, settings)
    if as_json:
        print_json(found)
        return
    say(out, f"{'read as':9} {found['action']}", "bold")
    for key in ("evidence", "why", "day", "also", "codes"):
        if found[key]:
            say(out, f"{key:9} {found[key] if isinstance(found[key], str) else _listed(found[key])}")
    for one in found["phrases"]:
        say(out, f"  {one['action']:20} {one['standing']:7} “{one['words']}”")
    for one in found["weighed"]:
        say(out, f"  {one['action']:20} {one['likelihood']:7.0%} by its words: {', '.join(one['because'])}")


def _tried(text: str, role: Role, asked: str | None, settings: "Settings") -> dict[str, Any]:
    from mailflow.app import clock_of  # noqa: PLC0415 - as above
    from mailflow.core.answer import LONGEST, Unclear  # noqa: PLC0415 - as above
    from mailflow.core.statements import heard  # noqa: PLC0415 - as above
    from mailflow.core.two_readers import read_twice  # noqa: PLC0415 - as above

    rules = settings.rules
    today = clock_of(settings).now().astimezone(rules.calendar.zone).date()
    read = read_twice(text, role.value, rules.words, today=today, asked=asked)
    said = heard(text[:LONGEST], rules.words.lexicons[role.value])
    found: dict[str, Any] = {"action": "unclear", "evidence": "", "why": "", "day": "", "also": [], "codes": {}}
    if isinstance(read, Unclear):
        found |= {"why": read.why}
    else:
        found |= {"action": read.action, "evidence": read.evidence, "also": list(read.also), "codes": dict(read.codes)}
        found |= {"day": read.day.isoformat() if read.day else ""}
    phrases = [{"action": one.action, "standing": one.standing.value, "words": one.evidence} for one in said.statements]
    weighed = []
    if (second := rules.words.second) and said.sentences:
        likelihoods = second.opinion(text[:LONGEST], role.value, asked).likely
        for action in sorted(likelihoods, key=lambda one: -likelihoods[one])[:LIKELIEST]:
            because = list(second.because(text[:LONGEST], role.value, asked, action))
            weighed.append({"action": action, "likelihood": round(likelihoods[action], 3), "because": because})
    return found | {"phrases": phrases, "weighed": weighed}


def _listed(found: Mapping[str, str] | Sequence[str]) -> str:
    if isinstance(found, Mapping):
        return ", ".join(f"{key} {value}" for key, value in found.items())
    return ", ".join(found)
