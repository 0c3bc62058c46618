"""Every letter with invented people in it, as pages to look at: what is changed in the templates is seen at once."""

import email
import email.policy
import re
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import EmailMessage, Message
from html import escape
from pathlib import Path

from jinja2 import UndefinedError

from mailflow.configuration.problems import did_you_mean
from mailflow.core.letters import Kind, Letter
from mailflow.outgoing.render import Renderer, Unwritten
from mailflow.outgoing.sample_forms import of_form
from mailflow.outgoing.samples import HEADER, every_letter
from mailflow.settings import Settings
from mailflow.shipped import shipped

OF_NO_CASE = frozenset({
    Kind.DIGEST, Kind.OVERVIEW, Kind.DESK_HELP,
    Kind.SIGNAL_KEPT, Kind.SIGNAL, Kind.SURVEY, Kind.SURVEY_KEPT, Kind.FIGURES,
})  # fmt: skip
"""These come without a reference."""
INDEX = "index.html"
HEADING = "<h1>De brieven van mailflow</h1>"
"""By it an index of ours is known."""
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


def letters(settings: Settings, problems: list[str] | None = None) -> Iterator[Shown]:
    """Each letter in each of its shapes, by the templates and the configuration of *settings*.

    A letter that its template cannot write is left out and told in *problems*: a line each, with the line of the
    file. Without that list it raises what Renderer.render raises.
    """
    renderer = Renderer(settings.templates, settings.rules, settings.instance)
    if problems is not None:
        problems += renderer.check()
    counted: Counter[str] = Counter()
    for letter in every_letter(of_form(settings.rules)):
        counted[letter.kind] += 1
        number = counted[letter.kind]
        header = replace(HEADER, reference="", initials="") if letter.kind in OF_NO_CASE else HEADER
        try:
            message = renderer.render(letter, header)
        except Exception as fault:
            why = None if problems is None else _told(fault, letter, settings.templates)
            if problems is None or why is None:
                raise
            problems += [why] if why and _place(why) not in map(_place, problems) else []
            continue
        read = _read(message)
        yield Shown(
            name=letter.kind if number == 1 else f"{letter.kind}-{number}",
            to=letter.to,
            subject=str(read["Subject"]),
            text=_part(read, "plain"),
            html=page_of(message),
            message=message,
        )


def wrong_letters(settings: Settings) -> list[str]:
    """What is wrong with the templates, a line each; the letters are tried where somebody changed a template."""
    if _as_shipped(settings.templates):
        return Renderer(settings.templates, settings.rules, settings.instance).check()
    problems: list[str] = []
    for _ in letters(settings, problems):
        pass
    return problems


def in_the_way(folder: Path) -> bool:
    """Whether *folder* holds anything, and no letters that `write` wrote there before."""
    if not folder.is_dir() or not any(folder.iterdir()):
        return False
    index = folder / INDEX
    return not index.is_file() or HEADING.encode() not in index.read_bytes()


def write(settings: Settings, folder: Path) -> tuple[Path | None, list[str]]:
    """Write the letters and their index into *folder*, over what stood there from before.

    The index, or None when no letter could be written, and a line for each mistake that kept one from being written.
    """
    problems: list[str] = []
    shown = [*letters(settings, problems)]
    if not shown:
        return None, problems
    folder.mkdir(parents=True, exist_ok=True)
    for one in shown:
        (folder / f"{one.name}.html").write_text(one.html, encoding="utf-8")
        (folder / f"{one.name}.txt").write_text(one.text, encoding="utf-8")
        (folder / f"{one.name}.eml").write_bytes(one.message)
    index = folder / INDEX
    index.write_text(_index(shown), encoding="utf-8")
    return index, problems


def _as_shipped(templates: Path) -> bool:
    """Whether nobody changed a file of that folder; one that is missing is told without trying a letter."""
    ours = shipped("templates")
    if templates == ours:
        return True
    files = [one for one in templates.rglob("*") if one.is_file()]
    return all(
        (other := ours / one.relative_to(templates)).is_file() and other.read_bytes() == one.read_bytes()
        for one in files
    )


def _told(fault: Exception, letter: Letter, templates: Path) -> str | None:
    """`referral.md.j2: line 5: ...` of a fault in a template; None for a fault of ours.

    "" when Renderer.check tells it. Its words may be quoted: the people of a sample are invented.
    """
    if isinstance(fault, Unwritten):
        return ""
    steps = reversed(traceback.extract_tb(fault.__traceback__))
    at = next((step for step in steps if (templates / step.filename).is_file() and step.filename[0] != "/"), None)
    if at is None:
        return None
    missing = re.fullmatch(r"'(\w+)' is undefined", str(fault)) if isinstance(fault, UndefinedError) else None
    names = (*letter.values, "reference", "initials", "desk", "taps", "kind", "to")
    what = f"'{missing[1]}' is no value of this letter. {did_you_mean(missing[1], names)}" if missing else str(fault)
    return f"{at.filename}: line {at.lineno}: {what}"


def _place(problem: str) -> str:
    """The file and line of a problem: what several letters include is told once."""
    return ": ".join(problem.split(": ")[:2])


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
        f"{HEADING}<p>{len(shown)} brieven, met verzonnen mensen.</p>"
        f"<ul>\n{rows}\n</ul></main></body></html>\n"
    )
