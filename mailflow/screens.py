"""What `mailflow inspect` shows a person: one screen, the answer first, the reasons below."""

from typing import Any

from rich.console import Console
from rich.markup import escape


def inspection(out: Console, found: dict[str, Any]) -> None:
    """Print the object of `inspect --json` as a page."""
    sender, form, answer = found["sender"], found["form"], found["answer"]

    def line(label: str, value: object) -> None:
        out.print(f"[bold]{label:12}[/bold] {escape(str(value))}", highlight=False)

    line("from", f"{found['from']['name']} <{found['from']['address']}>".strip())
    line("subject", found["subject"])
    line("machine", found["machine"] or "no, a person")
    line("proof", f"{found['proof']['result']}: {found['proof']['reason']}")
    line("verdict", f"{sender['verdict']}, as {sender['role']} {sender['organisation'] or ''}".strip())
    line(
        "case", f"{found['thread']['reference']} by {found['thread']['by']}" if found["thread"]["reference"] else "none"
    )
    line("answer", f"{answer['action']}: {answer['evidence']}")
    if form:
        line("form", f"from {form['source']}, {len(form['values'])} values")
        for key, value in form["values"].items():
            line("", f"{key} = {value}")
        line("missing", ", ".join(form["missing"]) or "nothing")
        for odd in form["odd"]:
            line("odd", f"{odd['field']}: {odd['why']}")
    for suggestion in found["suggested_providers"]:
        line("fits", f"{suggestion['key']}: {suggestion['why']}")
    for attachment in found["attachments"]:
        line("attachment", f"{attachment['name']} ({attachment['type']}, {attachment['size']} bytes)")
    out.print("[bold]why[/bold]")
    for why in found["trace"]:
        out.print(f"  {escape(why)}", highlight=False)
