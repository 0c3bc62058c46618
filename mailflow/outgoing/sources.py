"""The templates folder, as it was at the start: one Markdown source per letter, its frame, the one HTML layout."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes

from mailflow.core.letters import Kind
from mailflow.outgoing.slots import mark, to_slot

FRAME = "frame.md.j2"
"""The Markdown around every letter: who writes, the taps, who reads the answer, whom to phone."""
LAYOUT = "layout.html.j2"
OTHER_PARTS = frozenset({"_record.md.j2"})
"""What no letter includes, and yet has its use: `mailflow record` prints it."""
SUBJECT = "Subject:"


@dataclass(frozen=True)
class Source:
    """One letter: its subject line and its Markdown."""

    subject: Template
    body: Template


class Sources:
    """What the folder holds: all of it is read at once, and a letter compiled when the first of its kind is written."""

    def __init__(self, folder: Path) -> None:
        self._texts = dict(_read(folder))
        self._letters: dict[Kind, Source | None] = {}
        self._problems: list[str] = []
        self._usable: dict[str, bool] = {}
        """The parts that were looked at, each with whether what includes it can be written."""
        self._includers: dict[str, dict[str, int]] = {}
        """Part -> what includes it, and on which line."""
        self.environment = Environment(
            loader=FunctionLoader(self._loaded),
            undefined=StrictUndefined,
            finalize=to_slot,
            autoescape=False,  # noqa: S701  (values become slots, which are escaped when they are filled in)
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,  # all of them, in a plain dict
        )
        # The layout is given slots and our own HTML only: as they stand.
        self._around = self.environment.overlay(finalize=None)
        self.frame = self._template(FRAME, self._text(FRAME), holding="{% include body %}")
        self.layout = self._template(LAYOUT, self._text(LAYOUT), holding="{{ content }}", made_by=self._around)

    def letter(self, kind: Kind) -> Source | None:
        """How letters of that kind are written; None when that cannot be told."""
        if kind not in self._letters:
            self._letters[kind] = self._letter(f"{kind}.md.j2")
        return self._letters[kind]

    def problems(self) -> list[str]:
        """One line, for the operator, for everything that is wrong with the folder."""
        for kind in Kind:
            self.letter(kind)
        return [*self._problems, *(self._without(part) for part in self._includers if self._lacks(part))]

    def _letter(self, name: str) -> Source | None:
        text = self._text(name)
        if text is None:
            return None
        head, _, body = text.partition("\n")
        if not head.startswith(SUBJECT) or not head.removeprefix(SUBJECT).strip():
            self._problems.append(f"{name}: the first line must be `Subject: ...`")
            return None
        if not body.startswith("\n") or not body.strip():
            self._problems.append(f"{name}: after the subject come an empty line and the letter")
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
            self._problems.append(f"{name}: must hold {holding}")
            return None
        with self._telling(name):
            parsed = environment.parse(text)
            if not self._has_its_parts(name, parsed):
                return None
            code = environment.compile(parsed, name, name)  # with its name, a fault says where it is: referral.md.j2:5
            return environment.template_class.from_code(environment, code, environment.make_globals(None))
        return None

    @contextmanager
    def _telling(self, name: str) -> Iterator[None]:
        """Note what is wrong with a template, by its line, instead of raising it."""
        try:
            yield
        except TemplateSyntaxError as error:
            self._problems.append(f"{error.name or name}: line {error.lineno}: {error.message}")
        except TemplateError as error:
            self._problems.append(f"{name}: {error or type(error).__name__}")

    def _has_its_parts(self, name: str, parsed: nodes.Template) -> bool:
        """Whether all that it includes can be used, and all that those include; what cannot is noted."""
        usable = True
        for one in parsed.find_all(nodes.Include):
            if isinstance(one.template, nodes.Const) and not one.ignore_missing:
                part = str(one.template.value)
                self._includers.setdefault(part, {}).setdefault(name, one.lineno)
                usable = self._part(part) and usable
        return usable

    def _part(self, name: str) -> bool:
        """Whether a part of letters can be used; it is looked at once, also where it includes itself."""
        if name not in self._usable:
            self._usable[name] = True
            text = None if self._lacks(name) else self._text(name)
            self._usable[name] = text is not None and self._compiles(name, text)
        return self._usable[name]

    def _compiles(self, name: str, text: str) -> bool:
        with self._telling(name):
            has_its_parts = self._has_its_parts(name, self.environment.parse(text))
            self.environment.get_template(name)  # which keeps it, for all that include it
            return has_its_parts
        return False

    def _lacks(self, part: str) -> bool:
        return not isinstance(self._texts.get(part), str)

    def _without(self, part: str) -> str:
        """The line for the operator about a part that is not there, or cannot be read: once, by what includes it."""
        (first, line), *others = self._includers[part].items()
        fault = self._texts.get(part)
        used = OTHER_PARTS | self._includers.keys()
        near = get_close_matches(part, [one for one in self._texts if one.startswith("_") and one not in used], n=1)
        what = f"cannot be read ({type(fault).__name__})" if fault else "is missing"
        if near and not fault:
            remedy = f"nothing includes {near[0]}: did you mean {part}?"
        else:
            remedy = "copy it from a folder that 'mailflow init' makes, or take that line out"
        also = f" (also in {', '.join(name for name, _ in others)})" if others else ""
        return f"{first}: line {line}: includes {part}, which {what}; {remedy}{also}"

    def _loaded(self, name: str) -> tuple[str, str, None] | None:
        """What Jinja asks for an included template: its text, and the name that a fault in it is told by."""
        text = self._texts.get(name)
        return (text, name, None) if isinstance(text, str) else None

    def _text(self, name: str) -> str | None:
        text = self._texts.get(name)
        if text is None:
            near = get_close_matches(name, self._of_no_use(), n=1)
            self._problems.append(
                f"{name}: is missing{f'; {near[0]} is no letter: did you mean {name}?' if near else ''}"
            )
            return None
        if isinstance(text, Exception):
            self._problems.append(f"{name}: cannot be read ({type(text).__name__})")
            return None
        if mark("")[0] in text:
            self._problems.append(f"{name}: holds a character of the private use area, which marks values")
            return None
        return text

    def _of_no_use(self) -> list[str]:
        """The files that are no letter, and nothing that letters include: a name may have a slip."""
        used = {FRAME, LAYOUT, *(f"{kind}.md.j2" for kind in Kind)}
        return [name for name in self._texts if name not in used and not name.startswith("_")]


def _read(folder: Path) -> Iterator[tuple[str, str | Exception]]:
    """The name of each file, with its text or why it has none."""
    for path in folder.rglob("*"):
        if path.is_file():
            try:
                yield path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                yield path.relative_to(folder).as_posix(), error
