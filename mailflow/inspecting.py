"""How would this mail be read, and why? One mail, every answer, nothing touched: what `mailflow inspect` prints."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from mailflow.app import clock_of, reader_of
from mailflow.core.answer import Unclear, Understood
from mailflow.core.case import Case
from mailflow.core.fitting import AskReferrer, Chosen
from mailflow.core.form import Form
from mailflow.core.mail import Attachment, Envelope, Reading
from mailflow.core.placing import choice_of, fits_of
from mailflow.core.rules import Rules
from mailflow.core.sender import Disposition
from mailflow.core.understand import Understanding, answer_of, understand
from mailflow.reading.authentication.resolver import ZoneResolver
from mailflow.reading.documents.attachments import name_of
from mailflow.reading.mime import parse
from mailflow.settings import Settings

ROLES = ("provider", "referrer", "desk", "anyone")
HEADER = frozenset({
    "from", "to", "cc", "date", "subject", "message-id", "received", "return-path", "reply-to", "sender",
    "mime-version", "content-type",
})  # fmt: skip
"""A mail has at least one of these fields; whatever may stand before a colon in a text is none."""
OF_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
LOOKED_AT = 10_000
"""Bytes at the beginning of a file, by which it is known for no mail."""
OUTLOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How a file of Outlook's own format begins (.msg), and any other of Microsoft's old ones."""


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """Everything that is known of a mail before any case is looked at."""

    reading: Reading
    understanding: Understanding
    role: str
    answer: Understood | Unclear
    suggestions: tuple[tuple[str, str], ...]
    goes: str
    """Which provider would get it, or who would be asked; "" where it is no referral."""


def inspect(reading: Reading, rules: Rules, now: datetime, role: str = "anyone") -> Inspection:
    """What every reader and rule makes of this mail; *role* says whose words it is, "anyone": the sender's own."""
    today = now.astimezone(rules.calendar.zone).date()
    understanding = understand(reading, rules, today)
    speaker = _speaker(understanding.verdict.role) if role == "anyone" else role
    answer = answer_of(reading.written, speaker, understanding.thread, asked=None, rules=rules, today=today)
    values = understanding.form.values if understanding.form else {}
    who = {"referrer": reading.mail.author.key if understanding.verdict.role == "clb" else ""}
    case = Case(values=values, parties=who)
    fits = fits_of(case, rules, today) if values else ()
    return Inspection(
        reading=reading,
        understanding=understanding,
        role=speaker,
        answer=answer,
        suggestions=tuple((fit.key, "; ".join(fit.reasons)) for fit in fits if fit.fits),
        goes=_goes(case, understanding, rules, today),
    )


def as_json(found: Inspection) -> dict[str, Any]:
    """The object of `inspect --json`: its keys are a contract, unknown is None, times are ISO 8601 with zone."""
    mail, understanding, notice = found.reading.mail, found.understanding, found.reading.notice
    proof, verdict, thread = found.reading.proof, understanding.verdict, understanding.thread
    bounce = notice.bounce
    return {
        "message_id": mail.message_id,
        "subject": mail.subject,
        "date": mail.date.isoformat() if mail.date else None,
        "size": mail.size,
        "from": {"address": mail.author.address, "name": mail.author.name, "domain": mail.author.domain},
        "machine": notice.kind.value if notice.kind else None,
        "bounce": {
            "recipient": bounce.recipient,
            "permanent": bounce.permanent,
            "status": bounce.status,
            "original_message_id": bounce.original_message_id,
        }
        if bounce
        else None,
        "proof": {
            "result": proof.result.value,
            "method": proof.method,
            "domain": proof.domain,
            "reason": proof.reason,
        },
        "sender": {
            "role": verdict.role,
            "organisation": verdict.organisation,
            "verdict": verdict.disposition.value,
            "reasons": list(verdict.reasons),
        },
        "thread": {"reference": thread.reference, "by": thread.by if thread.reference else None},
        "text": mail.text,
        "written": found.reading.written,
        "answer": _answer(found.answer),
        "form": _form(understanding.form),
        "attachments": [_attachment(a, n, found.reading) for n, a in enumerate(mail.attachments, 1)],
        "suggested_providers": [{"key": key, "why": why} for key, why in found.suggestions],
        "trace": [*understanding.trace, *filter(None, (found.goes,))],
    }


def _goes(case: Case, understanding: Understanding, rules: Rules, today: date) -> str:
    """Where a new referral would go, as far as a mail alone tells: who reported full is not looked up."""
    form, verdict = understanding.form, understanding.verdict
    never = verdict.disposition in {Disposition.DISCARD, Disposition.REJECT}
    if form is None or not form.values or understanding.thread.reference or never:
        return ""
    proven = verdict.disposition is Disposition.ACCEPT and verdict.role in {"clb", "form_service"}
    first = (() if proven else ("a CLB stands behind it",)) + (("nothing is missing",) if form.missing else ())
    once = f"once {' and '.join(first)}, it " if first else ""
    match choice_of(case, rules, today, frozenset()):
        case Chosen(key=key, why=why, warnings=warnings):
            return f"{once}would go to {key}: {why}{' Against it: ' * bool(warnings)}{' '.join(warnings)}"
        case AskReferrer(why=why):
            return f"{once}would go where the referrer chooses: {why}"
        case asked:
            return f"{once}would go where the desk chooses: {asked.why}"


def _speaker(role: str) -> str:
    return {"provider": "provider", "desk": "desk"}.get(role, "referrer")


def _answer(answer: Understood | Unclear) -> dict[str, Any]:
    if isinstance(answer, Unclear):
        return {"action": "unclear", "evidence": answer.why, "date": None, "also": []}
    day = answer.day.isoformat() if answer.day else None
    return {"action": answer.action, "evidence": answer.evidence, "date": day, "also": list(answer.also)}


def _form(form: Form | None) -> dict[str, Any] | None:
    if form is None:
        return None
    return {
        "source": form.source,
        "values": dict(form.values),
        "sources": {key: " ".join(filter(None, (form.sources[key], form.files.get(key)))) for key in form.values},
        "missing": list(form.missing),
        "odd": [{"field": odd.field, "why": odd.why} for odd in form.odd],
    }


def _attachment(attachment: Attachment, number: int, reading: Reading) -> dict[str, Any]:
    read = name_of(attachment, number) in {found.name for found in reading.found}
    return {"name": attachment.name, "type": attachment.type, "size": attachment.size, "read": read}


def show(
    raw: bytes,
    settings: Settings,
    role: str,
    *,
    mail_from: str = "",
    client_ip: str = "127.0.0.1",
    authserv_id: str = "",
    zone: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The object of `inspect --json` for these bytes, judged by this envelope, this DNS zone and the configuration."""
    clock = clock_of(settings)
    reader = replace(reader_of(settings), resolver=lambda: ZoneResolver(zone), now=clock.now)
    if authserv_id:
        reader = replace(reader, proof=replace(reader.proof, authserv_id=authserv_id, relays=(client_ip,)))
    sender = mail_from or parse(raw, settings.limits).author.address
    # A file without any author came by no known way; an empty reverse path would make it a machine's.
    reading = reader.read(raw, Envelope(mail_from=sender, client_ip=client_ip, via="smtp" if sender else "imap"))
    return as_json(inspect(reading, settings.rules, clock.now(), role))


def no_mail(raw: bytes) -> str:
    """What is said of a file that can be no mail, and what to do; "" where it may be one."""
    if not raw.removeprefix(b"\xef\xbb\xbf").strip():
        return "is empty: name a file that holds one mail (.eml)"
    if has_header(raw):
        return ""
    if raw.startswith(OUTLOOK):
        return "is a file of Outlook (.msg), and no mail as it was sent: save that mail as .eml"
    if raw.startswith(b"%PDF-") or OF_NO_TEXT.search(raw[:LOOKED_AT]):
        return "is no mail: name the mail that it came with, as a file (.eml)"
    return ""


def has_header(raw: bytes) -> bool:
    """Whether a field of a mail stands at its beginning, so that it was one."""
    return any(name in HEADER for name, _ in parse(raw[:LOOKED_AT]).headers)
