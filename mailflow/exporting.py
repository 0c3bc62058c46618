"""Everything that is kept on one case, for whoever may ask for it: as a page to read, and as JSON."""

from collections.abc import Mapping
from typing import Any

from mailflow.app import App
from mailflow.core.case import Case, timeline
from mailflow.core.case_letters import NOT_HERS
from mailflow.core.lifecycle import Party, State
from mailflow.core.rules import Rules
from mailflow.core.wording import PARTIES, STATES, value_text
from mailflow.reading.mime import parse
from mailflow.storage.cases import StoredCase


def export(app: App, stored: StoredCase) -> dict[str, Any]:
    """The case with its form, what happened, its mails and its letters; what was erased is not there."""
    case, rules, limits = stored.case, app.settings.rules, app.settings.limits
    mails, shared = [], app.store.mails.also_about(stored)
    for mail_id in app.store.mails.of_case(stored.id):
        line, raw = app.store.mails.line(mail_id), app.store.mails.raw(mail_id)
        read = parse(raw, limits)
        mails.append({
            "mail": mail_id,
            "received": line.received_at if line else None,
            "from": read.author.address,
            "subject": read.subject,
            "text": read.text,
            "attachments": [{"name": a.name, "type": a.type, "size": a.size} for a in read.attachments],
            "also_about": list(shared.get(mail_id, ())),
            "erased": not raw,
        })  # fmt: skip
    letters = []
    for letter in app.store.letters.of_case(stored.id):
        read = parse(letter.content, limits)
        letters.append({
            "letter": letter.id,
            "kind": letter.kind,
            "state": letter.state,
            "written": letter.written_at,
            "to": letter.address,
            "subject": read.subject,
            "text": read.text,
            "erased": not letter.content,
        })  # fmt: skip
    form = {
        one.label: value_text(one, case.values[one.key], rules.providers)
        for one in rules.fields
        if case.values.get(one.key)
    }
    return {
        "reference": case.reference,
        "state": case.state.value,
        "since": case.since,
        "provider": case.provider or None,
        "parties": dict(case.parties),
        "values": {key: value for key, value in case.values.items() if key != NOT_HERS},
        "form": form,
        "replaced": replaced(case, rules),
        "timeline": list(timeline(case)),
        "mails": mails,
        "letters": letters,
    }


def replaced(case: Case, rules: Rules) -> list[str]:
    """What the form said before it was corrected: `2026-10-09 15:00 Telefoon van de ouders was 0475123456 (mail 2)`."""
    lines = []
    for one in case.replaced:
        field = rules.field(one.field)
        label, was = (field.label, value_text(field, one.was, rules.providers)) if field else (one.field, one.was)
        at = f"{one.at.astimezone(rules.calendar.zone):%Y-%m-%d %H:%M}"
        lines.append(f"{at} {label} was {' '.join(was.split())}{f' (mail {one.mail})' if one.mail else ''}")
    return lines


def page(found: Mapping[str, Any]) -> str:
    """The same in Dutch, to print or to hand over."""
    lines = [f"Dossier {found['reference']}: {STATES[State(found['state'])]}", ""]
    lines += _section("Formulier", [f"{label}: {value}" for label, value in found["form"].items()])
    lines += _section("Vervangen", found["replaced"])
    known = [f"{PARTIES[Party(party)]}: {address}" for party, address in found["parties"].items()]
    lines += _section("Betrokkenen", known)
    lines += _section("Wat er gebeurde", found["timeline"])
    for one in found["mails"]:
        names = [a["name"] or a["type"] for a in one["attachments"]]
        head = [f"Van: {one['from']}", f"Onderwerp: {one['subject']}", *(f"Bijlage: {name}" for name in names)]
        if one["also_about"]:
            head.append(
                f"Let op: deze mail gaat ook over {', '.join(one['also_about'])}. Haal dat weg voor je dit doorgeeft."
            )
        lines += _section(f"Mail {one['mail']}, binnen op {one['received']:%d/%m/%Y}", _told(one, head))
    for one in found["letters"]:
        head = [f"Aan: {one['to']}", f"Onderwerp: {one['subject']}"]
        title = f"Brief {one['letter']} ({one['state']}), geschreven op {one['written']:%d/%m/%Y}"
        lines += _section(title, _told(one, head))
    return "\n".join(lines)


def _told(one: Mapping[str, Any], head: list[str]) -> list[str]:
    return ["(gewist)"] if one["erased"] else [*head, "", *one["text"].splitlines()]


def _section(title: str, lines: list[str]) -> list[str]:
    return [title, "-" * len(title), *lines, ""] if lines else []
