"""The templates folder, compiled once: one Markdown source per letter, the frame around it, the one HTML layout."""

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateError, TemplateSyntaxError
from jinja2.meta import find_referenced_templates

from mailflow.core.letters import Kind
from mailflow.outgoing.slots import mark, to_slot

FRAME = "frame.md.j2"
"""The Markdown around every letter: who writes, the taps, who reads the answer, whom to phone."""
LAYOUT = "layout.html.j2"
SUBJECT = "Subject:"


@dataclass(frozen=True)
class Source:
    """One letter: its subject line and its Markdown."""

    subject: Template
    body: Template


class Sources:
    """What the folder holds; *problems* has one line, for the operator, for everything that is wrong with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[str] = []
        self.environment = Environment(
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            finalize=to_slot,
            autoescape=False,  # noqa: S701  (values become slots, which are escaped when they are filled in)
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        # The layout is given slots and our own HTML only: as they stand.
        self._around = self.environment.overlay(finalize=None)
        self.letters = {kind: source for kind in Kind if (source := self._letter(f"{kind}.md.j2"))}
        self.frame = self._template(FRAME, self._text(FRAME), holding="{% include body %}")
        self.layout = self._template(LAYOUT, self._text(LAYOUT), holding="{{ content }}", made_by=self._around)

    def _letter(self, name: str) -> Source | None:
        text = self._text(name)
        if text is None:
            return None
        head, _, body = text.partition("\n")
        if not head.startswith(SUBJECT) or not head.removeprefix(SUBJECT).strip():
            self.problems.append(f"{name}: the first line must be `Subject: ...`")
            return None
        if not body.startswith("\n") or not body.strip():
            self.problems.append(f"{name}: after the subject come an empty line and the letter")
            return None
        subject = self._template(name, head.removeprefix(SUBJECT).strip())
        written = self._template(name, "\n" + body)  # as many lines as the file, so that errors name the right one
        return Source(subject, written) if subject and written else None

    def _template(
        self, name: str, text: str | None, *, holding: str = "", made_by: Environment | None = None
    ) -> Template | None:
        environment = made_by or self.environment
        if text is None:
            return None
        if holding not in text:
            self.problems.append(f"{name}: must hold {holding}")
            return None
        try:
            parsed = environment.parse(text)
            for other in find_referenced_templates(parsed):
                if other:
                    environment.get_template(other)
            return environment.from_string(parsed)
        except TemplateSyntaxError as error:
            self.problems.append(f"{error.name or name}: line {error.lineno}: {error.message}")
        except (TemplateError, UnicodeDecodeError) as error:
            self.problems.append(f"{name}: {error or type(error).__name__}")
        return None

    def _text(self, name: str) -> str | None:
        try:
            text = (self.folder / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            self.problems.append(f"{name}: cannot be read ({type(error).__name__})")
            return None
        if mark("")[0] in text:
            self.problems.append(f"{name}: holds a character of the private use area, which marks values")
            return None
        return text
