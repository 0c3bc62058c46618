"""Every letter with invented people in it, as pages to look at: what is changed in the templates is seen at once."""

import email
import email.policy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import EmailMessage, Message
from html import escape
from pathlib import Path

from mailflow.core.letters import Kind
from mailflow.outgoing.render import Renderer
from mailflow.outgoing.samples import FRAME, every_letter
from mailflow.settings import Settings

OF_NO_CASE = frozenset({
    Kind.DIGEST, Kind.OVERVIEW, Kind.DESK_HELP,
    Kind.SIGNAL_KEPT, Kind.SIGNAL, Kind.SURVEY, Kind.SURVEY_KEPT, Kind.FIGURES,
})  # fmt: skip
"""These come without a reference."""
STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#eef1f4;color:#1f2933}
main{max-width:760px;margin:0 auto;padding:24px 16px}
ul{list-style:none;margin:0;padding:0;background:#fff}
li{padding:10px 16px;border-bottom:1px solid #d5dbe1;overflow-wrap:anywhere}
a{color:#17557e}
"""
TO = {
    "referrer": "aanmelder",
    "provider": "aanbieder",
    "desk": "meldpunt",
    "sender": "afzender",
    "clb": "CLB",
}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One letter of the gallery; *name* is that of its files, without .html, .txt or .eml."""

    name: str
    to: str
    subject: str
    text: str
    html: str
    message: bytes


def letters(settings: Settings) -> Iterator[Shown]:
    """Each letter in each of its shapes, by the templates and the configuration of *settings*."""
    renderer = Renderer(settings.templates, settings.rules, settings.instance)
    counted: Counter[str] = Counter()
    for letter in every_letter():
        counted[letter.kind] += 1
        number = counted[letter.kind]
        frame = replace(FRAME, reference="", initials="") if letter.kind in OF_NO_CASE else FRAME
        message = renderer.render(letter, frame).message
        read = _read(message)
        yield Shown(
            name=letter.kind if number == 1 else f"{letter.kind}-{number}",
            to=letter.to,
            subject=str(read["Subject"]),
            text=_part(read, "plain"),
            html=page_of(message),
            message=message,
        )


def write(settings: Settings, folder: Path) -> Path:
    """Write the letters and their index into *folder*, over what stood there from before; the index."""
    folder.mkdir(parents=True, exist_ok=True)
    shown = [*letters(settings)]
    for one in shown:
        (folder / f"{one.name}.html").write_text(one.html, encoding="utf-8")
        (folder / f"{one.name}.txt").write_text(one.text, encoding="utf-8")
        (folder / f"{one.name}.eml").write_bytes(one.message)
    index = folder / "index.html"
    index.write_text(_index(shown), encoding="utf-8")
    return index


def page_of(message: bytes) -> str:
    """The HTML part of a letter of ours, its picture inside it, as a browser can show it."""
    read = _read(message)
    page = _part(read, "html")
    for part in read.walk():
        if part.get_content_type() == "image/png":
            page = page.replace(f"cid:{part['Content-ID'].strip('<>')}", f"data:image/png;base64,{_base64(part)}")
    return page


def _base64(part: Message) -> str:
    return "".join(str(part.get_payload()).split())


def _read(message: bytes) -> EmailMessage:
    return email.message_from_bytes(message, _class=EmailMessage, policy=email.policy.default)


def _part(read: EmailMessage, kind: str) -> str:
    part = read.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""


def _index(shown: list[Shown]) -> str:
    rows = "\n".join(
        f'<li><a href="{one.name}.html">{escape(one.subject)}</a><br>{one.name}, aan {TO[one.to]}'
        f' (<a href="{one.name}.txt">tekst</a>, <a href="{one.name}.eml">mail</a>)</li>'
        for one in shown
    )
    return (
        '<!doctype html>\n<html lang="nl"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>De brieven van mailflow</title><style>{STYLE}</style></head><body><main>"
        f"<h1>De brieven van mailflow</h1><p>{len(shown)} brieven, met verzonnen mensen.</p>"
        f"<ul>\n{rows}\n</ul></main></body></html>\n"
    )
