"""Why was that mail held, or answered so? The command that shows one mail, or the newest."""

# ruff: noqa: FBT002 - typer makes each option from a parameter and its default
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailflow.screens import as_json as print_json
from mailflow.screens import facts
from mailflow.terminal import HERE, LARGEST_ID, AsJson, Config, audited, list_rows, opened, out, stop

if TYPE_CHECKING:
    from mailflow.app import App
    from mailflow.storage.mails import MailLine

NEWEST = 20
"""So many mails are listed."""


def mail(
    number: Annotated[
        int | None,
        typer.Argument(min=1, max=LARGEST_ID, help="As lists and logs show it; without it: the newest mails."),
    ] = None,
    config: Config = HERE,
    as_json: AsJson = False,
) -> None:
    """Show one mail: who wrote it, what became of it and why, and every question that was asked of it."""
    with opened(config) as app:
        if number is None:
            rows = [
                {"mail": one.id, "received": one.received_at, "state": one.state, "outcome": one.outcome or None,
                 "reference": one.reference}
                for one in app.store.mails.lines(limit=NEWEST)
            ]  # fmt: skip
            list_rows(app, rows, as_json, "No mail came in yet.")
            return
        line = app.store.mails.line(number)
        if line is None:
            stop(f"there is no mail {number}")
        audited(app, "mail", f"mail {number}")
        found = _found(app, line)
        if as_json:
            print_json(found)
        else:
            facts(out, _in_words(found), app.settings.rules.calendar.zone)


def _found(app: "App", line: "MailLine") -> dict[str, Any]:
    from mailflow.core.explained import because, letters_from  # noqa: PLC0415 - a command loads only what it needs
    from mailflow.core.trace_lines import proof_of, sender_of  # noqa: PLC0415 - as above

    trace = app.store.mails.trace(line.id)
    first = app.store.cases.get(line.reference) if line.reference else None
    also = app.store.mails.also_about(first).get(line.id, ()) if first else ()
    cases = [one.case for one in (first, *map(app.store.cases.get, also)) if one]
    of_cases = [(one.reference, *letter) for one in cases for letter in letters_from(one, line.id)]
    letters = [*((None, *letter) for letter in app.store.letters.about(line.id)), *of_cases]
    return {
        "mail": line.id,
        "received": line.received_at,
        "size": line.size,
        "state": line.state,
        "sender": sender_of(trace) or None,
        "proof": proof_of(trace) or None,
        "outcome": line.outcome or None,
        "because": because(line.outcome, trace) or None,
        "reference": line.reference,
        "cases": [{"reference": one.reference, "state": one.state.value} for one in cases],
        "letters": [{"reference": of, "letter": kind, "to": to, "state": state} for of, kind, to, state in letters],
        "trace": list(trace),
    }


def _in_words(found: Mapping[str, Any]) -> dict[str, object]:
    """The same on one screen: whom we believe, what became of it and why; the trace below."""
    from mailflow.core.explained import became  # noqa: PLC0415 - as above

    shown = {key: found[key] for key in ("mail", "received", "sender", "proof", "outcome", "because")}
    shown["outcome"] = became(found["state"], found["outcome"] or "")
    shown["cases"] = ", ".join(f"{one['reference']} ({one['state'].replace('_', ' ')} now)" for one in found["cases"])
    shown["letters"] = [
        f"{one['letter'].replace('_', ' ')} to the {one['to']}, {one['state']}{' on ' * bool(of)}{of}"
        for one in found["letters"]
        for of in (one["reference"] or "",)
    ]
    return {**shown, "size": found["size"], "trace": found["trace"]}
